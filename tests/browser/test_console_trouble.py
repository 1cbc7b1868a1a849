"""What goes wrong: nothing typed is lost, and the console says what happened."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from chalicelib.accounts.views import PersonRequest
from chalicelib.core.permissions import Role
from infra import operate
from infra.local.story import LIVE
from tests.browser.pages import Console
from tests.deployed.world import inside


@pytest.fixture
def console(browser, origin, document, story):
    login = next(each for each in document["logins"] if (each["platform"], each["role"]) == (LIVE, "admin"))
    with Console(browser, origin, "en") as visitor:
        visitor.open("/settings/credit-packages")
        visitor.sign_in(login["email"], login["password"])
        expect(visitor.page.locator(".reorder-row").first).to_be_visible()
        visitor.credentials = login["email"], login["password"]
        yield visitor


def _api(story):
    return story.people.login(LIVE, "admin").api


def _open_new(console, name):
    console.button("Add").click()
    console.type("name", name)
    console.type("credits", "5")
    console.type("price", "10")


def test_an_expired_login_returns_to_where_one_was(console, story):
    page, name = console.page, f"After a new login {story.run}"
    _open_new(console, name)
    page.route("**/api/**", lambda route: route.fulfill(status=401, json={"code": "UNAUTHENTICATED"}))
    page.evaluate("sessionStorage.clear()")
    console.button("Save").click()
    expect(page.locator("input[name=password]")).to_be_visible()
    assert page.locator("input[name=email]").input_value() == console.credentials[0]
    page.unroute("**/api/**")
    page.locator("input[name=password]").fill(console.credentials[1])
    console.button("Sign in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row-main strong", has_text=name)).to_be_visible()


def test_a_dead_api_says_so_and_comes_back(console):
    page = console.page
    page.route("**/api/**", lambda route: route.abort())
    page.evaluate("location.hash = '/reports/sales'")
    expect(page.locator(".banner")).to_be_visible()
    page.unroute("**/api/**")
    expect(page.locator(".table tbody tr").first).to_be_visible(timeout=20_000)
    expect(page.locator(".banner")).to_have_count(0)


def test_a_save_whose_answer_was_lost_is_done_once(console, story):
    page = console.page
    name = f"Once only {story.run}"
    _open_new(console, name)

    def lose(route):
        # Chromium alone knows that *.localhost is this machine, so the address is put in its place.
        address = urlsplit(route.request.url)
        here = address._replace(netloc=f"127.0.0.1:{address.port}").geturl()
        route.fetch(url=here, headers=route.request.headers | {"host": address.netloc})
        route.abort()

    page.route("**/credit-packages", lose)
    console.button("Save").click()
    expect(page.locator(".notice")).to_be_visible()
    page.unroute("**/credit-packages")
    console.button("Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    packages = _api(story).get("/v1/admin/credit-packages", limit=100)["items"]
    assert [each["name"] for each in packages].count(name) == 1


def test_somebody_changed_it_meanwhile(console, story):
    page, api = console.page, _api(story)
    body = {
        "name": f"Theirs and mine {story.run}",
        "credits": 5,
        "price": {"amount": 1_000, "currency": "TRY"},
        "country": "TR",
    }
    made = api.post("/v1/admin/credit-packages", body)
    page.reload()
    page.locator(".row-main strong", has_text=body["name"]).click()
    console.type("credits", "77")
    api.put(f"/v1/admin/credit-packages/{made['id']}", body | {"short_info": "theirs"}, if_match='"1"')
    console.button("Save").click()
    expect(page.locator(".notice")).to_be_visible()
    assert page.locator("input[name=credits]").input_value() == "77"
    expect(page.locator(".hint-stored", has_text=re.compile("theirs"))).to_be_visible()
    console.button("Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert api.get(f"/v1/admin/credit-packages/{made['id']}")["credits"] == 77


def test_the_drafts_moved_while_the_changes_were_read(console, story):
    page, api = console.page, _api(story)
    body = {"name": "First", "credits": 5, "price": {"amount": 1_000, "currency": "TRY"}, "country": "TR"}
    api.post("/v1/admin/credit-packages", body)
    page.reload()
    console.button("Apply Changes").click()
    expect(page.locator(".change").first).to_be_visible()
    api.post("/v1/admin/credit-packages", body | {"name": "Second"})
    console.button("Apply now").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(".change", has_text="Second")).to_be_visible()
    console.button("Apply now").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_is_typed_is_not_dropped_unasked(console):
    page = console.page
    _open_new(console, "Not saved")
    page.keyboard.press("Escape")
    console.button("Keep editing").click()
    assert page.locator("input[name=name]").input_value() == "Not saved"
    console.button("Cancel").click()
    console.button("Leave").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_back_asks_before_it_drops_what_is_typed(console):
    page = console.page
    _open_new(console, "Typed, and not saved")
    page.go_back()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    console.button("Keep editing").click()
    assert page.locator("input[name=name]").input_value() == "Typed, and not saved"
    page.go_back()
    console.button("Leave").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".reorder-row").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_the_mouse_reorders_by_the_handle(console):
    rows = console.page.locator(".reorder-row")
    before = console.rows()
    start, end = (rows.nth(place).locator(".reorder-grip").bounding_box() for place in (0, 2))
    mouse = console.page.mouse
    mouse.move(start["x"] + 10, start["y"] + 20)
    mouse.down()
    for step in range(1, 13):
        mouse.move(start["x"] + 10, start["y"] + 20 + (end["y"] + 20 - start["y"]) * step / 12)
    with console.page.expect_response(lambda answer: answer.url.endswith("/order")) as answer:
        mouse.up()
    assert answer.value.status == 200
    assert console.rows()[0] == before[1]


def test_the_first_password_is_ones_own(stack, browser, origin, document, story):
    email = f"second-{story.run}@demo.example.com"
    request = PersonRequest(email=email, name="Second Admin", country="TR", locale="en")
    with inside(stack):
        operate.add_person(LIVE, Role.ADMIN, request, "temporary-pass-1")
    story.people._cognito().admin_set_user_password(
        UserPoolId=document["user_pool_id"],
        Username=f"{LIVE}:{email}",
        Password="temporary-pass-1",
        Permanent=False,
    )
    with Console(browser, origin, "en") as console:
        console.open()
        console.sign_in(email, "temporary-pass-1")
        console.type("password", "short")
        console.button("Save").click()
        expect(console.page.locator("input[name=password][aria-invalid=true]")).to_be_visible()
        console.type("password", "my-own-pass-2026")
        console.type("repeated", "my-own-pass-2026")
        console.button("Save").click()
        expect(console.page.locator("h1")).to_be_visible()
        console.page.get_by_role("button", name="Sign out").click()
        expect(console.page.locator("input[name=password]")).to_be_visible()
        console.sign_in(email, "my-own-pass-2026")
        expect(console.page.get_by_role("button", name="Sign out")).to_be_visible()


def test_who_is_no_admin_stays_outside(browser, origin, document):
    login = next(
        each for each in document["logins"] if (each["platform"], each["role"]) == (LIVE, "customer")
    )
    with Console(browser, origin, "en") as console:
        console.open()
        console.sign_in(login["email"], login["password"])
        expect(console.page.locator(".notice")).to_have_text("This account is not an admin of the platform.")

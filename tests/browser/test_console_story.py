"""The admin's part of the story, by his own hands, in each language."""

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

from infra.local.story import LIVE
from tests.browser.pages import PHONE, Console, words_in

LANGUAGES = ["tr", "fa", "en"]


def _credentials(document):
    login = next(each for each in document["logins"] if (each["platform"], each["role"]) == (LIVE, "admin"))
    return login["email"], login["password"]


@pytest.fixture(params=LANGUAGES)
def console(request, browser, origin):
    with Console(browser, origin, request.param) as visitor:
        yield visitor
        assert visitor.complaints == []


@pytest.fixture
def signed_in(console, document):
    def at(address: str) -> Console:
        console.open(address)
        console.sign_in(*_credentials(document))
        return console

    return at


def _live_names(story):
    live = story.people.public.get(f"/v1/public/{LIVE}/catalogue", country="TR")
    return [each["name"] for each in live["credit_packages"]]


def test_signing_in(console, document):
    console.open()
    email, password = _credentials(document)
    expect(console.page.locator("html")).to_have_attribute("dir", console.words.direction)
    console.check_accessible("the sign-in page")
    console.sign_in(email, "not-his-password-1")
    expect(console.page.locator(".notice")).to_be_visible()
    assert console.page.locator("input[name=email]").input_value() == email
    console.sign_in(email, password)
    expect(console.page.locator(".reorder-row").first).to_be_visible()
    console.page.reload()
    expect(console.page.locator(".reorder-row").first).to_be_visible()


def test_making_ordering_and_publishing_a_package(signed_in, story):
    console = signed_in("/settings/credit-packages")
    words, page = console.words, console.page
    name = f"Paket {console.language} {story.run}"
    console.button(words.add).click()
    console.button(words.save).click()
    expect(page.locator("input[name=name]")).to_be_focused()
    console.check_accessible("the form with what is missing")
    console.type("name", name)
    console.type("credits", words.number("0"))
    console.type("price", words.number("149.90"))
    console.button(words.save).click()
    expect(page.locator("input[name=credits][aria-invalid=true]")).to_be_visible()
    assert page.locator("input[name=name]").input_value() == name
    console.type("credits", words.number("500"))
    console.button(words.save).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row-main strong", has_text=name)).to_be_visible()
    console.check_accessible("the list")
    assert console.rows()[-1] == name
    assert words_in(page.locator(".reorder-row", has_text=name).inner_text()).find(words.number("500")) >= 0

    _move_last_row_up(console)
    expect(page.locator(".row-main strong").last).not_to_have_text(name)
    assert console.rows()[-2] == name
    assert name not in _live_names(story)

    console.button(words.apply).click()
    expect(page.locator(".change", has_text=name)).to_be_visible()
    console.check_accessible("the changes")
    console.button(words.confirm).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(console.button(words.apply)).to_have_count(0)
    assert name in _live_names(story)


def _move_last_row_up(console):
    """By the keyboard alone: to the handle, Enter, the arrow, Enter."""
    row = console.page.locator(".reorder-row").last
    row.focus()
    console.page.keyboard.press("ArrowRight" if console.words.direction == "ltr" else "ArrowLeft")
    expect(row.locator(".reorder-grip")).to_be_focused()
    with console.page.expect_response(lambda answer: answer.url.endswith("/order")) as answer:
        console.page.keyboard.press("Enter")
        console.page.wait_for_timeout(150)
        for _ in range(2):
            console.page.keyboard.press("ArrowUp")
            console.page.wait_for_timeout(80)
        console.page.keyboard.press("Enter")
    assert answer.value.status == 200


def test_a_change_is_shown_field_by_field(signed_in, story):
    console = signed_in("/settings/credit-packages")
    console.page.locator(".row-main strong", has_text="500 Kredi").first.click()
    console.type("short_info", f"Yeni bilgi {console.language} {story.run}")
    console.button(console.words.save).click()
    expect(console.page.get_by_role("dialog")).to_have_count(0)
    console.button(console.words.apply).click()
    changed = console.page.locator(".change", has_text="500 Kredi")
    expect(changed.locator("ins")).to_have_text(f"Yeni bilgi {console.language} {story.run}")
    expect(changed.locator("del")).to_have_count(1)
    console.button(console.words.confirm).click()
    expect(console.button(console.words.apply)).to_have_count(0)


def test_e2_e3_e31_an_appointment_package_with_every_rule(signed_in, story):
    console = signed_in("/services/appointments/packages/new")
    words, page = console.words, console.page
    title = f"Görüşme {console.language} {story.run}"
    console.type("title", title)
    console.type("duration_minutes", words.number("20"))
    console.type("break_minutes", words.number("25"))
    console.check_accessible("the form")
    console.button(words.save).click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    console.type("break_minutes", words.number("10"))
    console.button(words.save).click()
    expect(page.locator("input[name=fee][aria-invalid=true]")).to_be_visible()
    console.type("fee", words.number("300"))
    console.type("credits", words.number("100"))
    console.button(words.save).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row-main strong", has_text=title)).to_be_visible()
    console.apply_changes()


def test_the_report_and_its_file(signed_in, story):
    console = signed_in("/reports/sales")
    words, page = console.words, console.page
    expect(page.locator(".table tbody tr").first).to_be_visible()
    assert words.number("490") in words_in(page.locator(".table").inner_text())
    console.check_accessible("the report")
    page.locator(".filters select").first.select_option("packages")
    console.button(words.send).click()
    expect(page).to_have_url(re.compile("show=packages"))
    page.reload()
    expect(page.locator(".filters select").first).to_have_value("packages")
    page.locator(".date-button").click()
    expect(page.locator(".calendar")).to_be_visible()
    console.check_accessible("the calendar")
    page.keyboard.press("Escape")
    with page.expect_download() as file:
        console.button(words.excel).click()
    sheets = openpyxl.load_workbook(io.BytesIO(file.value.path().read_bytes()))
    assert sheets.worksheets[0].sheet_view.rightToLeft is (console.language == "fa")
    assert any(1490 in row for row in sheets.worksheets[0].iter_rows(values_only=True))
    page.locator(".tabs a").last.click()
    expect(page.locator(".table tbody tr")).not_to_have_count(0)
    console.check_accessible("the failed payments")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_on_a_phone(browser, origin, document, story, language, appearance):
    with Console(browser, origin, language, viewport=PHONE, appearance=appearance) as console:
        console.open("/settings/credit-packages")
        console.check_fits("the sign-in page")
        console.sign_in(*_credentials(document))
        expect(console.page.locator("input[name=email]")).to_have_count(0)
        for address in (
            "/settings/credit-packages",
            "/services/appointments/packages",
            "/reports/sales",
            "/reports/failed-payments",
            "/settings/credit-packages/new",
            "/services/appointments/packages/new",
        ):
            console.page.evaluate("address => { location.hash = address }", address)
            expect(console.page.locator("h1")).to_be_visible()
            expect(console.page.locator(".skeleton")).to_have_count(0)
            console.check_fits(address)
            console.check_accessible(address)
        assert console.complaints == []

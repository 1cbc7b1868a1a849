"""People added by hand, experts and their share, lists, and who am I, on a pool and a table in moto."""

from typing import Any

import pytest

from chalicelib.accounts.model import AccountNotFound, AccountState, ExpertNotFound, ShareOutOfRange
from chalicelib.accounts.views import AccountView, ExpertEdit, ExpertRequest, ListQuery
from chalicelib.core.actor import Actor
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Stale
from chalicelib.core.identity import EmailTaken, PasswordTooWeak
from chalicelib.core.permissions import Role
from chalicelib.table import read
from chalicelib.table.read import CursorInvalid
from tests.faults import FaultLayer, Killed, count_calls, faults
from tests.store.accounts.people import (
    AYSE,
    PASSWORD,
    World,
    admin,
    person,
    sign_up_request,
    stranger,
    verify_request,
)


def expert_request(**changed: Any) -> ExpertRequest:
    given = {"email": "ayse@example.com", "name": "Dr. Ayşe", "country": "TR", "locale": "tr"}
    return ExpertRequest(**(given | {"title": "Psikolog", "share_basis_points": 6500} | changed))


def edit(**changed: Any) -> ExpertEdit:
    given = {"name": "Dr. Ayşe", "phone": None, "title": "Psikolog", "share_basis_points": 6500}
    return ExpertEdit(**(given | changed))


def added(world: World, role: Role = Role.CUSTOMER, **changed: Any) -> AccountView:
    request = expert_request(**changed) if role is Role.EXPERT else person(**changed)
    return world.accounts.add_person(admin(f"add-{request.email}"), role, request).read_as(AccountView)


def test_a_customer_added_by_hand_is_invited_and_active_from_his_first_call(world) -> None:
    ayse = added(world, phone="+905551112233")
    assert (ayse.state, ayse.phone, ayse.version) == (AccountState.INVITED, "+905551112233", 1)
    assert ayse.id == world.pool.sub(AYSE)
    assert world.pool.status(AYSE) == "FORCE_CHANGE_PASSWORD"
    assert world.pool.groups(AYSE) == {"customer"}
    assert world.pool.user(AYSE).attribute_lookup["email_verified"] == "true"
    assert ayse == world.accounts.customer("danisma", ayse.id)

    herself = Actor(id=ayse.id, platform_id="danisma", roles=frozenset({Role.CUSTOMER}))
    assert world.accounts.me(herself).state == AccountState.ACTIVE
    assert world.accounts.me(herself) == world.accounts.customer("danisma", ayse.id)


def test_an_expert_has_a_title_and_a_share(world) -> None:
    ayse = added(world, Role.EXPERT)
    assert (ayse.role, ayse.title, ayse.share_basis_points) == (Role.EXPERT, "Psikolog", 6500)
    assert world.pool.groups(AYSE) == {"expert"}
    assert world.accounts.expert("danisma", ayse.id) == ayse


def test_the_operator_may_give_a_password(world) -> None:
    operation = admin("k1")
    first = world.accounts.add_person(operation, Role.ADMIN, person(), password=PASSWORD)
    assert world.pool.status(AYSE) == "CONFIRMED"
    assert world.pool.user(AYSE).password == PASSWORD
    assert world.pool.groups(AYSE) == {"admin"}
    assert first.read_as(AccountView).state == AccountState.ACTIVE
    assert PASSWORD.encode() not in first.body
    again = world.accounts.add_person(operation, Role.ADMIN, person(), password=PASSWORD)
    assert (again.body, again.replayed) == (first.body, True)


def test_a_refused_addition_leaves_no_account(world) -> None:
    with pytest.raises(UnknownCountry):
        world.accounts.add_person(admin("k1"), Role.CUSTOMER, person(country="XX"))
    assert world.pool.user(AYSE) is None
    with pytest.raises(PasswordTooWeak):
        world.accounts.add_person(admin("k1"), Role.ADMIN, person(), password="short1")
    assert world.accounts.people("danisma", Role.ADMIN, ListQuery()).items == []
    world.accounts.add_person(admin("k1"), Role.ADMIN, person(), password=PASSWORD)


def test_an_address_is_one_person_of_a_platform_whatever_his_role(world) -> None:
    added(world)
    with pytest.raises(EmailTaken) as refused:
        world.accounts.add_person(admin("k2"), Role.EXPERT, expert_request(email="AYSE@Example.com"))
    assert refused.value.field == "email"
    assert world.pool.groups(AYSE) == {"customer"}
    elsewhere = world.accounts.add_person(admin("k1", platform_id="klinik"), Role.EXPERT, expert_request())
    assert elsewhere.read_as(AccountView).id != world.pool.sub(AYSE)


def test_who_has_signed_up_himself_cannot_be_added(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    world.sign_ups.verify_email(stranger("k2"), verify_request())
    with pytest.raises(EmailTaken):
        world.accounts.add_person(admin("k3"), Role.CUSTOMER, person())


def test_an_unverified_sign_up_gives_way_to_the_admin_and_its_password_is_void(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    squatter = world.pool.sub(AYSE)
    ayse = added(world, Role.EXPERT)
    assert ayse.id == world.pool.sub(AYSE) != squatter
    assert world.pool.user(AYSE).password != PASSWORD
    assert world.pool.groups(AYSE) == {"expert"}


def test_an_addition_that_dies_anywhere_is_healed_by_repeating_it(world) -> None:
    request = expert_request(email="x@example.com")
    calls = count_calls(lambda: world.accounts.add_person(admin("k0"), Role.EXPERT, request))
    assert "cognito-idp:AdminCreateUser" in calls
    for at in range(len(calls)):
        for fault in ("before", "after"):
            request = expert_request(email=f"{fault}{at}@example.com")
            with faults(FaultLayer(at=at, fault=fault)), pytest.raises(Killed):
                world.accounts.add_person(admin(request.email), Role.EXPERT, request)
            world.accounts.add_person(admin(request.email), Role.EXPERT, request)
            found = world.accounts.people("danisma", Role.EXPERT, ListQuery(limit=100)).items
            assert [one.email for one in found].count(request.email) == 1
            name = f"danisma:{request.email}"
            assert world.accounts.expert("danisma", world.pool.sub(name)).email == request.email
            assert world.pool.groups(name) == {"expert"}


def test_whom_a_crash_left_is_taken_on_with_what_is_given_last(world) -> None:
    layer = FaultLayer(at=_number_of_the_commit(world), fault="before")
    with faults(layer), pytest.raises(Killed):
        world.accounts.add_person(admin("k1"), Role.CUSTOMER, person(country="DE"))
    assert layer.struck == "dynamodb:TransactWriteItems"
    ayse = added(world, Role.EXPERT)
    assert (ayse.id, ayse.role) == (world.pool.sub(AYSE), Role.EXPERT)
    assert world.pool.groups(AYSE) == {"expert"}
    assert world.pool.user(AYSE).attribute_lookup["custom:country"] == "TR"


def _number_of_the_commit(world: World) -> int:
    request = person(email="x@example.com")
    calls = count_calls(lambda: world.accounts.add_person(admin("k0"), Role.CUSTOMER, request))
    return calls.index("dynamodb:TransactWriteItems")


def test_an_expert_is_edited_as_he_was_read(world) -> None:
    ayse = added(world, Role.EXPERT)
    changed = edit(name="Prof. Ayşe", phone="+905551112233", title=None, share_basis_points=10_000)
    answer = world.accounts.edit_expert(admin("k1"), ayse.id, changed, 1).read_as(AccountView)
    assert (answer.name, answer.phone, answer.title) == ("Prof. Ayşe", "+905551112233", None)
    assert (answer.share_basis_points, answer.version) == (10_000, 2)
    assert world.accounts.expert("danisma", ayse.id) == answer
    assert world.accounts.people("danisma", Role.EXPERT, ListQuery()).items == [answer]
    with pytest.raises(Stale):
        world.accounts.edit_expert(admin("k2"), ayse.id, edit(), 1)
    with pytest.raises(ShareOutOfRange):
        world.accounts.edit_expert(admin("k3"), ayse.id, edit(share_basis_points=10_001), 2)
    assert world.accounts.expert("danisma", ayse.id) == answer


def test_who_is_no_expert_is_none_and_nobody_is_found_from_another_platform(world) -> None:
    customer, expert = added(world), added(world, Role.EXPERT, email="ali@example.com")
    accounts = world.accounts
    for refusal, ask in (
        (ExpertNotFound, lambda: accounts.expert("danisma", customer.id)),
        (ExpertNotFound, lambda: accounts.edit_expert(admin("k1"), customer.id, edit(), 1)),
        (
            ExpertNotFound,
            lambda: accounts.edit_expert(admin("k1", platform_id="klinik"), expert.id, edit(), 1),
        ),
        (AccountNotFound, lambda: accounts.customer("danisma", expert.id)),
        (AccountNotFound, lambda: accounts.customer("klinik", customer.id)),
        (AccountNotFound, lambda: accounts.expert("klinik", expert.id)),
        (AccountNotFound, lambda: accounts.get("danisma", "a#b")),
        (AccountNotFound, lambda: accounts.get("danisma", "")),
        (AccountNotFound, lambda: accounts.get("danisma", "x" * 3000)),
    ):
        with pytest.raises(refusal):
            ask()


def test_others_load_people_from_what_they_read(world) -> None:
    customer, expert = added(world), added(world, Role.EXPERT, email="ali@example.com")
    loaded = read.batch([world.accounts.key("danisma", one.id) for one in (customer, expert)])
    assert world.accounts.load(loaded, "danisma", customer.id).email == customer.email
    assert world.accounts.load_expert(loaded, "danisma", expert.id).share_basis_points == 6500
    with pytest.raises(ExpertNotFound):
        world.accounts.load_expert(loaded, "danisma", customer.id)
    with pytest.raises(AccountNotFound):
        world.accounts.load(loaded, "danisma", "somebody-else")


def test_people_are_listed_by_role_page_by_page(world, moving_clock) -> None:
    for number in range(5):
        added(world, email=f"c{number}@example.com")
        moving_clock.forward(seconds=1)
    added(world, Role.EXPERT, email="e@example.com")
    first = world.accounts.people("danisma", Role.CUSTOMER, ListQuery(limit=3))
    rest = world.accounts.people("danisma", Role.CUSTOMER, ListQuery(limit=3, cursor=first.cursor))
    listed = [one.email for one in first.items + rest.items]
    assert listed == [f"c{number}@example.com" for number in range(5)]
    assert rest.cursor is None
    assert world.accounts.people("klinik", Role.CUSTOMER, ListQuery(cursor=first.cursor)).items == []
    with pytest.raises(CursorInvalid):
        world.accounts.people("danisma", Role.CUSTOMER, ListQuery(cursor="nonsense"))


def test_strangers_see_of_an_expert_his_name_and_title_only(world) -> None:
    ayse = added(world, Role.EXPERT)
    added(world, email="customer@example.com")
    (seen,) = world.accounts.public_experts("danisma", ListQuery()).items
    assert {name: getattr(seen, name) for name in seen.__struct_fields__} == {
        "id": ayse.id,
        "name": "Dr. Ayşe",
        "title": "Psikolog",
    }

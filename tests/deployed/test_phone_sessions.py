"""Sessions by phone over HTTP (E7, E8, E34): the story of one call, and many who want the balance of one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from infra.local.people import PaymentPage, Person
from infra.local.running import RunningStack
from tests.deployed.race import Outcome, at_once, insisting, winners
from tests.deployed.tenants import Tenant, appointment_package, wait_for
from tests.deployed.world import inside

RATE = 100_000  # 0.10 USD a minute
MINUTES = 25
TOP_UP_CENTS = 1_000
CUSTOMERS = 12


@pytest.fixture(scope="module")
def house(stack: RunningStack) -> Tenant:
    return Tenant.create(stack, "switchboard", sandbox=True)


@pytest.fixture(scope="module")
def expert(house: Tenant) -> Person:
    elif_ = house.add_expert("Elif")
    own_phone(elif_, "+905321112233")
    return elif_


@pytest.fixture(scope="module")
def package_id(house: Tenant) -> str:
    by_phone = appointment_package(service="phone", sessions=1, duration_minutes=MINUTES)
    made = house.admin.api.post("/v1/admin/appointment-packages", by_phone)["id"]
    etag = house.admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    house.admin.api.post("/v1/admin/catalogue/apply", if_match=etag)
    return str(made)


@pytest.fixture(autouse=True)
def nothing_differs(house: Tenant) -> Iterator[None]:
    yield
    house.settle()
    with inside(house.stack):
        own = [item for item in every_item() if house.id in item.key.pk.split("#")]
        assert [str(found) for found in verify(own)] == []


def own_phone(person: Person, number: str) -> None:
    version = person.api.get("/v1/me")["version"]
    person.api.put("/v1/me/phone", {"phone": number}, if_match=f'"{version}"')


def rates(house: Tenant, rate: int) -> None:
    etag = house.admin.api.call("GET", "/v1/admin/phone/rates").etag
    body = {"rates": [{"prefix": "+90", "micros_per_minute": rate}]}
    house.admin.api.put("/v1/admin/phone/rates", body, if_match=etag)


def customer(house: Tenant, name: str) -> Person:
    """Somebody who can be called and can pay one session."""
    added = house.add("customer", name)
    path = f"/v1/admin/customers/{added.id}/wallets/credit/adjustments"
    house.admin.api.post(path, {"amount": 40, "reason": "Hoş geldin"})
    own_phone(added, "+905551112233")
    return added


def balance(house: Tenant) -> tuple[int, int]:
    kept = house.admin.api.get("/v1/admin/phone/balance")
    return kept["free_micros"], kept["held_micros"]


def listed(house: Tenant) -> list[str]:
    shown: Any = house.people.public.get(f"/v1/public/{house.id}/catalogue", country="TR")
    return [each["id"] for each in shown["appointment_packages"]]


def top_up(house: Tenant) -> None:
    page = PaymentPage(house.stack.payments_url)
    order = house.admin.api.post("/v1/admin/phone-top-ups", {"amount_cents": TOP_UP_CENTS})
    page.press(order["payment_url"], "pay")
    page.settle()
    assert house.admin.api.get(f"/v1/orders/{order['id']}")["state"] == "paid"


def test_e7_topped_up_published_booked_called_and_captured(house, expert, package_id) -> None:
    ada, price = customer(house, "Ada"), RATE * MINUTES
    assert listed(house) == [], "nothing is shown that nobody could be called for"
    rates(house, RATE)
    top_up(house)
    assert balance(house) == (TOP_UP_CENTS * 10_000, 0)
    assert listed(house) == [package_id]
    booking = house.book(ada, expert, package_id)
    assert balance(house) == (TOP_UP_CENTS * 10_000 - price, price)
    house.admin.api.put("/v1/admin/clock", {"now": booking["starts_at"]})
    for person in (expert, ada):
        person.api.post(f"/v1/sessions/{booking['id']}/join")
    expert.api.post(f"/v1/sessions/{booking['id']}/end")
    assert balance(house) == (TOP_UP_CENTS * 10_000 - RATE, 0), "one begun minute"
    kinds = [each["kind"] for each in house.admin.api.get("/v1/admin/phone/entries")["items"]]
    assert kinds == ["call_captured", "call_reserved", "top_up"]


def test_e34_a_balance_of_one_call_is_sold_to_one_of_many(house, expert, package_id) -> None:
    free, _ = balance(house)
    rates(house, free // MINUTES)
    crowd = [customer(house, f"Bora{number}") for number in range(CUSTOMERS)]
    starts = free_starts(house, crowd[0], expert, package_id)
    wanted = {"package_id": package_id, "expert_id": expert.id, "pay_with": "credits"}
    calls = [
        booking(booker, wanted | {"starts_at": start})
        for booker, start in zip(crowd, starts[:CUSTOMERS], strict=True)
    ]
    winners(at_once(calls), 1, "PHONE_BALANCE_SHORT")
    assert balance(house) == (free % MINUTES, free - free % MINUTES)
    wait_for(lambda: listed(house) == [])


def booking(booker: Person, asked: dict[str, Any]) -> "partial[Outcome]":
    """A client who books a slot of his own until he gets an answer."""
    call = partial(booker.api.call, "POST", "/v1/bookings", asked, key=str(uuid4()))
    return partial(insisting, call)


def free_starts(house: Tenant, who: Person, expert: Person, package_id: str) -> list[str]:
    now = datetime.fromisoformat(house.admin.api.get("/v1/admin/clock")["now"])
    days = {"from_": now.date() + timedelta(days=1), "to_": now.date() + timedelta(days=2)}
    free = who.api.get(f"/v1/experts/{expert.id}/slots", package_id=package_id, **days)
    return [slot["starts_at"] for slot in free["items"]]

"""Races for money over HTTP: what a mixed order holds, what a refund has left, what an admin takes."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from infra.local.api import Api
from infra.local.people import People
from infra.local.running import RunningStack
from tests.deployed.payments import kept, signed
from tests.deployed.race import Outcome, at_once, insisting
from tests.deployed.world import ARENA, PASSWORD, PRICE, Arena, Customer, differences, give, wallet_of

RIVALS = 16
PART = 40  # of the price in credits
Call = Callable[[], Outcome]


@pytest.fixture
def customer(inside_stack: None, arena: Arena) -> Customer:
    return arena.customer()


@pytest.fixture(scope="module")
def admin(stack: RunningStack, arena: Arena) -> Api:
    return People(stack.document()).sign_in(ARENA, "admin@arena.example.com", PASSWORD).api


def asking(api: Api, path: str, body: dict[str, Any]) -> Call:
    """A client who asks, with one key, until he gets an answer."""
    return partial(insisting, partial(api.call, "POST", path, body, key=str(uuid4())))


def mixed(arena: Arena, customer: Customer) -> Call:
    """A half hour of which his credits pay a part."""
    wanted = {name: value for name, value in arena.booking_of(arena.slot()).items() if name != "pay_with"}
    return asking(customer.api, "/v1/orders", wanted | {"use_credits": PART})


def booked(arena: Arena, customer: Customer) -> Call:
    return asking(customer.api, "/v1/bookings", arena.booking_of(arena.slot()))


def split(outcomes: Sequence[Outcome], *refusals: str) -> list[Outcome]:
    """Those who won; all others were refused by one of these names."""
    won = [outcome for outcome in outcomes if outcome.status == 201]
    others = {outcome.code or outcome.body for outcome in outcomes if outcome.status != 201}
    assert others <= set(refusals), others
    return won


def test_mixed_orders_hold_no_more_than_the_wallet_has(arena, customer) -> None:
    give(customer, PRICE)
    won = split(at_once([mixed(arena, customer) for _ in range(RIVALS)]), "INSUFFICIENT_CREDITS")
    assert len(won) == PRICE // PART
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.held) == (PRICE, PART * len(won))
    assert {opened.id for opened in wallet.holds} == {json.loads(outcome.body)["id"] for outcome in won}
    assert differences() == []


def test_a_booking_and_a_mixed_order_never_pay_with_the_same_credits(arena, customer) -> None:
    give(customer, PRICE)
    rivals = [make(arena, customer) for _ in range(RIVALS // 2) for make in (mixed, booked)]
    won = split(at_once(rivals), "INSUFFICIENT_CREDITS")
    wallet = wallet_of(customer)
    orders = sum("payment_url" in json.loads(outcome.body) for outcome in won)
    bookings = len(won) - orders
    assert (orders, bookings) in {(0, 1), (PRICE // PART, 0)}
    assert (wallet.balance, wallet.held) == (PRICE - PRICE * bookings, PART * orders)
    assert differences() == []


def test_two_refunds_of_one_order_never_come_to_more_than_was_paid(arena, customer, admin) -> None:
    order = customer.api.post("/v1/orders", {"package_id": arena.credit_package_id})
    pay(arena, order["id"])
    price = order["price"]["amount"]
    amount = price * 2 // 5  # twice goes, and not a third time
    path = f"/v1/admin/orders/{order['id']}/refunds"
    refunds = [asking(admin, path, {"amount": amount, "reason": "raced"}) for _ in range(RIVALS)]
    won = split(at_once(refunds), "REFUND_TOO_LARGE")
    assert len(won) == 2
    assert kept(order["id"]).returned.total == amount * 2
    assert differences() == []


def test_an_admin_and_a_booking_never_take_the_same_credits(arena, customer, admin) -> None:
    give(customer, PRICE)
    path = f"/v1/admin/customers/{customer.id}/wallets/credit/adjustments"
    takes = [asking(admin, path, {"amount": -PRICE, "reason": "raced"}) for _ in range(RIVALS // 2)]
    spends = [booked(arena, customer) for _ in range(RIVALS // 2)]
    won = split(at_once([*takes, *spends]), "ADJUSTMENT_TOO_LARGE", "INSUFFICIENT_CREDITS")
    assert len(won) == 1
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.entries) == (0, 2)
    assert differences() == []


def pay(arena: Arena, order_id: str) -> None:
    events = arena.outcome(kept(order_id).payment_reference, "pay")
    paid = next(event for event in events if event["type"] == "checkout.session.completed")
    headers, body = signed(paid)
    path = f"/v1/webhooks/{ARENA}/stripe"
    deliver = partial(Api(arena.stack.api_url).call, "POST", path, data=body, headers=headers)
    assert insisting(deliver).status == 200

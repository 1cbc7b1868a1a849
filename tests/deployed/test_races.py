"""Races over HTTP: sixty-four clients at once want the same slot, the same credits, or the same payment's effect."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import cycle, islice, pairwise
from uuid import uuid4

import pytest

from chalicelib.calendar.store import stored_agendas
from infra.local.api import Api, Reply
from infra.local.running import RunningStack
from tests.deployed.payments import kept, signed
from tests.deployed.race import CLIENTS, Outcome, at_once, insisting, winners
from tests.deployed.world import (
    ARENA,
    CREDITS,
    PRICE,
    SLOT,
    Arena,
    Customer,
    Slot,
    assign,
    differences,
    give,
    inside,
    wallet_of,
)
from tests.torture.races import REFUSALS, Races

ROUNDS = 3
WAVE = 8  # divides CLIENTS
rounds = pytest.mark.parametrize("number", range(ROUNDS))
AFFORDABLE = 10
SERIES_CLIENTS = 16
LOTS_OF_A_BOOKING = 5


@pytest.fixture(scope="module")
def crowd(arena: Arena, stack: RunningStack) -> list[Customer]:
    """Sixty-four customers, each with the price of a booking for every race, and a function warm for each."""
    with inside(stack):
        crowd = [arena.customer() for _ in range(CLIENTS)]
        for customer in crowd:
            give(customer, PRICE * (ROUNDS + 1))
    warm(arena, crowd)
    return crowd


def warm(arena: Arena, crowd: list[Customer]) -> None:
    """Start a function for each, a few at a time: all at once they would outlast any client's patience.

    An event that concerns nobody lets each load the provider's library too.
    """
    event = {"id": "evt_warm", "object": "event", "type": "ping", "created": 0, "data": {"object": {}}}
    greet = [partial(insisting, partial(customer.api.call, "GET", "/v1/me")) for customer in crowd]
    deliver = [partial(insisting, partial(delivered, arena, event))] * CLIENTS
    for count in range(WAVE, CLIENTS + 1, WAVE):
        assert {outcome.status for outcome in at_once(greet[:count])} == {200}
        assert {outcome.status for outcome in at_once(deliver[:count])} == {200}


@pytest.fixture
def customer(inside_stack: None, arena: Arena, crowd: list[Customer]) -> Customer:
    """Somebody new, while the functions are warm."""
    return arena.customer()


def booking(arena: Arena, customer: Customer, slot: Slot, key: str | None = None) -> "partial[Outcome]":
    """A client who books the slot until he gets an answer."""
    return asking(customer, "bookings", arena.booking_of(slot), key)


def asking(customer: Customer, what: str, body: dict[str, str], key: str | None = None) -> "partial[Outcome]":
    call = partial(customer.api.call, "POST", f"/v1/{what}", body, key=key or str(uuid4()))
    return partial(insisting, call)


def tell(what: str, outcomes: Sequence[Outcome]) -> None:
    busy = [outcome.busy for outcome in outcomes if outcome.busy]
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{what}: {len(busy)} of {len(outcomes)} were told BUSY, {sum(busy)} times; {failed} calls failed")


@rounds
def test_one_slot_is_sold_to_one_client(inside_stack, arena, crowd, number) -> None:
    slot, before = arena.slot(), balances(crowd)
    outcomes = at_once([booking(arena, customer, slot) for customer in crowd])
    tell("one slot", outcomes)
    (won,) = winners(outcomes, 1, "SLOT_TAKEN")
    sold_to = json.loads(won.body)["customer_id"]
    assert balances(crowd) == before | {sold_to: before[sold_to] - PRICE}
    assert differences() == []


def test_one_time_is_taken_once_whatever_is_wanted_of_it(inside_stack, arena, crowd) -> None:
    """cal.com 10789, 13360: an hour, its halves for credits and its first half by card, all at once.

    It becomes one hour, or two halves; a half whose payment is still to come is taken like any other.
    """
    first = arena.hour()
    second = Slot(first.expert_id, first.starts_at + SLOT)
    half, later, hour = arena.booking_of(first), arena.booking_of(second), arena.booking_of(first)
    hour["package_id"] = arena.hour_id
    by_card = {name: half[name] for name in ("package_id", "expert_id", "starts_at")}
    asked = cycle([("bookings", half), ("bookings", later), ("bookings", hour), ("orders", by_card)])
    outcomes = at_once([asking(customer, *what) for customer, what in zip(crowd, asked, strict=False)])
    tell("one time", outcomes)
    won = winners(outcomes, sum(outcome.status == 201 for outcome in outcomes), "SLOT_TAKEN")
    date = first.starts_at.date()
    (day,) = stored_agendas(ARENA, first.expert_id, date, date)
    taken = [claim for claim in day.taken if first.starts_at <= claim.starts_at < first.starts_at + 2 * SLOT]
    assert len(won) == len(taken)
    assert sum((claim.ends_at - claim.starts_at for claim in taken), timedelta(0)) == 2 * SLOT
    assert all(earlier.ends_at <= following.starts_at for earlier, following in pairwise(taken))
    assert differences() == []


def balances(crowd: list[Customer]) -> dict[str, int]:
    return {customer.id: wallet_of(customer).balance for customer in crowd}


@rounds
def test_of_series_that_overlap_one_is_booked_whole_and_the_others_not_at_all(
    inside_stack, arena, crowd, number
) -> None:
    """cal.com #22803 (recurring links). Each wants three half hours of four, so every two share at least two."""
    slots = [slot for slot in (arena.slot() for _ in range(8)) if slot.expert_id == arena.experts[0]]
    rivals = crowd[:SERIES_CLIENTS]
    for customer in rivals:
        give(customer, 3 * PRICE)
    before = balances(rivals)
    outcomes = at_once([series(arena, each, slots[n % 2 :][:3]) for n, each in enumerate(rivals)])
    tell("series", outcomes)
    (won,) = winners(outcomes, 1, "SERIES_NOT_FREE")
    made = json.loads(won.body)
    assert len(made["bookings"]) == 3
    sold_to = made["customer_id"]
    assert balances(rivals) == before | {sold_to: before[sold_to] - 3 * PRICE}
    assert differences() == []


def series(arena: Arena, customer: Customer, slots: Sequence[Slot]) -> "partial[Outcome]":
    body = arena.booking_of(slots[0]) | {"starts_at": [slot.starts_at.isoformat() for slot in slots]}
    call = partial(customer.api.call, "POST", "/v1/booking-series", body, key=str(uuid4()))
    return partial(insisting, call)


@rounds
def test_a_wallet_pays_for_as_much_as_it_holds(arena, customer, number) -> None:
    give(customer, PRICE * AFFORDABLE)
    outcomes = at_once([booking(arena, customer, arena.slot()) for _ in range(CLIENTS)])
    tell("one wallet", outcomes)
    winners(outcomes, AFFORDABLE, "INSUFFICIENT_CREDITS")
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.entries) == (0, 1 + AFFORDABLE)
    assert len(customer.api.get("/v1/bookings")["items"]) == AFFORDABLE
    assert differences() == []


def test_a_wallet_whose_lots_stand_on_pages_pays_for_as_much_as_it_holds(arena, customer) -> None:
    """Each booking takes of five lots: those that run at once reach past the item for the same page."""
    lots = LOTS_OF_A_BOOKING * AFFORDABLE
    for _ in range(lots):
        give(customer, PRICE // LOTS_OF_A_BOOKING)
    assert wallet_of(customer).paged
    outcomes = at_once([booking(arena, customer, arena.slot()) for _ in range(CLIENTS)])
    tell("one wallet with pages", outcomes)
    winners(outcomes, AFFORDABLE, "INSUFFICIENT_CREDITS")
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.entries, wallet.paged) == (0, lots + AFFORDABLE, {})
    assert differences() == []


@rounds
def test_d19_the_last_session_of_a_package_is_drawn_once(arena, customer, number) -> None:
    """Each client wants another slot, so that nothing but the package stands between them."""
    given = assign(arena, customer, sessions=2)
    last_but_one = insisting(on_package(arena, customer, given))
    assert last_but_one.status == 201
    outcomes = at_once([partial(insisting, on_package(arena, customer, given)) for _ in range(CLIENTS)])
    tell("the last session", outcomes)
    (won,) = winners(outcomes, 1, "ASSIGNMENT_EMPTY")
    assert json.loads(won.body)["ordinal"] == 2
    (package,) = customer.api.get("/v1/me/assignments")["items"]
    assert (package["held"], package["left"]) == (2, 0)
    assert len(customer.api.get("/v1/bookings")["items"]) == 2
    assert differences() == []


def on_package(arena: Arena, customer: Customer, assignment_id: str) -> "partial[Reply]":
    """A booking of a slot of its own, on this package."""
    wanted = arena.booking_of(arena.slot()) | {"assignment_id": assignment_id}
    del wanted["pay_with"]
    return partial(customer.api.call, "POST", "/v1/bookings", wanted, key=str(uuid4()))


@rounds
def test_one_idempotency_key_has_one_effect_and_one_answer(arena, customer, number) -> None:
    give(customer, PRICE * AFFORDABLE)
    one = booking(arena, customer, arena.slot(), "one-key")
    outcomes = at_once([one] * CLIENTS)
    tell("one key", outcomes)
    won = winners(outcomes, CLIENTS, "")
    assert len({outcome.body for outcome in won}) == 1
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.entries) == (PRICE * (AFFORDABLE - 1), 2)
    assert len(customer.api.get("/v1/bookings")["items"]) == 1
    assert differences() == []


@rounds
def test_one_event_delivered_at_once_credits_once(arena, customer, number) -> None:
    order = customer.api.post("/v1/orders", {"package_id": arena.credit_package_id})
    events = arena.outcome(kept(order["id"]).payment_reference, "pay")
    paid = next(event for event in events if event["type"] == "checkout.session.completed")
    outcomes = at_once([partial(insisting, partial(delivered, arena, paid)) for _ in range(CLIENTS)])
    tell("one event", outcomes)
    assert {outcome.status for outcome in outcomes} == {200}
    assert_credited_once(customer)


@rounds
def test_all_that_tells_of_a_payment_at_once_credits_once(arena, customer, number) -> None:
    """Each of its events, again and again, and the buyer who comes back from the page."""
    order = customer.api.post("/v1/orders", {"package_id": arena.credit_package_id})
    page_id = kept(order["id"]).payment_reference
    events = arena.outcome(page_id, "pay")
    comes_back = partial(
        Api(arena.stack.api_url).call,
        "GET",
        f"/v1/public/{ARENA}/orders/{order['id']}/return?session_id={page_id}",
    )
    calls = [comes_back, *(partial(delivered, arena, event) for event in events)]
    outcomes = at_once([partial(insisting, call) for call in islice(cycle(calls), CLIENTS)])
    tell("one payment", outcomes)
    assert {outcome.status for outcome in outcomes} == {200}
    assert_credited_once(customer)


def delivered(arena: Arena, event: dict[str, object]) -> Reply:
    headers, body = signed(event)
    return Api(arena.stack.api_url).call("POST", f"/v1/webhooks/{ARENA}/stripe", data=body, headers=headers)


def assert_credited_once(customer: Customer) -> None:
    wallet = wallet_of(customer)
    assert (wallet.balance, wallet.entries) == (CREDITS, 1)
    assert differences() == []


def test_whatever_there_is_once_is_sold_once(inside_stack, arena, crowd) -> None:
    """One round of each kind of ``make torture``'s: a last session, a card beside credits, an extension, too."""
    for customer in crowd:
        give(customer, PRICE * len(REFUSALS))
    with Races(arena, crowd) as races:
        races.run(len(REFUSALS), list(REFUSALS))
    assert races.played.wrong == []
    assert races.played.counts["attempts"] == CLIENTS * len(REFUSALS)
    assert differences() == []

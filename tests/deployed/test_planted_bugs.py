"""The harness of races and crashes, tried on bugs that are planted in a copy: each must be noticed, none without one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.booking.views import BookingRequest
from chalicelib.calendar import store as calendar_store
from chalicelib.calendar.model import SlotTaken
from chalicelib.core.errors import Refusal
from chalicelib.orders import webhooks
from chalicelib.table import operation, read, transact
from chalicelib.table.base import Item
from chalicelib.table.operation import Answer, Decision, Operation
from chalicelib.table.transact import Write
from infra.local.running import RunningStack
from tests.deployed.bookings import Book
from tests.deployed.crash import strike_everywhere
from tests.deployed.payments import Payment
from tests.deployed.race import Outcome, at_once, winners
from tests.deployed.scratch import copied_arena
from tests.deployed.world import PRICE, Arena, Customer, Slot, differences, give, inside

CLIENTS = 8


@pytest.fixture(scope="module")
def customers(arena: Arena, stack: RunningStack) -> list[Customer]:
    with inside(stack):
        made = [arena.customer() for _ in range(CLIENTS)]
        for customer in made:
            give(customer, PRICE)
    return made


@pytest.fixture
def scratch(customers: list[Customer], stack: RunningStack) -> Iterator[None]:
    """The services work on a copy of the arena."""
    with copied_arena(stack) as table_name, inside(stack, table_name):
        yield


@contextmanager
def everybody_reads_before_anybody_writes() -> Iterator[None]:
    """What threads that are quick enough may do by chance, always."""
    barrier, seen, batch = threading.Barrier(CLIENTS), threading.local(), read.batch

    def waiting(keys: Any) -> read.Loaded:
        loaded = batch(keys)
        if not hasattr(seen, "first"):
            seen.first = loaded
            barrier.wait()
        return loaded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "batch", waiting)
        yield


def book(arena: Arena, slot: Slot, customer: Customer) -> Outcome:
    request = BookingRequest(
        package_id=arena.half_hour_id, expert_id=slot.expert_id, starts_at=slot.starts_at, pay_with="credits"
    )
    try:
        body = wiring.single_bookings().book(customer.operation("POST /v1/bookings"), request).body
    except Refusal as refusal:
        return Outcome(409, refusal.code, b"")
    return Outcome(201, None, body)


def race_for_a_slot(arena: Arena, customers: list[Customer]) -> list[Outcome]:
    slot = arena.slot()
    wiring.single_bookings()  # made once, before the threads
    with everybody_reads_before_anybody_writes():
        return at_once([partial(book, arena, slot, customer) for customer in customers])


def test_nothing_is_noticed_where_nothing_is_planted(scratch, arena, customers) -> None:
    winners(race_for_a_slot(arena, customers), 1, "SLOT_TAKEN")
    assert differences() == []


def test_a_day_written_without_its_version_is_noticed(scratch, arena, customers, monkeypatch) -> None:
    saved_agenda = calendar_store.saved_agenda
    whatever_stands_there = Item.pk.exists() | Item.pk.does_not_exist()
    monkeypatch.setattr(
        calendar_store,
        "saved_agenda",
        lambda day: Write("put", saved_agenda(day).item, whatever_stands_there),
    )
    outcomes = race_for_a_slot(arena, customers)
    with pytest.raises(AssertionError, match=f"{CLIENTS} won, and not 1"):
        winners(outcomes, 1, "SLOT_TAKEN")
    assert any("sold-twice" in difference for difference in differences())


def test_a_step_without_its_receipt_is_noticed(scratch, arena, customers, monkeypatch) -> None:
    """Whoever repeats it is refused what he has got already."""
    write_receipt = operation._with_receipt
    monkeypatch.setattr(operation, "_with_receipt", lambda *given: write_receipt(*given)[1:])
    give(customers[0], 10 * PRICE)
    with pytest.raises(SlotTaken):
        strike_everywhere(Book(arena, customers[0]), "after")


def test_an_event_that_is_marked_before_it_is_credited_is_noticed(
    scratch, arena, customers, monkeypatch
) -> None:
    monkeypatch.setattr(webhooks, "perform", marked_first)
    with pytest.raises(AssertionError, match=r"OrderState\.PAID"):
        strike_everywhere(Payment(arena, customers[0], "pay", "checkout.session.completed"), "after")


def marked_first(of: Operation, reads: Any, decide: Any) -> Answer:
    """The receipt commits on its own, and what it stands for after it."""
    decided: list[Decision] = []

    def mark(loaded: read.Loaded) -> Decision:
        decided.append(decide(loaded))
        return Decision(answer=decided[-1].answer)

    answer = operation.perform(of, reads, mark)
    if decided:
        transact.commit(decided[-1].writes, f"then-{of.key}")
    return answer

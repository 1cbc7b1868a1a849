"""Bookings, sessions and effects: every call is killed before, killed after, or loses its response."""

from typing import Any

import pytest

from tests.deployed.bookings import Attend, Book, DrainEnd, DrainJoin, DrainSale, Refuse
from tests.deployed.crash import Struck, calls_of, strike_everywhere
from tests.deployed.world import Arena, Customer, differences, give, inside
from tests.faults import FAULTS


@pytest.fixture(scope="module")
def customer(arena: Arena, stack) -> Customer:
    with inside(stack):
        customer = arena.customer()
        give(customer, 1_000_000)
    return customer


READ, LOOK, COMMIT = "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:TransactWriteItems"
MAIL = [READ, READ, "sesv2:SendEmail"]
NOTICE = [READ, COMMIT]
STEPS: dict[str, tuple[Any, list[str]]] = {
    "book": (Book, [READ, COMMIT]),
    "refuse": (Refuse, [READ, READ, READ, COMMIT]),
    "attend": (Attend, [READ, READ, COMMIT, READ, READ, COMMIT, READ, READ, COMMIT]),
    "drain a sale": (DrainSale, [LOOK, COMMIT, *NOTICE, *NOTICE, *MAIL, *MAIL, COMMIT]),
    "drain a join": (DrainJoin, [LOOK, LOOK, LOOK, "scheduler:CreateSchedule", LOOK, *NOTICE, COMMIT]),
    "drain an end": (DrainEnd, [LOOK, LOOK, "scheduler:DeleteSchedule", COMMIT, *NOTICE, *NOTICE, COMMIT]),
}


@pytest.mark.parametrize("name", STEPS)
def test_every_call_is_known(inside_stack, arena, customer, name) -> None:
    step, calls = STEPS[name]
    assert calls_of(step(arena, customer)) == calls


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", STEPS)
def test_whatever_call_is_struck_it_is_done_once(inside_stack, arena, customer, name, fault) -> None:
    step, calls = STEPS[name]
    struck: Struck = strike_everywhere(step(arena, customer), fault)
    assert struck.calls == calls
    assert struck.deaths == (0 if fault == "lost" else len(calls))
    assert differences() == []

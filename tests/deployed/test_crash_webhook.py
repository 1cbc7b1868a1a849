"""Payments: every call of an order and of its webhooks is killed before, killed after, or loses its response."""

import pytest

from tests.deployed.crash import Struck, calls_of, strike_everywhere
from tests.deployed.payments import Decline, Payment, Start
from tests.deployed.world import Arena, Customer, differences
from tests.faults import FAULTS

PARAMETER, FETCH = "ssm:GetParameter", "http:GET /v1/checkout/sessions/"


@pytest.fixture
def customer(inside_stack: None, arena: Arena) -> Customer:
    """Somebody new each time: who has bought too often has lots on pages, which are read too."""
    return arena.customer()


STEPS = {
    "payment": lambda *of: Payment(*of, "pay", "checkout.session.completed"),
    "payment, by its other event": lambda *of: Payment(*of, "pay", "payment_intent.succeeded"),
    "decline": lambda *of: Decline(*of, "decline", "payment_intent.payment_failed"),
    "order": Start,
}
WEBHOOK = [PARAMETER, "dynamodb:PutItem", "dynamodb:BatchGetItem", FETCH, "dynamodb:TransactWriteItems"]
CALLS = {
    "payment": WEBHOOK,
    "payment, by its other event": WEBHOOK,
    "decline": WEBHOOK,
    "order": [
        "dynamodb:BatchGetItem", PARAMETER, "dynamodb:TransactWriteItems", "dynamodb:BatchGetItem",
        PARAMETER, PARAMETER, "http:POST /v1/checkout/sessions", "dynamodb:TransactWriteItems",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_every_call_is_known(inside_stack, arena, customer, name) -> None:
    assert _named(calls_of(STEPS[name](arena, customer))) == CALLS[name]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", STEPS)
def test_whatever_call_is_struck_it_is_done_once(inside_stack, arena, customer, name, fault) -> None:
    struck: Struck = strike_everywhere(STEPS[name](arena, customer), fault)
    assert _named(struck.calls) == CALLS[name]
    assert struck.deaths == (0 if fault == "lost" else len(struck.calls))
    assert differences() == []


def _named(calls: list[str]) -> list[str]:
    """A page's own id says nothing about which call it was."""
    return [FETCH if call.startswith(FETCH) else call for call in calls]

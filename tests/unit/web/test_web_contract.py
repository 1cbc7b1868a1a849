"""What the API's document promises of all routes: each refusal by its code, and patterns that let no newline in."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import Refusal
from chalicelib.web.errors import STATUS, status_of
from infra import openapi
from tests.unit.web.refusals import refusals

DOCUMENT = msgspec.json.decode(openapi.text())
CODE = re.compile(r"`([A-Z][A-Z0-9_]+)`")

# Refusals that no route gives, and why.
UNDECLARED = {
    "AMOUNT_NOT_POSITIVE": "no route grants or spends an amount of its caller's",
    "CALL_BEING_ASKED": "the outbox asks, and tries again later",
    "CANNOT_DELIVER": "no caller waits: credits are given, or the money is sent back",
    "COST_NEGATIVE": "no route grants at a cost of its caller's",
    "HOLD_ALREADY_OPEN": "an order's hold has its own new id",
    "HOLD_NOT_OPEN": "an order looks whether its hold is open first",
    "HOURS_MALFORMED": "the body's schema refuses it first",
    "PAYMENTS_TOO_MANY": "no caller waits: the day's report tells it",
    "PLATFORM_EXISTS": "the operator's alone",
    "PLATFORM_ID_INVALID": "the operator's alone",
    "REFUND_BEING_SENT": "the outbox asks, and tries again later",
    "REFUND_NOT_SUPPORTED": "the outbox asks, and leaves the refund to a person",
    "REFUND_REFUSED": "the outbox asks, and the refund fails",
    "SESSION_NOT_HELD": "a booking that is open holds its session",
    "TELEPHONY_FAILED": "the outbox calls, and tries again",
    "SHARE_OUT_OF_RANGE": "the body's schema refuses it first",
}


def promised() -> dict[str, set[int]]:
    """Each code that the document names, with the statuses that it is named under."""
    codes: dict[str, set[int]] = {}
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                for code in CODE.findall(response["description"]):
                    codes.setdefault(code, set()).add(int(status))
    return codes


def of_features() -> list[type[Refusal]]:
    return [kind for kind in refusals() if kind not in STATUS and "code" in vars(kind)]


def test_every_refusal_stands_in_the_document_or_has_a_reason_not_to() -> None:
    assert {kind.code for kind in of_features()} - promised().keys() == UNDECLARED.keys()


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.code) for kind in of_features()])
def test_a_refusal_stands_under_its_status_alone(kind: type[Refusal]) -> None:
    assert promised().get(kind.code, {status_of(kind)}) == {status_of(kind)}


def test_the_document_promises_no_code_that_nobody_gives() -> None:
    assert promised().keys() <= {kind.code for kind in refusals()}


def patterns(node: Any) -> Iterator[str]:
    """Every pattern of the document, in whatever schema it stands."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("pattern"), str):
        yield node["pattern"]
    for child in children:
        yield from patterns(child)


PATTERNS = sorted(set(patterns(DOCUMENT)))


def test_who_puts_off_a_lot_is_told_of_a_wallet_with_too_many() -> None:
    """All pages of the wallet are opened for it, and a step writes few."""
    extended = "/v1/admin/customers/{account_id}/wallets/{asset}/lots/{lot_id}/extensions"
    assert "TOO_MANY_LOTS" in DOCUMENT["paths"][extended]["post"]["responses"]["409"]["description"]


def test_the_document_has_patterns() -> None:
    assert len(PATTERNS) > 5


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_no_pattern_lets_a_newline_through_at_the_end(pattern: str, data: st.DataObject) -> None:
    """What msgspec does: it searches, in Python's way."""
    good = data.draw(st.from_regex(pattern))
    assert not good.endswith("\n")
    assert re.search(pattern, good)
    assert not re.search(pattern, f"{good}\n")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_means_ascii_in_python_as_in_json_schema(pattern: str) -> None:
    r"""In Python ``\d`` and ``\w`` are digits and letters of every script, and ``Z`` and ``A`` are anchors."""
    assert not re.search(r"\\[dDwWbBAZ]", pattern)

"""A booking that the wallet cannot pay: refused as ever, and one line of the failed payments report (B31)."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chalicelib import aws
from chalicelib.calendar.model import SlotTaken
from chalicelib.core.errors import Refusal
from chalicelib.reports.model import Show
from chalicelib.reports.service import Reports
from chalicelib.reports.views import Amount, FailedPaymentsQuery, FailedPaymentView
from chalicelib.settings import settings
from chalicelib.table.keys import Key
from chalicelib.table.outbox import Outbox
from chalicelib.wallet.model import InsufficientCredits
from tests.faults import FAULTS, FaultLayer, Killed, faults
from tests.store.booking.studio import (
    PLATFORM,
    CallCount,
    accounts,
    actor,
    agenda,
    book,
    booked,
    give,
    instant,
    open_studio,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
reports = Reports(accounts)


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> None:
    open_studio()


def unpaid(start: str = "07:00", package_id: str = "apk_hour", **more: Any) -> Refusal:
    with pytest.raises(InsufficientCredits) as refused:
        book(start, package_id, who=BORA, **more)
    return refused.value


def entities() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName=settings().table_name)["Items"]
    return found


def drained() -> None:
    """What the stream does: every receipt's effects are carried out."""
    outbox = Outbox(
        {
            "report.failed_payment": reports.record_failed_payment,
            "report.sale": reports.record_sale,
        }
    )
    for item in entities():
        if item["entity"]["S"] == "receipt":
            outbox.drain(Key(item["PK"]["S"], item["SK"]["S"]))


def lines(**asked: Any) -> list[FailedPaymentView]:
    drained()
    query = FailedPaymentsQuery(**{"since": SINCE, "until": UNTIL} | asked)
    return reports.failed_payments(PLATFORM, query).items


def test_the_line_tells_what_was_to_be_bought_and_with_what() -> None:
    unpaid()
    (line,) = lines()
    assert msgspec.to_builtins(line) == {
        "id": line.id,
        "failed_at": "2026-11-22T09:00:00Z",
        "customer_id": "bora",
        "customer_name": "Bora",
        "reason": "insufficient_funds",
        "raw_code": "INSUFFICIENT_CREDITS",
        "rail": "wallet",
        "product_type": "appointment",
        "product_id": "apk_hour",
        "product_name": "Hour",
        "price": {"amount": 100, "unit": "credit"},
        "country": "TR",
        "order_id": None,
    }


def test_the_refusal_says_how_much_is_there_and_nothing_else_changes() -> None:
    give(99, owner="bora")
    before = entities()
    refusal = unpaid()
    assert refusal.extra == {"available": 99, "required": 100}
    assert (wallet("bora").balance, wallet("bora").entries, agenda()) == (99, 1, None)
    added = [item for item in entities() if item not in before]
    assert [item["entity"]["S"] for item in added] == ["receipt"]


def test_a_repeat_of_the_same_key_adds_no_second_line() -> None:
    first = unpaid(key="k")
    drained()
    again = unpaid(key="k")
    assert (again.code, again.detail, again.extra) == (first.code, first.detail, first.extra)
    assert len(lines()) == 1


def test_each_refused_operation_has_its_line(moving_clock) -> None:
    unpaid(key="k")
    moving_clock.forward(minutes=1)
    unpaid("08:00", "apk_three", key="l")
    assert [line.price for line in lines()] == [
        Amount(amount=250, unit="credit"),
        Amount(amount=100, unit="credit"),
    ]


def test_the_key_of_a_refused_booking_may_still_book_another_or_be_refused_again() -> None:
    """What was refused is not remembered, so the key is free for another request, as ever."""
    unpaid(key="k", input_hash="first")
    unpaid("08:00", key="k", input_hash="second")
    assert len(lines()) == 2
    give(100, owner="bora")
    assert booked("07:00", key="k", input_hash="first", who=BORA).customer_id == "bora"
    assert len(lines()) == 2


def test_a_slot_that_is_gone_is_no_failed_payment() -> None:
    give(100)
    booked("07:00")
    with pytest.raises(SlotTaken):
        book("07:00", who=BORA)
    assert lines() == []


def test_a_booking_that_is_paid_promises_its_sale_alone() -> None:
    give(100, owner="bora")
    booked("07:00", who=BORA)
    assert lines() == []


def test_the_filters_show_it_among_the_appointments_and_the_customer_s() -> None:
    """B27, B28."""
    unpaid()
    assert len(lines(show=Show.APPOINTMENTS)) == 1
    assert lines(show=Show.PACKAGES) == []
    assert len(lines(customer_id="bora")) == 1
    assert lines(customer_id="ada") == []
    assert lines(until=instant("2026-11-22T09:00")) == []


def test_the_line_costs_two_reads_and_one_item_more() -> None:
    count = CallCount()
    unpaid()
    assert count.names == ["BatchGetItem", "BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert len(count.sent("TransactWriteItems")["TransactItems"]) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", range(4))
def test_wherever_the_step_dies_a_repeat_brings_the_one_line(at: int, fault: str) -> None:
    with faults(FaultLayer(at=at, fault=fault)) as layer, contextlib.suppress(Killed, InsufficientCredits):
        book("07:00", who=BORA, key="k")
    assert layer.struck
    unpaid(key="k")
    assert len(lines()) == 1

"""What people asked of other booking systems when an appointment is moved or called off: each names its thread."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.booking.views import BookingView, CancelRequest, RescheduleRequest
from chalicelib.calendar.model import Calendar, Reason, SlotNotOffered
from chalicelib.calendar.store import CalendarItem
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.store.booking.studio import (
    PLATFORM,
    booked,
    changes,
    give,
    instant,
    open_studio,
    operation,
    set_settings,
    wallet,
)

DAYS_AHEAD = "2026-11-26T10:00:00"


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    open_studio()
    give(200, Origin.ADJUSTMENT)
    yield
    assert list(verify(every_item())) == []


def move(booking_id: str, start: str) -> BookingView:
    request = RescheduleRequest(starts_at=instant(start))
    return changes.reschedule(operation(start), booking_id, request).read_as(BookingView)


def sales() -> list[object]:
    receipts = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    return [effect for receipt in receipts for effect in receipt.effects if effect.kind == "report.sale"]


def test_cal_2481_a_booking_that_is_moved_is_not_paid_again() -> None:
    """Nor may it be moved for want of credits: the wallet is empty by then."""
    made = booked(DAYS_AHEAD)
    booked("2026-11-27T10:00:00")
    lines = wallet().entries
    assert wallet().balance == 0
    moved = move(made.id, "2026-11-26T12:00:00")
    assert (moved.credits, moved.paid_with) == (100, "credits")
    assert (wallet().balance, wallet().entries, len(sales())) == (0, lines, 2)


@pytest.mark.parametrize(("hours_before", "back"), [(24, 100), (23, 60), (6, 60), (5, 0)])
def test_cal_23595_a_fee_is_kept_within_its_window_alone(moving_clock, hours_before, back) -> None:
    set_settings(cancel_free_hours=24, cancel_part_hours=6, cancel_kept_basis_points=4_000)
    made = booked(DAYS_AHEAD)
    moving_clock.instant = instant(DAYS_AHEAD) - timedelta(hours=hours_before)
    called_off = changes.cancel(operation("c"), made.id, CancelRequest()).read_as(BookingView)
    assert called_off.returned is not None
    assert (called_off.returned.credits, wallet().balance) == (back, 100 + back)


def test_cal_14868_nobody_is_moved_into_the_break_behind_another_session() -> None:
    """There a start that the page does not offer could be sent by hand, within the buffer."""
    booked("2026-11-26T07:00:00")
    made = booked(DAYS_AHEAD)
    with pytest.raises(SlotNotOffered) as refused:
        move(made.id, "2026-11-26T07:50:00")
    assert refused.value.extra["reason"] is Reason.OFF_GRID


def test_easyappointments_1789_a_booking_moves_after_its_expert_has_changed_his_zone() -> None:
    made = booked(DAYS_AHEAD)
    key = keys.calendar(PLATFORM, "elif")
    before = read.get(key, Calendar)
    assert before is not None
    transact.commit([transact.save(CalendarItem.of(key, replace(before, zone="Asia/Tehran")))], "zone")
    moved = move(made.id, "2026-11-26T05:30:00")  # 09:00 in Tehran
    assert moved.starts_at == datetime(2026, 11, 26, 5, 30, tzinfo=UTC)

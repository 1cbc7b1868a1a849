"""Reminders: at the platform's hours, once each, and none of what was called off or moved (V20)."""

from typing import Any

import pytest

from chalicelib.booking.model import Booking
from chalicelib.booking.reminders import Reminders
from chalicelib.booking.views import CancelRequest, RescheduleRequest
from chalicelib.platforms.model import PlatformSettings
from chalicelib.table import keys, read
from chalicelib.table.operation import Receipt
from chalicelib.table.sweeper import Sweeper
from chalicelib.verifier.scan import every_item
from tests.store.booking.studio import (
    ADMIN,
    PLATFORM,
    booked,
    bookings,
    changes,
    give,
    instant,
    open_studio,
    operation,
    platforms,
    set_settings,
)

FAR = "2026-11-24T14:00:00"  # 53 hours ahead
reminders = Reminders(platforms, bookings)


@pytest.fixture
def studio(table, moving_clock) -> None:
    open_studio()
    give(500)
    set_settings(reminder_hours=[1, 3, 12, 24])


def sweep() -> None:
    Sweeper(
        {"BOOKING": lambda key: reminders.sweep(*keys.owner_of(key)), "RECEIPT": lambda _: None}, platforms
    ).run()


def promised() -> list[tuple[str, str]]:
    """What receipts promise: whom, and of which start."""
    receipts = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    effects = [effect for receipt in receipts for effect in receipt.effects]
    return [
        (effect.payload["to"], effect.payload["starts_at"][5:16])
        for effect in effects
        if effect.kind == "mail.booking_reminder"
    ]


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking(PLATFORM, booking_id), Booking)
    assert found is not None
    return found


def test_v20_each_hour_is_told_once_to_both(studio: Any, moving_clock) -> None:
    made = booked(FAR)
    for hours, times in ((28, 0), (29, 1), (40, 1), (41, 2), (50, 3), (52, 4)):
        moving_clock.instant = instant("2026-11-22T09:00:00")
        moving_clock.forward(hours=hours)
        sweep()
        sweep()
        assert len(promised()) == 2 * times, hours
    assert set(promised()) == {("customer", "11-24T14:00"), ("expert", "11-24T14:00")}
    assert stored(made.id).remind_at is None


def test_what_was_due_before_it_was_booked_is_not_told(studio: Any) -> None:
    made = booked("2026-11-22T14:00:00")
    assert stored(made.id).remind_at == instant("2026-11-22T11:00:00")


def test_one_that_stands_at_its_last_reminder_waits_for_its_no_show(studio: Any, moving_clock) -> None:
    made = booked("2026-11-22T14:00:00")
    moving_clock.forward(hours=4, minutes=30)
    sweep()
    sweep()
    work = keys.work(made.id, instant("2026-11-22T15:50:00"))
    assert read.query(work.pk, index="GSI3", between=(work.sk, work.sk)).records == [
        keys.booking(PLATFORM, made.id)
    ]


def test_what_is_called_off_is_not_told(studio: Any, moving_clock) -> None:
    made = booked(FAR)
    changes.cancel(operation("c"), made.id, CancelRequest())
    moving_clock.forward(hours=30)
    sweep()
    reminders.sweep(PLATFORM, made.id)
    assert promised() == []


def test_what_is_moved_is_told_by_its_new_time(studio: Any, moving_clock) -> None:
    made = booked(FAR)
    later = RescheduleRequest(starts_at=instant("2026-11-25T14:00:00"))
    changes.reschedule(operation("m"), made.id, later)
    moving_clock.forward(hours=30)
    sweep()
    assert promised() == []
    moving_clock.forward(hours=24)
    sweep()
    assert set(promised()) == {("customer", "11-25T14:00"), ("expert", "11-25T14:00")}


def test_one_moved_to_and_fro_is_told_again_of_the_time_that_stands(studio: Any, moving_clock) -> None:
    made = booked(FAR)
    for key, start in (("m1", "2026-11-25T14:00:00"), ("m2", FAR)):
        changes.reschedule(operation(key, ADMIN), made.id, RescheduleRequest(starts_at=instant(start)))
    moving_clock.forward(hours=30)
    sweep()
    assert len(promised()) == 2


def test_after_the_start_nobody_is_reminded(studio: Any, moving_clock) -> None:
    made = booked("2026-11-22T14:00:00")
    moving_clock.forward(hours=6)
    sweep()
    sweep()
    assert promised() == []
    assert stored(made.id).remind_at is None


def test_a_platform_that_wants_none_has_none(studio: Any) -> None:
    set_settings(reminder_hours=[])
    assert stored(booked(FAR).id).remind_at is None


def test_a_sandbox_s_clock_tells_all_that_it_leaps_over(table, moving_clock) -> None:
    open_studio(sandbox=True)
    give(500)
    set_settings(reminder_hours=[1, 3, 12, 24])
    booked(FAR)
    moving_clock.forward(hours=60)
    Sweeper({"BOOKING": lambda key: reminders.sweep(*keys.owner_of(key))}, platforms).sweep_platform(PLATFORM)
    assert len(promised()) == 8


def test_v20_a_platform_reminds_at_all_four_hours_unless_it_chooses() -> None:
    assert sorted(PlatformSettings().reminder_hours) == [1, 3, 12, 24]


def test_hours_that_are_added_later_hold_from_the_next_reminder_on(studio: Any, moving_clock) -> None:
    set_settings(reminder_hours=[24])
    made = booked(FAR)
    set_settings(reminder_hours=[])
    unreminded = booked("2026-11-24T10:00:00")
    set_settings(reminder_hours=[24, 12])
    moving_clock.forward(hours=29)
    sweep()
    assert stored(made.id).remind_at == instant("2026-11-24T02:00:00")
    assert stored(unreminded.id).remind_at is None

"""Who may still change a booking, and what of its price comes back: pure, by the platform's settings."""

from datetime import datetime, timedelta

from chalicelib.booking.model import (
    Booking,
    BookingBegan,
    BookingNotBegun,
    BookingState,
    CustomerMayCome,
    NoShow,
    RescheduledTooOften,
    RescheduleTooLate,
    SameStart,
    Who,
)
from chalicelib.core.actor import Actor
from chalicelib.core.clock import stamp
from chalicelib.platforms.model import PlatformSettings

ALL_KEPT = 10_000


def hand_of(booking: Booking, actor: Actor) -> Who:
    """In which role somebody who may see the booking changes it."""
    if actor.id == booking.expert_id:
        return Who.EXPERT
    return Who.CUSTOMER if actor.id in (booking.customer_id, booking.owner_id) else Who.ADMIN


def check_changeable(booking: Booking, now: datetime) -> None:
    """``BookingNotOpen``; ``BookingBegan`` from the start on, when a no-show is marked instead."""
    booking.check_state(BookingState.CONFIRMED)
    if now >= booking.starts_at:
        raise BookingBegan


def check_missable(booking: Booking, no_show: NoShow, now: datetime) -> None:
    """``BookingNotOpen``; ``BookingNotBegun`` before the start, until when it is called off instead.

    ``CustomerMayCome`` with ``until`` where he is marked before his time is over: as long he may still join.
    """
    booking.check_state(BookingState.CONFIRMED)
    if now < booking.starts_at:
        raise BookingNotBegun
    if no_show is not NoShow.EXPERT and now < booking.ends_at:
        raise CustomerMayCome(until=stamp(booking.ends_at))


def kept_basis_points(who: Who, booking: Booking, now: datetime, settings: PlatformSettings) -> int:
    """What of the price stays when ``who`` cancels: nothing where it is not the customer who does.

    No less than what would have stayed when he moved it, or he would move it away from its policy.
    """
    if who is not Who.CUSTOMER:
        return 0
    return max(_kept_by_time(booking.starts_at, now, settings), booking.kept_at_least_basis_points)


def _kept_by_time(starts_at: datetime, now: datetime, settings: PlatformSettings) -> int:
    if now <= starts_at - timedelta(hours=settings.cancel_free_hours):
        return 0
    if now <= starts_at - timedelta(hours=settings.cancel_part_hours):
        return settings.cancel_kept_basis_points
    return ALL_KEPT


def check_reschedulable(
    booking: Booking, who: Who, starts_at: datetime, now: datetime, settings: PlatformSettings
) -> None:
    """``SameStart``, and what ``check_movable`` refuses."""
    if starts_at == booking.starts_at:
        raise SameStart(field="starts_at")
    check_movable(booking, who, now, settings)


def check_movable(booking: Booking, who: Who, now: datetime, settings: PlatformSettings) -> None:
    """Of a customer ``RescheduleTooLate`` with ``until``, ``RescheduledTooOften``; others may at any time."""
    if who is not Who.CUSTOMER:
        return
    until = booking.starts_at - timedelta(hours=settings.reschedule_hours)
    if now > until:
        raise RescheduleTooLate(until=stamp(until))
    if booking.moves >= settings.reschedule_times:
        raise RescheduledTooOften(at_most=settings.reschedule_times)


def next_reminder(starts_at: datetime, after: datetime, settings: PlatformSettings) -> datetime | None:
    """The first instant after ``after`` at which people are reminded of what starts then (V20)."""
    due = (starts_at - timedelta(hours=hours) for hours in settings.reminder_hours)
    return min((at for at in due if at > after), default=None)

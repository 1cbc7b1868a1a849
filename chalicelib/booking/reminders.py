"""Reminds the two people of a booking, once at each of the platform's hours before it (V20)."""

from functools import partial

from msgspec.structs import replace

from chalicelib.booking import policy, store
from chalicelib.booking.model import REMINDER_MAILED, Booking, BookingState
from chalicelib.booking.news import mails
from chalicelib.booking.service import Bookings
from chalicelib.core.actor import system
from chalicelib.core.clock import stamp
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.read import Loaded


class Reminders:
    """A booking knows when it is next to be told of, and stands among the work that is due then.

    The step that promises a reminder moves the booking on to the next, so each is promised once. What comes
    late is told late, but not after the start; a sandbox's clock leaps, so there it is told all the same.
    """

    def __init__(self, platforms: Platforms, bookings: Bookings) -> None:
        self._platforms = platforms
        self._bookings = bookings

    def sweep(self, platform_id: str, booking_id: str) -> None:
        """Promise the reminder that is due, if one is; for the sweeper, who finds the booking by it."""
        wanted = [self._platforms.key(platform_id), self._bookings.key(platform_id, booking_id)]
        loaded = read.batch(wanted)
        booking = self._bookings.load(loaded, platform_id, booking_id)
        if booking.remind_at is None or not _is_due(self._platforms.load(loaded, platform_id), booking):
            return
        key = f"{booking_id}:{stamp(booking.starts_at)}:{stamp(booking.remind_at)}"
        operation = by_system(system(platform_id), "booking.remind", key)
        perform(operation, wanted, partial(self._reminded, platform_id, booking_id))

    def _reminded(self, platform_id: str, booking_id: str, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, platform_id)
        booking = self._bookings.load(loaded, platform_id, booking_id)
        if booking.remind_at is None or not _is_due(platform, booking):
            return Decision(answer=None)
        following = policy.next_reminder(booking.starts_at, booking.remind_at, platform.settings)
        after = replace(booking, remind_at=following)
        now = platform.now()
        in_time = platform.sandbox or now < booking.starts_at
        told = mails(REMINDER_MAILED, booking, booking.remind_at, starts_at=stamp(booking.starts_at))
        return Decision(
            answer=None, writes=[store.open_booking(after, platform)], effects=told if in_time else []
        )


def _is_due(platform: Platform, booking: Booking) -> bool:
    is_open = booking.state is BookingState.CONFIRMED
    return is_open and booking.remind_at is not None and platform.now() >= booking.remind_at

"""The time that a booking takes of its expert, where it is held, and what its call may cost."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.booking.model import Booking
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import AppointmentType
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony.service import Phones


class Slots:
    """What it takes to claim a slot, however the booking is paid."""

    def __init__(
        self, platforms: Platforms, accounts: Accounts, calendars: Calendars, phones: Phones
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._calendars = calendars
        self._phones = phones

    def keys(self, platform_id: str, expert_id: str, starts_at: datetime) -> list[Key]:
        """What to read to claim a slot."""
        return [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, expert_id),
            self._calendars.key(platform_id, expert_id),
            *self._calendars.agenda_keys(platform_id, expert_id, starts_at),
        ]

    def placed(self, loaded: Loaded, booking: Booking) -> Booking:
        """The booking with the location that stands at its start; a later edit moves it no more."""
        location = self._calendars.location(
            loaded, booking.platform_id, booking.expert_id, booking.package, booking.starts_at
        )
        return replace(booking, location=location)

    def prepare_claim(
        self, loaded: Loaded, platform: Platform, booking: Booking, until: datetime | None = None
    ) -> list[Write]:
        """The booking's time taken of its expert's; the caller has read its ``keys``.

        Where it is by phone, what its call may cost is set aside too. Instead of what is not free nothing
        is named that starts from ``until`` on.
        """
        claimed = self._calendars.prepare_claim(
            loaded,
            platform,
            booking.expert_id,
            booking.starts_at,
            booking.package.duration_minutes,
            booking.package.break_minutes,
            booking.id,
            face_to_face=booking.package.appointment_type is AppointmentType.FACE_TO_FACE,
            until=until,
        )
        return [*claimed, *self.prepare_calls(platform, [booking])]

    def prepare_calls(self, platform: Platform, bookings: Sequence[Booking]) -> list[Write]:
        """What the calls of bookings by phone may cost is set aside; all are of one pair and package."""
        first = bookings[0]
        if not first.by_phone:
            return []
        people, minutes = (first.customer_id, first.expert_id), first.package.duration_minutes
        ids = [booking.id for booking in bookings]
        return self._phones.prepare_reserve(platform, ids, *people, minutes)

"""What a mail about a booking is made of."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.accounts.model import Account
from chalicelib.booking.model import Booking
from chalicelib.platforms.model import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A booking, its people, and the ``zone`` of the expert's calendar, by which the slots were shown."""

    booking: Booking
    customer: Account
    expert: Account
    platform: Platform
    zone: ZoneInfo

"""What a mail about a booking is made of."""

from zoneinfo import ZoneInfo

import msgspec

from chalicelib.accounts.model import Account
from chalicelib.booking.model import Booking
from chalicelib.platforms.model import Platform


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """A booking, its people, and the ``zone`` of the expert's calendar, by which the slots were shown."""

    booking: Booking
    customer: Account
    expert: Account
    platform: Platform
    zone: ZoneInfo

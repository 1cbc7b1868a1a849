"""The platform's USD balance for calls, what a minute costs, what is set aside for a booking (E7, E8, E34).

Amounts are whole micro-dollars, millionths of a US dollar: so a rate such as 0.0135 USD a minute is exact.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

import msgspec

from chalicelib.core.errors import Conflict, Invalid
from chalicelib.wallet.ledger import Posting

USD_MICROS = "usd_micros"
MICROS_PER_CENT = 10_000
# What a top-up may be of, in cents: the server's own list.
TopUpCents = Literal[1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000]
TOP_UPS_CENTS: tuple[int, ...] = get_args(TopUpCents)
MAX_RATES = 1_000
FREE, HELD, OWED = "phone:free", "phone:held", "phone:owed"


class PhoneBalanceShort(Conflict):
    code = "PHONE_BALANCE_SHORT"
    message = "The platform's balance for calls does not cover this appointment."


class DestinationNotServed(Conflict):
    code = "PHONE_DESTINATION_NOT_SERVED"
    message = "Calls to this number's country are not offered."


class PhoneMissing(Conflict):
    code = "PHONE_MISSING"
    message = "An appointment by phone needs the client's number. Keep it with PUT /v1/me/phone."


class ExpertPhoneMissing(Conflict):
    code = "EXPERT_PHONE_MISSING"
    message = "The expert has no phone number yet."


# What a session by phone may be refused for before it is sold.
NOT_BOOKABLE = (PhoneBalanceShort, DestinationNotServed, PhoneMissing, ExpertPhoneMissing)


class DestinationChanged(Conflict):
    code = "PHONE_DESTINATION_CHANGED"
    message = "A call to the client's present number costs more than was set aside at booking."


# What a join of a session by phone may be refused for, when it would begin the call.
NOT_CALLED = (PhoneBalanceShort, DestinationNotServed, PhoneMissing, DestinationChanged)


class TelephonyNotConfigured(Conflict):
    code = "TELEPHONY_NOT_CONFIGURED"
    message = "This platform has no account with a provider of calls, so none can be sold."


class RateRepeated(Invalid):
    code = "RATE_REPEATED"
    message = "Each prefix has one rate."


class ReservationState(StrEnum):
    """``reserved`` until the call is made, ``calling`` until it is over; the others are final."""

    RESERVED = "reserved"
    CALLING = "calling"
    CAPTURED = "captured"
    RELEASED = "released"

    @property
    def is_open(self) -> bool:
        return self in (ReservationState.RESERVED, ReservationState.CALLING)


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform has for calls. It is hot, so it has neither lots nor a list of what is set aside.

    ``free`` and ``held`` are never below zero. ``owed`` is what was taken back after it had been spent or set
    aside: while it is above zero nothing is set aside, and whatever comes in or comes free pays it first.
    ``entries`` is the last number of the journal. ``cheapest_micros`` is the lowest of the rates, kept here
    for the catalogue to read one item. Below ``alert_below`` the admins are told, once each time.
    """

    platform_id: str
    free: int = 0
    held: int = 0
    owed: int = 0
    entries: int = 0
    cheapest_micros: int | None = None
    alert_below: int = 0
    alerted: bool = False
    version: int = 0

    @property
    def is_low(self) -> bool:
        return self.free < self.alert_below


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What a minute of the whole call costs where the client's number begins with ``prefix``, as ``+90``."""

    prefix: str
    micros_per_minute: int


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """All rates of a platform; the longest prefix that fits a number decides."""

    platform_id: str
    rates: list[Rate] = []
    version: int = 0


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks the provider for the call at the moment, and since when in real time."""

    id: str
    since: datetime


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """What one booking has set aside of the balance: rate × minutes, as at booking. No number is kept.

    ``used_minutes`` is what was captured of ``minutes``; instants are by the platform's clock.
    ``asked_since``: when the provider was first asked for the call, in real time; ``asking`` while it is.
    Then ``call_reference`` is its id of the call, or ``call_refused`` its code of why it makes none.
    """

    booking_id: str
    platform_id: str
    customer_id: str
    expert_id: str
    micros_per_minute: int
    minutes: int
    state: ReservationState = ReservationState.RESERVED
    used_minutes: int = 0
    reserved_at: datetime
    called_at: datetime | None = None
    closed_at: datetime | None = None
    asked_since: datetime | None = None
    asking: Asking | None = None
    call_reference: str | None = None
    call_refused: str | None = None
    version: int = 0

    @property
    def amount(self) -> int:
        return self.micros_per_minute * self.minutes

    @property
    def is_to_call(self) -> bool:
        """The session runs, and the provider has not answered yet."""
        answered = self.call_reference is not None or self.call_refused is not None
        return self.state is ReservationState.CALLING and not answered

    @property
    def used(self) -> int:
        return self.micros_per_minute * self.used_minutes


class PhoneEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the balance with its postings, which sum to zero; never edited.

    ``operation`` names the thing done, once and for ever; ``reference`` holds opaque ids.
    """

    id: str
    platform_id: str
    sequence: int
    operation: str
    kind: str
    at: datetime
    postings: list[Posting]
    reference: dict[str, str]
    free_after: int
    held_after: int
    owed_after: int
    version: int = 0

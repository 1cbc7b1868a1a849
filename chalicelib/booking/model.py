"""Bookings: claims on an expert's time."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from chalicelib.calendar.model import Location, Taken
from chalicelib.catalogue.model import AppointmentPackage, Service
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.orders.lines import Sale
from chalicelib.wallet.model import SpentPart

# The effects that tell one of a booking's two people of it; ``booking_id``, and ``to``: in which role he is.
# A move and a reminder have ``starts_at`` too, and are told only while the booking stands there.
CONFIRMATION_MAILED = "mail.booking_confirmed"
CANCELLATION_MAILED = "mail.booking_cancelled"
MOVE_MAILED = "mail.booking_moved"
REMINDER_MAILED = "mail.booking_reminder"
# The one that tells of all bookings of a series; ``series_id`` and ``to``.
SERIES_MAILED = "mail.series_confirmed"

MAX_OCCURRENCES = 40


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"
    message = "There is no such booking."


class NotSoldForCredits(Conflict):
    code = "NOT_SOLD_FOR_CREDITS"
    message = "This package has no price in credits."


class NotSoldForMoney(Conflict):
    code = "NOT_SOLD_FOR_MONEY"
    message = "This package has no price in money."


class ChoiceMissing(Invalid):
    code = "CHOICE_MISSING"
    message = "An appointment is ordered with its expert_id and its starts_at."


class BookingNotOpen(Conflict):
    code = "BOOKING_NOT_OPEN"
    message = "This booking is not confirmed any more."


class BookingBegan(Conflict):
    code = "BOOKING_BEGAN"
    message = "The appointment's start has passed; whoever was not there is marked instead."


class BookingNotBegun(Conflict):
    code = "BOOKING_NOT_BEGUN"
    message = "Nobody has missed an appointment whose start is still to come."


class CustomerMayCome(Conflict):
    """``until`` tells when he can no longer join."""

    code = "CUSTOMER_MAY_COME"
    message = "The customer may still join; then nobody has to say that he was not there."


class SessionBegan(Conflict):
    code = "SESSION_BEGAN"
    message = "Somebody has joined the session."


class SameStart(Invalid):
    code = "SAME_START"
    message = "The booking starts then already."


class RescheduleTooLate(Conflict):
    """``until`` tells when it was still possible."""

    code = "RESCHEDULE_TOO_LATE"
    message = "It is too late to reschedule this booking."


class RescheduledTooOften(Conflict):
    """``at_most`` tells how often it is possible."""

    code = "RESCHEDULED_TOO_OFTEN"
    message = "This booking was rescheduled as often as the platform allows."


class PaymentUnclear(Invalid):
    code = "PAYMENT_UNCLEAR"
    message = "Name package_id and expert_id, and pay_with where no package of the client's is used."


class SeriesNotFound(NotFound):
    code = "SERIES_NOT_FOUND"
    message = "There is no such series of bookings."


class StartsUnclear(Invalid):
    code = "STARTS_UNCLEAR"
    message = "Name either each of starts_at, or the first and how it repeats as weekly."


class SeriesTooLong(Conflict):
    """``at_most`` tells how many of such bookings one step can make."""

    code = "SERIES_TOO_LONG"
    message = "These bookings touch too many of the expert's days to be made in one step."


class ListNotNamed(Invalid):
    code = "LIST_NOT_NAMED"
    message = "Name one customer_id or one expert_id."


PaidWith = Literal["credits", "card", "mixed", "assignment", "on_the_house"]


class BookingState(StrEnum):
    """``pending`` holds the time while its page is open. A booking leaves each state once, for good."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Who(StrEnum):
    """In which role somebody changes a booking."""

    CUSTOMER = "customer"
    EXPERT = "expert"
    ADMIN = "admin"


class Told(StrEnum):
    """To whom a mail about a booking goes; ``owner`` bought the package that somebody else comes on."""

    CUSTOMER = "customer"
    EXPERT = "expert"
    OWNER = "owner"


class NoShow(StrEnum):
    """Who was not there when a booking was missed."""

    CUSTOMER = "customer"
    EXPERT = "expert"
    BOTH = "both"


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What came back of a booking's price when it was called off.

    ``kept_basis_points`` of it did not. A session of a package cannot be divided: it came back where nothing
    was kept. ``sale_id`` is the reversing sale.
    """

    kept_basis_points: int
    session: bool = False
    credits: int = 0
    sale_id: str | None = None


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """``package`` is as it was sold (E39); the session is ``[starts_at, ends_at)``, and its break follows.

    ``sale`` is there where buying and booking were one step; a later session of a package bought before
    has ``paid_with`` ``"assignment"`` and no sale (E35). It is session ``ordinal`` of a package's ``total``,
    as booked; ``participant`` names who comes where it is not who bought; has he an account, he is the
    customer, and ``owner_id`` is who bought. ``spent`` are the parts of the lots that paid:
    to these credits come back, or, where they came back and were taken again, to ``spent_again``, which then
    stands for all of it. ``series_id`` names what was booked in one request with it. ``moves`` counts
    how often its customer rescheduled it; ``kept_at_least_basis_points`` of the price stay if he cancels,
    for they would have when he moved it. ``remind_at`` is when its people are reminded next.
    """

    id: str
    platform_id: str
    customer_id: str
    expert_id: str
    package: AppointmentPackage
    starts_at: datetime
    ends_at: datetime
    paid_with: PaidWith
    created_at: datetime
    state: BookingState = BookingState.CONFIRMED
    sale: Sale | None = None
    spent: list[SpentPart] = []
    spent_again: list[SpentPart] = []
    assignment_id: str | None = None
    location: Location | None = None
    order_id: str | None = None
    ordinal: int | None = None
    total: int | None = None
    participant: str | None = None
    owner_id: str | None = None
    series_id: str | None = None
    moves: int = 0
    kept_at_least_basis_points: int = 0
    remind_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_by: Who | None = None
    cancel_reason: str | None = None
    no_show: NoShow | None = None
    returned: Returned | None = None
    customer_note: str = ""
    expert_note: str = ""
    admin_note: str = ""
    version: int = 0

    @property
    def claim(self) -> Taken:
        """What it takes of the expert's time: the session and its break."""
        break_minutes = self.package.break_minutes
        return Taken(
            starts_at=self.starts_at,
            ends_at=self.ends_at + timedelta(minutes=break_minutes),
            break_minutes=break_minutes,
            claim_id=self.id,
        )

    @property
    def shares_payment(self) -> bool:
        """One spend paid all of its series; of a package of several sessions one booking paid by itself."""
        return self.paid_with == "credits" and self.series_id is not None and self.assignment_id is None

    @property
    def people(self) -> dict[Told, str]:
        """Who is told of it."""
        people = {Told.CUSTOMER: self.customer_id, Told.EXPERT: self.expert_id}
        return people | ({Told.OWNER: self.owner_id} if self.owner_id else {})

    @property
    def by_phone(self) -> bool:
        """Whether its session is a call over GSM (E7)."""
        return self.package.service is Service.PHONE

    def check_state(self, state: BookingState) -> None:
        """``BookingNotOpen`` where it is in another."""
        if self.state is not state:
            raise BookingNotOpen(f"The booking is {self.state}.")

    def closed(self, state: BookingState, at: datetime) -> "Booking":
        """The booking in its last state. ``BookingNotOpen`` where it is in one already."""
        self.check_state(BookingState.CONFIRMED)
        return replace(self, state=state, closed_at=at, remind_at=None)

    def moved(self, starts_at: datetime) -> "Booking":
        """The same booking at another start."""
        return replace(self, starts_at=starts_at, ends_at=starts_at + (self.ends_at - self.starts_at))


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Bookings that one request made, of the same people; each lives on by itself."""

    id: str
    platform_id: str
    customer_id: str
    expert_id: str
    booking_ids: list[str]
    created_at: datetime
    owner_id: str | None = None
    version: int = 0

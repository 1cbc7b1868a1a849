"""The outward shapes of bookings."""

from datetime import datetime
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct, field

from chalicelib.assignments.model import Assignment, Wanted
from chalicelib.assignments.views import BookedPackageView
from chalicelib.booking.model import Booking, BookingState, NoShow, PaidWith, PaymentUnclear, Returned, Who
from chalicelib.calendar.views import LocationBody
from chalicelib.wallet.model import CREDIT

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339.")]
Limit = Annotated[int, Meta(ge=1, le=100)]
Note = Annotated[str, Meta(max_length=2000)]
Participant = Annotated[str, Meta(min_length=1, max_length=120)]
Cursor = Annotated[str, Meta(max_length=2048)]


class BookingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without ``pay_with``, a package of the client's that fits is used by itself (D25).

    ``pay_with`` ``assignment`` uses one or refuses, ``credits`` buys. ``assignment_id`` names one; its only
    service and its expert may then be left out. ``participant`` names who comes on it. ``note`` is the
    customer's, for the expert and admins to read.
    """

    starts_at: Instant
    package_id: Id | None = None
    expert_id: Id | None = None
    pay_with: Literal["assignment", "credits"] | None = None
    assignment_id: Id | None = None
    participant: Participant | None = None
    note: Note = ""

    def purchase(self) -> tuple[str, str] | None:
        """The package and the expert, or ``None`` where it is not bought now. ``PaymentUnclear``."""
        if self.pay_with in (None, "assignment"):
            return None
        for name in ("assignment_id", "participant"):
            if getattr(self, name) is not None:
                raise PaymentUnclear(field=name)
        return self._told("package_id"), self._told("expert_id")

    def wanted(self, assignment: Assignment | None) -> Wanted:
        """The session to draw of ``assignment``, or of whichever fits. ``PaymentUnclear``."""
        package_id, expert_id = self.package_id, self.expert_id
        if assignment is not None:
            expert_id = expert_id or assignment.expert_id
            package_id = package_id or assignment.only_service
        return Wanted(
            package_id=package_id or self._told("package_id"),
            expert_id=expert_id or self._told("expert_id"),
            starts_at=self.starts_at,
            participant=self.participant,
        )

    def _told(self, name: str) -> str:
        value = getattr(self, name)
        if value is None:
            raise PaymentUnclear(field=name)
        return str(value)


class CancelRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both people are told the reason."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class RescheduleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    starts_at: Instant


class NoShowRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who was not there."""

    no_show: NoShow


class DeskBookingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An admin's booking for a customer: with a package that he has, his credits, or on the house.

    Without ``pay_with``, a package of the customer's that fits is used by itself (D25). ``participant`` names
    who comes on it. ``note`` is the admins' own.
    """

    customer_id: Id
    starts_at: Instant
    pay_with: Literal["assignment", "credits", "on_the_house"] | None = None
    package_id: Id | None = None
    expert_id: Id | None = None
    assignment_id: Id | None = None
    participant: Participant | None = None
    note: Note = ""


class NoteRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own note of a booking; an empty one removes it."""

    note: Note


class NotesView(Struct, frozen=True, kw_only=True):
    """What one may read: a customer his own, an expert his and the customer's, an admin all."""

    booking_id: str
    customer_note: str
    expert_note: str | None
    admin_note: str | None
    version: int

    @classmethod
    def of(cls, booking: Booking, who: Who, version: int) -> Self:
        return cls(
            booking_id=booking.id,
            customer_note=booking.customer_note,
            expert_note=None if who is Who.CUSTOMER else booking.expert_note,
            admin_note=booking.admin_note if who is Who.ADMIN else None,
            version=version,
        )


class ReturnedView(Struct, frozen=True, kw_only=True):
    """What came back: ``credits`` to the wallet, or the ``session`` to its package."""

    kept_basis_points: int
    session: bool
    credits: int

    @classmethod
    def of(cls, returned: Returned) -> Self:
        return cls(
            kept_basis_points=returned.kept_basis_points, session=returned.session, credits=returned.credits
        )


class BookingView(Struct, frozen=True, kw_only=True):
    """``credits`` is what was paid in this step; ``None`` where the session had been bought before.

    It is session ``ordinal`` of a package's ``total``, as booked: a count that an admin changes later is told
    by the assignment. ``location`` is where a face-to-face session is held, as it stood at booking.
    ``owner_id`` bought the package that the customer comes on. Of the price
    ``kept_at_least_basis_points`` stay when the customer cancels, because he moved it when they would have.
    """

    id: str
    customer_id: str
    expert_id: str
    package: BookedPackageView
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    paid_with: PaidWith
    credits: int | None
    assignment_id: str | None
    location: LocationBody | None
    order_id: str | None
    ordinal: int | None
    total: int | None
    participant: str | None
    owner_id: str | None
    series_id: str | None
    created_at: datetime
    moves: int
    kept_at_least_basis_points: int
    closed_at: datetime | None
    cancelled_by: Who | None
    cancel_reason: str | None
    no_show: NoShow | None
    returned: ReturnedView | None
    version: int

    @classmethod
    def of(cls, booking: Booking, version: int) -> Self:
        return cls(
            id=booking.id,
            customer_id=booking.customer_id,
            expert_id=booking.expert_id,
            package=BookedPackageView.of(booking.package),
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            state=booking.state,
            paid_with=booking.paid_with,
            credits=_credits(booking),
            assignment_id=booking.assignment_id,
            location=LocationBody.of(booking.location) if booking.location else None,
            order_id=booking.order_id,
            ordinal=booking.ordinal,
            total=booking.total,
            participant=booking.participant,
            owner_id=booking.owner_id,
            series_id=booking.series_id,
            created_at=booking.created_at,
            moves=booking.moves,
            kept_at_least_basis_points=booking.kept_at_least_basis_points,
            closed_at=booking.closed_at,
            cancelled_by=booking.cancelled_by,
            cancel_reason=booking.cancel_reason,
            no_show=booking.no_show,
            returned=ReturnedView.of(booking.returned) if booking.returned else None,
            version=version,
        )


def _credits(booking: Booking) -> int | None:
    """What the customer's credits paid of it, where they did."""
    if booking.sale is None or booking.paid_with not in ("credits", "mixed"):
        return None
    return sum(part.amount for part in booking.sale.parts if part.unit == CREDIT)


class BookingsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bookings that begin in ``[from, to)``. Admins name one customer or one expert."""

    since: Instant | None = field(name="from", default=None)
    until: Instant | None = field(name="to", default=None)
    customer_id: Id | None = None
    expert_id: Id | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class BookingsView(Struct, frozen=True, kw_only=True):
    """By their start, the earliest first."""

    items: list[BookingView]
    cursor: str | None

"""The outward shapes of bookings."""

from datetime import datetime
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct, field

from chalicelib.assignments.views import BookedPackageView
from chalicelib.booking.model import Booking, BookingState, PaymentUnclear, Returned, Who
from chalicelib.calendar.views import LocationBody

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339.")]
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=2048)]


class BookingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``package_id``, ``expert_id`` and ``pay_with`` buy and book; ``assignment_id`` books what is bought."""

    starts_at: Instant
    package_id: Id | None = None
    expert_id: Id | None = None
    pay_with: Literal["credits"] | None = None
    assignment_id: Id | None = None

    def purchase(self) -> tuple[str, str] | None:
        """The package and the expert, or ``None`` where it is bought already. ``PaymentUnclear``."""
        if self.assignment_id is not None:
            if self.package_id or self.expert_id or self.pay_with:
                raise PaymentUnclear(field="assignment_id")
            return None
        for name in ("package_id", "expert_id", "pay_with"):
            if getattr(self, name) is None:
                raise PaymentUnclear(field=name)
        return str(self.package_id), str(self.expert_id)


class CancelRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both people are told the reason."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class RescheduleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    starts_at: Instant


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

    ``location`` is where a face-to-face session is held, as it stood at booking.
    """

    id: str
    customer_id: str
    expert_id: str
    package: BookedPackageView
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    paid_with: Literal["credits", "card", "assignment"]
    credits: int | None
    assignment_id: str | None
    location: LocationBody | None
    order_id: str | None
    created_at: datetime
    moves: int
    closed_at: datetime | None
    cancelled_by: Who | None
    cancel_reason: str | None
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
            credits=booking.sale.amount if booking.sale and booking.paid_with == "credits" else None,
            assignment_id=booking.assignment_id,
            location=LocationBody.of(booking.location) if booking.location else None,
            order_id=booking.order_id,
            created_at=booking.created_at,
            moves=booking.moves,
            closed_at=booking.closed_at,
            cancelled_by=booking.cancelled_by,
            cancel_reason=booking.cancel_reason,
            returned=ReturnedView.of(booking.returned) if booking.returned else None,
            version=version,
        )


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

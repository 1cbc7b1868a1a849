"""The outward shapes of recurring bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct

from chalicelib.assignments.views import BookedPackageView
from chalicelib.booking.model import MAX_OCCURRENCES, Booking, BookingState, PaidWith, PaymentUnclear
from chalicelib.booking.views import BookingRequest, BookingView, Id, Instant, Note, Participant


class Weekly(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same time of the expert's clock every so many weeks, ``count`` times in all."""

    first: Instant
    count: Annotated[int, Meta(ge=1, le=MAX_OCCURRENCES)]
    every_weeks: Annotated[int, Meta(ge=1, le=52)] = 1


class SeriesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either each of ``starts_at``, or ``weekly``. All else is as for one booking, and holds for each."""

    starts_at: Annotated[list[Instant], Meta(min_length=1, max_length=MAX_OCCURRENCES)] | None = None
    weekly: Weekly | None = None
    package_id: Id | None = None
    expert_id: Id | None = None
    pay_with: Literal["assignment", "credits"] | None = None
    assignment_id: Id | None = None
    participant: Participant | None = None
    note: Note = ""

    def one(self, starts_at: datetime) -> BookingRequest:
        """What is asked, as if it were one booking."""
        return BookingRequest(
            starts_at=starts_at,
            package_id=self.package_id,
            expert_id=self.expert_id,
            pay_with=self.pay_with,
            assignment_id=self.assignment_id,
            participant=self.participant,
            note=self.note,
        )


class DeskSeriesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An admin's series for a customer; ``note`` is the admins' own, of each booking.

    Without ``pay_with``, a package of the customer's that fits is used by itself (D25). ``participant`` names
    who comes on it to each.
    """

    customer_id: Id
    pay_with: Literal["assignment", "credits", "on_the_house"] | None = None
    starts_at: Annotated[list[Instant], Meta(min_length=1, max_length=MAX_OCCURRENCES)] | None = None
    weekly: Weekly | None = None
    package_id: Id | None = None
    expert_id: Id | None = None
    assignment_id: Id | None = None
    participant: Participant | None = None
    note: Note = ""

    def given(self) -> tuple[str, str]:
        """Package and expert of what is on the house, with no package to draw on. ``PaymentUnclear``."""
        if self.package_id is None or self.expert_id is None:
            raise PaymentUnclear(field="package_id")
        for name in ("assignment_id", "participant"):
            if getattr(self, name) is not None:
                raise PaymentUnclear(field=name)
        return self.package_id, self.expert_id


class SeriesBookingView(Struct, frozen=True, kw_only=True):
    """One of the bookings: session ``ordinal`` of the package's ``total``, as booked."""

    id: str
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    ordinal: int | None
    total: int | None

    @classmethod
    def of(cls, booking: Booking) -> Self:
        return cls(**{name: getattr(booking, name) for name in cls.__struct_fields__})


class SeriesView(Struct, frozen=True, kw_only=True):
    """What one request booked, by time; ``credits`` is what all of it cost."""

    id: str
    customer_id: str
    expert_id: str
    package: BookedPackageView
    paid_with: PaidWith
    credits: int | None
    assignment_id: str | None
    bookings: list[SeriesBookingView]

    @classmethod
    def of(cls, series_id: str, bookings: Sequence[Booking]) -> Self:
        first = bookings[0]
        sold = [booking.sale.amount for booking in bookings if booking.sale]
        return cls(
            id=series_id,
            customer_id=first.customer_id,
            expert_id=first.expert_id,
            package=BookedPackageView.of(first.package),
            paid_with=first.paid_with,
            credits=sum(sold) if sold else None,
            assignment_id=first.assignment_id,
            bookings=[SeriesBookingView.of(booking) for booking in bookings],
        )


class SeriesCancelledView(Struct, frozen=True, kw_only=True):
    """Which bookings this called off, and what came back of them; those ``kept`` had begun or ended."""

    id: str
    cancelled: list[str]
    kept: list[str]
    credits: int
    sessions: int

    @classmethod
    def of(cls, series_id: str, cancelled: Sequence[BookingView], kept: Sequence[str]) -> Self:
        back = [booking.returned for booking in cancelled if booking.returned]
        return cls(
            id=series_id,
            cancelled=[booking.id for booking in cancelled],
            kept=list(kept),
            credits=sum(returned.credits for returned in back),
            sessions=sum(returned.session for returned in back),
        )

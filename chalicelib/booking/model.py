"""Bookings: claims on an expert's time."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.orders.model import Sale

# The effect that tells one of a booking's two people of it; ``booking_id``, and ``to``: in which role he is.
CONFIRMATION_MAILED = "mail.booking_confirmed"


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"
    message = "There is no such booking."


class NotSoldForCredits(Conflict):
    code = "NOT_SOLD_FOR_CREDITS"
    message = "This package has no price in credits."


class BookingNotOpen(Conflict):
    code = "BOOKING_NOT_OPEN"
    message = "This booking is not confirmed any more."


class PaymentUnclear(Invalid):
    code = "PAYMENT_UNCLEAR"
    message = "Send package_id, expert_id and pay_with to buy, or assignment_id to use what is bought."


class ListNotNamed(Invalid):
    code = "LIST_NOT_NAMED"
    message = "Name one customer_id or one expert_id."


class BookingState(StrEnum):
    """A booking leaves ``confirmed`` once, and never comes back."""

    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """``package`` is as it was sold (E39); the session is ``[starts_at, ends_at)``, and its break follows.

    ``sale`` is there where buying and booking were one step; a later session of a package bought before
    has ``paid_with`` ``"assignment"`` and no sale (E35).
    """

    id: str
    platform_id: str
    customer_id: str
    expert_id: str
    package: AppointmentPackage
    starts_at: datetime
    ends_at: datetime
    paid_with: Literal["credits", "assignment"]
    created_at: datetime
    state: BookingState = BookingState.CONFIRMED
    sale: Sale | None = None
    assignment_id: str | None = None
    closed_at: datetime | None = None
    version: int = 0

    def closed(self, state: BookingState, at: datetime) -> "Booking":
        """The booking in its last state. ``BookingNotOpen`` where it is in one already."""
        if self.state is not BookingState.CONFIRMED:
            raise BookingNotOpen(f"The booking is {self.state}.")
        return replace(self, state=state, closed_at=at)

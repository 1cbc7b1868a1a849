"""Routes of bookings."""

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound
from chalicelib.assignments.model import AssignmentEmpty, AssignmentNotFound
from chalicelib.booking.changes import Changes
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.model import (
    BookingBegan,
    BookingNotFound,
    BookingNotOpen,
    ListNotNamed,
    NotSoldForCredits,
    PaymentUnclear,
    RescheduledTooOften,
    RescheduleTooLate,
    SameStart,
    SessionBegan,
)
from chalicelib.booking.service import Bookings
from chalicelib.booking.views import (
    BookingRequest,
    BookingsQuery,
    BookingsView,
    BookingView,
    CancelRequest,
    RescheduleRequest,
)
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
    PhoneUnavailable,
    SlotNotOffered,
    SlotTaken,
)
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.wallet.model import InsufficientCredits, WalletOwes
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_BOOKING = (
    AccountNotFound,
    AppointmentsInactive,
    AssignmentEmpty,
    AssignmentNotFound,
    ExpertNotFound,
    ExpertNotInPackage,
    InsufficientCredits,
    NotSoldForCredits,
    PackageNotOnSale,
    PaymentUnclear,
    PhoneUnavailable,
    SlotNotOffered,
    SlotTaken,
    WalletOwes,
)
_CHANGE = (BookingNotFound, BookingNotOpen, BookingBegan, SessionBegan)
_MOVE = (
    AppointmentsInactive,
    ExpertNotInPackage,
    PhoneUnavailable,
    RescheduleTooLate,
    RescheduledTooOften,
    SameStart,
    SlotNotOffered,
    SlotTaken,
)


def blueprint(bookings: Bookings, lists: BookingLists, changes: Changes) -> Blueprint:
    routes = Blueprint("bookings")

    @routes.post(
        "/v1/bookings",
        permission=Permission.BOOKINGS_CREATE,
        body=BookingRequest,
        answer=BookingView,
        status=201,
        errors=_BOOKING,
    )
    def book(call: Call[BookingRequest, None]) -> Answer:
        """Book a slot with credits, or with a session of a package that is bought already."""
        return bookings.book(call.operation, call.body)

    @routes.get(
        "/v1/bookings",
        permission=Permission.BOOKINGS_READ,
        query=BookingsQuery,
        answer=BookingsView,
        errors=(BookingNotFound, ListNotNamed),
    )
    def list_bookings(call: Call[None, BookingsQuery]) -> BookingsView:
        """One's own bookings; for an admin those of a customer or an expert."""
        return lists.bookings(call.actor, call.query)

    @routes.get(
        "/v1/bookings/{booking_id}",
        permission=Permission.BOOKINGS_READ,
        answer=BookingView,
        errors=(BookingNotFound,),
    )
    def read_booking(call: Call[None, None]) -> BookingView:
        """One booking. For its customer, its expert and admins."""
        return lists.booking(call.actor, call.path["booking_id"])

    @routes.post(
        "/v1/bookings/{booking_id}/cancel",
        permission=Permission.BOOKINGS_CHANGE,
        body=CancelRequest,
        answer=BookingView,
        errors=_CHANGE,
    )
    def cancel_booking(call: Call[CancelRequest, None]) -> Answer:
        """Call a booking off. What comes back to its customer follows from who does it, and when."""
        return changes.cancel(call.operation, call.path["booking_id"], call.body)

    @routes.post(
        "/v1/bookings/{booking_id}/reschedule",
        permission=Permission.BOOKINGS_CHANGE,
        body=RescheduleRequest,
        answer=BookingView,
        errors=(*_CHANGE, *_MOVE),
    )
    def reschedule_booking(call: Call[RescheduleRequest, None]) -> Answer:
        """Move a booking to another free start of the same expert."""
        return changes.reschedule(call.operation, call.path["booking_id"], call.body)

    return routes

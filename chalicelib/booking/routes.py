"""Routes of bookings."""

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound
from chalicelib.assignments.model import AssignmentEmpty, AssignmentNotFound
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.model import BookingNotFound, ListNotNamed, NotSoldForCredits, PaymentUnclear
from chalicelib.booking.service import Bookings
from chalicelib.booking.views import BookingRequest, BookingsQuery, BookingsView, BookingView
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


def blueprint(bookings: Bookings, lists: BookingLists) -> Blueprint:
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

    return routes

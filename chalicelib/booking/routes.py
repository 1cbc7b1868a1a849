"""Routes of bookings."""

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound
from chalicelib.assignments.model import (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    NoPackageFits,
    ParticipantUnknown,
    ServiceNotInPackage,
    ServiceUsedUp,
)
from chalicelib.booking.changes import Changes
from chalicelib.booking.desk import Desk
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.model import (
    BookingBegan,
    BookingNotBegun,
    BookingNotFound,
    BookingNotOpen,
    CustomerMayCome,
    ListNotNamed,
    NotSoldForCredits,
    PaymentUnclear,
    RescheduledTooOften,
    RescheduleTooLate,
    SameStart,
    SessionBegan,
)
from chalicelib.booking.single import SingleBookings
from chalicelib.booking.views import (
    BookingRequest,
    BookingsQuery,
    BookingsView,
    BookingView,
    CancelRequest,
    DeskBookingRequest,
    NoShowRequest,
    NoteRequest,
    NotesView,
    RescheduleRequest,
)
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
    SlotNotOffered,
    SlotTaken,
)
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.errors import Stale
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.telephony.model import NOT_BOOKABLE
from chalicelib.wallet.model import InsufficientCredits, TooManyLots, WalletOwes
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

BOOKING = (
    AccountNotFound,
    AppointmentsInactive,
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    ExpertNotFound,
    ExpertNotInPackage,
    InsufficientCredits,
    NoPackageFits,
    NotSoldForCredits,
    PackageNotOnSale,
    ParticipantUnknown,
    PaymentUnclear,
    *NOT_BOOKABLE,
    ServiceNotInPackage,
    ServiceUsedUp,
    SlotNotOffered,
    SlotTaken,
    TooManyLots,
    WalletOwes,
)
_CHANGE = (BookingNotFound, BookingNotOpen, BookingBegan, SessionBegan)
_MOVE = (
    AppointmentsInactive,
    AssignmentClosed,
    ExpertNotInPackage,
    RescheduleTooLate,
    RescheduledTooOften,
    SameStart,
    SlotNotOffered,
    SlotTaken,
)


def blueprint(single: SingleBookings, lists: BookingLists, changes: Changes, desk: Desk) -> Blueprint:
    routes = Blueprint("bookings")

    @routes.post(
        "/v1/bookings",
        permission=Permission.BOOKINGS_CREATE,
        body=BookingRequest,
        answer=BookingView,
        status=201,
        errors=BOOKING,
    )
    def book(call: Call[BookingRequest, None]) -> Answer:
        """Book a slot: with a session of a package that the client has, or with credits."""
        return single.book(call.operation, call.body)

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
        """One booking. For its customer, who bought what it is made on, its expert and admins."""
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

    @routes.post(
        "/v1/bookings/{booking_id}/no-show",
        permission=Permission.BOOKINGS_MARK,
        body=NoShowRequest,
        answer=BookingView,
        errors=(BookingNotFound, BookingNotOpen, BookingNotBegun, CustomerMayCome, SessionBegan),
    )
    def mark_no_show(call: Call[NoShowRequest, None]) -> Answer:
        """Say who did not come. Where it was the expert, all that was paid comes back."""
        return changes.mark_missed(call.operation, call.path["booking_id"], call.body)

    @routes.get(
        "/v1/bookings/{booking_id}/notes",
        permission=Permission.BOOKINGS_READ,
        answer=NotesView,
        errors=(BookingNotFound,),
    )
    def read_notes(call: Call[None, None]) -> NotesView:
        """The notes of a booking that are for the caller's eyes."""
        return desk.notes(call.actor, call.path["booking_id"])

    @routes.put(
        "/v1/bookings/{booking_id}/note",
        permission=Permission.BOOKINGS_CHANGE,
        body=NoteRequest,
        answer=NotesView,
        if_match=True,
        errors=(BookingNotFound, Stale),
    )
    def edit_note(call: Call[NoteRequest, None]) -> Answer:
        """Replace one's own note: the customer's, the expert's, or the admins'."""
        return desk.edit_note(call.operation, call.path["booking_id"], call.body, call.edited_version)

    @routes.post(
        "/v1/admin/bookings",
        permission=Permission.BOOKINGS_MANAGE,
        body=DeskBookingRequest,
        answer=BookingView,
        status=201,
        errors=BOOKING,
    )
    def book_for_a_customer(call: Call[DeskBookingRequest, None]) -> Answer:
        """Book for a customer: on the house, with his credits, or with a package that he has."""
        return desk.book(call.operation, call.body)

    return routes

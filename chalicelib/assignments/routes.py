"""Routes of packages of sessions."""

from chalicelib.accounts.model import AccountNotFound
from chalicelib.assignments.assigning import Assigning
from chalicelib.assignments.changing import AssignmentChanges
from chalicelib.assignments.model import (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    NotPaidAtDesk,
    ParticipantRepeated,
    PaymentNotTold,
    SessionsTaken,
)
from chalicelib.assignments.service import Assignments
from chalicelib.assignments.views import (
    AssignmentAdjustmentRequest,
    AssignmentCancelRequest,
    AssignmentRequest,
    AssignmentsQuery,
    AssignmentsView,
    AssignmentView,
)
from chalicelib.catalogue.errors import (
    CurrencyMismatch,
    OutOfRange,
    PackageNotOnSale,
    PriceNotPositive,
    SessionsNotCovered,
    TextRefused,
)
from chalicelib.core.money import UnknownCurrency
from chalicelib.core.permissions import Permission
from chalicelib.orders.refunds import RefundTooLarge
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_OF_CUSTOMER = "/v1/admin/customers/{account_id}/assignments"
_ASSIGNING = (
    AccountNotFound,
    OutOfRange,
    PackageNotOnSale,
    ParticipantRepeated,
    PaymentNotTold,
    PriceNotPositive,
    SessionsNotCovered,
    TextRefused,
    UnknownCurrency,
)
_CANCELLING = (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    CurrencyMismatch,
    NotPaidAtDesk,
    OutOfRange,
    PriceNotPositive,
    RefundTooLarge,
    UnknownCurrency,
)


def blueprint(assignments: Assignments, assigning: Assigning, changes: AssignmentChanges) -> Blueprint:
    routes = Blueprint("assignments")

    @routes.get(
        "/v1/me/assignments",
        permission=Permission.BOOKINGS_READ,
        query=AssignmentsQuery,
        answer=AssignmentsView,
    )
    def list_assignments(call: Call[None, AssignmentsQuery]) -> AssignmentsView:
        """One's own packages of sessions and those one may come on: how many are left of each (D18)."""
        return assignments.list_of(call.actor, call.actor.id, call.query)

    @routes.get(
        "/v1/assignments/{assignment_id}",
        permission=Permission.BOOKINGS_READ,
        answer=AssignmentView,
        errors=(AssignmentNotFound,),
    )
    def read_assignment(call: Call[None, None]) -> AssignmentView:
        """One package of sessions, for who bought it, who may come on it, and admins."""
        return assignments.view(call.actor, call.path["assignment_id"])

    @routes.get(
        _OF_CUSTOMER,
        permission=Permission.CUSTOMERS_EDIT,
        query=AssignmentsQuery,
        answer=AssignmentsView,
        errors=(AccountNotFound,),
    )
    def list_customer_assignments(call: Call[None, AssignmentsQuery]) -> AssignmentsView:
        """A client's packages tab (D14 to D16): how many sessions are left, and which packages are active."""
        return assignments.list_of(call.actor, call.path["account_id"], call.query)

    @routes.post(
        _OF_CUSTOMER,
        permission=Permission.CUSTOMERS_EDIT,
        body=AssignmentRequest,
        answer=AssignmentView,
        status=201,
        errors=_ASSIGNING,
    )
    def assign_session_package(call: Call[AssignmentRequest, None]) -> Answer:
        """Give a client a session package (D6 to D8); it is active at once."""
        return assigning.assign(call.operation, call.path["account_id"], call.body)

    @routes.post(
        "/v1/admin/assignments/{assignment_id}/cancel",
        permission=Permission.CUSTOMERS_EDIT,
        body=AssignmentCancelRequest,
        answer=AssignmentView,
        errors=_CANCELLING,
    )
    def cancel_assignment(call: Call[AssignmentCancelRequest, None]) -> Answer:
        """Take back what is not booked of a package; sessions that are booked are still held."""
        return changes.cancel(call.operation, call.path["assignment_id"], call.body)

    @routes.post(
        "/v1/admin/assignments/{assignment_id}/adjustments",
        permission=Permission.CUSTOMERS_EDIT,
        body=AssignmentAdjustmentRequest,
        answer=AssignmentView,
        errors=(AssignmentNotFound, AssignmentClosed, SessionsNotCovered, SessionsTaken),
    )
    def adjust_assignment(call: Call[AssignmentAdjustmentRequest, None]) -> Answer:
        """Give a package more sessions, or fewer, than it was given with (D23)."""
        return changes.adjust(call.operation, call.path["assignment_id"], call.body)

    return routes

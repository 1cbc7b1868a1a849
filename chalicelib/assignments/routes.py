"""Routes of packages of sessions."""

from chalicelib.assignments.model import AssignmentNotFound
from chalicelib.assignments.service import Assignments
from chalicelib.assignments.views import AssignmentsQuery, AssignmentsView, AssignmentView
from chalicelib.core.permissions import Permission
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(assignments: Assignments) -> Blueprint:
    routes = Blueprint("assignments")

    @routes.get(
        "/v1/assignments",
        permission=Permission.BOOKINGS_READ,
        query=AssignmentsQuery,
        answer=AssignmentsView,
    )
    def list_assignments(call: Call[None, AssignmentsQuery]) -> AssignmentsView:
        """One's own packages of several sessions, and how many are left of each."""
        return assignments.list_own(call.actor, call.query)

    @routes.get(
        "/v1/assignments/{assignment_id}",
        permission=Permission.BOOKINGS_READ,
        answer=AssignmentView,
        errors=(AssignmentNotFound,),
    )
    def read_assignment(call: Call[None, None]) -> AssignmentView:
        """One of one's own packages of several sessions."""
        return assignments.view(call.actor, call.path["assignment_id"])

    return routes

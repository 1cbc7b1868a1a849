"""Routes of sessions. A session has the name of its booking."""

from chalicelib.booking.model import BookingNotFound
from chalicelib.core.permissions import Permission
from chalicelib.sessions.extending import Extensions
from chalicelib.sessions.model import (
    CallNotExtended,
    CustomerNotJoined,
    ExtensionNotFree,
    ExtensionTooLong,
    ExtensionTooShort,
    JoinTooEarly,
    NotBothJoined,
    SessionNotFound,
    SessionOver,
)
from chalicelib.sessions.service import Sessions
from chalicelib.sessions.views import ExtensionRequest, SessionView
from chalicelib.table.operation import Answer
from chalicelib.telephony.model import NOT_CALLED
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(sessions: Sessions, extensions: Extensions) -> Blueprint:
    routes = Blueprint("sessions")

    @routes.post(
        "/v1/sessions/{booking_id}/join",
        permission=Permission.SESSIONS_JOIN,
        answer=SessionView,
        errors=(BookingNotFound, JoinTooEarly, SessionOver, *NOT_CALLED),
    )
    def join_session(call: Call[None, None]) -> Answer:
        """Join a session, as its customer or its expert.

        The first join of each party counts, at the server's time; whoever left may come back. `cut_short`
        tells the customer whether the expert's next booking takes a part of his time, `meeting_url` where
        they meet.
        """
        return sessions.join(call.operation, call.path["booking_id"])

    @routes.post(
        "/v1/sessions/{booking_id}/leave",
        permission=Permission.SESSIONS_JOIN,
        answer=SessionView,
        errors=(BookingNotFound, SessionNotFound),
    )
    def leave_session(call: Call[None, None]) -> Answer:
        """Leave a session, which goes on; one may join again while it runs."""
        return sessions.leave(call.operation, call.path["booking_id"])

    @routes.post(
        "/v1/sessions/{booking_id}/extension",
        permission=Permission.SESSIONS_JOIN,
        body=ExtensionRequest,
        answer=SessionView,
        errors=(
            BookingNotFound,
            SessionNotFound,
            SessionOver,
            NotBothJoined,
            CallNotExtended,
            ExtensionNotFree,
            ExtensionTooLong,
            ExtensionTooShort,
        ),
    )
    def extend_session(call: Call[ExtensionRequest, None]) -> Answer:
        """Ask for more time, or agree to as much as the other party asks for.

        `extension` is what is asked; once both have asked for the same, `due_end` is later by that. It costs
        nothing, and takes no time of another booking.
        """
        return extensions.extend(call.operation, call.path["booking_id"], call.body.minutes)

    @routes.post(
        "/v1/sessions/{booking_id}/end",
        permission=Permission.SESSIONS_END,
        answer=SessionView,
        errors=(BookingNotFound, SessionNotFound, SessionOver, CustomerNotJoined),
    )
    def end_session(call: Call[None, None]) -> Answer:
        """End a session by hand, as its expert or an admin. Its booking is completed."""
        return sessions.end(call.operation, call.path["booking_id"])

    @routes.get(
        "/v1/sessions/{booking_id}",
        permission=Permission.BOOKINGS_READ,
        answer=SessionView,
        errors=(BookingNotFound, SessionNotFound),
    )
    def read_session(call: Call[None, None]) -> SessionView:
        """Read a session that somebody has joined: for its customer, its expert and admins."""
        return sessions.view(call.actor, call.path["booking_id"])

    return routes

"""Routes of calendar files and feeds."""

from chalice.app import Response

from chalicelib.booking.model import BookingNotFound
from chalicelib.core.permissions import Permission
from chalicelib.ics.document import MEDIA_TYPE
from chalicelib.ics.model import CalendarFeedNotFound
from chalicelib.ics.service import CalendarFiles
from chalicelib.ics.views import CalendarFeedRevokedView, CalendarFeedView
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(files: CalendarFiles) -> Blueprint:
    """A booking's file for whom it concerns, and everybody's own feed."""
    routes = Blueprint("calendar files")

    @routes.get(
        "/v1/bookings/{booking_id}/calendar.ics",
        permission=Permission.BOOKINGS_READ,
        media_type=MEDIA_TYPE,
        errors=(BookingNotFound,),
    )
    def read_booking_file(call: Call[None, None]) -> Response:
        """A booking as a calendar file. For its customer, its expert and admins."""
        return _as_file(files.file(call.actor, call.path["booking_id"]))

    @routes.post("/v1/me/feed", permission=Permission.CALENDAR_SUBSCRIBE, answer=CalendarFeedView, status=201)
    def renew_feed(call: Call[None, None]) -> Answer:
        """Make the secret address of one's appointments, or a new one in the place of the old."""
        return files.renew(call.operation)

    @routes.delete("/v1/me/feed", permission=Permission.CALENDAR_SUBSCRIBE, answer=CalendarFeedRevokedView)
    def revoke_feed(call: Call[None, None]) -> Answer:
        """Let the secret address lead nowhere."""
        return files.revoke(call.operation)

    @routes.get(
        "/v1/public/{platform_id}/feeds/{file}",
        permission=Permission.PUBLIC,
        media_type=MEDIA_TYPE,
        errors=(CalendarFeedNotFound, PlatformNotFound),
    )
    def read_feed(call: Call[None, None]) -> Response:
        """A person's appointments, for his calendar program; whoever knows the address may read them."""
        return _as_file(files.feed(call.actor.platform_id, call.path["file"]))

    return routes


def _as_file(content: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
        "Cache-Control": "private, no-store",
        "Content-Disposition": 'attachment; filename="appointments.ics"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(content, headers, 200)

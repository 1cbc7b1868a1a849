"""Routes of recurring bookings."""

from chalicelib.booking.model import SeriesNotFound, SeriesTooLong, StartsUnclear
from chalicelib.booking.routes import BOOKING
from chalicelib.booking.series import RecurringBookings
from chalicelib.booking.series_cancelling import SeriesCancelling
from chalicelib.booking.series_views import (
    DeskSeriesRequest,
    SeriesCancelledView,
    SeriesRequest,
    SeriesView,
)
from chalicelib.booking.views import CancelRequest
from chalicelib.calendar.model import SeriesNotFree
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_SERIES = (*BOOKING, SeriesNotFree, SeriesTooLong, StartsUnclear)


def blueprint(recurring: RecurringBookings, cancelling: SeriesCancelling) -> Blueprint:
    routes = Blueprint("booking-series")

    @routes.post(
        "/v1/booking-series",
        permission=Permission.BOOKINGS_CREATE,
        body=SeriesRequest,
        answer=SeriesView,
        status=201,
        errors=_SERIES,
    )
    def book_series(call: Call[SeriesRequest, None]) -> Answer:
        """Book up to forty starts at once: all of them, or none."""
        return recurring.book(call.operation, call.body)

    @routes.post(
        "/v1/booking-series/{series_id}/cancel",
        permission=Permission.BOOKINGS_CHANGE,
        body=CancelRequest,
        answer=SeriesCancelledView,
        errors=(SeriesNotFound,),
    )
    def cancel_series(call: Call[CancelRequest, None]) -> Answer:
        """Call off what is still open of a series, each booking by the policy as of now."""
        return cancelling.cancel(call.operation, call.path["series_id"], call.body)

    @routes.post(
        "/v1/admin/booking-series",
        permission=Permission.BOOKINGS_MANAGE,
        body=DeskSeriesRequest,
        answer=SeriesView,
        status=201,
        errors=_SERIES,
    )
    def book_series_for_a_customer(call: Call[DeskSeriesRequest, None]) -> Answer:
        """Book up to forty starts for a customer: on the house, with his credits, or with a package."""
        return recurring.book_for(call.operation, call.body)

    return routes

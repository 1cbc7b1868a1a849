"""Routes of the calendar."""

from datetime import date

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound
from chalicelib.calendar.free_slots import FreeSlots
from chalicelib.calendar.hours import OpeningHours
from chalicelib.calendar.model import (
    AppointmentsInactive,
    DateNotEditable,
    ExceptionNotFound,
    ExceptionOverlapsBooking,
    ExpertNotInPackage,
    HolidayNotFound,
    HoursEmpty,
    HoursNotThatDay,
    HoursOverlap,
    LocationRepeated,
    LocationUnknown,
    RangeNotAcceptable,
    SlotsUnclear,
    TooManyExceptions,
    TooManyHolidays,
    ZoneHasExceptions,
    ZoneUnknown,
)
from chalicelib.calendar.shared import SharedCalendars
from chalicelib.calendar.shared_views import (
    HolidayRequest,
    LocationsRequest,
    PlatformCalendarView,
    StandingList,
    StandingQuery,
)
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.calendar.views import CalendarRequest, CalendarView, ExceptionRequest
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.telephony.model import NOT_BOOKABLE
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_EXPERT = (ExpertNotFound, AccountNotFound)
_HOURS = (HoursEmpty, HoursOverlap, LocationUnknown)
_SLOTS = (
    *_EXPERT,
    RangeNotAcceptable,
    SlotsUnclear,
    UnknownCountry,
    PackageNotOnSale,
    AppointmentsInactive,
    ExpertNotInPackage,
    *NOT_BOOKABLE,
)


def blueprint(
    free_slots: FreeSlots, opening_hours: OpeningHours, shared_calendars: SharedCalendars
) -> Blueprint:
    """An expert's time, and what all experts of a platform share."""
    routes = Blueprint("calendar")
    _of_expert(routes, free_slots, opening_hours)
    _of_platform(routes, shared_calendars)
    return routes


def _of_expert(routes: Blueprint, free_slots: FreeSlots, opening_hours: OpeningHours) -> None:

    @routes.get(
        "/v1/experts/{expert_id}/calendar",
        permission=Permission.CALENDAR_READ,
        answer=CalendarView,
        errors=_EXPERT,
    )
    def read_calendar(call: Call[None, None]) -> CalendarView:
        """An expert's calendar. For himself and for admins."""
        return opening_hours.calendar(call.actor, call.path["expert_id"])

    @routes.put(
        "/v1/experts/{expert_id}/calendar",
        permission=Permission.CALENDAR_EDIT,
        body=CalendarRequest,
        answer=CalendarView,
        if_match=True,
        errors=(*_EXPERT, *_HOURS, LocationRepeated, ZoneUnknown, ZoneHasExceptions),
    )
    def edit_calendar(call: Call[CalendarRequest, None]) -> Answer:
        """Replace the week's hours. The first edit sends If-Match: "0"."""
        return opening_hours.edit(call.operation, call.path["expert_id"], call.body, call.edited_version)

    @routes.put(
        "/v1/experts/{expert_id}/calendar/exceptions/{date}",
        permission=Permission.CALENDAR_EDIT,
        body=ExceptionRequest,
        answer=CalendarView,
        if_match=True,
        errors=(
            *_EXPERT,
            *_HOURS,
            DateNotEditable,
            ExceptionOverlapsBooking,
            HoursNotThatDay,
            TooManyExceptions,
        ),
    )
    def put_exception(call: Call[ExceptionRequest, None]) -> Answer:
        """Close a date, or give it other hours than the week's. If-Match holds the calendar's ETag."""
        expert_id, day = call.path["expert_id"], _date(call.path["date"])
        return opening_hours.put_exception(call.operation, expert_id, day, call.body, call.edited_version)

    @routes.delete(
        "/v1/experts/{expert_id}/calendar/exceptions/{date}",
        permission=Permission.CALENDAR_EDIT,
        answer=CalendarView,
        if_match=True,
        errors=(*_EXPERT, DateNotEditable, ExceptionNotFound),
    )
    def remove_exception(call: Call[None, None]) -> Answer:
        """Let the week's hours hold again on a date. If-Match holds the calendar's ETag."""
        expert_id, day = call.path["expert_id"], _date(call.path["date"])
        return opening_hours.remove_exception(call.operation, expert_id, day, call.edited_version)

    @routes.get(
        "/v1/experts/{expert_id}/slots",
        permission=Permission.CALENDAR_READ,
        query=SlotsQuery,
        answer=SlotsView,
        errors=_SLOTS,
    )
    def list_slots(call: Call[None, SlotsQuery]) -> SlotsView:
        """The free slots of a package with an expert, on at most 31 dates of the expert's zone.

        Of a package on sale; or, as it was sold, of one that is bought already, or of a booking to be moved,
        which is not in its own way. What the booking or the move would be refused for whatever its start, and
        a package or a booking that is not the caller's, is refused here by the same code.
        """
        return free_slots.of(call.actor, call.path["expert_id"], call.query)


def _of_platform(routes: Blueprint, shared_calendars: SharedCalendars) -> None:
    @routes.get(
        "/v1/admin/calendar", permission=Permission.PLATFORM_CALENDAR_EDIT, answer=PlatformCalendarView
    )
    def read_platform_calendar(call: Call[None, None]) -> PlatformCalendarView:
        """The holidays to come, and the platform's locations."""
        return shared_calendars.calendar(call.actor)

    @routes.put(
        "/v1/admin/calendar/locations",
        permission=Permission.PLATFORM_CALENDAR_EDIT,
        body=LocationsRequest,
        answer=PlatformCalendarView,
        if_match=True,
        errors=(LocationRepeated,),
    )
    def put_locations(call: Call[LocationsRequest, None]) -> Answer:
        """Replace the platform's locations. The first edit sends If-Match: "0"."""
        return shared_calendars.put_locations(call.operation, call.body, call.edited_version)

    @routes.put(
        "/v1/admin/calendar/holidays/{date}",
        permission=Permission.PLATFORM_CALENDAR_EDIT,
        body=HolidayRequest,
        answer=PlatformCalendarView,
        if_match=True,
        errors=(DateNotEditable, TooManyHolidays),
    )
    def put_holiday(call: Call[HolidayRequest, None]) -> Answer:
        """Close a date for everybody. Bookings that begin on it stand; list them to move or cancel them."""
        day = _date(call.path["date"])
        return shared_calendars.close(call.operation, day, call.body, call.edited_version)

    @routes.delete(
        "/v1/admin/calendar/holidays/{date}",
        permission=Permission.PLATFORM_CALENDAR_EDIT,
        answer=PlatformCalendarView,
        if_match=True,
        errors=(DateNotEditable, HolidayNotFound),
    )
    def remove_holiday(call: Call[None, None]) -> Answer:
        """Let the experts' own hours hold again on a date."""
        return shared_calendars.open(call.operation, _date(call.path["date"]), call.edited_version)

    @routes.get(
        "/v1/admin/calendar/holidays/{date}/bookings",
        permission=Permission.PLATFORM_CALENDAR_EDIT,
        query=StandingQuery,
        answer=StandingList,
        errors=(DateNotEditable,),
    )
    def list_standing(call: Call[None, StandingQuery]) -> StandingList:
        """The bookings that begin on a date, of all experts, a page of experts at a time."""
        return shared_calendars.standing(call.actor, _date(call.path["date"]), call.query)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateNotEditable("A date is written YYYY-MM-DD.", field="path.date") from None

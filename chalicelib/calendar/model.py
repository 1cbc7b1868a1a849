"""An expert's time: the hours that he keeps, what they are on one date, and what is taken of them.

A rule is wall-clock time in the calendar's zone; what is taken, and what an exception opens, are instants.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.core.errors import Conflict, Invalid, NotFound

MAX_SLOT_MINUTES = 48 * 60  # the longest package: a day, and a break as long
MAX_HORIZON_DAYS = 366
DEFAULT_HORIZON_DAYS = 60
MAX_EXCEPTIONS = 200
MAX_RANGE_DAYS = 31
MAX_LOCATIONS = 50
MAX_HOLIDAYS = 100
_WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


class ZoneUnknown(Invalid):
    code = "ZONE_UNKNOWN"
    message = "This is not a zone of the IANA time-zone database, such as Europe/Istanbul."


class HoursMalformed(Invalid):
    code = "HOURS_MALFORMED"
    message = "A time of day is written HH:MM, from 00:00 to 24:00."


class HoursEmpty(Invalid):
    code = "HOURS_EMPTY"
    message = "Hours must end after they begin."


class HoursOverlap(Invalid):
    code = "HOURS_OVERLAP"
    message = "Two open hours of one day overlap."


class ZoneHasExceptions(Conflict):
    code = "ZONE_HAS_EXCEPTIONS"
    message = "Exceptions to come are dates of the present zone. Remove them before you change it."


class TooManyExceptions(Invalid):
    code = "TOO_MANY_EXCEPTIONS"
    message = f"A calendar holds at most {MAX_EXCEPTIONS} exceptions to come."


class ExceptionNotFound(NotFound):
    code = "EXCEPTION_NOT_FOUND"
    message = "This date has no hours of its own."


class DateNotEditable(Invalid):
    code = "DATE_NOT_EDITABLE"
    message = "This date is past, or too far ahead."


class ExceptionOverlapsBooking(Conflict):
    code = "EXCEPTION_OVERLAPS_BOOKING"
    message = "Bookings stand in the time that this would close."


class HoursNotThatDay(Invalid):
    code = "HOURS_NOT_THAT_DAY"
    message = "The clocks leave these hours out on this date."


class LocationUnknown(Invalid):
    code = "LOCATION_UNKNOWN"
    message = "Neither the expert nor the platform has a location of this id."


class LocationRepeated(Invalid):
    code = "LOCATION_REPEATED"
    message = "Two locations have the same id."


class HolidayNotFound(NotFound):
    code = "HOLIDAY_NOT_FOUND"
    message = "The platform is not closed on this date."


class TooManyHolidays(Invalid):
    code = "TOO_MANY_HOLIDAYS"
    message = f"A platform holds at most {MAX_HOLIDAYS} holidays to come."


class RangeNotAcceptable(Invalid):
    code = "RANGE_NOT_ACCEPTABLE"
    message = f"Ask for 1 to {MAX_RANGE_DAYS} days, the first before the last."


class SlotsUnclear(Invalid):
    code = "SLOTS_UNCLEAR"
    message = "Name a package_id; or an assignment_id, with one if it covers several; or a booking_id alone."


class Reason(StrEnum):
    """Why a start is not free. The last two are the way of a free start that somebody else has taken."""

    IN_THE_PAST = "in_the_past"
    BELOW_NOTICE = "below_notice"
    BEYOND_HORIZON = "beyond_horizon"
    HOLIDAY = "holiday"
    HOUR_LEFT_OUT = "hour_left_out"
    OUTSIDE_HOURS = "outside_hours"
    NO_LOCATION = "no_location"
    OFF_GRID = "off_grid"
    BOOKED = "booked"
    DAY_FULL = "day_full"


class SlotNotOffered(Invalid):
    """``reason`` is one of ``Reason``; ``nearest`` holds up to three free starts."""

    code = "SLOT_NOT_OFFERED"
    message = "The expert does not offer this time."


class SlotTaken(Conflict):
    """``reason`` is ``booked`` or ``day_full``; ``nearest`` holds up to three free starts."""

    code = "SLOT_TAKEN"
    message = "This time is taken."


class SeriesNotFree(Conflict):
    """``starts``: each that cannot be, with its ``reason`` and up to three ``nearest`` free ones."""

    code = "SERIES_NOT_FREE"
    message = "Some of these starts cannot be booked, so none is."


class AppointmentsInactive(Conflict):
    code = "APPOINTMENTS_INACTIVE"
    message = "The platform's appointment system is switched off."


class ExpertNotInPackage(Invalid):
    code = "EXPERT_NOT_IN_PACKAGE"
    message = "This package is not sold with this expert."


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where face-to-face sessions are held; the id is the editor's own short word."""

    id: str
    name: str
    address: str = ""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """``[starts_at, ends_at)``, instants; open time may be at a location."""

    starts_at: datetime
    ends_at: datetime
    location_id: str | None = None

    def covers(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at <= starts_at and ends_at <= self.ends_at


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Open from ``opens`` to ``closes``, ``HH:MM`` of the wall clock; ``24:00`` is the date's end.

    Hours without a location serve online appointments alone.
    """

    opens: str
    closes: str
    location_id: str | None = None

    def __post_init__(self) -> None:
        for text in (self.opens, self.closes):
            if not _WALL_TIME.fullmatch(text):
                raise HoursMalformed(f"{text!r} is not a time of day.")
        if self.opens >= self.closes:
            raise HoursEmpty(f"{self.opens} to {self.closes} is no time.")


class OpenHours(Hours, frozen=True, kw_only=True):
    """Hours of every such weekday; 0 is Monday."""

    weekday: int


class DateException(msgspec.Struct, frozen=True, kw_only=True):
    """A local date (``2026-12-24``) with hours in the place of the week's; without any it is closed."""

    date: str
    hours: list[Hours]


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """``exceptions`` are those to come, as the expert wrote them; as instants they stand in the agenda.

    ``daily_maximum`` counts the claims that begin on one local date; ``locations`` are the expert's own.
    """

    platform_id: str
    expert_id: str
    zone: str = "UTC"
    weekly: list[OpenHours] = []
    minimum_notice_minutes: int = 0
    horizon_days: int = DEFAULT_HORIZON_DAYS
    daily_maximum: int | None = None
    locations: list[Location] = []
    exceptions: list[DateException] = []
    version: int = 0


class Holiday(msgspec.Struct, frozen=True, kw_only=True):
    """A date (``2026-12-25``) on which nobody is open, each expert by his own zone."""

    date: str
    name: str


class PlatformCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """What all experts of a platform share: the holidays to come, in order, and its locations."""

    platform_id: str
    holidays: list[Holiday] = []
    locations: list[Location] = []
    version: int = 0

    def is_closed(self, day: str) -> bool:
        return any(holiday.date == day for holiday in self.holidays)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """``[starts_at, ends_at)`` is claimed by ``claim_id`` (a booking); it ends with the break."""

    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    claim_id: str

    @property
    def session_ends_at(self) -> datetime:
        return self.ends_at - timedelta(minutes=self.break_minutes)

    @property
    def length(self) -> "Length":
        whole = (self.ends_at - self.starts_at) // timedelta(minutes=1)
        return Length(duration_minutes=whole - self.break_minutes, break_minutes=self.break_minutes)


class AgendaException(msgspec.Struct, frozen=True, kw_only=True):
    """What a local date's exception opens, as instants computed when it was saved."""

    date: str
    open: list[Interval]


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """An expert's UTC day (``2026-11-22``): what is taken of it, and the exceptions that touch it.

    A claim or an exception that touches two UTC days stands whole in both.
    """

    platform_id: str
    expert_id: str
    day: str
    taken: list[Taken] = []
    exceptions: list[AgendaException] = []
    version: int = 0


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim takes: the session and the break behind it, which is never sold (E32).

    ``face_to_face`` asks for open time that is at a location.
    """

    duration_minutes: int
    break_minutes: int
    face_to_face: bool = False

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def slot(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes + self.break_minutes)

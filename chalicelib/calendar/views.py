"""The outward shapes of the calendar."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from chalicelib.calendar.model import (
    DEFAULT_HORIZON_DAYS,
    MAX_HOLIDAYS,
    MAX_HORIZON_DAYS,
    MAX_LOCATIONS,
    Agenda,
    Calendar,
    DateException,
    Hours,
    HoursEmpty,
    Location,
    LocationRepeated,
    OpenHours,
    PlatformCalendar,
    Taken,
)
from chalicelib.calendar.rules import check_no_overlap, cut_at, location_at, open_intervals, taken_of
from chalicelib.calendar.zones import zone_of
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, WhenItEnds
from chalicelib.core.patterns import END

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
Opens = Annotated[str, Meta(pattern=rf"^{_CLOCK}{END}", description="Wall clock, 00:00 to 23:59.")]
Closes = Annotated[str, Meta(pattern=rf"^({_CLOCK}|24:00){END}", description="24:00 is the date's end.")]
Weekday = Annotated[int, Meta(ge=0, le=6, description="0 is Monday.")]
NoticeMinutes = Annotated[int, Meta(ge=0, le=MAX_HORIZON_DAYS * 24 * 60)]
HorizonDays = Annotated[int, Meta(ge=1, le=MAX_HORIZON_DAYS)]
DailyMaximum = Annotated[int, Meta(ge=1, le=1440, description="Bookings that begin on one local date.")]
_LocationId = Annotated[
    str, Meta(pattern=rf"^[a-z0-9-]{{1,32}}{END}", description="A short word of the editor's own.")
]
_MAX_WEEKLY = 7 * 24
_MAX_HOURS = 24


class LocationBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place for face-to-face appointments, as clients see it."""

    id: _LocationId
    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=rf"^[^\x00-\x1f\x7f]+{END}")]
    address: Annotated[str, Meta(max_length=500, pattern=rf"^[^\x00-\x1f\x7f]*{END}")] = ""

    @classmethod
    def of(cls, location: Location) -> Self:
        return cls(id=location.id, name=location.name, address=location.address)


Locations = Annotated[list[LocationBody], Meta(max_length=MAX_LOCATIONS)]


class HoursBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from ``from`` to ``to``; face-to-face appointments need a location."""

    opens: Opens = field(name="from")
    closes: Closes = field(name="to")
    location_id: _LocationId | None = None


class OpenHoursBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open on every such weekday from ``from`` to ``to``; face-to-face appointments need a location."""

    weekday: Weekday
    opens: Opens = field(name="from")
    closes: Closes = field(name="to")
    location_id: _LocationId | None = None


class CalendarRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The week's hours in the zone's wall-clock time, and how soon, how far ahead, how many a day are sold.

    ``locations`` are the expert's own; hours may name one of them or one of the platform's.
    """

    zone: Annotated[str, Meta(max_length=64, description="An IANA zone, such as Europe/Istanbul.")]
    weekly: Annotated[list[OpenHoursBody], Meta(max_length=_MAX_WEEKLY)]
    minimum_notice_minutes: NoticeMinutes = 0
    horizon_days: HorizonDays = DEFAULT_HORIZON_DAYS
    daily_maximum: DailyMaximum | None = None
    locations: Locations = []

    def open_hours(self) -> list[OpenHours]:
        """The week. ``HoursEmpty`` or ``HoursOverlap`` with the path of the first bad entry."""
        _check_each(self.weekly, "weekly")
        week = [OpenHours(**{name: getattr(h, name) for name in h.__struct_fields__}) for h in self.weekly]
        for weekday in range(7):
            places = [place for place, hours in enumerate(week) if hours.weekday == weekday]
            check_no_overlap(week, "weekly", places)
        return week


class ExceptionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The date's own hours, in the place of the week's; an empty list closes the date."""

    hours: Annotated[list[HoursBody], Meta(max_length=_MAX_HOURS)]

    def open_hours(self) -> list[Hours]:
        """The date's hours, in order. ``HoursEmpty`` or ``HoursOverlap`` as for the week."""
        _check_each(self.hours, "hours")
        hours = [Hours(opens=h.opens, closes=h.closes, location_id=h.location_id) for h in self.hours]
        check_no_overlap(hours, "hours", range(len(hours)))
        return sorted(hours, key=lambda entry: entry.opens)


class ExceptionView(Struct, frozen=True, kw_only=True):
    """A date with hours of its own."""

    date: str
    hours: list[HoursBody]

    @classmethod
    def of(cls, exception: DateException) -> Self:
        hours = [
            HoursBody(opens=h.opens, closes=h.closes, location_id=h.location_id) for h in exception.hours
        ]
        return cls(date=exception.date, hours=hours)


class HolidayView(Struct, frozen=True, kw_only=True):
    """Nobody is open on this date, each expert by his own zone."""

    date: str
    name: str


class CalendarView(Struct, frozen=True, kw_only=True):
    """``exceptions`` are those to come. ``version`` is 0 before the first edit.

    ``holidays`` and ``platform_locations`` are the platform's, which an admin edits.
    """

    expert_id: str
    zone: str
    weekly: list[OpenHoursBody]
    minimum_notice_minutes: int
    horizon_days: int
    daily_maximum: int | None
    locations: list[LocationBody]
    exceptions: list[ExceptionView]
    holidays: list[HolidayView]
    platform_locations: list[LocationBody]
    version: int

    @classmethod
    def of(cls, calendar: Calendar, shared: PlatformCalendar, version: int) -> Self:
        week = [
            OpenHoursBody(weekday=h.weekday, opens=h.opens, closes=h.closes, location_id=h.location_id)
            for h in calendar.weekly
        ]
        return cls(
            expert_id=calendar.expert_id,
            zone=calendar.zone,
            weekly=week,
            minimum_notice_minutes=calendar.minimum_notice_minutes,
            horizon_days=calendar.horizon_days,
            daily_maximum=calendar.daily_maximum,
            locations=[LocationBody.of(location) for location in calendar.locations],
            exceptions=[ExceptionView.of(exception) for exception in calendar.exceptions],
            holidays=[HolidayView(date=each.date, name=each.name) for each in shared.holidays],
            platform_locations=[LocationBody.of(location) for location in shared.locations],
            version=version,
        )


class SlotsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dates of the expert's zone, both included. A customer sees packages of his own country."""

    package_id: Annotated[str, Meta(max_length=64)]
    first: date = field(name="from")
    last: date = field(name="to")
    country: Annotated[str, Meta(max_length=2, description="For experts and admins.")] | None = None


class SlotView(Struct, frozen=True, kw_only=True):
    """The session is ``[starts_at, ends_at)``, and the break, which is never sold, follows it.

    ``local_start`` is the expert's wall clock with its offset; ``location`` is where a face-to-face session
    is held.
    """

    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    break_ends_at: datetime
    local_start: str
    location: LocationBody | None
    cut_at: Annotated[
        datetime | None,
        Meta(
            description="Where the expert's next booking begins, if a session of full service time that is "
            "joined late would run into it: as things stand, it ends there."
        ),
    ]

    @classmethod
    def of(
        cls,
        starts_at: datetime,
        package: AppointmentPackage,
        zone: ZoneInfo,
        location: Location | None,
        taken_starts: Sequence[datetime],
    ) -> Self:
        duration = timedelta(minutes=package.duration_minutes)
        ends_at = starts_at + duration
        return cls(
            cut_at=cut_at(taken_starts, starts_at, duration),
            starts_at=starts_at,
            ends_at=ends_at,
            break_minutes=package.break_minutes,
            break_ends_at=ends_at + timedelta(minutes=package.break_minutes),
            local_start=starts_at.astimezone(zone).isoformat(timespec="seconds"),
            location=LocationBody.of(location) if location else None,
        )


class SlotsView(Struct, frozen=True, kw_only=True):
    """All free slots of the dates, in order; the list is bounded by the dates and has no further page."""

    zone: str
    items: list[SlotView]
    cursor: None = None

    @classmethod
    def of(
        cls,
        calendar: Calendar,
        shared: PlatformCalendar,
        agendas: Sequence[Agenda],
        package: AppointmentPackage,
        days: Sequence[date],
        free: Sequence[datetime],
    ) -> Self:
        hours = []
        if package.appointment_type is AppointmentType.FACE_TO_FACE:
            hours = [each for day in days for each in open_intervals(calendar, shared, agendas, day)]
        zone = zone_of(calendar.zone)
        full_time = package.when_it_ends is WhenItEnds.FULL_SERVICE_TIME
        taken_starts = [claim.starts_at for claim in taken_of(agendas)] if full_time else []
        items = [
            SlotView.of(start, package, zone, location_at(calendar, shared, hours, start), taken_starts)
            for start in free
        ]
        return cls(zone=calendar.zone, items=items)


class HolidayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the platform is closed for."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=rf"^[^\x00-\x1f\x7f]+{END}")]


class LocationsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All locations of the platform; hours at one that is left out serve online appointments alone."""

    locations: Locations


class PlatformCalendarView(Struct, frozen=True, kw_only=True):
    """The holidays to come and the locations; ``version`` is 0 before the first edit."""

    holidays: Annotated[list[HolidayView], Meta(max_length=MAX_HOLIDAYS)]
    locations: list[LocationBody]
    version: int

    @classmethod
    def of(cls, shared: PlatformCalendar, version: int) -> Self:
        return cls(
            holidays=[HolidayView(date=each.date, name=each.name) for each in shared.holidays],
            locations=[LocationBody.of(location) for location in shared.locations],
            version=version,
        )


class StandingQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of experts."""

    cursor: Annotated[str, Meta(max_length=2048)] | None = None


class StandingView(Struct, frozen=True, kw_only=True):
    """A booking that begins on the date. It stands until somebody moves or cancels it."""

    booking_id: str
    expert_id: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, expert_id: str, claim: Taken) -> Self:
        return cls(
            booking_id=claim.claim_id,
            expert_id=expert_id,
            starts_at=claim.starts_at,
            ends_at=claim.session_ends_at,
        )


class StandingList(Struct, frozen=True, kw_only=True):
    """Those of a page of experts; there may be none on a page that is not the last."""

    items: list[StandingView]
    cursor: str | None


def checked_locations(bodies: Sequence[LocationBody]) -> list[Location]:
    """``LocationRepeated`` at the first id that stands twice."""
    ids = [body.id for body in bodies]
    for place, location_id in enumerate(ids):
        if location_id in ids[:place]:
            raise LocationRepeated(field=f"locations[{place}].id")
    return [Location(id=body.id, name=body.name, address=body.address) for body in bodies]


def _check_each(entries: Sequence[HoursBody | OpenHoursBody], path: str) -> None:
    for place, entry in enumerate(entries):
        if entry.opens >= entry.closes:
            raise HoursEmpty(field=f"{path}[{place}].to")

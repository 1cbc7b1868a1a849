"""The outward shapes of an expert's calendar."""

from collections.abc import Sequence
from typing import Annotated, Self

from msgspec import Meta, Struct, field

from chalicelib.calendar.model import (
    DEFAULT_HORIZON_DAYS,
    MAX_HORIZON_DAYS,
    MAX_LOCATIONS,
    Calendar,
    DateException,
    Hours,
    HoursEmpty,
    Location,
    LocationRepeated,
    OpenHours,
    PlatformCalendar,
)
from chalicelib.calendar.rules import check_no_overlap
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

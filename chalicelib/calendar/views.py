"""The outward shapes of the calendar."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from chalicelib.calendar.model import (
    DEFAULT_HORIZON_DAYS,
    MAX_HORIZON_DAYS,
    Calendar,
    DateException,
    Hours,
    HoursEmpty,
    Length,
    OpenHours,
)
from chalicelib.calendar.rules import check_no_overlap
from chalicelib.core.patterns import END

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
Opens = Annotated[str, Meta(pattern=rf"^{_CLOCK}{END}", description="Wall clock, 00:00 to 23:59.")]
Closes = Annotated[str, Meta(pattern=rf"^({_CLOCK}|24:00){END}", description="24:00 is the date's end.")]
Weekday = Annotated[int, Meta(ge=0, le=6, description="0 is Monday.")]
NoticeMinutes = Annotated[int, Meta(ge=0, le=MAX_HORIZON_DAYS * 24 * 60)]
HorizonDays = Annotated[int, Meta(ge=1, le=MAX_HORIZON_DAYS)]
_MAX_WEEKLY = 7 * 24
_MAX_HOURS = 24


class HoursBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from ``from`` to ``to``."""

    opens: Opens = field(name="from")
    closes: Closes = field(name="to")


class OpenHoursBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open on every such weekday from ``from`` to ``to``."""

    weekday: Weekday
    opens: Opens = field(name="from")
    closes: Closes = field(name="to")


class CalendarRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The week's hours in the zone's wall-clock time, and how soon and how far ahead they are sold."""

    zone: Annotated[str, Meta(max_length=64, description="An IANA zone, such as Europe/Istanbul.")]
    weekly: Annotated[list[OpenHoursBody], Meta(max_length=_MAX_WEEKLY)]
    minimum_notice_minutes: NoticeMinutes = 0
    horizon_days: HorizonDays = DEFAULT_HORIZON_DAYS

    def open_hours(self) -> list[OpenHours]:
        """The week. ``HoursEmpty`` or ``HoursOverlap`` with the path of the first bad entry."""
        _check_each(self.weekly, "weekly")
        week = [OpenHours(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in self.weekly]
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
        hours = [Hours(opens=h.opens, closes=h.closes) for h in self.hours]
        check_no_overlap(hours, "hours", range(len(hours)))
        return sorted(hours, key=lambda entry: entry.opens)


class ExceptionView(Struct, frozen=True, kw_only=True):
    """A date with hours of its own."""

    date: str
    hours: list[HoursBody]

    @classmethod
    def of(cls, exception: DateException) -> Self:
        hours = [HoursBody(opens=h.opens, closes=h.closes) for h in exception.hours]
        return cls(date=exception.date, hours=hours)


class CalendarView(Struct, frozen=True, kw_only=True):
    """``exceptions`` are those to come. ``version`` is 0 before the first edit."""

    expert_id: str
    zone: str
    weekly: list[OpenHoursBody]
    minimum_notice_minutes: int
    horizon_days: int
    exceptions: list[ExceptionView]
    version: int

    @classmethod
    def of(cls, calendar: Calendar, version: int) -> Self:
        week = [OpenHoursBody(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in calendar.weekly]
        return cls(
            expert_id=calendar.expert_id,
            zone=calendar.zone,
            weekly=week,
            minimum_notice_minutes=calendar.minimum_notice_minutes,
            horizon_days=calendar.horizon_days,
            exceptions=[ExceptionView.of(exception) for exception in calendar.exceptions],
            version=version,
        )


class SlotsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dates of the expert's zone, both included. A customer sees packages of his own country."""

    package_id: Annotated[str, Meta(max_length=64)]
    first: date = field(name="from")
    last: date = field(name="to")
    country: Annotated[str, Meta(max_length=2, description="For experts and admins.")] | None = None


class SlotView(Struct, frozen=True, kw_only=True):
    """The session is ``[starts_at, ends_at)``; ``local_start`` is the expert's wall clock with its offset."""

    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    local_start: str

    @classmethod
    def of(cls, starts_at: datetime, length: Length, zone: ZoneInfo) -> Self:
        return cls(
            starts_at=starts_at,
            ends_at=starts_at + length.duration,
            break_minutes=length.break_minutes,
            local_start=starts_at.astimezone(zone).isoformat(timespec="seconds"),
        )


class SlotsView(Struct, frozen=True, kw_only=True):
    """All free slots of the dates, in order; the list is bounded by the dates and has no further page."""

    zone: str
    items: list[SlotView]
    cursor: None = None


def _check_each(entries: Sequence[HoursBody | OpenHoursBody], path: str) -> None:
    for place, entry in enumerate(entries):
        if entry.opens >= entry.closes:
            raise HoursEmpty(field=f"{path}[{place}].to")

"""Which starts are free. The list of slots and the check of a booking are the same function."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.calendar.model import (
    Agenda,
    Calendar,
    Hours,
    HoursOverlap,
    Interval,
    Length,
    Location,
    OpenHours,
    PlatformCalendar,
    Reason,
    SlotNotOffered,
    SlotTaken,
    Taken,
)
from chalicelib.calendar.zones import local_date, open_on, wall_left_out, zone_of
from chalicelib.core.errors import Refusal

NEAREST = 3


def free_starts(
    calendar: Calendar,
    shared: PlatformCalendar,
    agendas: Sequence[Agenda],
    length: Length,
    now: datetime,
    days: Iterable[date],
) -> list[datetime]:
    """The starts on the grid of these local dates that are neither taken, nor too soon, nor too far ahead.

    In order of time: where an hour comes twice, the parts of one entry stand between those of the next.
    ``agendas`` are those of every UTC day that the dates and the last claim touch.
    """
    taken = taken_of(agendas)
    ends = [claim.ends_at for claim in taken]
    full = full_dates(calendar, taken)
    return sorted(
        starts_at
        for day in days
        if day not in full
        for hours in open_intervals(calendar, shared, agendas, day)
        if serves(calendar, shared, hours, length)
        for starts_at in grid(hours, length)
        if _too_soon_or_far(calendar, now, starts_at) is None
        and _first_in_the_way(taken, ends, starts_at, length) is None
    )


def open_intervals(
    calendar: Calendar, shared: PlatformCalendar, agendas: Iterable[Agenda], day: date
) -> list[Interval]:
    """None on a holiday; else the exception's hours of the date where it has one, or the week's.

    They never overlap, for an instant has one wall-clock time and hours share none.
    """
    if shared.is_closed(day.isoformat()):
        return []
    for agenda in agendas:
        for exception in agenda.exceptions:
            if exception.date == day.isoformat():
                return exception.open
    zone = zone_of(calendar.zone)
    return [interval for hours in _of_weekday(calendar, day) for interval in open_on(zone, day, hours)]


def serves(calendar: Calendar, shared: PlatformCalendar, hours: Interval, length: Length) -> bool:
    """Online appointments are offered everywhere, face-to-face ones only at a location that stands."""
    return not length.face_to_face or location_named(calendar, shared, hours.location_id) is not None


def location_named(calendar: Calendar, shared: PlatformCalendar, location_id: str | None) -> Location | None:
    """The expert's own location of this id, or else the platform's."""
    named = (place for place in (*calendar.locations, *shared.locations) if place.id == location_id)
    return next(named, None)


def location_at(
    calendar: Calendar, shared: PlatformCalendar, hours: Iterable[Interval], starts_at: datetime
) -> Location | None:
    """Where the session of a start in these open hours is held."""
    holding = (each.location_id for each in hours if each.starts_at <= starts_at < each.ends_at)
    return location_named(calendar, shared, next(holding, None))


def full_dates(calendar: Calendar, taken: Iterable[Taken]) -> set[date]:
    """The local dates on which as many claims begin as the expert takes in a day."""
    if calendar.daily_maximum is None:
        return set()
    zone = zone_of(calendar.zone)
    begun = Counter(local_date(zone, claim.starts_at) for claim in taken)
    return {day for day, count in begun.items() if count >= calendar.daily_maximum}


def grid(hours: Interval, length: Length) -> Iterator[datetime]:
    """Starts every slot of elapsed time; the session must end within the hours, its break need not (E32)."""
    starts_at = hours.starts_at
    while starts_at + length.duration <= hours.ends_at:
        yield starts_at
        starts_at += length.slot


def taken_of(agendas: Iterable[Agenda]) -> list[Taken]:
    """What is taken of several days, each claim once, in order of time."""
    claims = {(claim.starts_at, claim.claim_id): claim for agenda in agendas for claim in agenda.taken}
    return [claims[key] for key in sorted(claims)]


def cut_at(taken_starts: Sequence[datetime], starts_at: datetime, duration: timedelta) -> datetime | None:
    """Where a session of full service time would be cut, if it is joined as late as it may be (E37).

    ``taken_starts``: where the expert's claims begin, in order.
    """
    place = bisect_right(taken_starts, starts_at)
    following = taken_starts[place] if place < len(taken_starts) else None
    runs_into_it = following is not None and following < starts_at + 2 * duration
    return following if runs_into_it else None


def refusal(
    calendar: Calendar,
    shared: PlatformCalendar,
    agendas: Sequence[Agenda],
    length: Length,
    now: datetime,
    starts_at: datetime,
) -> Reason:
    """Why a start that is not free is not: the first reason that holds."""
    if reason := _too_soon_or_far(calendar, now, starts_at):
        return reason
    zone = zone_of(calendar.zone)
    day = local_date(zone, starts_at)
    if shared.is_closed(day.isoformat()):
        return Reason.HOLIDAY
    hours = open_intervals(calendar, shared, agendas, day)
    holding = [interval for interval in hours if interval.covers(starts_at, starts_at + length.duration)]
    if not holding:
        left_out = _would_be_open(calendar, zone, starts_at)
        return Reason.HOUR_LEFT_OUT if left_out else Reason.OUTSIDE_HOURS
    if not serves(calendar, shared, holding[0], length):
        return Reason.NO_LOCATION
    if (starts_at - holding[0].starts_at) % length.slot:
        return Reason.OFF_GRID
    return Reason.DAY_FULL if day in full_dates(calendar, taken_of(agendas)) else Reason.BOOKED


def refused(why: Reason, free: Iterable[datetime], starts_at: datetime) -> Refusal:
    """The refusal with the free starts that are nearest in time, in order."""
    refusal_type = SlotTaken if why in {Reason.BOOKED, Reason.DAY_FULL} else SlotNotOffered
    return refusal_type(field="starts_at", reason=why, nearest=nearest(free, starts_at))


def before(free: Iterable[datetime], until: datetime | None) -> list[datetime]:
    """Those that begin before ``until``, if there is an end at all."""
    return [start for start in free if until is None or start < until]


def nearest(free: Iterable[datetime], starts_at: datetime) -> list[datetime]:
    """The free starts that are nearest in time, in order."""
    return sorted(sorted(free, key=lambda start: abs(start - starts_at))[:NEAREST])


def check_no_overlap(hours: Sequence[Hours], path: str, places: Iterable[int]) -> None:
    """``HoursOverlap`` at the first of these places, in order of time, where two hours overlap."""
    order = sorted(places, key=lambda place: hours[place].opens)
    for earlier, later in pairwise(order):
        if hours[later].opens < hours[earlier].closes:
            raise HoursOverlap(field=f"{path}[{later}].from")


def in_the_way(day: Interval, opened: Sequence[Interval], taken: Iterable[Taken]) -> list[str]:
    """The claims whose session, so far as it lies in ``day``, is not within ``opened``."""
    return [
        claim.claim_id
        for claim in taken
        if (starts_at := max(claim.starts_at, day.starts_at))
        < (ends_at := min(claim.session_ends_at, day.ends_at))
        and not any(interval.covers(starts_at, ends_at) for interval in opened)
    ]


def _of_weekday(calendar: Calendar, day: date) -> list[OpenHours]:
    return sorted((h for h in calendar.weekly if h.weekday == day.weekday()), key=lambda h: h.opens)


def _would_be_open(calendar: Calendar, zone: ZoneInfo, starts_at: datetime) -> bool:
    """The start is in hours as they were written, at a time that the clocks left out on that date."""
    wall = wall_left_out(zone, starts_at)
    if wall is None:
        return False
    day = wall.date().isoformat()
    own = [exception.hours for exception in calendar.exceptions if exception.date == day]
    written: Sequence[Hours] = own[0] if own else _of_weekday(calendar, wall.date())
    return any(hours.opens <= f"{wall:%H:%M}" < hours.closes for hours in written)


def _too_soon_or_far(calendar: Calendar, now: datetime, starts_at: datetime) -> Reason | None:
    if starts_at < now:
        return Reason.IN_THE_PAST
    if starts_at < now + timedelta(minutes=calendar.minimum_notice_minutes):
        return Reason.BELOW_NOTICE
    if starts_at >= now + timedelta(days=calendar.horizon_days):
        return Reason.BEYOND_HORIZON
    return None


def _first_in_the_way(
    taken: Sequence[Taken], ends: Sequence[datetime], starts_at: datetime, length: Length
) -> Taken | None:
    """``taken`` never overlaps itself, so only the first that ends after the start can be in the way."""
    place = bisect_right(ends, starts_at)
    if place < len(taken) and taken[place].starts_at < starts_at + length.slot:
        return taken[place]
    return None

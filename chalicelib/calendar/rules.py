"""Which starts are free. The list of slots and the check of a booking are the same function."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from chalicelib.calendar.model import (
    Agenda,
    Calendar,
    Hours,
    HoursOverlap,
    Interval,
    Length,
    Reason,
    SlotNotOffered,
    SlotTaken,
    Taken,
)
from chalicelib.calendar.zones import local_date, open_on, zone_of
from chalicelib.core.errors import Refusal

NEAREST = 3


def free_starts(
    calendar: Calendar, agendas: Sequence[Agenda], length: Length, now: datetime, days: Iterable[date]
) -> list[datetime]:
    """The starts on the grid of these local dates that are neither taken, nor too soon, nor too far ahead.

    ``agendas`` are those of every UTC day that the dates and the last claim touch.
    """
    taken = taken_of(agendas)
    ends = [claim.ends_at for claim in taken]
    return [
        starts_at
        for day in days
        for hours in open_intervals(calendar, agendas, day)
        for starts_at in grid(hours, length)
        if _too_soon_or_far(calendar, now, starts_at) is None
        and _first_in_the_way(taken, ends, starts_at, length) is None
    ]


def open_intervals(calendar: Calendar, agendas: Iterable[Agenda], day: date) -> list[Interval]:
    """The exception's hours of the date where it has one, and the week's otherwise, in order of time."""
    for agenda in agendas:
        for exception in agenda.exceptions:
            if exception.date == day.isoformat():
                return exception.open
    zone = zone_of(calendar.zone)
    of_day = sorted((h for h in calendar.weekly if h.weekday == day.weekday()), key=lambda h: h.opens)
    return [interval for hours in of_day for interval in open_on(zone, day, hours)]


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


def refusal(
    calendar: Calendar, agendas: Sequence[Agenda], length: Length, now: datetime, starts_at: datetime
) -> type[SlotTaken] | Reason:
    """Why a start that is not free is not: taken, or the first reason for not offering it."""
    if reason := _too_soon_or_far(calendar, now, starts_at):
        return reason
    hours = open_intervals(calendar, agendas, local_date(zone_of(calendar.zone), starts_at))
    holding = [interval for interval in hours if interval.covers(starts_at, starts_at + length.duration)]
    if not holding:
        return Reason.OUTSIDE_HOURS
    if (starts_at - holding[0].starts_at) % length.slot:
        return Reason.OFF_GRID
    return SlotTaken


def refused(why: type[SlotTaken] | Reason, free: Iterable[datetime], starts_at: datetime) -> Refusal:
    """The refusal with the free starts that are nearest in time, in order."""
    near = sorted(sorted(free, key=lambda start: abs(start - starts_at))[:NEAREST])
    if isinstance(why, Reason):
        return SlotNotOffered(field="starts_at", reason=why, nearest=near)
    return SlotTaken(field="starts_at", nearest=near)


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

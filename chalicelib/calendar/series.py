"""Several claims of one expert's time in one step: all, or a refusal that names each that cannot be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from chalicelib.calendar import claims, rules, store
from chalicelib.calendar.model import Agenda, Calendar, Length, PlatformCalendar, Reason, SeriesNotFree, Taken
from chalicelib.calendar.service import (
    NEAR_DAYS,
    days_decided_on,
    days_to_look_at,
    length_of,
    offered_near,
    read_agendas,
)
from chalicelib.calendar.zones import local_date, zone_of
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.platforms.model import Platform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

_DAY = timedelta(days=1)


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One start of a series; ``left_out``: the clocks leave its wall-clock time out on that date."""

    starts_at: datetime
    left_out: bool = False


class _Grounds(msgspec.Struct, frozen=True):
    """What every claim of the series is decided on, beside the days."""

    calendar: Calendar
    shared: PlatformCalendar
    length: Length
    now: datetime
    until: datetime | None


def weekly(zone: ZoneInfo, first: datetime, every_weeks: int, count: int) -> list[Occurrence]:
    """The same wall-clock time every so many weeks, whatever the clocks do between.

    A time that comes twice is meant the first time, except that ``first`` is what it is.
    """
    wall = first.astimezone(zone).replace(tzinfo=None)
    later = [wall + timedelta(weeks=every_weeks * number) for number in range(1, count)]
    return [Occurrence(starts_at=first.astimezone(UTC)), *(_at_wall(zone, each) for each in later)]


def prepare_claims(
    loaded: Loaded,
    platform: Platform,
    expert_id: str,
    package: AppointmentPackage,
    wanted: Sequence[tuple[str, Occurrence]],
    until: datetime | None = None,
) -> list[Write]:
    """Take all the slots, each as if those before it were taken: a write for each UTC day decided on.

    ``wanted`` pairs each start with the id of its claim; the caller has read the ``agenda_keys`` of each.
    ``SeriesNotFree``, whose ``nearest`` start before ``until``.
    """
    calendar, shared = store.calendar(loaded, platform.id, expert_id), store.shared(loaded, platform.id)
    on = _Grounds(calendar, shared, length_of(package), platform.now(), until)
    decided: dict[str, Agenda] = {}
    refused: list[tuple[datetime, Reason]] = []
    for claim_id, each in wanted:
        days = days_decided_on(calendar, each.starts_at, on.length)
        unseen = [day for day in days if day not in decided]
        decided |= _by_day(store.agendas(loaded, platform.id, expert_id, unseen))
        agendas = [decided[day] for day in days]
        if reason := _why_not(on, agendas, each):
            refused.append((each.starts_at, reason))
        else:
            decided |= _by_day(claims.claimed(agendas, _taken(each.starts_at, on.length, claim_id)))
    if refused:
        raise _refusal(on, decided, refused)
    return [store.saved_agenda(agenda) for agenda in decided.values()]


def _at_wall(zone: ZoneInfo, wall: datetime) -> Occurrence:
    starts_at = wall.replace(tzinfo=zone).astimezone(UTC)
    return Occurrence(
        starts_at=starts_at, left_out=starts_at.astimezone(zone).replace(tzinfo=None, fold=0) != wall
    )


def _why_not(on: _Grounds, agendas: Sequence[Agenda], wanted: Occurrence) -> Reason | None:
    if wanted.left_out:
        return Reason.HOUR_LEFT_OUT
    day = local_date(zone_of(on.calendar.zone), wanted.starts_at)
    ground = (on.calendar, on.shared, agendas, on.length, on.now)
    if wanted.starts_at in rules.free_starts(*ground, [day]):
        return None
    return rules.refusal(*ground, wanted.starts_at)


def _taken(starts_at: datetime, length: Length, claim_id: str) -> Taken:
    return Taken(
        starts_at=starts_at,
        ends_at=starts_at + length.slot,
        break_minutes=length.break_minutes,
        claim_id=claim_id,
    )


def _refusal(
    on: _Grounds, decided: dict[str, Agenda], refused: Sequence[tuple[datetime, Reason]]
) -> SeriesNotFree:
    """Each start with its reason and the free ones round it, less those that the series takes.

    One query, and up to two more where so much round one of them is closed or taken.
    """
    told: list[dict[str, Any]] = []
    for near_days in NEAR_DAYS:
        told = _told(on, decided, refused, timedelta(days=near_days))
        if all(each["nearest"] for each in told):
            break
    return SeriesNotFree(field="starts_at", starts=told)


def _told(
    on: _Grounds, decided: dict[str, Agenda], refused: Sequence[tuple[datetime, Reason]], near: timedelta
) -> list[dict[str, Any]]:
    calendar = on.calendar
    around = [offered_near(calendar, on.now, starts_at) for starts_at, _ in refused]
    days = days_to_look_at(calendar, on.now, (min(around) - near).date(), (max(around) + near).date())
    seen = _by_day(read_agendas(calendar, days)) | decided
    told = []
    for (starts_at, reason), centre in zip(refused, around, strict=True):
        first, last = (centre - near).date(), (centre + near).date()
        agendas = [seen[day] for day in sorted(seen) if f"{first - _DAY}" <= day <= f"{last + 3 * _DAY}"]
        looked_at = days_to_look_at(calendar, on.now, first, last)
        free = rules.free_starts(calendar, on.shared, agendas, on.length, on.now, looked_at)
        nearest = rules.nearest(rules.before(free, on.until), starts_at)
        told.append({"starts_at": starts_at, "reason": reason, "nearest": nearest})
    return told


def _by_day(agendas: Sequence[Agenda]) -> dict[str, Agenda]:
    return {agenda.day: agenda for agenda in agendas}

"""Taking an expert's time, giving it back, and closing it: pure steps from agendas to agendas."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from chalicelib.calendar.model import (
    MAX_EXCEPTIONS,
    Agenda,
    AgendaException,
    Calendar,
    DateException,
    ExceptionNotFound,
    ExceptionOverlapsBooking,
    Interval,
    Taken,
    TooManyExceptions,
)
from chalicelib.calendar.rules import in_the_way, taken_of
from chalicelib.calendar.zones import open_on, utc_days, whole_day, zone_of


def claimed(agendas: Iterable[Agenda], claim: Taken) -> list[Agenda]:
    """The days that the claim touches, with it; a claim that crosses midnight stands whole in both."""
    days = set(utc_days(claim.starts_at, claim.ends_at))
    touched = [agenda for agenda in agendas if agenda.day in days]
    return [replace(agenda, taken=_in_order([*agenda.taken, claim])) for agenda in touched]


def released(agendas: Iterable[Agenda], claim_id: str) -> list[Agenda]:
    """The days that the claim stood in, without it."""
    return [
        replace(agenda, taken=[claim for claim in agenda.taken if claim.claim_id != claim_id])
        for agenda in agendas
        if any(claim.claim_id == claim_id for claim in agenda.taken)
    ]


def freed(agendas: Sequence[Agenda], claim_id: str) -> list[Agenda]:
    """All of these days, without the claim."""
    without = {agenda.day: agenda for agenda in released(agendas, claim_id)}
    return [without.get(agenda.day, agenda) for agenda in agendas]


def next_start(agendas: Iterable[Agenda], claim_id: str) -> datetime | None:
    """When the first claim behind this one begins, so far as these days tell."""
    taken = taken_of(agendas)
    places = [place for place, claim in enumerate(taken) if claim.claim_id == claim_id]
    behind = taken[places[0] + 1 :] if places else []
    return behind[0].starts_at if behind else None


def extended(agendas: Sequence[Agenda], claim_id: str, ends_at: datetime) -> list[Agenda]:
    """The days that change when a claim lasts until ``ends_at``; none where it lasts as long already.

    What it takes longer comes first out of its break.
    """
    claim = _claim(agendas, claim_id)
    if claim is None or ends_at <= claim.ends_at:
        return []
    return _replaced(agendas, replace(claim, ends_at=ends_at, break_minutes=0))


def shortened(agendas: Sequence[Agenda], booked: Taken, ends_at: datetime) -> list[Agenda]:
    """The days that change when a claim that had been extended ends by then, or as ``booked``."""
    claim = _claim(agendas, booked.claim_id)
    left = replace(booked, ends_at=ends_at, break_minutes=0) if ends_at > booked.ends_at else booked
    if claim is None or claim.ends_at <= left.ends_at:
        return []
    return _replaced(agendas, left)


def _claim(agendas: Iterable[Agenda], claim_id: str) -> Taken | None:
    return next((claim for claim in taken_of(agendas) if claim.claim_id == claim_id), None)


def _replaced(agendas: Sequence[Agenda], claim: Taken) -> list[Agenda]:
    """The days that hold the claim or are to hold it, with it as it is now."""
    without = {agenda.day: agenda for agenda in released(agendas, claim.claim_id)}
    days = freed(agendas, claim.claim_id)
    return list((without | {agenda.day: agenda for agenda in claimed(days, claim)}).values())


def with_exception(
    calendar: Calendar, agendas: Sequence[Agenda], exception: DateException, today: date
) -> tuple[Calendar, list[Agenda]]:
    """The calendar and the days that change. ``ExceptionOverlapsBooking`` with ``booking_ids``."""
    zone, day = zone_of(calendar.zone), date.fromisoformat(exception.date)
    opened = [interval for hours in exception.hours for interval in open_on(zone, day, hours)]
    touched: set[str] = set()
    for whole in whole_day(zone, day):
        if booking_ids := in_the_way(whole, opened, taken_of(agendas)):
            raise ExceptionOverlapsBooking(booking_ids=booking_ids)
        touched |= set(utc_days(whole.starts_at, whole.ends_at))
    others = [other for other in _to_come(calendar, today) if other.date != exception.date]
    if len(others) >= MAX_EXCEPTIONS:
        raise TooManyExceptions
    kept = sorted([*others, exception], key=lambda entry: entry.date)
    return replace(calendar, exceptions=kept), _rewritten(agendas, exception.date, touched, opened)


def without_exception(
    calendar: Calendar, agendas: Sequence[Agenda], day: date, today: date
) -> tuple[Calendar, list[Agenda]]:
    """The week's hours hold again on the date. ``ExceptionNotFound`` where it has none of its own."""
    if all(exception.date != day.isoformat() for exception in calendar.exceptions):
        raise ExceptionNotFound
    kept = [exception for exception in _to_come(calendar, today) if exception.date != day.isoformat()]
    return replace(calendar, exceptions=kept), _rewritten(agendas, day.isoformat(), set(), [])


def has_exceptions_to_come(calendar: Calendar, today: date) -> bool:
    return bool(_to_come(calendar, today))


def _to_come(calendar: Calendar, today: date) -> list[DateException]:
    """Yesterday still counts: its time may touch today's UTC day."""
    since = (today - timedelta(days=1)).isoformat()
    return [exception for exception in calendar.exceptions if exception.date >= since]


def _rewritten(
    agendas: Iterable[Agenda], day: str, touched: set[str], opened: list[Interval]
) -> list[Agenda]:
    """The agendas that had an exception of the date, or get one."""
    changed = []
    for agenda in agendas:
        others = [exception for exception in agenda.exceptions if exception.date != day]
        if agenda.day in touched:
            others.append(AgendaException(date=day, open=opened))
        if others != agenda.exceptions:
            changed.append(replace(agenda, exceptions=others))
    return changed


def _in_order(taken: Iterable[Taken]) -> list[Taken]:
    return sorted(taken, key=lambda claim: claim.starts_at)

"""Time: nobody is sold twice at an instant (B1), and what is taken is a live booking's (B2)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec

from chalicelib.booking.model import Booking, BookingState
from chalicelib.calendar.model import Agenda
from chalicelib.catalogue.model import WhenItEnds
from chalicelib.sessions.model import Session, SessionState
from chalicelib.verifier.model import Difference, Fact, Seen

Interval = tuple[datetime, datetime, str]  # from, to, and the booking's id


class Booked(msgspec.Struct, frozen=True, array_like=True):
    """What a live booking takes of the expert's time."""

    interval: Interval


class RunsUntil(msgspec.Struct, frozen=True, array_like=True):
    """A session may have the expert past its booking's end."""

    booking_id: str
    until: datetime


class Day(msgspec.Struct, frozen=True, array_like=True):
    """What an agenda says of a UTC day."""

    day: str
    taken: list[Interval]


class Agendas:
    """One expert: the intervals of his live bookings beside those of his agendas."""

    kinds: ClassVar[tuple[type, ...]] = (Booked, RunsUntil, Day)

    def __init__(self, group: str) -> None:
        self._group = group
        self._live: list[Interval] = []
        self._runs_until: dict[str, datetime] = {}
        self._taken: dict[str, list[Interval]] = defaultdict(list)

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Agenda):
            taken = [(claim.starts_at, claim.ends_at, claim.claim_id) for claim in record.taken]
            yield Fact(f"{record.platform_id} {record.expert_id}", Day(record.day, taken))
        elif isinstance(record, Booking) and record.state is not BookingState.CANCELLED:
            booked = Booked((record.starts_at, record.claim.ends_at, record.id))
            yield Fact(f"{record.platform_id} {record.expert_id}", booked)
        elif isinstance(record, Session) and (until := runs_until(record)):
            yield Fact(f"{record.platform_id} {record.expert_id}", RunsUntil(record.booking_id, until))

    def see(self, content: Booked | RunsUntil | Day) -> None:
        match content:
            case Booked():
                self._live.append(content.interval)
            case RunsUntil():
                self._runs_until[content.booking_id] = content.until
            case Day():
                self._taken[content.day] += content.taken

    def differences(self) -> Iterator[Difference]:
        sold = sorted(map(self._as_run, self._live))
        yield from _overlaps("sold-twice", self._group, sold)
        wanted: dict[str, set[Interval]] = defaultdict(set)
        for interval in sold:
            for day in _utc_days(interval[0], interval[1]):
                wanted[day].add(interval)
        for day in sorted(wanted.keys() | self._taken.keys()):
            taken = sorted(self._taken[day])
            yield from _overlaps("taken-twice", self._group, taken)
            place = f"{self._group} {day}"
            yield from _told("booking-without-time", place, wanted[day] - set(taken))
            yield from _told("time-without-booking", place, set(taken) - wanted[day])

    def _as_run(self, booked: Interval) -> Interval:
        """A session that runs its full time from a late join has the expert until its due end (E37)."""
        starts_at, ends_at, booking_id = booked
        return starts_at, max(ends_at, self._runs_until.get(booking_id, ends_at)), booking_id


def runs_until(session: Session) -> datetime | None:
    """Its end, where that may lie past the appointment's as booked."""
    runs_full_time = session.when_it_ends is WhenItEnds.FULL_SERVICE_TIME
    waits = session.notified_at is not None and session.state is SessionState.RUNNING
    may_run_on = session.extended_minutes or (runs_full_time and session.customer_joined_at is not None)
    return (session.wakes_at or session.due_end) if may_run_on or waits else None


def _utc_days(starts_at: datetime, ends_at: datetime) -> Iterator[str]:
    """The UTC days that ``[starts_at, ends_at)`` touches."""
    day = starts_at.astimezone(UTC).date()
    while datetime(day.year, day.month, day.day, tzinfo=UTC) < ends_at:
        yield day.isoformat()
        day += timedelta(days=1)


def _overlaps(name: str, place: str, intervals: list[Interval]) -> Iterator[Difference]:
    """What shares an instant, of intervals in order of time."""
    longest: Interval | None = None
    for interval in intervals:
        if longest and interval[0] < longest[1]:
            detail = f"{longest[2]} and {interval[2]} share {interval[0].isoformat()}"
            yield Difference(rule="B1", name=name, place=place, detail=detail)
        if longest is None or interval[1] > longest[1]:
            longest = interval


def _told(name: str, place: str, intervals: set[Interval]) -> Iterator[Difference]:
    for starts_at, ends_at, booking_id in sorted(intervals):
        detail = f"{booking_id} from {starts_at.isoformat()} to {ends_at.isoformat()}"
        yield Difference(rule="B2", name=name, place=place, detail=detail, subject=booking_id)

"""Time: nobody is sold twice at an instant (B1), and what is taken is a live booking's (B2)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.booking.model import Booking, BookingState
from chalicelib.calendar.model import Agenda
from chalicelib.catalogue.model import WhenItEnds
from chalicelib.sessions.model import Session
from chalicelib.verifier.model import Difference, Seen

Expert = tuple[str, str]  # platform and expert
Interval = tuple[datetime, datetime, str]  # from, to, and the booking's id


class Agendas:
    """Keeps the intervals of the live bookings and those of the agendas, by expert and UTC day."""

    def __init__(self) -> None:
        self._live: list[tuple[Expert, Interval]] = []
        self._runs_until: dict[str, datetime] = {}
        self._sold: dict[Expert, set[Interval]] = defaultdict(set)
        self._wanted: dict[tuple[Expert, str], set[Interval]] = defaultdict(set)
        self._taken: dict[tuple[Expert, str], list[Interval]] = defaultdict(list)

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Agenda):
            intervals = [(claim.starts_at, claim.ends_at, claim.claim_id) for claim in record.taken]
            self._taken[(record.platform_id, record.expert_id), record.day] += intervals
        elif isinstance(record, Booking) and record.state is not BookingState.CANCELLED:
            ends_at = record.ends_at + timedelta(minutes=record.package.break_minutes)
            expert = record.platform_id, record.expert_id
            self._live.append((expert, (record.starts_at, ends_at, record.id)))
        elif isinstance(record, Session) and _runs_on(record):
            self._runs_until[record.booking_id] = record.due_end

    def differences(self) -> Iterator[Difference]:
        for expert, interval in self._live:
            self._place_booking(expert, interval)
        for expert, sold in self._sold.items():
            yield from _overlaps("sold-twice", expert, sorted(sold))
        for (expert, _), intervals in self._taken.items():
            yield from _overlaps("taken-twice", expert, sorted(intervals))
        for expert, day in sorted(self._wanted.keys() | self._taken.keys()):
            wanted, taken = self._wanted[expert, day], set(self._taken[expert, day])
            yield from _told("booking-without-time", expert, day, wanted - taken)
            yield from _told("time-without-booking", expert, day, taken - wanted)

    def _place_booking(self, expert: Expert, booked: Interval) -> None:
        """A session that runs its full time from a late join has the expert until its due end (E37)."""
        starts_at, ends_at, booking_id = booked
        ends_at = max(ends_at, self._runs_until.get(booking_id, ends_at))
        self._sold[expert].add((starts_at, ends_at, booking_id))
        for day in _utc_days(starts_at, ends_at):
            self._wanted[expert, day].add((starts_at, ends_at, booking_id))


def _runs_on(session: Session) -> bool:
    """Whether its end may lie past the appointment's as booked."""
    if session.extended_minutes:
        return True
    return session.when_it_ends is WhenItEnds.FULL_SERVICE_TIME and session.customer_joined_at is not None


def _utc_days(starts_at: datetime, ends_at: datetime) -> Iterator[str]:
    """The UTC days that ``[starts_at, ends_at)`` touches."""
    day = starts_at.astimezone(UTC).date()
    while datetime(day.year, day.month, day.day, tzinfo=UTC) < ends_at:
        yield day.isoformat()
        day += timedelta(days=1)


def _overlaps(name: str, expert: Expert, intervals: list[Interval]) -> Iterator[Difference]:
    """What shares an instant, of intervals in order of time."""
    longest: Interval | None = None
    for interval in intervals:
        if longest and interval[0] < longest[1]:
            detail = f"{longest[2]} and {interval[2]} share {interval[0].isoformat()}"
            yield Difference(rule="B1", name=name, place=" ".join(expert), detail=detail)
        if longest is None or interval[1] > longest[1]:
            longest = interval


def _told(name: str, expert: Expert, day: str, intervals: set[Interval]) -> Iterator[Difference]:
    for starts_at, ends_at, booking_id in sorted(intervals):
        detail = f"{booking_id} from {starts_at.isoformat()} to {ends_at.isoformat()}"
        yield Difference(rule="B2", name=name, place=f"{' '.join(expert)} {day}", detail=detail)

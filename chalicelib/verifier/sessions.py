"""Sessions: each ends exactly once, never before its due end where the clock ends it (S1)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from chalicelib.booking.model import Booking, BookingState
from chalicelib.catalogue.model import HowItEnds
from chalicelib.core.clock import stamp
from chalicelib.platforms.model import MAX_SETTING_MINUTES, Platform
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.verifier.model import Difference, Fact, Seen

Finding = tuple[str, str]  # name and detail

# How late the sweeper may be: it runs once a minute and leaves a timer 45 seconds.
LATE = timedelta(minutes=5)
# A booking that nobody attends is missed after a setting's time, by the setting of when it was written.
MISSED_WITHIN = timedelta(minutes=MAX_SETTING_MINUTES) + LATE


class Stands(msgspec.Struct, frozen=True, array_like=True):
    """How a booking stands."""

    state: BookingState


class Sessions:
    """One booking's session."""

    kinds: ClassVar[tuple[type, ...]] = (Session, Stands)

    def __init__(self, group: str) -> None:
        self._group = group
        self._session: Session | None = None
        self._booking: BookingState | None = None

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Session):
            yield Fact(f"{record.platform_id} {record.booking_id}", record)
        elif isinstance(record, Booking):
            yield Fact(f"{record.platform_id} {record.id}", Stands(record.state))

    def see(self, content: Session | Stands) -> None:
        if isinstance(content, Session):
            self._session = content
        else:
            self._booking = content.state

    def differences(self) -> Iterator[Difference]:
        for name, detail in self._compared():
            yield Difference(rule="S1", name=name, place=self._group, detail=detail)

    def _compared(self) -> Iterator[Finding]:
        session, booking = self._session, self._booking
        if session is None:
            if booking is BookingState.COMPLETED:
                yield "completed-without-session", "the booking is completed and nobody joined it"
            return
        yield from _ended_as_it_says(session)
        is_closed = booking in (BookingState.COMPLETED, BookingState.MISSED)
        if is_closed != (session.state is SessionState.ENDED):
            yield "booking-not-as-session", f"the session is {session.state}, the booking {booking}"


class Wakes(msgspec.Struct, frozen=True, array_like=True):
    """When the clock should act on a session, if it has to."""

    booking_id: str
    at: datetime | None


class Awaits(msgspec.Struct, frozen=True, array_like=True):
    """The end of a booking that is to be attended."""

    booking_id: str
    ends_at: datetime


class Overdue:
    """One platform: its clock, and then what waits for it, a booking behind its session."""

    kinds: ClassVar[tuple[type, ...]] = (Platform, Wakes, Awaits)

    def __init__(self, group: str) -> None:
        self._group = group
        self._now: datetime | None = None
        self._attended = ""
        self._found: list[Difference] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Platform):
            yield Fact(record.id, record)
        elif isinstance(record, Session):
            wakes = Wakes(record.booking_id, record.wakes_at)
            yield Fact(record.platform_id, wakes, f"{record.booking_id} 1")
        elif isinstance(record, Booking) and record.state is BookingState.CONFIRMED:
            yield Fact(record.platform_id, Awaits(record.id, record.ends_at), f"{record.id} 2")

    def see(self, content: Platform | Wakes | Awaits) -> None:
        match content:
            case Platform():
                self._now = content.now()
            case Wakes():
                self._attended = content.booking_id
                self._compare("overdue", content.booking_id, content.at, LATE)
            case Awaits() if content.booking_id != self._attended:
                self._compare("not-missed", content.booking_id, content.ends_at, MISSED_WITHIN)

    def _compare(self, name: str, booking_id: str, at: datetime | None, within: timedelta) -> None:
        if self._now and at and self._now > at + within:
            place, detail = f"{self._group} {booking_id}", f"the clock should have acted at {stamp(at)}"
            self._found.append(Difference(rule="S1", name=name, place=place, detail=detail))

    def differences(self) -> Iterator[Difference]:
        yield from self._found


def _ended_as_it_says(session: Session) -> Iterator[Finding]:
    told = (session.ended_at is not None, session.ended_by is not None, session.wakes_at is None)
    if told != (session.state is SessionState.ENDED,) * 3:
        yield "half-ended", f"it is {session.state}, ended at {session.ended_at} by {session.ended_by}"
    if session.ended_at is None or session.ended_by is not EndedBy.CLOCK:
        return
    if session.ended_at < session.due_end:
        yield "ended-early", f"due at {stamp(session.due_end)}, ended at {stamp(session.ended_at)}"
    # Where the expert ends it, the clock waits for him for as long as the platform's safety limit was then.
    if session.how_it_ends is HowItEnds.AUTOMATIC and session.ended_at > session.due_end:
        yield "ended-late", f"due at {stamp(session.due_end)}, ended at {stamp(session.ended_at)}"

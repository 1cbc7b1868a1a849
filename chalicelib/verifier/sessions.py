"""Sessions: each ends exactly once, never before its due end where the clock ends it (S1)."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.booking.model import Booking, BookingState
from chalicelib.catalogue.model import HowItEnds
from chalicelib.core.clock import stamp
from chalicelib.platforms.model import Platform
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.verifier.model import Difference, Seen

Place = tuple[str, str]  # platform and booking
Finding = tuple[str, str]  # name and detail

# How late the sweeper may be: it runs once a minute and leaves a timer 45 seconds.
LATE = timedelta(minutes=5)


class Sessions:
    """Keeps the sessions, the states of the bookings, and the platforms' clocks."""

    def __init__(self) -> None:
        self._sessions: dict[Place, Session] = {}
        self._bookings: dict[Place, BookingState] = {}
        self._platforms: dict[str, Platform] = {}

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Session):
            self._sessions[record.platform_id, record.booking_id] = record
        elif isinstance(record, Booking):
            self._bookings[record.platform_id, record.id] = record.state
        elif isinstance(record, Platform):
            self._platforms[record.id] = record

    def differences(self) -> Iterator[Difference]:
        for place in sorted(self._sessions.keys() | self._bookings.keys()):
            session = self._sessions.get(place)
            for name, detail in self._compared(session, self._bookings.get(place)):
                yield Difference(rule="S1", name=name, place=" ".join(place), detail=detail)

    def _compared(self, session: Session | None, booking: BookingState | None) -> Iterator[Finding]:
        if session is None:
            if booking is BookingState.COMPLETED:
                yield "completed-without-session", "the booking is completed and nobody joined it"
            return
        yield from _ended_as_it_says(session)
        yield from self._overdue(session)
        is_closed = booking in (BookingState.COMPLETED, BookingState.MISSED)
        if is_closed != (session.state is SessionState.ENDED):
            yield "booking-not-as-session", f"the session is {session.state}, the booking {booking}"

    def _overdue(self, session: Session) -> Iterator[Finding]:
        platform = self._platforms.get(session.platform_id)
        if session.wakes_at and platform and platform.now() > session.wakes_at + LATE:
            yield "overdue", f"the clock should have acted at {stamp(session.wakes_at)}"


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

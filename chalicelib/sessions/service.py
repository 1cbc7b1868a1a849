"""Use cases of sessions: join, end by hand, and what the clock does where no hand did."""

from datetime import datetime
from functools import partial

from msgspec.structs import replace

from chalicelib.booking.model import Booking, BookingNotFound, BookingState, NoShow
from chalicelib.booking.service import Bookings
from chalicelib.calendar.service import Calendars
from chalicelib.core.actor import Actor, system
from chalicelib.core.log import log
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.sessions import meetings, news, rules, store
from chalicelib.sessions.meetings import Meetings
from chalicelib.sessions.model import CallState, EndedBy, Party, Session, SessionOver
from chalicelib.sessions.overruns import Overruns
from chalicelib.sessions.steps import decision, found, limits_of, reach, stored
from chalicelib.sessions.views import SessionView
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Sessions:
    """A session begins with the first join and ends once: by a hand, or by the clock at a stored instant."""

    def __init__(
        self, platforms: Platforms, calendars: Calendars, bookings: Bookings, rooms: Meetings
    ) -> None:
        self._platforms = platforms
        self._calendars = calendars
        self._bookings = bookings
        self._rooms = rooms
        self._overruns = Overruns(calendars)

    def join(self, operation: Operation, booking_id: str) -> Answer:
        """The caller joins, as its customer or its expert, now (E40).

        ``BookingNotFound`` for anybody else; ``JoinTooEarly``, ``SessionOver``.
        """
        wanted = self._keys(operation.platform_id, booking_id)
        booking = self._bookings.load_owned(read.batch(wanted), operation.actor, booking_id)
        day = self._calendars.agenda_keys(*reach(Session.waiting(booking)))
        return perform(operation, [*wanted, *day], partial(self._joined, operation.actor, booking_id))

    def leave(self, operation: Operation, booking_id: str) -> Answer:
        """The caller is not there any more; he may come back while it runs. Once it is over, nothing is done.

        ``BookingNotFound`` for anybody else; ``SessionNotFound`` before anybody has joined.
        """
        wanted = self._keys(operation.platform_id, booking_id)
        return perform(operation, wanted, partial(self._left, operation.actor, booking_id))

    def end(self, operation: Operation, booking_id: str) -> Answer:
        """The expert or an admin ends it, early or late, which completes the booking.

        ``BookingNotFound`` for what is foreign; ``SessionNotFound``, ``SessionOver``, ``CustomerNotJoined``.
        """
        wanted = self._keys(operation.platform_id, booking_id)
        loaded = read.batch(wanted)
        session = stored(loaded, self._bookings.load_owned(loaded, operation.actor, booking_id))
        days = self._overruns.keys(self._platforms.load(loaded, operation.platform_id), session)
        return perform(operation, [*wanted, *days], partial(self._ended, operation.actor, booking_id))

    def view(self, actor: Actor, booking_id: str) -> SessionView:
        """``BookingNotFound`` for what is foreign; ``SessionNotFound`` before anybody has joined."""
        loaded = read.batch(self._keys(actor.platform_id, booking_id))
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        session = stored(loaded, booking)
        platform = self._platforms.load(loaded, actor.platform_id)
        refused = session.call is CallState.CALLING and self._bookings.call_is_refused(booking)
        url = meetings.url_for(self._rooms, platform, actor, session)
        return SessionView.of(session, url, call_refused=refused)

    def on_timer(self, platform_id: str, booking_id: str, generation: int) -> None:
        """A schedule has fired. One of an earlier generation does nothing.

        One that comes early, by a clock that is ahead of ours, does nothing either: the sweeper comes 45
        seconds after the due end, and so sooner than the queue would bring the message again.
        """
        session = store.find(platform_id, booking_id)
        if session is None or session.generation != generation:
            log("timer_stale", platform_id=platform_id, booking_id=booking_id, generation=generation)
        else:
            self._wake(session)

    def sweep(self, platform_id: str, booking_id: str) -> None:
        """What no timer did: a session whose clock has to act, or a booking that nobody joined in time."""
        session = store.find(platform_id, booking_id)
        if session is None:
            self._give_up(platform_id, booking_id)
        else:
            self._wake(session)

    def _keys(self, platform_id: str, booking_id: str) -> list[Key]:
        return [
            self._platforms.key(platform_id),
            self._bookings.key(platform_id, booking_id),
            keys.session(platform_id, booking_id),
        ]

    def _joined(self, actor: Actor, booking_id: str, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        before = found(loaded, booking) or Session.waiting(booking)
        party = _party(before, actor)
        if booking.state is not BookingState.CONFIRMED:
            raise SessionOver
        next_taken = self._calendars.next_claim(loaded, *reach(before), booking.id)
        after = rules.joined(before, party, platform.now(), limits_of(platform), next_taken)
        after = replace(after, room=before.room or meetings.new_room())
        url = meetings.url_for(self._rooms, platform, actor, after)
        if after == before:
            return Decision(answer=SessionView.of(before, url))
        writes = [_unchanged(booking), *self._prepare_time(loaded, before, after, party)]
        if after.both_joined and not before.both_joined:
            writes += self._bookings.prepare_call(platform, booking)
        return decision(platform, booking, before, after, writes, url)

    def _left(self, actor: Actor, booking_id: str, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        before = stored(loaded, booking)
        after = rules.left(before, _party(before, actor), platform.now())
        if after == before:
            return Decision(answer=SessionView.of(before))
        return decision(platform, booking, before, after, [])

    def _prepare_time(self, loaded: Loaded, before: Session, after: Session, party: Party) -> list[Write]:
        """The expert's time as long as the session now lasts, so that nobody books what it needs (E37)."""
        if not rules.starts_full_time(before, party):
            return []
        platform_id, expert_id, starts_at, _ = reach(after)
        return self._calendars.prepare_extend(
            loaded, platform_id, expert_id, starts_at, after.due_end, after.booking_id
        )

    def _ended(self, actor: Actor, booking_id: str, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        before = stored(loaded, booking)
        now, limits = platform.now(), limits_of(platform)
        next_taken = self._overruns.next_taken(loaded, platform, before)
        after = rules.ended_by_hand(before, _hand(actor, booking), now, limits, next_taken)
        writes = self._prepare_step(loaded, platform, booking, after)
        return decision(platform, booking, before, after, writes)

    def _wake(self, session: Session) -> None:
        """Let the session's clock act, once for each generation."""
        platform = self._platforms.get(session.platform_id)
        if session.wakes_at is None or platform.now() < session.wakes_at:
            return
        key = f"{session.booking_id}:{session.generation}"
        operation = by_system(system(platform.id), "session.wake", key)
        wanted = [*self._keys(platform.id, session.booking_id), *self._overruns.keys(platform, session)]
        perform(operation, wanted, partial(self._woken, session))

    def _woken(self, seen: Session, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, seen.platform_id)
        booking = self._bookings.load(loaded, seen.platform_id, seen.booking_id)
        before = stored(loaded, booking)
        next_taken = self._overruns.next_taken(loaded, platform, before)
        after = rules.woken(before, platform.now(), limits_of(platform), next_taken)
        if after == before:
            return Decision(answer=None)
        writes = self._prepare_step(loaded, platform, booking, after)
        return decision(platform, booking, before, after, writes)

    def _prepare_step(
        self, loaded: Loaded, platform: Platform, booking: Booking, after: Session
    ) -> list[Write]:
        closed = self._prepare_closed(booking, after)
        return [*closed, *self._overruns.prepare(loaded, platform, booking, after)]

    def _prepare_closed(self, booking: Booking, session: Session) -> list[Write]:
        """The booking with its session: completed, or missed where the customer never came."""
        if session.ended_at is None or booking.state is not BookingState.CONFIRMED:
            return []
        if session.customer_joined_at is None:
            return self._bookings.prepare_miss(booking, session.ended_at, NoShow.CUSTOMER)
        return self._bookings.prepare_complete(booking, session.ended_at, rules.together(session))

    def _give_up(self, platform_id: str, booking_id: str) -> None:
        wanted = self._keys(platform_id, booking_id)
        if self._given_up_at(read.batch(wanted), platform_id, booking_id) is not None:
            operation = by_system(system(platform_id), "booking.miss", booking_id)
            perform(operation, wanted, partial(self._missed, platform_id, booking_id))

    def _missed(self, platform_id: str, booking_id: str, loaded: Loaded) -> Decision:
        booking = self._bookings.load(loaded, platform_id, booking_id)
        at = self._given_up_at(loaded, platform_id, booking_id)
        if at is None:
            return Decision(answer=None)
        writes = self._bookings.prepare_miss(booking, at)
        return Decision(answer=None, writes=writes, effects=news.missed(booking, at))

    def _given_up_at(self, loaded: Loaded, platform_id: str, booking_id: str) -> datetime | None:
        """Since when the booking is missed, if nobody has joined it and it is open."""
        platform = self._platforms.load(loaded, platform_id)
        booking = self._bookings.load(loaded, platform_id, booking_id)
        if booking.state is not BookingState.CONFIRMED or found(loaded, booking) is not None:
            return None
        given_up_at = booking.ends_at + limits_of(platform).no_show
        return given_up_at if platform.now() >= given_up_at else None


def _party(session: Session, actor: Actor) -> Party:
    party = session.party(actor.id)
    if party is None:
        raise BookingNotFound
    return party


def _hand(actor: Actor, booking: Booking) -> EndedBy:
    if booking.expert_id == actor.id:
        return EndedBy.EXPERT
    if actor.is_admin():
        return EndedBy.ADMIN
    raise BookingNotFound


def _unchanged(booking: Booking) -> Write:
    """Nobody cancels the booking, or gives it up, while somebody joins it."""
    return transact.unchanged(Item, keys.booking(booking.platform_id, booking.id), booking)

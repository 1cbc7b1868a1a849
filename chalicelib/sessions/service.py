"""Use cases of sessions: join, end by hand, and what the clock does where no hand did."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from chalicelib.booking.model import Booking, BookingNotFound, BookingState
from chalicelib.booking.service import Bookings
from chalicelib.calendar.service import Calendars
from chalicelib.core.actor import Actor, system
from chalicelib.core.clock import minutes
from chalicelib.core.log import log
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.sessions import rules, store
from chalicelib.sessions.model import EndedBy, Party, Session, SessionNotFound, SessionOver
from chalicelib.sessions.rules import Limits
from chalicelib.sessions.timers import timer_effect
from chalicelib.sessions.views import SessionView
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Sessions:
    """A session begins with the first join and ends once: by a hand, or by the clock at a stored instant."""

    def __init__(self, platforms: Platforms, calendars: Calendars, bookings: Bookings) -> None:
        self._platforms = platforms
        self._calendars = calendars
        self._bookings = bookings

    def join(self, operation: Operation, booking_id: str) -> Answer:
        """The caller joins, as its customer or its expert, now (E40).

        ``BookingNotFound`` for anybody else; ``JoinTooEarly``, ``SessionOver``.
        """
        wanted = self._keys(operation.platform_id, booking_id)
        booking = self._bookings.load_owned(read.batch(wanted), operation.actor, booking_id)
        day = self._calendars.agenda_keys(*_reach(Session.waiting(booking)))
        return perform(operation, [*wanted, *day], partial(self._joined, operation.actor, booking_id))

    def end(self, operation: Operation, booking_id: str) -> Answer:
        """The expert or an admin ends it, early or late, which completes the booking.

        ``BookingNotFound`` for what is foreign; ``SessionNotFound``, ``SessionOver``, ``CustomerNotJoined``.
        """
        wanted = self._keys(operation.platform_id, booking_id)
        return perform(operation, wanted, partial(self._ended, operation.actor, booking_id))

    def view(self, actor: Actor, booking_id: str) -> SessionView:
        """``BookingNotFound`` for what is foreign; ``SessionNotFound`` before anybody has joined."""
        loaded = read.batch(self._keys(actor.platform_id, booking_id))
        return SessionView.of(_stored(loaded, self._bookings.load_owned(loaded, actor, booking_id)))

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
        before = _found(loaded, booking) or Session.waiting(booking)
        party = before.party(actor.id)
        if party is None:
            raise BookingNotFound
        if booking.state is not BookingState.CONFIRMED:
            raise SessionOver
        next_taken = self._calendars.next_claim(loaded, *_reach(before), booking.id)
        after = rules.joined(before, party, platform.now(), _limits(platform), next_taken)
        if after == before:
            return Decision(answer=SessionView.of(before))
        writes = [_unchanged(booking), *self._prepare_room(loaded, before, after, party)]
        return _decision(platform, before, after, writes)

    def _prepare_room(self, loaded: Loaded, before: Session, after: Session, party: Party) -> list[Write]:
        """The expert's time as long as the session now lasts, so that nobody books what it needs (E37)."""
        if not rules.starts_full_time(before, party):
            return []
        platform_id, expert_id, starts_at, _ = _reach(after)
        return self._calendars.prepare_extend(
            loaded, platform_id, expert_id, starts_at, after.due_end, after.booking_id
        )

    def _ended(self, actor: Actor, booking_id: str, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        before = _stored(loaded, booking)
        after = rules.ended_by_hand(before, _hand(actor, booking), platform.now(), _limits(platform))
        return _decision(platform, before, after, self._prepare_closed(booking, after))

    def _wake(self, session: Session) -> None:
        """Let the session's clock act, once for each generation."""
        platform = self._platforms.get(session.platform_id)
        if session.wakes_at is None or platform.now() < session.wakes_at:
            return
        key = f"{session.booking_id}:{session.generation}"
        operation = by_system(system(platform.id), "session.wake", key)
        wanted = self._keys(platform.id, session.booking_id)
        perform(operation, wanted, partial(self._woken, session))

    def _woken(self, seen: Session, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, seen.platform_id)
        booking = self._bookings.load(loaded, seen.platform_id, seen.booking_id)
        before = _stored(loaded, booking)
        after = rules.woken(before, platform.now(), _limits(platform))
        if after == before:
            return Decision(answer=None)
        return _decision(platform, before, after, self._prepare_closed(booking, after))

    def _prepare_closed(self, booking: Booking, session: Session) -> list[Write]:
        """The booking with its session: completed, or missed where the customer never came."""
        if session.ended_at is None or booking.state is not BookingState.CONFIRMED:
            return []
        if session.customer_joined_at is None:
            return self._bookings.prepare_miss(booking, session.ended_at)
        return self._bookings.prepare_complete(booking, session.ended_at)

    def _give_up(self, platform_id: str, booking_id: str) -> None:
        wanted = self._keys(platform_id, booking_id)
        if self._given_up_at(read.batch(wanted), platform_id, booking_id) is not None:
            operation = by_system(system(platform_id), "booking.miss", booking_id)
            perform(operation, wanted, partial(self._missed, platform_id, booking_id))

    def _missed(self, platform_id: str, booking_id: str, loaded: Loaded) -> Decision:
        booking = self._bookings.load(loaded, platform_id, booking_id)
        at = self._given_up_at(loaded, platform_id, booking_id)
        return Decision(answer=None, writes=self._bookings.prepare_miss(booking, at) if at else [])

    def _given_up_at(self, loaded: Loaded, platform_id: str, booking_id: str) -> datetime | None:
        """Since when the booking is missed, if nobody has joined it and it is open."""
        platform = self._platforms.load(loaded, platform_id)
        booking = self._bookings.load(loaded, platform_id, booking_id)
        if booking.state is not BookingState.CONFIRMED or _found(loaded, booking) is not None:
            return None
        given_up_at = booking.ends_at + _limits(platform).no_show
        return given_up_at if platform.now() >= given_up_at else None


def _found(loaded: Loaded, booking: Booking) -> Session | None:
    return loaded.get(keys.session(booking.platform_id, booking.id), Session)


def _stored(loaded: Loaded, booking: Booking) -> Session:
    session = _found(loaded, booking)
    if session is None:
        raise SessionNotFound
    return session


def _reach(session: Session) -> tuple[str, str, datetime, datetime]:
    """The expert's time that the session can come to take, however late the customer joins."""
    latest_end = session.scheduled_end + session.duration
    return session.platform_id, session.expert_id, session.starts_at, latest_end


def _hand(actor: Actor, booking: Booking) -> EndedBy:
    if booking.expert_id == actor.id:
        return EndedBy.EXPERT
    if actor.is_admin():
        return EndedBy.ADMIN
    raise BookingNotFound


def _limits(platform: Platform) -> Limits:
    settings = platform.settings
    return Limits(
        join_early=minutes(settings.join_early_minutes),
        safety=minutes(settings.safety_limit_minutes),
        no_show=minutes(settings.no_show_minutes),
    )


def _unchanged(booking: Booking) -> Write:
    """Nobody cancels the booking, or gives it up, while somebody joins it."""
    return transact.unchanged(Item, keys.booking(booking.platform_id, booking.id), booking)


def _decision(platform: Platform, before: Session, after: Session, writes: Sequence[Write]) -> Decision:
    """The session as it is now; its timer follows where its clock has another time, or none."""
    return Decision(
        answer=SessionView.of(replace(after, version=after.version + 1)),
        writes=[store.saved(after, platform), *writes],
        effects=[timer_effect(after)] if after.wakes_at != before.wakes_at or before.version == 0 else [],
    )

"""Use case: a session lasts longer, when both parties agree and the expert's time is free."""

from functools import partial

from chalicelib.booking.model import Booking, BookingNotFound
from chalicelib.booking.service import Bookings
from chalicelib.calendar.service import Calendars
from chalicelib.core.actor import Actor
from chalicelib.core.clock import minutes as in_minutes
from chalicelib.platforms.service import Platforms
from chalicelib.sessions import rules
from chalicelib.sessions.model import CallNotExtended, Session
from chalicelib.sessions.steps import decision, limits_of, stored
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Extensions:
    """One party asks, the other asks for the same: then the end moves, and its timer with it."""

    def __init__(self, platforms: Platforms, calendars: Calendars, bookings: Bookings) -> None:
        self._platforms = platforms
        self._calendars = calendars
        self._bookings = bookings

    def extend(self, operation: Operation, booking_id: str, minutes: int) -> Answer:
        """Ask for so many minutes more, or agree to as many as the other party asks for.

        ``BookingNotFound`` for anybody else; ``SessionNotFound``, ``SessionOver``, ``NotBothJoined``,
        ``ExtensionTooShort``, ``ExtensionTooLong``, ``ExtensionNotFree``, ``CallNotExtended``.
        """
        platform_id, actor = operation.platform_id, operation.actor
        wanted = [
            self._platforms.key(platform_id),
            self._bookings.key(platform_id, booking_id),
            keys.session(platform_id, booking_id),
        ]
        loaded = read.batch(wanted)
        session = stored(loaded, self._bookings.load_owned(loaded, actor, booking_id))
        day = self._days(session, minutes)
        return perform(operation, [*wanted, *day], partial(self._extended, actor, booking_id, minutes))

    def _days(self, session: Session, minutes: int) -> list[Key]:
        """The days that it takes and would take, also where the end moves by as much meanwhile."""
        longest = max(session.due_end + 2 * in_minutes(minutes), session.wakes_at or session.due_end)
        return self._calendars.agenda_keys(session.platform_id, session.expert_id, session.starts_at, longest)

    def _extended(self, actor: Actor, booking_id: str, minutes: int, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        before = stored(loaded, booking)
        if booking.by_phone:
            raise CallNotExtended
        party = before.party(actor.id)
        if party is None:
            raise BookingNotFound
        until = before.due_end + in_minutes(minutes)
        place = (platform.id, before.expert_id, before.starts_at, until)
        next_taken = self._calendars.next_claim(loaded, *place, booking_id)
        now, limits = platform.now(), limits_of(platform)
        after = rules.extended(before, party, minutes, now, limits, next_taken)
        return decision(platform, booking, before, after, self._prepare_time(loaded, booking, before, after))

    def _prepare_time(self, loaded: Loaded, booking: Booking, before: Session, after: Session) -> list[Write]:
        """The expert's time until the new end, once both have agreed; less, where he was running over."""
        if after.due_end == before.due_end:
            return []
        place, kept_until = (after.platform_id, after.expert_id, after.starts_at), before.wakes_at
        if kept_until is not None and kept_until > after.due_end:
            return self._calendars.prepare_shorten(loaded, *place, kept_until, booking.claim, after.due_end)
        return self._calendars.prepare_extend(loaded, *place, after.due_end, after.booking_id)

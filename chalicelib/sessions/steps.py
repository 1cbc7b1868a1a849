"""What every step of a session shares: what it reads, by which limits it goes, and what it leaves behind."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.booking.model import Booking
from chalicelib.core.clock import minutes
from chalicelib.platforms.model import Platform
from chalicelib.sessions import store
from chalicelib.sessions.model import Session, SessionNotFound
from chalicelib.sessions.news import called, news, reported
from chalicelib.sessions.rules import Limits
from chalicelib.sessions.timers import timer_effect
from chalicelib.sessions.views import SessionView
from chalicelib.table import keys
from chalicelib.table.operation import Decision
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


def found(loaded: Loaded, booking: Booking) -> Session | None:
    return loaded.get(keys.session(booking.platform_id, booking.id), Session)


def stored(loaded: Loaded, booking: Booking) -> Session:
    """``SessionNotFound`` before anybody has joined."""
    session = found(loaded, booking)
    if session is None:
        raise SessionNotFound
    return session


def reach(session: Session) -> tuple[str, str, datetime, datetime]:
    """The expert's time that the session can come to take, however late the customer joins."""
    latest_end = session.scheduled_end + session.duration
    return session.platform_id, session.expert_id, session.starts_at, latest_end


def limits_of(platform: Platform) -> Limits:
    settings = platform.settings
    return Limits(
        join_early=minutes(settings.join_early_minutes),
        safety=minutes(settings.safety_limit_minutes),
        no_show=minutes(settings.no_show_minutes),
    )


def decision(
    platform: Platform,
    booking: Booking,
    before: Session,
    after: Session,
    writes: Sequence[Write],
    meeting_url: str | None = None,
) -> Decision:
    """The session as it is now; its timer follows where its clock has another time, or none.

    The parties are told what is new to them, and the report gets its line when it is over.
    """
    moved = after.wakes_at != before.wakes_at or before.version == 0
    timer = [timer_effect(after)] if moved else []
    ended_at = after.ended_at
    line = [reported(booking, after, ended_at)] if ended_at and before.ended_at is None else []
    return Decision(
        answer=SessionView.of(replace(after, version=after.version + 1), meeting_url),
        writes=[store.saved(after, platform), *writes],
        effects=[*timer, *called(booking, before, after), *line, *news(before, after, platform.now())],
    )

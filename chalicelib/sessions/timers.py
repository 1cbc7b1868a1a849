"""A running session's timer: a one-shot schedule in real time, brought to what the session is now."""

from datetime import datetime
from typing import Any, Protocol

from chalicelib.core import clock
from chalicelib.platforms.service import Platforms
from chalicelib.sessions import rules, store
from chalicelib.sessions.model import Session
from chalicelib.table.operation import Effect

SESSION_TIMER = "session.timer"


class Scheduler(Protocol):
    """One-shot schedules; ``adapters/scheduler.py`` has them in EventBridge. Each call may be repeated."""

    def create(self, name: str, at: datetime, message: dict[str, Any]) -> None: ...

    def delete(self, name: str) -> None: ...


def timer_effect(session: Session) -> Effect:
    return Effect(kind=SESSION_TIMER, payload={"booking_id": session.booking_id})


def name_of(booking_id: str, generation: int) -> str:
    """At most 64 characters; a booking's id is unique among all platforms."""
    return f"s-{booking_id.removeprefix('bkg_')}-{generation}"


class SessionTimers:
    """Carries out the effect ``session.timer``."""

    def __init__(self, platforms: Platforms, scheduler: Scheduler) -> None:
        self._platforms = platforms
        self._scheduler = scheduler

    def bring(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Delete what an earlier generation left, and create what the session's clock now waits for.

        The state that counts is the stored one, whichever change of it asked for this: so the effect may run
        late, twice, or after that of a later change.
        """
        booking_id = str(payload["booking_id"])
        session = store.find(platform_id, booking_id)
        if session is None:
            return
        for generation in range(1, session.generation):
            self._scheduler.delete(name_of(booking_id, generation))
        if session.wakes_at is None:
            self._scheduler.delete(name_of(booking_id, session.generation))
        else:
            self._create(session, session.wakes_at)

    def _create(self, session: Session, wakes_at: datetime) -> None:
        platform = self._platforms.get(session.platform_id)
        at = platform.real(wakes_at)
        if not rules.needs_timer(at, clock.now()):
            return
        name = name_of(session.booking_id, session.generation)
        message = {
            "platform_id": session.platform_id,
            "booking_id": session.booking_id,
            "generation": session.generation,
        }
        self._scheduler.create(name, at, message)
        self._delete_if_outrun(session, name)

    def _delete_if_outrun(self, session: Session, name: str) -> None:
        """The session may have changed meanwhile, and the effect of that change be done already."""
        now = store.find(session.platform_id, session.booking_id)
        if now is None or now.wakes_at is None or now.generation != session.generation:
            self._scheduler.delete(name)

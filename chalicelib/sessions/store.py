"""Where sessions stand. Nothing here commits."""

from chalicelib.core import clock
from chalicelib.platforms.model import Platform
from chalicelib.sessions import rules
from chalicelib.sessions.model import Session
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write


class SessionItem(Item, discriminator="session"):
    record = RecordAttribute(Session)


def find(platform_id: str, booking_id: str) -> Session | None:
    """One consistent get."""
    return read.get(keys.session(platform_id, booking_id), Session)


def saved(session: Session, platform: Platform) -> Write:
    """The session, and when the sweeper looks at it: as its clock has to act, or a little after its timer."""
    key = keys.session(session.platform_id, session.booking_id)
    return transact.save(SessionItem.of(key, session, work=_work(session, platform)))


def _work(session: Session, platform: Platform) -> Key | None:
    """A sandbox's clock may be moved right to the instant, so there nothing waits for a timer."""
    if session.wakes_at is None:
        return None
    if platform.sandbox:
        return keys.sandbox_work(platform.id, session.booking_id, session.wakes_at)
    has_timer = rules.needs_timer(platform.real(session.wakes_at), clock.now())
    due_at = session.wakes_at + rules.TIMER_GRACE if has_timer else session.wakes_at
    return keys.work(session.booking_id, due_at)

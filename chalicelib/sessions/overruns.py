"""The expert's time while he has not ended a session: what is booked of it ends that (E37, E38)."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.booking.model import Booking
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import HowItEnds
from chalicelib.core.clock import minutes
from chalicelib.platforms.model import MAX_SETTING_MINUTES, Platform
from chalicelib.sessions.model import MAX_EXTENDED_MINUTES, Session, SessionState
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Overruns:
    """Of sessions that end by the expert's hand; the clock ends all others when their time is up."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars

    def keys(self, platform: Platform, session: Session) -> Sequence[Key]:
        """What to read beside the session: the days that it may come to take."""
        if session.how_it_ends is HowItEnds.AUTOMATIC:
            return ()
        return self._calendars.agenda_keys(*_place(platform, session))

    def next_taken(self, loaded: Loaded, platform: Platform, session: Session) -> datetime | None:
        """When the expert's next booking begins, whenever that was made."""
        if session.how_it_ends is HowItEnds.AUTOMATIC:
            return None
        return self._calendars.next_claim(loaded, *_place(platform, session), session.booking_id)

    def prepare(self, loaded: Loaded, platform: Platform, booking: Booking, after: Session) -> list[Write]:
        """His time kept until the clock would end the session, so that nobody books it; then given back."""
        if after.how_it_ends is HowItEnds.AUTOMATIC or after.notified_at is None:
            return []
        place = _place(platform, after)
        if after.state is SessionState.ENDED:
            return self._calendars.prepare_shorten(loaded, *place, booking.claim, after.due_end)
        until = after.wakes_at or after.due_end
        return self._calendars.prepare_extend(loaded, *place[:3], until, booking.id)


def _place(platform: Platform, session: Session) -> tuple[str, str, datetime, datetime]:
    """As far as any safety limit behind the longest extension: it may have been another one before."""
    latest = session.scheduled_end + session.duration + minutes(MAX_EXTENDED_MINUTES)
    return platform.id, session.expert_id, session.starts_at, latest + minutes(MAX_SETTING_MINUTES)

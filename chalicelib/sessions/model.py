"""A session is the meeting that was booked, with its own clock.

What it stores as instants decides, never the time at which a timer fired.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import HowItEnds, Service, WhenItEnds
from chalicelib.core.errors import Conflict, NotFound


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"
    message = "Nobody has joined this session yet."


class JoinTooEarly(Conflict):
    """``opens_at`` tells when the session may be joined."""

    code = "JOIN_TOO_EARLY"
    message = "The session may not be joined yet."


class SessionOver(Conflict):
    code = "SESSION_OVER"
    message = "The session is over."


class CustomerNotJoined(Conflict):
    code = "CUSTOMER_NOT_JOINED"
    message = (
        "The customer has not joined yet, and still may. Where he never does, the clock closes the booking."
    )


class Party(StrEnum):
    CUSTOMER = "customer"
    EXPERT = "expert"


class SessionState(StrEnum):
    """A session ends once, and never comes back."""

    RUNNING = "running"
    ENDED = "ended"


class EndedBy(StrEnum):
    CLOCK = "clock"
    EXPERT = "expert"
    ADMIN = "admin"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What the server saw of one booking's meeting. It is stored from the first join on.

    ``due_end``: when the time is up. ``wakes_at``: when the clock acts next, which is ``due_end`` until the
    expert has been notified, and the safety limit after that; none once the session has ended.
    ``generation`` rises whenever ``wakes_at`` changes, so that a timer of an earlier one does nothing.
    ``cut_short``: the expert's next booking begins before the full service time is up (E37).
    """

    booking_id: str
    platform_id: str
    customer_id: str
    expert_id: str
    service: Service | None
    starts_at: datetime
    duration_minutes: int
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds
    due_end: datetime
    wakes_at: datetime | None
    generation: int = 0
    cut_short: bool = False
    state: SessionState = SessionState.RUNNING
    customer_joined_at: datetime | None = None
    expert_joined_at: datetime | None = None
    notified_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    version: int = 0

    @classmethod
    def waiting(cls, booking: Booking) -> "Session":
        """What a booking's session is before anybody has joined it; copied from the booking as sold (E39)."""
        return cls(
            booking_id=booking.id,
            platform_id=booking.platform_id,
            customer_id=booking.customer_id,
            expert_id=booking.expert_id,
            service=booking.package.service,
            starts_at=booking.starts_at,
            duration_minutes=booking.package.duration_minutes,
            how_it_ends=booking.package.how_it_ends,
            when_it_ends=booking.package.when_it_ends,
            due_end=booking.ends_at,
            wakes_at=booking.ends_at,
        )

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def scheduled_end(self) -> datetime:
        """The appointment's end as booked, whenever anybody joined (E26)."""
        return self.starts_at + self.duration

    @property
    def started_at(self) -> datetime | None:
        """The first join."""
        joins = [at for at in (self.customer_joined_at, self.expert_joined_at) if at]
        return min(joins, default=None)

    def party(self, account_id: str) -> Party | None:
        """Which of the two a person is, if either."""
        parties = {self.customer_id: Party.CUSTOMER, self.expert_id: Party.EXPERT}
        return parties.get(account_id)

    def joined_at(self, party: Party) -> datetime | None:
        return self.customer_joined_at if party is Party.CUSTOMER else self.expert_joined_at

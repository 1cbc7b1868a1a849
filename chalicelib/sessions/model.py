"""A session is the meeting that was booked, with its own clock.

What it stores as instants decides, never the time at which a timer fired.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import HowItEnds, Service, WhenItEnds
from chalicelib.core.errors import Conflict, NotFound

# A further stay is counted into the one before it, so that a line that breaks all the time fills no item.
MAX_STAYS = 40
MAX_EXTENDED_MINUTES = 480


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


class NotBothJoined(Conflict):
    code = "NOT_BOTH_JOINED"
    message = "A session is extended by both parties, once both have joined it."


class CallNotExtended(Conflict):
    code = "CALL_NOT_EXTENDED"
    message = "A session by phone lasts as long as was set aside for its call."


class ExtensionNotFree(Conflict):
    """``free_until`` tells when the expert's next booking begins."""

    code = "EXTENSION_NOT_FREE"
    message = "The expert's next booking begins before that."


class ExtensionTooShort(Conflict):
    code = "EXTENSION_TOO_SHORT"
    message = "The session has run over its time by more than that."


class ExtensionTooLong(Conflict):
    code = "EXTENSION_TOO_LONG"
    message = "A session is extended by eight hours at most, all in all."


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


class CallState(StrEnum):
    """How the call of a session by phone stands: from when both have joined until the end it is on.

    ``refused``: the provider will not make it.
    """

    WAITING = "waiting"
    CALLING = "calling"
    REFUSED = "refused"
    OVER = "over"


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """A party was there from ``joined_at`` until ``left_at``; without one he still is."""

    party: Party
    joined_at: datetime
    left_at: datetime | None = None


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """So much longer, one party asks of the other."""

    minutes: int
    asked_by: Party
    asked_at: datetime


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What the server saw of one booking's meeting. It is stored from the first join on.

    ``due_end``: when the time is up. ``wakes_at``: when the clock acts next, which is ``due_end`` until the
    expert has been notified, and the safety limit after that; none once the session has ended.
    ``generation`` rises whenever ``wakes_at`` changes, so that a timer of an earlier one does nothing.
    ``cut_short``: the expert's next booking begins before the full service time is up (E37).
    ``room``: the name of its meeting room, a secret of its parties.
    ``stays``: who was there and when, in the order of the joins; at most ``MAX_STAYS``.
    ``extension``: what one party asks, until the other agrees; ``extended_minutes``: what both agreed to.
    It is session ``ordinal`` of a package's ``total``, as booked.
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
    room: str = ""
    stays: list[Stay] = []
    extension: Extension | None = None
    extended_minutes: int = 0
    ordinal: int | None = None
    total: int | None = None
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
            ordinal=booking.ordinal,
            total=booking.total,
        )

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def scheduled_end(self) -> datetime:
        """The appointment's end as booked, whenever anybody joined (E26)."""
        return self.starts_at + self.duration

    @property
    def both_joined(self) -> bool:
        return self.customer_joined_at is not None and self.expert_joined_at is not None

    @property
    def call(self) -> CallState | None:
        """None where it is not by phone."""
        if self.service is not Service.PHONE:
            return None
        if self.state is SessionState.ENDED:
            return CallState.OVER
        return CallState.CALLING if self.both_joined else CallState.WAITING

    def party(self, account_id: str) -> Party | None:
        """Which of the two a person is, if either."""
        parties = {self.customer_id: Party.CUSTOMER, self.expert_id: Party.EXPERT}
        return parties.get(account_id)

    def is_present(self, party: Party) -> bool:
        """Whether he is there now."""
        return any(stay.party is party and stay.left_at is None for stay in self.stays)

    def joined_at(self, party: Party) -> datetime | None:
        return self.customer_joined_at if party is Party.CUSTOMER else self.expert_joined_at

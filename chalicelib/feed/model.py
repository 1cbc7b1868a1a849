"""Notices: what a person's client is told of, in the order in which it became known."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

# Then time to live removes a notice; it is news, and no record.
KEPT_FOR = timedelta(days=90)
Data = dict[str, str | int | None]


class NoticeKind(StrEnum):
    """What happened. A kind's name and the fields of its data are API; its words are the client's own."""

    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_MISSED = "booking_missed"
    BOOKING_MOVED = "booking_moved"
    BOOKING_REMINDER = "booking_reminder"
    CUT_SHORT = "cut_short"
    EXTENSION_AGREED = "extension_agreed"
    EXTENSION_ASKED = "extension_asked"
    PACKAGE_CANCELLED = "package_cancelled"
    PACKAGE_GIVEN = "package_given"
    PARTY_JOINED = "party_joined"
    PARTY_LEFT = "party_left"
    PHONE_BALANCE_LOW = "phone_balance_low"
    PHONE_CALL_REFUSED = "phone_call_refused"
    SERIES_CONFIRMED = "series_confirmed"
    SESSION_ENDED = "session_ended"
    TIME_IS_UP = "time_is_up"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one person is told; ``at`` is when it happened, by the platform's clock."""

    id: str
    platform_id: str
    account_id: str
    sequence: int
    kind: NoticeKind
    at: datetime
    data: Data
    version: int = 0


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """How far a person's notices have come; each takes the number after ``last``, so none is skipped."""

    platform_id: str
    account_id: str
    last: int = 0
    version: int = 0

"""The outward shapes of calendar feeds."""

from datetime import datetime

from msgspec import Struct


class CalendarFeedView(Struct, frozen=True, kw_only=True):
    """``path`` holds the secret, which is told this once; it goes behind the API's own address."""

    path: str
    created_at: datetime


class CalendarFeedRevokedView(Struct, frozen=True, kw_only=True):
    """No address leads to one's appointments any more."""

    revoked_at: datetime

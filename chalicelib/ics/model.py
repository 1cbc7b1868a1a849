"""The address under which a person's calendar program finds his appointments."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import msgspec

from chalicelib.core.errors import NotFound


class CalendarFeedNotFound(NotFound):
    code = "CALENDAR_FEED_NOT_FOUND"
    message = "There is no calendar at this address. It may have been renewed or revoked."


class CalendarFeed(msgspec.Struct, frozen=True, kw_only=True):
    """The secret itself is told once, and kept as its hash; a renewal takes the old one's place."""

    platform_id: str
    account_id: str
    secret_sha256: str | None
    created_at: datetime
    version: int = 0

    def opened_by(self, secret: str) -> bool:
        return self.secret_sha256 is not None and compare_digest(self.secret_sha256, hashed(secret))


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

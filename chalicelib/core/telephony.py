"""The port of calls over GSM (E7). Any vendor that bridges two numbers can stand behind it."""

from datetime import datetime
from typing import Protocol

import msgspec

from chalicelib.core.errors import UpstreamFailed


class TelephonyFailed(UpstreamFailed):
    code = "TELEPHONY_FAILED"
    message = "The telephony provider did not take the call. Try again."


class CallRefused(Exception):
    """The provider will not make this call however often it is asked; ``reason`` is its own code for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PhoneCall(msgspec.Struct, frozen=True, kw_only=True):
    """Two numbers in E.164 to be brought together; the vendor hangs up after ``max_minutes``."""

    id: str
    platform_id: str
    customer_number: str
    expert_number: str
    max_minutes: int

    def __repr__(self) -> str:
        """Numbers are personal data, and have no place in a log or a traceback."""
        return f"PhoneCall(id={self.id!r}, max_minutes={self.max_minutes})"


class Telephony(Protocol):
    """Providers keep no idempotency keys: the caller asks alone, and looks before he asks again."""

    def serves(self, platform_id: str) -> bool:
        """Whether calls of this platform can be made; where they cannot, none is sold."""

    def start_call(self, call: PhoneCall) -> str:
        """Call both and bring them together; the provider's id of it.

        ``CallRefused``, ``TelephonyFailed``.
        """

    def find_call(self, call: PhoneCall, since: datetime) -> str | None:
        """The id of what ``start_call`` made at ``since`` or later, if it did. Refuses as it does."""

    def end_call(self, platform_id: str, reference: str) -> None:
        """Hang up; nothing happens where the call has ended, or never was. Refuses as ``start_call``."""


class TelephonyOf(Protocol):
    """Which provider calls for a platform."""

    def __call__(self, *, sandbox: bool) -> Telephony: ...

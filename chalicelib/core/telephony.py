"""The port of calls over GSM (E7). Any vendor that bridges two numbers can stand behind it."""

from typing import Protocol

import msgspec

from chalicelib.core.errors import UpstreamFailed


class TelephonyFailed(UpstreamFailed):
    code = "TELEPHONY_FAILED"
    message = "The telephony provider did not take the call. Try again."


class PhoneCall(msgspec.Struct, frozen=True, kw_only=True):
    """Two numbers in E.164 to be brought together; the vendor hangs up after ``max_minutes``."""

    id: str
    customer_number: str
    expert_number: str
    max_minutes: int

    def __repr__(self) -> str:
        """Numbers are personal data, and have no place in a log or a traceback."""
        return f"PhoneCall(id={self.id!r}, max_minutes={self.max_minutes})"


class Telephony(Protocol):
    """A call may be started and ended again by the same id: one is made of it, and ended once."""

    def serves(self, platform_id: str, *, sandbox: bool) -> bool:
        """Whether calls of this platform would ring; where they would not, none is sold."""

    def start_call(self, call: PhoneCall) -> None:
        """Call both and bring them together. ``TelephonyFailed``."""

    def end_call(self, call_id: str) -> None:
        """Hang up; nothing happens where the call has ended, or never was. ``TelephonyFailed``."""

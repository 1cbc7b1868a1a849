"""Calls that ring nowhere, for sandbox platforms: each is told in the log, by its id alone."""

from datetime import datetime

from chalicelib.core.log import log
from chalicelib.core.telephony import PhoneCall


class SandboxTelephony:
    """Satisfies ``core.telephony.Telephony``."""

    def serves(self, platform_id: str) -> bool:  # noqa: ARG002 - it needs no account
        return True

    def start_call(self, call: PhoneCall) -> str:
        log("phone_call_started", call_id=call.id, max_minutes=call.max_minutes)
        return call.id

    def find_call(self, call: PhoneCall, since: datetime) -> str | None:  # noqa: ARG002 - it keeps no times
        """It is the call's own id: one that is told twice in the log does no harm."""
        return call.id

    def end_call(self, platform_id: str, reference: str) -> None:
        log("phone_call_ended", platform_id=platform_id, call_id=reference)

"""Calls that ring nowhere, for sandbox platforms: each is told in the log, by its id alone."""

from chalicelib.core.log import log
from chalicelib.core.telephony import PhoneCall


class SandboxTelephony:
    """Satisfies ``core.telephony.Telephony``; a deployment with a vendor puts another in its place."""

    def serves(self, platform_id: str, *, sandbox: bool) -> bool:  # noqa: ARG002 - a vendor knows its own
        return sandbox

    def start_call(self, call: PhoneCall) -> None:
        log("phone_call_started", call_id=call.id, max_minutes=call.max_minutes)

    def end_call(self, call_id: str) -> None:
        log("phone_call_ended", call_id=call_id)

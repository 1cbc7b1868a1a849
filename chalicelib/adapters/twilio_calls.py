"""Calls by Twilio's Programmable Voice, over its HTTP API.

https://www.twilio.com/docs/voice/api/call-resource, https://www.twilio.com/docs/voice/twiml/dial

Numbers are in what is sent and answered, and so neither is ever logged or told in an exception.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from chalicelib.adapters.https import call_json
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.payment_accounts import account_of
from chalicelib.core.log import log
from chalicelib.core.payments import ProviderFailed, ProviderNotConfigured, ProviderTimeout
from chalicelib.core.telephony import CallRefused, PhoneCall, TelephonyFailed
from chalicelib.settings import settings

_NAME = "twilio"
_FORM = "application/x-www-form-urlencoded"
_NOT_CONFIGURED = "NOT_CONFIGURED"
_TOO_MANY_REQUESTS = 429
# The call is over already, or Twilio has forgotten it.
_NOT_RUNNING = ("21220", "20404")
# Twilio tells when a call was made in whole seconds, by its own clock.
_CLOCKS_DIFFER = timedelta(seconds=5)
_LISTED = 50


class _Account(msgspec.Struct, frozen=True):
    """A platform's own account; ``caller_number`` is the one that both parties see."""

    account_sid: Annotated[str, Meta(pattern=r"^AC[0-9a-f]{32}\Z")]
    auth_token: Annotated[str, Meta(min_length=1)]
    caller_number: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}\Z")]


class TwilioCalls:
    """Satisfies ``core.telephony.Telephony``."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def serves(self, platform_id: str) -> bool:
        return self._parameters.has(f"platforms/{platform_id}/{_NAME}")

    def start_call(self, call: PhoneCall) -> str:
        """The client is called; once he answers, the expert is, and both are brought together."""
        account = self._account(call.platform_id)
        seconds = call.max_minutes * 60
        dial = f'<Dial callerId="{account.caller_number}" timeLimit="{seconds}">{call.expert_number}</Dial>'
        asked = {
            "To": call.customer_number,
            "From": account.caller_number,
            "Twiml": f"<Response>{dial}</Response>",
            "TimeLimit": str(seconds),
        }
        answer = self._call(account, "POST", "Calls.json", asked)
        _check(call.platform_id, answer)
        return _sid(answer)

    def find_call(self, call: PhoneCall, since: datetime) -> str | None:
        """Of the newest calls to the client, the first that was made since."""
        account = self._account(call.platform_id)
        wanted = {"To": call.customer_number, "From": account.caller_number, "PageSize": str(_LISTED)}
        answer = self._call(account, "GET", f"Calls.json?{urlencode(wanted)}")
        _check(call.platform_id, answer)
        try:
            made = [each for each in answer["calls"] if _made_at(each) >= since - _CLOCKS_DIFFER]
            return _sid(min(made, key=_made_at)) if made else None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _nonsense() from None

    def end_call(self, platform_id: str, reference: str) -> None:
        account = self._account(platform_id)
        answer = self._call(account, "POST", f"Calls/{reference}.json", {"Status": "completed"})
        if str(answer.get("code")) not in _NOT_RUNNING:
            _check(platform_id, answer)

    def _call(
        self, account: _Account, method: str, target: str, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """``TelephonyFailed`` for whatever is no answer: what was on its way may have been done."""
        base = settings().twilio_api_base.rstrip("/")
        told = base64.b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()
        headers = {"Authorization": f"Basic {told}", "Content-Type": _FORM}
        body = urlencode(form).encode() if form else None
        url = f"{base}/2010-04-01/Accounts/{account.account_sid}/{target}"
        try:
            return call_json(method, url, body=body, headers=headers)
        except (ProviderFailed, ProviderTimeout):
            raise TelephonyFailed from None

    def _account(self, platform_id: str) -> _Account:
        try:
            return account_of(self._parameters, platform_id, _NAME, _Account)
        except ProviderNotConfigured:
            raise CallRefused(_NOT_CONFIGURED) from None


def _check(platform_id: str, answer: Mapping[str, Any]) -> None:
    """An error has a code, which a call has not. ``CallRefused``; ``TelephonyFailed`` where it may pass."""
    code, status = answer.get("code"), answer.get("status")
    if code is None and not isinstance(status, int):
        return
    if not isinstance(code, int):
        raise _nonsense()
    log("phone_call_not_taken", platform_id=platform_id, code=code)
    if status == _TOO_MANY_REQUESTS:
        raise TelephonyFailed
    raise CallRefused(str(code))


def _sid(call: Mapping[str, Any]) -> str:
    sid = call.get("sid")
    if not isinstance(sid, str) or not (sid.startswith("CA") and sid.isalnum()):
        raise _nonsense()
    return sid


def _made_at(call: Mapping[str, Any]) -> datetime:
    """RFC 2822, as Twilio writes all its instants."""
    made_at = parsedate_to_datetime(call["date_created"])
    return made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)


def _nonsense() -> TelephonyFailed:
    log("provider_answered_nonsense", provider=_NAME)
    return TelephonyFailed()

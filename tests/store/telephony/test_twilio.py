"""Twilio's calls: the requests' exact form, what is made of each answer, and both sides over HTTP."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import aws
from chalicelib.adapters import twilio_calls
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.twilio_calls import TwilioCalls
from chalicelib.core import clock
from chalicelib.core.payments import ProviderFailed, ProviderTimeout
from chalicelib.core.telephony import CallRefused, PhoneCall, TelephonyFailed
from chalicelib.settings import settings
from infra.local.payments.accounts import Account
from infra.local.payments.faults import Fault
from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server

PLATFORM, SID, TOKEN, CALLER = "danisma", f"AC{'0a' * 16}", "a token", "+908500000000"
ADAS, ELIFS = "+905551112233", "+905321112233"
CALL = PhoneCall(
    id="call-bkg_1", platform_id=PLATFORM, customer_number=ADAS, expert_number=ELIFS, max_minutes=50
)
KEYS = {"account_sid": SID, "auth_token": TOKEN, "caller_number": CALLER}
SINCE = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def keep(**keys: str) -> None:
    name = f"/seans/test/platforms/{PLATFORM}/twilio"
    aws.client("ssm").put_parameter(Name=name, Value=json.dumps(keys), Type="SecureString", Overwrite=True)


@pytest.fixture
def twilio(table) -> TwilioCalls:
    keep(**KEYS)
    return TwilioCalls(Parameters())


class Transport:
    """In the place of HTTPS: what was sent, and what is answered or raised next."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.answer: Any = {}

    def __call__(self, method: str, url: str, *, body: bytes | None, headers: dict[str, str]) -> Any:
        form = {name: values[-1] for name, values in parse_qs((body or b"").decode()).items()}
        self.sent.append((method, url, form, headers))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def transport(monkeypatch) -> Transport:
    made = Transport()
    monkeypatch.setattr(twilio_calls, "call_json", made)
    return made


def test_e7_a_call_is_asked_for_with_both_numbers_and_its_limit(twilio, transport) -> None:
    transport.answer = {"sid": "CA1", "status": "queued"}
    assert twilio.start_call(CALL) == "CA1"
    ((method, url, form, headers),) = transport.sent
    assert (method, url) == ("POST", f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Calls.json")
    dial = f'<Response><Dial callerId="{CALLER}" timeLimit="3000">{ELIFS}</Dial></Response>'
    assert form == {"To": ADAS, "From": CALLER, "Twiml": dial, "TimeLimit": "3000"}
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{SID}:{TOKEN}"


def test_hanging_up_completes_the_call_and_one_that_is_over_stays_so(twilio, transport) -> None:
    for answer in ({"sid": "CA1"}, {"code": 21220, "status": 400}, {"code": 20404, "status": 404}):
        transport.answer = answer
        twilio.end_call(PLATFORM, "CA1")
    method, url, form, _ = transport.sent[0]
    assert (method, urlsplit(url).path) == ("POST", f"/2010-04-01/Accounts/{SID}/Calls/CA1.json")
    assert form == {"Status": "completed"}
    transport.answer = {"code": 20003, "status": 401}
    with pytest.raises(CallRefused):
        twilio.end_call(PLATFORM, "CA1")


def test_a_call_is_found_by_its_number_and_when_it_was_made(twilio, transport) -> None:
    listed = {"CA3": "07:00:40", "CA2": "06:59:58", "CA1": "06:30:00"}
    transport.answer = {
        "calls": [{"sid": sid, "date_created": f"Sun, 22 Nov 2026 {at} +0000"} for sid, at in listed.items()]
    }
    assert twilio.find_call(CALL, SINCE) == "CA2"
    assert twilio.find_call(CALL, SINCE + timedelta(hours=1)) is None
    method, url, form, _ = transport.sent[0]
    assert (method, form) == ("GET", {})
    assert parse_qs(urlsplit(url).query) == {"To": [ADAS], "From": [CALLER], "PageSize": ["50"]}


@pytest.mark.parametrize("code", [21211, 21215, 20003, 20005])
def test_what_twilio_refuses_is_told_by_its_code_alone(twilio, transport, capsys, code) -> None:
    transport.answer = {"code": code, "message": f"{ADAS} is not valid", "status": 400}
    with pytest.raises(CallRefused) as refused:
        twilio.start_call(CALL)
    assert refused.value.reason == str(code)
    assert ADAS not in str(refused.value) + capsys.readouterr().out


@pytest.mark.parametrize(
    "answer",
    [
        ProviderTimeout(),
        ProviderFailed(),
        {"code": 20429, "status": 429},
        {},
        {"sid": 7},
        {"sid": "CA1/../.."},
        {"code": "odd", "status": 400},
        {"status": 400},
    ],
)
def test_no_answer_and_nonsense_are_tried_again(twilio, transport, answer) -> None:
    transport.answer = answer
    with pytest.raises(TelephonyFailed) as failed:
        twilio.start_call(CALL)
    assert ADAS not in repr(failed.value)
    assert failed.value.__cause__ is None


@pytest.mark.parametrize(
    "listed",
    [{}, {"calls": 7}, {"calls": [{}]}, {"calls": [{"date_created": "yesterday"}]}, {"calls": [None]}],
)
def test_a_list_that_makes_no_sense_finds_nothing_and_is_tried_again(twilio, transport, listed) -> None:
    transport.answer = listed
    with pytest.raises(TelephonyFailed):
        twilio.find_call(CALL, SINCE)


@pytest.mark.parametrize(
    "keys", [{}, KEYS | {"caller_number": "12"}, KEYS | {"account_sid": "AC1/.."}, KEYS | {"auth_token": ""}]
)
def test_an_account_that_makes_no_sense_makes_no_call(twilio, transport, keys) -> None:
    keep(**keys)
    with pytest.raises(CallRefused) as refused:
        twilio.start_call(CALL)
    assert (refused.value.reason, transport.sent) == ("NOT_CONFIGURED", [])


def test_a_platform_with_an_account_is_served_and_another_is_not(twilio) -> None:
    assert (twilio.serves(PLATFORM), twilio.serves("other")) == (True, False)


@pytest.fixture
def exchange(twilio, monkeypatch) -> Iterator[Server]:
    server = Server(Config())
    account = Account("acct_twilio", TOKEN, protocol="twilio", api_key=SID)
    server.sandbox.state.accounts[TOKEN] = account
    monkeypatch.setenv("TWILIO_API_BASE", f"{server.url}/twilio")
    settings.cache_clear()
    server.start()
    yield server
    server.stop()
    settings.cache_clear()


def made(server: Server) -> list[Any]:
    return list(server.sandbox.state.tables["call"].newest_first())


def test_over_http_a_call_is_made_found_and_hung_up_on(twilio, exchange) -> None:
    began = clock.now()
    reference = twilio.start_call(CALL)
    assert twilio.find_call(CALL, began) == reference
    twilio.end_call(PLATFORM, reference)
    twilio.end_call(PLATFORM, reference)
    twilio.end_call(PLATFORM, "CAunknown")
    (call,) = made(exchange)
    assert (call.object["to"], call.object["from"], call.object["status"]) == (ADAS, CALLER, "completed")
    assert ELIFS in call.private["twiml"]


def test_over_http_a_call_whose_answer_is_lost_is_found(twilio, exchange) -> None:
    began = clock.now()
    exchange.sandbox.faults.add(Fault("lost_response", method="POST"))
    with pytest.raises(TelephonyFailed):
        twilio.start_call(CALL)
    assert twilio.find_call(CALL, began) == made(exchange)[0].object["sid"]


@pytest.mark.parametrize("kind", ["error_500", "nonsense", "lost_request"])
def test_over_http_what_fails_makes_no_call(twilio, exchange, kind) -> None:
    exchange.sandbox.faults.add(Fault(kind))
    with pytest.raises(TelephonyFailed):
        twilio.start_call(CALL)
    assert (made(exchange), twilio.find_call(CALL, clock.now())) == ([], None)


def test_over_http_a_refused_number_and_a_wrong_token_are_refused(twilio, exchange) -> None:
    refused = {"+15005550001": "21217", "+15005550003": "21215"}
    for number, code in refused.items():
        call = PhoneCall(
            id="call-bkg_2", platform_id=PLATFORM, customer_number=number, expert_number=ELIFS, max_minutes=1
        )
        with pytest.raises(CallRefused, match=code):
            twilio.start_call(call)
    keep(**KEYS | {"auth_token": "another"})
    with pytest.raises(CallRefused, match="20003"):
        TwilioCalls(Parameters()).start_call(CALL)

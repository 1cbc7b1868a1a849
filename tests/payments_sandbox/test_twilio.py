"""The sandbox's Twilio: it makes calls of its accounts alone, refuses as Twilio does, and tells tests of all."""

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.payments_sandbox.harness import Shop

SID, TOKEN = f"AC{'0a' * 16}", "token"
CALLS = f"/twilio/2010-04-01/Accounts/{SID}/Calls"
ASKED = {"To": "+905551112233", "From": "+908500000000", "Twiml": "<Response/>"}


def call(shop: Shop, method: str, path: str, token: str = TOKEN, **form: str) -> Any:
    told = b64encode(f"{SID}:{token}".encode()).decode()
    return shop.request(method, path, urlencode(form).encode(), {"Authorization": f"Basic {told}"}).json()


@pytest.fixture
def caller(shop) -> Shop:
    shop.control("accounts", {"secret_key": TOKEN, "protocol": "twilio", "api_key": SID})
    return shop


def test_a_call_is_made_listed_and_hung_up_on_once(caller) -> None:
    made = call(caller, "POST", f"{CALLS}.json", **ASKED)
    assert (made["status"], made["sid"][:2]) == ("queued", "CA")
    others = urlencode({"To": "+15551112233"})
    for query, found in (("", [made]), (f"?{others}", [])):
        assert call(caller, "GET", f"{CALLS}.json{query}")["calls"] == found
    path = f"{CALLS}/{made['sid']}.json"
    assert call(caller, "POST", path, Status="completed")["status"] == "completed"
    assert call(caller, "POST", path, Status="completed")["code"] == 21220
    (kept,) = caller.control("calls")["calls"]
    assert (kept["to"], kept["status"], kept["twiml"]) == (ASKED["To"], "completed", "<Response/>")


def test_what_twilio_refuses_is_refused(caller) -> None:
    assert call(caller, "POST", f"{CALLS}.json", token="wrong", **ASKED)["code"] == 20003
    assert call(caller, "POST", f"{CALLS}.json", **ASKED | {"To": "+15005550003"})["code"] == 21215
    assert call(caller, "POST", f"{CALLS}.json", To="+905551112233")["code"] == 21213
    assert call(caller, "POST", f"{CALLS}/CAnone.json", Status="completed")["code"] == 20404
    assert caller.control("calls")["calls"] == []

"""The sandbox's ZarinPal: rial unless toman is named, and money that only `verify` takes."""

import json
from typing import Any

import pytest

from tests.payments_sandbox.harness import Shop

MERCHANT = "1344b5d4-0048-11e8-94db-005056a205be"
PAGE = {
    "amount": 1_000_000,
    "currency": "IRR",
    "callback_url": "http://shop.localhost/back",
    "description": "500",
}


def call(shop: Shop, name: str, **content: Any) -> Any:
    body = json.dumps({"merchant_id": MERCHANT, **content}).encode()
    answer = shop.request("POST", f"/zarinpal/pg/v4/payment/{name}.json", body).json()
    return answer["data"] or answer["errors"]["code"]


@pytest.fixture
def merchant(shop) -> Shop:
    shop.control("accounts", {"secret_key": MERCHANT, "protocol": "zarinpal"})
    return shop


def test_only_verifying_takes_the_money_and_twice_is_said_so(merchant) -> None:
    authority = call(merchant, "request", **PAGE)["authority"]
    assert len(authority) == 36
    start = merchant.request("GET", f"/zarinpal/pg/StartPay/{authority}")
    assert start.headers["location"] == f"/pay/{authority}"
    assert call(merchant, "verify", authority=authority, amount=1_000_000) == -51
    paid = merchant.press(authority, "pay")
    assert paid.headers["location"] == f"http://shop.localhost/back?Authority={authority}&Status=OK"
    assert [each["authority"] for each in call(merchant, "unVerified")["authorities"]] == [authority]
    assert call(merchant, "inquiry", authority=authority)["status"] == "PAID"
    assert call(merchant, "verify", authority=authority, amount=100_000) == -50
    codes = [call(merchant, "verify", authority=authority, amount=1_000_000)["code"] for _ in range(2)]
    assert codes == [100, 101]
    assert call(merchant, "unVerified")["authorities"] == []
    assert call(merchant, "inquiry", authority=authority)["status"] == "VERIFIED"


def test_toman_are_ten_rial_and_rial_is_the_default(merchant) -> None:
    for currency, rial in (({"currency": "IRT"}, 10_000_000), ({}, 1_000_000)):
        page = {name: value for name, value in PAGE.items() if name != "currency"}
        authority = call(merchant, "request", **page | currency)["authority"]
        merchant.press(authority, "pay")
        assert call(merchant, "verify", authority=authority, amount=rial)["code"] == 100


def test_whoever_leaves_or_fails_has_not_paid(merchant) -> None:
    authority = call(merchant, "request", **PAGE)["authority"]
    left = merchant.press(authority, "leave")
    assert left.headers["location"].endswith("Status=NOK")
    assert call(merchant, "inquiry", authority=authority)["status"] == "IN_BANK"
    merchant.press(authority, "decline")
    assert call(merchant, "inquiry", authority=authority)["status"] == "FAILED"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"amount": 9_999}, -9),
        ({"description": ""}, -9),
        ({"amount": "1000000"}, -9),
        ({"merchant_id": "x"}, -10),
    ],
)
def test_a_request_with_a_fault_is_refused(merchant, content, code) -> None:
    assert call(merchant, "request", **PAGE | content) == code


def test_another_s_page_is_unknown(merchant) -> None:
    assert call(merchant, "verify", authority="A1", amount=1) == -54

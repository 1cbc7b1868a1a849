"""The sandbox's iyzico: signed calls, signed answers, signed notifications, and a form back to the merchant."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.payments_sandbox.harness import Shop

API_KEY, SECRET, WEBHOOK_SECRET = "sandbox-api", "sandbox-secret", "sandbox-webhook"
START = "/payment/iyzipos/checkoutform/initialize/ecom"
DETAIL = "/payment/iyzipos/checkoutform/auth/ecom/detail"
BUYER = dict.fromkeys(
    ("id", "name", "surname", "email", "identityNumber", "registrationAddress", "city", "country", "ip"), "x"
)
FORM = {
    "conversationId": "ord_1",
    "price": "1490.50",
    "paidPrice": "1490.50",
    "currency": "TRY",
    "basketId": "ord_1",
    "callbackUrl": "http://shop.localhost/back",
    "buyer": BUYER,
    "billingAddress": {"city": "x"},
    "basketItems": [{"id": "1", "name": "500 Kredi", "price": "1490.50"}],
}


def mac(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def call(shop: Shop, path: str, content: dict[str, Any], secret: str = SECRET, word: str = "w1") -> Any:
    body = json.dumps(content)
    told = f"apiKey:{API_KEY}&randomKey:{word}&signature:{mac(secret, word + path + body)}"
    headers = {"Authorization": f"IYZWSv2 {base64.b64encode(told.encode()).decode()}", "x-iyzi-rnd": "w1"}
    return shop.request("POST", f"/iyzico{path}", body.encode(), headers).json()


@pytest.fixture
def merchant(shop) -> Shop:
    shop.control(
        "accounts",
        {
            "secret_key": SECRET,
            "api_key": API_KEY,
            "protocol": "iyzico",
            "webhook_url": shop.endpoint.url,
            "webhook_secret": WEBHOOK_SECRET,
        },
    )
    return shop


def test_a_page_is_opened_and_paid_and_both_answers_are_signed(merchant) -> None:
    started = call(merchant, START, FORM)
    token = started["token"]
    assert (started["status"], started["tokenExpireTime"]) == ("success", 1_800)
    assert started["signature"] == mac(SECRET, f"ord_1:{token}")
    assert call(merchant, DETAIL, {"token": token})["errorCode"] == "5095"
    merchant.press(token, "pay")
    detail = call(merchant, DETAIL, {"token": token})
    signed = f"SUCCESS:{detail['paymentId']}:TRY:ord_1:ord_1:1490.5:1490.5:{token}"
    assert detail["signature"] == mac(SECRET, signed)


@pytest.mark.parametrize("wrong", [{"secret": "other"}, {"word": "w2"}])
def test_a_call_that_the_merchant_did_not_sign_is_refused(merchant, wrong) -> None:
    assert call(merchant, START, FORM, **wrong)["errorCode"] == "1000"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"buyer": BUYER | {"email": ""}}, "5001"),
        ({"callbackUrl": ""}, "5001"),
        ({"currency": "IRR"}, "5062"),
        ({"price": "1490.505"}, "5004"),
        ({"price": "9"}, "5009"),
    ],
)
def test_a_form_with_a_fault_is_refused(merchant, changed, code) -> None:
    assert call(merchant, START, FORM | changed)["errorCode"] == code


@pytest.mark.parametrize(
    ("button", "found"),
    [
        ("decline", {"errorCode": "10005"}),
        ("insufficient", {"errorCode": "10051", "errorGroup": "NOT_SUFFICIENT_FUNDS"}),
        ("fail-3ds", {"mdStatus": 0}),
        ("pay-later", {"paymentStatus": "INIT_BANK_TRANSFER"}),
    ],
)
def test_what_a_buyer_does_to_the_page(merchant, button, found) -> None:
    token = call(merchant, START, FORM)["token"]
    merchant.press(token, button)
    assert call(merchant, DETAIL, {"token": token}).items() >= found.items()


def test_the_merchant_is_notified_with_a_signature(merchant) -> None:
    token = call(merchant, START, FORM)["token"]
    merchant.press(token, "insufficient")
    merchant.press(token, "pay")
    merchant.settled()
    told = [json.loads(body) for body, _ in merchant.endpoint.received]
    assert [each["status"] for each in told] == ["FAILURE", "SUCCESS"]
    for each, (_, signature) in zip(told, merchant.endpoint.received, strict=True):
        text = f"CHECKOUT_FORM_AUTH{each['iyziPaymentId']}{token}ord_1{each['status']}"
        assert signature == mac(WEBHOOK_SECRET, WEBHOOK_SECRET + text)


def test_the_page_leads_back_by_a_form_with_the_token(merchant) -> None:
    token = call(merchant, START, FORM)["token"]
    merchant.press(token, "pay")
    page = merchant.page(token).body.decode()
    assert '<form method="post" action="http://shop.localhost/back">' in page
    assert f'name="token" value="{token}"' in page

"""iyzico's signatures: the two vectors that its own samples publish, and what it must not let through."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.adapters.iyzico_payments import IyzicoPayments
from chalicelib.adapters.iyzico_words import (
    DETAIL_FIELDS,
    answer_is_signed,
    is_about_payment,
    is_refused,
    mac,
    minor_units,
    payment_of,
    refunded_of,
    webhook_signature,
)
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    FailureReason,
    PaymentPage,
    PaymentState,
    ProviderNotConfigured,
    WebhookRefused,
)

# samples/webhook_Signature_Validation.php of github.com/iyzico/iyzipay-php: a secret of its sandbox.
SECRET = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"
FORM = {
    "paymentConversationId": "conversationId",
    "merchantId": 3382172,
    "token": "e828c62d-fd12-4b1a-ad5a-380f15fe6596",
    "status": "SUCCESS",
    "iyziReferenceCode": "77e1635c-6b39-475a-8b7b-ca15ad0cd4ac",
    "iyziEventType": "CHECKOUT_FORM_AUTH",
    "iyziEventTime": 1721825036103,
    "iyziPaymentId": 22483975,
}
DIRECT = {
    "paymentConversationId": "conversationId",
    "merchantId": 3382172,
    "paymentId": 22484059,
    "status": "SUCCESS",
    "iyziReferenceCode": "a9af8e6b-4401-4928-b6b8-40419aaa3d0f",
    "iyziEventType": "API_AUTH",
    "iyziEventTime": 1721825828467,
    "iyziPaymentId": 22484059,
}
FORM_SIGNATURE = "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"
DIRECT_SIGNATURE = "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PAGE = PaymentPage(
    platform_id="acme",
    order_id="ord_1",
    reference="tok",
    price=Money(149_050, "TRY"),
    payment_id=None,
    expires_at=NOW + timedelta(minutes=30),
)


class Kept:
    """Parameters in memory."""

    def __init__(self, *secrets: str) -> None:
        self.account = json.dumps({"api_key": "k", "secret_key": "s", "webhook_secrets": secrets})

    def find(self, name: str) -> str | None:
        return self.account if name == "platforms/acme/iyzico" else None


def signal(event, signature, *secrets: str):
    provider = IyzicoPayments(Kept(*(secrets or (SECRET,))))  # type: ignore[arg-type] - it is all that is used
    return provider.signal("acme", {"x-iyz-signature-v3": signature}, json.dumps(event).encode())


@pytest.mark.parametrize(("event", "signature"), [(FORM, FORM_SIGNATURE), (DIRECT, DIRECT_SIGNATURE)])
def test_the_published_vectors(event, signature) -> None:
    assert webhook_signature(event, SECRET) == signature
    assert signal(event, signature).event_id == signature
    assert signal(event, signature.upper(), "old", SECRET).event_id == signature


@pytest.mark.parametrize(
    "changed", ["paymentConversationId", "token", "status", "iyziEventType", "iyziPaymentId"]
)
def test_an_altered_event_is_refused(changed) -> None:
    with pytest.raises(WebhookRefused):
        signal(FORM | {changed: "other"}, FORM_SIGNATURE)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"not json", b"\xff", b"[" * 100_000])
def test_what_is_no_event_is_refused(body) -> None:
    provider = IyzicoPayments(Kept(SECRET))  # type: ignore[arg-type] - it is all that is used
    for headers in ({}, {"x-iyz-signature-v3": FORM_SIGNATURE}):
        with pytest.raises(WebhookRefused):
            provider.signal("acme", headers, body)


@pytest.mark.parametrize("secrets", [[""], ["other"]])
def test_without_the_secret_nothing_is_taken(secrets) -> None:
    with pytest.raises(WebhookRefused):
        signal(FORM, webhook_signature(FORM, ""), *secrets)


def test_a_platform_that_is_not_set_up_takes_nothing() -> None:
    provider = IyzicoPayments(Kept(SECRET))  # type: ignore[arg-type] - it is all that is used
    with pytest.raises(ProviderNotConfigured):
        provider.signal("other", {"x-iyz-signature-v3": FORM_SIGNATURE}, json.dumps(FORM).encode())


def detail(**changed):
    return {
        "status": "success",
        "paymentStatus": "SUCCESS",
        "paymentId": "22483975",
        "currency": "TRY",
        "basketId": "ord_1",
        "conversationId": "ord_1",
        "paidPrice": Decimal("1490.50"),
        "price": Decimal("1490.50"),
        "token": "tok",
    } | changed


def test_amounts_are_signed_without_the_zeros_at_their_end() -> None:
    text = "SUCCESS:22483975:TRY:ord_1:ord_1:1490.5:1490.5:tok"
    signed = detail(signature=mac(SECRET, text))
    assert answer_is_signed(signed, DETAIL_FIELDS, SECRET)
    assert not answer_is_signed(signed | {"price": 14905}, DETAIL_FIELDS, SECRET)
    hundred = detail(paidPrice=100, price=100)
    assert answer_is_signed(
        hundred | {"signature": mac(SECRET, "SUCCESS:22483975:TRY:ord_1:ord_1:100:100:tok")},
        DETAIL_FIELDS,
        SECRET,
    )


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1490.50", "TRY", 149_050), (Decimal("0.1"), "EUR", 10), (1, "TRY", 100), ("19.99", "TRY", 1_999)],
)
def test_amounts_become_whole_minor_units(amount, currency, minor) -> None:
    assert minor_units(amount, currency) == minor


def test_a_part_of_a_kurus_is_no_amount() -> None:
    with pytest.raises(ValueError, match="is no amount"):
        minor_units("0.005", "TRY")


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, PaymentState.PAID),
        ({"fraudStatus": 0}, PaymentState.PROCESSING),
        ({"fraudStatus": "0"}, PaymentState.PROCESSING),
        ({"fraudStatus": -1}, PaymentState.EXPIRED),
        ({"fraudStatus": "-1"}, PaymentState.EXPIRED),
        ({"fraudStatus": None}, PaymentState.PAID),
        ({"paymentStatus": "INIT_THREEDS"}, PaymentState.PENDING),
        ({"paymentStatus": "INIT_BANK_TRANSFER"}, PaymentState.PROCESSING),
        ({"status": "failure", "paymentStatus": "FAILURE", "errorCode": "10005"}, PaymentState.PENDING),
        ({"status": "failure", "paymentStatus": None, "errorCode": "5095"}, PaymentState.PENDING),
    ],
)
def test_a_form_s_state(changed, state) -> None:
    payment = payment_of(detail(**changed), PAGE, 0, NOW)
    assert (payment.state, payment.order_id, payment.amount) == (state, "ord_1", 149_050)


@pytest.mark.parametrize(
    ("changed", "reason", "raw_code"),
    [
        ({"errorCode": "10051"}, FailureReason.INSUFFICIENT_FUNDS, "10051"),
        ({"errorCode": "1", "errorGroup": "NOT_SUFFICIENT_FUNDS"}, FailureReason.INSUFFICIENT_FUNDS, "1"),
        ({"errorCode": "10005"}, FailureReason.CARD_DECLINED, "10005"),
        ({"mdStatus": 0}, FailureReason.AUTHENTICATION_FAILED, "mdStatus=0"),
        ({"errorCode": "5152"}, FailureReason.OTHER, "5152"),
    ],
)
def test_a_failure_s_reason_and_iyzico_s_own_code(changed, reason, raw_code) -> None:
    failure = payment_of(detail(status="failure", paymentStatus="FAILURE", **changed), PAGE, 0, NOW).failure
    assert (failure.reason, failure.raw_code) == (reason, raw_code)


@pytest.mark.parametrize("status", [1, "1"])
def test_p3_a_refund_is_known_again_whether_its_status_is_a_number_or_a_text(status) -> None:
    """One that is not is asked for twice."""
    refunds = [{"refundStatus": status, "refundPrice": 5}, {"refundStatus": 0, "refundPrice": 7}]
    report = {"payments": [{"itemTransactions": [{"refunds": refunds}]}]}
    assert refunded_of(report, "TRY") == 500


@pytest.mark.parametrize("code", ["100001", 100001, "1", 1])
def test_iyzico_s_own_failure_refuses_nothing(code) -> None:
    assert not is_refused({"status": "failure", "errorCode": code})
    assert is_refused({"status": "failure", "errorCode": "5086"})


@pytest.mark.parametrize(
    ("answer", "is_about"),
    [
        ({"status": "failure", "errorCode": "5095"}, True),
        ({"status": "failure", "errorCode": "5115"}, True),
        ({"status": "failure", "paymentStatus": "FAILURE", "errorCode": "10005"}, True),
        ({"status": "success", "paymentStatus": "INIT_THREEDS"}, True),
        ({"status": "failure", "errorCode": "1000"}, False),
        ({"status": "failure", "errorCode": "1"}, False),
        ({"status": "failure", "paymentStatus": "FAILURE", "errorCode": "100001"}, False),
        ({"status": "failure", "errorCode": "10005"}, False),
        ({"status": "failure"}, False),
        ({"status": "success"}, False),
        ({"message": "Forbidden"}, False),
    ],
)
def test_an_error_about_the_call_says_nothing_of_the_payment(answer, is_about) -> None:
    assert is_about_payment(answer) is is_about

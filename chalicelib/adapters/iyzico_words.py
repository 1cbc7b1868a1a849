"""iyzico's words in ours: amounts, signatures, states and reasons. Pure.

Its amounts are decimals of the major unit, ``1490.5``, with the zeros at the end left out where they are
signed. https://docs.iyzico.com/en/advanced/response-signature-validation
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.adapters.payment_accounts import order_id_of
from chalicelib.core.money import Money, major_units, minor_digits
from chalicelib.core.payments import (
    CurrencyNotPayable,
    FailedAttempt,
    FailureReason,
    Payment,
    PaymentPage,
    PaymentState,
    PriceNotPayable,
    Signal,
    SignalKind,
)

CURRENCIES = ("TRY", "EUR", "USD", "GBP")
LARGEST_AMOUNT = 99_999_999
# The order in which the fields of an answer are signed.
STARTED_FIELDS = ("conversationId", "token")
DETAIL_FIELDS = (
    "paymentStatus", "paymentId", "currency", "basketId", "conversationId", "paidPrice", "price", "token",
)  # fmt: skip
_PRICES = ("paidPrice", "price")

_INSUFFICIENT = ("10051", "NOT_SUFFICIENT_FUNDS")
_DECLINES = re.compile(r"10\d{3}")
# What 3-D Secure said: 1 is passed, anything else is not.
_AUTHENTICATED = "1"
MADE = "SUCCESS"
# What a detail without a payment's state says of the page: not finished, or not known (any more).
_UNFINISHED = ("5095", "5115")
# iyzico's own failure, and nothing about the call.
_SYSTEM_ERRORS = ("1", "100001")
_DELAYED = ("INIT_BANK_TRANSFER", "INIT_CREDIT", "PENDING_CREDIT", "INIT_APM")
_IN_REVIEW, _REFUSED_BY_REVIEW = "0", "-1"
_REFUNDED = "1"


def check_payable(price: Money) -> None:
    """``CurrencyNotPayable`` or ``PriceNotPayable`` for what iyzico would refuse."""
    if price.currency not in CURRENCIES:
        raise CurrencyNotPayable(f"iyzico does not take {price.currency}.", field="package_id")
    if not 0 < price.amount <= LARGEST_AMOUNT:
        raise PriceNotPayable(field="package_id")


def price_text(money: Money) -> str:
    return major_units(money)


def minor_units(amount: Any, currency: str) -> int:
    """Of ``"1490.5"`` or ``1490.5``. ``ValueError`` for what is no whole number of minor units."""
    scaled = Decimal(str(amount)).scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {currency} is no amount")
    return int(scaled)


def mac(secret: str, text: str) -> str:
    """HMAC-SHA256 in small hexadecimal letters."""
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def answer_is_signed(answer: Mapping[str, Any], fields: Iterable[str], secret: str) -> bool:
    """Whether the named fields of the answer are what iyzico signed."""
    text = ":".join(_signed_text(name, answer.get(name)) for name in fields)
    return hmac.compare_digest(mac(secret, text), str(answer.get("signature", "")))


def _signed_text(name: str, value: Any) -> str:
    if name not in _PRICES:
        return "" if value is None else str(value)
    return f"{Decimal(str(value)).normalize():f}"


def webhook_signature(event: Mapping[str, Any], secret: str) -> str:
    """X-IYZ-SIGNATURE-V3: of a hosted page with its token, of a direct payment without."""
    token = str(event.get("token") or "")
    told = (event["iyziEventType"], event["iyziPaymentId"], token, event["paymentConversationId"])
    return mac(secret, "".join((secret, *map(str, told), str(event["status"]))))


def signal_of(event: Mapping[str, Any], signature: str, body: str) -> Signal:
    """An authenticated event. It is known by its signature: nothing else of it is both its own and signed."""
    token = event.get("token")
    return Signal(
        event_id=signature,
        type=str(event["iyziEventType"]),
        kind=SignalKind.SETTLES if token else SignalKind.IRRELEVANT,
        body=body,
        order_id=order_id_of(event["paymentConversationId"]),
        purchase=None,
        reference=str(token) if token else None,
        payment_id=str(event["iyziPaymentId"]),
    )


def is_about_payment(detail: Mapping[str, Any]) -> bool:
    """Whether the answer says how a payment stands. An error about the call (a wrong key, a limit) does not.

    A payment's state does, and so do the errors of a page that nobody has finished: 5115 (unknown token) and
    5095 (not finished yet). Both are our sandbox's words, and not compared with iyzico's own yet. A code that
    is missing here costs time and no money: the order is looked at again until it is given up, where it
    would have been closed while it may be paid.
    """
    code = _text(detail.get("errorCode"))
    if code in _SYSTEM_ERRORS:
        return False
    return _text(detail.get("paymentStatus")) is not None or code in _UNFINISHED


def is_refused(answer: Mapping[str, Any]) -> bool:
    """Whether it will never do what it was asked for. A failure of its own may pass."""
    return answer.get("status") == "failure" and _text(answer.get("errorCode")) not in _SYSTEM_ERRORS


def payment_of(detail: Mapping[str, Any], page: PaymentPage, refunded: int, now: datetime) -> Payment:
    """A page's detail in our words; its errors are the last attempt's. ``KeyError`` and such for nonsense."""
    state, failure = _state(detail, page, now), _failure(detail, page, now)
    if state is not PaymentState.PAID:
        return Payment(
            order_id=page.order_id,
            reference=page.reference,
            state=state,
            payment_id=_text(detail.get("paymentId")),
            amount=page.price.amount,
            currency=page.price.currency,
            failure=failure,
        )
    currency = str(detail["currency"])
    return Payment(
        order_id=str(detail["basketId"]),
        reference=str(detail["token"]),
        state=state,
        payment_id=str(detail["paymentId"]),
        amount=minor_units(detail["price"], currency),
        currency=currency,
        refunded=refunded,
    )


def _state(detail: Mapping[str, Any], page: PaymentPage, now: datetime) -> PaymentState:
    """Iyzico closes no page on demand and does not say when one has closed: its time is what we agreed on."""
    status, review = detail.get("paymentStatus"), _text(detail.get("fraudStatus"))
    if detail["status"] == "success" and status == MADE:
        if review == _REFUSED_BY_REVIEW:
            return PaymentState.EXPIRED
        return PaymentState.PROCESSING if review == _IN_REVIEW else PaymentState.PAID
    if status in _DELAYED:
        return PaymentState.PROCESSING
    return PaymentState.EXPIRED if page.is_over(now) else PaymentState.PENDING


def _failure(detail: Mapping[str, Any], page: PaymentPage, now: datetime) -> FailedAttempt | None:
    code = _text(detail.get("errorCode"))
    secured = _text(detail.get("mdStatus"))
    is_unsecured = secured is not None and secured != _AUTHENTICATED
    if detail.get("paymentStatus") != "FAILURE" and _text(detail.get("fraudStatus")) != _REFUSED_BY_REVIEW:
        return None
    raw_code = code or (f"mdStatus={secured}" if is_unsecured else "fraud")
    return FailedAttempt(
        attempt_id=_text(detail.get("paymentId")) or f"{page.reference}-{raw_code}",
        reason=_reason(code, _text(detail.get("errorGroup")), is_unsecured=is_unsecured),
        raw_code=raw_code,
        at=now,
    )


def _reason(code: str | None, group: str | None, *, is_unsecured: bool) -> FailureReason:
    if code in _INSUFFICIENT or group in _INSUFFICIENT:
        return FailureReason.INSUFFICIENT_FUNDS
    if is_unsecured:
        return FailureReason.AUTHENTICATION_FAILED
    is_decline = code is None or _DECLINES.fullmatch(code)
    return FailureReason.CARD_DECLINED if is_decline else FailureReason.OTHER


def refunds_of(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All refunds that went through, of a payment's report."""
    return [
        refund
        for payment in report.get("payments") or []
        for item in payment.get("itemTransactions") or []
        for refund in item.get("refunds") or []
        if _text(refund.get("refundStatus")) == _REFUNDED
    ]


def refunded_of(report: Mapping[str, Any], currency: str) -> int:
    """All that went back of a payment, in minor units, by its report."""
    return sum(minor_units(refund["refundPrice"], currency) for refund in refunds_of(report))


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)

"""Stripe's words in ours: currencies, events, states and reasons. Pure, and free of the SDK."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chalicelib.adapters.payment_accounts import order_id_of
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    CurrencyNotPayable,
    Dispute,
    DisputeState,
    FailedAttempt,
    FailureReason,
    ListedPayment,
    Payment,
    PaymentState,
    PriceNotPayable,
    Purchase,
    Refunded,
    RefundState,
    Signal,
    SignalKind,
)

# What Stripe takes of the currencies that we sell in, and the step of its amounts. Its minor units are ours,
# but in a currency of three decimals the last digit must be 0. IRR it does not take at all.
AMOUNT_STEPS = dict.fromkeys(
    ("TRY", "EUR", "USD", "GBP", "CHF", "AZN", "AED", "SAR", "CAD", "AUD", "JPY"), 1
) | dict.fromkeys(("KWD", "BHD"), 10)
LARGEST_AMOUNT = 99_999_999

# Stripe's pages speak no Persian.
CHECKOUT_LOCALES = {"tr": "tr", "en": "en"}
METADATA_KEYS = ("platform_id", "order_id", "customer_id", "product_kind")
_DETAIL = "detail_"

SETTLING_TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
)
# Money went back, or somebody wants it back.
CONCERNING_TYPES = (
    "charge.refunded",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
SIGNAL_TYPES = SETTLING_TYPES + CONCERNING_TYPES

# No money moves by an inquiry: it may become a dispute.
_INQUIRIES = ("warning_needs_response", "warning_under_review", "warning_closed", "prevented")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AUTHENTICATION_FAILED = "payment_intent_authentication_failure"
_DELAYED_PAYMENT_FAILED = "payment_intent_payment_attempt_failed"


class _EventData(msgspec.Struct, frozen=True):
    object: dict[str, Any]


class StripeEvent(msgspec.Struct, frozen=True):
    """What we read of an event; the whole of it goes into the inbox."""

    id: str
    type: str
    created: int
    data: _EventData


def check_payable(price: Money) -> None:
    """``CurrencyNotPayable`` or ``PriceNotPayable`` for what Stripe would refuse."""
    step = AMOUNT_STEPS.get(price.currency)
    if step is None:
        raise CurrencyNotPayable(f"Stripe does not take {price.currency}.", field="package_id")
    if price.amount % step:
        raise PriceNotPayable(f"Stripe takes {price.currency} in steps of {step} only.", field="package_id")
    if not 0 < price.amount <= LARGEST_AMOUNT:
        raise PriceNotPayable(field="package_id")


def signal_of(platform_id: str, event: StripeEvent, body: str) -> Signal:
    """An authenticated event in our words."""
    subject = event.data.object
    is_session = subject.get("object") == "checkout.session"
    order_id = _order_id(platform_id, subject)
    failure = None
    if event.type == "payment_intent.payment_failed":
        failure = _failure(subject, instant(event.created))
    return Signal(
        event_id=event.id,
        type=event.type,
        kind=_kind(event.type),
        body=body,
        order_id=order_id,
        purchase=_purchase(subject) if order_id else None,
        reference=subject["id"] if is_session else None,
        payment_id=_payment_id(subject),
        failure=failure,
    )


def _kind(event_type: str) -> SignalKind:
    if event_type in SETTLING_TYPES:
        return SignalKind.SETTLES
    return SignalKind.CONCERNS if event_type in CONCERNING_TYPES else SignalKind.IRRELEVANT


def _order_id(platform_id: str, subject: Mapping[str, Any]) -> str | None:
    """``None`` where it names no order of ours, or one of another platform that uses the same account."""
    metadata = metadata_of(subject)
    named = order_id_of(metadata.get("order_id") or subject.get("client_reference_id"))
    return named if metadata.get("platform_id", platform_id) == platform_id else None


def _purchase(subject: Mapping[str, Any]) -> Purchase | None:
    """What we had put on the payment, if all of it came back."""
    metadata = metadata_of(subject)
    values = {name: str(metadata[name]) for name in METADATA_KEYS if metadata.get(name)}
    if len(values) < len(METADATA_KEYS):
        return None
    details = {
        name.removeprefix(_DETAIL): str(value) for name, value in metadata.items() if name.startswith(_DETAIL)
    }
    return Purchase(**values, details=details)


def metadata_for(purchase: Purchase) -> dict[str, str]:
    """What travels with a payment, and comes back with its events."""
    named = {name: str(getattr(purchase, name)) for name in METADATA_KEYS}
    return named | {f"{_DETAIL}{name}": value for name, value in purchase.details.items()}


def metadata_of(subject: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was put on it, by us or by somebody else who uses the same account."""
    metadata = subject.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _payment_id(subject: Mapping[str, Any]) -> str | None:
    if subject.get("object") == "payment_intent":
        return str(subject["id"])
    intent = subject.get("payment_intent")
    return intent if isinstance(intent, str) else None


def payment_of(
    session: Mapping[str, Any], now: datetime, disputes: Sequence[Mapping[str, Any]] = ()
) -> Payment:
    """A session, with its payment intent expanded, in our words. ``KeyError`` and the like for nonsense."""
    intent = session["payment_intent"]
    paid = intent is not None and intent["status"] == "succeeded"
    charge = latest_charge(session)
    return Payment(
        order_id=session["client_reference_id"],
        reference=session["id"],
        state=_state(session, intent),
        payment_id=intent["id"] if intent else None,
        amount=int(intent["amount_received"] if paid else session["amount_total"]),
        currency=str(session["currency"]).upper(),
        failure=_failure(intent, _charged_at(intent, now)) if intent else None,
        refunded=int(charge["amount_refunded"]) if paid and charge else 0,
        disputes=[_dispute(each) for each in disputes if each["status"] not in _INQUIRIES],
    )


def listed_of(platform_id: str, session: Mapping[str, Any], now: datetime) -> ListedPayment | None:
    """``None`` where nothing was paid, or where somebody else's page is on the same account."""
    if _order_id(platform_id, session) is None:
        return None
    payment = payment_of(session, now)
    if payment.state is not PaymentState.PAID or payment.payment_id is None:
        return None
    return ListedPayment(
        order_id=payment.order_id,
        reference=payment.reference,
        payment_id=payment.payment_id,
        amount=payment.amount,
        currency=payment.currency,
        refunded=payment.refunded,
        disputed=bool((latest_charge(session) or {}).get("disputed")),
    )


def listed_of_intent(platform_id: str, subject: Mapping[str, Any]) -> ListedPayment | None:
    """The payment that a refund or a dispute is of; ``None`` where it is no order of ours."""
    intent, charge = subject["payment_intent"], latest_charge(subject)
    order_id = _order_id(platform_id, intent) if intent else None
    if order_id is None or charge is None:
        return None
    return ListedPayment(
        order_id=order_id,
        reference=None,
        payment_id=str(intent["id"]),
        amount=int(intent["amount_received"]),
        currency=str(intent["currency"]).upper(),
        refunded=int(charge["amount_refunded"]),
        disputed=bool(charge.get("disputed")),
    )


def latest_charge(session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last charge of a session's payment, or of a refund's, where it was asked for along."""
    charge = (session["payment_intent"] or {}).get("latest_charge")
    return charge if isinstance(charge, Mapping) else None


def _dispute(dispute: Mapping[str, Any]) -> Dispute:
    ended = {"won": DisputeState.WON, "lost": DisputeState.LOST}
    state = ended.get(dispute["status"], DisputeState.OPEN)
    return Dispute(id=str(dispute["id"]), amount=int(dispute["amount"]), state=state)


def refunded_of(refund: Mapping[str, Any]) -> Refunded:
    """A refund in our words; ``requires_action`` waits for the payer's bank details."""
    states = {"succeeded": RefundState.DONE, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}
    return Refunded(reference=str(refund["id"]), state=states.get(refund["status"], RefundState.PENDING))


def _state(session: Mapping[str, Any], intent: Mapping[str, Any] | None) -> PaymentState:
    """The intent knows of the money before the session does. A delayed payment that failed is over."""
    if session["payment_status"] == "paid" or (intent and intent["status"] == "succeeded"):
        return PaymentState.PAID
    match session["status"]:
        case "open":
            return PaymentState.PENDING
        case "expired":
            return PaymentState.EXPIRED
        case "complete":
            has_failed = intent and intent["status"] in ("requires_payment_method", "canceled")
            return PaymentState.EXPIRED if has_failed else PaymentState.PROCESSING
    raise ValueError(f"a session that is {session['status']!r}")


def _charged_at(intent: Mapping[str, Any], now: datetime) -> datetime:
    charge = intent.get("latest_charge")
    return instant(charge["created"]) if isinstance(charge, Mapping) else now


def _failure(intent: Mapping[str, Any], at: datetime) -> FailedAttempt | None:
    """The last attempt, if it failed. Event and intent name it alike: by its charge or its payment method."""
    error = intent.get("last_payment_error")
    if not error:
        return None
    code = error.get("code") or error.get("type") or "unknown"
    method = error.get("payment_method") or {}
    attempt_id = error.get("charge") or f"{intent['id']}-{method.get('id') or code}"
    return FailedAttempt(
        attempt_id=str(attempt_id),
        reason=_reason(code, error),
        raw_code=str(error.get("decline_code") or code),
        at=at,
    )


def _reason(code: str, error: Mapping[str, Any]) -> FailureReason:
    if error.get("decline_code") == "insufficient_funds":
        return FailureReason.INSUFFICIENT_FUNDS
    if code == _AUTHENTICATION_FAILED:
        return FailureReason.AUTHENTICATION_FAILED
    if code == _DELAYED_PAYMENT_FAILED:
        return FailureReason.OTHER
    return FailureReason.CARD_DECLINED if error.get("type") == "card_error" else FailureReason.OTHER


def instant(seconds: int) -> datetime:
    """``OverflowError`` for one out of this world."""
    return _EPOCH + timedelta(seconds=seconds)

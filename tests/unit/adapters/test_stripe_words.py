"""Stripe's sessions, payment intents and errors in our words."""

from datetime import UTC, datetime

import pytest

from chalicelib.adapters.stripe_words import (
    AMOUNT_STEPS,
    CONCERNING_TYPES,
    SETTLING_TYPES,
    StripeEvent,
    _EventData,
    check_payable,
    payment_of,
    signal_of,
)
from chalicelib.core.money import MINOR_DIGITS, Money
from chalicelib.core.payments import (
    CurrencyNotPayable,
    FailureReason,
    PaymentState,
    PriceNotPayable,
    Purchase,
    SignalKind,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
PURCHASE = {
    "platform_id": "acme",
    "order_id": "ord_1",
    "customer_id": "c-1",
    "product_kind": "credit_package",
}


def intent(status: str, **more: object) -> dict[str, object]:
    paid = 149_000 if status == "succeeded" else 0
    return {
        "object": "payment_intent",
        "id": "pi_1",
        "status": status,
        "amount_received": paid,
        "metadata": PURCHASE,
    } | more


def session(
    status: str = "open", payment_status: str = "unpaid", payment_intent: object = None
) -> dict[str, object]:
    return {
        "object": "checkout.session",
        "id": "cs_1",
        "client_reference_id": "ord_1",
        "status": status,
        "payment_status": payment_status,
        "payment_intent": payment_intent,
        "amount_total": 149_000,
        "currency": "try",
        "metadata": PURCHASE,
    }


def error(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "type": "card_error", "payment_method": {"id": "pm_1"}} | more


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (session(), PaymentState.PENDING),
        (session(payment_intent=intent("requires_payment_method")), PaymentState.PENDING),
        (session(payment_intent=intent("succeeded")), PaymentState.PAID),
        (session("complete", "paid", intent("succeeded")), PaymentState.PAID),
        (session("complete", "unpaid", intent("processing")), PaymentState.PROCESSING),
        (session("complete", "unpaid", intent("requires_payment_method")), PaymentState.EXPIRED),
        (session("complete", "unpaid", intent("canceled")), PaymentState.EXPIRED),
        (session("expired"), PaymentState.EXPIRED),
        (session("expired", "unpaid", intent("canceled")), PaymentState.EXPIRED),
    ],
)
def test_a_session_s_state(found, state) -> None:
    payment = payment_of(found, NOW)
    assert (payment.state, payment.order_id, payment.reference) == (state, "ord_1", "cs_1")
    assert (payment.amount, payment.currency) == (149_000, "TRY")
    assert payment.payment_id == ("pi_1" if found["payment_intent"] else None)


def test_what_was_received_counts_and_not_what_was_asked() -> None:
    received = intent("succeeded", amount_received=100)
    assert payment_of(session("complete", "paid", received), NOW).amount == 100


@pytest.mark.parametrize(
    "nonsense", [{}, session("odd"), session() | {"amount_total": None}, {"payment_intent": "pi_1"}]
)
def test_nonsense_is_no_payment(nonsense) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        payment_of(nonsense, NOW)


@pytest.mark.parametrize(
    ("last_error", "reason", "raw_code"),
    [
        (
            error("card_declined", decline_code="insufficient_funds"),
            FailureReason.INSUFFICIENT_FUNDS,
            "insufficient_funds",
        ),
        (
            error("card_declined", decline_code="generic_decline"),
            FailureReason.CARD_DECLINED,
            "generic_decline",
        ),
        (error("card_declined", decline_code="stolen_card"), FailureReason.CARD_DECLINED, "stolen_card"),
        (error("expired_card"), FailureReason.CARD_DECLINED, "expired_card"),
        (error("incorrect_cvc"), FailureReason.CARD_DECLINED, "incorrect_cvc"),
        (
            error("payment_intent_authentication_failure", type="invalid_request_error"),
            FailureReason.AUTHENTICATION_FAILED,
            "payment_intent_authentication_failure",
        ),
        (
            error("payment_intent_payment_attempt_failed"),
            FailureReason.OTHER,
            "payment_intent_payment_attempt_failed",
        ),
        (error("processing_error", type="api_error"), FailureReason.OTHER, "processing_error"),
    ],
)
def test_the_reason_of_a_failed_attempt_and_the_word_it_came_with(last_error, reason, raw_code) -> None:
    failure = payment_of(
        session(payment_intent=intent("requires_payment_method", last_payment_error=last_error)), NOW
    ).failure
    assert failure is not None
    assert (failure.reason, failure.raw_code) == (reason, raw_code)


@pytest.mark.parametrize(
    "last_error",
    [
        error("card_declined", charge="ch_1"),
        error("payment_intent_authentication_failure"),
        error("x", payment_method=None),
    ],
)
def test_event_and_truth_name_an_attempt_alike(last_error) -> None:
    found = intent("requires_payment_method", last_payment_error=last_error, latest_charge="ch_1")
    told = signal_of("acme", event("payment_intent.payment_failed", found), "{}").failure
    known = payment_of(session(payment_intent=found), NOW).failure
    assert told is not None
    assert known is not None
    assert told.attempt_id == known.attempt_id
    assert told.attempt_id == (
        "ch_1" if "charge" in last_error else f"pi_1-{'pm_1' if last_error['payment_method'] else 'x'}"
    )


def test_a_failed_attempt_is_dated_by_its_charge() -> None:
    found = intent(
        "requires_payment_method",
        last_payment_error=error("card_declined"),
        latest_charge={"created": AT - 60},
    )
    failure = payment_of(session(payment_intent=found), NOW).failure
    assert failure is not None
    assert (NOW - failure.at).total_seconds() == 60


def event(event_type: str, subject: dict[str, object]) -> StripeEvent:
    return StripeEvent(id="evt_1", type=event_type, created=AT, data=_EventData(object=subject))


@pytest.mark.parametrize("event_type", SETTLING_TYPES)
def test_what_says_how_a_payment_went(event_type) -> None:
    signal = signal_of("acme", event(event_type, session()), "{}")
    assert (signal.kind, signal.order_id, signal.purchase) == (
        SignalKind.SETTLES,
        "ord_1",
        Purchase(**PURCHASE),
    )


@pytest.mark.parametrize("event_type", CONCERNING_TYPES)
def test_what_concerns_a_payment_names_it(event_type) -> None:
    signal = signal_of(
        "acme", event(event_type, {"object": "dispute", "id": "dp_1", "payment_intent": "pi_1"}), "{}"
    )
    assert (signal.kind, signal.order_id, signal.payment_id) == (SignalKind.CONCERNS, None, "pi_1")


@pytest.mark.parametrize("event_type", ["charge.succeeded", "customer.created", "payment_intent.created"])
def test_what_does_not_concern_us(event_type) -> None:
    assert signal_of("acme", event(event_type, intent("succeeded")), "{}").kind is SignalKind.IRRELEVANT


def test_a_session_s_event_names_its_page_and_a_payment_s_its_payment() -> None:
    page = signal_of("acme", event("checkout.session.completed", session(payment_intent="pi_1")), "{}")
    payment = signal_of("acme", event("payment_intent.succeeded", intent("succeeded")), "{}")
    assert (page.reference, page.payment_id) == ("cs_1", "pi_1")
    assert (payment.reference, payment.payment_id) == (None, "pi_1")


@pytest.mark.parametrize(
    ("subject", "order_id"),
    [
        (session() | {"metadata": {}}, "ord_1"),
        (session() | {"metadata": "ord_2"}, "ord_1"),
        (session() | {"metadata": {"order_id": "ord_2"}}, "ord_2"),
        (session() | {"metadata": None, "client_reference_id": None}, None),
        (session() | {"metadata": PURCHASE | {"platform_id": "other"}}, None),
        (session() | {"metadata": PURCHASE | {"order_id": "somebody else's 7"}}, None),
        (session() | {"metadata": PURCHASE | {"order_id": "ord_1#ORDER"}}, None),
        (session() | {"metadata": PURCHASE | {"order_id": 7}}, None),
    ],
)
def test_an_order_is_ours_only_where_the_event_says_so(subject, order_id) -> None:
    assert signal_of("acme", event("checkout.session.completed", subject), "{}").order_id == order_id


def test_a_purchase_comes_back_whole_or_not_at_all() -> None:
    subject = session() | {"metadata": {"order_id": "ord_1", "platform_id": "acme"}}
    assert signal_of("acme", event("checkout.session.completed", subject), "{}").purchase is None


@pytest.mark.parametrize(
    "price",
    [
        Money(1, "TRY"),
        Money(149_000, "TRY"),
        Money(500, "JPY"),
        Money(5_120, "KWD"),
        Money(5_130, "BHD"),
        Money(99_999_999, "EUR"),
    ],
)
def test_a_price_that_stripe_takes(price) -> None:
    check_payable(price)


@pytest.mark.parametrize(
    "price", [Money(5_124, "KWD"), Money(5_125, "BHD"), Money(0, "TRY"), Money(100_000_000, "TRY")]
)
def test_a_price_that_stripe_does_not_take(price) -> None:
    with pytest.raises(PriceNotPayable):
        check_payable(price)


def test_stripe_takes_no_rial() -> None:
    with pytest.raises(CurrencyNotPayable):
        check_payable(Money(1_000_000, "IRR"))


def test_every_currency_that_we_sell_in_is_decided_on() -> None:
    assert set(MINOR_DIGITS) - set(AMOUNT_STEPS) == {"IRR"}
    assert {currency for currency, step in AMOUNT_STEPS.items() if step == 10} == {
        currency for currency, digits in MINOR_DIGITS.items() if digits == 3
    }

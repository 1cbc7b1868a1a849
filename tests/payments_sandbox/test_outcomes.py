"""What a buyer does on the payment page, and what refunds leave behind."""

from typing import Any

import pytest
import stripe

from tests.payments_sandbox.harness import PAID, Shop, item


def test_pay_completes_the_session_and_returns_to_the_shop(shop: Shop) -> None:
    session = shop.session(customer_email="ayse@example.com")
    reply = shop.press(session.id, "pay")
    assert (reply.status, reply.headers["location"]) == (303, f"http://shop.localhost/done?sid={session.id}")
    paid = shop.retrieve(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "ayse@example.com"
    assert (paid.payment_intent.status, paid.payment_intent.amount_received) == ("succeeded", 149_000)
    shop.settled()
    assert shop.endpoint.types() == PAID


def test_pay_pressed_twice_charges_once(shop: Shop) -> None:
    session = shop.session()
    first, second = shop.press(session.id, "pay"), shop.press(session.id, "pay")
    assert second.headers["location"] == first.headers["location"]
    assert len(shop.stripe.v1.charges.list().data) == 1


FAILURES = [
    ("decline", "card_declined", "generic_decline", True),
    ("insufficient", "card_declined", "insufficient_funds", True),
    ("fail-3ds", "payment_intent_authentication_failure", None, False),
]


@pytest.mark.parametrize(("action", "code", "decline_code", "charged"), FAILURES)
def test_a_failed_attempt_leaves_the_session_open_and_says_why(
    shop: Shop, action: str, code: str, decline_code: str | None, charged: bool
) -> None:
    session = shop.session()
    assert shop.press(session.id, action).headers["location"] == f"/pay/{session.id}"
    after = shop.retrieve(session.id)
    assert (after.status, after.payment_status) == ("open", "unpaid")
    intent = after.payment_intent
    error = intent.last_payment_error.to_dict()
    assert intent.status == "requires_payment_method"
    assert (error["code"], error.get("decline_code")) == (code, decline_code)
    charges = shop.stripe.v1.charges.list(params={"payment_intent": intent.id}).data
    assert [charge.failure_code for charge in charges] == (["card_declined"] if charged else [])
    shop.settled()
    expected = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    assert shop.endpoint.types() == (expected if charged else [expected[0], expected[2]])
    assert shop.endpoint.events()[-1].data.object["metadata"]["order_id"] == "ord_1"


def test_a_buyer_pays_after_two_declines_with_the_same_intent(shop: Shop) -> None:
    session = shop.session()
    for action in ("decline", "insufficient", "pay"):
        shop.press(session.id, action)
    paid = shop.retrieve(session.id)
    assert (paid.payment_status, paid.payment_intent.last_payment_error) == ("paid", None)
    assert len(shop.stripe.v1.payment_intents.list().data) == 1
    statuses = [charge.status for charge in shop.stripe.v1.charges.list().data]
    assert statuses == ["succeeded", "failed", "failed"]
    assert paid.payment_intent.latest_charge.status == "succeeded"


def test_expiry_after_a_decline_cancels_the_intent_and_keeps_the_reason(shop: Shop) -> None:
    session = shop.session()
    shop.press(session.id, "insufficient")
    shop.stripe.v1.checkout.sessions.expire(session.id)
    intent = shop.retrieve(session.id).payment_intent
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")
    assert intent.last_payment_error.decline_code == "insufficient_funds"


@pytest.mark.parametrize(
    ("action", "payment_status", "intent_status", "last_event"),
    [
        ("settle", "paid", "succeeded", "checkout.session.async_payment_succeeded"),
        ("fail-later", "unpaid", "requires_payment_method", "checkout.session.async_payment_failed"),
    ],
)
def test_a_delayed_payment_is_settled_or_fails_later(
    shop: Shop, action: str, payment_status: str, intent_status: str, last_event: str
) -> None:
    session = shop.session()
    assert "/done?sid=" in shop.press(session.id, "pay-later").headers["location"]
    waiting = shop.retrieve(session.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert (waiting.payment_intent.status, waiting.payment_intent.latest_charge.status) == (
        "processing",
        "pending",
    )
    shop.settled()
    assert shop.endpoint.types()[-1] == "checkout.session.completed"
    shop.control(f"sessions/{session.id}/{action}", {})
    after = shop.retrieve(session.id)
    assert (after.payment_status, after.payment_intent.status) == (payment_status, intent_status)
    shop.settled()
    assert shop.endpoint.types()[-1] == last_event
    assert shop.control(f"sessions/{session.id}/settle", {}, status=409)["error"]["code"] == "OUTCOME_REFUSED"


def test_leave_goes_back_and_leaves_the_session_open(shop: Shop) -> None:
    session = shop.session()
    assert shop.press(session.id, "leave").headers["location"] == "http://shop.localhost/basket"
    assert shop.retrieve(session.id).status == "open"
    assert shop.press(shop.session(cancel_url=None).id, "leave").status == 404


def test_a_session_of_nothing_completes_without_a_payment(shop: Shop) -> None:
    session = shop.session(line_items=[item(amount_minor=0)])
    assert shop.press(session.id, "decline").status == 409
    shop.press(session.id, "pay")
    after = shop.retrieve(session.id)
    assert (after.status, after.payment_status, after.payment_intent) == (
        "complete",
        "no_payment_required",
        None,
    )


def _paid_intent(shop: Shop) -> Any:
    session = shop.session()
    shop.press(session.id, "pay")
    shop.settled()
    return shop.retrieve(session.id).payment_intent


def test_refunds_add_up_to_the_charge_and_no_further(shop: Shop) -> None:
    intent = _paid_intent(shop)
    refunds = shop.stripe.v1.refunds
    first = refunds.create(
        params={
            "payment_intent": intent.id,
            "amount": 49_000,
            "reason": "requested_by_customer",
            "metadata": {"a": "b"},
        }
    )
    assert (first.status, first.amount, first.charge) == ("succeeded", 49_000, intent.latest_charge.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create(params={"charge": intent.latest_charge.id, "amount": 100_001})
    assert refused.value.param == "amount"
    rest = refunds.create(params={"charge": intent.latest_charge.id})
    assert rest.amount == 100_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create(params={"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    assert [r.id for r in refunds.list(params={"payment_intent": intent.id}).data] == [rest.id, first.id]
    assert refunds.retrieve(first.id).metadata == first.metadata
    charge = shop.stripe.v1.charges.retrieve(intent.latest_charge.id, params={"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (149_000, True)
    assert charge.refunds is not None
    assert len(charge.refunds.data) == 2


def test_refund_events_tell_the_cumulative_amount(shop: Shop) -> None:
    intent = _paid_intent(shop)
    for amount in (1_000, 2_000):
        shop.stripe.v1.refunds.create(params={"payment_intent": intent.id, "amount": amount})
    shop.settled()
    events = [event for event in shop.endpoint.events() if event.type == "charge.refunded"]
    amounts = sorted(event.data.object["amount_refunded"] for event in events)
    assert amounts == [1_000, 3_000]
    assert "refunds" not in events[0].data.object
    assert "refund.created" in shop.endpoint.types()


@pytest.mark.parametrize("params", [{}, {"amount": 0}, {"amount": -5}, {"amount": "x"}, {"colour": "red"}])
def test_a_bad_refund_is_refused(shop: Shop, params: dict[str, Any]) -> None:
    intent = _paid_intent(shop)
    call: Any = {"payment_intent": intent.id, **params} if params else {}
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.refunds.create(params=call)
    assert shop.stripe.v1.refunds.list().data == []


def test_a_declined_payment_has_nothing_to_refund(shop: Shop) -> None:
    session = shop.session()
    shop.press(session.id, "decline")
    intent = shop.retrieve(session.id).payment_intent
    for named in ({"payment_intent": intent.id}, {"charge": intent.latest_charge.id}):
        with pytest.raises(stripe.InvalidRequestError, match="no successful charge"):
            shop.stripe.v1.refunds.create(params=named)  # type: ignore[arg-type]  # one of two keys

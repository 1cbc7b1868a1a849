"""The Stripe adapter against the payment sandbox, over HTTP: the wire, the SDK and the port together."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from msgspec.structs import replace

from chalicelib import aws
from chalicelib.adapters import stripe_payments
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.stripe_payments import StripePayments
from chalicelib.adapters.stripe_words import metadata_for
from chalicelib.core import clock
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    AttemptSpent,
    Buyer,
    DisputeState,
    FailureReason,
    PaymentState,
    PriceNotPayable,
    ProviderFailed,
    ProviderNotConfigured,
    ProviderTimeout,
    RefundRefused,
    RefundState,
)
from chalicelib.orders import rules
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.refunds import ASKING_LASTS
from chalicelib.orders.views import OrderView
from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server
from tests.faults import FaultLayer, Killed, faults
from tests.store.orders.shop import PLATFORM, Shop
from tests.store.orders.test_return_and_sweep import resumed

BUYER = Buyer(name="Ayşe", email="ayse@example.com", country="TR")
KEY, SECRET = "sk_test_orders_0001", "whsec_orders"
CLOSED_PORT = "http://127.0.0.1:9/"


@dataclass
class Checkout:
    """The shop, and the sandbox that its adapter speaks to."""

    shop: Shop
    server: Server

    def control(self, path: str, **body: Any) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)
        try:
            connection.request("POST", f"/_sandbox/{path}", json.dumps(body).encode() if body else b"")
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 200, answer
            return answer
        finally:
            connection.close()

    def buyer(self, reference: str, *steps: str) -> None:
        for step in steps:
            self.control(f"sessions/{reference}/{step}")

    def events(self) -> list[dict[str, Any]]:
        """All events so far, oldest first, as they would be sent."""
        client = stripe.StripeClient(KEY, base_addresses={"api": self.server.url})
        return [event.to_dict() for event in client.v1.events.list(params={"limit": 100}).data][::-1]

    def send(self, event: dict[str, Any]) -> str:
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        return self.shop.webhooks.receive(
            PLATFORM, "stripe", {"stripe-signature": signature}, body.encode()
        ).state

    def send_all(self) -> None:
        for event in self.events():
            self.send(event)


@pytest.fixture
def checkout(environment, monkeypatch, request) -> Iterator[Checkout]:
    server = Server(Config(tick_seconds=30, retry_seconds=()))
    server.start()
    monkeypatch.setenv("STRIPE_API_BASE", server.url)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)  # before the SDK tries again
    request.getfixturevalue("table")
    put_parameter(
        f"platforms/{PLATFORM}/stripe", json.dumps({"secret_key": KEY, "webhook_secrets": [SECRET]})
    )
    put_parameter("api_url", "https://api.acme.test/api/")
    checkout = Checkout(Shop(provider=StripePayments(Parameters())).open(), server)
    checkout.control("accounts", secret_key=KEY, webhook_url=CLOSED_PORT, webhook_secret=SECRET)
    checkout.control("webhooks", drop=1_000_000)
    yield checkout
    server.stop()


def put_parameter(name: str, value: str) -> None:
    aws.client("ssm").put_parameter(
        Name=f"/seans/test/{name}", Value=value, Type="SecureString", Overwrite=True
    )


def test_a_page_is_opened_with_all_that_traces_a_payment(checkout) -> None:
    order = checkout.shop.ordered()
    client = stripe.StripeClient(KEY, base_addresses={"api": checkout.server.url})
    session = client.v1.checkout.sessions.retrieve(order.payment_reference).to_dict()
    purchase = metadata_for(order.purchase)
    assert (session["client_reference_id"], session["metadata"]) == (order.id, purchase)
    assert (session["amount_total"], session["currency"], session["locale"]) == (149_000, "try", "tr")
    assert session["expires_at"] == int(order.expires_at.timestamp())
    back = f"https://api.acme.test/api/v1/public/{PLATFORM}/orders/{order.id}/return"
    assert (session["success_url"], session["cancel_url"]) == (
        f"{back}?session_id={{CHECKOUT_SESSION_ID}}",
        back,
    )
    checkout.buyer(order.payment_reference, "decline")
    [intent] = [
        event["data"]["object"] for event in checkout.events() if event["type"].endswith("payment_failed")
    ]
    assert intent["metadata"] == purchase


def test_the_story_of_three_orders(checkout) -> None:
    """Declined, insufficient, 3-D Secure failed, then paid; left; left after a delayed payment failed."""
    first, second, third = (checkout.shop.ordered(key) for key in ("k1", "k2", "k3"))
    checkout.buyer(first.payment_reference, "decline", "insufficient", "fail-3ds", "pay")
    checkout.buyer(second.payment_reference, "expire")
    checkout.buyer(third.payment_reference, "pay-later", "fail-later")
    checkout.send_all()
    checkout.send_all()
    states = [checkout.shop.kept(order.id).state for order in (first, second, third)]
    assert states == [OrderState.PAID, OrderState.EXPIRED, OrderState.EXPIRED]
    assert checkout.shop.wallet().balance == 500
    assert sorted(line["reason"] for line in checkout.shop.failed_payments()) == [
        FailureReason.AUTHENTICATION_FAILED,
        FailureReason.CARD_DECLINED,
        FailureReason.INSUFFICIENT_FUNDS,
        FailureReason.OTHER,
        FailureReason.PAY_NOT_PRESSED,
    ]
    assert len(checkout.shop.sales()) == 1


def test_the_truth_before_between_and_after(checkout) -> None:
    reference = checkout.shop.ordered().payment_reference
    seen = []
    for step in (None, "decline", "pay-later", "settle"):
        if step:
            checkout.buyer(reference, step)
        payment = checkout.shop.fetched(reference)
        seen.append((payment.state, payment.payment_id is not None, payment.failure is not None))
    assert seen == [
        (PaymentState.PENDING, False, False),
        (PaymentState.PENDING, True, True),
        (PaymentState.PROCESSING, True, False),
        (PaymentState.PAID, True, False),
    ]


def test_events_that_were_never_delivered_are_caught_up_with(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "decline", "pay")
    checkout.shop.webhooks.catch_up(PLATFORM)
    assert checkout.shop.kept(order.id).state is OrderState.PAID
    assert (checkout.shop.wallet().balance, len(checkout.shop.failed_payments())) == (500, 1)


def test_an_event_that_makes_no_sense_is_not_in_the_way_of_the_others(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "decline", "pay")
    events = [event for _, event in checkout.server.sandbox.state.tables["event"].items()]
    odd = next(event.object for event in events if event.object["type"].endswith("payment_failed"))
    odd["data"]["object"]["last_payment_error"] = "declined"
    checkout.shop.webhooks.catch_up(PLATFORM)
    assert (checkout.shop.kept(order.id).state, checkout.shop.wallet().balance) == (OrderState.PAID, 500)


def test_a_refund_made_in_stripe_s_dashboard_takes_the_credits_back(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    checkout.send_all()
    client = stripe.StripeClient(KEY, base_addresses={"api": checkout.server.url})
    client.v1.refunds.create(params={"payment_intent": checkout.shop.kept(order.id).payment_id})
    refunded = next(event for event in checkout.events() if event["type"] == "charge.refunded")
    assert checkout.send(refunded) == "done"
    kept = checkout.shop.kept(order.id)
    assert (kept.returned.left, checkout.shop.wallet().balance) == (0, 0)
    dispute = {"object": "dispute", "id": "dp_1", "payment_intent": checkout.shop.kept(order.id).payment_id}
    disputed = {
        "id": "evt_dp",
        "type": "charge.dispute.created",
        "created": refunded["created"],
        "data": {"object": dispute},
    }
    assert checkout.send(disputed) == "done"


def test_a_refund_is_asked_of_stripe_once(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    checkout.send_all()
    checkout.shop.refund(checkout.shop.kept(order.id), 49_000)
    checkout.shop.send_refunds()
    checkout.shop.send_refunds()
    client = stripe.StripeClient(KEY, base_addresses={"api": checkout.server.url})
    payment_id = checkout.shop.kept(order.id).payment_id
    made = client.v1.refunds.list(params={"payment_intent": payment_id}).data
    [refund] = checkout.shop.kept(order.id).refunds
    assert [(each.amount, each.id) for each in made] == [(49_000, refund.reference)]
    assert refund.state == "succeeded"


@pytest.mark.parametrize("failures", [1, 2])
def test_a_failure_that_stripe_keeps_does_not_keep_a_refund_back(checkout, monkeypatch, failures) -> None:
    order = asked_for(checkout)
    for keys_used in range(1, failures + 1):
        checkout.control("faults", kind="error_500", stored=True, method="POST", count=keys_used)
        with pytest.raises(ProviderFailed):
            checkout.shop.send_refunds()
        two_minutes_later(monkeypatch)
    checkout.shop.send_refunds()
    assert checkout.shop.kept(order.id).refunds[0].state == "succeeded"
    assert checkout.shop.fetched(order.payment_reference).refunded == 49_000


def test_p3_a_refund_that_was_made_and_answered_by_a_failure_is_not_asked_for_anew(
    checkout, monkeypatch
) -> None:
    order = asked_for(checkout)
    checkout.control("faults", kind="error_500", stored=True, method="POST")
    with pytest.raises(ProviderFailed):
        checkout.shop.send_refunds()
    client = stripe.StripeClient(KEY, base_addresses={"api": checkout.server.url})
    asked = {"payment_intent": order.payment_id, "amount": 49_000, "metadata": {"key": order.refunds[0].id}}
    made = client.v1.refunds.create(params=asked)
    two_minutes_later(monkeypatch)
    checkout.shop.send_refunds()
    assert checkout.shop.kept(order.id).refunds[0].reference == made.id
    assert checkout.shop.fetched(order.payment_reference).refunded == 49_000


def asked_for(checkout: Checkout) -> Order:
    """A paid order of which 490 lira are to go back."""
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    checkout.send_all()
    checkout.shop.refund(checkout.shop.kept(order.id), 49_000)
    return checkout.shop.kept(order.id)


def two_minutes_later(monkeypatch) -> None:
    """The time that who got no answer is waited for."""
    later = clock.now() + ASKING_LASTS
    monkeypatch.setattr(clock, "now", lambda: later)


def test_the_sweeper_closes_the_page_at_the_provider(checkout) -> None:
    order = checkout.shop.ordered()
    previous = clock.set_source(lambda: datetime.now(UTC) + timedelta(minutes=37))
    try:
        checkout.shop.orders.sweep(PLATFORM, order.id)
    finally:
        clock.set_source(previous)
    assert checkout.shop.kept(order.id).state is OrderState.EXPIRED
    assert checkout.shop.fetched(order.payment_reference).state is PaymentState.EXPIRED
    checkout.shop.provider.cancel(PLATFORM, order.payment_reference)


FAILURES = [
    ({"kind": "error_500", "count": 2}, AttemptSpent),
    ({"kind": "error_500", "stored": True}, AttemptSpent),
    ({"kind": "error_429"}, ProviderFailed),
    ({"kind": "nonsense"}, ProviderFailed),
    ({"kind": "lost_request", "count": 2}, ProviderFailed),
    ({"kind": "lost_response", "count": 2}, ProviderFailed),
    ({"kind": "slow", "seconds": 0.6, "count": 2}, ProviderTimeout),
]


@pytest.mark.parametrize(
    ("fault", "refusal"), FAILURES, ids=lambda value: value.get("kind") if isinstance(value, dict) else ""
)
def test_a_provider_that_fails_is_named_and_the_same_key_goes_on(
    checkout, monkeypatch, fault, refusal
) -> None:
    monkeypatch.setattr(stripe_payments, "_READ_SECONDS", 0.2)
    checkout.control("faults", **fault, method="POST")
    with pytest.raises(refusal):
        checkout.shop.order()
    monkeypatch.setattr(stripe_payments, "_READ_SECONDS", 5)
    checkout.shop.provider = StripePayments(Parameters())
    again = Shop(provider=checkout.shop.provider).order().read_as(OrderView)
    sessions = checkout.server.sandbox.state.tables["checkout.session"]
    checkout.buyer(checkout.shop.kept(again.id).payment_reference, "pay")
    assert len(list(sessions.newest_first())) == 1
    checkout.send_all()
    assert checkout.shop.wallet().balance == 500


def test_one_failure_is_borne_without_the_buyer_s_noticing(checkout) -> None:
    checkout.control("faults", kind="lost_response", method="POST")
    assert checkout.shop.ordered().attempt_number == 1


def test_an_amount_below_the_provider_s_least_is_named(checkout) -> None:
    order = checkout.shop.ordered()
    request = rules.payment_request(order, BUYER, order.expires_at)
    other = replace(request.purchase, order_id="ord_small")
    with pytest.raises(PriceNotPayable):
        checkout.shop.provider.start(replace(request, purchase=other, price=Money(1, "USD")))


def test_a_platform_without_an_account_cannot_take_payments(checkout) -> None:
    aws.client("ssm").delete_parameter(Name=f"/seans/test/platforms/{PLATFORM}/stripe")
    with pytest.raises(ProviderNotConfigured):
        checkout.shop.order()
    put_parameter(
        f"platforms/{PLATFORM}/stripe", json.dumps({"secret_key": KEY, "webhook_secrets": [SECRET]})
    )
    assert checkout.shop.ordered().payment_url


def test_a_wrong_key_is_a_failure_and_is_not_shown(checkout) -> None:
    put_parameter(
        f"platforms/{PLATFORM}/stripe", json.dumps({"secret_key": "sk_wrong", "webhook_secrets": [SECRET]})
    )
    with pytest.raises(ProviderFailed) as failed:
        checkout.shop.order()
    assert "sk_wrong" not in failed.value.detail


def test_secrets_are_kept_for_five_minutes(checkout, moving_clock) -> None:
    parameters = Parameters()
    put_parameter("api_url", "one")
    assert parameters.find("api_url") == "one"
    put_parameter("api_url", "two")
    assert parameters.find("api_url") == "one"
    moving_clock.forward(minutes=5)
    assert parameters.find("api_url") == "two"


@pytest.mark.parametrize("fault", ["before", "after", "lost"])
def test_a_start_that_dies_at_the_wire_opens_one_page(checkout, fault) -> None:
    layer = FaultLayer()
    with faults(layer):
        checkout.shop.order("warm")
    place = next(number for number, call in enumerate(layer.calls) if call.startswith("http:POST"))
    with faults(FaultLayer(at=place - secrets_read(layer), fault=fault)) as struck:
        try:
            checkout.shop.order()
        except Killed:
            assert fault != "lost"
    assert struck.struck == "http:POST /v1/checkout/sessions"
    checkout.shop.order()
    sessions = list(checkout.server.sandbox.state.tables["checkout.session"].newest_first())
    assert len(sessions) == 2


def secrets_read(layer: FaultLayer) -> int:
    """Parameters are read by the first order only."""
    return sum(call.startswith("ssm:") for call in layer.calls)


def test_money_goes_back_once_a_key_and_never_more_than_came(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    paid, provider = checkout.shop.fetched(order.payment_reference), checkout.shop.provider
    part = Money(50_000, "TRY")
    first, again = (provider.refund(PLATFORM, paid.payment_id, part, "rfd_1") for _ in range(2))
    assert (first, first.state) == (again, RefundState.DONE)
    assert checkout.shop.fetched(order.payment_reference).refunded == 50_000
    checkout.server.sandbox.state.tables["idempotency"]._records.clear()  # as after a day
    assert provider.refund(PLATFORM, paid.payment_id, part, "rfd_1") == first
    with pytest.raises(RefundRefused):
        provider.refund(PLATFORM, paid.payment_id, Money(100_000, "TRY"), "rfd_2")
    assert checkout.shop.fetched(order.payment_reference).refunded == 50_000


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["dispute"], DisputeState.OPEN),
        (["dispute", "win-dispute"], DisputeState.WON),
        (["dispute", "lose-dispute"], DisputeState.LOST),
    ],
)
def test_a_dispute_is_told_with_the_payment(checkout, steps, state) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    assert checkout.shop.fetched(order.payment_reference).disputes == []
    checkout.buyer(order.payment_reference, *steps)
    [dispute] = checkout.shop.fetched(order.payment_reference).disputes
    assert (dispute.amount, dispute.state) == (149_000, state)


@pytest.mark.parametrize(
    ("refund", "steps", "told"), [(50_000, (), (50_000, False)), (None, ("dispute",), (0, True))]
)
def test_stripe_lists_what_went_back_of_a_payment_of_days_ago(checkout, refund, steps, told) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    page = checkout.server.sandbox.state.tables["checkout.session"].get(order.payment_reference)
    page.object["created"] -= 5 * 86_400
    provider, paid_by = checkout.shop.provider, page.object["payment_intent"]
    if refund:
        provider.refund(PLATFORM, paid_by, Money(refund, "TRY"), "by-the-dashboard")
    checkout.buyer(order.payment_reference, *steps)
    [listed] = provider.listed(PLATFORM, clock.now().date())
    assert (listed.order_id, listed.payment_id, listed.amount) == (order.id, paid_by, 149_000)
    assert (listed.refunded, listed.disputed) == told


def test_stripe_lists_what_was_paid_on_a_day(checkout) -> None:
    orders = [checkout.shop.ordered(key) for key in ("k1", "k2", "k3")]
    for order in orders[:2]:
        checkout.buyer(order.payment_reference, "pay")
    provider, today = checkout.shop.provider, clock.now().date()
    listed = list(provider.listed(PLATFORM, today))
    assert {each.order_id for each in listed} == {order.id for order in orders[:2]}
    assert {(each.amount, each.currency, each.refunded) for each in listed} == {(149_000, "TRY", 0)}
    assert list(provider.listed(PLATFORM, today - timedelta(days=1))) == []


def test_what_another_platform_sells_on_the_account_is_not_listed(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "pay")
    page = checkout.server.sandbox.state.tables["checkout.session"].get(order.payment_reference)
    page.object["metadata"]["platform_id"] = "another"
    assert list(checkout.shop.provider.listed(PLATFORM, clock.now().date())) == []


def test_a_buyer_goes_on_after_a_decline(checkout) -> None:
    order = checkout.shop.ordered()
    checkout.buyer(order.payment_reference, "decline")
    assert resumed(checkout.shop, order.id).payment_url == order.payment_url
    checkout.buyer(order.payment_reference, "pay")
    paid, _ = checkout.shop.orders.after_payment(PLATFORM, order.id, order.payment_reference)
    assert (paid.state, checkout.shop.wallet().balance) == (OrderState.PAID, 500)
    assert len(checkout.shop.failed_payments()) == 1

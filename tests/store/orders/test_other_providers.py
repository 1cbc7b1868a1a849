"""iyzico and ZarinPal through the real adapters and the sandbox process's own protocols, over HTTP."""

import http.client
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib import aws
from chalicelib.adapters import https
from chalicelib.adapters.iyzico_payments import IyzicoPayments
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.zarinpal_payments import ZarinpalPayments
from chalicelib.core import clock
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    FailureReason,
    PaymentState,
    ProviderFailed,
    ProviderTimeout,
    RefundNotSupported,
    RefundRefused,
    WebhookRefused,
)
from chalicelib.orders.inbox import InboxEvent
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.refunds import RefundBeingSent
from chalicelib.table import keys, read
from infra.local.payments.iyzico_api.events import TYPES, notification
from infra.local.payments.iyzico_api.signing import webhook_signature
from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server
from tests.faults import count_calls
from tests.store.orders.shop import PLATFORM, Shop, due_work
from tests.store.orders.test_return_and_sweep import resumed

API_KEY, SECRET, OLD_WEBHOOK, NEW_WEBHOOK = "sandbox-api", "sandbox-secret", "whsec-old", "whsec-new"
MERCHANT = "1344b5d4-0048-11e8-94db-005056a205be"
CLOSED_PORT = "http://127.0.0.1:9/"
IYZICO_KEYS = {"api_key": API_KEY, "secret_key": SECRET, "webhook_secrets": [OLD_WEBHOOK, NEW_WEBHOOK]}


@dataclass
class Counter:
    """A shop whose orders are paid with one provider, and that provider's sandbox."""

    shop: Shop
    server: Server
    package_id: str

    def control(self, path: str, /, **body: Any) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)
        try:
            connection.request("POST", f"/_sandbox/{path}", json.dumps(body).encode() if body else b"")
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 200, answer
            return answer
        finally:
            connection.close()

    def ordered(self, key: str = "k1") -> Order:
        answer = json.loads(self.shop.order(key, self.package_id).body)
        return self.shop.kept(answer["id"])

    def buyer(self, order: Order, *steps: str) -> None:
        for step in steps:
            self.control(f"sessions/{order.payment_reference}/{step}")

    def back(self, order: Order) -> Order:
        """The buyer comes back from the page."""
        return self.shop.orders.after_payment(PLATFORM, order.id, order.payment_reference)[0]

    def sweep(self) -> None:
        for key in due_work():
            if key.sk == "ORDER":
                self.shop.orders.sweep(*keys.owner_of(key))

    def truth(self, order: Order) -> Any:
        return self.shop.settlements.truth(order, order.payment_reference)


@pytest.fixture
def server(environment, monkeypatch, request) -> Iterator[Server]:
    server = Server(Config(tick_seconds=30, retry_seconds=()))
    server.start()
    monkeypatch.setenv("IYZICO_API_BASE", f"{server.url}/iyzico")
    monkeypatch.setenv("ZARINPAL_API_BASE", f"{server.url}/zarinpal")
    request.getfixturevalue("table")
    keep("iyzico", IYZICO_KEYS)
    keep("zarinpal", {"merchant_id": MERCHANT})
    put_parameter("api_url", "https://api.acme.test/api/")
    yield server
    server.stop()


def keep(provider: str, keys: dict[str, Any]) -> None:
    put_parameter(f"platforms/{PLATFORM}/{provider}", json.dumps(keys))


def put_parameter(name: str, value: str) -> None:
    aws.client("ssm").put_parameter(
        Name=f"/seans/test/{name}", Value=value, Type="SecureString", Overwrite=True
    )


@pytest.fixture
def iyzico(server) -> Counter:
    counter = Counter(Shop(provider=IyzicoPayments(Parameters())).open(), server, "cpk_500")
    told = {"webhook_url": CLOSED_PORT, "webhook_secret": NEW_WEBHOOK}
    counter.control("accounts", secret_key=SECRET, api_key=API_KEY, protocol="iyzico", **told)
    counter.control("webhooks", drop=1_000_000)
    return counter


@pytest.fixture
def zarinpal(server) -> Counter:
    counter = Counter(Shop(provider=ZarinpalPayments(Parameters())).open(), server, "cpk_irr")
    counter.control("accounts", secret_key=MERCHANT, protocol="zarinpal")
    return counter


def notifications(counter: Counter) -> list[dict[str, Any]]:
    events = [record.object for _, record in counter.server.sandbox.state.tables["event"].items()]
    return [notification(event) for event in events if event["type"] in TYPES]


def send(counter: Counter, told: dict[str, Any], secret: str = NEW_WEBHOOK) -> str:
    headers = {"x-iyz-signature-v3": webhook_signature(told, secret)}
    return counter.shop.webhooks.receive(PLATFORM, "iyzico", headers, json.dumps(told).encode()).state


# ------------------------------------------------------------------------------------------- iyzico


def test_a_form_is_opened_with_all_that_traces_a_payment(iyzico) -> None:
    order = iyzico.ordered()
    page = iyzico.server.sandbox.state.tables["checkout.session"].get(order.payment_reference)
    assert (order.provider, page.object["amount_total"], page.object["currency"]) == (
        "iyzico",
        149_000,
        "try",
    )
    back = f"https://api.acme.test/api/v1/public/{PLATFORM}/orders/{order.id}/return"
    assert (page.object["success_url"], page.object["client_reference_id"]) == (back, order.id)
    assert order.payment_url == f"{iyzico.server.url}/pay/{order.payment_reference}"


def test_events_of_iyzico_s_bring_credits_once(iyzico) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "insufficient", "decline", "fail-3ds", "pay")
    for told in [*notifications(iyzico), *notifications(iyzico)]:
        send(iyzico, told)
    assert (iyzico.shop.kept(order.id).state, iyzico.shop.wallet().balance) == (OrderState.PAID, 500)
    assert len(iyzico.shop.sales()) == 1


@pytest.mark.parametrize(
    ("step", "reason", "raw_code"),
    [
        ("insufficient", FailureReason.INSUFFICIENT_FUNDS, "10051"),
        ("decline", FailureReason.CARD_DECLINED, "10005"),
        ("fail-3ds", FailureReason.AUTHENTICATION_FAILED, "mdStatus=0"),
    ],
)
def test_each_failure_has_its_reason_and_iyzico_s_own_code(iyzico, step, reason, raw_code) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, step)
    iyzico.back(order)
    [failure] = iyzico.shop.kept(order.id).failures
    assert (failure.reason, failure.raw_code) == (reason, raw_code)


def test_a_delayed_payment_is_waited_for(iyzico) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "pay-later")
    assert iyzico.back(order).state is OrderState.PROCESSING
    iyzico.buyer(order, "settle")
    assert iyzico.back(order).state is OrderState.PAID


def test_both_webhook_secrets_are_alive_and_no_other(iyzico) -> None:
    iyzico.buyer(iyzico.ordered(), "pay")
    [told] = notifications(iyzico)
    assert {send(iyzico, told, secret) for secret in (OLD_WEBHOOK, NEW_WEBHOOK)} == {"done"}
    with pytest.raises(WebhookRefused):
        send(iyzico, told, "whsec-gone")


def test_an_answer_that_iyzico_did_not_sign_pays_nothing(iyzico) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    assert iyzico.truth(order).state is PaymentState.PAID
    account = iyzico.server.sandbox.state.accounts[SECRET]
    account.secret_key = "another"
    keep("iyzico", IYZICO_KEYS)
    assert iyzico.back(order).state is OrderState.PENDING
    assert iyzico.shop.wallet().balance == 0


def test_money_goes_back_once_a_key_and_never_more_than_came(iyzico) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    paid = iyzico.back(order)
    provider, price = iyzico.shop.provider, Money(50_000, "TRY")
    for _ in range(2):
        provider.refund(PLATFORM, paid.payment_id, price, "rfd_1")
    assert iyzico.truth(paid).refunded == 50_000
    with pytest.raises(RefundRefused):
        provider.refund(PLATFORM, paid.payment_id, Money(149_000, "TRY"), "rfd_2")
    assert iyzico.truth(paid).refunded == 50_000


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, b"{}"),
        (408, b"{}"),
        (429, b'{"status": "failure", "errorCode": "9"}'),
        (403, b"{}"),
        (200, b'{"status": "failure", "errorCode": 100001}'),
    ],
)
def test_p3_who_does_not_say_that_he_refuses_is_asked_again(iyzico, monkeypatch, status, said) -> None:
    """Taken for a refusal, the credits would come back beside money that a later try gives back too."""
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    paid, answer = iyzico.back(order), https._answer
    provider, price = iyzico.shop.provider, Money(50_000, "TRY")

    def not_now(method: str, url: str, *sent: Any) -> tuple[int, bytes]:
        return (status, said) if url.endswith("/payment/refund") else answer(method, url, *sent)

    monkeypatch.setattr(https, "_answer", not_now)
    with pytest.raises(ProviderFailed):
        provider.refund(PLATFORM, paid.payment_id, price, "rfd_1")
    monkeypatch.setattr(https, "_answer", answer)
    provider.refund(PLATFORM, paid.payment_id, price, "rfd_1")
    assert iyzico.truth(paid).refunded == 50_000


def test_p3_a_refund_that_iyzico_is_slow_with_goes_out_once(iyzico, monkeypatch, moving_clock) -> None:
    """It ends the first after we have stopped listening, and its report does not show it before."""
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    iyzico.shop.refund(iyzico.back(order), 50_000)
    answer, held = https._answer, []

    def slow(method: str, url: str, *sent: Any) -> tuple[int, bytes]:
        if url.endswith("/payment/refund") and not held:
            held.append((method, url, *sent))
            raise ProviderTimeout
        return answer(method, url, *sent)

    monkeypatch.setattr(https, "_answer", slow)
    for seconds, refusal in ((0, ProviderTimeout), (5, RefundBeingSent)):
        moving_clock.forward(seconds=seconds)
        with pytest.raises(refusal):
            iyzico.shop.send_refunds()
    answer(*held[0])
    moving_clock.forward(minutes=2)
    iyzico.shop.send_refunds()
    kept = iyzico.shop.kept(order.id)
    assert (iyzico.truth(kept).refunded, kept.refunds[0].state) == (50_000, "succeeded")


def test_p3_a_form_that_iyzico_has_forgotten_undoes_no_refund(iyzico, monkeypatch) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    paid, answer = iyzico.back(order), https._answer
    iyzico.shop.provider.refund(PLATFORM, paid.payment_id, Money(50_000, "TRY"), "by-the-panel")
    before = iyzico.shop.orders.look_again(paid, None)
    assert (before.returned.total, iyzico.shop.wallet().balance) == (50_000, 332)

    def forgotten(method: str, url: str, *sent: Any) -> tuple[int, bytes]:
        unknown = b'{"status": "failure", "errorCode": "5115"}'
        return (200, unknown) if url.endswith("/ecom/detail") else answer(method, url, *sent)

    monkeypatch.setattr(https, "_answer", forgotten)
    assert iyzico.shop.orders.look_again(before, None).returned == before.returned
    assert iyzico.shop.wallet().balance == 332


def test_a_decline_does_not_keep_an_order_from_being_looked_at(iyzico, monkeypatch) -> None:
    """The report of refunds knows payments alone: it was asked about the failed attempt for ever."""
    order = iyzico.ordered()
    iyzico.buyer(order, "decline")
    assert iyzico.back(order).payment_id is not None
    assert resumed(iyzico.shop, order.id).payment_url == order.payment_url
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    iyzico.shop.orders.sweep(PLATFORM, order.id)
    assert iyzico.shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in iyzico.shop.failed_payments()] == ["card_declined"]


@pytest.mark.parametrize("counter", ["iyzico", "zarinpal"])
def test_an_error_about_the_call_closes_no_order_that_may_be_paid(request, monkeypatch, counter) -> None:
    """A key that was changed, say: the buyer paid, and what is set aside for him stays his."""
    counter = request.getfixturevalue(counter)
    order = counter.ordered()
    counter.buyer(order, "pay")
    accounts = counter.server.sandbox.state.accounts
    kept = dict(accounts)
    accounts.clear()
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    with pytest.raises(ProviderFailed):
        counter.shop.orders.sweep(PLATFORM, order.id)
    assert (counter.shop.kept(order.id), counter.shop.failed_payments()) == (order, [])
    accounts.update(kept)
    counter.shop.orders.sweep(PLATFORM, order.id)
    assert (counter.shop.kept(order.id).state, counter.shop.wallet().balance) == (OrderState.PAID, 500)


@pytest.mark.parametrize(
    "said",
    [
        {"data": [], "errors": {"code": -10}},
        {"data": {"code": 100, "status": "PAID"}, "errors": []},
        {"data": {"code": 100}, "errors": []},
        {"data": {"code": -12, "status": "IN_BANK"}, "errors": []},
    ],
)
def test_an_inquiry_that_does_not_say_how_it_stands_closes_nothing(zarinpal, monkeypatch, said) -> None:
    order, answer = zarinpal.ordered(), https._answer

    def odd(method: str, url: str, *sent: Any) -> tuple[int, bytes]:
        is_inquiry = url.endswith("/inquiry.json")
        return (200, json.dumps(said).encode()) if is_inquiry else answer(method, url, *sent)

    monkeypatch.setattr(https, "_answer", odd)
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    with pytest.raises(ProviderFailed):
        zarinpal.shop.orders.sweep(PLATFORM, order.id)
    assert zarinpal.shop.kept(order.id).state is OrderState.PENDING


def test_a_form_whose_time_is_up_expires(iyzico, monkeypatch) -> None:
    order = iyzico.ordered()
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    iyzico.shop.orders.sweep(PLATFORM, order.id)
    assert iyzico.shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in iyzico.shop.failed_payments()] == ["pay_not_pressed"]


# ------------------------------------------------------------------------------------------ ZarinPal


def test_rial_are_asked_for_as_rial(zarinpal) -> None:
    order = zarinpal.ordered()
    page = zarinpal.server.sandbox.state.tables["checkout.session"].get(order.payment_reference)
    assert (order.provider, page.object["amount_total"], page.object["currency"]) == (
        "zarinpal",
        1_000_000,
        "irr",
    )
    assert order.payment_url == f"{zarinpal.server.url}/zarinpal/pg/StartPay/{order.payment_reference}"


def test_a_buyer_s_own_word_that_he_paid_is_not_believed(zarinpal) -> None:
    order = zarinpal.ordered()
    assert zarinpal.back(order).state is OrderState.PENDING
    zarinpal.buyer(order, "pay")
    assert zarinpal.back(order).state is OrderState.PAID
    assert zarinpal.back(order).state is OrderState.PAID
    assert (zarinpal.shop.wallet().balance, len(zarinpal.shop.sales())) == (500, 1)


def test_who_paid_and_never_came_back_is_found_among_the_unverified(zarinpal) -> None:
    order = zarinpal.ordered()
    zarinpal.buyer(order, "pay")
    for _ in range(2):
        zarinpal.shop.webhooks.catch_up(PLATFORM)
    assert (zarinpal.shop.kept(order.id).state, zarinpal.shop.wallet().balance) == (OrderState.PAID, 500)


def test_a_payment_verified_before_we_died_is_still_a_payment(zarinpal) -> None:
    order = zarinpal.ordered()
    zarinpal.buyer(order, "pay")
    assert [zarinpal.truth(order).state for _ in range(2)] == [PaymentState.PAID, PaymentState.PAID]
    assert zarinpal.back(order).state is OrderState.PAID


@pytest.mark.parametrize("said", [{}, {"ref_id": None}, {"ref_id": 0}, {"ref_id": 201}])
def test_money_counts_whatever_zarinpal_says_of_its_ref_id(zarinpal, monkeypatch, said) -> None:
    """None at all, or one that another payment had: the order could not be kept as paid."""
    answer = https._answer

    def verified(method: str, url: str, *sent: Any) -> tuple[int, bytes]:
        is_asked = url.endswith("/verify.json")
        paid = {"data": {"code": 100} | said, "errors": []}
        return (200, json.dumps(paid).encode()) if is_asked else answer(method, url, *sent)

    monkeypatch.setattr(https, "_answer", verified)
    orders = [zarinpal.back(zarinpal.ordered(key)) for key in ("k1", "k2")]
    assert [order.state for order in orders] == [OrderState.PAID] * 2
    assert (zarinpal.shop.wallet().balance, len({order.payment_id for order in orders})) == (1_000, 2)


def test_that_it_failed_is_all_that_zarinpal_says(zarinpal) -> None:
    order = zarinpal.ordered()
    zarinpal.buyer(order, "insufficient")
    zarinpal.back(order)
    [failure] = zarinpal.shop.kept(order.id).failures
    assert (failure.reason, failure.raw_code) == (FailureReason.OTHER, "FAILED")


def test_zarinpal_gives_nothing_back_and_sends_no_webhooks(zarinpal) -> None:
    with pytest.raises(RefundNotSupported):
        zarinpal.shop.provider.refund(PLATFORM, "1", Money(10_000, "IRR"), "rfd_1")
    with pytest.raises(WebhookRefused):
        zarinpal.shop.webhooks.receive(PLATFORM, "zarinpal", {}, b"{}")


# ------------------------------------------------------------------------------------ after a decline


@pytest.mark.parametrize("counter", ["iyzico", "zarinpal"])
def test_a_buyer_goes_on_after_a_decline(request, counter) -> None:
    """Iyzico's page takes another card; ZarinPal's has closed, so there is a fresh one."""
    counter = request.getfixturevalue(counter)
    order = counter.ordered()
    counter.buyer(order, "decline")
    assert counter.back(order).state is OrderState.PENDING
    assert resumed(counter.shop, order.id).payment_url is not None
    again = counter.shop.kept(order.id)
    assert (again.payment_reference != order.payment_reference) is (again.provider == "zarinpal")
    counter.buyer(again, "pay")
    assert counter.back(again).state is OrderState.PAID
    assert (counter.shop.wallet().balance, len(counter.shop.failed_payments())) == (500, 1)


def test_who_does_not_go_on_after_a_decline_lets_the_order_expire(zarinpal, monkeypatch) -> None:
    order = zarinpal.ordered()
    zarinpal.buyer(order, "decline")
    assert zarinpal.back(order).state is OrderState.PENDING
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    zarinpal.shop.orders.sweep(PLATFORM, order.id)
    assert zarinpal.shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in zarinpal.shop.failed_payments()] == ["other"]


def left_for_another(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> tuple[Order, Order]:
    """An order on the page that its buyer left, and on the one that he went on to."""
    first = counter.ordered()
    monkeypatch.setattr(clock, "now", lambda: first.check_at)
    resumed(counter.shop, first.id)
    return first, counter.shop.kept(first.id)


@pytest.mark.parametrize("counter", ["iyzico", "zarinpal"])
def test_money_by_a_page_that_was_left_pays_and_more_of_it_is_not_lost(
    request, monkeypatch, capsys, counter
) -> None:
    counter = request.getfixturevalue(counter)
    first, second = left_for_another(counter, monkeypatch)
    assert second.payment_reference != first.payment_reference
    counter.buyer(first, "pay")
    assert counter.back(first).state is OrderState.PAID
    counter.buyer(second, "pay")
    assert counter.back(second).payment_reference == first.payment_reference
    counter.sweep()
    assert (counter.shop.wallet().balance, len(counter.shop.sales())) == (500, 1)
    assert '"payment_second"' in capsys.readouterr().out


def test_what_was_paid_twice_at_zarinpal_is_found_among_the_unverified(zarinpal, monkeypatch, capsys) -> None:
    first, second = left_for_another(zarinpal, monkeypatch)
    zarinpal.buyer(second, "pay")
    zarinpal.buyer(first, "pay")
    zarinpal.shop.webhooks.catch_up(PLATFORM)
    zarinpal.sweep()
    assert (zarinpal.shop.kept(first.id).state, zarinpal.shop.wallet().balance) == (OrderState.PAID, 500)
    assert capsys.readouterr().out.count('"payment_second"') == 1


def caught_up(zarinpal: Counter, order: Order) -> None:
    zarinpal.shop.webhooks.catch_up(PLATFORM)
    zarinpal.sweep()


def reconciled(zarinpal: Counter, order: Order) -> None:
    zarinpal.shop.orders.look_again(zarinpal.shop.kept(order.id), order.payment_reference)


def come_back(zarinpal: Counter, order: Order) -> None:
    zarinpal.back(order)
    zarinpal.sweep()


def expired(zarinpal: Counter, monkeypatch: pytest.MonkeyPatch) -> Order:
    order = zarinpal.ordered()
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    zarinpal.sweep()
    assert zarinpal.shop.kept(order.id).state is OrderState.EXPIRED
    return order


LOOKS = [caught_up, reconciled, come_back]


@pytest.mark.parametrize("look", LOOKS)
def test_p4_money_that_was_taken_late_and_not_heard_of_is_asked_for_until_it_is(
    zarinpal, monkeypatch, look
) -> None:
    order = expired(zarinpal, monkeypatch)
    zarinpal.buyer(order, "pay")
    zarinpal.control("faults", kind="lost_response", path="/zarinpal/pg/v4/payment/verify")
    with suppress(ProviderFailed):
        look(zarinpal, order)
    assert list(zarinpal.shop.provider.listed(PLATFORM, datetime.now(UTC).date())) == []
    zarinpal.sweep()
    paid = zarinpal.shop.kept(order.id)
    assert (paid.state, paid.check_at, zarinpal.shop.wallet().balance) == (OrderState.PAID, None, 500)


@pytest.mark.parametrize("look", [caught_up, come_back])
def test_p4_a_second_payment_that_was_taken_and_not_heard_of_is_told_once(
    zarinpal, monkeypatch, capsys, look
) -> None:
    first, second = left_for_another(zarinpal, monkeypatch)
    zarinpal.buyer(second, "pay")
    assert zarinpal.back(second).state is OrderState.PAID
    zarinpal.buyer(first, "pay")
    zarinpal.control("faults", kind="lost_response", path="/zarinpal/pg/v4/payment/verify")
    with pytest.raises(ProviderFailed):
        look(zarinpal, first)
    for _ in range(2):
        zarinpal.sweep()
    kept = read.get(keys.inbox(PLATFORM, "zarinpal", f"second-{first.payment_reference}"), InboxEvent)
    assert kept is not None
    assert (kept.order_id, zarinpal.shop.kept(first.id).check_at) == (first.id, None)
    assert capsys.readouterr().out.count('"payment_second"') == 1


def test_p4_money_taken_of_an_open_order_by_a_page_that_was_left_is_told_where_another_s_pays_it(
    zarinpal, monkeypatch, capsys
) -> None:
    first, second = left_for_another(zarinpal, monkeypatch)
    zarinpal.buyer(first, "pay")
    zarinpal.control("faults", kind="lost_response", path="/zarinpal/pg/v4/payment/verify")
    assert zarinpal.back(first).state is OrderState.PENDING
    zarinpal.buyer(second, "pay")
    assert zarinpal.back(second).state is OrderState.PAID
    for _ in range(2):
        zarinpal.sweep()
    assert capsys.readouterr().out.count('"payment_second"') == 1
    assert (zarinpal.shop.kept(first.id).check_at, zarinpal.shop.wallet().balance) == (None, 500)


def test_who_comes_back_to_an_expired_order_without_money_leaves_nothing_to_do(zarinpal, monkeypatch) -> None:
    order = expired(zarinpal, monkeypatch)
    assert zarinpal.back(order).state is OrderState.EXPIRED
    assert zarinpal.shop.kept(order.id).check_at is None


def unanswered(*sent: Any) -> tuple[int, bytes]:
    raise ProviderFailed


@pytest.mark.parametrize("state", [OrderState.EXPIRED, OrderState.PAID])
def test_a_look_that_zarinpal_never_answers_is_given_up_after_a_day(
    zarinpal, monkeypatch, capsys, state
) -> None:
    order, second = left_for_another(zarinpal, monkeypatch)
    if state is OrderState.PAID:
        zarinpal.buyer(second, "pay")
        zarinpal.back(second)
    else:
        monkeypatch.setattr(clock, "now", lambda: second.check_at)
        zarinpal.sweep()
    began = clock.now()
    monkeypatch.setattr(https, "_answer", unanswered)
    zarinpal.back(order)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(days=1, seconds=-1))
    with pytest.raises(ProviderFailed):
        zarinpal.sweep()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(days=1))
    zarinpal.sweep()
    given_up = zarinpal.shop.kept(order.id)
    assert (given_up.state, given_up.check_at) == (state, None)
    assert capsys.readouterr().out.count('"order_given_up"') == 1


# --------------------------------------------------------------------------------- down, slow, nonsense

FAULTS = [
    ({"kind": "error_500"}, ProviderFailed),
    ({"kind": "nonsense"}, ProviderFailed),
    ({"kind": "lost_request"}, ProviderFailed),
    ({"kind": "lost_response"}, ProviderFailed),
    ({"kind": "slow", "seconds": 0.6}, ProviderTimeout),
]


@pytest.mark.parametrize("counter", ["iyzico", "zarinpal"])
@pytest.mark.parametrize(
    ("fault", "refusal"), FAULTS, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_provider_that_fails_leaves_no_half_order(request, monkeypatch, counter, fault, refusal) -> None:
    counter = request.getfixturevalue(counter)
    monkeypatch.setattr(https, "_READ_SECONDS", 0.2)
    counter.control("faults", **fault)
    with pytest.raises(refusal):
        counter.ordered()
    order = counter.ordered()
    counter.buyer(order, "pay")
    counter.control("faults", **fault)
    assert counter.back(order).state is OrderState.PENDING
    assert counter.shop.wallet().balance == 0
    assert counter.back(order).state is OrderState.PAID
    assert counter.shop.wallet().balance == 500


@pytest.mark.parametrize("counter", ["iyzico", "zarinpal"])
def test_what_a_failing_provider_kept_from_us_the_sweeper_finds(request, monkeypatch, counter) -> None:
    counter = request.getfixturevalue(counter)
    order = counter.ordered()
    counter.buyer(order, "pay")
    monkeypatch.setattr(clock, "now", lambda: order.check_at)
    counter.control("faults", kind="error_500")
    with pytest.raises(ProviderFailed):
        counter.shop.orders.sweep(PLATFORM, order.id)
    assert counter.shop.kept(order.id).state is OrderState.PENDING
    counter.shop.orders.sweep(PLATFORM, order.id)
    assert (counter.shop.kept(order.id).state, counter.shop.wallet().balance) == (OrderState.PAID, 500)


# -------------------------------------------------------------------------------------- reconciliation


def test_iyzico_lists_a_day_s_payments_over_more_than_a_page(iyzico) -> None:
    orders = [iyzico.ordered(f"k{number}") for number in range(12)]
    for order in orders:
        iyzico.buyer(order, "pay")
    provider = iyzico.shop.provider
    paid = iyzico.back(orders[0])
    provider.refund(PLATFORM, paid.payment_id, Money(50_000, "TRY"), "rfd_1")
    listed = list(provider.listed(PLATFORM, datetime.now(UTC).date()))
    assert {each.order_id for each in listed} == {order.id for order in orders}
    assert {(each.amount, each.currency) for each in listed} == {(149_000, "TRY")}
    assert {each.payment_id: each.refunded for each in listed}[paid.payment_id] == 50_000
    assert len(listed) == 12 + 1  # the refund is a line of its own
    assert list(provider.listed(PLATFORM, datetime.now(UTC).date() - timedelta(days=1))) == []


def test_iyzico_lists_what_went_back_of_a_payment_of_days_ago(iyzico) -> None:
    order = iyzico.ordered()
    iyzico.buyer(order, "pay")
    paid = iyzico.back(order)
    [(_, intent)] = iyzico.server.sandbox.state.tables["payment_intent"].items()
    intent.object["created"] -= 5 * 86_400
    iyzico.shop.provider.refund(PLATFORM, paid.payment_id, Money(50_000, "TRY"), "by-the-panel")
    [listed] = iyzico.shop.provider.listed(PLATFORM, datetime.now(UTC).date())
    assert (listed.order_id, listed.payment_id) == (order.id, paid.payment_id)
    assert (listed.amount, listed.currency, listed.refunded) == (149_000, "TRY", 50_000)


def test_what_another_shop_sells_on_the_iyzico_account_is_not_listed(iyzico) -> None:
    """In a currency that we do not sell in, it broke the day's report off."""
    orders = [iyzico.ordered(key) for key in ("k1", "k2")]
    for order in orders:
        iyzico.buyer(order, "pay")
    sold, mine = [iyzico.back(order) for order in orders]
    iyzico.shop.provider.refund(PLATFORM, sold.payment_id, Money(50_000, "TRY"), "by-the-panel")
    intents = [each.object for _, each in iyzico.server.sandbox.state.tables["payment_intent"].items()]
    theirs = next(each for each in intents if each["metadata"]["order"] == sold.id)
    theirs["currency"], theirs["metadata"]["order"] = "sek", "webshop-17"
    [listed] = iyzico.shop.provider.listed(PLATFORM, datetime.now(UTC).date())
    assert (listed.order_id, listed.payment_id) == (mine.id, mine.payment_id)


def test_zarinpal_lists_what_waits_to_be_verified(zarinpal) -> None:
    order = zarinpal.ordered()
    zarinpal.buyer(order, "pay")
    [listed] = zarinpal.shop.provider.listed(PLATFORM, datetime.now(UTC).date())
    assert (listed.reference, listed.amount, listed.currency) == (order.payment_reference, 1_000_000, "IRR")
    zarinpal.back(order)
    assert list(zarinpal.shop.provider.listed(PLATFORM, datetime.now(UTC).date())) == []


def test_that_a_platform_has_no_account_is_asked_once_a_minute(table, moving_clock) -> None:
    """Whoever orders at a shop of Stripe alone does not wait for it, and a new account counts a minute later."""
    parameters, name = Parameters(), f"platforms/{PLATFORM}/iyzico"

    def has() -> bool:
        return parameters.has(name)

    assert [count_calls(has) for _ in range(3)] == [["ssm:GetParameter"], [], []]
    keep("iyzico", IYZICO_KEYS)
    assert has() is False
    moving_clock.forward(minutes=1)
    assert [count_calls(has) for _ in range(3)] == [["ssm:GetParameter"], [], []]
    assert has() is True

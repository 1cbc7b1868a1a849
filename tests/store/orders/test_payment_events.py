"""Whatever events come, however often and in whatever order, a payment has one effect."""

from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from chalicelib import background, wiring
from chalicelib.catalogue import store as catalogue_store
from chalicelib.catalogue.model import CreditPackage
from chalicelib.core.errors import TooLarge
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    FailureReason,
    ProviderFailed,
    ProviderTimeout,
    RefundState,
    SignalKind,
    WebhookRefused,
)
from chalicelib.orders.inbox import InboxEvent, InboxState
from chalicelib.orders.model import OrderState
from chalicelib.orders.store import OrderItem, find_referred
from chalicelib.orders.webhooks import OrderUnknown
from chalicelib.platforms import store as platform_store
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.table import keys, read, transact
from chalicelib.wallet.model import Origin
from tests.faults import count_calls
from tests.store.orders.shop import CUSTOMER, PLATFORM, SIGNED, due_work, everything, package

COMPLETED, SUCCEEDED = "checkout.session.completed", "payment_intent.succeeded"
EXPIRED, FAILED = "checkout.session.expired", "payment_intent.payment_failed"


def inbox(event_id: str) -> InboxEvent:
    found = read.get(keys.inbox(PLATFORM, "stripe", event_id), InboxEvent)
    assert found is not None
    return found


def declined_twice_then_paid(shop, provider, now):
    """Five events, the last of them stale; the provider's truth is the end of the story."""
    order = shop.ordered()
    first = provider.decline("cs_1", now)
    second = provider.decline("cs_1", now, FailureReason.INSUFFICIENT_FUNDS)
    provider.pay("cs_1")
    return order, [
        provider.event("cs_1", FAILED, first),
        provider.event("cs_1", FAILED, second),
        provider.event("cs_1", SUCCEEDED),
        provider.event("cs_1", COMPLETED),
        provider.event("cs_1", EXPIRED),
    ]


def sell(sold: CreditPackage) -> None:
    """From now on, and nothing else."""
    page = catalogue_store.read_first_page(PLATFORM, "TR")
    assert page is not None
    changed = catalogue_store.live_page(replace(page, credit_packages=[sold]))
    transact.commit([changed], f"sell {page.version}")


def test_v21_what_is_bought_expires_as_the_package_said_when_it_was_ordered(
    shop, provider, moving_clock
) -> None:
    sell(replace(package(), expires_after_days=30))
    order = shop.ordered()
    sell(package())
    moving_clock.forward(minutes=5)
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    (lot,) = shop.wallet().lots
    assert lot.reference["order_id"] == order.id
    assert lot.expires_at == moving_clock() + timedelta(days=30)


@pytest.mark.parametrize(("days_away", "expires_after"), [(1, 30), (40, 70)])
def test_v21_credits_that_come_again_expire_as_they_were_sold(
    shop, provider, moving_clock, days_away: int, expires_after: int
) -> None:
    """Where that has passed while they were gone, they have the package's days once more."""
    sell(replace(package(), expires_after_days=30))
    order, bought_at = shop.paid(), moving_clock()
    provider.refunds_end_as = RefundState.FAILED
    shop.refund(order)
    moving_clock.forward(days=days_away)
    shop.send_refunds()
    (lot,) = shop.wallet().lots
    assert (lot.remaining, lot.expires_at) == (500, bought_at + timedelta(days=expires_after))


def outcome(shop, order_id):
    """What is left of it all, apart from the order in which things became known."""
    order = shop.kept(order_id)
    wallet = shop.wallet()
    return {
        "state": order.state,
        "failures": sorted(failure.attempt_id for failure in order.failures),
        "reasons": sorted(line["reason"] for line in shop.failed_payments()),
        "balance": wallet.balance,
        "lots": [(lot.origin, lot.granted, lot.cost) for lot in wallet.lots],
        "sales": [(sale["id"], sale["parts"][0]["amount"]) for sale in shop.sales()],
        "work": [key for key in due_work() if "#ORDER#" in key.pk],
    }


# The two declines play the same part, so one order of them stands for both; the rules' own tests try all 120.
ORDERS = [places for places in permutations(range(5)) if places.index(0) < places.index(1)]


@pytest.mark.parametrize("places", ORDERS, ids=lambda places: "".join(map(str, places)))
def test_every_order_of_events_ends_alike(shop, provider, moving_clock, places) -> None:
    order, events = declined_twice_then_paid(shop, provider, moving_clock())
    for place in places:
        shop.deliver(events[place])
    assert outcome(shop, order.id) == {
        "state": OrderState.PAID,
        "failures": ["ch_1", "ch_2"],
        "reasons": ["card_declined", "insufficient_funds"],
        "balance": 500,
        "lots": [(Origin.PURCHASE, 500, Money(149_000, "TRY"))],
        "sales": [(order.id.replace("ord_", "sal_"), 149_000)],
        "work": [],
    }


def test_events_that_come_again_change_nothing(shop, provider, moving_clock) -> None:
    _, events = declined_twice_then_paid(shop, provider, moving_clock())
    for event in events:
        shop.deliver(event)
    before = everything()
    for event in events * 2:
        assert shop.deliver(event).state is InboxState.DONE
    assert everything() == before


def test_an_event_that_comes_again_after_its_receipt_is_gone_changes_nothing(
    shop, provider, moving_clock
) -> None:
    order, events = declined_twice_then_paid(shop, provider, moving_clock())
    for event in events:
        shop.deliver(event)
    moving_clock.forward(hours=25)
    before = everything()
    for event in events:
        assert shop.deliver(event).state is InboxState.DONE
    assert everything() == before
    assert shop.kept(order.id).state is OrderState.PAID


def test_a_fulfilment_is_one_put_one_read_and_one_transaction(shop, provider) -> None:
    shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED)
    calls = count_calls(lambda: shop.deliver(event))
    assert calls == ["dynamodb:PutItem", "dynamodb:BatchGetItem", "dynamodb:TransactWriteItems"]
    assert shop.wallet().balance == 500


def test_what_comes_after_the_end_costs_the_provider_no_call(shop, provider) -> None:
    shop.ordered()
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    provider.calls.clear()
    assert shop.deliver(provider.event("cs_1", SUCCEEDED)).state is InboxState.DONE
    assert provider.calls == []


def test_the_ledger_says_what_was_paid_and_what_was_given(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    [entry] = shop.journal()
    assert {(posting.account, posting.asset): posting.amount for posting in entry.postings} == {
        (f"wallet:{CUSTOMER.id}", "credit"): 500,
        ("issued:purchase", "credit"): -500,
        ("provider:stripe", "TRY"): -149_000,
        ("sold:credits", "TRY"): 149_000,
    }
    assert (entry.operation, entry.reference["order_id"]) == (f"fulfil:{order.id}", order.id)


def test_the_sale_is_reported_as_sold(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=3)
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    assert shop.sales() == [
        {
            "id": order.id.replace("ord_", "sal_"),
            "platform_id": PLATFORM,
            "sold_at": "2026-11-22T09:03:00Z",
            "product_type": "credit",
            "product_id": "cpk_500",
            "product_name": "500 Kredi",
            "quantity": 1,
            "customer_id": CUSTOMER.id,
            "expert_id": None,
            "sale_type": "card",
            "parts": [
                {
                    "payment_type": "card",
                    "amount": 149_000,
                    "unit": "TRY",
                    "cost": None,
                    "share": 0,
                    "shared_cost": None,
                }
            ],
            "share_basis_points": 0,
            "country": "TR",
            "reverses": None,
            "reverses_sold_at": None,
        }
    ]


def test_a_page_that_was_left_is_one_failed_payment(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=31)
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", EXPIRED))
    shop.deliver(provider.event("cs_1", EXPIRED))
    assert shop.kept(order.id).state is OrderState.EXPIRED
    assert shop.failed_payments() == [
        {
            "id": f"{order.id}-cs_1-left",
            "platform_id": PLATFORM,
            "failed_at": "2026-11-22T09:31:00Z",
            "customer_id": CUSTOMER.id,
            "reason": "pay_not_pressed",
            "raw_code": "expired",
            "rail": "card",
            "product_type": "credit",
            "product_id": "cpk_500",
            "product_name": "500 Kredi",
            "amount": 149_000,
            "unit": "TRY",
            "country": "TR",
            "order_id": order.id,
        }
    ]


def test_a_page_that_expires_after_a_decline_was_not_left_untried(shop, provider, moving_clock) -> None:
    shop.ordered()
    failure = provider.decline("cs_1", moving_clock())
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", EXPIRED))
    shop.deliver(provider.event("cs_1", FAILED, failure))
    assert [line["reason"] for line in shop.failed_payments()] == ["card_declined"]


def test_a_decline_leaves_the_order_open_to_be_paid(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    shop.deliver(provider.event("cs_1", FAILED, provider.decline("cs_1", moving_clock())))
    assert shop.orders.find(CUSTOMER, order.id).payment_url == "https://pay.test/cs_1"


def test_a_delayed_payment_is_processing_until_it_is_paid(shop, provider) -> None:
    order = shop.ordered()
    provider.pay_later("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PROCESSING, 0)
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.async_payment_succeeded"))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


def test_a_delayed_payment_that_fails_ends_the_order_with_its_reason(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.pay_later("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    provider.decline("cs_1", moving_clock(), FailureReason.OTHER)
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.async_payment_failed"))
    assert shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in shop.failed_payments()] == ["other"]


def test_money_that_comes_late_is_still_accepted(shop, provider) -> None:
    order = shop.ordered()
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", EXPIRED))
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", SUCCEEDED))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


@pytest.mark.parametrize("paid", [{"amount": 148_999}, {"amount": 149_001}, {"currency": "EUR"}])
def test_another_amount_or_currency_grants_nothing_and_waits_for_a_person(
    shop, provider, capsys, paid
) -> None:
    order = shop.ordered()
    provider.pay("cs_1", **paid)
    shop.deliver(provider.event("cs_1", COMPLETED))
    shop.deliver(provider.event("cs_1", SUCCEEDED))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.REVIEW, 0)
    assert shop.sales() == []
    assert "payment_review" in capsys.readouterr().out


def test_what_was_bought_is_what_was_ordered_whatever_the_package_has_become(shop, provider) -> None:
    shop.ordered()
    page = catalogue_store.read_first_page(PLATFORM, "TR")
    assert page is not None
    provider.pay("cs_1")
    transact.commit([catalogue_store.live_page(replace(page, credit_packages=[]))], "emptied")
    shop.deliver(provider.event("cs_1", COMPLETED))
    assert shop.wallet().balance == 500


def test_a_platform_s_own_clock_dates_what_is_reported(shop, provider, moving_clock) -> None:
    ahead = shop.platforms.get(PLATFORM)
    transact.commit(
        [platform_store.saved(replace(ahead, sandbox=True, clock_offset_seconds=86_400))], "ahead"
    )
    order = shop.ordered()
    failure = provider.decline("cs_1", moving_clock())
    shop.deliver(provider.event("cs_1", FAILED, failure))
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    assert shop.kept(order.id).created_at.isoformat() == "2026-11-23T09:00:00+00:00"
    assert shop.sales()[0]["sold_at"] == "2026-11-23T09:00:00Z"
    assert shop.failed_payments()[0]["failed_at"] == "2026-11-23T09:00:00Z"
    assert order.expires_at.isoformat() == "2026-11-22T09:31:00+00:00"


def test_an_unsigned_event_changes_nothing(shop, provider) -> None:
    shop.ordered()
    before = everything()
    with pytest.raises(WebhookRefused):
        shop.webhooks.receive(PLATFORM, "stripe", {}, b"{}")
    assert everything() == before


def test_an_event_of_no_platform_or_of_a_monstrous_size_is_refused(shop) -> None:
    before = everything()
    with pytest.raises(PlatformNotFound):
        shop.webhooks.receive("no platform", "stripe", SIGNED, b"{}")
    with pytest.raises(TooLarge):
        shop.webhooks.receive(PLATFORM, "stripe", SIGNED, b" " * (256 * 1024 + 1))
    assert everything() == before


@pytest.mark.parametrize("failure", [ProviderFailed, ProviderTimeout])
def test_a_provider_that_fails_is_asked_again_when_the_event_comes_again(shop, provider, failure) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED)
    provider.failing = failure()
    with pytest.raises(failure):
        shop.deliver(event)
    assert inbox(event.event_id).state is InboxState.RECEIVED
    shop.deliver(event)
    assert shop.kept(order.id).state is OrderState.PAID


def test_an_answer_about_another_order_is_no_answer(shop, provider) -> None:
    shop.ordered()
    event = provider.event("cs_1", COMPLETED)
    provider.pages["cs_1"] = replace(provider.pages["cs_1"], order_id="ord_other")
    with pytest.raises(ProviderFailed):
        shop.deliver(event)
    assert shop.wallet().balance == 0


def test_what_does_not_concern_us_is_kept_and_ignored(shop, provider) -> None:
    shop.ordered()
    event = provider.event("cs_1", "charge.succeeded", kind=SignalKind.IRRELEVANT)
    assert shop.deliver(event).state is InboxState.IGNORED
    assert inbox(event.event_id).state is InboxState.IGNORED


def test_p4_an_event_without_our_reference_is_quarantined_and_told(shop, provider, capsys) -> None:
    shop.ordered()
    event = provider.event("cs_1", "payment_intent.succeeded", order_id=None, purchase=None)
    assert shop.deliver(event).state is InboxState.QUARANTINED
    assert inbox(event.event_id).state is InboxState.QUARANTINED
    assert "event_names_no_order" in capsys.readouterr().out


def test_an_event_that_names_our_page_alone_is_done(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED, order_id=None, purchase=None)
    assert shop.deliver(event).state is InboxState.DONE
    assert shop.kept(order.id).state is OrderState.PAID


@pytest.mark.parametrize("with_purchase", [True, False])
def test_an_order_that_is_not_there_is_asked_for_again_for_an_hour(
    shop, provider, moving_clock, capsys, with_purchase
) -> None:
    shop.ordered()
    purchase = replace(provider.requests[0].purchase, order_id="ord_late") if with_purchase else None
    event = provider.event("cs_1", COMPLETED, order_id="ord_late", purchase=purchase)
    for _ in range(3):
        with pytest.raises(OrderUnknown):
            shop.deliver(event)
        moving_clock.forward(minutes=20)
    assert inbox(event.event_id).state is InboxState.QUARANTINED
    assert shop.deliver(event).state is InboxState.QUARANTINED
    assert "payment_order_unknown" in capsys.readouterr().out


def test_an_order_that_turns_up_after_its_event_is_fulfilled(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED)
    key = keys.order(PLATFORM, order.id)
    transact.commit([transact.delete(OrderItem, key, order)], "hidden")
    with pytest.raises(OrderUnknown):
        shop.deliver(event)
    transact.commit([transact.create(OrderItem.of(key, order))], "shown")
    assert shop.deliver(event).state is InboxState.DONE
    assert shop.wallet().balance == 500


def test_an_event_that_names_the_order_alone_is_enough(shop, provider) -> None:
    shop.ordered()
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED, purchase=None))
    assert shop.wallet().balance == 500


def test_an_event_that_names_another_customer_s_purchase_grants_nothing(shop, provider) -> None:
    shop.ordered()
    provider.pay("cs_1")
    forged = replace(provider.requests[0].purchase, customer_id="customer-2")
    with pytest.raises(OrderUnknown):
        shop.deliver(provider.event("cs_1", COMPLETED, purchase=forged))
    assert shop.wallet().balance == 0


@pytest.mark.parametrize("kind", ["voucher", "appointment_package"])
def test_an_event_whose_purchase_makes_no_sense_names_no_order(shop, provider, kind) -> None:
    """Of a kind that nothing is, or without the details that its kind needs."""
    order = shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED)
    with pytest.raises(OrderUnknown):
        shop.deliver(replace(event, purchase=replace(event.purchase, product_kind=kind)))
    assert (shop.kept(order.id), inbox(event.event_id).state) == (order, InboxState.QUARANTINED)


def test_a_failure_of_our_own_is_no_unknown_order(shop, provider, monkeypatch) -> None:
    """The event brings what we had given along: it is told as it is, and taken when it is sent again."""
    order = shop.ordered()
    provider.pay("cs_1")
    event = provider.event("cs_1", COMPLETED)
    with monkeypatch.context() as broken:
        broken.setattr(shop.fulfilments[order.product_kind], "keys", lambda _: {}["none"])
        with pytest.raises(KeyError):
            shop.deliver(event)
    assert inbox(event.event_id).state is InboxState.RECEIVED
    assert shop.deliver(event).state is InboxState.DONE


def test_a_dispute_is_traced_by_its_payment(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", COMPLETED))
    assert find_referred(PLATFORM, "stripe", "pi_cs_1") == order.id
    concerns = {"kind": SignalKind.CONCERNS, "order_id": None, "purchase": None}
    event = provider.event("cs_1", "charge.dispute.created", **concerns)
    assert shop.deliver(event).state is InboxState.DONE
    assert inbox(event.event_id).order_id == order.id
    foreign = provider.event("cs_1", "charge.dispute.created", **concerns, payment_id="pi_other")
    assert shop.deliver(foreign).state is InboxState.QUARANTINED


def test_inbox_rows_go_after_ninety_days(shop, provider) -> None:
    shop.ordered()
    event = provider.event("cs_1", COMPLETED)
    shop.deliver(event)
    [row] = [item for item in everything() if item["SK"]["S"] == "EVENT"]
    assert int(row["expires_at"]["N"]) - inbox(event.event_id).received_at.timestamp() == 90 * 86_400


def test_undelivered_events_are_caught_up_with_and_one_failure_stops_no_other(
    shop, provider, moving_clock
) -> None:
    order = shop.ordered()
    failure = provider.decline("cs_1", moving_clock())
    provider.pay("cs_1")
    lost = provider.event("cs_1", COMPLETED, order_id="ord_none", purchase=None)
    provider.missed = [lost, provider.event("cs_1", FAILED, failure), provider.event("cs_1", COMPLETED)]
    shop.webhooks.catch_up(PLATFORM)
    shop.webhooks.catch_up(PLATFORM)
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)
    assert len(shop.failed_payments()) == 1


def test_an_event_that_breaks_us_stops_no_other(shop, provider, monkeypatch) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    provider.missed = [provider.event("cs_1", kind) for kind in (SUCCEEDED, COMPLETED)]
    answers = iter([KeyError("details"), provider.pages["cs_1"]])

    def broken_once(page):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(provider, "fetch", broken_once)
    shop.webhooks.catch_up(PLATFORM)
    assert shop.kept(order.id).state is OrderState.PAID


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """A hundred platforms, and which of them were asked for what their providers could not deliver."""
    asked: list[str] = []
    platforms = [SimpleNamespace(id=f"p{number}") for number in range(100)]
    monkeypatch.setattr(wiring, "platforms", lambda: SimpleNamespace(all=lambda: platforms))
    monkeypatch.setattr(wiring, "webhooks", lambda: SimpleNamespace(catch_up=asked.append))
    return asked


def test_a_platform_that_breaks_us_stops_no_other(asked, monkeypatch) -> None:
    def throttled(platform_id: str) -> None:
        asked.append(platform_id)
        raise RuntimeError("ThrottlingException")

    monkeypatch.setattr(wiring, "webhooks", lambda: SimpleNamespace(catch_up=throttled))
    background.catch_up()
    assert len(set(asked)) == 100


def test_slow_providers_starve_nobody_behind_them(asked, monkeypatch, moving_clock) -> None:
    def slow(platform_id: str) -> None:
        asked.append(platform_id)
        moving_clock.forward(seconds=16)

    monkeypatch.setattr(wiring, "webhooks", lambda: SimpleNamespace(catch_up=slow))
    runs = 20
    for _ in range(runs):
        began = moving_clock()
        background.catch_up()
        assert moving_clock() - began < timedelta(minutes=4)
    assert len(asked) == runs * 12
    assert len(set(asked)) > 12

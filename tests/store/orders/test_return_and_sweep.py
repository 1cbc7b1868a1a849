"""What the buyer's return and the sweeper do where no event came: they look where the webhook looks."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.actor import Actor, system
from chalicelib.core.errors import UpstreamTimeout
from chalicelib.core.payments import (
    FailureReason,
    PaymentState,
    ProviderFailed,
    ProviderNotConfigured,
    ProviderTimeout,
)
from chalicelib.orders import store
from chalicelib.orders.inbox import InboxEvent, InboxState
from chalicelib.orders.model import MAX_PAGES, Order, OrderClosed, OrderNotFound, OrderState, PageClosing
from chalicelib.orders.views import OrderView
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, Effect, Operation, by_system, perform
from chalicelib.table.sweeper import Sweeper
from tests.store.orders.shop import CUSTOMER, PLATFORM, STRANGER, Shop, due_work, everything


def returned_state(shop, order, reference="cs_1"):
    return shop.orders.after_payment(PLATFORM, order.id, reference)[0].state


def test_a_return_settles_what_the_provider_says_and_the_webhook_adds_nothing(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    assert returned_state(shop, order) is OrderState.PAID
    shop.deliver(provider.event("cs_1", "checkout.session.completed"))
    assert shop.wallet().balance == 500
    assert len(shop.sales()) == 1


def test_a_return_before_payment_writes_nothing_and_the_next_one_looks_again(shop, provider) -> None:
    order = shop.ordered()
    before = everything()
    assert returned_state(shop, order) is OrderState.PENDING
    assert everything() == before
    provider.pay("cs_1")
    assert returned_state(shop, order) is OrderState.PAID


def test_a_buyer_who_paid_late_and_comes_back_is_told_so_and_has_his_credits(
    shop, provider, moving_clock
) -> None:
    provider.closes_pages = False
    order = shop.ordered()
    moving_clock.forward(minutes=37)
    provider.expire("cs_1")
    shop.orders.sweep(PLATFORM, order.id)
    assert returned_state(shop, order) is OrderState.EXPIRED
    provider.pay("cs_1")
    assert returned_state(shop, order) is OrderState.PAID
    assert (shop.wallet().balance, len(shop.sales())) == (500, 1)


@pytest.mark.parametrize("reference", [None, "", "cs_2", "ord_1"])
def test_a_return_that_does_not_know_the_page_asks_the_provider_nothing(shop, provider, reference) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    provider.calls.clear()
    assert returned_state(shop, order, reference) is OrderState.PENDING
    assert provider.calls == []


@pytest.mark.parametrize("failure", [ProviderFailed, ProviderTimeout, UpstreamTimeout])
def test_a_return_bears_the_provider_s_failures(shop, provider, failure) -> None:
    order = shop.ordered()
    provider.failing = failure()
    assert returned_state(shop, order) is OrderState.PENDING


def test_a_return_to_no_order_or_no_platform_is_not_found(shop) -> None:
    with pytest.raises(OrderNotFound):
        shop.orders.after_payment(PLATFORM, "ord_none", "cs_1")
    with pytest.raises(PlatformNotFound):
        shop.orders.after_payment("nobody", "ord_none", "cs_1")


def test_the_sweeper_leaves_alone_what_is_not_due(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    moving_clock.forward(minutes=35)
    shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id) == order


def test_the_sweeper_pays_out_what_no_event_told_of(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    moving_clock.forward(minutes=37)
    shop.orders.sweep(PLATFORM, order.id)
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).state, shop.wallet().balance, len(shop.sales())) == (OrderState.PAID, 500, 1)
    assert [key for key in due_work() if "#ORDER#" in key.pk] == []


def test_the_sweeper_closes_a_page_whose_time_is_up(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=37)
    shop.orders.sweep(PLATFORM, order.id)
    assert provider.calls == ["start", "fetch", "cancel", "fetch"]
    assert shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in shop.failed_payments()] == ["pay_not_pressed"]


def test_the_sweeper_looks_again_while_a_delayed_payment_is_processing(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.pay_later("cs_1")
    moving_clock.forward(minutes=37)
    shop.orders.sweep(PLATFORM, order.id)
    waiting = shop.kept(order.id)
    assert waiting.state is OrderState.PROCESSING
    assert (waiting.check_at - moving_clock()).total_seconds() == 3_600
    moving_clock.forward(hours=1)
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).check_at - moving_clock()).total_seconds() == 3_600
    provider.pay("cs_1")
    moving_clock.forward(hours=1)
    shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id).state is OrderState.PAID


def test_the_sweeper_learns_of_a_decline_that_no_event_told_of(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.decline("cs_1", moving_clock(), FailureReason.AUTHENTICATION_FAILED)
    moving_clock.forward(minutes=37)
    shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in shop.failed_payments()] == ["authentication_failed"]


def test_an_order_that_never_had_a_page_is_given_up_and_nothing_failed(shop, provider, moving_clock) -> None:
    provider.failing = ProviderTimeout()
    with pytest.raises(ProviderTimeout):
        shop.order()
    [order_key] = [key for key in due_work() if "#ORDER#" in key.pk]
    order_id = order_key.pk.split("#")[-1]
    moving_clock.forward(minutes=59)
    shop.orders.sweep(PLATFORM, order_id)
    assert shop.kept(order_id).state is OrderState.PENDING
    moving_clock.forward(minutes=1)
    shop.orders.sweep(PLATFORM, order_id)
    assert shop.kept(order_id).state is OrderState.EXPIRED
    assert shop.failed_payments() == []


def test_an_orphan_page_expires_without_touching_the_order(shop, provider, moving_clock) -> None:
    """The provider opened a page, but its answer was lost; another attempt opened the one that is shown."""
    provider.failing, provider.loses_response = ProviderTimeout(), True
    with pytest.raises(ProviderTimeout):
        shop.order()
    orphan = provider.event("cs_1", "checkout.session.expired")
    provider.expire("cs_1")
    shop.deliver(orphan)
    moving_clock.forward(minutes=2)
    order = shop.ordered()
    assert (order.state, order.payment_reference) == (OrderState.PENDING, "cs_2")
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    assert shop.kept(order.id).state is OrderState.PENDING
    assert shop.failed_payments() == []


def test_a_failing_provider_leaves_the_order_to_the_next_sweep(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=37)
    provider.failing = ProviderFailed()
    with pytest.raises(ProviderFailed):
        shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id) == order


def sweeps(shop, moving_clock, minutes: int, effects: list[str]) -> None:
    """The sweeper each minute, as it runs in production."""
    sweeper = Sweeper(
        {
            "ORDER": lambda key: shop.orders.sweep(*keys.owner_of(key)),
            "RECEIPT": lambda key: effects.append(key.pk),
        },
        shop.platforms,
    )
    for _ in range(minutes):
        next_run = moving_clock() + timedelta(minutes=1)
        sweeper.run()
        moving_clock.instant = max(next_run, moving_clock())


def silent_for(provider, moving_clock, monkeypatch, pages: set[str]) -> None:
    """These pages are asked about in vain, and for as long as two tries last."""
    fetch = provider.fetch

    def waited_for(page):
        if page.reference not in pages:
            return fetch(page)
        moving_clock.forward(seconds=16)
        raise ProviderTimeout

    monkeypatch.setattr(provider, "fetch", waited_for)


def test_a_silent_provider_is_waited_for_once_and_all_else_that_is_due_is_done(
    shop, provider, moving_clock, monkeypatch
) -> None:
    orders = [shop.ordered(f"k{number}") for number in range(24)]
    silent = {str(order.payment_reference) for order in orders}
    silent_for(provider, moving_clock, monkeypatch, silent)
    moving_clock.forward(minutes=40)
    for number in range(8):
        effect = Effect(kind="x", payload={})
        told = by_system(system(PLATFORM), "told", f"{number}")
        perform(told, [], lambda _, effect=effect: Decision(answer=None, effects=[effect]))
    moving_clock.forward(minutes=1)
    effects: list[str] = []
    sweeps(shop, moving_clock, 1, effects)
    assert len({pk for pk in effects if "told" in pk}) == 8
    while silent:
        provider.pay(silent.pop())
    sweeps(shop, moving_clock, 2, effects)
    assert {shop.kept(order.id).state for order in orders} == {OrderState.PAID}


def test_an_order_asked_about_in_vain_goes_behind_all_that_is_due(
    shop, provider, moving_clock, monkeypatch
) -> None:
    order, other = shop.ordered("k1"), shop.ordered("k2")
    silent_for(provider, moving_clock, monkeypatch, {"cs_1"})
    provider.pay("cs_2")
    moving_clock.forward(minutes=37)
    for each in (order, other):
        with pytest.raises(ProviderTimeout):
            shop.orders.sweep(PLATFORM, each.id)
    assert (shop.kept(order.id).check_at, shop.kept(other.id)) == (moving_clock(), other)
    moving_clock.forward(seconds=30)
    shop.orders.sweep(PLATFORM, other.id)
    assert shop.kept(other.id).state is OrderState.PAID


@pytest.mark.parametrize("refusal", [ProviderFailed, ProviderTimeout, ProviderNotConfigured])
def test_an_order_that_no_provider_speaks_of_is_given_up_after_a_day(
    shop, provider, moving_clock, refusal
) -> None:
    order = shop.ordered()
    moving_clock.forward(hours=24, minutes=30)
    provider.failing = refusal()
    with pytest.raises(refusal):
        shop.orders.sweep(PLATFORM, order.id)
    moving_clock.forward(minutes=1)
    provider.failing = refusal()
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).state, shop.failed_payments()) == (OrderState.EXPIRED, [])
    assert [key for key in due_work() if "#ORDER#" in key.pk] == []
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.completed"))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


def test_a_payment_that_is_processing_for_ever_is_given_up_after_a_month(
    shop, provider, moving_clock
) -> None:
    order = shop.ordered()
    provider.pay_later("cs_1")
    moving_clock.forward(days=1)
    shop.orders.sweep(PLATFORM, order.id)
    moving_clock.forward(days=28)
    shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id).state is OrderState.PROCESSING
    moving_clock.forward(days=2)
    shop.orders.sweep(PLATFORM, order.id)
    assert shop.kept(order.id).state is OrderState.EXPIRED


def test_the_payment_that_the_money_came_by_is_kept_and_not_the_attempt_that_failed(
    shop, provider, moving_clock
) -> None:
    order = shop.ordered()
    provider.decline("cs_1", moving_clock())
    returned_state(shop, order)
    assert shop.kept(order.id).payment_id == "pi_cs_1"
    provider._change("cs_1", payment_id="pi_second")
    provider.pay("cs_1")
    assert returned_state(shop, order) is OrderState.PAID
    assert shop.kept(order.id).payment_id == "pi_second"
    found = [shop.orders.of_reference(PLATFORM, "stripe", name) for name in ("pi_cs_1", "pi_second")]
    assert [each and each.id for each in found] == [order.id, order.id]


def resumed(shop: Shop, order_id: str, key: str = "again", actor: Actor = CUSTOMER) -> OrderView:
    operation = Operation(actor=actor, name="resume", key=key, input_hash="")
    return shop.checkout.resume(operation, order_id).read_as(OrderView)


def test_after_a_decline_the_same_page_goes_on(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.decline("cs_1", moving_clock())
    assert resumed(shop, order.id).payment_url == "https://pay.test/cs_1"
    assert (len(provider.pages), len(shop.failed_payments())) == (1, 1)


def test_where_the_page_has_closed_a_fresh_attempt_begins(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.decline("cs_1", moving_clock())
    provider.expire("cs_1")
    view = resumed(shop, order.id)
    assert (view.payment_url, view.state) == ("https://pay.test/cs_2", OrderState.PENDING)
    assert resumed(shop, order.id) == view
    assert (shop.kept(order.id).attempt_number, len(shop.failed_payments())) == (2, 1)
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    assert shop.kept(order.id).state is OrderState.PENDING
    provider.pay("cs_2")
    shop.deliver(provider.event("cs_2", "checkout.session.completed"))
    assert (shop.kept(order.id).payment_id, shop.wallet().balance) == ("pi_cs_2", 500)


def test_a_page_whose_time_is_up_is_closed_before_another_is_opened(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=32)
    assert resumed(shop, order.id).payment_url == "https://pay.test/cs_2"
    assert provider.pages["cs_1"].state is PaymentState.EXPIRED


@pytest.mark.parametrize(("first", "told"), [("left", "pay_not_pressed"), ("declined", "card_declined")])
def test_b43_each_page_left_without_a_try_is_one_failed_payment(
    shop, provider, moving_clock, first, told
) -> None:
    order = shop.ordered()
    if first == "declined":
        provider.decline("cs_1", moving_clock(), FailureReason.CARD_DECLINED)
        provider.expire("cs_1")
    moving_clock.forward(minutes=32)
    resumed(shop, order.id)
    assert [line["reason"] for line in shop.failed_payments()] == [told]
    moving_clock.forward(minutes=37)
    shop.orders.sweep(PLATFORM, order.id)
    assert sorted(line["reason"] for line in shop.failed_payments()) == sorted([told, "pay_not_pressed"])
    assert shop.kept(order.id).state is OrderState.EXPIRED


def test_who_has_paid_meanwhile_is_not_asked_again(shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    with pytest.raises(OrderClosed):
        resumed(shop, order.id)
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


def test_an_order_that_has_ended_is_not_resumed(shop, provider) -> None:
    order = shop.ordered()
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    with pytest.raises(OrderClosed):
        resumed(shop, order.id)
    assert shop.kept(order.id).state is OrderState.EXPIRED


def test_nobody_resumes_another_s_order(shop) -> None:
    order = shop.ordered()
    with pytest.raises(OrderNotFound):
        resumed(shop, order.id, actor=STRANGER)


@pytest.fixture
def left(shop, provider, moving_clock) -> Order:
    """The buyer went on to a second page, at a provider that closes none."""
    provider.closes_pages = False
    order = shop.ordered()
    moving_clock.forward(minutes=36)
    provider.expire("cs_1")
    assert resumed(shop, order.id).payment_url == "https://pay.test/cs_2"
    return order


def unreachable(request) -> None:
    raise ProviderFailed


@pytest.fixture
def left_for_none(shop, provider, moving_clock, monkeypatch) -> Order:
    """The buyer left a page that nobody closes, and the next one could not be opened."""
    provider.closes_pages = False
    order = shop.ordered()
    moving_clock.forward(minutes=36)
    provider.expire("cs_1")
    monkeypatch.setattr(provider, "start", unreachable)
    with pytest.raises(ProviderFailed):
        resumed(shop, order.id)
    return shop.kept(order.id)


def paid_twice(capsys) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if '"payment_second"' in line]


def test_p4_money_by_the_page_that_was_left_pays_and_a_second_payment_waits_for_a_person(
    shop, provider, left, capsys
) -> None:
    provider.pay("cs_1")
    assert shop.deliver(provider.event("cs_1", "checkout.session.completed")).state is InboxState.DONE
    paid = shop.kept(left.id)
    assert (paid.state, paid.payment_reference, paid.payment_id) == (OrderState.PAID, "cs_1", "pi_cs_1")
    assert paid_twice(capsys) == []
    provider.pay("cs_2")
    event = provider.event("cs_2", "checkout.session.completed")
    assert [shop.deliver(event).state for _ in range(2)] == [InboxState.QUARANTINED] * 2
    assert (shop.kept(left.id), shop.wallet().balance) == (paid, 500)
    assert len(paid_twice(capsys)) == 2


def test_p4_money_by_both_pages_is_one_sale_whichever_came_first(shop, provider, left) -> None:
    for page in ("cs_2", "cs_1"):
        provider.pay(page)
    events = [provider.event(page, "checkout.session.completed") for page in ("cs_2", "cs_1")]
    states = [shop.deliver(event).state for event in events]
    assert states == [InboxState.DONE, InboxState.QUARANTINED]
    assert (shop.kept(left.id).payment_id, shop.wallet().balance) == ("pi_cs_2", 500)


def test_an_event_that_names_no_page_is_done_while_the_order_has_none(
    shop, provider, left_for_none, moving_clock
) -> None:
    failure = provider.decline("cs_1", moving_clock())
    event = provider.event("cs_1", "payment_intent.payment_failed", failure=failure)
    assert (left_for_none.payment_reference, shop.deliver(event).state) == (None, InboxState.DONE)
    waiting = shop.kept(left_for_none.id)
    assert waiting.state is OrderState.PENDING
    assert [each.attempt_id for each in waiting.failures] == ["cs_1-left", failure.attempt_id]
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", "payment_intent.succeeded"))
    assert (shop.kept(left_for_none.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


def test_reconciliation_finds_money_on_a_page_that_was_left_for_none(
    shop, provider, left_for_none, moving_clock
) -> None:
    moving_clock.forward(minutes=61)
    shop.orders.sweep(PLATFORM, left_for_none.id)
    expired = shop.kept(left_for_none.id)
    provider.pay("cs_1")
    paid = shop.orders.look_again(expired, None)
    assert (expired.state, paid.state, shop.wallet().balance) == (OrderState.EXPIRED, OrderState.PAID, 500)


def test_a_page_that_was_left_says_nothing_else_of_its_order(shop, provider, left, moving_clock) -> None:
    failure = provider.decline("cs_1", moving_clock())
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", "payment_intent.payment_failed", failure=failure))
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    assert returned_state(shop, left, "cs_1") is OrderState.PENDING
    assert shop.kept(left.id).payment_reference == "cs_2"


@pytest.mark.parametrize("look", ["return", "sweep", "reconciliation", "sweep, with no page"])
def test_whoever_looks_finds_the_money_that_came_by_the_page_that_was_left(
    shop, provider, left, moving_clock, look
) -> None:
    provider.pay("cs_1")
    if look == "return":
        returned_state(shop, left, "cs_1")
    elif look == "reconciliation":
        shop.orders.look_again(shop.kept(left.id), None)
    else:
        if look != "sweep":
            order = shop.kept(left.id)
            transact.commit([store.saved(replace(order, payment_reference=None))], "unpaged")
        moving_clock.forward(minutes=37)
        shop.orders.sweep(PLATFORM, left.id)
    paid = shop.kept(left.id)
    assert (paid.state, paid.payment_reference, shop.wallet().balance) == (OrderState.PAID, "cs_1", 500)


def test_what_is_processing_on_a_page_that_was_left_keeps_the_order_open(
    shop, provider, left, moving_clock
) -> None:
    provider.pay_later("cs_1")
    for minutes in (37, 60):
        moving_clock.forward(minutes=minutes)
        shop.orders.sweep(PLATFORM, left.id)
        assert shop.kept(left.id).state is OrderState.PROCESSING
    provider.pay("cs_1")
    moving_clock.forward(minutes=60)
    shop.orders.sweep(PLATFORM, left.id)
    assert (shop.kept(left.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


@pytest.mark.parametrize("told", ["checkout.session.expired", "payment_intent.payment_failed"])
def test_an_event_of_the_last_page_closes_no_order_with_money_on_its_way_by_another(
    shop, provider, left, moving_clock, told
) -> None:
    provider.pay_later("cs_1")
    returned_state(shop, left, "cs_1")
    failure = provider.decline("cs_2", moving_clock())
    provider.expire("cs_2")
    moving_clock.forward(minutes=36)
    shop.deliver(provider.event("cs_2", told, failure=failure))
    waiting = shop.kept(left.id)
    assert (waiting.state, len(waiting.failures)) == (OrderState.PROCESSING, 2)
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.async_payment_succeeded"))
    assert (shop.kept(left.id).state, shop.wallet().balance) == (OrderState.PAID, 500)


def test_a_second_payment_that_only_the_buyer_s_return_tells_of_waits_for_a_person(
    shop, provider, left, capsys
) -> None:
    for page in ("cs_2", "cs_1"):
        provider.pay(page)
        assert returned_state(shop, left, page) is OrderState.PAID
    assert len(paid_twice(capsys)) == 1
    kept = read.get(keys.inbox(PLATFORM, "stripe", "second-cs_1"), InboxEvent)
    assert kept is not None
    assert (kept.state, kept.order_id) == (InboxState.QUARANTINED, left.id)
    assert (shop.kept(left.id).payment_id, shop.wallet().balance) == ("pi_cs_2", 500)


def test_a_second_payment_that_was_given_back_waits_for_nobody(shop, provider, left, capsys) -> None:
    for page in ("cs_2", "cs_1"):
        provider.pay(page)
    assert returned_state(shop, left, "cs_2") is OrderState.PAID
    provider.refund_there("cs_1", 149_000 - 1)
    returned_state(shop, left, "cs_1")
    assert len(paid_twice(capsys)) == 1
    provider.refund_there("cs_1", 1)
    returned_state(shop, left, "cs_1")
    assert shop.deliver(provider.event("cs_1", "checkout.session.completed")).state is InboxState.DONE
    assert paid_twice(capsys) == []


def test_a_page_that_nobody_can_close_is_waited_for_before_another_is_opened(
    shop, provider, moving_clock
) -> None:
    provider.closes_pages = False
    order = shop.ordered()
    provider.expire("cs_1")
    for minutes in (32, 3):
        moving_clock.forward(minutes=minutes)
        with pytest.raises(PageClosing):
            resumed(shop, order.id)
    assert (shop.kept(order.id), len(provider.pages)) == (order, 1)
    moving_clock.forward(minutes=1)
    assert resumed(shop, order.id).payment_url == "https://pay.test/cs_2"


def test_an_order_has_so_many_pages_and_no_more(shop, provider) -> None:
    order = shop.ordered()
    for number in range(1, MAX_PAGES):
        provider.expire(f"cs_{number}")
        assert resumed(shop, order.id, f"again {number}").payment_url == f"https://pay.test/cs_{number + 1}"
    provider.expire(f"cs_{MAX_PAGES}")
    with pytest.raises(OrderClosed):
        resumed(shop, order.id, "once more")
    assert len(shop.kept(order.id).pages) == MAX_PAGES

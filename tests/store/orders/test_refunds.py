"""Money goes back: asked for here, made at the provider's, or disputed; what was given for it goes with it."""

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.payments import (
    DisputeState,
    PaymentState,
    ProviderFailed,
    ProviderTimeout,
    RefundNotSupported,
    RefundRefused,
    SignalKind,
)
from chalicelib.core.payments import RefundState as ProvidersState
from chalicelib.orders import asking
from chalicelib.orders.model import (
    Order,
    OrderNotFound,
    OrderNotInReview,
    OrderNotPaid,
    OrderState,
    OtherCurrencyPaid,
    PartlyReturned,
)
from chalicelib.orders.refunds import (
    Asking,
    RefundBeingSent,
    RefundNotByHand,
    RefundNotFound,
    RefundState,
    RefundTooLarge,
)
from chalicelib.orders.views import RefundOutcomeRequest, RefundRequest, ReviewRequest
from chalicelib.table import read, transact
from chalicelib.table.operation import Operation
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal, Posting
from tests.store.orders.shop import ADMIN, CUSTOMER, PLATFORM, Shop, everything

PRICE = 149_000


@pytest.fixture(autouse=True)
def nothing_differs(shop):
    """Whatever a test does, the verifier finds nothing afterwards."""
    yield
    assert [str(difference) for difference in verify(every_item())] == []


def concerning(shop: Shop, event_type: str = "charge.refunded") -> None:
    """An event about money that went back: it carries nothing of ours but the payment's id."""
    event = shop.provider.event("cs_1", event_type, kind=SignalKind.CONCERNS, order_id=None, purchase=None)
    assert shop.deliver(event).state == "done"


def spend(shop: Shop, amount: int) -> None:
    journal = Journal(operation="spend", kind="test", at=clock.now(), reference={})
    into = [Posting(account="revenue", asset="credit", amount=amount)]
    transact.commit(shop.wallets.prepare_spend(shop.wallet(), amount, into, journal).writes, "spend")


def in_order(shop: Shop) -> list[dict[str, Any]]:
    return sorted(shop.sales(), key=lambda line: str(line["id"]))


def states(order: Order) -> list[str]:
    return [refund.state for refund in order.refunds]


def test_a_full_refund_takes_all_credits_back_and_is_sent_once(shop, provider) -> None:
    order = shop.paid()
    view = shop.refund(order)
    assert (view.returned, [refund.state for refund in view.refunds]) == (PRICE, [RefundState.REQUESTED])
    assert shop.wallet().balance == 0
    shop.send_refunds()
    shop.send_refunds()
    assert states(shop.kept(order.id)) == [RefundState.SUCCEEDED]
    assert (provider.calls.count("refund"), provider.pages["cs_1"].refunded) == (1, PRICE)


def test_a_partial_refund_takes_its_part_rounded_up(shop) -> None:
    order = shop.paid()
    shop.refund(order, 1_000)
    assert shop.wallet().balance == 500 - 4  # 1 000 of 149 000 are 3.36 of 500 credits
    shop.refund(order, key="r2")
    assert shop.wallet().balance == 0


def test_a_refund_of_less_than_a_credit_stands_in_the_order_s_own_journal(shop) -> None:
    order = shop.paid()
    shop.refund(order, 1)
    shop.refund(order, 1, "r2")
    assert shop.wallet().balance == 499
    entries = list(read.query_all(f"PLATFORM#{PLATFORM}#ORDER#{order.id}", prefix="ENTRY#"))
    assert [entry.operation for entry in entries] == [f"reverse:{order.id}:r2"]


def test_the_reversing_sale_takes_back_what_was_sold(shop) -> None:
    order = shop.paid()
    shop.refund(order, 50_000)
    shop.refund(order, key="r2")
    sold, half, rest = in_order(shop)
    assert (half["reverses"], rest["reverses"]) == (sold["id"], sold["id"])
    assert [line["parts"][0]["amount"] for line in (sold, half, rest)] == [PRICE, -50_000, -99_000]
    assert [line["quantity"] for line in (sold, half, rest)] == [1, 0, -1]


def test_what_was_spent_is_owed_and_a_new_purchase_pays_it_first(shop) -> None:
    order = shop.paid()
    spend(shop, 300)
    shop.refund(order)
    assert (shop.wallet().balance, shop.wallet().owed) == (0, 300)
    shop.provider.pay(str(shop.ordered("k2").payment_reference))
    shop.deliver(shop.provider.event("cs_2", "checkout.session.completed"))
    assert (shop.wallet().balance, shop.wallet().owed) == (200, 0)


@pytest.mark.parametrize("amount", [PRICE + 1, 10**12])
def test_p3_more_than_is_left_is_refused_and_changes_nothing(shop, amount: int) -> None:
    order = shop.paid()
    before = everything()
    with pytest.raises(RefundTooLarge) as refused:
        shop.refund(order, amount)
    assert (refused.value.field, refused.value.extra["left"]) == ("amount", PRICE)
    assert everything() == before


def test_p3_nothing_is_left_after_a_full_refund(shop) -> None:
    order = shop.paid()
    shop.refund(order)
    for amount in (None, 1):
        with pytest.raises(RefundTooLarge):
            shop.refund(order, amount, f"again-{amount}")


def test_an_order_that_nobody_paid_has_nothing_to_give_back(shop) -> None:
    with pytest.raises(OrderNotPaid):
        shop.refund(shop.ordered())


def test_an_order_of_another_platform_is_not_there(shop) -> None:
    order = shop.paid()
    before = everything()
    stranger = Operation(
        actor=type(ADMIN)(id="a", platform_id="other", roles=ADMIN.roles), name="r", key="k", input_hash=""
    )
    with pytest.raises(OrderNotFound):
        shop.refunds.request(stranger, order.id, RefundRequest(reason="mine"))
    assert everything() == before


def test_the_same_key_refunds_once(shop) -> None:
    order = shop.paid()
    assert shop.refund(order, 1_000) == shop.refund(order, 1_000)
    assert len(shop.kept(order.id).refunds) == 1


def test_a_refund_whose_response_was_lost_is_sent_once(shop, provider, moving_clock) -> None:
    order = shop.paid()
    shop.refund(order, 1_000)
    provider.failing, provider.loses_response = ProviderTimeout(), True
    with pytest.raises(ProviderTimeout):
        shop.send_refunds()
    concerning(shop)
    moving_clock.forward(minutes=2)
    shop.send_refunds()
    assert states(shop.kept(order.id)) == [RefundState.SUCCEEDED]
    assert (provider.pages["cs_1"].refunded, shop.wallet().balance) == (1_000, 496)


def test_a_refund_is_asked_for_by_one_alone(shop, provider, moving_clock) -> None:
    """A provider without idempotency keys would send it twice to two who ask at once."""
    order = shop.paid()
    refund_id = shop.refund(order, 49_000).refunds[0].id
    payload = {"order_id": order.id, "refund_id": refund_id}
    sent, refused = provider.refund, []

    def overtaken(*asked):
        with pytest.raises(RefundBeingSent) as caught:
            shop.refunds.send(PLATFORM, payload)
        refused.append(caught.value.code)
        provider.refund = sent
        raise ProviderFailed

    provider.refund = overtaken
    with pytest.raises(ProviderFailed):
        shop.refunds.send(PLATFORM, payload)
    assert refused == ["REFUND_BEING_SENT"]
    moving_clock.forward(minutes=2)
    shop.refunds.send(PLATFORM, payload)
    shop.refunds.send(PLATFORM, payload)
    assert (provider.calls.count("refund"), shop.kept(order.id).refunds[0].asking) == (1, None)


@pytest.mark.parametrize("failure", [ProviderFailed, ProviderTimeout])
def test_p3_who_got_no_answer_is_waited_for_since_the_provider_may_be_at_it(
    shop, provider, moving_clock, failure
) -> None:
    order = shop.paid()
    shop.refund(order, 49_000)
    provider.failing = failure()
    with pytest.raises(failure):
        shop.send_refunds()
    moving_clock.forward(seconds=119)
    with pytest.raises(RefundBeingSent):
        shop.send_refunds()
    moving_clock.forward(seconds=1)
    shop.send_refunds()
    assert (provider.calls.count("refund"), states(shop.kept(order.id))) == (2, [RefundState.SUCCEEDED])


def test_who_died_while_he_asked_is_waited_for_and_then_followed(shop, provider, moving_clock) -> None:
    order = shop.paid()
    refund_id = shop.refund(order, 49_000).refunds[0].id
    payload = {"order_id": order.id, "refund_id": refund_id}
    assert asking.begin(shop.kept(order.id), refund_id, Asking(id="ask_dead", since=moving_clock()))
    for minutes in (0, 1):
        moving_clock.forward(minutes=minutes)
        with pytest.raises(RefundBeingSent):
            shop.refunds.send(PLATFORM, payload)
    moving_clock.forward(minutes=1)
    shop.refunds.send(PLATFORM, payload)
    assert shop.kept(order.id).refunds[0].state == "succeeded"


def test_a_refund_that_the_provider_fails_gives_the_credits_again(shop, provider) -> None:
    order = shop.paid()
    provider.refunds_end_as = ProvidersState.FAILED
    shop.refund(order)
    shop.send_refunds()
    assert states(shop.kept(order.id)) == [RefundState.FAILED]
    assert shop.wallet().balance == 500
    assert [line["parts"][0]["amount"] for line in in_order(shop)] == [PRICE, -PRICE, PRICE]


def test_p3_credits_that_a_refused_refund_gave_again_go_with_money_that_went_back_there(
    shop, provider, moving_clock
) -> None:
    """Its event came while ours was not sent yet, and was taken for ours."""
    order = shop.paid()
    shop.refund(order)
    provider.refund_there("cs_1", PRICE)
    concerning(shop)
    shop.send_refunds()
    refused = shop.kept(order.id)
    assert (states(refused), refused.check_at) == ([RefundState.FAILED], moving_clock())
    shop.orders.sweep(PLATFORM, order.id)
    kept = shop.kept(order.id)
    assert (states(kept), kept.check_at) == ([RefundState.FAILED, RefundState.SUCCEEDED], None)
    assert (kept.returned.left, shop.wallet().balance) == (0, 0)


def test_p3_credits_that_a_refused_refund_gave_again_go_with_a_dispute_of_all(shop, provider) -> None:
    """It had taken only what the refund left."""
    order = shop.paid()
    shop.refund(order, 60_000)
    provider.dispute("cs_1", "dp_1", PRICE, DisputeState.OPEN)
    concerning(shop, "charge.dispute.created")
    provider.failing = RefundRefused()
    shop.send_refunds()
    assert (shop.kept(order.id).returned.left, shop.wallet().balance) == (60_000, 201)
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).returned.left, shop.wallet().balance) == (0, 0)


def test_a_refused_refund_of_money_that_is_here_is_looked_at_once(shop, provider) -> None:
    order = shop.paid()
    shop.refund(order)
    provider.failing = RefundRefused()
    shop.send_refunds()
    shop.orders.sweep(PLATFORM, order.id)
    kept = shop.kept(order.id)
    assert (states(kept), kept.check_at, shop.wallet().balance) == ([RefundState.FAILED], None, 500)


def test_a_refund_that_a_bank_sends_back_gives_the_credits_again_once(shop, provider) -> None:
    order = shop.paid()
    shop.refund(order)
    shop.send_refunds()
    provider.fail_refund(shop.kept(order.id).refunds[0].id)
    concerning(shop, "refund.failed")
    concerning(shop, "refund.updated")
    assert (shop.wallet().balance, states(shop.kept(order.id))) == (500, [RefundState.FAILED])


def test_a_provider_whose_report_lags_behind_is_asked_for_nothing_again(shop, provider) -> None:
    """A look sends nothing, whoever looks: else money would go back twice where no keys are kept."""
    order = shop.paid()
    shop.refund(order, 49_000)
    shop.send_refunds()
    provider.refunds.clear()
    provider.refund_there("cs_1", -49_000)
    concerning(shop)
    assert (provider.calls.count("refund"), provider.calls.count("refunded")) == (1, 1)
    assert shop.kept(order.id).refunds[0].state is RefundState.SUCCEEDED


def test_a_refund_on_its_way_is_looked_at_by_the_sweeper(shop, provider, moving_clock) -> None:
    order = shop.paid()
    provider.refunds_end_as = ProvidersState.PENDING
    shop.refund(order)
    shop.send_refunds()
    sent = shop.kept(order.id)
    assert (states(sent), sent.check_at is not None) == ([RefundState.SENT], True)
    provider.refunds[sent.refunds[0].id] = ("cs_1", PRICE, ProvidersState.DONE)
    moving_clock.forward(days=1)
    shop.orders.sweep(PLATFORM, order.id)
    done = shop.kept(order.id)
    assert (states(done), done.check_at) == ([RefundState.SUCCEEDED], None)


def test_a_provider_that_gives_nothing_back_leaves_it_to_a_person(shop, provider, monkeypatch) -> None:
    order = shop.paid()

    def refuses(*_: object) -> None:
        raise RefundNotSupported

    monkeypatch.setattr(provider, "refund", refuses)
    shop.refund(order)
    shop.send_refunds()
    assert (states(shop.kept(order.id)), shop.wallet().balance) == ([RefundState.BY_HAND], 0)
    record(shop, order, "succeeded")
    assert (states(shop.kept(order.id)), shop.wallet().balance) == ([RefundState.SUCCEEDED], 0)
    with pytest.raises(RefundNotByHand):
        record(shop, order, "failed", "again")


def test_a_refund_by_hand_that_fails_gives_the_credits_again(shop, provider, monkeypatch) -> None:
    order = shop.paid()

    def refuses(*_: object) -> None:
        raise RefundNotSupported

    monkeypatch.setattr(provider, "refund", refuses)
    shop.refund(order)
    shop.send_refunds()
    record(shop, order, "failed")
    assert (states(shop.kept(order.id)), shop.wallet().balance) == ([RefundState.FAILED], 500)


def test_a_refund_that_is_the_provider_s_to_send_is_not_recorded_by_hand(shop) -> None:
    order = shop.paid()
    with pytest.raises(RefundNotFound):
        record(shop, order, "succeeded", refund_id="rfd_none")
    shop.refund(order)
    with pytest.raises(RefundNotByHand):
        record(shop, order, "succeeded")


def record(shop: Shop, order: Order, outcome: str, key: str = "h1", refund_id: str = "") -> None:
    operation = Operation(actor=ADMIN, name="record", key=key, input_hash=outcome)
    asked = RefundOutcomeRequest(outcome=outcome)  # type: ignore[arg-type] - a test's
    known = shop.kept(order.id).refunds
    shop.refunds.record(operation, order.id, refund_id or known[0].id, asked)


def test_what_was_given_back_at_the_provider_s_is_taken_back_cumulatively(shop, provider) -> None:
    order = shop.paid()
    provider.refund_there("cs_1", 49_000)
    concerning(shop)
    concerning(shop)
    provider.refund_there("cs_1", 100_000)
    concerning(shop)
    kept = shop.kept(order.id)
    assert ([refund.amount for refund in kept.refunds], kept.returned.left) == ([49_000, 100_000], 0)
    assert (shop.wallet().balance, shop.effects("payment.refund")) == (0, [])


def test_p3_a_page_that_the_provider_has_forgotten_undoes_no_refund(shop, provider) -> None:
    """It says that nothing was paid there, and so of nothing that it went back."""
    order = shop.paid()
    shop.refund(order, 49_000)
    shop.send_refunds()
    provider.refund_there("cs_1", 50_000)
    provider.dispute("cs_1", "dp_1", 50_000, DisputeState.LOST)
    concerning(shop)
    before = shop.kept(order.id)
    assert before.returned.total == PRICE
    forget(shop)
    concerning(shop)
    assert shop.orders.look_again(shop.kept(order.id), None).returned == before.returned
    assert (shop.kept(order.id).check_at, shop.wallet().balance) == (None, 0)


def test_a_refund_on_its_way_ends_though_its_page_is_forgotten(shop, provider, moving_clock) -> None:
    order = shop.paid()
    provider.refunds_end_as = ProvidersState.PENDING
    refund_id = shop.refund(order).refunds[0].id
    shop.send_refunds()
    provider.refunds[refund_id] = ("cs_1", PRICE, ProvidersState.DONE)
    forget(shop)
    moving_clock.forward(days=1)
    shop.orders.sweep(PLATFORM, order.id)
    assert states(shop.kept(order.id)) == [RefundState.SUCCEEDED]


def forget(shop: Shop) -> None:
    page = shop.provider.pages["cs_1"]
    shop.provider.pages["cs_1"] = replace(page, state=PaymentState.EXPIRED, refunded=0, disputes=[])


def test_money_that_came_and_went_before_we_looked_is_delivered_and_then_taken_back(
    shop, provider, moving_clock
) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    provider.refund_there("cs_1", PRICE)
    shop.deliver(provider.event("cs_1", "checkout.session.completed"))
    assert (shop.kept(order.id).state, shop.wallet().balance) == (OrderState.PAID, 500)
    moving_clock.forward(seconds=1)
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).returned.left, shop.wallet().balance) == (0, 0)
    assert shop.kept(order.id).check_at is None


def before_we_looked(shop: Shop, how: str) -> Order:
    """An order that was paid, and of whose money all went back at the provider's before we heard of it."""
    order = shop.ordered()
    shop.provider.pay("cs_1")
    if how == "refunded":
        shop.provider.refund_there("cs_1", PRICE)
        return order
    shop.provider.dispute("cs_1", "dp_1", PRICE, DisputeState.LOST)
    early = shop.provider.event(
        "cs_1", "charge.dispute.created", kind=SignalKind.CONCERNS, order_id=None, purchase=None
    )
    assert shop.deliver(early).state == "quarantined"  # nothing of ours is on it, and no payment is known yet
    return order


@pytest.mark.parametrize("how", ["refunded", "disputed"])
def test_a_look_that_is_owed_outlives_the_next_settling_event(shop, provider, moving_clock, how: str) -> None:
    order = before_we_looked(shop, how)
    for event_type in ("checkout.session.completed", "payment_intent.succeeded"):
        shop.deliver(provider.event("cs_1", event_type))
    assert (shop.kept(order.id).check_at, shop.wallet().balance) == (moving_clock(), 500)
    shop.orders.sweep(PLATFORM, order.id)
    kept = shop.kept(order.id)
    assert (kept.returned.left, kept.check_at, shop.wallet().balance) == (0, None, 0)


def test_a_look_that_is_owed_outlives_a_refund_of_the_rest(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    provider.refund_there("cs_1", 49_000)
    shop.deliver(provider.event("cs_1", "checkout.session.completed"))
    shop.refund(order, 100_000)
    shop.send_refunds()
    assert shop.kept(order.id).check_at == moving_clock()
    shop.orders.sweep(PLATFORM, order.id)
    assert (shop.kept(order.id).returned.left, shop.wallet().balance) == (0, 0)


@pytest.mark.parametrize("end", [DisputeState.WON, DisputeState.LOST])
def test_a_dispute_takes_and_only_a_won_one_restores_once(shop, provider, end: DisputeState) -> None:
    order = shop.paid()
    provider.dispute("cs_1", "dp_1", PRICE, DisputeState.OPEN)
    concerning(shop, "charge.dispute.created")
    assert shop.wallet().balance == 0
    provider.dispute("cs_1", "dp_1", PRICE, end)
    for event_type in ("charge.dispute.closed", "charge.dispute.funds_reinstated"):
        concerning(shop, event_type)
    won = end is DisputeState.WON
    assert shop.wallet().balance == (500 if won else 0)
    assert shop.kept(order.id).disputes[0].taken == (0 if won else PRICE)


def test_a_dispute_that_was_won_before_we_heard_of_it_takes_nothing(shop, provider) -> None:
    shop.paid()
    provider.dispute("cs_1", "dp_1", PRICE, DisputeState.WON)
    concerning(shop, "charge.dispute.closed")
    assert (shop.wallet().balance, len(shop.sales())) == (500, 1)


def test_a_dispute_after_a_partial_refund_takes_the_rest(shop, provider) -> None:
    order = shop.paid()
    shop.refund(order, 49_000)
    provider.dispute("cs_1", "dp_1", PRICE, DisputeState.LOST)
    concerning(shop, "charge.dispute.closed")
    assert (shop.kept(order.id).disputes[0].taken, shop.wallet().balance) == (100_000, 0)


def reviewed(shop: Shop, **paid: object) -> Order:
    order = shop.ordered()
    shop.provider.pay("cs_1", **paid)
    shop.deliver(shop.provider.event("cs_1", "checkout.session.completed"))
    return shop.kept(order.id)


def decide(shop: Shop, order: Order, decision: str, key: str = "d1") -> None:
    operation = Operation(actor=ADMIN, name="review", key=key, input_hash=decision)
    asked = ReviewRequest(decision=decision, reason="looked at it")  # type: ignore[arg-type] - a test's
    shop.refunds.decide_review(operation, order.id, asked)


def test_what_waits_for_a_decision_is_listed_until_it_is_made(shop) -> None:
    order = reviewed(shop, amount=100_000)
    [listed] = shop.refunds.reviews(ADMIN, 50, None).items
    assert (listed.id, listed.paid.amount) == (order.id, 100_000)
    decide(shop, order, "grant")
    assert shop.refunds.reviews(ADMIN, 50, None).items == []


def test_a_review_that_is_granted_costs_what_was_paid(shop) -> None:
    order = reviewed(shop, amount=100_000)
    decide(shop, order, "grant")
    kept = shop.kept(order.id)
    assert (kept.state, kept.price.amount, kept.reviewed.price.amount) == (OrderState.PAID, 100_000, PRICE)
    assert (shop.wallet().balance, shop.wallet().lots[0].cost.amount) == (500, 100_000)
    shop.refund(kept)
    assert (shop.wallet().balance, shop.kept(order.id).returned.left) == (0, 0)


def test_a_review_that_is_sent_back_gives_nothing(shop, provider) -> None:
    order = reviewed(shop, amount=100_000)
    decide(shop, order, "refund")
    shop.send_refunds()
    kept = shop.kept(order.id)
    assert (kept.state, states(kept)) == (OrderState.REFUNDED, [RefundState.SUCCEEDED])
    assert (provider.pages["cs_1"].refunded, shop.wallet().balance, shop.sales()) == (100_000, 0, [])


def test_another_currency_can_only_be_sent_back(shop, provider) -> None:
    order = reviewed(shop, currency="EUR")
    with pytest.raises(OtherCurrencyPaid):
        decide(shop, order, "grant")
    decide(shop, order, "refund", "d2")
    shop.send_refunds()
    assert (shop.kept(order.id).state, provider.pages["cs_1"].refunded) == (OrderState.REFUNDED, PRICE)


def test_money_in_a_currency_that_we_do_not_sell_in_is_sent_back_by_a_person(shop, provider, capsys) -> None:
    order = reviewed(shop, currency="SEK")
    decide(shop, order, "refund")
    shop.send_refunds()
    assert (states(shop.kept(order.id)), provider.calls.count("refund")) == ([RefundState.BY_HAND], 0)
    assert '"refund_by_hand"' in capsys.readouterr().out
    record(shop, order, "succeeded")
    assert states(shop.kept(order.id)) == [RefundState.SUCCEEDED]


@pytest.mark.parametrize("how", ["refunded", "disputed"])
def test_p3_a_review_whose_money_went_back_in_part_is_sent_back_wholly(shop, provider, how: str) -> None:
    order = reviewed(shop, amount=200_000)
    if how == "refunded":
        provider.refund_there("cs_1", 51_000)
    else:
        provider.dispute("cs_1", "dp_1", 51_000, DisputeState.OPEN)
    concerning(shop)
    before = everything()
    with pytest.raises(PartlyReturned):
        decide(shop, order, "grant")
    assert everything() == before
    decide(shop, order, "refund", "d2")
    shop.send_refunds()
    kept = shop.kept(order.id)
    assert (kept.state, kept.returned.left, shop.wallet().balance) == (OrderState.REFUNDED, 0, 0)
    assert shop.effects("payment.refund")[0]["refund_id"] == kept.refunds[-1].id


def test_a_review_whose_dispute_was_won_is_granted(shop, provider) -> None:
    order = reviewed(shop, amount=200_000)
    for state in (DisputeState.OPEN, DisputeState.WON):
        provider.dispute("cs_1", "dp_1", 51_000, state)
        concerning(shop)
    decide(shop, order, "grant")
    assert (shop.kept(order.id).price.amount, shop.wallet().balance) == (200_000, 500)


def test_a_review_ends_when_the_money_went_back_at_the_provider_s(shop, provider) -> None:
    order = reviewed(shop, amount=100_000)
    provider.refund_there("cs_1", 100_000)
    concerning(shop)
    assert shop.kept(order.id).state is OrderState.REFUNDED


def test_only_a_review_is_decided_on_and_once(shop) -> None:
    with pytest.raises(OrderNotInReview):
        decide(shop, shop.ordered("k9"), "grant")
    order = shop.kept(shop.order("k9").read_as(dict)["id"])
    shop.provider.pay(str(order.payment_reference), amount=1)
    shop.deliver(shop.provider.event(str(order.payment_reference), "checkout.session.completed"))
    decide(shop, order, "grant", "d2")
    with pytest.raises(OrderNotInReview):
        decide(shop, order, "refund", "d3")


EVENTS = ("paid", "refunded", "disputed", "won")


@pytest.mark.parametrize("places", list(itertools.permutations(range(len(EVENTS)))), ids=str)
def test_p2_every_order_of_events_ends_alike(shop, provider, moving_clock, places) -> None:
    """All has happened at the provider's; its events come in any order, each of them twice."""
    order = shop.ordered()
    provider.pay("cs_1")
    provider.refund_there("cs_1", 49_000)
    provider.dispute("cs_1", "dp_1", 100_000, DisputeState.WON)
    shop_events = [
        provider.event("cs_1", "checkout.session.completed"),
        *(
            provider.event("cs_1", kind, kind=SignalKind.CONCERNS)
            for kind in ("charge.refunded", "charge.dispute.created", "charge.dispute.closed")
        ),
    ]
    for place in places:
        shop.deliver(shop_events[place])
        shop.deliver(shop_events[place])
    moving_clock.forward(seconds=1)
    shop.orders.sweep(PLATFORM, order.id)
    kept = shop.kept(order.id)
    assert (kept.state, kept.returned.total) == (OrderState.PAID, 49_000)
    assert shop.wallet().balance == 500 - 165  # 49 000 of 149 000 are 164.4 of 500 credits
    assert CUSTOMER.id == shop.wallet().owner_id

"""An appointment paid with credits and card at once (E33): one hold, one sale of two purses, both given back alike."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chalicelib.booking.mixed import CreditsCoverNothing, CreditsCoverPrice
from chalicelib.booking.model import BookingState, NotSoldForCredits
from chalicelib.core.money import Money
from chalicelib.core.payments import DisputeState, PriceNotPayable, RefundState, SignalKind
from chalicelib.orders import store as order_store
from chalicelib.orders.credit_packages import CreditFulfilment
from chalicelib.orders.lines import Sale
from chalicelib.orders.model import Order, OrderClosed, OrderState, ProductKind
from chalicelib.orders.views import RefundRequest
from chalicelib.platforms.model import LatePayment
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import LedgerTransaction
from chalicelib.wallet.model import InsufficientCredits, Origin, WalletOwes
from tests.store.booking.studio import (
    ADMIN,
    EXPERT,
    PLATFORM,
    CallCount,
    agenda,
    booked,
    catalogue,
    give,
    instant,
    open_studio,
    operation,
    package,
    set_on_sale,
    set_settings,
    wallet,
    wallets,
)
from tests.store.booking.test_by_card import Till, booking_of, effects, sales
from tests.store.booking.test_cancelling import cancel

BOTH = package(id="apk_both", fee=Money(90_000, "TRY"))  # or 100 credits
TRIPLE = package(id="apk_triple", fee=Money(240_000, "TRY"), credits=250, sessions=3)
MONEY = package(id="apk_money", fee=Money(90_000, "TRY"), credits=None)
CENT = package(id="apk_cent", fee=Money(10, "TRY"))


@pytest.fixture
def till(table, moving_clock) -> Iterator[Till]:
    open_studio()
    set_on_sale(BOTH, TRIPLE, MONEY, CENT, package())
    made = Till()
    made.fulfilments[ProductKind.CREDIT_PACKAGE] = CreditFulfilment(catalogue, wallets)
    yield made
    assert list(verify(every_item())) == []


def mixed(till: Till, use_credits: int = 40, package_id: str = "apk_both", **more: Any) -> Order:
    return till.order(package_id, use_credits=use_credits, **more)


def kept(order: Order) -> Order:
    found = order_store.find(PLATFORM, order.id)
    assert found is not None
    return found


def refund(till: Till, order: Order, amount: int | None, key: str) -> str:
    asked = operation(key, ADMIN, "POST /v1/admin/orders/{order_id}/refunds")
    till.refunds.request(asked, order.id, RefundRequest(amount=amount, reason="Closed."))
    return kept(order).refunds[-1].id


def send(till: Till, order: Order, refund_id: str) -> None:
    till.refunds.send(PLATFORM, {"order_id": order.id, "refund_id": refund_id})


def parts(sale: Sale) -> list[tuple[str, int, str, int]]:
    return [(part.payment_type, part.amount, part.unit, part.share) for part in sale.parts]


def test_e33_credits_pay_their_part_and_the_card_the_rest(till: Till) -> None:
    give(30, Origin.GIFT)
    give(50, Origin.ADJUSTMENT, Money(5_001, "TRY"))
    order = mixed(till)
    assert (order.price, order.credits) == (Money(54_000, "TRY"), 40)
    assert (wallet().balance, wallet().held, wallet().available) == (80, 40, 40)
    assert till.provider.requests[-1].price == Money(54_000, "TRY")
    till.pay(order)
    booking, (sale,) = booking_of(order), sales()
    assert (booking.state, booking.paid_with) == (BookingState.CONFIRMED, "mixed")
    assert (wallet().balance, wallet().held) == (40, 0)
    assert parts(sale) == [
        ("card", 54_000, "TRY", 35_100), ("gift", 30, "credit", 20), ("credit", 10, "credit", 6),
    ]  # fmt: skip
    assert sale.parts[2].cost == Money(1_000, "TRY")
    assert booking.sale == sale


@pytest.mark.parametrize(
    ("use_credits", "left"), [(1, 89_100), (7, 83_700), (33, 60_300), (50, 45_000), (99, 900)]
)
def test_the_server_divides_the_price(till: Till, use_credits: int, left: int) -> None:
    give(100, Origin.ADJUSTMENT)
    assert mixed(till, use_credits).price.amount == left


def test_what_is_left_is_rounded_up_for_the_card(till: Till) -> None:
    give(250, Origin.ADJUSTMENT)
    assert mixed(till, 249, "apk_triple").price == Money(960, "TRY")
    assert mixed(till, 1, "apk_both", start="06:00").price == Money(89_100, "TRY")


def test_it_is_paid_once_however_often_it_is_told(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    for _ in range(3):
        till.pay(order)
    till.expire(order)
    assert wallet().entries == 3
    assert len(sales()) == 1


def test_l7_an_order_that_ends_unpaid_gives_back_to_the_very_lots_once(till: Till) -> None:
    give(30, Origin.GIFT)
    give(30, Origin.ADJUSTMENT)
    before = wallet().lots
    order = mixed(till)
    for _ in range(2):
        till.expire(order)
    assert (wallet().lots, wallet().held, wallet().entries) == (before, 0, 4)
    assert booking_of(order).state is BookingState.CANCELLED


def test_an_order_without_a_page_gives_back_too(till: Till, moving_clock) -> None:
    give(40, Origin.ADJUSTMENT)
    till.provider.failing = till.failure()
    with pytest.raises(type(till.failure())):
        mixed(till)
    assert wallet().held == 40
    (order_id,) = [item.record.id for item in every_item() if isinstance(item.record, Order)]
    moving_clock.forward(hours=2)
    till.orders.sweep(PLATFORM, order_id)
    assert wallet().held == 0


def test_a_rest_that_the_provider_refuses_leaves_no_time_and_no_credits_set_aside(till: Till) -> None:
    give(200, Origin.ADJUSTMENT)
    before = wallet().lots
    till.provider.failing = PriceNotPayable(field="package_id")
    with pytest.raises(PriceNotPayable):
        mixed(till, 99)
    assert (wallet().lots, wallet().held, agenda().taken) == (before, 0, [])
    with pytest.raises(OrderClosed):
        mixed(till, 99)
    assert booked("14:00").state is BookingState.CONFIRMED


@pytest.mark.parametrize("late", LatePayment)
@pytest.mark.parametrize("in_review", [False, True])
def test_money_that_comes_after_the_release_takes_the_platform_s_way(
    till: Till, late: LatePayment, in_review: bool
) -> None:
    set_settings(late_payment=late)
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.expire(order)
    till.provider.pay(str(order.payment_reference), amount=order.price.amount - in_review)
    till.tell(order, "checkout.session.completed")
    if in_review:
        till.decide(order, "grant")
    if late is LatePayment.CREDITS:
        assert kept(order).delivered_as is ProductKind.CREDIT_PACKAGE
        assert wallet().balance == 100  # his forty, and the sixty that the card has paid for
        refund(till, order, None, "all")
        assert wallet().balance == 40
    else:
        assert kept(order).state is OrderState.REFUNDED
        assert wallet().balance == 40
    assert wallet().held == 0


@pytest.mark.parametrize("late", LatePayment)
@pytest.mark.parametrize("in_review", [False, True])
def test_time_that_is_over_gives_both_back_while_they_are_held(
    till: Till, moving_clock, late: LatePayment, in_review: bool
) -> None:
    """Whatever the platform's way: a wallet moves once in a transaction, and the held credits go back to it."""
    set_settings(late_payment=late)
    give(40, Origin.ADJUSTMENT)
    before = wallet().lots
    order = mixed(till)
    till.provider.pay(str(order.payment_reference), amount=order.price.amount - in_review)
    if in_review:
        till.tell(order, "checkout.session.completed")
    moving_clock.instant = instant("14:50")
    if in_review:
        till.decide(order, "grant")
    else:
        till.tell(order, "checkout.session.completed")
    assert (kept(order).state, booking_of(order).state) == (OrderState.REFUNDED, BookingState.CANCELLED)
    assert [refund.amount for refund in kept(order).refunds] == [order.price.amount - in_review]
    assert (wallet().lots, wallet().held, agenda().taken, sales()) == (before, 0, [], [])


def test_time_that_is_over_becomes_credits_where_the_platform_says_so(till: Till, moving_clock) -> None:
    set_settings(late_payment=LatePayment.CREDITS)
    order = till.order("apk_both")
    moving_clock.instant = instant("14:50")
    till.pay(order)
    assert kept(order).delivered_as is ProductKind.CREDIT_PACKAGE
    assert (wallet().balance, booking_of(order).state) == (100, BookingState.CANCELLED)
    assert agenda().taken == []


def test_p3_a_refund_gives_back_money_and_credits_in_one_share(till: Till) -> None:
    give(7, Origin.GIFT)
    give(33, Origin.ADJUSTMENT, Money(3_400, "TRY"))
    before = wallet().lots
    order = mixed(till)
    till.pay(order)
    came_back = []
    for number, amount in enumerate((1, 20_000, 27_000, None)):
        refund(till, order, amount, str(number))
        came_back.append((kept(order).credits_returned, wallet().balance))
    assert came_back == [(0, 0), (14, 14), (34, 34), (40, 40)]
    assert sorted(wallet().lots, key=lambda lot: lot.id) == sorted(before, key=lambda lot: lot.id)
    sold, *back = sorted(sales(), key=lambda sale: sale.id)
    for payment_type in ("card", "gift", "credit"):
        of_type = [part for sale in back for part in sale.parts if part.payment_type == payment_type]
        (whole,) = [part for part in sold.parts if part.payment_type == payment_type]
        assert sum(part.amount for part in of_type) == -whole.amount
        assert sum(part.share for part in of_type) == -whole.share
        if whole.cost:
            assert sum(part.cost.amount for part in of_type if part.cost) == -whole.cost.amount
    assert [sale.quantity for sale in back] == [0, 0, 0, -1]


def test_a_refund_that_fails_takes_the_credits_again(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.pay(order)
    till.provider.refunds_end_as = RefundState.FAILED
    send(till, order, refund(till, order, None, "all"))
    assert kept(order).credits_returned == wallet().balance == wallet().owed == 0
    till.provider.refunds_end_as = RefundState.DONE
    send(till, order, refund(till, order, None, "again"))
    assert wallet().balance == 40


def left() -> list[tuple[Origin, int, int]]:
    return [(lot.origin, lot.granted, lot.remaining) for lot in wallet().lots]


def failing(till: Till, order: Order, amount: int | None = None, key: str = "fails") -> None:
    """A refund that gives back and takes again."""
    till.provider.refunds_end_as = RefundState.FAILED
    send(till, order, refund(till, order, amount, key))
    till.provider.refunds_end_as = RefundState.DONE


def test_l7_the_credits_that_came_back_are_those_taken_again(till: Till) -> None:
    give(40, Origin.GIFT)
    order = mixed(till)
    till.pay(order)
    give(40, Origin.CAMPAIGN)  # it would be spent before
    for number in range(3):
        failing(till, order, key=str(number))
        assert left() == [(Origin.CAMPAIGN, 40, 40)]
    refund(till, order, None, "all")
    assert left() == [(Origin.CAMPAIGN, 40, 40), (Origin.GIFT, 40, 40)]


def test_l7_what_other_lots_gave_instead_comes_back_to_them(till: Till) -> None:
    """Those that came back were spent meanwhile: of these it is that the next refund knows."""
    give(100, Origin.GIFT)
    order = mixed(till)
    till.pay(order)
    first = refund(till, order, None, "first")
    other = booked("06:00")  # all of the gift
    give(30, Origin.CAMPAIGN, Money(3_000, "TRY"))
    give(20, Origin.ADJUSTMENT)
    till.provider.refunds_end_as = RefundState.FAILED
    send(till, order, first)
    assert left() == [(Origin.ADJUSTMENT, 20, 10)]
    cancel(other.id, EXPERT)
    refund(till, order, 13_500, "a quarter")
    assert sorted(left()) == [(Origin.ADJUSTMENT, 20, 20), (Origin.GIFT, 100, 100)]
    refund(till, order, None, "the rest")
    assert sorted(left()) == [
        (Origin.ADJUSTMENT, 20, 20), (Origin.CAMPAIGN, 30, 30), (Origin.GIFT, 100, 100),
    ]  # fmt: skip
    assert [lot.remaining_cost for lot in wallet().lots if lot.cost] == [Money(3_000, "TRY")]


def test_l7_a_part_that_is_taken_again_leaves_the_other_where_it_was(till: Till) -> None:
    give(25, Origin.GIFT)
    give(15, Origin.ADJUSTMENT)
    order = mixed(till)
    till.pay(order)
    refund(till, order, 27_000, "half")
    assert sorted(left()) == [(Origin.ADJUSTMENT, 15, 15), (Origin.GIFT, 25, 5)]
    failing(till, order)
    assert sorted(left()) == [(Origin.ADJUSTMENT, 15, 15), (Origin.GIFT, 25, 5)]
    refund(till, order, None, "the rest")
    assert sorted(left()) == [(Origin.ADJUSTMENT, 15, 15), (Origin.GIFT, 25, 25)]


def test_l7_what_was_owed_and_paid_comes_back_to_a_lot_of_its_own(till: Till) -> None:
    give(100, Origin.GIFT)
    order = mixed(till)
    till.pay(order)
    first = refund(till, order, None, "first")
    other = booked("06:00")
    till.provider.refunds_end_as = RefundState.FAILED
    send(till, order, first)
    assert wallet().owed == 40
    give(40, Origin.ADJUSTMENT)
    assert (left(), wallet().owed) == ([], 0)
    cancel(other.id, EXPERT)
    refund(till, order, None, "again")
    assert sorted(left()) == [(Origin.GIFT, 40, 40), (Origin.GIFT, 100, 100)]
    failing_again = kept(order).refunds[-1].id
    send(till, order, failing_again)
    assert left() == [(Origin.GIFT, 100, 100)]


def test_credits_that_were_spent_meanwhile_are_owed(till: Till) -> None:
    give(100, Origin.ADJUSTMENT)
    order = mixed(till)
    till.pay(order)
    refund_id = refund(till, order, None, "all")
    booked("06:00")
    assert wallet().balance == 0
    till.provider.refunds_end_as = RefundState.FAILED
    send(till, order, refund_id)
    assert (wallet().owed, wallet().balance) == (40, 0)
    with pytest.raises(WalletOwes):
        mixed(till, 1, start="08:00")
    refund(till, order, 27_000, "half")
    assert (wallet().owed, wallet().balance) == (20, 0)


def test_a_dispute_gives_both_back_and_takes_them_again_when_it_is_won(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.pay(order)
    for state, balance in ((DisputeState.OPEN, 40), (DisputeState.WON, 0), (DisputeState.OPEN, 0)):
        till.provider.dispute(str(order.payment_reference), "dp_1", 54_000, state)
        till.tell(order, "charge.dispute.updated", kind=SignalKind.CONCERNS)
        assert wallet().balance == balance
    assert sum(part.amount for sale in sales() for part in sale.parts if part.unit == "credit") == 40


def test_a_review_that_is_sent_back_lets_go_of_time_and_credits(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.provider.pay(str(order.payment_reference), amount=53_999)
    till.tell(order, "checkout.session.completed")
    assert (kept(order).state, wallet().held) == (OrderState.REVIEW, 40)
    till.decide(order, "refund")
    assert (kept(order).state, wallet().held) == (OrderState.REFUNDED, 0)
    assert booking_of(order).state is BookingState.CANCELLED


def test_a_review_that_is_granted_spends_the_credits(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.provider.pay(str(order.payment_reference), amount=53_999)
    till.tell(order, "checkout.session.completed")
    till.decide(order, "grant")
    assert (kept(order).state, wallet().balance) == (OrderState.PAID, 0)
    refund(till, order, None, "all")
    assert wallet().balance == 40


@pytest.mark.parametrize("use_credits", [100, 101])
def test_more_credits_than_the_price_are_refused(till: Till, use_credits: int) -> None:
    give(200, Origin.ADJUSTMENT)
    with pytest.raises(CreditsCoverPrice) as refused:
        mixed(till, use_credits)
    assert refused.value.extra == {"at_most": 99}
    assert wallet().held == 0


def test_what_the_wallet_does_not_hold_is_refused_and_takes_no_time(till: Till) -> None:
    with pytest.raises(InsufficientCredits):
        mixed(till)
    give(39, Origin.ADJUSTMENT)
    with pytest.raises(InsufficientCredits):
        mixed(till)
    with pytest.raises(NotSoldForCredits):
        mixed(till, package_id="apk_money")
    with pytest.raises(CreditsCoverNothing):
        mixed(till, 1, "apk_cent")
    assert (wallet().held, effects("report.sale")) == (0, [])
    booked_slots = [item for item in every_item() if item.entity == "booking"]
    assert booked_slots == []


def test_a_sale_of_two_purses_keeps_its_lots_for_the_record(till: Till) -> None:
    give(40, Origin.CAMPAIGN)
    order = mixed(till, package_id="apk_triple")
    till.pay(order)
    assert [(part.origin, part.amount) for part in booking_of(order).spent] == [(Origin.CAMPAIGN, 40)]
    assert msgspec.convert(effects("report.sale")[0], Sale).sale_type == "card"


def test_the_hold_costs_no_call_more(till: Till) -> None:
    """The order and what it sets aside, then its page: a read and a transaction each; the webhook puts its event."""
    give(40, Origin.ADJUSTMENT)
    counted = CallCount()
    order = mixed(till)
    step = ["BatchGetItem", "TransactWriteItems"]
    assert counted.names == [*step, *step, "GetItem"]  # the last is the test's own look at it
    counted.calls.clear()
    till.pay(order)
    assert counted.names == ["PutItem", *step]
    (transaction,) = [params for name, params in counted.calls if name == "TransactWriteItems"]
    written = [next(iter(each.values()))["Item"]["entity"]["S"] for each in transaction["TransactItems"]]
    assert sorted(written) == [
        "assigned", "assignment", "booking", "inbox-event", "ledger-transaction", "order", "payment-reference",
        "receipt", "wallet",
    ]  # fmt: skip


def test_a_buyer_who_goes_on_after_a_decline_keeps_his_hold(till: Till, moving_clock) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.provider.decline(str(order.payment_reference), moving_clock())
    moving_clock.forward(minutes=32)
    till.checkout.resume(operation("resume", name="POST /v1/orders/{order_id}/resume"), order.id)
    assert (wallet().held, kept(order).attempt_number) == (40, 2)
    till.pay(kept(order))
    assert (wallet().balance, booking_of(order).state) == (0, BookingState.CONFIRMED)


def test_an_expert_earns_his_share_of_both_parts(till: Till) -> None:
    give(40, Origin.ADJUSTMENT)
    order = mixed(till)
    till.pay(order)
    postings = [
        (posting.account, posting.asset, posting.amount)
        for item in every_item()
        if isinstance(item.record, LedgerTransaction) and item.record.operation == f"fulfil:{order.id}"
        for posting in item.record.postings
    ]
    assert sorted(postings) == [
        ("expert:elif", "TRY", 35_100), ("expert:elif", "credit", 26), ("held:ada", "credit", -40),
        ("provider:stripe", "TRY", -54_000), ("revenue", "TRY", 18_900), ("revenue", "credit", 14),
    ]  # fmt: skip

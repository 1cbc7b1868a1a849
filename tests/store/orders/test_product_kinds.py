"""An order is dispatched by its package's id: what its kind sets aside is delivered or given back, once."""

from datetime import datetime
from hashlib import sha256

import pytest

from chalicelib.core.payments import ProviderFailed, RefundState, SignalKind
from chalicelib.orders.fulfilment import KindUnknown, NotForThisProduct
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.store import find_referred
from chalicelib.orders.views import OrderRequest, OrderView
from chalicelib.platforms.model import LatePayment
from chalicelib.table.operation import Operation
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.orders.parcels import ShelfTaken
from tests.store.orders.shop import ADMIN, CUSTOMER, PLATFORM, Shop, everything


def ordered(shop: Shop, key: str = "k1", shelf: str = "top") -> Order:
    sent = sha256(key.encode()).hexdigest()
    operation = Operation(actor=CUSTOMER, name="POST /v1/orders", key=key, input_hash=sent)
    answer = shop.checkout.start(operation, OrderRequest(package_id="apk_1", expert_id=shelf))
    return shop.kept(answer.read_as(OrderView).id)


def on_the_shelf() -> str | None:
    return find_referred(PLATFORM, "shelf", "top")


def test_the_kind_is_the_prefix_s_and_the_details_are_frozen(shop, provider) -> None:
    order = ordered(shop)
    assert (order.product_kind, order.product_name) == (ProductKind.APPOINTMENT_PACKAGE, "Parcel")
    assert order.details == provider.requests[0].purchase.details == {"shelf": "top"}


def test_what_is_ordered_is_set_aside_and_nobody_else_gets_it(shop) -> None:
    order = ordered(shop)
    assert on_the_shelf() == order.id
    with pytest.raises(ShelfTaken):
        ordered(shop, "k2")


def test_what_is_paid_is_delivered_once(shop, provider) -> None:
    order = ordered(shop)
    provider.pay("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.completed"))
    shop.deliver(provider.event("cs_1", "payment_intent.succeeded"))
    assert shop.effects("parcel.sent") == [{"order_id": order.id}]
    assert on_the_shelf() == order.id


def test_what_is_left_is_given_back_with_the_order(shop, provider) -> None:
    order = ordered(shop)
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    assert (shop.kept(order.id).state, on_the_shelf()) == (OrderState.EXPIRED, None)


def test_what_no_page_was_opened_for_is_given_back_too(shop, provider, moving_clock) -> None:
    provider.failing = ProviderFailed()
    with pytest.raises(ProviderFailed):
        ordered(shop)
    [waiting] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    moving_clock.forward(minutes=61)
    shop.orders.sweep(PLATFORM, waiting.id)
    assert (shop.kept(waiting.id).state, on_the_shelf()) == (OrderState.EXPIRED, None)


@pytest.mark.parametrize("package_id", ["evt_1", "nonsense", "spk_1"])
def test_an_unknown_kind_is_refused(shop, package_id: str) -> None:
    before = everything()
    with pytest.raises(KindUnknown):
        shop.order(package_id=package_id)
    assert everything() == before


@pytest.mark.parametrize(
    "choice", [{"expert_id": "acc_1"}, {"starts_at": datetime.fromisoformat("2026-12-01T09:00:00+00:00")}]
)
def test_a_credit_package_has_no_expert_and_no_start(shop, choice: dict[str, object]) -> None:
    operation = Operation(actor=CUSTOMER, name="POST /v1/orders", key="k", input_hash="")
    with pytest.raises(NotForThisProduct) as refused:
        shop.checkout.start(operation, OrderRequest(package_id="cpk_500", **choice))  # type: ignore[arg-type] - a test's
    assert refused.value.field == next(iter(choice))


def paid_late(shop: Shop, shelf: str = "top") -> Order:
    """The page expired and the parcel went back to the shelf; then the money came."""
    order = ordered(shop, shelf=shelf)
    shop.provider.expire("cs_1")
    shop.deliver(shop.provider.event("cs_1", "checkout.session.expired"))
    shop.provider.pay("cs_1")
    shop.deliver(shop.provider.event("cs_1", "checkout.session.completed"))
    return shop.kept(order.id)


def test_a_payment_that_comes_too_late_is_sent_back(shop, provider) -> None:
    order = paid_late(shop)
    assert (order.state, shop.effects("parcel.sent"), shop.sales()) == (OrderState.REFUNDED, [], [])
    shop.send_refunds()
    assert provider.pages["cs_1"].refunded == 1_000
    assert [refund.state for refund in shop.kept(order.id).refunds] == ["succeeded"]


def in_review(shop: Shop) -> list[str]:
    return [view.id for view in shop.refunds.reviews(ADMIN, 50, None).items]


def test_money_that_a_bank_would_not_take_back_waits_for_a_person(shop, provider, capsys) -> None:
    order = paid_late(shop)
    shop.send_refunds()
    assert in_review(shop) == []
    provider.fail_refund(shop.kept(order.id).refunds[0].id)
    for event_type in ("refund.failed", "refund.updated"):
        shop.deliver(provider.event("cs_1", event_type, kind=SignalKind.CONCERNS))
    assert in_review(shop) == [order.id]
    assert capsys.readouterr().out.count("payment_not_returned") == 1
    shop.refund(order)
    shop.send_refunds()
    assert (in_review(shop), provider.pages["cs_1"].refunded) == ([], 1_000)


def test_money_whose_refund_is_refused_waits_for_a_person(shop, provider) -> None:
    order = paid_late(shop)
    provider.refunds_end_as = RefundState.FAILED
    shop.send_refunds()
    assert (shop.kept(order.id).state, in_review(shop)) == (OrderState.REFUNDED, [order.id])


def test_a_payment_that_comes_too_late_becomes_credits_where_the_platform_says_so(
    table, moving_clock
) -> None:
    shop = Shop(late_payment=LatePayment.CREDITS).open()
    order = paid_late(shop)
    assert (order.state, order.delivered_as) == (OrderState.PAID, ProductKind.CREDIT_PACKAGE)
    assert (shop.wallet().balance, shop.wallet().lots[0].cost.amount) == (70, 1_000)
    # A parcel stands for an appointment here, and has no booking.
    assert [difference.name for difference in verify(every_item())] == ["order-without-booking"]
    shop.refund(order)
    assert (shop.wallet().balance, shop.effects("parcel.back")) == (0, [])


def test_what_has_no_price_in_credits_is_sent_back_in_any_case(table, moving_clock) -> None:
    shop = Shop(late_payment=LatePayment.CREDITS).open()
    assert paid_late(shop, "bottom").state is OrderState.REFUNDED


def test_a_kind_hears_of_each_step_that_went_back(shop) -> None:
    order = ordered(shop)
    shop.provider.pay("cs_1")
    shop.deliver(shop.provider.event("cs_1", "checkout.session.completed"))
    shop.refund(shop.kept(order.id), 400)
    shop.refund(shop.kept(order.id), key="r2")
    assert sorted(back["amount"] for back in shop.effects("parcel.back")) == [400, 600]

"""Killed before or after any call to the table or the provider, and sent again: nothing is lost, nothing doubled.

Lost responses need a store that knows request tokens, which moto does not: they are tried on the deployed stack.
"""

import pytest

from chalicelib.core.payments import PriceNotPayable
from chalicelib.orders.model import OrderClosed, OrderState
from chalicelib.orders.views import OrderView
from tests.faults import FaultLayer, Killed, faults
from tests.store.orders.fake_provider import FakeProvider
from tests.store.orders.shop import CUSTOMER, PLATFORM, Shop, due_work

KILLS = ("before", "after")


class TracedProvider(FakeProvider):
    """Its calls go through the fault layer too, as the SDK's do."""

    layer: FaultLayer | None = None

    def start(self, request):
        return self._through("start", lambda: FakeProvider.start(self, request))

    def fetch(self, page):
        return self._through("fetch", lambda: FakeProvider.fetch(self, page))

    def cancel(self, platform_id, reference):
        return self._through("cancel", lambda: FakeProvider.cancel(self, platform_id, reference))

    def _through(self, name, call):
        return self.layer.through(f"provider:{name}", call, call) if self.layer else call()


@pytest.fixture
def shop(table, moving_clock) -> Shop:
    return Shop(provider=TracedProvider()).open()


def calls_of(shop, action) -> list[str]:
    """The calls of an action that nothing disturbs; those of the provider among them."""
    layer = FaultLayer()
    shop.provider.layer = layer
    with faults(layer):
        action()
    shop.provider.layer = None
    return layer.calls


def killed_at(shop, action, place: int, fault: str) -> str:
    """Do it, die there, and do it again as the caller would; the name of the call that died."""
    layer = FaultLayer(at=place, fault=fault)
    shop.provider.layer = layer
    with faults(layer), pytest.raises(Killed):
        action()
    shop.provider.layer = None
    action()
    assert layer.struck
    return layer.struck


START = [
    "dynamodb:BatchGetItem",
    "dynamodb:TransactWriteItems",
    "dynamodb:BatchGetItem",
    "provider:start",
    "dynamodb:TransactWriteItems",
]
REFUSED = [
    *START[:-1],
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:TransactWriteItems",
]
FULFIL = ["dynamodb:PutItem", "dynamodb:BatchGetItem", "provider:fetch", "dynamodb:TransactWriteItems"]
SWEEP = [
    "dynamodb:GetItem", "dynamodb:BatchGetItem", "provider:fetch", "provider:cancel", "provider:fetch",
    "dynamodb:TransactWriteItems",
]  # fmt: skip


def test_the_calls_are_those_that_the_crashes_below_are_tried_at(shop, moving_clock) -> None:
    assert calls_of(shop, shop.order) == START
    shop.provider.pay("cs_1")
    event = shop.provider.event("cs_1", "checkout.session.completed")
    assert calls_of(shop, lambda: shop.deliver(event)) == FULFIL
    order = shop.ordered("k2")
    moving_clock.forward(minutes=37)
    assert calls_of(shop, lambda: shop.orders.sweep(PLATFORM, order.id)) == SWEEP


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("place", range(len(START)))
def test_an_order_killed_anywhere_is_one_order_with_one_page(shop, place, fault) -> None:
    assert killed_at(shop, shop.order, place, fault) == START[place]
    [listed] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    assert shop.order().read_as(OrderView) == listed
    assert list(shop.provider.pages) == ["cs_1"]
    assert listed.payment_url == "https://pay.test/cs_1"


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_an_order_whose_price_is_refused_ends_wherever_it_was_killed(shop, place, fault) -> None:
    def refused() -> None:
        shop.provider.failing = PriceNotPayable()
        with pytest.raises((PriceNotPayable, OrderClosed)):
            shop.order()

    assert killed_at(shop, refused, place, fault) == REFUSED[place]
    [listed] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    assert (listed.state, due_work()) == (OrderState.EXPIRED, [])


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("place", range(len(FULFIL)))
def test_a_fulfilment_killed_anywhere_grants_once(shop, place, fault) -> None:
    order = shop.ordered()
    shop.provider.pay("cs_1")
    event = shop.provider.event("cs_1", "checkout.session.completed")
    assert killed_at(shop, lambda: shop.deliver(event), place, fault) == FULFIL[place]
    shop.deliver(event)
    assert shop.kept(order.id).state is OrderState.PAID
    assert (shop.wallet().balance, len(shop.journal()), len(shop.sales())) == (500, 1, 1)


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("place", range(len(FULFIL)))
def test_a_fulfilment_killed_anywhere_is_made_good_by_another_event_once(shop, place, fault) -> None:
    order = shop.ordered()
    shop.provider.pay("cs_1")
    events = [
        shop.provider.event("cs_1", name)
        for name in ("payment_intent.succeeded", "checkout.session.completed")
    ]
    with faults(FaultLayer(at=place, fault=fault)) as layer:
        shop.provider.layer = layer
        with pytest.raises(Killed):
            shop.deliver(events[0])
        shop.provider.layer = None
    for event in reversed(events):
        shop.deliver(event)
    assert shop.kept(order.id).state is OrderState.PAID
    assert (shop.wallet().balance, len(shop.journal()), len(shop.sales())) == (500, 1, 1)


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("place", range(len(SWEEP)))
def test_a_sweep_killed_anywhere_ends_the_order_once(shop, moving_clock, place, fault) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=37)
    assert killed_at(shop, lambda: shop.orders.sweep(PLATFORM, order.id), place, fault) == SWEEP[place]
    assert shop.kept(order.id).state is OrderState.EXPIRED
    assert [line["reason"] for line in shop.failed_payments()] == ["pay_not_pressed"]

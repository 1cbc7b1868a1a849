"""A restore that has the order and has lost its wallet's half of a step: it is done again, once."""

from typing import Any

import pytest

from chalicelib.table.keys import Key
from chalicelib.verifier.repair.service import Repairs
from chalicelib.verifier.scan import every_item
from chalicelib.wallet.model import Origin
from tests.store.booking.studio import give, open_studio, set_on_sale, wallet
from tests.store.booking.test_by_card import Till
from tests.store.booking.test_mixed_payment import BOTH, mixed, refund
from tests.store.orders.shop import Shop

Stored = dict[Key, Any]


def wallets_stored() -> Stored:
    return {item.key: item.raw for item in every_item() if "#WALLET#" in item.key.pk}


def restored(plant, before: Stored) -> None:
    """The wallets as they were, and all else as it is."""
    for key in wallets_stored():
        plant.remove(key)
    for raw in before.values():
        plant.put_raw(raw)


@pytest.mark.parametrize("lots", [0, 1, 2, 25])
def test_what_was_paid_is_given_however_many_lots_there_are(
    table, moving_clock, plant, names, lots: int
) -> None:
    shop = Shop().open()
    for number in range(lots):
        shop.paid(f"before-{number}")
    order = shop.ordered("last")
    before = wallets_stored()
    shop.provider.pay(str(order.payment_reference))
    shop.deliver(shop.provider.event(str(order.payment_reference), "checkout.session.completed"))
    restored(plant, before)
    assert "P1 payment-without-fulfilment" in names()
    assert Repairs(shop.fulfilments).run().left == []
    assert names() == set()


@pytest.mark.parametrize("amount", [10_000, None])
def test_what_went_back_of_a_mixed_order_is_given_back_of_its_credits(
    table, moving_clock, plant, names, amount: int | None
) -> None:
    open_studio()
    set_on_sale(BOTH)
    give(100, Origin.ADJUSTMENT)
    till = Till()
    order = mixed(till)
    till.pay(order)
    before = wallets_stored()
    refund(till, order, amount, "refund")
    balance = wallet().balance
    restored(plant, before)
    assert names()
    repaired = Repairs(till.fulfilments).run()
    assert (len(repaired.done), repaired.left) == (1, [])
    assert names() == set()
    assert wallet().balance == balance

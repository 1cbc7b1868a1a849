"""The balance for calls: what a paid order brings stands in its journal, once; each planted fault is named."""

from typing import Any

import pytest

from chalicelib.orders.model import Order
from chalicelib.table import keys
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.orders.shop import PLATFORM, Shop
from tests.store.orders.test_phone_top_ups import an_admin, ordered, paid

BALANCE = keys.phone_balance(PLATFORM)
ENTRY = keys.phone_entry(PLATFORM, 1)
OF_THE_BALANCE = {"L2 phone-balance-not-fold", "L3 phone-journal-gap"}


@pytest.fixture
def shop(table, moving_clock) -> Shop:
    shop = Shop().open()
    an_admin()
    return shop


@pytest.fixture
def order(shop: Shop) -> Order:
    """A top-up of 50 dollars that is paid."""
    order = paid(shop)
    assert list(verify(every_item())) == []
    return order


def test_p1_a_top_up_that_was_not_paid(order: Order, plant, names) -> None:
    unpaid = {"state": "expired", "paid_at": None}
    plant.record(keys.order(PLATFORM, order.id), lambda record: record.update(unpaid))
    assert "P1 top-up-not-as-paid" in names()


def test_p1_a_top_up_that_was_paid_and_gives_nothing(shop: Shop, plant, names) -> None:
    order = ordered(shop)
    plant.record(keys.order(PLATFORM, order.id), lambda record: record.update(state="paid"))
    assert "P1 top-up-not-as-paid" in names()


def test_p1_a_top_up_of_another_amount(order: Order, plant, names) -> None:
    plant.record(keys.order(PLATFORM, order.id), lambda record: record["product"].update(micros=49_999_999))
    assert names() == {"P1 top-up-not-as-paid"}


def test_p1_a_top_up_given_twice(order: Order, plant, names) -> None:
    again = {"sequence": 2, "id": "pen_again"}
    plant.copy(ENTRY, keys.phone_entry(PLATFORM, 2), lambda record: record.update(again))
    assert names() == OF_THE_BALANCE | {"P1 top-up-not-as-paid", "L5 operation-twice"}


def test_l3_a_line_of_the_journal_is_lost(order: Order, plant, names) -> None:
    plant.remove(ENTRY)
    assert OF_THE_BALANCE | {"P1 top-up-not-as-paid"} <= names()


def test_l2_a_balance_below_zero(order: Order, plant, names) -> None:
    def less(record: dict[str, Any]) -> None:
        record.update(free=-1, owed=50_000_001)

    plant.record(BALANCE, less)
    assert names() == {"L2 phone-balance-not-fold", "L2 phone-balance-negative"}


def test_p1_a_refund_of_which_the_balance_knows_nothing(shop: Shop, order: Order, plant, names) -> None:
    before = plant.read(BALANCE)
    shop.refund(order)
    assert names() == set()
    plant.put(before)
    plant.remove(keys.phone_entry(PLATFORM, 2))
    assert names() == {"P1 top-up-not-as-paid"}

"""The verifier and orders that credits pay a part of: what it says where order and hold differ."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chalicelib.orders.model import Order, OrderState
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.store.booking.studio import give, open_studio, set_on_sale
from tests.store.booking.test_by_card import Till
from tests.store.booking.test_mixed_payment import BOTH, mixed, refund

OF_MIXED = {"hold-without-order", "credits-not-as-order", "credits-other-than-ordered", "credits-returned"}
Change = Callable[[Order], Order | None]


@pytest.fixture
def till(table, moving_clock) -> Till:
    open_studio()
    set_on_sale(BOTH)
    give(40, Origin.ADJUSTMENT)
    return Till()


def found(change: Change) -> set[str]:
    """What is said of the table, if the order were as ``change`` makes it."""
    items = [replace(item, record=changed(item.record, change)) for item in every_item()]
    return {f"{each.rule} {each.name}" for each in verify(items) if each.name in OF_MIXED}


def changed(record: object, change: Change) -> object:
    return change(record) if isinstance(record, Order) else record


def test_an_open_order_has_its_hold(till: Till) -> None:
    mixed(till)
    assert found(lambda order: order) == set()
    assert found(lambda order: replace(order, state=OrderState.REVIEW)) == set()
    assert found(lambda order: None) == {"L7 hold-without-order"}
    for state in (OrderState.EXPIRED, OrderState.REFUNDED):
        assert found(lambda order, state=state: replace(order, state=state)) == {"P1 credits-not-as-order"}
    assert found(lambda order: replace(order, credits=41)) == {"P1 credits-other-than-ordered"}
    assert found(lambda order: replace(order, customer_id="bora")) == {"P1 credits-other-than-ordered"}


def test_an_order_that_ended_unpaid_has_let_go_of_it(till: Till) -> None:
    till.expire(mixed(till))
    assert found(lambda order: order) == set()
    assert found(lambda order: replace(order, state=OrderState.PENDING)) == {"P1 credits-not-as-order"}
    assert found(lambda order: replace(order, state=OrderState.PAID)) == {"P1 credits-not-as-order"}


def test_a_paid_order_has_spent_it_and_given_back_its_part(till: Till) -> None:
    order = mixed(till)
    till.pay(order)
    refund(till, order, 27_000, "half")
    assert found(lambda order: order) == set()
    assert found(lambda order: replace(order, state=OrderState.EXPIRED)) == {"P1 credits-not-as-order"}
    assert found(lambda order: replace(order, refunds=[])) == {"P3 credits-returned"}

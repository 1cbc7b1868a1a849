"""Appointments by card: their order and their booking stand and fall together, and each that does not is named."""

from typing import Any

import pytest

from chalicelib.orders import store
from chalicelib.orders.model import Order, OrderState
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking.studio import PLATFORM, open_studio, set_on_sale
from tests.store.booking.test_by_card import CARD, COMPLETED, Till


@pytest.fixture
def till(table, moving_clock) -> Till:
    open_studio()
    set_on_sale(CARD)
    return Till()


@pytest.fixture
def order(till: Till) -> Order:
    """One that is paid, with its booking confirmed."""
    order = till.order()
    till.pay(order)
    assert list(verify(every_item())) == []
    return order


def order_key(order: Order) -> Key:
    return keys.order(PLATFORM, order.id)


def booking_key(order: Order) -> Key:
    return keys.booking(PLATFORM, order.details["booking_id"])


def change(**fields: Any) -> Any:
    return lambda record: record.update(fields)


def test_p1_an_order_whose_booking_is_lost(order: Order, plant, names) -> None:
    plant.remove(booking_key(order))
    assert "P1 order-without-booking" in names()


def test_p1_an_order_with_two_bookings(order: Order, plant, names) -> None:
    again = keys.booking(PLATFORM, "bkg_again")
    plant.copy(booking_key(order), again, change(id="bkg_again"))
    assert "P1 order-without-booking" in names()


@pytest.mark.parametrize("state", ["paid", "expired", "refunded"])
def test_p1_a_booking_that_waits_though_its_order_is_settled(order: Order, plant, names, state: str) -> None:
    plant.record(booking_key(order), change(state="pending"))
    plant.record(order_key(order), change(state=state))
    assert "P1 booking-not-as-order" in names()


def test_p1_a_booking_waits_while_a_person_decides_about_other_money(till: Till, names) -> None:
    order = till.order()
    till.provider.pay(str(order.payment_reference), amount=1)
    till.tell(order, COMPLETED)
    kept = store.find(PLATFORM, order.id)
    assert kept is not None
    assert kept.state is OrderState.REVIEW
    assert names() == set()


@pytest.mark.parametrize("state", ["pending", "processing", "review"])
def test_p1_a_booking_waits_while_its_money_is_not_settled(order: Order, plant, names, state: str) -> None:
    plant.record(booking_key(order), change(state="pending"))
    plant.record(order_key(order), change(state=state, paid_at=None))
    assert "P1 booking-not-as-order" not in names()


@pytest.mark.parametrize("state", ["confirmed", "completed", "missed"])
@pytest.mark.parametrize("unpaid", ["pending", "processing", "expired"])
def test_p1_a_booking_that_stands_and_was_not_paid(
    order: Order, plant, names, state: str, unpaid: str
) -> None:
    plant.record(booking_key(order), change(state=state))
    assert "P1 booking-not-as-order" not in names()
    plant.record(order_key(order), change(state=unpaid, paid_at=None))
    assert "P1 booking-not-as-order" in names()


def test_p1_a_booking_that_stands_though_credits_were_given_instead(order: Order, plant, names) -> None:
    plant.record(order_key(order), change(delivered_as="credit_package"))
    assert "P1 booking-not-as-order" in names()


def test_p1_a_booking_of_another_than_who_paid(order: Order, plant, names) -> None:
    plant.record(booking_key(order), change(customer_id="bora"))
    assert "P1 booking-of-another" in names()


def test_p1_a_booking_whose_order_is_lost(order: Order, plant, names) -> None:
    plant.remove(order_key(order))
    assert "P1 booking-without-order" in names()

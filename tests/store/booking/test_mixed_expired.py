"""Credits of a mixed order come back, expire, and are taken again with its money: of breakage, and of no others."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.booking.model import Booking
from chalicelib.core import clock
from chalicelib.core.money import Money
from chalicelib.core.payments import DisputeState, SignalKind
from chalicelib.orders.model import Order
from chalicelib.table import transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.expiries import Expiries
from chalicelib.wallet.ledger import Journal, LedgerTransaction
from chalicelib.wallet.model import Grant, Origin
from chalicelib.wiring import sessions
from tests.store.booking.studio import (
    PLATFORM,
    CallCount,
    give,
    open_studio,
    platforms,
    set_on_sale,
    wallet,
    wallets,
)
from tests.store.booking.test_by_card import Till
from tests.store.booking.test_mixed_payment import BOTH, failing, left, mixed, refund


@pytest.fixture
def till(table, moving_clock) -> Iterator[Till]:
    open_studio()
    set_on_sale(BOTH)
    yield Till()
    attend_to_bookings()
    assert [str(difference) for difference in verify(every_item())] == []


def attend_to_bookings() -> None:
    """As the sweeper does: nobody came to what is over by now."""
    for item in list(every_item()):
        if isinstance(item.record, Booking) and clock.now() > item.record.ends_at + timedelta(hours=1):
            sessions().sweep(PLATFORM, item.record.id)


def give_for_20_days(amount: int) -> None:
    grant = Grant(
        origin=Origin.GIFT,
        amount=amount,
        cost=Money(amount * 10 + 1, "TRY"),
        expires_at=clock.now() + timedelta(days=20),
    )
    journal = Journal(operation="give", kind="test", at=clock.now(), reference={})
    transact.commit(wallets.prepare_grant(wallet(), grant, journal).writes, "give")


def paid(till: Till, use_credits: int = 40, start: str = "14:00") -> Order:
    order = mixed(till, use_credits, start=start)
    till.pay(order)
    return order


def disputed(till: Till, order: Order, state: DisputeState) -> None:
    till.provider.dispute(str(order.payment_reference), f"dp_{order.id}", order.price.amount, state)
    till.tell(order, f"{order.id} {state}", kind=SignalKind.CONCERNS)


def expire(moving_clock) -> None:
    moving_clock.forward(days=30)
    sweep()


def sweep() -> None:
    Expiries(wallets, platforms).sweep(wallets.key(PLATFORM, "ada"))


def in_breakage() -> int:
    return sum(
        posting.amount
        for item in every_item()
        if isinstance(item.record, LedgerTransaction)
        for posting in item.record.postings
        if posting.account == "breakage"
    )


def test_what_expired_after_it_came_back_is_not_taken_of_other_credits(till: Till, moving_clock) -> None:
    give_for_20_days(100)
    order = paid(till)
    disputed(till, order, DisputeState.OPEN)
    expire(moving_clock)
    assert in_breakage() == 100
    give(40, Origin.ADJUSTMENT)
    disputed(till, order, DisputeState.WON)
    assert (left(), wallet().owed, in_breakage()) == ([(Origin.ADJUSTMENT, 40, 40)], 0, 60)


def test_it_comes_back_to_its_lot_again_and_expires_again(till: Till, moving_clock) -> None:
    give_for_20_days(40)
    order = paid(till)
    disputed(till, order, DisputeState.OPEN)
    expire(moving_clock)
    disputed(till, order, DisputeState.WON)
    for number in range(2):
        failing(till, order, key=str(number))
        assert (left(), in_breakage()) == ([], 0)
    refund(till, order, None, "all")
    assert left() == [(Origin.GIFT, 40, 40)]
    sweep()
    assert (left(), wallet().owed, in_breakage()) == ([], 0, 40)


def test_what_was_spent_before_the_rest_expired_is_taken_of_others(till: Till, moving_clock) -> None:
    give_for_20_days(40)
    order = paid(till)
    disputed(till, order, DisputeState.OPEN)
    paid(till, 30, "06:00")
    expire(moving_clock)
    give(20, Origin.ADJUSTMENT)
    disputed(till, order, DisputeState.WON)
    assert (left(), wallet().owed, in_breakage()) == ([], 10, 0)


def test_what_expired_of_one_lot_is_not_taken_for_two_orders(till: Till, moving_clock) -> None:
    give_for_20_days(80)
    first, second = paid(till), paid(till, start="08:00")
    for order in (first, second):
        disputed(till, order, DisputeState.OPEN)
    paid(till, 30, "06:00")
    expire(moving_clock)
    assert in_breakage() == 50
    for order, owed in ((first, 0), (second, 30)):
        disputed(till, order, DisputeState.WON)
        assert wallet().owed == owed
    assert in_breakage() == 0


def test_the_journal_is_read_only_where_expired_credits_are_missing(till: Till, moving_clock) -> None:
    give_for_20_days(40)
    order = paid(till)
    count = CallCount()
    failing(till, order, key="alive")
    assert "Query" not in count.names
    disputed(till, order, DisputeState.OPEN)
    expire(moving_clock)
    count.calls.clear()
    disputed(till, order, DisputeState.WON)
    assert count.names.count("Query") == 1

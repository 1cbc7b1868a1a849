"""Money of credits that had expired goes back: they are taken of breakage, and only what was spent is owed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.payments import DisputeState
from chalicelib.core.payments import RefundState as ProvidersState
from chalicelib.orders.model import Order
from chalicelib.table import transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.expiries import Expiries
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Grant, Origin
from tests.store.booking.studio import CallCount
from tests.store.orders.shop import CUSTOMER, PLATFORM, Shop, package
from tests.store.orders.test_payment_events import sell
from tests.store.orders.test_refunds import PRICE, concerning, spend

PART = PRICE // 5  # the money of a hundred credits


@pytest.fixture
def order(shop: Shop) -> Iterator[Order]:
    """500 credits that expire after 30 days; whatever a test does, the verifier finds nothing afterwards."""
    sell(replace(package(), expires_after_days=30))
    yield shop.paid()
    assert [str(difference) for difference in verify(every_item())] == []


def expire(shop: Shop, moving_clock) -> None:
    moving_clock.forward(days=31)
    sweep(shop)


def sweep(shop: Shop) -> None:
    Expiries(shop.wallets, shop.platforms).sweep(shop.wallets.key(PLATFORM, CUSTOMER.id))


def disputed(shop: Shop, state: DisputeState, amount: int = PRICE) -> None:
    shop.provider.dispute("cs_1", "dp_1", amount, state)
    concerning(shop, "charge.dispute.updated")


def in_breakage(shop: Shop) -> int:
    return sum(
        posting.amount
        for entry in shop.journal()
        for posting in entry.postings
        if posting.account == "breakage"
    )


def stands(shop: Shop) -> tuple[int, int, int]:
    return shop.wallet().balance, shop.wallet().owed, in_breakage(shop)


@pytest.mark.parametrize("swept", [False, True])
def test_p3_what_expired_unused_is_not_owed_whenever_the_sweeper_came(
    shop, order, moving_clock, swept: bool
) -> None:
    moving_clock.forward(days=31)
    if swept:
        sweep(shop)
    shop.refund(order)
    sweep(shop)
    assert stands(shop) == (0, 0, 0)
    shop.paid("k2")
    assert shop.wallet().balance == 500


def test_only_what_was_spent_before_the_rest_expired_is_owed(shop, order, moving_clock) -> None:
    spend(shop, 200)
    expire(shop, moving_clock)
    assert stands(shop) == (0, 0, 300)
    for number, after in enumerate([(0, 0, 200), (0, 0, 100), (0, 0, 0), (0, 100, 0), (0, 200, 0)]):
        shop.refund(order, PART, f"r{number}")
        assert stands(shop) == after


def test_what_went_back_before_it_expired_is_not_taken_of_breakage(shop, order, moving_clock) -> None:
    shop.refund(order, PART)
    spend(shop, 100)
    expire(shop, moving_clock)
    shop.refund(order, key="r2")
    assert stands(shop) == (0, 100, 0)


def test_a_dispute_that_is_won_leaves_what_expired_expired(shop, order, moving_clock) -> None:
    spend(shop, 200)
    expire(shop, moving_clock)
    for state, after in ((DisputeState.OPEN, (0, 200, 0)), (DisputeState.WON, (0, 0, 300))):
        disputed(shop, state)
        assert stands(shop) == after
    shop.refund(order)
    assert stands(shop) == (0, 200, 0)


def test_refunds_that_fail_give_again_what_was_owed_and_then_what_expired(
    shop, provider, order, moving_clock
) -> None:
    spend(shop, 200)
    expire(shop, moving_clock)
    shop.refund(order, 2 * PART)
    shop.send_refunds()
    provider.refunds_end_as = ProvidersState.FAILED
    shop.refund(order, 3 * PART, "r2")
    assert stands(shop) == (0, 200, 0)
    shop.send_refunds()
    assert stands(shop) == (0, 0, 100)


def test_credits_that_were_taken_while_they_lived_come_again_alive(
    shop, provider, order, moving_clock
) -> None:
    """Of what had expired before, nothing does; both refunds failed."""
    provider.refunds_end_as = ProvidersState.FAILED
    shop.refund(order, PART)
    expire(shop, moving_clock)
    shop.refund(order, key="r2")
    assert stands(shop) == (0, 0, 0)
    shop.send_refunds()
    assert stands(shop) == (100, 0, 400)
    (lot,) = shop.wallet().lots
    assert lot.expires_at == moving_clock() + timedelta(days=30)


def test_another_purchase_that_expired_pays_nothing_of_this_one(shop, order, moving_clock) -> None:
    spend(shop, 500)
    shop.paid("k2")
    expire(shop, moving_clock)
    shop.refund(order)
    assert stands(shop) == (0, 500, 500)


def test_the_journal_is_read_only_where_expired_credits_are_missing(shop, order, moving_clock) -> None:
    """Credits that were spent before they could expire are owed without a look at it."""
    spend(shop, 200)
    count = CallCount()
    shop.refund(order, 4 * PART)  # a hundred of them are owed, and none can have expired
    assert "Query" not in count.names
    give(shop, 100)
    moving_clock.forward(days=31)
    shop.refund(order, key="r2")
    assert count.names.count("Query") == 1


def give(shop: Shop, amount: int) -> None:
    journal = Journal(operation="give", kind="test", at=clock.now(), reference={})
    given = shop.wallets.prepare_grant(shop.wallet(), Grant(origin=Origin.GIFT, amount=amount), journal)
    transact.commit(given.writes, "give")

"""The expert's share and the parts of a sale."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.booking import rules
from chalicelib.core.money import Money, share_of
from chalicelib.orders.lines import SalePart
from chalicelib.wallet.lots import new_lot
from chalicelib.wallet.model import Grant, Origin, SpentPart

amounts = st.lists(st.integers(1, 10**7), min_size=1, max_size=6)
basis_points = st.integers(0, 10_000)


def spent(origin: Origin, amount: int, cost: Money | None = None) -> SpentPart:
    lot = new_lot("lot", Grant(origin=origin, amount=amount, cost=cost), datetime(2026, 11, 22, tzinfo=UTC))
    return SpentPart(lot=lot, amount=amount, cost=cost)


@given(st.integers(1, 10**7), basis_points)
def test_what_the_expert_and_the_platform_get_is_the_price(price, share) -> None:
    """R1."""
    postings = rules.shared_out(price, share, "e")
    assert sum(posting.amount for posting in postings) == price
    assert all(posting.amount > 0 for posting in postings)
    assert next((p.amount for p in postings if p.account == "expert:e"), 0) == share_of(price, share)


@given(amounts, basis_points)
def test_the_shares_of_the_parts_are_the_share_of_the_sale(parts, share) -> None:
    """B42: to the last unit, and no part is more than a unit from its own share."""
    shares = rules.split_share(parts, share)
    assert sum(shares) == share_of(sum(parts), share)
    for part, its in zip(parts, shares, strict=True):
        assert 0 <= its <= part
        assert abs(its * 10_000 - part * share) < 10_000


@pytest.mark.parametrize(
    ("parts", "share", "expected"),
    [
        ([100], 6_500, [65]),
        ([1], 5_000, [1]),  # half a unit is rounded up
        ([1, 1], 5_000, [1, 0]),
        ([1, 1, 1], 3_333, [1, 0, 0]),
        ([20, 7, 73], 6_500, [13, 5, 47]),
        ([10, 10], 0, [0, 0]),
        ([10, 3], 10_000, [10, 3]),
    ],
)
def test_units_that_are_left_go_to_the_largest_remainders(parts, share, expected) -> None:
    assert rules.split_share(parts, share) == expected


def test_parts_are_one_for_each_payment_type_and_currency() -> None:
    """B20, B40: credits bought in two currencies are two lines; what was bought, refunded or adjusted is bought."""
    lots = [
        spent(Origin.CAMPAIGN, 5),
        spent(Origin.PURCHASE, 10, Money(1_000, "TRY")),
        spent(Origin.GIFT, 3),
        spent(Origin.REFUND, 10, Money(500, "TRY")),
        spent(Origin.PURCHASE, 10, Money(90, "EUR")),
        spent(Origin.ADJUSTMENT, 2),
        spent(Origin.CAMPAIGN, 5),
    ]
    assert rules.sale_parts(lots, 0) == [
        SalePart(payment_type="campaign", amount=10, unit="credit"),
        SalePart(payment_type="credit", amount=20, unit="credit", cost=Money(1_500, "TRY")),
        SalePart(payment_type="gift", amount=3, unit="credit"),
        SalePart(payment_type="credit", amount=10, unit="credit", cost=Money(90, "EUR")),
        SalePart(payment_type="credit", amount=2, unit="credit"),
    ]

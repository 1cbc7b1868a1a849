"""How a price of two purses is divided, and given back to the last unit."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.booking import mixed, rules
from chalicelib.core.money import Money, share_of
from chalicelib.orders.lines import PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.orders.reversals import Reversal
from chalicelib.reports.rules import shared_cost as shared_cost_of
from chalicelib.wallet.model import CREDIT, Lot, Origin, SpentPart

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICE = Money(9_973, "TRY")


@given(st.integers(1, 10**9), st.integers(2, 10**6), st.data())
def test_credits_never_pay_more_than_their_part_of_the_fee(fee: int, price_credits: int, data) -> None:
    used = data.draw(st.integers(1, price_credits - 1))
    try:
        left = mixed.card_part(Money(fee, "TRY"), price_credits, used).amount
    except mixed.CreditsCoverNothing:
        assert fee * used < price_credits
        return
    assert 0 <= left * price_credits - fee * (price_credits - used) < price_credits
    assert 0 < left < fee


@given(st.integers(1, 10**6).map(lambda dinars: dinars * 10), st.integers(2, 1_000), st.data())
def test_a_currency_of_three_decimals_is_paid_in_steps_of_ten(fee: int, price_credits: int, data) -> None:
    used = data.draw(st.integers(1, price_credits - 1))
    try:
        left = mixed.card_part(Money(fee, "KWD"), price_credits, used).amount
    except mixed.CreditsCoverNothing:
        return
    assert left % 10 == 0
    assert fee * (price_credits - used) <= left * price_credits < fee * price_credits


def part(number: int, origin: Origin, amount: int, cost: int | None) -> SpentPart:
    money = None if cost is None else Money(cost, "TRY")
    lot = Lot(
        id=f"lot_{number}",
        origin=origin,
        granted=amount,
        remaining=amount,
        cost=money,
        remaining_cost=money,
        at=NOW,
        expires_at=None,
        reference={},
    )
    return SpentPart(lot=lot, amount=amount, cost=money)


SPENT = st.lists(
    st.tuples(st.sampled_from(Origin), st.integers(1, 50), st.none() | st.integers(0, 5_000)),
    min_size=1,
    max_size=5,
).map(lambda lots: [part(number, *lot) for number, lot in enumerate(lots)])
STEPS = st.lists(st.integers(0, PRICE.amount), max_size=6)


@given(SPENT, st.integers(0, 10_000), STEPS)
def test_b41_all_steps_back_and_forth_come_to_what_was_sold(spent, share: int, stops: list[int]) -> None:
    """Money goes back and comes again in any order, until all of it has gone back."""
    sale = sold(spent, share)
    used = sum(each.amount for each in spent)
    credits_ = [each for each in sale.parts if each.unit == CREDIT]
    assert sum(each.share for each in credits_) == share_of(used, share)
    lots: dict[str, list[int]] = {each.lot_id: [0, 0] for each in spent}
    totals = [[0, 0, 0, 0] for _ in credits_]
    returned = 0
    for stop in [*stops, PRICE.amount]:
        step = Reversal(id="r", price=PRICE, before=returned, amount=stop - returned)
        before, after, returned = step.pieces_before(used), step.pieces_after(used), stop
        for piece in mixed.came_back(spent, min(before, after), max(before, after)):
            sign = 1 if after > before else -1
            lots[piece.lot_id][0] += sign * piece.amount
            lots[piece.lot_id][1] += sign * (piece.cost.amount if piece.cost else 0)
        for line in mixed.credits_reversed(sale, spent, before, after):
            place = next(n for n, each in enumerate(credits_) if same_kind(each, line))
            totals[place] = [
                total + each for total, each in zip(totals[place], figures(sale, line), strict=True)
            ]
    assert lots == {each.lot_id: [each.amount, each.cost.amount if each.cost else 0] for each in spent}
    assert totals == [[-figure for figure in figures(sale, each)] for each in credits_]


@given(SPENT, SPENT, st.data())
def test_what_is_taken_again_stands_for_what_came_back_and_nothing_else_moves(spent, others, data) -> None:
    used = sum(each.amount for each in spent)
    first = data.draw(st.integers(0, used))
    last = data.draw(st.integers(first, used))
    taken = mixed.came_back(others, 0, data.draw(st.integers(0, last - first)))
    taken = [replace(each, lot=replace(each.lot, id=f"other_{each.lot_id}")) for each in taken]
    again = mixed.spent_again(spent, first, last, taken)
    assert mixed.came_back(again, 0, first) == mixed.came_back(spent, 0, first)
    assert mixed.came_back(again, last, used) == mixed.came_back(spent, last, used)
    instead = mixed.came_back(again, first, last)
    owed = len(instead) - len(taken)
    assert instead[owed:] == taken[::-1]
    assert sum(each.amount for each in again) == used
    known = {each.lot_id for each in [*spent, *taken]}
    for owing in instead[:owed]:
        assert owing.lot_id not in known
        assert (owing.lot.granted, owing.lot.cost) == (owing.amount, owing.cost)


def sold(spent: list[SpentPart], share: int) -> Sale:
    card = SalePart(payment_type=PaymentType.CARD, amount=PRICE.amount, unit="TRY")
    return Sale(
        id="sal_1",
        platform_id="p",
        sold_at=NOW,
        product_type=ProductType.APPOINTMENT,
        product_id="apk_1",
        product_name="Hour",
        quantity=1,
        customer_id="ada",
        expert_id="elif",
        sale_type=SaleType.CARD,
        parts=[card, *rules.sale_parts(spent, share)],
        share_basis_points=share,
        country="TR",
    )


def figures(sale: Sale, line: SalePart) -> list[int]:
    shared_cost = shared_cost_of(sale, line)
    money = [each.amount if each else 0 for each in (line.cost, shared_cost)]
    return [line.amount, line.share, *money]


def same_kind(first: SalePart, second: SalePart) -> bool:
    return rules.kind_of(first) == rules.kind_of(second)

"""One sale of two purses (E33): credits pay a part of the price, and the card the rest of the fee."""

from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.booking.rules import kind_of, less, nothing_of, sale_parts
from chalicelib.core.errors import Invalid
from chalicelib.core.ids import new_id
from chalicelib.core.money import Money, minor_digits, share_of
from chalicelib.orders.lines import Sale, SalePart
from chalicelib.wallet.model import CREDIT, SpentPart

# Cards take currencies of three decimals in steps of ten of their smallest unit.
_CARD_DIGITS = 2


class CreditsCoverPrice(Invalid):
    """``at_most`` tells how many leave something for the card."""

    code = "CREDITS_COVER_PRICE"
    message = "So many credits pay the whole price. Book with credits instead."


class CreditsCoverNothing(Invalid):
    code = "CREDITS_COVER_NOTHING"
    message = "So few credits are worth less than the smallest amount of money. Use more, or none."


def card_part(fee: Money, price_credits: int, use_credits: int) -> Money:
    """What is left of the fee for the card: the part of it that the credits left to pay are of their price.

    Rounded up to what a card can pay. ``CreditsCoverPrice``, ``CreditsCoverNothing``.
    """
    left = price_credits - use_credits
    if left <= 0:
        raise CreditsCoverPrice(field="use_credits", at_most=price_credits - 1)
    step = 10 ** max(0, minor_digits(fee.currency) - _CARD_DIGITS)
    amount = -(-fee.amount * left // (price_credits * step)) * step
    if amount >= fee.amount:
        raise CreditsCoverNothing(field="use_credits")
    return Money(amount, fee.currency)


def came_back(spent: Sequence[SpentPart], before: int, after: int) -> list[SpentPart]:
    """Of credits that come back the last spent first: those after the first ``before``, up to ``after``."""
    pieces, passed = [], 0
    for part in reversed(spent):
        first, last = (min(max(until - passed, 0), part.amount) for until in (before, after))
        if last > first:
            pieces.append(_piece(part, first, last))
        passed += part.amount
    return pieces


def spent_again(
    spent: Sequence[SpentPart], first: int, last: int, taken: Sequence[SpentPart]
) -> list[SpentPart]:
    """``spent``, where of what came back the credits after the ``first``, up to ``last``, were taken again.

    What is owed of them was ``taken`` of no lot: it comes back to a lot of its own, like the one that it was.
    """
    owed = last - first - sum(part.amount for part in taken)
    owing = [_standing_in(part) for part in came_back(came_back(spent, first, last), 0, owed)]
    whole = sum(part.amount for part in spent)
    return [*came_back(spent, 0, first), *owing, *taken[::-1], *came_back(spent, last, whole)][::-1]


def credits_reversed(sale: Sale, spent: Sequence[SpentPart], before: int, after: int) -> list[SalePart]:
    """The sale's credit parts that go with the step from ``before`` to ``after`` credits that came back.

    Below zero; above it where they are taken again. All steps together are the sale's, as sold (B41).
    """
    then, now = _gone(sale, spent, before), _gone(sale, spent, after)
    steps = [_less(first, second) for first, second in zip(then, now, strict=True)]
    return [step for step in steps if step.amount]


def card_parts(sale: Sale) -> Sale:
    """The sale with what the card paid of it alone."""
    return replace(sale, parts=[part for part in sale.parts if part.unit != CREDIT])


def _gone(sale: Sale, spent: Sequence[SpentPart], back: int) -> list[SalePart]:
    """Of each credit part of the sale, what has gone with the first ``back`` credits that came back."""
    gone = {kind_of(part): part for part in sale_parts(came_back(spent, 0, back), 0)}
    sold = [part for part in sale.parts if part.unit == CREDIT]
    return [_gone_of(part, gone.get(kind_of(part)), sale.share_basis_points) for part in sold]


def _gone_of(sold: SalePart, gone: SalePart | None, share_basis_points: int) -> SalePart:
    if gone is None:
        return nothing_of(sold)
    cost = gone.cost
    shared_cost = cost and Money(share_of(cost.amount, share_basis_points), cost.currency)
    return replace(gone, share=sold.share * gone.amount // sold.amount, shared_cost=shared_cost)


def _less(then: SalePart, now: SalePart) -> SalePart:
    return replace(
        now,
        amount=then.amount - now.amount,
        cost=less(then.cost, now.cost),
        share=then.share - now.share,
        shared_cost=less(then.shared_cost, now.shared_cost),
    )


def _standing_in(part: SpentPart) -> SpentPart:
    lot = replace(part.lot, id=new_id("lot"), granted=part.amount, cost=part.cost)
    return replace(part, lot=lot)


def _piece(part: SpentPart, first: int, last: int) -> SpentPart:
    """Of what was taken of a lot, the credits after the first ``first``, with their part of its cost."""
    cost = part.cost and Money(
        part.cost.amount * last // part.amount - part.cost.amount * first // part.amount, part.cost.currency
    )
    return replace(part, amount=last - first, cost=cost)

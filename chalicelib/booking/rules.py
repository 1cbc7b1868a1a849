"""What a sale for credits is made of, the expert's part of it, and what is told of one that failed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.money import Money, share_of
from chalicelib.core.payments import FailureReason
from chalicelib.orders.lines import FailedPayment, PaymentType, ProductType, Rail, Sale, SalePart, SaleType
from chalicelib.orders.model import Order
from chalicelib.wallet.ledger import Posting
from chalicelib.wallet.lots import part_of
from chalicelib.wallet.model import CREDIT, InsufficientCredits, Origin, SpentPart

_WHOLE = 10_000
_PAYMENT_TYPES = {
    Origin.PURCHASE: PaymentType.CREDIT,
    Origin.REFUND: PaymentType.CREDIT,
    Origin.ADJUSTMENT: PaymentType.CREDIT,
    Origin.CAMPAIGN: PaymentType.CAMPAIGN,
    Origin.GIFT: PaymentType.GIFT,
}


def shared_out(price_credits: int, share_basis_points: int, expert_id: str, count: int = 1) -> list[Posting]:
    """Where so many prices in credits go: of each the expert's share (B42), the rest to the platform (R1)."""
    share = share_of(price_credits, share_basis_points)
    amounts = {f"expert:{expert_id}": count * share, "revenue": count * (price_credits - share)}
    return [
        Posting(account=account, asset=CREDIT, amount=amount) for account, amount in amounts.items() if amount
    ]


def sale_for_credits(
    sale_id: str, booking: Booking, share_basis_points: int, spent: Sequence[SpentPart]
) -> Sale:
    """One package bought with credits as it was booked, frozen with the share that is in force (B41)."""
    package = booking.package
    return Sale(
        id=sale_id,
        platform_id=booking.platform_id,
        sold_at=booking.created_at,
        product_type=ProductType.APPOINTMENT,
        product_id=package.id,
        product_name=package.title,
        quantity=1,
        customer_id=booking.customer_id,
        expert_id=booking.expert_id,
        sale_type=SaleType.CREDIT,
        parts=sale_parts(spent, share_basis_points),
        share_basis_points=share_basis_points,
        country=package.country,
    )


def sale_by_card(
    order: Order, package: AppointmentPackage, expert: Account, spent: Sequence[SpentPart], at: datetime
) -> Sale:
    """One package bought by card, at the price of its order, with the share that is in force (B41).

    The credits that paid a part of it are parts of the sale too (B20, B39).
    """
    price, share = order.price, share_of(order.price.amount, expert.share_basis_points)
    return Sale(
        id=f"sal_{order.id.removeprefix('ord_')}",
        platform_id=order.platform_id,
        sold_at=at,
        product_type=ProductType.APPOINTMENT,
        product_id=package.id,
        product_name=package.title,
        quantity=1,
        customer_id=order.customer_id,
        expert_id=expert.id,
        sale_type=SaleType.CARD,
        parts=[
            SalePart(payment_type=PaymentType.CARD, amount=price.amount, unit=price.currency, share=share),
            *sale_parts(spent, expert.share_basis_points),
        ],
        share_basis_points=expert.share_basis_points,
        country=order.country,
    )


def failed_payment(payment_id: str, booking: Booking, price_credits: int) -> FailedPayment:
    """The wallet did not hold the booking's price: *insufficient balance*, on the wallet's rail (B31)."""
    return FailedPayment(
        id=payment_id,
        platform_id=booking.platform_id,
        failed_at=booking.created_at,
        customer_id=booking.customer_id,
        reason=FailureReason.INSUFFICIENT_FUNDS,
        raw_code=InsufficientCredits.code,
        rail=Rail.WALLET,
        product_type=ProductType.APPOINTMENT,
        product_id=booking.package.id,
        product_name=booking.package.title,
        amount=price_credits,
        unit=CREDIT,
        country=booking.package.country,
        order_id=None,
    )


def sale_parts(spent: Iterable[SpentPart], share_basis_points: int) -> list[SalePart]:
    """One part for each payment type (B20), and for each currency that its lots had cost (B40)."""
    parts = _grouped(spent)
    return _with_shares(parts, split_share([part.amount for part in parts], share_basis_points))


def portions(spent: Iterable[SpentPart], price_credits: int) -> list[list[SpentPart]]:
    """What one spend took, as the parts of equal prices, in order; their costs sum to the spend's."""
    found: list[list[SpentPart]] = [[]]
    left = list(spent)
    while left:
        missing = price_credits - sum(part.amount for part in found[-1])
        if missing == 0:
            found.append([])
            continue
        part = left.pop(0)
        taken = part_of(part, min(missing, part.amount))
        found[-1].append(taken)
        if taken.amount < part.amount:
            left.insert(0, _without(part, taken))
    return found


def given_back(spent: Sequence[SpentPart], kept_basis_points: int) -> list[SpentPart]:
    """What comes back of each part of a price of which a share, rounded half up, is kept."""
    price = sum(part.amount for part in spent)
    amounts = allotted(price - share_of(price, kept_basis_points), [part.amount for part in spent])
    return [part_of(part, amount) for part, amount in zip(spent, amounts, strict=True) if amount]


def reversing_sale(sale_id: str, sale: Sale, back: Sequence[SpentPart], at: datetime) -> Sale:
    """The line that takes back what came back of a sale, with the expert's share of it as sold."""
    parts = _grouped(back)
    shares = allotted(reversed_share(sale, back), [part.amount for part in parts])
    if len(parts) == len(sale.parts) and sum(part.amount for part in parts) == sale.amount:
        shares = [part.share for part in sale.parts]
    return replace(
        sale,
        id=sale_id,
        sold_at=at,
        quantity=-1,
        parts=_first_as_sold(sale, [_negative(part) for part in _with_shares(parts, shares)]),
        reverses=sale.id,
        reverses_sold_at=sale.sold_at,
    )


def reversed_share(sale: Sale, back: Iterable[SpentPart]) -> int:
    """What the expert gives back, so that what he keeps is his share of what is kept (R1)."""
    kept = sale.amount - sum(part.amount for part in back)
    return sum(part.share for part in sale.parts) - share_of(kept, sale.share_basis_points)


def taken_back(sale: Sale, back: Sequence[SpentPart]) -> list[Posting]:
    """Where credits come back from: the expert's share of them, and the rest of the platform's."""
    share, amount = reversed_share(sale, back), sum(part.amount for part in back)
    amounts = {f"expert:{sale.expert_id}": -share, "revenue": share - amount}
    return [
        Posting(account=account, asset=CREDIT, amount=amount) for account, amount in amounts.items() if amount
    ]


def allotted(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` by weight, in whole units; those that are left go to the largest remainders."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: total * weights[place] % whole, reverse=True)
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def split_share(amounts: Sequence[int], share_basis_points: int) -> list[int]:
    """The share of each amount, so that they sum to the share of the sum.

    Each gets the whole units of its own share; the units that are left go to the largest remainders.
    """
    shares = [amount * share_basis_points // _WHOLE for amount in amounts]
    left = share_of(sum(amounts), share_basis_points) - sum(shares)
    by_remainder = sorted(
        range(len(amounts)), key=lambda place: amounts[place] * share_basis_points % _WHOLE, reverse=True
    )
    for place in by_remainder[:left]:
        shares[place] += 1
    return shares


def kind_of(part: SalePart) -> tuple[PaymentType, str | None]:
    """What tells a part of a sale from the others: how it was paid, and the currency of its cost."""
    return part.payment_type, part.cost.currency if part.cost else None


def nothing_of(part: SalePart) -> SalePart:
    """The same kind of part, of which nothing was paid."""
    nothing = part.cost and Money(0, part.cost.currency)
    return replace(part, amount=0, cost=nothing, share=0, shared_cost=nothing)


def _first_as_sold(sale: Sale, parts: list[SalePart]) -> list[SalePart]:
    """The quantity stands on the first part, so it is taken back of the kind that it was counted in."""
    first = sale.parts[0]
    return parts if kind_of(parts[0]) == kind_of(first) else [nothing_of(first), *parts]


def _grouped(spent: Iterable[SpentPart]) -> list[SalePart]:
    parts: dict[tuple[PaymentType, str | None], SalePart] = {}
    for lot in spent:
        payment_type = _PAYMENT_TYPES[lot.origin]
        key = (payment_type, lot.cost.currency if lot.cost else None)
        part = parts.get(key) or SalePart(payment_type=payment_type, amount=0, unit=CREDIT)
        parts[key] = replace(part, amount=part.amount + lot.amount, cost=_sum(part.cost, lot.cost))
    return list(parts.values())


def _with_shares(parts: Sequence[SalePart], shares: Sequence[int]) -> list[SalePart]:
    return [replace(part, share=share) for part, share in zip(parts, shares, strict=True)]


def _negative(part: SalePart) -> SalePart:
    cost = Money(-part.cost.amount, part.cost.currency) if part.cost else None
    return replace(part, amount=-part.amount, cost=cost, share=-part.share)


def _without(part: SpentPart, taken: SpentPart) -> SpentPart:
    return replace(part, amount=part.amount - taken.amount, cost=less(part.cost, taken.cost))


def less(whole: Money | None, part: Money | None) -> Money | None:
    """What is left of a cost; ``None`` where one of them is not known."""
    return whole and part and Money(whole.amount - part.amount, whole.currency)


def _sum(first: Money | None, second: Money | None) -> Money | None:
    if first is None or second is None:
        return first or second
    return first + second

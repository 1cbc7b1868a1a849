"""What a sale for credits is made of, the expert's part of it, and what is told of one that failed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.money import Money, share_of
from chalicelib.core.payments import FailureReason
from chalicelib.orders.model import (
    FailedPayment,
    PaymentType,
    ProductType,
    Rail,
    Sale,
    SalePart,
    SaleType,
)
from chalicelib.wallet.model import CREDIT, InsufficientCredits, Origin, Posting, SpentPart

_WHOLE = 10_000
_PAYMENT_TYPES = {
    Origin.PURCHASE: PaymentType.CREDIT,
    Origin.REFUND: PaymentType.CREDIT,
    Origin.ADJUSTMENT: PaymentType.CREDIT,
    Origin.CAMPAIGN: PaymentType.CAMPAIGN,
    Origin.GIFT: PaymentType.GIFT,
}


def shared_out(price_credits: int, share_basis_points: int, expert_id: str) -> list[Posting]:
    """Where a price in credits goes: the expert's share (B42), and the rest to the platform (R1)."""
    share = share_of(price_credits, share_basis_points)
    amounts = {f"expert:{expert_id}": share, "revenue": price_credits - share}
    return [
        Posting(account=account, asset=CREDIT, amount=amount) for account, amount in amounts.items() if amount
    ]


def sale_for_credits(
    sale_id: str,
    platform_id: str,
    customer_id: str,
    expert_id: str,
    package: AppointmentPackage,
    share_basis_points: int,
    spent: Sequence[SpentPart],
    at: datetime,
) -> Sale:
    """One package bought with credits, frozen with the share that is in force (B41)."""
    return Sale(
        id=sale_id,
        platform_id=platform_id,
        sold_at=at,
        product_type=ProductType.APPOINTMENT,
        product_id=package.id,
        product_name=package.title,
        quantity=1,
        customer_id=customer_id,
        expert_id=expert_id,
        sale_type=SaleType.CREDIT,
        parts=sale_parts(spent, share_basis_points),
        share_basis_points=share_basis_points,
        country=package.country,
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
    parts: dict[tuple[PaymentType, str | None], SalePart] = {}
    for lot in spent:
        payment_type = _PAYMENT_TYPES[lot.origin]
        key = (payment_type, lot.cost.currency if lot.cost else None)
        part = parts.get(key) or SalePart(payment_type=payment_type, amount=0, unit=CREDIT)
        parts[key] = replace(part, amount=part.amount + lot.amount, cost=_sum(part.cost, lot.cost))
    shares = split_share([part.amount for part in parts.values()], share_basis_points)
    return [replace(part, share=share) for part, share in zip(parts.values(), shares, strict=True)]


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


def _sum(first: Money | None, second: Money | None) -> Money | None:
    if first is None or second is None:
        return first or second
    return first + second

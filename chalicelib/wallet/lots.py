"""The lots of a wallet: which go first, what is free of them, and what is left when some is taken."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.wallet.model import (
    Grant,
    HeldPart,
    InsufficientCredits,
    Lot,
    Origin,
    SpentPart,
    Wallet,
    check_amount,
)

# The order of origins among lots that expire at the same time; a platform's setting goes before it.
SPEND_ORDER: tuple[str, ...] = (
    Origin.CAMPAIGN,
    Origin.GIFT,
    Origin.PURCHASE,
    Origin.REFUND,
    Origin.ADJUSTMENT,
)

_NEVER = datetime.max.replace(tzinfo=UTC)


def choose(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> list[HeldPart]:
    """How much of which lots, the first to go first. ``InsufficientCredits`` where they hold too little."""
    check_amount(amount)
    chosen, missing = [], amount
    for lot, free in in_spend_order(wallet, at, order):
        part = min(free, missing)
        chosen.append(HeldPart(lot_id=lot.id, amount=part))
        missing -= part
        if not missing:
            return chosen
    available = amount - missing
    raise InsufficientCredits(
        f"{amount} are needed and {available} can be spent.", available=available, required=amount
    )


def spendable(wallet: Wallet, at: datetime) -> int:
    """What is neither held nor expired."""
    return sum(free for _, free in in_spend_order(wallet, at))


def in_spend_order(wallet: Wallet, at: datetime, order: Sequence[str] = SPEND_ORDER) -> list[tuple[Lot, int]]:
    """The lots that can be spent, each with what is free of it, the first to go first."""
    held = held_by_lot(wallet)
    live = [lot for lot in by_spend_order(wallet.lots, order) if not lot.has_expired(at)]
    free = [(lot, lot.remaining - held.get(lot.id, 0)) for lot in live]
    return [(lot, amount) for lot, amount in free if amount > 0]


def by_spend_order(lots: Iterable[Lot], order: Sequence[str] = SPEND_ORDER) -> list[Lot]:
    """Soonest expiry first, then by origin, then the oldest."""
    ranks = {origin: rank for rank, origin in enumerate(dict.fromkeys([*order, *SPEND_ORDER]))}

    def place(lot: Lot) -> tuple[datetime, int, datetime, str]:
        return lot.expires_at or _NEVER, ranks[lot.origin], lot.at, lot.id

    return sorted(lots, key=place)


def held_by_lot(wallet: Wallet) -> dict[str, int]:
    held: dict[str, int] = {}
    for opened in wallet.holds:
        for part in opened.parts:
            held[part.lot_id] = held.get(part.lot_id, 0) + part.amount
    return held


def cost_of(lot: Lot, amount: int) -> Money | None:
    """The part of the lot's cost that goes with ``amount``; all parts together are the lot's cost."""
    if lot.remaining_cost is None:
        return None
    return Money(lot.remaining_cost.amount * amount // lot.remaining, lot.remaining_cost.currency)


def new_lot(lot_id: str, given: Grant, at: datetime) -> Lot:
    """What a grant leaves."""
    return Lot(
        id=lot_id,
        origin=given.origin,
        granted=given.amount,
        remaining=given.amount,
        cost=given.cost,
        remaining_cost=given.cost,
        at=at,
        expires_at=given.expires_at,
        reference=given.reference,
    )


def taken(lots: Sequence[Lot], chosen: Sequence[HeldPart]) -> tuple[list[Lot], list[SpentPart]]:
    """The lots that are left, and what was taken of each with its cost."""
    amounts = {part.lot_id: part.amount for part in chosen}
    left, parts = [], []
    for lot in lots:
        if (amount := amounts.get(lot.id, 0)) == 0:
            left.append(lot)
            continue
        parts.append(SpentPart(origin=lot.origin, amount=amount, cost=cost_of(lot, amount), lot_id=lot.id))
        if amount < lot.remaining:
            left.append(_reduced(lot, parts[-1]))
    places = {part.lot_id: place for place, part in enumerate(chosen)}
    return left, sorted(parts, key=lambda part: places[part.lot_id])


def _reduced(lot: Lot, part: SpentPart) -> Lot:
    cost = lot.remaining_cost
    if cost is not None and part.cost is not None:
        cost = Money(cost.amount - part.cost.amount, cost.currency)
    return replace(lot, remaining=lot.remaining - part.amount, remaining_cost=cost)

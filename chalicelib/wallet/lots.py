"""The lots of a wallet: which go first, what is free of them, and what is left when some is taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from chalicelib.core.clock import stamp
from chalicelib.core.money import Money
from chalicelib.wallet.model import (
    Grant,
    HeldPart,
    InsufficientCredits,
    Lot,
    Origin,
    SpentPart,
    TooManyLots,
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
    """How much of which lots, the first to go first. ``InsufficientCredits`` where they hold too little.

    ``TooManyLots`` where lots that were not opened would be needed.
    """
    check_amount(amount)
    available = spendable(wallet, at)
    if amount > available:
        raise InsufficientCredits(
            f"{amount} are needed and {available} can be spent.", available=available, required=amount
        )
    chosen, missing = portions(in_spend_order(wallet, at, order), amount)
    if missing:
        raise TooManyLots(available=amount - missing)
    return chosen


def portions(free: Iterable[tuple[Lot, int]], amount: int) -> tuple[list[HeldPart], int]:
    """How much of which lots, one after another, and how much of ``amount`` they do not hold."""
    chosen: list[HeldPart] = []
    for lot, there in free:
        if not amount:
            break
        part = min(there, amount)
        chosen.append(HeldPart(lot_id=lot.id, amount=part))
        amount -= part
    return chosen, amount


def spendable(wallet: Wallet, at: datetime) -> int:
    """What is neither held nor expired; lots on pages count, which expire after those that are open."""
    expired = free_of(wallet, [lot for lot in wallet.lots if lot.has_expired(at)])
    return wallet.available - sum(free for _, free in expired)


def in_spend_order(wallet: Wallet, at: datetime, order: Sequence[str] = SPEND_ORDER) -> list[tuple[Lot, int]]:
    """The lots that can be spent, each with what is free of it, the first to go first."""
    lots = reached(wallet, by_spend_order(wallet.lots, order), order)
    return free_of(wallet, [lot for lot in lots if not lot.has_expired(at)])


def reached(wallet: Wallet, lots: Iterable[Lot], order: Sequence[str] = SPEND_ORDER) -> list[Lot]:
    """Those of the lots that go before all that stand on shut pages."""
    ranks = ranks_of(order)
    shut = min((turn(start, ranks[origin]) for origin, start in wallet.paged.items()), default=None)
    return [lot for lot in lots if shut is None or turn(place(lot), ranks[lot.origin]) < shut]


def place(lot: Lot) -> str:
    """Where a lot stands among those of its origin."""
    return f"{stamp(lot.expires_at) if lot.expires_at else '~'}#{stamp(lot.at)}#{lot.id}"


def turn(place: str, rank: int) -> tuple[str, int, str]:
    """When a place comes in spend order, where its origin has this rank."""
    until, _, rest = place.partition("#")
    return until, rank, rest


def free_of(wallet: Wallet, lots: Iterable[Lot]) -> list[tuple[Lot, int]]:
    """Those of the lots that are not wholly held, each with what is free of it, expired or not."""
    held = held_by_lot(wallet)
    free = [(lot, lot.remaining - held.get(lot.id, 0)) for lot in lots]
    return [(lot, amount) for lot, amount in free if amount > 0]


def by_spend_order(lots: Iterable[Lot], order: Sequence[str] = SPEND_ORDER) -> list[Lot]:
    """Soonest expiry first, then by origin, then the oldest."""
    ranks = ranks_of(order)

    def place(lot: Lot) -> tuple[datetime, int, datetime, str]:
        return lot.expires_at or _NEVER, ranks[lot.origin], lot.at, lot.id

    return sorted(lots, key=place)


def ranks_of(order: Sequence[str]) -> dict[str, int]:
    """Which origin goes first; those that the order leaves out go last, as in ``SPEND_ORDER``."""
    return {origin: rank for rank, origin in enumerate(dict.fromkeys([*order, *SPEND_ORDER]))}


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


def part_of(part: SpentPart, amount: int) -> SpentPart:
    """So much of what was taken of a lot, with its part of what that had cost."""
    cost = part.cost and Money(part.cost.amount * amount // part.amount, part.cost.currency)
    return replace(part, amount=amount, cost=cost)


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
    """The lots that are left, and what was taken of each with its cost; one may be chosen twice."""
    amounts: Counter[str] = Counter()
    for part in chosen:
        amounts[part.lot_id] += part.amount
    left, parts = [], []
    for lot in lots:
        if (amount := amounts[lot.id]) == 0:
            left.append(lot)
            continue
        parts.append(SpentPart(lot=lot, amount=amount, cost=cost_of(lot, amount)))
        if amount < lot.remaining:
            left.append(_reduced(lot, parts[-1]))
    places = {part.lot_id: place for place, part in enumerate(chosen)}
    return left, sorted(parts, key=lambda part: places[part.lot_id])


def put_back(wallet: Wallet, parts: Iterable[SpentPart]) -> list[Lot]:
    """The lots with what was taken of them; one that was used up comes back, with that alone."""
    after = {lot.id: lot for lot in wallet.lots}
    for part in parts:
        found = after.get(part.lot_id)
        cost = part.cost
        if found is not None and found.remaining_cost is not None and cost is not None:
            cost = Money(found.remaining_cost.amount + cost.amount, cost.currency)
        remaining = part.amount + (found.remaining if found else 0)
        lot = found or _as_put_off(part.lot, wallet)
        after[part.lot_id] = replace(lot, remaining=remaining, remaining_cost=cost)
    return list(after.values())


def remembering(before: Wallet, after: Wallet, at: datetime) -> Wallet:
    """``after``, with when each lot that is used up now would have expired, where that was put off."""
    left = {lot.id for lot in after.lots}
    known = before.put_off | {
        lot.id: lot.expires_at for lot in before.lots if lot.extended and lot.expires_at
    }
    put_off = {lot_id: until for lot_id, until in known.items() if lot_id not in left and until > at}
    return replace(after, put_off=put_off)


def _as_put_off(lot: Lot, wallet: Wallet) -> Lot:
    """A used-up lot, which may have been taken of before an admin put its expiry off."""
    if lot.extended or lot.id not in wallet.put_off:
        return lot
    return replace(lot, expires_at=wallet.put_off[lot.id], extended=True, warned_days=None)


def _reduced(lot: Lot, part: SpentPart) -> Lot:
    cost = lot.remaining_cost
    if cost is not None and part.cost is not None:
        cost = Money(cost.amount - part.cost.amount, cost.currency)
    return replace(lot, remaining=lot.remaining - part.amount, remaining_cost=cost)

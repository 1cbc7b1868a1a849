"""How a wallet moves: pure decisions from a wallet and a step to the wallet after it, or a refusal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chalicelib.core.money import Money
from chalicelib.wallet.model import (
    Grant,
    HeldPart,
    Hold,
    HoldAlreadyOpen,
    HoldMove,
    HoldNotOpen,
    HoldStep,
    InsufficientCredits,
    Line,
    Lot,
    LotMove,
    Origin,
    Posting,
    Reference,
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


class Unbalanced(ValueError):
    """A mistake of ours: postings that do not sum to zero per asset, or that pass by a wallet's rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The wallet after a step, and what the step did to it."""

    wallet: Wallet
    amount: int = 0
    held_amount: int = 0
    lots: list[LotMove] = field(default_factory=list)
    hold: HoldMove | None = None
    parts: list[SpentPart] = field(default_factory=list)


def grant(wallet: Wallet, given: Grant, lot_id: str, at: datetime) -> Change:
    """One new lot (A10)."""
    return receive(wallet, [_lot(lot_id, given, at)])


def spend(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> Change:
    """Take ``amount`` of the lots that go first. ``InsufficientCredits`` where they do not hold so much."""
    lots, parts = _taken(wallet.lots, choose(wallet, amount, at, order))
    return Change(
        wallet=_next(wallet, balance=wallet.balance - amount, lots=lots),
        amount=-amount,
        lots=_moves(parts),
        parts=parts,
    )


def receive(wallet: Wallet, lots: Sequence[Lot]) -> Change:
    """Take over lots that another wallet gave."""
    amount = sum(lot.granted for lot in lots)
    return Change(
        wallet=_next(wallet, balance=wallet.balance + amount, lots=[*wallet.lots, *lots]),
        amount=amount,
        lots=[LotMove(lot_id=lot.id, amount=lot.granted, cost=lot.cost) for lot in lots],
    )


def handed_over(
    source: Wallet, parts: Sequence[SpentPart], lot_ids: Sequence[str], at: datetime, reference: Reference
) -> list[Lot]:
    """New lots for what was taken of ``source``: each keeps its origin, its cost and its expiry."""
    expiries = {lot.id: lot.expires_at for lot in source.lots}
    return [
        _lot(
            lot_id,
            Grant(
                origin=part.origin,
                amount=part.amount,
                cost=part.cost,
                reference=reference,
                expires_at=expiries[part.lot_id],
            ),
            at,
        )
        for lot_id, part in zip(lot_ids, parts, strict=True)
    ]


def hold(
    wallet: Wallet,
    amount: int,
    hold_id: str,
    reference: Reference,
    at: datetime,
    order: Sequence[str] = SPEND_ORDER,
) -> Change:
    """Set ``amount`` aside of the lots that go first, and remember which they were."""
    if any(opened.id == hold_id for opened in wallet.holds):
        raise HoldAlreadyOpen(field="hold_id")
    opened = Hold(id=hold_id, parts=choose(wallet, amount, at, order), at=at, reference=reference)
    return Change(
        wallet=_next(wallet, held=wallet.held + amount, holds=[*wallet.holds, opened]),
        held_amount=amount,
        hold=HoldMove(id=hold_id, step=HoldStep.OPENED, parts=opened.parts),
    )


def capture(wallet: Wallet, hold_id: str) -> Change:
    """Spend a hold, of the very lots that it named. ``HoldNotOpen`` where it has ended."""
    ended, holds = _without(wallet, hold_id)
    lots, parts = _taken(wallet.lots, ended.parts)
    return Change(
        wallet=_next(
            wallet,
            balance=wallet.balance - ended.amount,
            held=wallet.held - ended.amount,
            lots=lots,
            holds=holds,
        ),
        amount=-ended.amount,
        held_amount=-ended.amount,
        lots=_moves(parts),
        hold=HoldMove(id=hold_id, step=HoldStep.CAPTURED, parts=ended.parts),
        parts=parts,
    )


def release(wallet: Wallet, hold_id: str) -> Change:
    """Give a hold back to the very lots that it named. ``HoldNotOpen`` where it has ended."""
    ended, holds = _without(wallet, hold_id)
    return Change(
        wallet=_next(wallet, held=wallet.held - ended.amount, holds=holds),
        held_amount=-ended.amount,
        hold=HoldMove(id=hold_id, step=HoldStep.RELEASED, parts=ended.parts),
    )


def choose(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> list[HeldPart]:
    """How much of which lots, the first to go first. ``InsufficientCredits`` where they hold too little."""
    check_amount(amount)
    chosen, missing = [], amount
    for lot, free in in_spend_order(wallet, at, order):
        taken = min(free, missing)
        chosen.append(HeldPart(lot_id=lot.id, amount=taken))
        missing -= taken
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


def line(change: Change) -> Line:
    """The step as the wallet's own journal has it, at its next number."""
    wallet = change.wallet
    return Line(
        owner_id=wallet.owner_id,
        asset=wallet.asset,
        sequence=wallet.entries,
        amount=change.amount,
        held_amount=change.held_amount,
        balance_after=wallet.balance,
        held_after=wallet.held,
        lots=change.lots,
        hold=change.hold,
    )


def own_postings(change: Change) -> list[Posting]:
    """The wallet's side of a step: what is free and what is held are two accounts, the balance their sum."""
    wallet = change.wallet
    sides = (("wallet", change.amount - change.held_amount), ("held", change.held_amount))
    return [
        Posting(account=f"{side}:{wallet.owner_id}", asset=wallet.asset, amount=amount)
        for side, amount in sides
        if amount
    ]


def check_counter_accounts(postings: Iterable[Posting]) -> None:
    """``Unbalanced`` for a posting to a wallet, which only that wallet's own step may write."""
    for posting in postings:
        if posting.account.startswith(("wallet:", "held:")):
            raise Unbalanced(f"{posting.account} is a wallet's, and moves by its own step")


def check_balanced(postings: Iterable[Posting]) -> None:
    """``Unbalanced`` unless they sum to zero in each asset and currency (L1)."""
    if wrong := {asset: total for asset, total in totals(postings).items() if total}:
        raise Unbalanced(f"postings sum to {wrong}")


def totals(postings: Iterable[Posting]) -> dict[str, int]:
    """The sum of the postings in each asset."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.asset] = sums.get(posting.asset, 0) + posting.amount
    return sums


def _lot(lot_id: str, given: Grant, at: datetime) -> Lot:
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


def _taken(lots: Sequence[Lot], chosen: Sequence[HeldPart]) -> tuple[list[Lot], list[SpentPart]]:
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


def _moves(parts: Sequence[SpentPart]) -> list[LotMove]:
    return [
        LotMove(
            lot_id=part.lot_id,
            amount=-part.amount,
            cost=part.cost and Money(-part.cost.amount, part.cost.currency),
        )
        for part in parts
    ]


def _without(wallet: Wallet, hold_id: str) -> tuple[Hold, list[Hold]]:
    for opened in wallet.holds:
        if opened.id == hold_id:
            return opened, [other for other in wallet.holds if other is not opened]
    raise HoldNotOpen(field="hold_id")


def _next(wallet: Wallet, **changed: object) -> Wallet:
    return replace(wallet, entries=wallet.entries + 1, **changed)  # type: ignore[arg-type]  # fields by name

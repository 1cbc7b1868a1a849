"""How a wallet moves: pure decisions from a wallet and a step to the wallet after it, or a refusal."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.wallet.lots import SPEND_ORDER, choose, new_lot, taken
from chalicelib.wallet.model import (
    Grant,
    Hold,
    HoldAlreadyOpen,
    HoldMove,
    HoldNotOpen,
    HoldStep,
    Line,
    Lot,
    LotMove,
    Posting,
    Reference,
    SpentPart,
    Wallet,
)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The wallet after a step, and what the step did to it."""

    wallet: Wallet
    amount: int = 0
    held_amount: int = 0
    lots: list[LotMove] = []
    hold: HoldMove | None = None
    parts: list[SpentPart] = []


def grant(wallet: Wallet, given: Grant, lot_id: str, at: datetime) -> Change:
    """One new lot (A10)."""
    return receive(wallet, [new_lot(lot_id, given, at)])


def spend(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> Change:
    """Take ``amount`` of the lots that go first. ``InsufficientCredits`` where they do not hold so much."""
    lots, parts = taken(wallet.lots, choose(wallet, amount, at, order))
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
        new_lot(
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
    lots, parts = taken(wallet.lots, ended.parts)
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
    return replace(wallet, entries=wallet.entries + 1, **changed)

"""How a wallet moves: pure decisions from a wallet and a step to the wallet after it, or a refusal."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.wallet.change import Change, following, moves_in, moves_out
from chalicelib.wallet.debts import check_owes_nothing, losing, paying_debt
from chalicelib.wallet.ledger import HoldMove, HoldStep, LotMove
from chalicelib.wallet.lots import SPEND_ORDER, choose, new_lot, put_back, spendable, taken
from chalicelib.wallet.model import (
    AdjustmentTooLarge,
    Grant,
    Hold,
    HoldAlreadyOpen,
    HoldNotOpen,
    Reference,
    SpentPart,
    TooManyLots,
    Wallet,
)

MAX_HELD_PARTS = 100  # they stand in the wallet's item


def grant(wallet: Wallet, given: Grant, lot_id: str, at: datetime, lost: int = 0) -> Change:
    """One new lot (A10), of which ``lost`` is gone at once; what is owed is paid of the rest first."""
    entry = wallet.entries + 1
    lot = replace(new_lot(lot_id, given, at), entry=entry)
    change = Change(
        wallet=following(wallet, balance=wallet.balance + lot.granted, lots=[*wallet.lots, lot]),
        amount=lot.granted,
        lots=[LotMove(lot_id=lot.id, amount=lot.granted, cost=lot.cost, entry=entry)],
    )
    return paying_debt(losing(change, lot.id, lost), [lot.id])


def spend(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> Change:
    """Take ``amount`` of the lots that go first. ``InsufficientCredits`` where they do not hold so much."""
    check_owes_nothing(wallet)
    return _taken_of(wallet, amount, at, order)


def deduct(wallet: Wallet, amount: int, at: datetime, order: Sequence[str] = SPEND_ORDER) -> Change:
    """The same by an admin's hand, who may do so where the wallet owes. ``AdjustmentTooLarge``."""
    available = spendable(wallet, at)
    if amount > available:
        raise AdjustmentTooLarge(f"{available} are free.", field="amount", available=available)
    return _taken_of(wallet, amount, at, order)


def _taken_of(wallet: Wallet, amount: int, at: datetime, order: Sequence[str]) -> Change:
    lots, parts = taken(wallet.lots, choose(wallet, amount, at, order))
    return Change(
        wallet=following(wallet, balance=wallet.balance - amount, lots=lots),
        amount=-amount,
        lots=moves_out(parts),
        parts=parts,
    )


def put_back_spent(wallet: Wallet, parts: Sequence[SpentPart]) -> Change:
    """Give spent parts back to the very lots they were taken of; they pay what the wallet owes first."""
    amount = sum(part.amount for part in parts)
    change = Change(
        wallet=following(wallet, balance=wallet.balance + amount, lots=put_back(wallet, parts)),
        amount=amount,
        lots=moves_in(parts),
    )
    return paying_debt(change, [part.lot_id for part in parts])


def hold(
    wallet: Wallet,
    amount: int,
    hold_id: str,
    reference: Reference,
    at: datetime,
    order: Sequence[str] = SPEND_ORDER,
    expires_at: datetime | None = None,
) -> Change:
    """Set ``amount`` aside of the lots that go first, and remember which they were. ``TooManyLots``."""
    check_owes_nothing(wallet)
    if any(opened.id == hold_id for opened in wallet.holds):
        raise HoldAlreadyOpen(field="hold_id")
    parts = choose(wallet, amount, at, order)
    if len(parts) + sum(len(opened.parts) for opened in wallet.holds) > MAX_HELD_PARTS:
        raise TooManyLots(f"At most {MAX_HELD_PARTS} parts of lots are held at once.")
    opened = Hold(id=hold_id, parts=parts, at=at, reference=reference, expires_at=expires_at)
    return Change(
        wallet=following(wallet, held=wallet.held + amount, holds=[*wallet.holds, opened]),
        held_amount=amount,
        hold=HoldMove(id=hold_id, step=HoldStep.OPENED, parts=opened.parts),
    )


def capture(wallet: Wallet, hold_id: str) -> Change:
    """Spend a hold, of the very lots that it named. ``HoldNotOpen`` where it has ended."""
    ended, holds = _without(wallet, hold_id)
    lots, parts = taken(wallet.lots, ended.parts)
    return Change(
        wallet=following(
            wallet,
            balance=wallet.balance - ended.amount,
            held=wallet.held - ended.amount,
            lots=lots,
            holds=holds,
        ),
        amount=-ended.amount,
        held_amount=-ended.amount,
        lots=moves_out(parts),
        hold=HoldMove(id=hold_id, step=HoldStep.CAPTURED, parts=ended.parts),
        parts=parts,
    )


def release(wallet: Wallet, hold_id: str, step: HoldStep = HoldStep.RELEASED) -> Change:
    """Give a hold back to the very lots that it named; what the wallet owes is paid of them first.

    ``HoldNotOpen`` where it has ended.
    """
    ended, holds = _without(wallet, hold_id)
    change = Change(
        wallet=following(wallet, held=wallet.held - ended.amount, holds=holds),
        held_amount=-ended.amount,
        hold=HoldMove(id=hold_id, step=step, parts=ended.parts),
    )
    return paying_debt(change, [part.lot_id for part in ended.parts])


def _without(wallet: Wallet, hold_id: str) -> tuple[Hold, list[Hold]]:
    for opened in wallet.holds:
        if opened.id == hold_id:
            return opened, [other for other in wallet.holds if other is not opened]
    raise HoldNotOpen(field="hold_id")

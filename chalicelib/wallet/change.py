"""What a step does to a wallet, and how its journal and the ledger say so."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.wallet.ledger import HoldMove, Line, LotMove, Posting
from chalicelib.wallet.model import SpentPart, Wallet


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The wallet after a step, and what the step did to it."""

    wallet: Wallet
    amount: int = 0
    held_amount: int = 0
    owed_amount: int = 0
    lots: list[LotMove] = []
    hold: HoldMove | None = None
    parts: list[SpentPart] = []


def line_of(change: Change) -> Line:
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
        owed_amount=change.owed_amount,
        owed_after=wallet.owed,
    )


def own_postings(change: Change) -> list[Posting]:
    """The wallet's side of a step: what is free, what is held (their sum is the balance), what it owes."""
    wallet = change.wallet
    sides = (
        ("wallet", change.amount - change.held_amount),
        ("held", change.held_amount),
        ("owed", -change.owed_amount),
    )
    return [
        Posting(account=f"{side}:{wallet.owner_id}", asset=wallet.asset, amount=amount)
        for side, amount in sides
        if amount
    ]


def moves_out(parts: Iterable[SpentPart]) -> list[LotMove]:
    """What was taken of each lot, as the line has it."""
    return [
        LotMove(
            lot_id=part.lot_id,
            amount=-part.amount,
            cost=part.cost and Money(-part.cost.amount, part.cost.currency),
            entry=part.lot.entry,
        )
        for part in parts
    ]


def moves_in(parts: Iterable[SpentPart]) -> list[LotMove]:
    """What came back to each lot."""
    return [
        LotMove(lot_id=part.lot_id, amount=part.amount, cost=part.cost, entry=part.lot.entry)
        for part in parts
    ]


def moves_through(moves: Iterable[LotMove]) -> tuple[list[LotMove], list[LotMove]]:
    """What comes back to lots and goes again in one step."""
    back = list(moves)
    gone = [
        replace(move, amount=-move.amount, cost=move.cost and Money(-move.cost.amount, move.cost.currency))
        for move in back
    ]
    return back, gone


def following(wallet: Wallet, **changed: object) -> Wallet:
    """The wallet after its journal's next line."""
    return replace(wallet, entries=wallet.entries + 1, **changed)

"""What expired, as the journal tells: taken back it comes of breakage, and is not owed."""

from collections import Counter
from collections.abc import Iterable, Sequence

from chalicelib.wallet.ledger import LedgerTransaction, LotMove, Posting
from chalicelib.wallet.model import Reference

BREAKAGE = "breakage"


def posting(asset: str, amount: int) -> list[Posting]:
    """What a step adds to breakage; below zero where it takes of it."""
    return [Posting(account=BREAKAGE, asset=asset, amount=amount)] if amount else []


def booked(entry: LedgerTransaction) -> int:
    """What a step added to breakage."""
    return _posted(entry, BREAKAGE)


def is_of(entry: LedgerTransaction, reference: Reference) -> bool:
    return reference.items() <= entry.reference.items()


def lost(entries: Iterable[LedgerTransaction]) -> list[LotMove]:
    """How much of each lot these lines booked as breakage, less what they took of it again.

    A step that takes of breakage brings it back to its lot before; one that books what comes again of a lot
    does so before a debt is paid of that.
    """
    left: Counter[tuple[str, int]] = Counter()
    for entry in entries:
        there = booked(entry)
        for move in entry.line.lots:
            if move.amount * there < 0:
                part = min(there, -move.amount) if there > 0 else max(there, -move.amount)
                left[move.lot_id, move.entry] += part
                there -= part
    return [
        LotMove(lot_id=lot_id, amount=amount, cost=None, entry=entry)
        for (lot_id, entry), amount in left.items()
        if amount > 0
    ]


def lost_of(entries: Sequence[LedgerTransaction], reference: Reference) -> list[LotMove]:
    """The same of the lots that lines with this reference brought."""
    brought = {entry.sequence for entry in entries if is_of(entry, reference)}
    return [move for move in lost(entries) if move.entry in brought]


def lost_again(entries: Iterable[LedgerTransaction], reference: Reference, amount: int) -> int:
    """Of ``amount`` that comes again, what goes back to breakage. The oldest line first.

    It was taken back of the lots, then of breakage, and the rest was owed: so it comes again the other way
    round.
    """
    owed = taken = 0
    for entry in entries:
        if is_of(entry, reference):
            given = -_posted(entry, "issued:")
            owed = max(owed - given + booked(entry), 0) if given else owed + entry.line.owed_amount
            taken -= booked(entry)
    return min(taken, max(amount - owed, 0))


def _posted(entry: LedgerTransaction, account: str) -> int:
    return sum(posting.amount for posting in entry.postings if posting.account.startswith(account))

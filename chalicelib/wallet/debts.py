"""What is taken back of a wallet, and what it owes where that is no longer there."""

from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from chalicelib.wallet.change import Change, following, moves_out, moves_through
from chalicelib.wallet.ledger import LotMove
from chalicelib.wallet.lots import by_spend_order, free_of, portions, taken
from chalicelib.wallet.model import HeldPart, Lot, Reference, Wallet, WalletOwes, check_amount


def check_owes_nothing(wallet: Wallet) -> None:
    """``WalletOwes`` with what is ``owed``."""
    if wallet.owed:
        raise WalletOwes(owed=wallet.owed)


def claw_back(wallet: Wallet, amount: int, reference: Reference, lost: Sequence[LotMove] = ()) -> Change:
    """Take ``amount`` of what is free of the lots with this reference, expired or not; the rest is owed.

    What they ``lost`` to breakage is taken of there first.
    """
    check_amount(amount)
    meant = [lot for lot in wallet.lots if reference.items() <= lot.reference.items()]
    free = free_of(wallet, by_spend_order(meant))
    _, missing = portions(free, amount)
    return taken_back(wallet, amount, free, _first_of(lost, missing))


def taken_back(
    wallet: Wallet, amount: int, free: Sequence[tuple[Lot, int]], found: Sequence[LotMove]
) -> Change:
    """``amount`` of what was ``found`` in breakage, which its lots have again before, and of what is free.

    The rest is owed.
    """
    chosen, missing = portions(free, amount - sum(move.amount for move in found))
    lots, parts = taken(wallet.lots, chosen)
    there = sum(part.amount for part in chosen)
    back, gone = moves_through(found)
    return Change(
        wallet=following(wallet, balance=wallet.balance - there, owed=wallet.owed + missing, lots=lots),
        amount=-there,
        owed_amount=missing,
        lots=[*back, *moves_out(parts), *gone],
        parts=parts,
    )


def _first_of(lost: Iterable[LotMove], amount: int) -> list[LotMove]:
    """As much of what was lost, one after another."""
    found = []
    for move in lost:
        if part := min(move.amount, amount):
            found.append(replace(move, amount=part))
            amount -= part
    return found


def losing(change: Change, lot_id: str, amount: int) -> Change:
    """The same step, after which ``amount`` of this lot is gone to breakage."""
    return _without(change, [HeldPart(lot_id=lot_id, amount=amount)], 0) if amount else change


def paying_debt(change: Change, lot_ids: Collection[str]) -> Change:
    """The same step, which also pays what the wallet owes, of all that is free of these lots after it."""
    wallet = change.wallet
    if not wallet.owed:
        return change
    freed = [lot for lot in by_spend_order(wallet.lots) if lot.id in lot_ids]
    chosen, missing = portions(free_of(wallet, freed), wallet.owed)
    return _without(change, chosen, wallet.owed - missing)


def _without(change: Change, chosen: Sequence[HeldPart], paid: int) -> Change:
    """The same step, which also takes this of lots; ``paid`` of it is owed no more."""
    wallet, amount = change.wallet, sum(part.amount for part in chosen)
    lots, parts = taken(wallet.lots, chosen)
    return replace(
        change,
        wallet=replace(wallet, balance=wallet.balance - amount, owed=wallet.owed - paid, lots=lots),
        amount=change.amount - amount,
        owed_amount=change.owed_amount - paid,
        lots=[*change.lots, *moves_out(parts)],
    )

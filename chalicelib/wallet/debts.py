"""What is taken back of a wallet, and what it owes where that is no longer there."""

from collections.abc import Collection

from msgspec.structs import replace

from chalicelib.wallet.change import Change, following, moves_out
from chalicelib.wallet.lots import by_spend_order, free_of, portions, taken
from chalicelib.wallet.model import Reference, Wallet, WalletOwes, check_amount


def check_owes_nothing(wallet: Wallet) -> None:
    """``WalletOwes`` with what is ``owed``."""
    if wallet.owed:
        raise WalletOwes(owed=wallet.owed)


def claw_back(wallet: Wallet, amount: int, reference: Reference) -> Change:
    """Take ``amount`` of what is free of the lots with this reference, expired or not; the rest is owed."""
    check_amount(amount)
    meant = [lot for lot in wallet.lots if reference.items() <= lot.reference.items()]
    chosen, missing = portions(free_of(wallet, by_spend_order(meant)), amount)
    lots, parts = taken(wallet.lots, chosen)
    there = amount - missing
    return Change(
        wallet=following(wallet, balance=wallet.balance - there, owed=wallet.owed + missing, lots=lots),
        amount=-there,
        owed_amount=missing,
        lots=moves_out(parts),
        parts=parts,
    )


def paying_debt(change: Change, lot_ids: Collection[str]) -> Change:
    """The same step, which also pays what the wallet owes, of what it has made free of these lots."""
    wallet = change.wallet
    if not wallet.owed:
        return change
    freed = [lot for lot in by_spend_order(wallet.lots) if lot.id in lot_ids]
    chosen, missing = portions(free_of(wallet, freed), wallet.owed)
    lots, parts = taken(wallet.lots, chosen)
    paid = wallet.owed - missing
    return replace(
        change,
        wallet=replace(wallet, balance=wallet.balance - paid, owed=missing, lots=lots),
        amount=change.amount - paid,
        owed_amount=change.owed_amount - paid,
        lots=[*change.lots, *moves_out(parts)],
    )

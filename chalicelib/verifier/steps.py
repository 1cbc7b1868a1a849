"""What a step posts to wallets is what its own line says of its own wallet, and nothing of another (L2)."""

from collections.abc import Iterator

from chalicelib.verifier.model import Difference
from chalicelib.wallet.ledger import LedgerTransaction

Moved = tuple[int, int]  # what a step changed of a wallet's balance, and of what it owes

_NOTHING: Moved = (0, 0)


def unsaid(transaction: LedgerTransaction) -> Iterator[Difference]:
    """Each wallet of which the postings and the line say something else."""
    line = transaction.line
    said = {f"{line.owner_id} {line.asset}": (line.amount, line.owed_amount)}
    posted = _wallet_postings(transaction)
    for own in sorted(said.keys() | posted.keys()):
        if said.get(own, _NOTHING) != posted.get(own, _NOTHING):
            detail = (
                f"{transaction.id} posts {posted.get(own, _NOTHING)}, "
                f"the wallet's own line says {said.get(own, _NOTHING)}"
            )
            place = f"{transaction.platform_id} {own}"
            yield Difference(rule="L2", name="posting-without-line", place=place, detail=detail)


def _wallet_postings(transaction: LedgerTransaction) -> dict[str, Moved]:
    """What the postings change of each wallet: free and held are its balance, and a debt is below zero."""
    posted: dict[str, Moved] = {}
    for posting in transaction.postings:
        kind, _, owner_id = posting.account.partition(":")
        if kind in ("wallet", "held", "owed"):
            own = f"{owner_id} {posting.asset}"
            balance, owed = posted.get(own, _NOTHING)
            moved = (balance, owed - posting.amount) if kind == "owed" else (balance + posting.amount, owed)
            posted[own] = moved
    return posted

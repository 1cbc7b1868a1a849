"""The rules of postings: double entry, in each asset and currency by itself."""

from collections.abc import Iterable

from chalicelib.wallet.ledger import Posting


class Unbalanced(ValueError):
    """A mistake of ours: postings that do not sum to zero per asset, or that pass by a wallet's rules."""


def check_counter_accounts(postings: Iterable[Posting]) -> None:
    """``Unbalanced`` for a posting to a wallet, which only that wallet's own step may write."""
    for posting in postings:
        if posting.account.startswith(("wallet:", "held:", "owed:")):
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

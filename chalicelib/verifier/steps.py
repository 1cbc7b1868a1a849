"""A step of several wallets stands at its home, and every other wallet has its own line (L2, L3)."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.model import EntryPointer, LedgerTransaction

Moved = tuple[int, int]  # what a step changed of a wallet's balance, and of what it owes


class Home(msgspec.Struct, frozen=True, array_like=True):
    """What a transaction posts to each wallet, by owner and asset, and what its own line says."""

    transaction_id: str
    own: str
    line: Moved
    posted: dict[str, Moved]


class Pointer(msgspec.Struct, frozen=True, array_like=True):
    """The line of another wallet."""

    transaction_id: str
    own: str
    sequence: int
    line: Moved


class Steps:
    """One step, by the number that it has at its home."""

    kinds: ClassVar[tuple[type, ...]] = (Home, Pointer)

    def __init__(self, group: str) -> None:
        self._platform_id, self._home = group.split(" ", 1)
        self._homes: list[Home] = []
        self._pointers: list[Pointer] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, LedgerTransaction):
            own, moved = _own(record), (record.line.amount, record.line.owed_amount)
            posted = _wallet_postings(record)
            if posted == {own: moved} or (not posted and moved == (0, 0)):
                return  # it touches no other wallet, and its own line says what it posts
            group = f"{record.platform_id} {own} {record.line.sequence}"
            yield Fact(group, Home(record.id, own, moved, posted))
        elif isinstance(record, EntryPointer):
            group = f"{record.platform_id} {record.home_owner_id} {record.home_asset} {record.home_sequence}"
            moved = record.line.amount, record.line.owed_amount
            yield Fact(group, Pointer(record.transaction_id, _own(record), record.line.sequence, moved))

    def see(self, content: Home | Pointer) -> None:
        if isinstance(content, Home):
            self._homes.append(content)
        else:
            self._pointers.append(content)

    def differences(self) -> Iterator[Difference]:
        standing = {home.transaction_id for home in self._homes}
        for pointer in self._pointers:
            if pointer.transaction_id not in standing:
                place = f"{self._platform_id} {pointer.own} {pointer.sequence}"
                detail = f"{pointer.transaction_id} does not stand at {self._home}"
                yield Difference(rule="L3", name="pointer-without-home", place=place, detail=detail)
        said = {pointer.own: pointer.line for pointer in self._pointers}
        for home in self._homes:
            yield from self._posted(home, said | {home.own: home.line})

    def _posted(self, home: Home, said: dict[str, Moved]) -> Iterator[Difference]:
        """What a transaction posts to a wallet is what that wallet's own line says."""
        for own in sorted(home.posted.keys() | {home.own}):
            posted = home.posted.get(own, (0, 0))
            if said.get(own) != posted:
                detail = f"{home.transaction_id} posts {posted}, the wallet's own line says {said.get(own)}"
                place = f"{self._platform_id} {own}"
                yield Difference(rule="L2", name="posting-without-line", place=place, detail=detail)


def _own(record: LedgerTransaction | EntryPointer) -> str:
    return f"{record.line.owner_id} {record.line.asset}"


def _wallet_postings(transaction: LedgerTransaction) -> dict[str, Moved]:
    """What the postings change of each wallet: free and held are its balance, and a debt is below zero."""
    posted: dict[str, Moved] = {}
    for posting in transaction.postings:
        kind, _, owner_id = posting.account.partition(":")
        if kind in ("wallet", "held", "owed"):
            own = f"{owner_id} {posting.asset}"
            balance, owed = posted.get(own, (0, 0))
            moved = (balance, owed - posting.amount) if kind == "owed" else (balance + posting.amount, owed)
            posted[own] = moved
    return posted

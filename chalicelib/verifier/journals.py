"""Every wallet beside the fold of its journal: L2, L3 and L7."""

from collections import defaultdict
from collections.abc import Iterator

from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.verifier.fold import Fold
from chalicelib.verifier.model import Difference, Seen
from chalicelib.wallet.model import EntryPointer, LedgerTransaction, Line, Wallet

Place = tuple[str, str, str]  # platform, owner, asset
Step = tuple[Place, int]
Moved = tuple[int, int]  # what a step changed of a wallet's balance, and of what it owes


class Journals:
    """Keeps a few numbers per line of each journal, and one fold per wallet."""

    def __init__(self) -> None:
        self._found: list[Difference] = []
        self._folds: dict[Place, Fold] = defaultdict(Fold)
        self._wallets: dict[Place, Wallet] = {}
        self._homes: dict[Step, tuple[str, dict[Place, Moved]]] = {}
        self._pointers: dict[Step, tuple[str, Step]] = {}

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Wallet):
            self._wallets[record.platform_id, record.owner_id, record.asset] = record
        elif isinstance(record, LedgerTransaction):
            self._see_line(record.platform_id, record.line, item.key)
            step = (record.platform_id, record.line.owner_id, record.line.asset), record.line.sequence
            self._homes[step] = record.id, _wallet_postings(record)
        elif isinstance(record, EntryPointer):
            self._see_line(record.platform_id, record.line, item.key)
            home = (record.platform_id, record.home_owner_id, record.home_asset), record.home_sequence
            step = (record.platform_id, record.line.owner_id, record.line.asset), record.line.sequence
            self._pointers[step] = record.transaction_id, home

    def differences(self) -> Iterator[Difference]:
        yield from self._found
        for place in sorted(self._folds.keys() | self._wallets.keys()):
            named = " ".join(place)
            wallet = self._wallets.get(place)
            for rule, name, detail in self._folds[place].compared(wallet):
                yield Difference(rule=rule, name=name, place=named, detail=detail)
        yield from self._pointers_without_home()
        yield from self._postings_beside_lines()

    def _see_line(self, platform_id: str, line: Line, key: Key) -> None:
        expected = keys.entry(platform_id, line.owner_id, line.asset, line.sequence)
        if key != expected:
            detail = f"a line that says it is number {line.sequence} of {expected.pk}"
            self._found.append(
                Difference(rule="L3", name="misplaced-entry", place=f"{key.pk} {key.sk}", detail=detail)
            )
        self._folds[platform_id, line.owner_id, line.asset].add(line)

    def _pointers_without_home(self) -> Iterator[Difference]:
        for (place, sequence), (transaction_id, home) in self._pointers.items():
            if self._homes.get(home, ("", None))[0] != transaction_id:
                named = f"{' '.join(place)} {sequence}"
                detail = f"{transaction_id} does not stand at {' '.join(home[0])} {home[1]}"
                yield Difference(rule="L3", name="pointer-without-home", place=named, detail=detail)

    def _postings_beside_lines(self) -> Iterator[Difference]:
        """What a transaction posts to a wallet is what that wallet's own line says."""
        pointed = {(home, step[0]): step for step, (_, home) in self._pointers.items()}
        for home, (transaction_id, posted) in self._homes.items():
            for place in posted.keys() | {home[0]}:
                step = home if place == home[0] else pointed.get((home, place))
                said = self._folds[place].moved(step[1]) if step else None
                if said != posted.get(place, (0, 0)):
                    detail = f"{transaction_id} posts {posted.get(place)}, the wallet's own line says {said}"
                    yield Difference(
                        rule="L2", name="posting-without-line", place=" ".join(place), detail=detail
                    )


def _wallet_postings(transaction: LedgerTransaction) -> dict[Place, Moved]:
    """What the postings change of each wallet: free and held are its balance, and a debt is below zero."""
    posted: dict[Place, Moved] = {}
    for posting in transaction.postings:
        kind, _, owner_id = posting.account.partition(":")
        if kind in ("wallet", "held", "owed"):
            place = transaction.platform_id, owner_id, posting.asset
            balance, owed = posted.get(place, (0, 0))
            moved = (balance, owed - posting.amount) if kind == "owed" else (balance + posting.amount, owed)
            posted[place] = moved
    return posted

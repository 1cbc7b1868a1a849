"""The ledger as a whole: it balances (L1), operations happen once (L5), nothing appears or is lost (L6)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.assignments.model import AssignmentEntry
from chalicelib.orders.journal import OrderEntry
from chalicelib.table import keys
from chalicelib.telephony.model import PhoneEntry
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.verifier.steps import unsaid
from chalicelib.wallet.ledger import LedgerTransaction
from chalicelib.wallet.model import ASSETS, Wallet

Account = tuple[str, str]  # platform and asset


class Postings:
    """L1, L6, and each line in its place, as its postings say.

    It keeps one number per platform, asset and kind of account.
    """

    def __init__(self) -> None:
        self._found: list[Difference] = []
        self._flows: dict[Account, Counter[str]] = defaultdict(Counter)
        self._in_wallets: Counter[Account] = Counter()

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Wallet):
            self._in_wallets[record.platform_id, record.asset] += record.balance
        if isinstance(record, LedgerTransaction | OrderEntry | AssignmentEntry | PhoneEntry):
            self._see_transaction(record)
        if isinstance(record, LedgerTransaction):
            self._found += [*_misplaced(item, record), *unsaid(record)]

    def differences(self) -> Iterator[Difference]:
        yield from self._found
        for account in sorted(self._flows.keys() | self._in_wallets.keys()):
            yield from self._conserved(account)

    def _see_transaction(
        self, transaction: LedgerTransaction | OrderEntry | AssignmentEntry | PhoneEntry
    ) -> None:
        sums: Counter[str] = Counter()
        for posting in transaction.postings:
            sums[posting.asset] += posting.amount
            flow = _flow(posting.account)
            self._flows[transaction.platform_id, posting.asset][flow] += posting.amount
        for asset, total in sums.items():
            if total:
                detail = f"the postings in {asset} sum to {total}"
                place = f"{transaction.platform_id} {transaction.id}"
                self._found.append(Difference(rule="L1", name="unbalanced", place=place, detail=detail))

    def _conserved(self, account: Account) -> Iterator[Difference]:
        """What was granted, and neither spent nor refunded nor expired, is in the wallets (L6).

        What they owe was spent once more than it was granted.
        """
        platform_id, asset = account
        if asset not in ASSETS:
            return
        flows, held = self._flows[account], self._in_wallets[account]
        granted = -flows["issued"]
        left = granted - flows["spent"] - flows["expired"] - flows["owed"]
        if left != held:
            detail = (
                f"{granted} granted, {flows['spent']} spent or refunded, {flows['expired']} expired, "
                f"{-flows['owed']} owed: {left} should be in the wallets, {held} are"
            )
            yield Difference(rule="L6", name="not-conserved", place=f"{platform_id} {asset}", detail=detail)


def _flow(account: str) -> str:
    """A wallet's own accounts are what is left; the rest is where it came from and where it went."""
    kind = account.split(":", 1)[0]
    return {"wallet": "left", "held": "left", "owed": "owed", "issued": "issued", "breakage": "expired"}.get(
        kind, "spent"
    )


def _misplaced(item: Seen, record: LedgerTransaction) -> Iterator[Difference]:
    line, key = record.line, item.key
    expected = keys.entry(record.platform_id, line.owner_id, line.asset, line.sequence)
    if key != expected:
        detail = f"a line that says it is number {line.sequence} of {expected.pk}"
        yield Difference(rule="L3", name="misplaced-entry", place=f"{key.pk} {key.sk}", detail=detail)


class Happened(msgspec.Struct, frozen=True, array_like=True):
    """That a ledger transaction is of this operation."""

    transaction_id: str


class Operations:
    """L5, of one operation."""

    kinds: ClassVar[tuple[type, ...]] = (Happened,)

    def __init__(self, group: str) -> None:
        self._group = group
        self._transactions: list[str] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, LedgerTransaction | OrderEntry | AssignmentEntry | PhoneEntry):
            yield Fact(f"{record.platform_id} {record.operation}", Happened(record.id))

    def see(self, content: Happened) -> None:
        self._transactions.append(content.transaction_id)

    def differences(self) -> Iterator[Difference]:
        if len(self._transactions) > 1:
            detail = f"ledger transactions {', '.join(self._transactions)}"
            yield Difference(rule="L5", name="operation-twice", place=self._group, detail=detail)

"""The ledger as a whole: it balances (L1), operations happen once (L5), nothing appears or is lost (L6)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from chalicelib.assignments.model import AssignmentEntry
from chalicelib.orders.journal import OrderEntry
from chalicelib.verifier.model import Difference, Seen
from chalicelib.wallet.model import ASSETS, LedgerTransaction, Wallet

Account = tuple[str, str]  # platform and asset


class Postings:
    """L1, L5 and L6; keeps one number per asset and kind of account, and the names of the operations."""

    def __init__(self) -> None:
        self._found: list[Difference] = []
        self._operations: Counter[tuple[str, str]] = Counter()
        self._flows: dict[Account, Counter[str]] = defaultdict(Counter)
        self._in_wallets: Counter[Account] = Counter()

    def see(self, item: Seen) -> None:
        if isinstance(item.record, Wallet):
            self._in_wallets[item.record.platform_id, item.record.asset] += item.record.balance
        elif isinstance(item.record, LedgerTransaction | OrderEntry | AssignmentEntry):
            self._see_transaction(item.record)

    def differences(self) -> Iterator[Difference]:
        yield from self._found
        for (platform_id, operation), count in self._operations.items():
            if count > 1:
                detail = f"{count} ledger transactions"
                yield Difference(
                    rule="L5", name="operation-twice", place=f"{platform_id} {operation}", detail=detail
                )
        for account in self._flows.keys() | self._in_wallets.keys():
            yield from self._conserved(account)

    def _see_transaction(self, transaction: LedgerTransaction | OrderEntry | AssignmentEntry) -> None:
        self._operations[transaction.platform_id, transaction.operation] += 1
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

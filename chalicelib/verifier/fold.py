"""One wallet, folded again from the lines of its journal."""

from collections import Counter
from collections.abc import Iterator, Mapping

from chalicelib.wallet.ledger import Line
from chalicelib.wallet.model import HeldPart, Wallet

Finding = tuple[str, str, str]  # rule, name, detail


class Fold:
    """Takes lines in the order of their numbers; ``compared`` says where the wallet or the lines differ.

    It keeps sums, and of lots those alone that are not used up: a journal of any length fits.
    """

    def __init__(self) -> None:
        self._last = self._count = 0
        self._first_missing: int | None = None
        self._balance = self._held = self._owed = 0
        self._is_running_right = True
        self._lots: Counter[str] = Counter()
        self._costs: Counter[str] = Counter()
        self._found: list[Finding] = []

    def add(self, line: Line) -> None:
        """One line; of two with one number the first counts."""
        if line.sequence == self._last:
            self._found.append(("L3", "sequence-double", f"number {line.sequence} stands twice"))
            return
        if line.sequence != self._last + 1 and self._first_missing is None:
            self._first_missing = self._last + 1
        self._last, self._count = line.sequence, self._count + 1
        self._run(line)
        self._move_lots(line)

    def compared(self, wallet: Wallet | None) -> Iterator[Finding]:
        """Every difference between the lines, and between them and the wallet as it is stored."""
        yield from self._found
        yield from self._sequence(wallet.entries if wallet else 0)
        yield from self._lots_overdrawn()
        if wallet is None:
            yield "L2", "wallet-missing", f"a journal of {self._count} lines has no wallet"
        else:
            yield from self._balances(wallet)
            yield from self._stored_lots(wallet)

    def _run(self, line: Line) -> None:
        self._balance += line.amount
        self._held += line.held_amount
        self._owed += line.owed_amount
        said = line.balance_after, line.held_after, line.owed_after
        folded = self._balance, self._held, self._owed
        if said != folded and self._is_running_right:
            self._is_running_right = False
            detail = f"line {line.sequence} says {said}, the fold {folded}: balance, held, owed"
            self._found.append(("L2", "running-balance", detail))

    def _move_lots(self, line: Line) -> None:
        for move in line.lots:
            self._lots[move.lot_id] += move.amount
            self._costs[move.lot_id] += move.cost.amount if move.cost else 0
            if not self._lots[move.lot_id] and not self._costs[move.lot_id]:
                del self._lots[move.lot_id], self._costs[move.lot_id]
        if sum(move.amount for move in line.lots) != line.amount:
            detail = f"line {line.sequence} moves its lots by another amount"
            self._found.append(("L7", "lots-not-amount", detail))

    def _sequence(self, entries: int) -> Iterator[Finding]:
        last = max(entries, self._last)
        missing = last - self._count
        if missing:
            first = self._first_missing or self._last + 1
            yield "L3", "sequence-gap", f"{missing} of {last} are missing, the first is {first}"
        if last > entries:
            yield "L3", "sequence-beyond-wallet", f"the wallet counts {entries} lines, the last is {last}"

    def _lots_overdrawn(self) -> Iterator[Finding]:
        for lot_id, left in self._lots.items():
            if left < 0:
                yield "L7", "lot-overdrawn", f"{lot_id} gave {-left} more than it had"

    def _balances(self, wallet: Wallet) -> Iterator[Finding]:
        if wallet.balance != self._balance:
            yield "L2", "balance-not-fold", f"the wallet says {wallet.balance}, the fold {self._balance}"
        if wallet.held != self._held:
            yield "L2", "held-not-fold", f"the wallet says {wallet.held}, the fold {self._held}"
        if wallet.owed != self._owed:
            yield "L2", "owed-not-fold", f"the wallet says {wallet.owed}, the fold {self._owed}"
        opened = sum(hold.amount for hold in wallet.holds)
        if wallet.held != opened:
            yield "L2", "held-not-holds", f"the wallet says {wallet.held}, its open holds {opened}"
        if wallet.available < 0 or wallet.held < 0 or wallet.owed < 0:
            detail = f"available is {wallet.available}, held is {wallet.held}, owed is {wallet.owed}"
            yield "L2", "negative", detail
        lots = sum(lot.remaining for lot in wallet.lots)
        if wallet.balance != lots:
            yield "L2", "balance-not-lots", f"the wallet says {wallet.balance}, its lots {lots}"

    def _stored_lots(self, wallet: Wallet) -> Iterator[Finding]:
        for lot in wallet.lots:
            if lot.remaining > lot.granted:
                yield "L7", "lot-above-grant", f"{lot.id} holds {lot.remaining} of the {lot.granted} granted"
        stored = {lot.id: lot.remaining for lot in wallet.lots}
        folded = {lot_id: left for lot_id, left in self._lots.items() if left}
        if stored != folded:
            yield "L2", "lots-not-fold", _first_difference(stored, folded)
        costs = {lot.id: lot.remaining_cost.amount for lot in wallet.lots if lot.remaining_cost}
        left = {lot_id: self._costs[lot_id] for lot_id in costs}
        if costs != left:
            yield "L2", "lot-cost-not-fold", _first_difference(costs, left)
        for lot_id, cost in self._costs.items():
            if cost and not self._lots[lot_id]:
                yield "L2", "lot-cost-not-spent", f"{lot_id} is used up, {cost} of its cost is not"
        yield from _overheld(wallet)


def _overheld(wallet: Wallet) -> Iterator[Finding]:
    held: Counter[str] = Counter()
    for hold in wallet.holds:
        held.update(amounts(hold.parts))
    remaining = Counter({lot.id: lot.remaining for lot in wallet.lots})
    for lot_id, amount in held.items():
        if amount > remaining[lot_id]:
            yield "L7", "lot-overheld", f"{amount} of {lot_id} are held, {remaining[lot_id]} remain"


def amounts(parts: list[HeldPart]) -> dict[str, int]:
    """How much of each lot."""
    return {part.lot_id: part.amount for part in parts}


def _first_difference(stored: Mapping[str, object], folded: Mapping[str, object]) -> str:
    name = min(name for name in stored.keys() | folded.keys() if stored.get(name) != folded.get(name))
    return f"{name}: the wallet says {stored.get(name)}, the fold {folded.get(name)}"

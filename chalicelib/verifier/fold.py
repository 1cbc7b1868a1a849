"""One wallet, folded again from the lines of its journal."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from chalicelib.wallet.model import HeldPart, HoldMove, HoldStep, Line, LotMove, Wallet

Finding = tuple[str, str, str]  # rule, name, detail


@dataclass(slots=True)
class _Hold:
    """What the journal says of one hold."""

    parts: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    ended: int = 0


class Fold:
    """Takes lines in any order; ``compared`` says where the stored wallet or the lines themselves differ."""

    def __init__(self) -> None:
        self.amounts: dict[int, int] = {}
        self._held_amounts: dict[int, int] = {}
        self.owed_amounts: dict[int, int] = {}  # of the few lines that change what is owed
        self._after: dict[int, tuple[int, int, int]] = {}
        self._lots: Counter[str] = Counter()
        self._costs: Counter[str] = Counter()
        self._holds: dict[str, _Hold] = defaultdict(_Hold)
        self._found: list[Finding] = []

    def add(self, line: Line) -> None:
        if line.sequence in self.amounts:
            self._found.append(("L3", "sequence-double", f"number {line.sequence} stands twice"))
        self.amounts[line.sequence] = line.amount
        self._held_amounts[line.sequence] = line.held_amount
        if line.owed_amount:
            self.owed_amounts[line.sequence] = line.owed_amount
        self._after[line.sequence] = line.balance_after, line.held_after, line.owed_after
        for move in line.lots:
            self._lots[move.lot_id] += move.amount
            self._costs[move.lot_id] += move.cost.amount if move.cost else 0
        if sum(move.amount for move in line.lots) != line.amount:
            detail = f"line {line.sequence} moves its lots by another amount"
            self._found.append(("L7", "lots-not-amount", detail))
        if line.hold:
            self._add_hold(line.sequence, line.hold, line.lots)

    def moved(self, sequence: int) -> tuple[int, int] | None:
        """What a line changed of the balance and of what is owed; ``None`` where no such line stands."""
        amount = self.amounts.get(sequence)
        return None if amount is None else (amount, self.owed_amounts.get(sequence, 0))

    def compared(self, wallet: Wallet | None) -> Iterator[Finding]:
        """Every difference between the lines, and between them and the wallet as it is stored."""
        yield from self._found
        yield from self._sequence(wallet.entries if wallet else 0)
        yield from self._running()
        yield from self._lots_and_holds()
        if wallet is None:
            yield "L2", "wallet-missing", f"a journal of {len(self.amounts)} lines has no wallet"
        else:
            yield from self._balances(wallet)
            yield from self._stored_lots(wallet)

    def _add_hold(self, sequence: int, move: HoldMove, lots: list[LotMove]) -> None:
        hold, parts = self._holds[move.id], _amounts(move.parts)
        if move.step is HoldStep.OPENED:
            hold.opened += 1
        else:
            hold.ended += 1
        if hold.parts and hold.parts != parts:
            detail = f"line {sequence} ends {move.id} with other lots than it was opened with"
            self._found.append(("L7", "hold-other-lots", detail))
        hold.parts = parts
        taken = {lot.lot_id: -lot.amount for lot in lots}
        if move.step is HoldStep.CAPTURED and taken != parts:
            detail = f"line {sequence} captures {move.id} and takes of other lots"
            self._found.append(("L7", "hold-other-lots", detail))

    def _sequence(self, entries: int) -> Iterator[Finding]:
        last = max([entries, *self.amounts])
        missing = last - len(self.amounts)
        if missing:
            first = next(number for number in count(1) if number not in self.amounts)
            yield "L3", "sequence-gap", f"{missing} of {last} are missing, the first is {first}"
        if last > entries:
            yield "L3", "sequence-beyond-wallet", f"the wallet counts {entries} lines, the last is {last}"

    def _running(self) -> Iterator[Finding]:
        balance = held = owed = 0
        for sequence in sorted(self.amounts):
            balance += self.amounts[sequence]
            held += self._held_amounts[sequence]
            owed += self.owed_amounts.get(sequence, 0)
            if (said := self._after[sequence]) != (balance, held, owed):
                detail = f"line {sequence} says {said}, the fold {(balance, held, owed)}: balance, held, owed"
                yield "L2", "running-balance", detail
                return

    def _lots_and_holds(self) -> Iterator[Finding]:
        for lot_id, left in self._lots.items():
            if left < 0:
                yield "L7", "lot-overdrawn", f"{lot_id} gave {-left} more than it had"
        for hold_id, hold in self._holds.items():
            if hold.opened != 1:
                yield "L7", "hold-not-opened-once", f"{hold_id} was opened {hold.opened} times"
            if hold.ended > 1:
                yield "L7", "hold-ended-twice", f"{hold_id} ended {hold.ended} times"

    def _balances(self, wallet: Wallet) -> Iterator[Finding]:
        balance, held = sum(self.amounts.values()), sum(self._held_amounts.values())
        if wallet.balance != balance:
            yield "L2", "balance-not-fold", f"the wallet says {wallet.balance}, the fold {balance}"
        if wallet.held != held:
            yield "L2", "held-not-fold", f"the wallet says {wallet.held}, the fold {held}"
        owed = sum(self.owed_amounts.values())
        if wallet.owed != owed:
            yield "L2", "owed-not-fold", f"the wallet says {wallet.owed}, the fold {owed}"
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
        yield from self._stored_holds(wallet)

    def _stored_holds(self, wallet: Wallet) -> Iterator[Finding]:
        stored = {hold.id: _amounts(hold.parts) for hold in wallet.holds}
        folded = {name: hold.parts for name, hold in self._holds.items() if hold.opened > hold.ended}
        if stored != folded:
            yield "L7", "holds-not-fold", _first_difference(stored, folded)
        held: Counter[str] = Counter()
        for hold in wallet.holds:
            held.update(_amounts(hold.parts))
        remaining = Counter({lot.id: lot.remaining for lot in wallet.lots})
        for lot_id, amount in held.items():
            if amount > remaining[lot_id]:
                yield "L7", "lot-overheld", f"{amount} of {lot_id} are held, {remaining[lot_id]} remain"


def _amounts(parts: list[HeldPart]) -> dict[str, int]:
    return {part.lot_id: part.amount for part in parts}


def _first_difference(stored: Mapping[str, object], folded: Mapping[str, object]) -> str:
    name = min(name for name in stored.keys() | folded.keys() if stored.get(name) != folded.get(name))
    return f"{name}: the wallet says {stored.get(name)}, the fold {folded.get(name)}"

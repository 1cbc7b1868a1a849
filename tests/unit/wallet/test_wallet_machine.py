"""Any sequence of grants, spends, holds, what is taken back and what comes back: a small model beside the wallet, and L1 to L7 after each step."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.core.money import Money
from chalicelib.wallet import debts, lots, postings, rules
from chalicelib.wallet.change import Change, line_of, own_postings
from chalicelib.wallet.ledger import Posting
from chalicelib.wallet.model import (
    Grant,
    HoldNotOpen,
    InsufficientCredits,
    Origin,
    SpentPart,
    Wallet,
    WalletOwes,
)

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
amounts = st.integers(1, 12)


class WalletMachine(RuleBasedStateMachine):
    """The model knows each lot only as ``[free, held, cost left, expiry]``; it does not know the rules' order."""

    def __init__(self) -> None:
        super().__init__()
        self.wallet = Wallet(platform_id="p", owner_id="ada", asset="credit")
        self.now = START
        self.free: dict[str, int] = {}
        self.cost: dict[str, int] = {}
        self.expiry: dict[str, datetime | None] = {}
        self.holds: dict[str, dict[str, int]] = {}
        self.ended: list[str] = []
        self.changes: list[Change] = []
        self.counter = 0
        self.taken: list[SpentPart] = []
        self.owed = 0
        self.granted = 0
        self.spent = 0

    def apply(self, change: Change) -> Change:
        self.wallet = change.wallet
        self.changes.append(change)
        return change

    def named(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    def can_spend(self) -> int:
        live = (lot for lot, expiry in self.expiry.items() if expiry is None or expiry > self.now)
        return sum(self.free[lot] for lot in live)

    @rule(
        amount=amounts,
        origin=st.sampled_from(Origin),
        cost=st.integers(0, 1000),
        days=st.none() | st.integers(1, 9),
    )
    def grant(self, amount: int, origin: Origin, cost: int, days: int | None) -> None:
        lot_id, expiry = self.named("lot"), None if days is None else self.now + timedelta(days=days)
        grant = Grant(
            origin=origin,
            amount=amount,
            cost=Money(cost, "TRY"),
            expires_at=expiry,
            reference={"lot": lot_id, "gift": "yes"},
        )
        change = self.apply(rules.grant(self.wallet, grant, lot_id, self.now))
        self.free[lot_id], self.cost[lot_id], self.expiry[lot_id] = amount, cost, expiry
        self.granted += amount
        self.pay_debt(change)

    @rule(amount=amounts)
    def spend(self, amount: int) -> None:
        if amount > self.can_spend():
            self.refused(
                lambda: rules.spend(self.wallet, amount, self.now), (InsufficientCredits, WalletOwes)
            )
            return
        if self.owed:
            self.refused(lambda: rules.spend(self.wallet, amount, self.now), WalletOwes)
            return
        change = self.apply(rules.spend(self.wallet, amount, self.now))
        self.taken += change.parts
        for part in change.parts:
            self.free[part.lot_id] -= part.amount
            self.pay(part)
        assert sum(part.amount for part in change.parts) == amount
        self.spent += amount

    @rule(amount=amounts)
    def hold(self, amount: int) -> None:
        hold_id = self.named("hold")
        if amount > self.can_spend() or self.owed:
            refusal = WalletOwes if self.owed else InsufficientCredits
            self.refused(lambda: rules.hold(self.wallet, amount, hold_id, {}, self.now), refusal)
            return
        change = self.apply(rules.hold(self.wallet, amount, hold_id, {}, self.now))
        assert change.hold is not None
        self.holds[hold_id] = {part.lot_id: part.amount for part in change.hold.parts}
        for lot_id, held in self.holds[hold_id].items():
            self.free[lot_id] -= held

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        hold_id = data.draw(st.sampled_from(sorted(self.holds)))
        change = self.apply(rules.capture(self.wallet, hold_id))
        assert {part.lot_id: part.amount for part in change.parts} == self.holds[hold_id]
        self.taken += change.parts
        for part in change.parts:
            self.pay(part)
        self.spent += sum(self.holds.pop(hold_id).values())
        self.ended.append(hold_id)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold_id = data.draw(st.sampled_from(sorted(self.holds)))
        change = self.apply(rules.release(self.wallet, hold_id))
        for lot_id, amount in self.holds.pop(hold_id).items():
            self.free[lot_id] += amount
        self.ended.append(hold_id)
        self.pay_debt(change)

    @rule(amount=amounts, data=st.data())
    def claw_back(self, amount: int, data: st.DataObject) -> None:
        lot_id = data.draw(st.sampled_from([*sorted(self.free), "unknown"]))
        there = min(self.free.get(lot_id, 0), amount)
        change = self.apply(debts.claw_back(self.wallet, amount, {"lot": lot_id}))
        assert sum(part.amount for part in change.parts) == there
        for part in change.parts:
            self.free[part.lot_id] -= part.amount
            self.pay(part)
        self.spent += amount
        self.owed += amount - there

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        part = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        change = self.apply(rules.put_back_spent(self.wallet, [part]))
        self.free[part.lot_id] += part.amount
        self.cost[part.lot_id] += part.cost.amount if part.cost else 0
        self.spent -= part.amount
        self.pay_debt(change)

    @precondition(lambda self: self.ended)
    @rule(data=st.data(), end=st.sampled_from([rules.capture, rules.release]))
    def end_again(self, data: st.DataObject, end) -> None:
        hold_id = data.draw(st.sampled_from(self.ended))
        self.refused(lambda: end(self.wallet, hold_id), HoldNotOpen)

    @rule(hours=st.integers(1, 48))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def pay_debt(self, change: Change) -> None:
        """Whatever is free of the lots that a step brought or freed goes to what is owed, to the last of it."""
        paid = {move.lot_id: move for move in change.lots if move.amount < 0}
        assert -change.owed_amount == -sum(move.amount for move in paid.values()) <= self.owed
        for lot_id, move in paid.items():
            self.free[lot_id] += move.amount
            assert move.cost is not None
            self.cost[lot_id] += move.cost.amount
        self.owed += change.owed_amount
        brought = {move.lot_id for move in change.lots} | {
            p.lot_id for p in (change.hold.parts if change.hold else [])
        }
        assert self.owed == 0 or all(self.free[lot_id] == 0 for lot_id in brought)

    def pay(self, part) -> None:
        """A part's cost is its share, rounded down, of what the lot still costs."""
        assert part.cost is not None
        assert part.cost.amount >= 0
        self.cost[part.lot_id] -= part.cost.amount

    def refused(self, step, refusal: type[Exception] | tuple[type[Exception], ...]) -> None:
        try:
            step()
        except refusal:
            return
        raise AssertionError(f"{refusal} was expected")

    @invariant()
    def lots_are_as_the_model_says(self) -> None:
        held: dict[str, int] = {}
        for parts in self.holds.values():
            for lot_id, amount in parts.items():
                held[lot_id] = held.get(lot_id, 0) + amount
        left = {lot: free + held.get(lot, 0) for lot, free in self.free.items()}
        assert {lot.id: lot.remaining for lot in self.wallet.lots} == {k: v for k, v in left.items() if v}
        costs = {lot.id: lot.remaining_cost.amount for lot in self.wallet.lots if lot.remaining_cost}
        assert costs == {lot: self.cost[lot] for lot in costs}
        assert all(self.cost[lot] == 0 for lot, amount in left.items() if amount == 0)

    @invariant()
    def balance_and_held_are_the_fold_of_the_journal(self) -> None:
        wallet = self.wallet
        assert wallet.balance == sum(change.amount for change in self.changes)
        assert wallet.balance - wallet.owed == self.granted - self.spent
        assert wallet.owed == self.owed == sum(change.owed_amount for change in self.changes)
        assert wallet.held == sum(change.held_amount for change in self.changes)
        assert wallet.held == sum(sum(parts.values()) for parts in self.holds.values())
        assert wallet.balance == sum(lot.remaining for lot in wallet.lots)
        assert 0 <= wallet.held <= wallet.balance
        assert lots.spendable(wallet, self.now) == self.can_spend() <= wallet.available

    @invariant()
    def journal_numbers_are_dense_and_own_postings_are_the_lines(self) -> None:
        assert [line_of(change).sequence for change in self.changes] == list(range(1, len(self.changes) + 1))
        for change in self.changes:
            own: list[Posting] = own_postings(change)
            assert postings.totals(own) in ({}, {"credit": change.amount - change.owed_amount})


TestWalletMachine = WalletMachine.TestCase
TestWalletMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

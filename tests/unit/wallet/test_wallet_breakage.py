"""What expired is taken back of breakage, and goes back there when it comes again; only what was spent is owed."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given

from chalicelib.core.money import Money
from chalicelib.wallet import breakage, debts, expiry, rules
from chalicelib.wallet.change import Change, line_of, own_postings
from chalicelib.wallet.ledger import LedgerTransaction, LotMove, Posting
from chalicelib.wallet.model import Grant, Origin, Wallet

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
BOUGHT, OTHER = {"order_id": "o1"}, {"order_id": "o2"}


class Book:
    """A wallet and its journal: bought credits are spent, expire, are taken back, and come again."""

    def __init__(self) -> None:
        self.wallet = Wallet(platform_id="p", owner_id="ada", asset="credit")
        self.entries: list[LedgerTransaction] = []

    def step(self, change: Change, reference: dict[str, str], *others: Posting) -> None:
        self.wallet = change.wallet
        line, postings = line_of(change), [*own_postings(change), *others]
        assert sum(posting.amount for posting in postings) == 0
        entry = LedgerTransaction(
            id=str(line.sequence),
            platform_id="p",
            operation=str(line.sequence),
            kind="test",
            at=NOW,
            postings=postings,
            reference=reference,
            memo="",
            line=line,
        )
        self.entries.append(entry)

    def give(self, amount: int, reference: dict[str, str], lost: int = 0) -> None:
        grant = Grant(
            origin=Origin.PURCHASE,
            amount=amount,
            cost=Money(amount * 10, "TRY"),
            reference=reference,
            expires_at=NOW + timedelta(days=30),
        )
        change = rules.grant(self.wallet, grant, f"lot{len(self.entries)}", NOW, lost)
        issued = Posting(account="issued:purchase", asset="credit", amount=-amount)
        self.step(change, reference, issued, *breakage.posting("credit", lost))

    def spend(self, amount: int) -> None:
        revenue = Posting(account="revenue", asset="credit", amount=amount)
        self.step(rules.spend(self.wallet, amount, NOW), {}, revenue)

    def expire(self) -> None:
        if change := expiry.expire_lots(self.wallet, LATER):
            self.step(change, {}, *breakage.posting("credit", -change.amount))

    def take_back(self, amount: int) -> None:
        change = debts.claw_back(self.wallet, amount, BOUGHT, breakage.lost_of(self.entries, BOUGHT))
        refunded = Posting(account="refunded:credits", asset="credit", amount=amount)
        found = amount + change.amount - change.owed_amount
        self.step(change, BOUGHT, refunded, *breakage.posting("credit", -found))

    def give_again(self, amount: int) -> None:
        self.give(amount, BOUGHT, breakage.lost_again(self.entries, BOUGHT, amount))

    @property
    def in_breakage(self) -> int:
        return sum(breakage.booked(entry) for entry in self.entries)


def test_what_expired_is_not_owed_and_what_was_spent_is() -> None:
    book = Book()
    book.give(10, BOUGHT)
    book.spend(3)
    book.expire()
    assert breakage.lost_of(book.entries, BOUGHT) == [LotMove(lot_id="lot0", amount=7, cost=None, entry=1)]
    book.take_back(10)
    assert (book.wallet.balance, book.wallet.owed, book.in_breakage) == (0, 3, 0)
    assert [move.amount for move in book.entries[-1].line.lots] == [7, -7]


def test_what_another_order_gave_and_lost_is_not_taken_for_this_one() -> None:
    book = Book()
    book.give(10, BOUGHT)
    book.spend(10)
    book.give(10, OTHER)
    book.expire()
    book.take_back(10)
    assert (book.wallet.owed, book.in_breakage) == (10, 10)


def test_what_comes_again_pays_what_is_owed_for_it_before_it_goes_back_to_breakage() -> None:
    book = Book()
    book.give(10, BOUGHT)
    book.spend(3)
    book.expire()
    book.take_back(5)
    book.take_back(5)
    assert book.wallet.owed == 3
    book.give_again(5)
    assert (book.wallet.owed, book.wallet.balance, book.in_breakage) == (0, 0, 2)
    book.give_again(5)
    assert (book.wallet.balance, book.in_breakage) == (0, 7)
    book.take_back(10)
    assert (book.wallet.owed, book.in_breakage) == (3, 0)


def test_a_debt_that_is_paid_meanwhile_comes_again_as_credits() -> None:
    book = Book()
    book.give(10, BOUGHT)
    book.spend(3)
    book.expire()
    book.take_back(10)
    book.give(5, OTHER)
    assert (book.wallet.balance, book.wallet.owed) == (2, 0)
    book.give_again(10)
    assert (book.wallet.balance, book.in_breakage) == (5, 7)


def test_another_debt_is_not_paid_of_what_had_expired() -> None:
    book = Book()
    book.give(10, BOUGHT)
    book.expire()
    book.take_back(10)
    change = debts.claw_back(book.wallet, 4, OTHER)
    book.step(change, OTHER, Posting(account="refunded:credits", asset="credit", amount=4))
    book.give_again(10)
    assert (book.wallet.balance, book.wallet.owed, book.in_breakage) == (0, 4, 10)


@given(st.integers(0, 10), st.lists(st.integers(-10, 10).filter(bool), max_size=8))
def test_steps_back_and_forth_come_to_what_one_step_would_be(spent: int, steps: list[int]) -> None:
    """However the money goes and comes, a customer owes what went back beyond what was left or expired."""
    book, gone = Book(), 0
    book.give(10, BOUGHT)
    if spent:
        book.spend(spent)
    book.expire()
    for wanted in steps:
        amount = max(-gone, min(wanted, 10 - gone))
        if amount > 0:
            book.take_back(amount)
        elif amount < 0:
            book.give_again(-amount)
        gone += amount
        lost = 10 - spent
        assert book.in_breakage == max(lost - gone, 0)
        assert (book.wallet.owed, book.wallet.balance) == (max(gone - lost, 0), 0)

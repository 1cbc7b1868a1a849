"""What is taken back of a wallet, what it owes then, and what comes back to the lots it was taken of."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.money import Money
from chalicelib.wallet import again, debts, rules
from chalicelib.wallet.change import line_of, own_postings
from chalicelib.wallet.ledger import LotMove
from chalicelib.wallet.model import AmountNotPositive, Grant, Origin, Wallet, WalletOwes

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMPTY = Wallet(platform_id="p", owner_id="ada", asset="credit")
FIRST, SECOND = {"order_id": "o1", "package_id": "c"}, {"order_id": "o2", "package_id": "c"}


def bought(wallet: Wallet, lot_id: str, amount: int, reference: dict[str, str], days: int = 9) -> Wallet:
    expiry = NOW + timedelta(days=days)
    cost = Money(amount * 10, "TRY")
    grant = Grant(origin=Origin.PURCHASE, amount=amount, cost=cost, reference=reference, expires_at=expiry)
    return rules.grant(wallet, grant, lot_id, NOW).wallet


@pytest.fixture
def wallet() -> Wallet:
    return bought(bought(EMPTY, "first", 10, FIRST, days=1), "second", 10, SECOND)


def test_what_is_taken_back_comes_of_the_lot_of_that_reference_alone(wallet: Wallet) -> None:
    change = debts.claw_back(wallet, 4, {"order_id": "o2"})
    assert [(lot.id, lot.remaining, lot.remaining_cost) for lot in change.wallet.lots] == [
        ("first", 10, Money(100, "TRY")),
        ("second", 6, Money(60, "TRY")),
    ]
    assert (change.amount, change.owed_amount, change.wallet.owed) == (-4, 0, 0)
    assert [(part.lot_id, part.amount, part.cost) for part in change.parts] == [
        ("second", 4, Money(40, "TRY"))
    ]


def test_a_reference_of_several_pairs_must_be_met_whole(wallet: Wallet) -> None:
    assert debts.claw_back(wallet, 3, {"order_id": "o1", "package_id": "other"}).wallet.owed == 3


def test_an_expired_lot_is_taken_back_of(wallet: Wallet) -> None:
    later = debts.claw_back(wallet, 10, {"order_id": "o1"})
    assert [lot.id for lot in later.wallet.lots] == ["second"]


def test_what_is_spent_or_held_becomes_a_debt_that_blocks(wallet: Wallet) -> None:
    spent = rules.spend(wallet, 5, NOW).wallet
    held = rules.hold(spent, 2, "h", {}, NOW).wallet
    owing = debts.claw_back(held, 10, FIRST).wallet
    assert (owing.balance, owing.held, owing.owed) == (12, 2, 7)
    for step in (
        lambda: rules.spend(owing, 1, NOW),
        lambda: rules.hold(owing, 1, "other", {}, NOW),
    ):
        with pytest.raises(WalletOwes) as refused:
            step()
        assert refused.value.extra == {"owed": 7}


def test_a_hold_of_one_who_owes_is_captured_all_the_same(wallet: Wallet) -> None:
    held = rules.hold(wallet, 2, "h", {}, NOW).wallet
    owing = debts.claw_back(held, 10, FIRST).wallet
    captured = rules.capture(owing, "h").wallet
    assert (captured.balance, captured.held, captured.owed) == (10, 0, 2)


def test_a_released_hold_pays_the_debt_first(wallet: Wallet) -> None:
    held = rules.hold(wallet, 5, "h", {}, NOW).wallet
    owing = debts.claw_back(held, 8, FIRST).wallet
    change = rules.release(owing, "h")
    assert (change.amount, change.held_amount, change.owed_amount) == (-3, -5, -3)
    assert (change.wallet.balance, change.wallet.held, change.wallet.owed) == (12, 0, 0)


def test_the_next_grant_pays_the_debt_first_and_its_line_says_both() -> None:
    owing = debts.claw_back(EMPTY, 7, FIRST).wallet
    grant = Grant(origin=Origin.PURCHASE, amount=10, cost=Money(100, "TRY"))
    change = rules.grant(owing, grant, "new", NOW)
    assert (change.wallet.balance, change.wallet.owed, change.amount) == (3, 0, 3)
    assert [(move.amount, move.cost) for move in change.lots] == [
        (10, Money(100, "TRY")),
        (-7, Money(-70, "TRY")),
    ]
    line = line_of(change)
    assert (line.balance_after, line.owed_amount, line.owed_after) == (3, -7, 0)
    assert [(p.account, p.amount) for p in own_postings(change)] == [("wallet:ada", 3), ("owed:ada", 7)]


def test_a_grant_that_the_debt_takes_whole_leaves_no_lot() -> None:
    owing = debts.claw_back(EMPTY, 7, FIRST).wallet
    after = rules.grant(owing, Grant(origin=Origin.GIFT, amount=5), "new", NOW).wallet
    assert (after.lots, after.balance, after.owed) == ([], 0, 2)


def test_another_lot_does_not_pay_the_debt(wallet: Wallet) -> None:
    owing = debts.claw_back(wallet, 12, FIRST).wallet
    after = rules.grant(owing, Grant(origin=Origin.GIFT, amount=1), "new", NOW).wallet
    assert (after.balance, after.owed) == (10, 1)


def test_only_a_whole_amount_above_zero_is_taken_back(wallet: Wallet) -> None:
    for amount in (0, -1, 1.5):
        with pytest.raises(AmountNotPositive):
            debts.claw_back(wallet, amount, FIRST)  # type: ignore[arg-type]  # nonsense on purpose


def test_what_was_spent_comes_back_to_its_very_lots(wallet: Wallet) -> None:
    spent = rules.spend(wallet, 14, NOW)
    assert [lot.id for lot in spent.wallet.lots] == ["second"]
    change = rules.put_back_spent(spent.wallet, spent.parts)
    assert sorted(change.wallet.lots, key=lambda lot: lot.id) == wallet.lots
    assert (change.wallet.balance, change.amount) == (20, 14)
    assert {move.entry for move in change.lots} == {1, 2}


def test_what_comes_back_pays_the_debt_first(wallet: Wallet) -> None:
    spent = rules.spend(wallet, 10, NOW)
    owing = debts.claw_back(spent.wallet, 4, FIRST).wallet
    after = rules.put_back_spent(owing, spent.parts).wallet
    assert (after.balance, after.owed) == (16, 0)
    assert [(lot.id, lot.remaining) for lot in after.lots] == [("second", 10), ("first", 6)]


def test_what_had_come_back_is_taken_again_of_its_lots_then_of_breakage_then_of_others(
    wallet: Wallet,
) -> None:
    spent = rules.spend(wallet, 6, NOW)
    back = rules.put_back_spent(spent.wallet, spent.parts).wallet
    assert again.take_again(back, spent.parts).parts == spent.parts
    elsewhere = rules.spend(back, 8, NOW).wallet
    lost = [LotMove(lot_id="first", amount=3, cost=None, entry=1)]
    change = again.take_again(elsewhere, spent.parts, lost)
    assert [(part.lot_id, part.amount, part.cost) for part in change.parts] == [
        ("first", 3, Money(30, "TRY")),
        ("first", 2, Money(20, "TRY")),
        ("second", 1, Money(10, "TRY")),
    ]
    assert [(move.lot_id, move.amount) for move in change.lots] == [
        ("first", 3), ("first", -2), ("second", -1), ("first", -3),
    ]  # fmt: skip
    assert (change.amount, change.owed_amount, change.wallet.balance) == (-3, 0, 9)

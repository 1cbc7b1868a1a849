"""What the clock does to a wallet: which instants count, what expires, and who is warned when."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.wallet import expiry, rules
from chalicelib.wallet.ledger import HoldStep
from chalicelib.wallet.lots import spendable
from chalicelib.wallet.model import Grant, Origin, Wallet

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMPTY = Wallet(platform_id="p", owner_id="ada", asset="credit")
DAY = timedelta(days=1)


def granted(wallet: Wallet, lot_id: str, amount: int, days: int | None) -> Wallet:
    expires_at = None if days is None else NOW + days * DAY
    cost = Money(amount * 10, "TRY")
    return rules.grant(
        wallet, Grant(origin=Origin.PURCHASE, amount=amount, cost=cost, expires_at=expires_at), lot_id, NOW
    ).wallet


def warned(wallet: Wallet, now: datetime) -> list[tuple[str, int, int]]:
    return [(each.lot.id, each.amount, each.days) for each in expiry.warn(wallet, now)[1]]


def test_a_wallet_of_which_nothing_expires_is_never_due() -> None:
    assert expiry.next_due(granted(EMPTY, "lot", 5, None)) is None
    assert expiry.next_due(EMPTY) is None


def test_the_next_instant_is_a_warning_then_the_expiry() -> None:
    wallet, seen = granted(EMPTY, "lot", 5, 60), []
    while (due := expiry.next_due(wallet)) is not None:
        seen.append((due - NOW) // DAY)
        wallet, warnings = expiry.warn(wallet, due)
        if not warnings:
            change = expiry.expire_lots(wallet, due)
            assert change is not None
            wallet = change.wallet
    assert seen == [30, 53, 59, 60]
    assert wallet.balance == 0


def test_each_warning_is_given_once() -> None:
    wallet = granted(EMPTY, "lot", 5, 60)
    assert warned(wallet, NOW + 29 * DAY) == []
    wallet, warnings = expiry.warn(wallet, NOW + 30 * DAY)
    assert [(each.amount, each.days) for each in warnings] == [(5, 30)]
    assert warned(wallet, NOW + 52 * DAY) == []


def test_a_clock_that_jumps_gives_the_latest_warning_alone() -> None:
    wallet, warnings = expiry.warn(granted(EMPTY, "lot", 5, 60), NOW + 55 * DAY)
    assert [each.days for each in warnings] == [7]
    assert expiry.next_due(wallet) == NOW + 59 * DAY


def test_what_lives_for_less_than_a_warning_is_not_warned_of_so_early() -> None:
    wallet = granted(EMPTY, "lot", 5, 7)
    assert warned(wallet, NOW) == []
    assert expiry.next_due(wallet) == NOW + 6 * DAY


def test_an_expired_lot_is_taken_with_its_cost_and_no_other() -> None:
    wallet = granted(granted(EMPTY, "soon", 5, 3), "late", 7, 4)
    change = expiry.expire_lots(wallet, NOW + 3 * DAY)
    assert change is not None
    assert (change.amount, [lot.id for lot in change.wallet.lots]) == (-5, ["late"])
    assert [(move.lot_id, move.cost) for move in change.lots] == [("soon", Money(-50, "TRY"))]
    assert expiry.expire_lots(change.wallet, NOW + 3 * DAY) is None


def test_a_lot_expires_at_its_instant_and_not_before() -> None:
    wallet = granted(EMPTY, "lot", 5, 3)
    assert expiry.expire_lots(wallet, NOW + 3 * DAY - timedelta(milliseconds=1)) is None
    assert expiry.expire_lots(wallet, NOW + 3 * DAY) is not None


def test_a_held_part_of_an_expired_lot_is_captured_or_expires_when_released() -> None:
    held = rules.hold(granted(EMPTY, "lot", 5, 3), 2, "h", {}, NOW).wallet
    change = expiry.expire_lots(held, NOW + 3 * DAY)
    assert change is not None
    left = change.wallet
    assert (left.balance, left.held, expiry.next_due(left)) == (2, 2, None)
    assert rules.capture(left, "h").wallet.balance == 0
    released = rules.release(left, "h").wallet
    assert (spendable(released, NOW + 3 * DAY), expiry.next_due(released)) == (0, NOW + 2 * DAY)
    expired = expiry.expire_lots(released, NOW + 4 * DAY)
    assert expired is not None
    assert expired.wallet.balance == 0


def test_a_hold_has_a_term() -> None:
    wallet = granted(EMPTY, "lot", 5, None)
    held = rules.hold(wallet, 2, "h", {}, NOW, expires_at=NOW + DAY).wallet
    assert expiry.next_due(held) == NOW + DAY
    assert expiry.due_hold(held, NOW) is None
    due = expiry.due_hold(held, NOW + DAY)
    assert due is not None
    change = rules.release(held, due.id, HoldStep.EXPIRED)
    assert change.hold is not None
    assert (change.hold.step, change.wallet.available) == (HoldStep.EXPIRED, 5)
    assert expiry.due_hold(change.wallet, NOW + DAY) is None


def test_what_is_put_off_is_warned_of_again_but_not_at_once() -> None:
    wallet, _ = expiry.warn(granted(EMPTY, "lot", 5, 60), NOW + 59 * DAY)
    lot = expiry.extended(wallet.lots[0], 10, NOW + 59 * DAY)
    assert (lot.expires_at, lot.extended) == (NOW + 70 * DAY, True)
    later = replace(wallet, lots=[lot])
    assert warned(later, NOW + 59 * DAY) == []
    assert expiry.next_due(later) == NOW + 63 * DAY


def test_a_lot_that_never_expires_cannot_be_put_off() -> None:
    with pytest.raises(ValueError, match="never"):
        expiry.extended(granted(EMPTY, "lot", 5, None).lots[0], 10, NOW)

"""How a wallet moves: lots, their order and cost, holds, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.wallet import lots, postings, rules
from chalicelib.wallet.change import own_postings
from chalicelib.wallet.ledger import HoldStep, Posting
from chalicelib.wallet.model import (
    AmountNotPositive,
    CostNegative,
    Grant,
    HeldPart,
    HoldAlreadyOpen,
    HoldNotOpen,
    InsufficientCredits,
    Origin,
    Wallet,
)
from chalicelib.wallet.postings import Unbalanced

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMPTY = Wallet(platform_id="p", owner_id="ada", asset="credit")


def wallet_of(*grants: tuple[str, Grant]) -> Wallet:
    """Lots granted a minute apart, named by their grants."""
    wallet = EMPTY
    for place, (lot_id, given) in enumerate(grants):
        wallet = rules.grant(wallet, given, lot_id, NOW + timedelta(minutes=place)).wallet
    return wallet


def given(origin: Origin, amount: int = 10, cost: int | None = None, days: int | None = None) -> Grant:
    return Grant(
        origin=origin,
        amount=amount,
        cost=None if cost is None else Money(cost, "TRY"),
        expires_at=None if days is None else NOW + timedelta(days=days),
    )


def lots_spent(wallet: Wallet, amount: int, order: tuple[str, ...] = lots.SPEND_ORDER) -> list[str]:
    return [part.lot_id for part in rules.spend(wallet, amount, NOW, order).parts]


def test_a_grant_is_a_lot_that_keeps_what_it_cost() -> None:
    change = rules.grant(EMPTY, given(Origin.PURCHASE, 500, 149_000), "lot", NOW)
    assert (change.wallet.balance, change.wallet.available, change.wallet.entries) == (500, 500, 1)
    (lot,) = change.wallet.lots
    assert (lot.granted, lot.remaining, lot.remaining_cost) == (500, 500, Money(149_000, "TRY"))
    assert change.amount == 500


def test_lots_of_several_currencies_stand_in_one_wallet_each_with_its_own_cost() -> None:
    euro = Grant(origin=Origin.PURCHASE, amount=5, cost=Money(300, "EUR"))
    wallet = wallet_of(("a", given(Origin.PURCHASE, 5, 1000)), ("b", euro))
    parts = rules.spend(wallet, 10, NOW).parts
    assert [part.cost for part in parts] == [Money(1000, "TRY"), Money(300, "EUR")]


def test_the_soonest_expiry_goes_first_whatever_the_origin() -> None:
    wallet = wallet_of(
        ("campaign", given(Origin.CAMPAIGN)),
        ("late", given(Origin.GIFT, days=9)),
        ("soon", given(Origin.PURCHASE, days=3)),
    )
    assert lots_spent(wallet, 30) == ["soon", "late", "campaign"]


def test_then_campaign_then_gift_then_purchase_then_the_rest() -> None:
    wallet = wallet_of(*((origin.value, given(origin)) for origin in reversed(Origin)))
    assert lots_spent(wallet, 50) == ["campaign", "gift", "purchase", "refund", "adjustment"]


def test_then_the_oldest() -> None:
    wallet = wallet_of(("old", given(Origin.PURCHASE)), ("new", given(Origin.PURCHASE)))
    wallet = replace(wallet, lots=wallet.lots[::-1])
    assert lots_spent(wallet, 11) == ["old", "new"]


def test_a_platform_may_set_the_order_and_origins_that_it_leaves_out_follow() -> None:
    wallet = wallet_of(*((origin.value, given(origin)) for origin in Origin))
    order = lots_spent(wallet, 50, ("purchase", "campaign"))
    assert order == ["purchase", "campaign", "gift", "refund", "adjustment"]


def test_the_costs_of_the_parts_are_the_cost_of_the_lot() -> None:
    wallet, costs = wallet_of(("lot", given(Origin.PURCHASE, 7, 1000))), []
    for amount in (1, 2, 3, 1):
        change = rules.spend(wallet, amount, NOW)
        wallet = change.wallet
        costs += [part.cost.amount for part in change.parts if part.cost]
    assert costs == [142, 286, 429, 143]
    assert sum(costs) == 1000
    assert wallet.lots == []


def test_a_gift_has_no_cost() -> None:
    (part,) = rules.spend(wallet_of(("lot", given(Origin.GIFT))), 3, NOW).parts
    assert part.cost is None


def test_what_is_not_there_cannot_be_spent() -> None:
    wallet = wallet_of(("lot", given(Origin.GIFT, 10)))
    with pytest.raises(InsufficientCredits) as refused:
        rules.spend(wallet, 11, NOW)
    assert refused.value.extra == {"available": 10, "required": 11}
    assert rules.spend(wallet, 10, NOW).wallet.balance == 0


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "3"])
def test_only_whole_amounts_above_zero_move(amount: int) -> None:
    wallet = wallet_of(("lot", given(Origin.GIFT, 10)))
    with pytest.raises(AmountNotPositive):
        rules.spend(wallet, amount, NOW)
    with pytest.raises(AmountNotPositive):
        rules.hold(wallet, amount, "h", {}, NOW)
    with pytest.raises(AmountNotPositive):
        Grant(origin=Origin.GIFT, amount=amount)


def test_a_cost_below_zero_is_refused() -> None:
    with pytest.raises(CostNegative):
        given(Origin.PURCHASE, 10, -1)


def test_a_lot_is_spendable_until_the_instant_at_which_it_expires() -> None:
    wallet = wallet_of(("lot", given(Origin.GIFT, 10, days=1)))
    expiry = NOW + timedelta(days=1)
    just_before = expiry - timedelta(milliseconds=1)
    assert lots.spendable(wallet, just_before) == 10
    assert rules.spend(wallet, 10, just_before).wallet.balance == 0
    assert lots.spendable(wallet, expiry) == 0
    with pytest.raises(InsufficientCredits):
        rules.spend(wallet, 1, expiry)


def test_a_hold_sets_aside_and_what_is_held_cannot_be_spent() -> None:
    wallet = wallet_of(("a", given(Origin.GIFT, 5)), ("b", given(Origin.PURCHASE, 5)))
    change = rules.hold(wallet, 7, "h", {"booking_id": "b"}, NOW)
    held = change.wallet
    assert (held.balance, held.held, held.available) == (10, 7, 3)
    assert held.holds[0].parts == [HeldPart(lot_id="a", amount=5), HeldPart(lot_id="b", amount=2)]
    assert change.amount == 0
    with pytest.raises(InsufficientCredits):
        rules.spend(held, 4, NOW)
    assert lots_spent(held, 3) == ["b"]


def test_a_capture_takes_of_the_very_lots_though_others_would_go_first_now() -> None:
    wallet = rules.hold(wallet_of(("a", given(Origin.PURCHASE, 5, 500))), 4, "h", {}, NOW).wallet
    wallet = rules.grant(wallet, given(Origin.CAMPAIGN, 9), "b", NOW).wallet
    change = rules.capture(wallet, "h")
    assert [(part.lot_id, part.amount) for part in change.parts] == [("a", 4)]
    assert change.parts[0].cost == Money(400, "TRY")
    assert (change.wallet.balance, change.wallet.held, change.wallet.holds) == (10, 0, [])


def test_a_release_leaves_the_lots_as_they_were() -> None:
    before = wallet_of(("a", given(Origin.GIFT, 5, days=1)), ("b", given(Origin.PURCHASE, 5, 99)))
    change = rules.release(rules.hold(before, 7, "h", {}, NOW).wallet, "h")
    assert change.wallet == replace(before, entries=before.entries + 2)
    assert change.hold is not None
    assert change.hold.step is HoldStep.RELEASED


@pytest.mark.parametrize("end", [rules.capture, rules.release])
@pytest.mark.parametrize("again", [rules.capture, rules.release])
def test_a_hold_ends_once(end, again) -> None:
    held = rules.hold(wallet_of(("a", given(Origin.GIFT, 5))), 5, "h", {}, NOW).wallet
    ended = end(held, "h").wallet
    with pytest.raises(HoldNotOpen):
        again(ended, "h")


def test_a_hold_is_opened_once() -> None:
    held = rules.hold(wallet_of(("a", given(Origin.GIFT, 5))), 1, "h", {}, NOW).wallet
    with pytest.raises(HoldAlreadyOpen):
        rules.hold(held, 1, "h", {}, NOW)


def test_a_held_lot_may_be_captured_after_its_expiry() -> None:
    held = rules.hold(wallet_of(("a", given(Origin.GIFT, 5, days=1))), 5, "h", {}, NOW).wallet
    assert lots.spendable(held, NOW + timedelta(days=2)) == 0
    assert rules.capture(held, "h").wallet.balance == 0


def test_free_and_held_are_two_accounts_whose_sum_is_the_balance() -> None:
    wallet = wallet_of(("a", given(Origin.GIFT, 10)))
    opened = rules.hold(wallet, 4, "h", {}, NOW)
    captured = rules.capture(opened.wallet, "h")
    assert [(p.account, p.amount) for p in own_postings(opened)] == [
        ("wallet:ada", -4),
        ("held:ada", 4),
    ]
    assert [(p.account, p.amount) for p in own_postings(captured)] == [("held:ada", -4)]


def test_postings_must_balance_in_each_asset() -> None:
    balanced = [
        Posting(account="provider:stripe", asset="TRY", amount=-5),
        Posting(account="sold:credits", asset="TRY", amount=5),
    ]
    postings.check_balanced(balanced)
    with pytest.raises(Unbalanced, match="EUR"):
        postings.check_balanced([*balanced, Posting(account="revenue", asset="EUR", amount=1)])


@pytest.mark.parametrize("account", ["wallet:bob", "held:bob"])
def test_no_posting_passes_by_a_wallet_s_rules(account: str) -> None:
    with pytest.raises(Unbalanced):
        postings.check_counter_accounts([Posting(account=account, asset="credit", amount=1)])

"""The fold knows nothing of the wallet's rules, and agrees with them whatever a wallet has been through."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.table.keys import Key
from chalicelib.verifier.model import Seen
from chalicelib.verifier.service import verify
from chalicelib.wallet import debts, rules
from chalicelib.wallet.change import Change, line_of
from chalicelib.wallet.ledger import LedgerTransaction, Line
from chalicelib.wallet.model import Grant, InsufficientCredits, Origin, Wallet, WalletOwes

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMPTY = Wallet(platform_id="p", owner_id="ada", asset="credit")
steps = st.lists(
    st.tuples(
        st.sampled_from(["grant", "spend", "hold", "capture", "release", "claw_back"]), st.integers(1, 9)
    ),
    max_size=40,
)


def lived(plan: list[tuple[str, int]]) -> tuple[Wallet, list[Line]]:
    """A wallet after all steps of the plan that its rules allow, and its journal."""
    wallet, lines = EMPTY, []
    for place, (verb, amount) in enumerate(plan):
        change = taken(wallet, verb, amount, str(place))
        if change is not None:
            wallet = change.wallet
            lines.append(line_of(change))
    return wallet, lines


def taken(wallet: Wallet, verb: str, amount: int, name: str) -> Change | None:
    ends: dict[str, Callable[[Wallet, str], Change]] = {
        "capture": rules.capture,
        "release": rules.release,
    }
    if verb in ends:
        return ends[verb](wallet, wallet.holds[amount % len(wallet.holds)].id) if wallet.holds else None
    if verb == "claw_back":
        return debts.claw_back(wallet, amount, {})
    if verb == "grant":
        cost = Money(amount * 33, "TRY") if amount % 2 else None
        return rules.grant(wallet, Grant(origin=Origin.GIFT, amount=amount, cost=cost), f"lot{name}", NOW)
    try:
        return (
            rules.spend(wallet, amount, NOW)
            if verb == "spend"
            else rules.hold(wallet, amount, f"hold{name}", {}, NOW)
        )
    except (InsufficientCredits, WalletOwes):
        return None


# The lines stand here without the postings of their steps.
OF_POSTINGS = {"not-conserved", "posting-without-line"}


def found(wallet: Wallet | None, lines: list[Line]) -> list[str]:
    """What the verifier says of a wallet and of its journal, whose lines it sees in this order."""
    items = [seen(wallet, "WALLET", "wallet")] if wallet else []
    items += [seen(posted(line), "ENTRY", f"{place}") for place, line in enumerate(lines)]
    names = [difference.name for difference in verify(items) if difference.name != "misplaced-entry"]
    return [name for name in names if name not in OF_POSTINGS]


def seen(record: object, entity: str, name: str) -> Seen:
    return Seen(key=Key(name, entity), entity=entity, raw={}, record=record)


def posted(line: Line) -> LedgerTransaction:
    name = f"ltx{line.sequence}"
    return LedgerTransaction(
        id=name,
        platform_id="p",
        operation=name,
        kind="test",
        at=NOW,
        postings=[],
        reference={},
        memo="",
        line=line,
    )


@settings(max_examples=100, deadline=None)
@given(plan=steps, seed=st.integers(0, 9))
def test_a_wallet_is_the_fold_of_its_journal_in_any_order(plan: list[tuple[str, int]], seed: int) -> None:
    wallet, lines = lived(plan)
    Random(seed).shuffle(lines)
    assert found(wallet, lines) == []


@settings(max_examples=100, deadline=None)
@given(plan=steps, place=st.integers(0, 99))
def test_a_line_that_is_lost_is_missed(plan: list[tuple[str, int]], place: int) -> None:
    wallet, lines = lived([("grant", 5), *plan])
    lines.pop(place % len(lines))
    assert "sequence-gap" in found(wallet, lines)


@settings(max_examples=100, deadline=None)
@given(plan=steps, place=st.integers(0, 99))
def test_a_line_that_stands_twice_is_told(plan: list[tuple[str, int]], place: int) -> None:
    wallet, lines = lived([("grant", 5), *plan])
    lines.append(lines[place % len(lines)])
    assert "sequence-double" in found(wallet, lines)


@pytest.mark.parametrize(
    "field", ["amount", "held_amount", "owed_amount", "balance_after", "held_after", "owed_after"]
)
def test_every_number_of_a_line_counts(field: str) -> None:
    wallet, lines = lived([("grant", 9), ("hold", 4), ("spend", 2), ("grant", 3)])
    for place, line in enumerate(lines):
        wrong = replace(line, **{field: getattr(line, field) + 1})
        assert found(wallet, [*lines[:place], wrong, *lines[place + 1 :]])


def test_a_journal_without_its_wallet_is_told() -> None:
    assert found(None, lived([("grant", 9)])[1]) == ["sequence-beyond-wallet", "wallet-missing"]

"""A clean ledger gives nothing; each fault that is planted in it is named."""

from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.money import Money
from chalicelib.table import keys, read
from chalicelib.table.operation import Decision, Effect, by_system, perform
from chalicelib.table.outbox import MAX_TRIES, Outbox
from chalicelib.verifier.repair.service import Repairs
from chalicelib.verifier.scan import PAGE, every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.model import Grant, Origin
from chalicelib.wallet.service import Wallets
from chalicelib.wallet.store import page_key

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
WALLET = keys.wallet("p", "ada", "credit")
GONE = {"order_id": "ord_1"}
BOB = keys.wallet("p", "bob", "credit")


def line(sequence: int, owner: str = "ada") -> keys.Key:
    return keys.entry("p", owner, "credit", sequence)


@pytest.fixture(autouse=True)
def ledger(table: None) -> None:
    """Ada: 1 grant, 2 hold, 3 capture, 4 gift, 5 hold, 6 release, 7 spend, 8 spend, 9 hold.

    Bob: 1 gift, 2 taken back of a lot that he no longer has.
    """
    wallets = Wallets()

    def step(name: str, prepare: Any) -> None:
        def decide(loaded: read.Loaded) -> Decision:
            ada, bob = wallets.load(loaded, "p", "ada"), wallets.load(loaded, "p", "bob")
            journal = Journal(operation=name, kind="test", at=clock.now(), reference={})
            return Decision(answer=None, writes=prepare(ada, bob, journal).writes)

        perform(by_system(system("p"), "test", name), [WALLET, BOB], decide)

    def revenue(amount: int) -> list[Posting]:
        return [Posting(account="revenue", asset="credit", amount=amount)]

    costly = Grant(origin=Origin.ADJUSTMENT, amount=100, cost=Money(1000, "TRY"))
    step("grant", lambda ada, _, journal: wallets.prepare_grant(ada, costly, journal))
    step("hold1", lambda ada, _, journal: wallets.prepare_hold(ada, 30, "h1", {}, journal))
    step("capture", lambda ada, _, journal: wallets.prepare_capture(ada, "h1", revenue(30), journal))
    gift = Grant(origin=Origin.GIFT, amount=10)
    step("gift", lambda ada, _, journal: wallets.prepare_grant(ada, gift, journal))
    step("hold2", lambda ada, _, journal: wallets.prepare_hold(ada, 15, "h2", {}, journal))
    step("release", lambda ada, _, journal: wallets.prepare_release(ada, "h2", journal))
    step("spend", lambda ada, _, journal: wallets.prepare_spend(ada, 12, revenue(12), journal))
    step("again", lambda ada, _, journal: wallets.prepare_spend(ada, 20, revenue(20), journal))
    step("bobs", lambda _, bob, journal: wallets.prepare_grant(bob, gift, journal))
    step("hold3", lambda ada, _, journal: wallets.prepare_hold(ada, 7, "h3", {}, journal))
    step("claw", lambda _, bob, journal: wallets.prepare_clawback(bob, 5, GONE, revenue(5), journal))


def add(name: str, amount: int):
    """A change that makes one number of a record wrong."""

    def change(record: dict[str, Any]) -> None:
        record[name] += amount

    return change


def test_a_clean_table_gives_nothing() -> None:
    assert list(verify(every_item())) == []


def test_a_table_of_several_pages_is_seen_whole(monkeypatch) -> None:
    assert PAGE > 100
    monkeypatch.setattr("chalicelib.verifier.scan.PAGE", 3)
    assert list(verify(every_item())) == []


def test_l1_unbalanced(plant, names) -> None:
    plant.record(line(7), lambda record: add("amount", 1)(record["postings"][1]))
    assert "L1 unbalanced" in names()


def test_l2_balance_not_fold(plant, names) -> None:
    plant.record(WALLET, add("balance", 1))
    assert {"L2 balance-not-fold", "L2 balance-not-lots", "L6 not-conserved"} == names()


def test_l2_held_not_fold(plant, names) -> None:
    plant.record(WALLET, add("held", 1))
    assert {"L2 held-not-fold", "L2 held-not-holds"} == names()


def test_l2_owed_not_fold(plant, names) -> None:
    plant.record(BOB, add("owed", 1))
    assert names() == {"L2 owed-not-fold"}


def test_l2_a_debt_that_no_posting_says(plant, names) -> None:
    plant.record(line(2, "bob"), lambda record: record["postings"].pop(0))
    assert {"L1 unbalanced", "L2 posting-without-line", "L6 not-conserved"} == names()


def test_l2_held_not_holds(plant, names) -> None:
    plant.record(WALLET, lambda record: record["holds"].clear())
    assert {"L2 held-not-holds", "L7 holds-not-fold"} == names()


def test_l2_balance_not_lots(plant, names) -> None:
    plant.record(WALLET, lambda record: add("remaining", 1)(record["lots"][0]))
    assert {"L2 balance-not-lots", "L2 lots-not-fold"} == names()


def test_l2_lot_cost_not_fold(plant, names) -> None:
    plant.record(WALLET, lambda record: add("amount", 1)(record["lots"][0]["remaining_cost"]))
    assert names() == {"L2 lot-cost-not-fold"}


def test_l2_lot_cost_not_spent(plant, names) -> None:
    def used_up_for_less(record: dict[str, Any]) -> None:
        gift = next(move for move in record["line"]["lots"] if move["cost"] is None)
        gift["cost"] = {"amount": -1, "currency": "TRY"}

    plant.record(line(7), used_up_for_less)
    assert names() == {"L2 lot-cost-not-spent"}


def test_l2_negative(plant, names) -> None:
    def overdrawn(record: dict[str, Any]) -> None:
        record["held"] = record["balance"] + 1

    plant.record(WALLET, overdrawn)
    assert "L2 negative" in names()


def test_l2_running_balance(plant, names) -> None:
    plant.record(line(4), lambda record: add("balance_after", 1)(record["line"]))
    assert names() == {"L2 running-balance"}


def test_l2_posting_without_line(plant, names) -> None:
    def to_carol(record: dict[str, Any]) -> None:
        record["postings"][1]["account"] = "wallet:carol"

    plant.record(line(8), to_carol)
    assert names() == {"L2 posting-without-line", "L6 not-conserved"}


def test_l2_wallet_missing(plant, names) -> None:
    plant.remove(BOB)
    assert {"L2 wallet-missing", "L6 not-conserved"} <= names()


def test_l3_gap(plant, names) -> None:
    plant.remove(line(5))
    assert "L3 sequence-gap" in names()


def test_l3_gap_at_the_end(plant, names) -> None:
    plant.record(WALLET, add("entries", 1))
    assert names() == {"L3 sequence-gap"}


def test_l3_beyond_the_wallet(plant, names) -> None:
    plant.record(WALLET, add("entries", -1))
    assert names() == {"L3 sequence-beyond-wallet"}


def test_l3_double_and_misplaced(plant, names) -> None:
    plant.copy(line(4), line(10))
    assert {"L3 sequence-double", "L3 misplaced-entry"} <= names()


def test_l4_not_an_integer(plant, names) -> None:
    item = plant.read(WALLET)
    plant.put_raw(raw_with_balance(item, "1.5"))
    assert {"L4 not-an-integer", "L4 unreadable-item"} <= names()


def raw_with_balance(item: dict[str, Any], number: str) -> dict[str, Any]:
    from chalicelib.table.base import to_dynamo

    raw = {name: to_dynamo(value) for name, value in item.items()}
    raw["record"]["M"]["balance"] = {"N": number}
    return raw


def test_l4_an_item_that_nobody_knows(plant, names) -> None:
    plant.put({"PK": "PLATFORM#p#THING", "SK": "THING", "entity": "thing", "version": 1, "record": {}})
    assert names() == {"L4 unreadable-item"}


def test_l5_operation_twice(plant, names) -> None:
    plant.record(line(4), lambda record: record.update(operation="grant"))
    assert names() == {"L5 operation-twice"}


def test_l6_not_conserved(plant, names) -> None:
    def out_of_nothing(record: dict[str, Any]) -> None:
        record["balance"] += 5
        record["lots"][0]["remaining"] += 5

    plant.record(BOB, out_of_nothing)
    assert "L6 not-conserved" in names()


def test_l7_hold_ended_twice(plant, names) -> None:
    def as_second_end(record: dict[str, Any]) -> None:
        record["line"]["sequence"] = 10

    plant.copy(line(6), line(10), as_second_end)
    assert "L7 hold-ended-twice" in names()


def test_l7_hold_not_opened_once(plant, names) -> None:
    plant.record(line(5), lambda record: record["line"]["hold"].update(id="h9"))
    assert "L7 hold-not-opened-once" in names()


def test_l7_hold_other_lots(plant, names) -> None:
    plant.record(line(6), lambda record: record["line"]["hold"]["parts"][0].update(lot_id="lot_other"))
    assert names() == {"L7 hold-other-lots"}


def test_l7_capture_of_other_lots(plant, names) -> None:
    plant.record(line(3), lambda record: record["line"]["lots"][0].update(lot_id="lot_other"))
    assert {"L7 hold-other-lots", "L7 lot-overdrawn"} <= names()


def test_l7_lots_not_amount(plant, names) -> None:
    plant.record(line(7), lambda record: add("amount", -1)(record["line"]["lots"][0]))
    assert "L7 lots-not-amount" in names()


def test_l7_lot_overdrawn(plant, names) -> None:
    plant.record(line(7), lambda record: add("amount", -1000)(record["line"]["lots"][0]))
    assert "L7 lot-overdrawn" in names()


def test_l7_lot_above_grant(plant, names) -> None:
    plant.record(WALLET, lambda record: record["lots"][0].update(granted=record["lots"][0]["remaining"]))
    assert names() == set()
    plant.record(WALLET, lambda record: add("granted", -1)(record["lots"][0]))
    assert names() == {"L7 lot-above-grant"}


def test_l7_lot_overheld(plant, names) -> None:
    plant.record(WALLET, lambda record: add("amount", 1000)(record["holds"][0]["parts"][0]))
    assert {"L7 lot-overheld", "L7 holds-not-fold"} <= names()


def test_what_another_platform_does_is_its_own(plant, names) -> None:
    def elsewhere(record: dict[str, Any]) -> None:
        record["platform_id"] = "q"

    plant.copy(WALLET, keys.wallet("q", "ada", "credit"), elsewhere)
    found = list(verify(every_item()))
    assert {difference.place.split()[0] for difference in found} == {"q"}


def test_a_parked_effect_is_a_warning(moving_clock) -> None:
    effect = Effect(kind="ring", payload={})
    operation = by_system(system("p"), "ring", "once")
    perform(operation, [], lambda _: Decision(answer=None, effects=[effect]))
    outbox = Outbox({"ring": lambda platform_id, payload: 1 / 0})
    for _ in range(MAX_TRIES):
        outbox.drain(operation.receipt_key)
        moving_clock.forward(hours=1)
    (found,) = verify(every_item())
    assert (found.warning, found.name) == (True, "parked-effect")
    assert "ring" in str(found)


# ------------------------------------------------------------------------------------------- pages


@pytest.fixture
def paged(plant) -> list[keys.Key]:
    """Carol holds 45 lots; the places of her pages."""
    wallets, carol = Wallets(), keys.wallet("p", "carol", "credit")
    for number in range(45):

        def decide(loaded: read.Loaded, name: str = f"give{number}") -> Decision:
            wallet = wallets.load(loaded, "p", "carol")
            journal = Journal(operation=name, kind="test", at=clock.now(), reference={})
            grant = Grant(origin=Origin.GIFT, amount=2, cost=Money(10, "TRY"))
            return Decision(answer=None, writes=wallets.prepare_grant(wallet, grant, journal).writes)

        perform(by_system(system("p"), "test", f"give{number}"), [carol], decide)
    assert list(verify(every_item())) == []
    return [page_key(page) for page in read.query(carol.pk, prefix="LOTS#").records]


def test_l2_a_lot_on_a_page_is_not_as_the_fold(plant, names, paged) -> None:
    plant.record(paged[0], lambda record: add("remaining", 1)(record["lots"][0]))
    assert {"L2 balance-not-lots", "L2 lots-not-fold", "L7 lot-above-grant"} == names()


def test_l2_a_page_is_lost(plant, names, paged) -> None:
    plant.remove(paged[1])
    assert {"L2 balance-not-lots", "L2 lots-not-fold"} == names()


def test_l2_page_not_reached(plant, names, paged) -> None:
    plant.record(keys.wallet("p", "carol", "credit"), lambda record: record["paged"].clear())
    assert "L2 page-not-reached" in names()


def test_l2_lot_misplaced(plant, names, paged) -> None:
    moved = plant.read(paged[0])["record"]["lots"][-1]
    plant.record(paged[0], lambda record: record["lots"].pop())
    plant.record(paged[1], lambda record: record["lots"].append(moved))
    assert names() == {"L2 lot-misplaced"}


def test_l2_a_restored_wallet_that_does_not_lead_to_its_pages_is_repaired(plant, names, paged) -> None:
    plant.record(keys.wallet("p", "carol", "credit"), lambda record: record["paged"].clear())
    assert names()
    assert Repairs({}).run().left == []
    assert names() == set()


def test_l2_a_restored_page_of_before_is_repaired(plant, names, paged) -> None:
    """Its half of a spend was lost: the journal says what is left."""
    plant.record(paged[0], lambda record: add("remaining", 1)(record["lots"][0]))
    assert names()
    assert Repairs({}).run().left == []
    assert names() == set()

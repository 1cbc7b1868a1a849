"""What ``make bench`` counts with, and what it must have told."""

import re
from pathlib import Path
from typing import Any

import pytest

from infra.bench.__main__ import DOCUMENT
from infra.bench.figures import Figure, number
from infra.bench.programs.wallet import spent, stored
from infra.bench.storms import PAYMENTS, Storm, storms
from infra.bench.storms import rows as storm_rows
from infra.bench.units import INDEXES, Change, item_bytes
from infra.bench.verification import ENTRIES, Verification
from infra.bench.verification import rows as verification_rows
from infra.bench.wallets import WalletFigure, rows
from infra.bundle import ZIP_NAME, PackagingFailed, check_zip

KEYS = {"PK": {"S": "p"}, "SK": {"S": "s"}}  # 6 bytes
OWNED = KEYS | {"GSI1PK": {"S": "o"}, "GSI1SK": {"S": "1"}}
DUE = KEYS | {"GSI3PK": {"S": "WORK#0"}, "GSI3SK": {"S": "1"}}


def weighing(size: int, item: dict[str, Any] = KEYS) -> dict[str, Any]:
    """The item, filled up to so many bytes."""
    return item | {"fill": {"S": "x" * (size - item_bytes(item) - len("fill"))}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "kredi"}, 5),
        ({"S": "ş"}, 2),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "149000"}, 3),
        ({"N": "1234"}, 3),
        ({"N": "-1234"}, 4),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + 3 + 2),
        ({"M": {"at": {"S": "abc"}}}, 3 + 1 + 2 + 3),
    ],
)
def test_an_item_weighs_its_names_and_values(value: dict[str, Any], size: int) -> None:
    assert item_bytes({"name": value}) == 4 + size
    assert item_bytes(KEYS) == 6


@pytest.mark.parametrize(
    ("change", "units"),
    [
        (Change(None, weighing(1024)), 2),
        (Change(None, weighing(1025)), 4),
        (Change(weighing(3000), weighing(100)), 6),
        (Change(weighing(3000), None), 6),
        (Change(KEYS, KEYS), 2),
        (Change(None, None), 2),
        (Change(None, weighing(1025), units_per_kb=1), 2),
    ],
)
def test_a_transaction_takes_two_units_for_each_kb_of_the_larger_item(change: Change, units: int) -> None:
    assert change.table_units == units
    assert change.index_units == change.entries == 0


@pytest.mark.parametrize(
    ("change", "units", "entries"),
    [
        (Change(None, OWNED), 1, 1),
        (Change(None, weighing(1025, OWNED)), 2, 1),
        (Change(OWNED, OWNED | {"state": {"S": "paid"}}), 1, 1),
        (Change(OWNED, OWNED), 0, 0),
        (Change(OWNED, OWNED | {"GSI1SK": {"S": "2"}}), 2, 1),
        (Change(OWNED, KEYS), 1, 1),
        (Change(OWNED, None), 1, 1),
        (Change(None, weighing(3000, DUE)), 1, 1),
        (Change(DUE, DUE | {"state": {"S": "paid"}}), 0, 0),
        (Change(DUE, KEYS), 1, 1),
        (Change(None, OWNED | DUE), 2, 2),
    ],
)
def test_an_index_takes_one_unit_for_each_entry_that_changes(
    change: Change, units: int, entries: int
) -> None:
    assert (change.index_units, change.entries) == (units, entries)


def test_the_indexes_are_those_of_the_table(template: dict[str, Any]) -> None:
    (table,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"]
    declared = {
        tuple(key["AttributeName"] for key in index["KeySchema"]): index["Projection"]["ProjectionType"]
        for index in table["Properties"]["GlobalSecondaryIndexes"]
    }
    assert declared == {index.keys: "KEYS_ONLY" if index.keys_only else "ALL" for index in INDEXES}


def test_a_figure_is_judged_by_its_floor() -> None:
    reached = Figure(name="", value=1.2, unit="", floor=1, floor_is="", goal=1.2)
    missed = Figure(name="", value=1.21, unit="", floor=1, floor_is="", goal=1.2)
    assert (reached.verdict, missed.verdict) == ("reached", "missed")
    assert [number(value) for value in (0.2514, 9.871, 25.84, 1536.7)] == ["0.251", "9.87", "25.8", "1 537"]


def test_the_document_names_every_figure() -> None:
    text = DOCUMENT.read_text()
    assert re.search(r"by `make bench` on 20\d\d-\d\d-\d\d\. Machine: \d+ cores of .+, Python 3\.\d+", text)
    assert re.search(r"counted in (millions of instructions|milliseconds of CPU time)", text)
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    figures = [
        *("a booking with credits", "an order's start", "a fulfilment (the webhook)"),
        "… of an appointment, with a hold of credits",
        *("a join (the first)", "an end (by the expert)", "an apply (one of 4 packages is new)"),
        *(
            "cold start, as packaged",
            "cold start, beside libraries as installed",
            "cold start, without bytecode",
        ),
        *("GET /v1/health in the handler", "a booking in the handler, network stubbed"),
        "a fulfilled payment in the handler, network stubbed",
        *("GET /v1/health", "the public catalogue", "a booking"),
    ]
    assert [name for name in figures if name not in rows] == []
    assert [name for name in figures if "×" not in text or len(re.findall(r"\d", rows[name])) < 4] == []
    assert "| 1 client | 8 clients |" in text
    assert [f"| {number(entries)} |" in text for entries in ENTRIES] == [True] * 3
    assert f"| a storm | {number(PAYMENTS)} |" in text
    assert [goal for goal in ("≤ 1.15 ", "≤ 1.3 ", "≤ 1.2 ") if goal not in text] == []


def test_importing_the_app_imports_no_library_that_a_call_seldom_needs(packaged: Path) -> None:
    program = """
import app, sys
found = {"stripe", "requests", "openpyxl", "lxml", "boto3"} & set(sys.modules)
assert not found, found
"""
    check_zip(packaged / ZIP_NAME, program)
    with pytest.raises(PackagingFailed, match="openpyxl"):
        check_zip(packaged / ZIP_NAME, f"import openpyxl\n{program}")


def test_a_spend_of_one_lot_is_the_floor_of_spends_of_many() -> None:
    """Each lot up to the twentieth makes the item larger, and none beyond it."""
    sizes = {lots: item_bytes(stored(lots)) for lots in (1, 20, 100, 10_000)}
    assert (sizes[20] - sizes[1]) / 19 > 200
    assert sizes[10_000] - sizes[20] < 100
    wallet, entry = (write.item.serialize() for write in spent(stored(20)).writes)
    assert wallet["record"]["M"]["balance"] == {"N": "9999"}
    assert item_bytes(entry) < 1024
    figures = [
        WalletFigure(lots=1, kilobytes=0.5, write_units=4, computing=2.0),
        WalletFigure(lots=1_000, kilobytes=270.0, write_units=542, computing=180.0),
    ]
    assert rows(figures, "ms").splitlines()[-1] == "| 1 000 | 270.00 | 542 | 180 ms | 135.5 / 90.0 |"


def test_the_memory_of_a_verification_is_judged_by_that_of_the_smallest_ledger() -> None:
    def figure(entries: int, peak_megabytes: float) -> Verification:
        return Verification(
            entries=entries, peak_megabytes=peak_megabytes, microseconds=90.0, floor_microseconds=45.0
        )

    told = verification_rows([figure(1_000, 50.0), figure(2_000, 60.0), figure(3_000, 60.6)]).splitlines()
    assert told[-2] == "| 2 000 | 60.0 | 1.20 | ≤ 1.2 reached | 90 µs | 45 µs | 2.00 |"
    assert "| 1.21 | ≤ 1.2 missed |" in told[-1]


def test_a_storm_is_played_beside_a_calm_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stack the rest is measured on."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TABLE_NAME", "another")
    storm, calm = storms(20)
    assert (storm.payments, calm.payments) == (20, 20)
    assert storm.deliveries > storm.events
    assert calm.deliveries == calm.events > 0
    assert storm.differences == calm.differences == calm.lost == 0


def test_a_storm_after_which_the_books_differ_has_missed_its_goal() -> None:
    calm = Storm(payments=100, events=300, deliveries=300, lost=0, differences=0, cpu_seconds=2.0)
    storm = Storm(payments=100, events=310, deliveries=900, lost=15, differences=1, cpu_seconds=5.0)
    [missed, floor] = storm_rows(storm, calm).splitlines()[-2:]
    assert missed == "| a storm | 100 | 310 | 15 | 900 | 1 | 0 missed | 50 ms | 2.50 |"
    assert floor == "| the floor: a calm day | 100 | 300 | 0 | 300 | 0 | 0 reached | 20 ms | 1.00 |"

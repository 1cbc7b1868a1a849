"""``docs/peers.md``: every test that it names exists, and it names every test that answers a thread."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "peers.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`:]+\.py)::(\w+)`", PAGE)))
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| .*#\d", line)]
PEERS = re.compile(r"test_(cal|easyappointments|odoo|nextcloud|dayotter)_\w*?\d")
# Double booking, breaks and daylight saving as the trade's forums had them when the calendar was designed.
THREADS = {
    "cal.com": "13397 28151 29958 10789 5820 13360 22803 14868 29532 24253 3662 2078 15265 4702 6217 12137 10517 "
    "1092 4753 2250 8398 6622 7667 29510 30001 30000 29495 12034 13697 17469",
    "Easy!Appointments": "31 845 982 996 1217 1420 1431 1783 1635 1224 435 1380 1686 910 962 961 985 1176 1789 324",
    "LibreBooking": "147",
    "CloudMeet": "43",
    "booking-js": "76",
    "ithaca-recovery": "360 446",
    "zulip": "11672",
    "Odoo": "158337",
    "Thunderbird Appointment": "905",
    "Nextcloud Appointments": "409",
    "Dayotter": "50",
    "Crocoblock": "8451 4852 4013",
    "bigbluebutton": "7",
    "codebuddies": "463",
    "opentok-meet": "147",
    "amazon-chime-sdk-js": "915",
}


@cache
def defined_in(path: str) -> list[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def threads_of(cell: str) -> set[tuple[str, str]]:
    """``| cal.com #1, #2, Odoo #3`` as pairs of a product and a number."""
    product, found = "", set()
    for part in cell.removeprefix("| ").split(", "):
        name, _, number = part.rpartition("#")
        product = name.strip() or product
        found.add((product, number))
    return found


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in defined_in(path)


def test_every_thread_has_a_test_or_a_reason() -> None:
    listed = set[tuple[str, str]]().union(*(threads_of(row[0]) for row in ROWS))
    wanted = {(product, number) for product, numbers in THREADS.items() for number in numbers.split()}
    assert wanted - listed == set()
    assert all(len(row) == 3 and row[2].removesuffix(" |").strip() for row in ROWS)


def test_every_test_that_is_called_by_a_thread_stands_on_the_page() -> None:
    files = (ROOT / "tests").rglob("test_peers_*.py")
    paths = [str(file.relative_to(ROOT)) for file in files if file != Path(__file__).resolve()]
    called = {(path, name) for path in paths for name in defined_in(path) if PEERS.match(name)}
    assert len(called) > 20
    assert called - set(NAMED) == set()

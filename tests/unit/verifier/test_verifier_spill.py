"""What does not fit in memory is sorted on disk: every row comes back once, in order, from bounded memory."""

from random import Random

import pytest

from chalicelib.verifier import spill
from chalicelib.verifier.spill import Row, Spill


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 2_999, 3_000])
def test_rows_come_back_sorted_whatever_their_number(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of 10 rows, so that 3 000 make three levels of 16."""
    monkeypatch.setattr(spill, "ROWS_IN_MEMORY", 10)
    rows: list[Row] = [(f"{number:04}", number % 3, str(number).encode()) for number in range(count)]
    with Spill() as kept:
        for row in Random(1).sample(rows, count):
            kept.add(row)
        assert list(kept.sorted()) == rows


def test_rows_of_one_key_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "ROWS_IN_MEMORY", 2)
    with Spill() as kept:
        for _ in range(7):
            kept.add(("same", 0, b""))
        assert list(kept.sorted()) == [("same", 0, b"")] * 7


def test_its_files_are_closed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "ROWS_IN_MEMORY", 1)
    with Spill() as kept:
        kept.add(("a", 0, b""))
        (runs,) = kept._levels
    assert [run.closed for run in runs] == [True]

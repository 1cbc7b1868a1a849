"""The document of ``make torture`` says what was tried, when, and at which size."""

from tests.torture.__main__ import document
from tests.torture.parts import Outcome

RACES = Outcome("races", {"rounds": 16}, "nothing", "2026-11-22 10:00", 7.4, {"p99 ms": 900})


def test_a_smaller_size_is_not_taken_for_the_full_one() -> None:
    assert "This was the full size." in document([], 1, "full")
    smaller = document([], 1, "quick")
    assert "This was the full size." not in smaller
    assert "60 lifecycles (100,000)" in smaller
    assert "| races | | not in this run |" in smaller


def test_a_part_that_is_tried_again_has_a_new_row_and_the_others_keep_theirs() -> None:
    before = document([RACES], 1, "quick")
    timers = Outcome("timers", {"lifecycles": 60}, "nothing", "2026-11-23 11:00", 2.0, {})
    after = document([timers], 1, "quick", before)
    [kept] = [row for row in after.splitlines() if row.startswith("| races | ")]
    assert kept in before
    assert kept.endswith("| nothing | 2026-11-22 10:00 | 7 |")
    assert "rounds 16; measured: p99 ms 900" in kept
    [new] = [row for row in after.splitlines() if row.startswith("| timers | ")]
    assert new.endswith("| nothing | 2026-11-23 11:00 | 2 |")
    assert document([RACES], 1, "quick", after) == after

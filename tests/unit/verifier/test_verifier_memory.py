"""The verifier's memory does not grow with the ledger; ``make bench`` measures it up to a million entries."""

from infra.bench.verification import MEMORY_GOAL, verification


def test_ten_times_the_entries_take_no_more_memory() -> None:
    few, many = verification(10_000), verification(100_000)
    assert many.peak_megabytes <= MEMORY_GOAL * few.peak_megabytes

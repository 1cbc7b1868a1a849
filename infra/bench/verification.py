"""What verifying so many ledger entries takes: memory, and computing beside decoding alone."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.bench.figures import number, table
from infra.local.environments import ROOT

ENTRIES = (10_000, 100_000, 1_000_000)
MEMORY_GOAL = 1.2  # of the smallest number's, however many there are
_CODE = "from infra.bench.programs.verifier import measure; measure({entries})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """So many entries, verified in a process of their own. Microseconds of CPU are for one entry."""

    entries: int
    peak_megabytes: float
    microseconds: float
    floor_microseconds: float


def verifications() -> list[Verification]:
    """One figure for each number of entries, the smallest first."""
    return [verification(entries) for entries in ENTRIES]


def verification(entries: int) -> Verification:
    """A fresh process, since the most memory that one ever had never goes down."""
    command = [sys.executable, "-c", _CODE.format(entries=entries)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return Verification(
        entries=entries,
        peak_megabytes=found["peak_bytes"] / 1024**2,
        microseconds=found["verifying"] / entries * 1e6,
        floor_microseconds=found["decoding"] / entries * 1e6,
    )


def rows(figures: Sequence[Verification]) -> str:
    """A table in Markdown; the memory of the smallest number is the floor of the rest."""
    head = ["ledger entries", "most memory, MB", "× the first", "goal", "CPU of an entry", "floor", "×"]
    least = figures[0].peak_megabytes
    return table(head, [_row(each, each.peak_megabytes / least) for each in figures])


def _row(each: Verification, ratio: float) -> list[str]:
    verdict = "reached" if ratio <= MEMORY_GOAL else "missed"
    return [
        number(each.entries),
        f"{each.peak_megabytes:.1f}",
        f"{ratio:.2f}",
        f"≤ {MEMORY_GOAL} {verdict}",
        f"{number(each.microseconds)} µs",
        f"{number(each.floor_microseconds)} µs",
        f"{each.microseconds / each.floor_microseconds:.2f}",
    ]

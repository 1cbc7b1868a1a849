"""``make torture``: everything that is tried by machine, at its full size, into ``docs/torture.md``.

``SEED`` decides all that is left to chance: the same seed tries the same, and counts the same. ``SCALE=quick`` is a
look at whether it runs; ``PARTS`` names some parts alone, whose rows in a document of the same seed and size are new.
"""

import multiprocessing
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.torture import mutants
from tests.torture.parts import GOALS, PARTS, RACES, SCALES, Outcome, Scale, one_part

DOCUMENT = Path("docs/torture.md")


def torture(seed_given: int, scale: Scale, parts: list[str]) -> Iterator[Outcome]:
    """Each part in a process of its own, as many at a time as there are processors, and the races alone."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), spawned, max_tasks_per_child=1) as pool:
        for together in (
            [part for part in parts if part != RACES],
            [part for part in parts if part == RACES],
        ):
            begun = [pool.submit(one_part, part, seed_given, scale) for part in together]
            for done in as_completed(begun):
                yield done.result()


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _told(each: Outcome) -> str:
    measured = f"; measured: {_listed(each.measured)}" if each.measured else ""
    return _listed(each.counts) + measured


def document(outcomes: list[Outcome], seed_given: int, scale_name: str, before: str = "") -> str:
    """A row for each part; of those that are not among the outcomes, the row in the document that was ``before``."""
    new = {each.part: _row(each) for each in outcomes}
    rows = [new.get(part) or _row_before(part, before) for part in PARTS]
    bugs = [f"| {mutant.name} | {mutant.path} | `{mutant.check}` |" for mutant in mutants.MUTANTS]
    return "\n".join(
        [
            "# What was tried to break it",
            "",
            (
                f"{_command(seed_given, scale_name)}, {os.cpu_count()} processors "
                f"({platform.machine()}), Python {platform.python_version()}, moto and the payment sandbox in one process; "
                "the races on the embedded AWS, over HTTP."
            ),
            "The seed decides all that is left to chance, and the same one counts the same; what is measured is the machine's, and under load.",
            "`tests/README.md` says which test runs on which engine, and why. A failed part does not hide the others.",
            "",
            "| part | what it does | tried | the goal | found | ended, UTC | s |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            *_sizes(scale_name),
            "",
            "## Planted bugs",
            "",
            "Each is planted in a copy of the product, and must be caught by the check beside it.",
            "",
            "| bug | in | caught by |",
            "|---|---|---|",
            *bugs,
            "",
        ]
    )


def _command(seed_given: int, scale_name: str) -> str:
    return f"`make torture SEED={seed_given} SCALE={scale_name}`"


def _row(each: Outcome) -> str:
    does = (PARTS[each.part].__doc__ or "").strip()
    told = [each.part, does, _told(each), GOALS[each.part], each.found, each.ended, f"{each.seconds:.0f}"]
    return f"| {' | '.join(told)} |"


def _row_before(part: str, before: str) -> str:
    rows = [row for row in before.splitlines() if row.startswith(f"| {part} | ")]
    return rows[0] if rows else f"| {part} | | not in this run | {GOALS[part]} | | | |"


def _document_before(seed_given: int, scale_name: str) -> str:
    """The document as it is, if it tells of the same seed and size."""
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    return text if _command(seed_given, scale_name) in text else ""


def _sizes(scale_name: str) -> list[str]:
    asked, ran = SCALES["full"], SCALES[scale_name]
    if ran == asked:
        return ["This was the full size."]
    return [
        (
            f"This was the size `{scale_name}`, and not the full one: {ran.pairs:.1%} of the pairs of faults (full: {asked.pairs:.0%}), "
            f"{ran.payments:,} payments ({asked.payments:,}), {ran.runs:,} runs of {ran.steps} steps ({asked.runs:,} of {asked.steps}), "
            f"{ran.lifecycles:,} lifecycles ({asked.lifecycles:,}), {ran.cases:,} cases an operation ({asked.cases:,}), "
            f"{ran.rounds:,} rounds of 64 clients ({asked.rounds:,}), {ran.changes:,} changes of an area ({asked.changes:,})."
        )
    ]


def main() -> None:
    seed_given, scale_name = int(os.environ.get("SEED") or 20261122), os.environ.get("SCALE") or "full"
    parts = (os.environ.get("PARTS") or "").split() or list(PARTS)
    are_all = parts == list(PARTS)
    before = "" if are_all else _document_before(seed_given, scale_name)
    outcomes = []
    for each in torture(seed_given, SCALES[scale_name], parts):
        outcomes.append(each)
        print(f"{each.part}: {_told(each)}; {each.found} ({each.seconds:.0f} s)", flush=True)
        if are_all or before:
            DOCUMENT.write_text(document(outcomes, seed_given, scale_name, before))
    sys.exit(any(each.found != "nothing" for each in outcomes))


if __name__ == "__main__":
    main()

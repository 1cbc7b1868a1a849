"""``make torture``: everything that is tried by machine, at its full size, into ``docs/torture.md``.

``SEED`` decides all that is left to chance: the same seed tries the same, and counts the same. ``SCALE=quick`` is a
look at whether it runs; ``PARTS`` names some parts alone, and writes nothing.
"""

import multiprocessing
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults import FAULTS, TROUBLE
from tests.torture import mutants, scenarios, storm
from tests.torture.crashes import SCENARIOS, Tried, overtake, strike, strike_pairs
from tests.torture.machine import counted, prepared
from tests.torture.world import open_world

Counts = dict[str, int]
DOCUMENT = Path("docs/torture.md")


@dataclass(frozen=True)
class Scale:
    """How much is tried."""

    pairs: float  # the share of all pairs of faults
    payments: int
    runs: int
    steps: int


SCALES = {
    "quick": Scale(pairs=0.002, payments=50, runs=5, steps=20),
    "small": Scale(pairs=0.02, payments=300, runs=16, steps=25),
    "full": Scale(pairs=0.5, payments=10_000, runs=400, steps=50),
}


def crashes(_: int, scale: Scale) -> Counts:
    """Each call of each handler × each fault, alone."""
    del scale
    tried = Tried()
    with open_world() as world:
        for name in SCENARIOS:
            strike(world, name, (*FAULTS, *TROUBLE), tried)
    return _told(tried)


def overtaken(_: int, scale: Scale) -> Counts:
    """Each step is done by somebody else between two calls of its own."""
    del scale
    tried = Tried()
    with open_world() as world:
        for name in SCENARIOS:
            overtake(world, name, tried)
    return _told(tried)


def pairs(seed_given: int, scale: Scale) -> Counts:
    """Two faults: one in the first delivery, one in the second."""
    tried, chance = Tried(), random.Random(seed_given)
    with open_world() as world:
        for name in SCENARIOS:
            strike_pairs(world, name, chance, scale.pairs, tried)
    return _told(tried)


def webhooks(seed_given: int, scale: Scale) -> Counts:
    """Storms of webhooks."""
    with open_world() as world:
        return storm.run(world, seed_given, scale.payments)


def machine(seed_given: int, scale: Scale) -> Counts:
    """The state machine beside its model."""
    chosen = settings(
        max_examples=scale.runs,
        stateful_step_count=scale.steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    with open_world() as world:
        counting, counts = counted(prepared(world))
        run_state_machine_as_test(seed(seed_given)(counting), settings=chosen)
        return counts()


def planted(_: int, scale: Scale) -> Counts:
    """Bugs that are planted in a copy of the product."""
    del scale
    caught = {mutant.name: mutants.caught(mutant) for mutant in mutants.MUTANTS}
    escaped = [name for name, seen in caught.items() if not seen]
    if escaped:
        raise AssertionError(f"not caught: {escaped}")
    return {"planted": len(caught), "caught": sum(caught.values())}


PARTS: dict[str, Callable[[int, Scale], Counts]] = {
    "crashes": crashes,
    "overtaken": overtaken,
    "pairs": pairs,
    "webhooks": webhooks,
    "machine": machine,
    "planted": planted,
}


def _told(tried: Tried) -> Counts:
    kinds = {f"{fault}": count for fault, count in sorted(tried.faults.items())}
    return {"scenarios": len(SCENARIOS), "faults": tried.faults.total(), **kinds}


@dataclass(frozen=True)
class Outcome:
    part: str
    counts: Counts
    found: str
    seconds: float


def torture(seed_given: int, scale: Scale, parts: list[str]) -> list[Outcome]:
    """Each part in a process of its own, as many at a time as there are processors."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), spawned, max_tasks_per_child=1) as pool:
        begun = [pool.submit(one_part, part, seed_given, scale) for part in parts]
        for done in as_completed(begun):
            each = done.result()
            said = ", ".join(f"{name} {count}" for name, count in each.counts.items())
            print(f"{each.part}: {said}; {each.found} ({each.seconds:.0f} s)", flush=True)
    return [done.result() for done in begun]


def one_part(part: str, seed_given: int, scale: Scale) -> Outcome:
    began = time.monotonic()
    counts, found = _tried(part, seed_given, scale)
    return Outcome(part, counts, found, time.monotonic() - began)


def _tried(part: str, seed_given: int, scale: Scale) -> tuple[Counts, str]:
    """What was counted and what was found; the product's log of so many faults is nobody's to read."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            counts = PARTS[part](seed_given, scale)
        except Exception as error:
            return {}, f"FAILED: {error}"[:2_000]
    wrong = {name: counts[name] for name in ("missing", "doubled", "other") if counts.get(name)}
    return counts, f"FAILED: {wrong}" if wrong else "nothing"


def document(outcomes: list[Outcome], seed_given: int, scale_name: str) -> str:
    now = datetime.now(UTC)
    rows = [
        f"| {each.part} | {(PARTS[each.part].__doc__ or '').strip()} | "
        f"{', '.join(f'{name} {count:,}' for name, count in each.counts.items())} | {each.found} | {each.seconds:.0f} |"
        for each in outcomes
    ]
    bugs = [f"| {mutant.name} | {mutant.path} | `{mutant.check}` |" for mutant in mutants.MUTANTS]
    return "\n".join(
        [
            "# What was tried to break it",
            "",
            (
                f"`make torture SEED={seed_given} SCALE={scale_name}`, {now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors "
                f"({platform.machine()}), Python {platform.python_version()}, moto and the payment sandbox in one process."
            ),
            "The same seed gives the same counts. `tests/README.md` says which test runs on which engine, and why.",
            "",
            "| part | what it does | tried | found | s |",
            "|---|---|---|---|---|",
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


def _sizes(scale_name: str) -> list[str]:
    asked, ran = SCALES["full"], SCALES[scale_name]
    if ran == asked:
        return ["This was the full size."]
    return [
        (
            f"This was the size `{scale_name}`, and not the full one: {ran.pairs:.1%} of the pairs of faults (full: {asked.pairs:.0%}), "
            f"{ran.payments:,} payments ({asked.payments:,}), {ran.runs:,} runs of {ran.steps} steps ({asked.runs:,} of {asked.steps})."
        )
    ]


def main() -> None:
    seed_given, scale_name = int(os.environ.get("SEED") or 20261122), os.environ.get("SCALE") or "full"
    parts = (os.environ.get("PARTS") or "").split() or list(PARTS)
    assert scenarios
    outcomes = torture(seed_given, SCALES[scale_name], parts)
    if parts == list(PARTS):
        DOCUMENT.write_text(document(outcomes, seed_given, scale_name))
    sys.exit(any(each.found != "nothing" for each in outcomes))


if __name__ == "__main__":
    main()

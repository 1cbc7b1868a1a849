"""The parts of ``make torture``: what each tries, at which size, and what it counted."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults import FAULTS, TROUBLE
from tests.fuzzing import ROUTES
from tests.torture import fuzz, mutants, races, storm
from tests.torture import timers as played
from tests.torture.crashes import NotAsIfNothingFailed, Tried, overtake, strike, strike_pairs
from tests.torture.machine import counted, prepared
from tests.torture.mutation import AREAS
from tests.torture.scenarios import SCENARIOS
from tests.torture.world import World, open_world

Counts = dict[str, int]
MEASURED: dict[str, Counts] = {}


@dataclass(frozen=True)
class Scale:
    """How much is tried."""

    pairs: float  # the share of all pairs of faults
    payments: int
    runs: int
    steps: int
    lifecycles: int
    cases: int  # of each operation
    rounds: int  # of 64 clients
    changes: int  # of each area


SCALES = {
    "quick": Scale(pairs=0.002, payments=100, runs=6, steps=20, lifecycles=60, cases=2, rounds=16, changes=2),
    "small": Scale(
        pairs=0.01, payments=300, runs=16, steps=25, lifecycles=400, cases=20, rounds=64, changes=10
    ),
    "full": Scale(
        pairs=0.08,
        payments=10_000,
        runs=400,
        steps=50,
        lifecycles=100_000,
        cases=1_000,
        rounds=1_568,
        changes=100,
    ),
}


def crashes(_: int, scale: Scale) -> Counts:
    """Each call of each handler × each fault, alone."""
    del scale
    return everywhere(lambda world, name, tried: strike(world, name, (*FAULTS, *TROUBLE), tried))


def overtaken(_: int, scale: Scale) -> Counts:
    """Each step is done by somebody else between two calls of its own."""
    del scale
    return everywhere(overtake)


def pairs(seed_given: int, scale: Scale) -> Counts:
    """Two faults: one in the first delivery, one in the second."""

    def struck(world: World, name: str, tried: Tried) -> None:
        chance = random.Random(f"{seed_given}.{name}")
        strike_pairs(world, name, chance, scale.pairs, tried)

    return everywhere(struck)


def everywhere(struck: Callable[[World, str, Tried], object]) -> Counts:
    """One scenario after the other, whatever is found in one."""
    tried, found = Tried(), []
    with open_world() as world:
        for name in SCENARIOS:
            try:
                struck(world, name, tried)
            except NotAsIfNothingFailed as difference:
                found.append(f"{name}: {str(difference)[:900]}")
    counts = {
        "scenarios": len(SCENARIOS),
        "tried": tried.faults.total(),
        **dict(sorted(tried.faults.items())),
    }
    if found:
        raise Found(counts, found)
    return counts


class Found(Exception):
    """Something is not as it must be; the counts are told nevertheless."""

    def __init__(self, counts: Counts, found: list[str]) -> None:
        super().__init__("; ".join(found))
        self.counts = counts


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


def timers(seed_given: int, scale: Scale) -> Counts:
    """Lifecycles of sessions on a played clock, under timers that are late, doubled, lost and reordered."""
    counts = played.run(seed_given, scale.lifecycles)
    if wrong := played.wrong(counts):
        raise AssertionError(f"{wrong}")
    return counts


def fuzzed(seed_given: int, scale: Scale) -> Counts:
    """Requests by the API's document and against it, at the handler: no 5xx, no answer outside of the document."""
    with open_world() as world:
        found = list(fuzz.run(world, seed_given, scale.cases))
    counts = {
        "operations": len(ROUTES),
        "cases": len(ROUTES) * scale.cases,
        "operations that failed": len(found),
    }
    if found:
        raise Found(counts, found)
    return counts


def contested(_: int, scale: Scale) -> Counts:
    """64 clients at once, over HTTP, on a stack of its own: a slot, a wallet, a package's last session, an extension."""
    played = races.run(scale.rounds)
    if played.wrong:
        raise Found(dict(played.counts), played.wrong)
    MEASURED[RACES] = played.measured()
    return dict(played.counts)


def planted(_: int, scale: Scale) -> Counts:
    """Bugs that are planted in a copy of the product."""
    del scale
    caught = {mutant.name: mutants.caught(mutant) for mutant in mutants.MUTANTS}
    escaped = [name for name, seen in caught.items() if not seen]
    if escaped:
        raise AssertionError(f"not caught: {escaped}")
    return {"planted": len(caught), "caught": sum(caught.values())}


def changed(seed_given: int, scale: Scale) -> Counts:
    """One small change of money, booking, timers or permissions at a time, beside their fast tests."""
    command = [sys.executable, "-m", "tests.torture.mutation", str(seed_given), str(scale.changes)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told = json.loads(printed)
    counts: Counts = told["counts"]
    if any(
        100 * counts[f"{area} noticed"] < LEAST_NOTICED_PERCENT * counts[f"{area} changed"] for area in AREAS
    ):
        raise Found(counts, told["unnoticed"])
    return counts


RACES = "races"
LEAST_NOTICED_PERCENT = 90
# The longest first: two run side by side. The races come last and alone, for they need the whole machine.
PARTS: dict[str, Callable[[int, Scale], Counts]] = {
    "timers": timers,
    "fuzz": fuzzed,
    "pairs": pairs,
    "machine": machine,
    "mutation": changed,
    "webhooks": webhooks,
    "planted": planted,
    "crashes": crashes,
    "overtaken": overtaken,
    RACES: contested,
}
# What is asked of each at the full size.
GOALS = {
    "timers": "100,000 lifecycles; 0 early, 0 unended, 0 leaked; ≤ 120 s late, whatever the scheduler does, and p99 ≤ 75 s while it is well",
    "fuzz": "≥ 1,000 cases an operation, 0 answers of 5xx",
    "pairs": "with the crashes ≥ 10,000, 0 lost, 0 doubled",
    "machine": "as the model says after each step",
    "webhooks": "10,000 payments, equal to the provider after one reconcile",
    "planted": "each caught",
    "mutation": f"≥ {LEAST_NOTICED_PERCENT} % noticed in each area",
    "crashes": "every call × each fault; 0 lost, 0 doubled",
    "overtaken": "one effect",
    RACES: "≥ 100,000 attempts; 0 sold twice, 0 oversold, 0 negative",
}


@dataclass(frozen=True)
class Outcome:
    part: str
    counts: Counts
    found: str
    ended: str
    seconds: float
    measured: Counts  # what the machine and its load have part in, so that no second run measures the same


def one_part(part: str, seed_given: int, scale: Scale) -> Outcome:
    began = time.monotonic()
    counts, found = _tried(part, seed_given, scale)
    ended = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    return Outcome(part, counts, found, ended, time.monotonic() - began, MEASURED.get(part, {}))


def _tried(part: str, seed_given: int, scale: Scale) -> tuple[Counts, str]:
    """What was counted and what was found; the product's log of so many faults is nobody's to read."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            counts = PARTS[part](seed_given, scale)
        except Found as found:
            return found.counts, f"FAILED: {found}"
        except Exception as error:
            return {}, f"FAILED: {error!r}"[:2_000]
    wrong = {name: counts[name] for name in ("missing", "doubled", "other") if counts.get(name)}
    return counts, f"FAILED: {wrong}" if wrong else "nothing"

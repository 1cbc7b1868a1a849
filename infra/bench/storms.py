"""What a storm of payment webhooks does to the books, and costs beside a calm day."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from infra.bench.figures import number, table
from infra.local.environments import ROOT

PAYMENTS = 10_000
SEED = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Payments and their webhooks. ``differences``: what is not as the provider says, or does not add up."""

    payments: int
    events: int
    deliveries: int
    lost: int
    differences: int
    cpu_seconds: float

    @property
    def milliseconds(self) -> float:
        """CPU of a payment, with all that becomes of it."""
        return self.cpu_seconds / self.payments * 1000


def storms(payments: int = PAYMENTS) -> tuple[Storm, Storm]:
    """A storm, and its floor: as many payments, each event once, in order, and none lost."""
    return _played(payments, "storm"), _played(payments, "calm")


def _played(payments: int, sky: str) -> Storm:
    """In a process of its own, so that neither the other one's nor the stack's settings are there."""
    command = [sys.executable, "-m", "tests.torture.storm", str(SEED), str(payments), sky]
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return Storm(
        payments=found["payments"],
        events=found["events"],
        deliveries=found["deliveries"],
        lost=found["lost"],
        differences=found["missing"] + found["doubled"] + found["other"],
        cpu_seconds=found["cpu_seconds"],
    )


def rows(storm: Storm, calm: Storm) -> str:
    """A table in Markdown; the calm day is the floor."""
    head = ["", "payments", "events", "lost", "deliveries", "differences", "goal", "CPU of a payment", "×"]
    found = {"a storm": storm, "the floor: a calm day": calm}
    return table(head, [_row(name, each, calm.milliseconds) for name, each in found.items()])


def _row(name: str, each: Storm, floor: float) -> list[str]:
    return [
        name,
        *map(number, (each.payments, each.events, each.lost, each.deliveries, each.differences)),
        f"0 {'missed' if each.differences else 'reached'}",
        f"{number(each.milliseconds)} ms",
        f"{each.milliseconds / floor:.2f}",
    ]

"""Crashes: a step is struck at each of its calls in turn, and brought again until it succeeds, and once more.

The step runs in this process, through the fault layer, on the deployed table, while the deployed functions
drain its stream: what they do to it must not matter either.
"""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from chalicelib.core.errors import Refusal
from tests.deployed.world import start_cold
from tests.faults import FaultLayer, Killed, faults

S = TypeVar("S")
DELIVERIES = 5


class Step(Protocol[S]):
    """One step of the product: something fresh to do it to, how it is done, and what must be true after it."""

    def prepare(self) -> S:
        """Something that the step was not yet done to."""

    def act(self, subject: S) -> Any:
        """Do the step, as its caller does it, who repeats himself; returns the answer."""

    def check(self, subject: S) -> None:
        """Assert that it was done, once."""


@dataclass(frozen=True)
class Struck:
    """Which calls were struck, in order, and how many times the step was left undone by it."""

    calls: list[str]
    deaths: int


def calls_of(step: Step[Any]) -> list[str]:
    """Every call that the step makes when nothing fails."""
    subject = step.prepare()
    start_cold()
    with faults(FaultLayer()) as layer:
        step.act(subject)
    step.check(subject)
    return layer.calls


def strike_everywhere(step: Step[Any], fault: str) -> Struck:
    """Strike the first call, with another subject the second, and so on, until no call is left to be struck."""
    calls: list[str] = []
    deaths = 0
    for place in itertools.count():
        subject, answers = step.prepare(), list[Any]()
        layer = FaultLayer(at=place, fault=fault)
        start_cold()
        with faults(layer), suppress(Refusal):
            try:
                answers.append(step.act(subject))
            except Killed:
                deaths += 1
        if layer.struck:
            calls.append(layer.struck)
        _deliver(lambda subject=subject: step.act(subject), answers)
        step.check(subject)
        _deliver(lambda subject=subject: step.act(subject), answers)
        step.check(subject)
        assert all(answer == answers[0] for answer in answers), f"{layer.struck}: {answers}"
        if not layer.struck:
            return Struck(calls, deaths)
    raise AssertionError


def _deliver(act: Callable[[], Any], answers: list[Any]) -> None:
    """By another process, since the first one is dead; a refusal is answered by another delivery."""
    for _ in range(DELIVERIES - 1):
        start_cold()
        with suppress(Refusal):
            return answers.append(act())
    return answers.append(act())

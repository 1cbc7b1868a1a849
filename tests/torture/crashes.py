"""Crashes: a step is struck at each of its calls in turn, brought again until it succeeds, and then once more.

Afterwards the world must be as if nothing had failed: the same items and the same effects outside, but for their
names and instants. So a scenario need not say what is right; its own history without a fault does.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults import FAULTS, TROUBLE, FaultLayer, Killed, faults
from tests.torture.outside import nameless
from tests.torture.world import Undone, World, start_cold

# Who died while he asked a provider keeps all others from asking for two minutes; each time that one of them comes
# in vain the next waits twice as long, and the stream's reminder in between finds nothing to do yet.
DELIVERIES = 12
AGAIN_AFTER_SECONDS = 30
Act = Callable[[], bytes | None]
Scenario = Callable[[World], Act]

SCENARIOS: dict[str, Scenario] = {}
HANDLERS: set[str] = set()


def scenario(*handlers: str) -> Callable[[Scenario], Scenario]:
    """A step that is struck. It brings the world to where the step can be done, and returns how it is done.

    ``handlers`` are what it tries: a route, an ``effect``, what falls ``due``, or an ``entry`` of ``app.py``.
    """

    def register(made: Scenario) -> Scenario:
        SCENARIOS[made.__name__] = made
        HANDLERS.update(handlers)
        return made

    return register


class NotAsIfNothingFailed(AssertionError):
    """A fault has left a trace, or has taken something away."""


@dataclass
class Overtaken(FaultLayer):
    """Before call number ``at`` the same step is done by somebody else, from its beginning to its end."""

    act: Act = lambda: None
    _inside: bool = False

    def through(
        self,
        name: str,
        call: Callable[[], Any],
        lose: Callable[[], Any],
        trouble: Callable[[str], Any] | None = None,
    ) -> Any:
        if self._inside:
            return call()
        if len(self.calls) == self.at:
            self.struck, self._inside = name, True
            with suppress(Undone):
                self.act()
            self._inside = False
        self.calls.append(name)
        return call()


@dataclass
class Tried:
    """How many faults struck, of which kind, and at which calls."""

    faults: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, fault: str, call: str) -> None:
        self.faults[fault] += 1
        self.calls[call] += 1


@dataclass
class History:
    """The calls of each delivery, the answers, and the world that is left."""

    calls: list[list[str]]
    struck: list[str | None]
    answers: list[Any]
    told: dict[str, Counter[str]]
    differences: list[str]


def live(world: World, act: Act, layers: list[FaultLayer]) -> History:
    """Deliver until it succeeds, and once more; the first deliveries go through ``layers``."""
    calls, answers, left = [], list[Any](), list(layers)
    deliveries = 0
    while len(answers) < 2 or left:
        deliveries += 1
        if deliveries > DELIVERIES:
            raise NotAsIfNothingFailed(f"not done after {DELIVERIES} deliveries: {calls}")
        layer = left.pop(0) if left else FaultLayer()
        start_cold()
        random.seed(0)  # the order in which the sweeper goes through its partitions
        with faults(layer):
            try:
                answers.append(act())
            except Killed:
                pass
            except Undone:
                world.clock.forward(seconds=AGAIN_AFTER_SECONDS)
        calls.append([nameless(call) for call in layer.calls])
    if answers[-1] is None:  # an entry, which may come at another instant and bring along what is due then
        world.stream()
    struck = [layer.struck and nameless(layer.struck) for layer in layers]
    return History(calls, struck, answers, world.outside.told(), world.differences())


def strike(world: World, name: str, kinds: tuple[str, ...] = FAULTS, tried: Tried | None = None) -> Tried:
    """Every call of a scenario × every kind of fault, one at a time."""
    tried, ground = tried or Tried(), Ground(world, name)
    for fault in kinds:
        for place in range(len(ground.clean.calls[0])):
            history = ground.again([FaultLayer(at=place, fault=fault)], f"{fault} at {place}")
            if history.struck[0] is None and fault == "conflict":
                continue  # a read has none
            if history.struck[0] != ground.clean.calls[0][place]:
                raise NotAsIfNothingFailed(f"{name}: {history.struck[0]} was struck, and not call {place}")
            tried.add(fault, history.struck[0])
    return tried


def overtake(world: World, name: str, tried: Tried | None = None) -> Tried:
    """The same step, with the same key, is done by two at once: one effect, whoever is the quicker."""
    tried, ground = tried or Tried(), Ground(world, name)
    for place in range(len(ground.clean.calls[0])):
        history = ground.again([Overtaken(at=place, act=ground.act)], f"overtaken at {place}")
        tried.add("overtaken", str(history.struck[0]))
    return tried


def strike_pairs(world: World, name: str, chance: random.Random, share: float, tried: Tried) -> Tried:
    """A second fault in the delivery after the first; of all pairs a ``share``, by chance."""
    ground = Ground(world, name)
    for first, second in _pairs(len(ground.clean.calls[0])):
        if chance.random() >= share:
            continue
        faulty = [FaultLayer(*first), FaultLayer(*second)]
        history = ground.again(faulty, f"{first} and {second}")
        # Whether a repetition makes as many calls as the second fault waits for is left to names that chance gives.
        tried.add(f"first {first[1]}", str(history.struck[0]))
    return tried


def _pairs(places: int) -> Iterator[tuple[tuple[int, str], tuple[int, str]]]:
    for first in ((place, fault) for place in range(places) for fault in ("before", "after")):
        for second in ((place, fault) for place in range(places) for fault in (*FAULTS, *TROUBLE)):
            yield first, second


class Ground:
    """Where a scenario begins, again and again, and how it goes when nothing fails."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._name = world, name
        self._begin, self._instant = world.outside.kept(), world.clock.instant
        try:
            self.act = SCENARIOS[name](world)
            self._ready, self._ready_at = world.outside.kept(), world.clock.instant
            self.clean = self._lived([])
        finally:
            self._back()
        self._must_be_clean(self.clean, "nothing")

    def again(self, layers: list[FaultLayer], fault: str) -> History:
        """The same, with faults, and as if there had been none."""
        try:
            history = self._lived(layers)
        except NotAsIfNothingFailed as undone:
            raise NotAsIfNothingFailed(f"{self._name}, {fault}: {undone}") from undone
        finally:
            self._back()
        self._must_be_clean(history, fault)
        for part, said in history.told.items():
            if said != self.clean.told[part]:
                more, less = said - self.clean.told[part], self.clean.told[part] - said
                raise NotAsIfNothingFailed(
                    f"{self._name}, {fault}: {part} has {dict(more)}, lacks {dict(less)}"
                )
        return history

    def _lived(self, layers: list[FaultLayer]) -> History:
        self._world.outside.brought_back(self._ready)
        self._world.clock.instant = self._ready_at
        return live(self._world, self.act, layers)

    def _back(self) -> None:
        self._world.outside.brought_back(self._begin)
        self._world.clock.instant = self._instant

    def _must_be_clean(self, history: History, fault: str) -> None:
        if not history.calls[0]:
            raise NotAsIfNothingFailed(f"{self._name}: it does nothing, and answers {history.answers}")
        if history.differences:
            raise NotAsIfNothingFailed(f"{self._name}, {fault}: {history.differences}")
        if len(set(history.answers)) != 1:
            raise NotAsIfNothingFailed(f"{self._name}, {fault}: it answers {history.answers}")

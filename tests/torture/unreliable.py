"""Time that is played, and what is not to be relied on in it: a scheduler and a stream that are late, double, lose and reorder."""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from random import Random
from typing import Any


class Play:
    """A clock that jumps from one event to the next."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._numbers = count()
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []

    def at(self, instant: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(instant, self.now), next(self._numbers), happens))

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        self.at(self.now + timedelta(seconds=seconds), happens)

    def run(self, until: datetime, is_over: Callable[[], bool]) -> None:
        """Event by event, until nothing is left, ``until`` has come, or ``is_over`` says so."""
        while self._events and self._events[0][0] <= until and not is_over():
            self.now, _, happens = heapq.heappop(self._events)
            happens()


class Health(StrEnum):
    """``well``: each message comes as the vendor promises, at least once; ``troubled``: some do; ``dead``: none."""

    WELL = "well"
    TROUBLED = "troubled"
    DEAD = "dead"


class UnreliableScheduler:
    """EventBridge Scheduler's two calls, and its deliveries, none of which can be relied on.

    A schedule fires within its minute and is gone. Its message comes once, or late, or several times, or never;
    one that is deleted in its last moment may come all the same, and so may one that fires a moment early. Also
    while it is well its calls are refused, and what it has delivered comes again.
    """

    def __init__(
        self,
        play: Play,
        random: Random,
        deliver: Callable[..., None],
        is_leaked: Callable[[dict[str, Any]], bool],
        *,
        health: Health,
    ) -> None:
        self._play = play
        self._random = random
        self._deliver = deliver
        self._is_leaked = is_leaked
        self._health = health
        self.open: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()

    def create(self, name: str, at: datetime, message: dict[str, Any]) -> None:
        self._perhaps_fail()
        if at <= self._play.now:
            self.counts["schedules_in_the_past"] += 1
        if name in self.open:
            return
        self.open[name] = message
        self.counts["schedules"] += 1
        skew = -2 if self._random.random() < 0.05 else self._random.uniform(0, 60)
        self._play.at(at + timedelta(seconds=skew), lambda: self._fire(name))

    def delete(self, name: str) -> None:
        self._perhaps_fail()
        message = self.open.pop(name, None)
        if message is not None and self._random.random() < 0.3:
            self._send("in_flight", message, 300)

    def _perhaps_fail(self) -> None:
        if self._random.random() < 0.05:
            self.counts["calls_refused"] += 1
            raise ConnectionError("the scheduler is throttled")

    def _fire(self, name: str) -> None:
        message = self.open.pop(name, None)
        if message is None:
            return
        self.counts["leaked"] += self._is_leaked(message)
        fate = self._random.random()
        if self._health is Health.WELL:
            self._send("prompt", message, 2)
            if fate < 0.2:
                self._send("doubled", message, 600)
        elif self._health is Health.DEAD or fate < 0.15:
            self.counts["timers_lost"] += 1
        elif fate < 0.35:
            self._send("late", message, 3 * 3600)
        elif fate < 0.55:
            for _ in range(self._random.randint(2, 4)):
                self._send("doubled", message, 600)
        else:
            self._send("prompt", message, 2)

    def _send(self, how: str, message: dict[str, Any], latest_seconds: float) -> None:
        self.counts[f"timers_{how}"] += 1
        self._play.after(self._random.uniform(0, latest_seconds), lambda: self._deliver(**message))


class UnreliableStream:
    """Brings what was written to whoever drains it: mostly at once, sometimes late, twice, or never."""

    def __init__(self, play: Play, random: Random, drain: Callable[[Any], object]) -> None:
        self._play = play
        self._random = random
        self._drain = drain

    def bring(self, key: Any) -> None:
        fate = self._random.random()
        if fate < 0.1:
            return
        for _ in range(2 if fate < 0.2 else 1):
            latest = 90.0 if fate < 0.35 else 1.0
            self._play.after(self._random.uniform(0, latest), lambda: self._drain(key))

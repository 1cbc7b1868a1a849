"""Does what is due and nobody did: a timer that was lost, an effect that failed, a booking nobody joined.

The work index says only where work stands; each handler reads that item again, consistently, and decides
by what it finds. So an index that lags costs a look in vain or a minute, and nothing else.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.table import keys, read
from chalicelib.table.keys import Key

MAX_DONE = 200  # items of one partition in one run
MAX_LOOKED_AT = 1000  # the same, with those that fail, so that they do not stand in the way of the rest
MAX_ROUNDS = 20  # times that one platform is gone through after its clock has moved
_RUN = timedelta(seconds=40)  # a run's time, within its Lambda's

Handler = Callable[[Key], object]


class Platform(Protocol):
    """What the sweeper must know of a tenant."""

    @property
    def id(self) -> str: ...

    @property
    def sandbox(self) -> bool: ...

    def now(self) -> datetime: ...


class Platforms(Protocol):
    def all(self) -> Iterable[Platform]: ...

    def get(self, platform_id: str) -> Platform: ...


@dataclass(slots=True)
class Swept:
    """How one partition went."""

    done: int = 0
    failed: int = 0


class Sweeper:
    """``handlers`` maps a due item's sort key (``RECEIPT``, ``ORDER``, ``LOTS#…``), up to ``#``, to its work.

    A handler must bear being called too early, twice, and for what is done already.
    """

    def __init__(self, handlers: Mapping[str, Handler], platforms: Platforms) -> None:
        self._handlers = handlers
        self._platforms = platforms

    def run(self) -> None:
        """Once over every partition, by the clock of each. Chance says which comes first, so none starves."""
        until = clock.now() + _RUN
        partitions = [(shard, clock.now()) for shard in keys.work_shards()]
        sandboxes = (platform for platform in self._platforms.all() if platform.sandbox)
        partitions += [(keys.sandbox_shard(platform.id), platform.now()) for platform in sandboxes]
        random.shuffle(partitions)
        for partition, now in partitions:
            if clock.now() >= until:
                log("sweep_cut_off", partition=partition)
                return
            self._sweep(partition, now, set(), until)

    def sweep_platform(self, platform_id: str) -> None:
        """A sandbox's clock has moved: do what is due by it, and what falls due by that, in order of time."""
        until = clock.now() + _RUN
        failed: set[Key] = set()
        for _ in range(MAX_ROUNDS):
            now = self._platforms.get(platform_id).now()
            if not self._sweep(keys.sandbox_shard(platform_id), now, failed, until).done:
                return
        log("sweep_not_finished", platform_id=platform_id)

    def _sweep(self, partition: str, now: datetime, failed: set[Key], until: datetime) -> Swept:
        """``failed`` are left out, and those that fail now are added to them."""
        swept = Swept()
        for key in self._due(partition, now):
            if swept.done >= MAX_DONE or clock.now() >= until:
                log("sweep_cut_off", partition=partition)
                break
            if key in failed:
                continue
            if self._do(key):
                swept.done += 1
            else:
                failed.add(key)
                swept.failed += 1
        if swept.done or swept.failed:
            log("swept", partition=partition, done=swept.done, failed=swept.failed)
        return swept

    def _due(self, partition: str, now: datetime) -> Iterator[Key]:
        due = read.query_all(partition, index="GSI3", between=keys.due_until(now))
        return islice(due, MAX_LOOKED_AT)

    def _do(self, key: Key) -> bool:
        """One that fails is told of and never stops the rest; it stays due, so the next run comes to it."""
        try:
            self._handlers[key.sk.partition("#")[0]](key)
        except Exception as error:
            log("sweep_failed", pk=key.pk, sk=key.sk, error=repr(error))
            return False
        return True

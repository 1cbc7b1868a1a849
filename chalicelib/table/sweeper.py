"""Does what is due and nobody did: a timer that was lost, an effect that failed, a booking nobody joined.

The work index says only where work stands; each handler reads that item again, consistently, and decides
by what it finds. So an index that lags costs a look in vain or a minute, and nothing else.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice
from typing import Protocol

from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.leap import Leap

MAX_DONE = 200  # items of one partition in one run
MAX_LOOKED_AT = 1000  # the same, with those that fail, so that they do not stand in the way of the rest
MAX_LEAP = 4000  # items of one sandbox at once, after its clock has leapt
_RUN = timedelta(seconds=40)  # a run's time, within its Lambda's

Handler = Callable[[Key], object]


class LeapNotFinished(Exception):
    """A leap past very many things: whoever asked for it asks again, and it goes on where it stopped."""


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
        partitions: list[Callable[[], object]] = [
            partial(self._sweep, shard, clock.now(), until) for shard in keys.work_shards()
        ]
        sandboxes = (platform for platform in self._platforms.all() if platform.sandbox)
        partitions += [partial(self._live_through, each, MAX_DONE, until) for each in sandboxes]
        random.shuffle(partitions)
        for sweep in partitions:
            if clock.now() >= until:
                log("sweep_cut_off")
                return
            sweep()

    def sweep_platform(self, platform_id: str) -> None:
        """A sandbox's clock has leapt: live through it. ``LeapNotFinished`` when the time for it is over."""
        platform = self._platforms.get(platform_id)
        if not self._live_through(platform, MAX_LEAP, clock.now() + _RUN):
            raise LeapNotFinished(platform_id)

    def _live_through(self, platform: Platform, at_most: int, until: datetime) -> bool:
        """One due instant after the other; whatever is done finds the clock at the one at which it was due.

        What that brings about is due in its turn, so after each the work is asked for again. False: cut off.
        """
        leap, left = Leap(keys.sandbox_shard(platform.id), platform.now()), []
        lived: datetime | None = None
        for number in count():
            due = leap.next_due()
            if due is None:
                break
            if number == at_most or clock.now() >= until:
                log("sweep_cut_off", platform_id=platform.id)
                return False
            lived = max(due.at, lived or due.at)
            with clock.living(platform.id, lived):
                done = self._do(due.key)
            if not leap.looked_at(due) and done:
                left.append(due.key)
        for key in left:  # due by the settings of when it was written, but by those of now a little later
            self._do(key)
        return True

    def _sweep(self, partition: str, now: datetime, until: datetime) -> None:
        done = failed = 0
        for key in self._due(partition, now):
            if done >= MAX_DONE or clock.now() >= until:
                log("sweep_cut_off", partition=partition)
                break
            if self._do(key):
                done += 1
            else:
                failed += 1
        if done or failed:
            log("swept", partition=partition, done=done, failed=failed)

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

"""Session lifecycles on a played clock, with timers that are late, doubled, lost and reordered (S1, S2).

``run(seed, lifecycles)`` books, joins, leaves, extends and ends by the services themselves, on moto's table, and
counts what must not be: an end before its time, one that never came, a schedule that is left.
"""

import io
import random as chance
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import datetime, timedelta
from functools import partial
from itertools import count, cycle
from math import ceil
from random import Random
from typing import Any

import pytest

from chalicelib.adapters.meetings import LinkMeetings
from chalicelib.booking.model import BookingState
from chalicelib.booking.store import BookingItem
from chalicelib.core import clock, ids
from chalicelib.core.errors import Refusal
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.store import PlatformItem
from chalicelib.sessions import store
from chalicelib.sessions.extending import Extensions
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.sessions.service import Sessions
from chalicelib.sessions.store import SessionItem
from chalicelib.sessions.timers import SESSION_TIMER, SessionTimers
from chalicelib.table import keys, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import ReceiptItem
from chalicelib.table.outbox import Outbox
from chalicelib.table.sweeper import Sweeper
from chalicelib.table.transact import Write
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.conftest import ENVIRONMENT, empty_table
from tests.quick_table import install
from tests.store.booking import studio
from tests.store.booking.studio import ADA, PLATFORM, actor, instant
from tests.store.sessions.hall import half_hours
from tests.torture.unreliable import Health, Play, UnreliableScheduler, UnreliableStream

BOOKED_AT = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
AT_ONCE = 20  # lifecycles that share a table
MUST_NOT_BE = (
    "early",
    "unended",
    "leaked",
    "ended_twice",
    "stale_effects",
    "differences",
    "schedules_in_the_past",
)
LATEST_SECONDS = 120
# How late 99 of 100 ends may be: a scheduler that is well brings them, the sweeper what it does not.
P99_SECONDS = {Health.WELL: 75, Health.TROUBLED: LATEST_SECONDS, Health.DEAD: LATEST_SECONDS}
LONGEST = timedelta(hours=8)
SETTLED = timedelta(minutes=4)  # the stream may lose a receipt, and the scheduler refuse some calls


def wrong(counts: dict[str, int]) -> dict[str, int]:
    """What was counted that must not be: nothing early, unended or leaked, and nothing later than it may be."""
    found = {name: counts[name] for name in MUST_NOT_BE if counts.get(name)}
    limits = {"max_late_seconds": LATEST_SECONDS}
    limits |= {p99_name(health): seconds for health, seconds in P99_SECONDS.items()}
    return found | {name: counts[name] for name, limit in limits.items() if counts.get(name, 0) > limit}


def run(seed: int, lifecycles: int) -> dict[str, int]:
    """Play so many lifecycles; the same seed plays the same. The scheduler is well, troubled and dead in turn."""
    counts: Counter[str] = Counter()
    late: dict[Health, list[float]] = {health: [] for health in Health}
    for number, (first, health) in enumerate(zip(range(0, lifecycles, AT_ONCE), cycle(Health), strict=False)):
        size = min(AT_ONCE, lifecycles - first)
        with quick_table(), redirect_stdout(io.StringIO()):
            played = Round(Random(f"{seed}.{number}"), size, health)
            with played.clock():
                played.run()
        counts += played.counts
        late[health] += played.late_seconds
    seconds = {"max_late_seconds": ceil(max(map(max, filter(None, late.values()))))}
    seconds |= {p99_name(name): ceil(_percentile(found, 99)) for name, found in late.items() if found}
    return dict.fromkeys(MUST_NOT_BE, 0) | counts | seconds


@contextmanager
def quick_table() -> Iterator[None]:
    with empty_table(ENVIRONMENT), pytest.MonkeyPatch.context() as patch:
        install(patch, ENVIRONMENT["AWS_REGION"], ENVIRONMENT["TABLE_NAME"])
        yield


class Round:
    """Some lifecycles at the same time, two to an expert, one after the other."""

    def __init__(self, random: Random, size: int, health: Health) -> None:
        self._random = random
        self._size = size
        self.counts: Counter[str] = Counter()
        self.late_seconds: list[float] = []
        self._work: dict[Key, str] = {}
        self._waits_for: dict[str, tuple[int | None, datetime]] = {}
        self._closed: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self.play = Play(BOOKED_AT)
        self._sessions = Sessions(studio.platforms, studio.calendars, studio.bookings, LinkMeetings())
        self._extensions = Extensions(studio.platforms, studio.calendars, studio.bookings)
        self._scheduler = UnreliableScheduler(
            self.play, random, self._deliver, self._is_leaked, health=health
        )
        elsewhere = dict.fromkeys(
            ("report.sale", "report.session", "mail.booking_confirmed", "notice"), _carry_out_elsewhere
        )
        timers = SessionTimers(studio.platforms, self._scheduler)
        self._outbox = Outbox(elsewhere | {SESSION_TIMER: timers.bring})
        self._stream = UnreliableStream(self.play, random, self._outbox.drain)
        sweep = lambda key: self._sessions.sweep(*keys.owner_of(key))  # noqa: E731 - as background has it
        handlers = {"RECEIPT": self._outbox.drain, "BOOKING": sweep, "SESSION": sweep}
        self._sweeper = Sweeper(handlers, studio.platforms)

    @contextmanager
    def clock(self) -> Iterator[None]:
        """All of the product goes by the played clock, and every commit is seen; ids and chance follow the seed."""
        previous, committing = clock.set_source(lambda: self.play.now), transact.commit
        made, numbers = ids.ULID, count(1)

        def commit(writes: Sequence[Write], token: str) -> None:
            committing(writes, token)
            for write in writes:
                self._see(write.item)

        transact.commit, ids.ULID = commit, lambda: f"{next(numbers):026d}"
        chance.seed(self._random.random())
        try:
            yield
        finally:
            transact.commit, ids.ULID = committing, made
            clock.set_source(previous)

    def run(self) -> None:
        self._open()
        booking_ids = [self._book(number) for number in range(self._size)]
        self.play.now = instant("09:45")
        for number, booking_id in enumerate(booking_ids):
            self._plan(number, booking_id)
        self._sweep()
        self.play.run(instant("09:45") + LONGEST, lambda: self._is_over(booking_ids))
        self._count(booking_ids)

    def _open(self) -> None:
        experts = [f"e{number}" for number in range((self._size + 1) // 2)]
        hours = [studio.OpenHours(weekday=day, opens="09:00", closes="18:00") for day in range(7)]
        platform = Platform(id=PLATFORM, name="Studio", created_at=clock.now())
        studio.put(
            PlatformItem.of(keys.platform(PLATFORM), platform),
            studio.account("ada", Role.CUSTOMER),
            studio.page("TR", half_hours()),
        )
        for expert in experts:
            calendar = studio.Calendar(
                platform_id=PLATFORM, expert_id=expert, zone="Europe/Istanbul", weekly=hours
            )
            studio.put(
                studio.account(expert, Role.EXPERT),
                studio.CalendarItem.of(keys.calendar(PLATFORM, expert), calendar),
            )
        studio.give(1_000_000, Origin.GIFT)

    def _book(self, number: int) -> str:
        package = self._random.choice(half_hours()).id
        booked = studio.booked(_start(number), package, key=f"b{number}", expert_id=_expert(number))
        return booked.id

    def _plan(self, number: int, booking_id: str) -> None:
        """What the two people will do, each at his own time; much of it is refused."""
        random, expert = self._random, actor(_expert(number), Role.EXPERT)
        start = instant(_start(number))

        def will(minutes: float, verb: Any, who: Any, *more: Any) -> None:
            self.play.at(start + timedelta(minutes=minutes), partial(self._try, verb, who, booking_id, *more))

        for who, comes in ((expert, 0.7), (ADA, 0.7)):
            if random.random() < comes:
                joins = random.triangular(-9, 33, 1)
                will(joins, self._sessions.join, who)
                if random.random() < 0.25:
                    will(joins + random.uniform(1, 10), self._sessions.leave, who)
                    will(joins + random.uniform(10, 20), self._sessions.join, who)
        if random.random() < 0.4:
            asked, minutes = random.uniform(3, 40), random.choice((5, 10, 30))
            will(asked, self._extensions.extend, ADA, minutes)
            will(asked + random.uniform(0, 3), self._extensions.extend, expert, minutes)
        if random.random() < 0.2:
            will(random.uniform(2, 90), self._sessions.end, expert)

    def _try(self, verb: Any, who: Any, booking_id: str, *more: Any) -> None:
        name = f"{verb.__name__}-{self.play.now.isoformat()}"
        try:
            verb(studio.operation(f"{booking_id}{name}", who, name), booking_id, *more)
            self.counts[verb.__name__] += 1
        except Refusal:
            self.counts["refused"] += 1

    def _deliver(self, platform_id: str, booking_id: str, generation: int) -> None:
        before = store.find(platform_id, booking_id)
        self._sessions.on_timer(platform_id, booking_id, generation)
        if before and before.generation != generation:
            self.counts["stale"] += 1
            self.counts["stale_effects"] += store.find(platform_id, booking_id) != before

    def _sweep(self) -> None:
        """Once a minute. A look in vain is left out: moto goes through the whole table for it."""
        if any(due <= keys.due_until(self.play.now)[1] for due in self._work.values()):
            self._sweeper.run()
        self.play.after(60, self._sweep)

    def _see(self, item: Any) -> None:
        """What a commit did: a receipt goes out by the stream; ends are counted, and compared with the clock."""
        self._index(item)
        if isinstance(item, ReceiptItem) and item.gsi3pk:
            self._stream.bring(Key(item.pk, item.sk))
        elif isinstance(item, BookingItem) and item.record.state is not BookingState.CONFIRMED:
            self._closed[item.record.id] += 1
            self._time(item.record.closed_at)
        elif isinstance(item, SessionItem):
            self._see_session(item.record)

    def _index(self, item: Any) -> None:
        """What the work index holds."""
        key = Key(item.pk, item.sk)
        self._work.pop(key, None)
        if item.gsi3sk:
            self._work[key] = item.gsi3sk

    def _see_session(self, session: Session) -> None:
        generation = session.generation if session.state is SessionState.RUNNING else None
        waited_for, _ = self._waits_for.get(session.booking_id, (0, self.play.now))
        if generation != waited_for:
            self._waits_for[session.booking_id] = (generation, self.play.now)
        if session.state is SessionState.ENDED:
            self._see_end(session)

    def _is_leaked(self, message: dict[str, Any]) -> bool:
        """Whether the session has not waited for this timer for so long that the outbox must have taken it back."""
        generation, since = self._waits_for[message["booking_id"]]
        return generation != message["generation"] and self.play.now - since > SETTLED

    def _see_end(self, session: Session) -> None:
        self._ended[session.booking_id] += 1
        self.counts[f"ended_by_{session.ended_by}"] += 1
        self.counts["extended"] += session.extended_minutes > 0
        if session.ended_by is EndedBy.CLOCK and session.ended_at < session.due_end:
            self.counts["early"] += 1

    def _time(self, due_at: datetime) -> None:
        late = (self.play.now - due_at).total_seconds()
        self.late_seconds.append(late)
        self.counts["early"] += late < 0

    def _is_over(self, booking_ids: list[str]) -> bool:
        """Every booking is closed, and nothing is left to do; so no schedule has anything to wait for."""
        return len(self._closed) == len(booking_ids) and not self._work

    def _count(self, booking_ids: list[str]) -> None:
        self.counts["lifecycles"] += len(booking_ids)
        self.counts["unended"] += sum(self._closed[each] == 0 for each in booking_ids)
        self.counts["ended_twice"] += sum(
            self._closed[each] > 1 or self._ended[each] > 1 for each in booking_ids
        )
        self.counts["leaked"] += len(self._scheduler.open)
        self.counts["missed"] += sum(self._ended[each] == 0 for each in booking_ids)
        self.counts["differences"] += sum(1 for _ in verify(every_item()))
        self.counts += self._scheduler.counts


def _carry_out_elsewhere(platform_id: str, payload: dict[str, Any]) -> None:
    """Other effects are not what is played here."""


def _start(number: int) -> str:
    return "10:00" if number % 2 == 0 else "10:30"


def _expert(number: int) -> str:
    return f"e{number // 2}"


def p99_name(health: Health) -> str:
    return f"p99_late_seconds_scheduler_{health}"


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[(len(values) - 1) * percent // 100]


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2])), indent=2, sort_keys=True))

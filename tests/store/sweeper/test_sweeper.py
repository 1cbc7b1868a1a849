"""The sweeper: by each partition's own clock, in due order, bounded, and past whatever fails; on moto."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import pytest

from chalicelib.core import clock
from chalicelib.table import keys, read, sweeper, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.sweeper import LeapNotFinished, Sweeper
from tests.conftest import MovableClock

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: int = 0


class ChoreItem(Item, discriminator="test-chore"):
    record = RecordAttribute(Chore)


@dataclass(frozen=True)
class Tenant:
    id: str
    sandbox: bool
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return clock.now() + self.ahead


@dataclass
class Tenants:
    tenants: list[Tenant] = field(default_factory=lambda: [Tenant("live", sandbox=False)])

    def all(self) -> list[Tenant]:
        return self.tenants

    def get(self, platform_id: str) -> Tenant:
        return next(tenant for tenant in self.tenants if tenant.id == platform_id)


def put(name: str, work: Key | None, sk: str = "BOOKING", platform_id: str = "live") -> Key:
    key = Key(f"PLATFORM#{platform_id}#BOOKING#{name}", sk)
    stored = read.get(key, Chore) or Chore(name=name)
    transact.commit([transact.save(ChoreItem.of(key, stored, work=work))], f"{name}{stored.version}{work}")
    return key


def live(name: str, minutes: float, sk: str = "BOOKING") -> Key:
    return put(name, keys.work(name, clock.now() + timedelta(minutes=minutes)), sk)


def sandboxed(name: str, minutes: float, platform_id: str = "sand") -> Key:
    due_at = clock.now() + timedelta(minutes=minutes)
    return put(name, keys.sandbox_work(platform_id, name, due_at), platform_id=platform_id)


def noting(done: list[str]) -> Callable[[Key], None]:
    """Does a chore: notes its name and takes it off the index."""

    def handle(key: Key) -> None:
        name = keys.owner_of(key)[1]
        done.append(name)
        put(name, None, key.sk, keys.owner_of(key)[0])

    return handle


def noting_the_good(done: list[str]) -> Callable[[Key], None]:
    """The same, but for chores that are called bad, which fail."""
    note = noting(done)

    def handle(key: Key) -> None:
        if "bad" in key.pk:
            raise ZeroDivisionError
        note(key)

    return handle


def test_what_is_due_is_done_and_what_is_not_is_left() -> None:
    done: list[str] = []
    for name, minutes in (("late", -5), ("now", 0), ("soon", 0.001), ("tomorrow", 1440)):
        live(name, minutes)
    sweeping = Sweeper({"BOOKING": noting(done)}, Tenants())
    sweeping.run()
    assert sorted(done) == ["late", "now"]
    sweeping.run()
    assert sorted(done) == ["late", "now"]


def test_each_kind_goes_to_its_own_handler() -> None:
    bookings: list[str] = []
    sessions: list[str] = []
    live("a", -1, "BOOKING")
    live("b", -1, "SESSION")
    Sweeper({"BOOKING": noting(bookings), "SESSION": noting(sessions)}, Tenants()).run()
    assert (bookings, sessions) == (["a"], ["b"])


def test_one_that_fails_and_one_that_nobody_knows_stop_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []
    for minute in range(8):
        live(f"good-{minute}", -10 - minute)
        live(f"bad-{minute}", -20 - minute)
    live("stranger", -30, "STRANGER")
    Sweeper({"BOOKING": noting_the_good(done)}, Tenants()).run()
    assert sorted(done) == [f"good-{minute}" for minute in range(8)]
    assert capsys.readouterr().out.count('"sweep_failed"') == 9


def test_a_sandbox_goes_by_its_own_clock() -> None:
    done: list[str] = []
    sandboxed("hour", 60)
    sandboxed("day", 1440)
    sandboxed("other", 60, "other")
    tenants = Tenants(
        [Tenant("sand", True, timedelta(hours=2)), Tenant("other", True), Tenant("live", False)]
    )
    Sweeper({"BOOKING": noting(done)}, tenants).run()
    assert done == ["hour"]


def test_within_a_partition_the_oldest_comes_first() -> None:
    done: list[str] = []
    for name, minutes in (("c", 30), ("a", 10), ("d", 40), ("b", 20)):
        sandboxed(name, minutes)
    Sweeper({"BOOKING": noting(done)}, Tenants([Tenant("sand", True, timedelta(hours=1))])).run()
    assert done == ["a", "b", "c", "d"]


def test_a_run_is_bounded_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "MAX_DONE", 3)
    done: list[str] = []
    for number in range(5):
        sandboxed(f"{number}", number)
    sweeping = Sweeper({"BOOKING": noting(done)}, Tenants([Tenant("sand", True, timedelta(hours=1))]))
    sweeping.run()
    assert done == ["0", "1", "2"]
    sweeping.run()
    assert done == ["0", "1", "2", "3", "4"]


def noting_slowly(done: list[str], moving_clock: MovableClock, seconds: float) -> Callable[[Key], None]:
    note = noting(done)

    def handle(key: Key) -> None:
        note(key)
        moving_clock.forward(seconds=seconds)

    return handle


def test_a_run_ends_in_time(moving_clock) -> None:
    done: list[str] = []
    slow = noting_slowly(done, moving_clock, 25)
    for number in range(9):
        sandboxed(f"{number}", -number)
        live(f"live-{number}", -number)
    sandbox = Tenants([Tenant("sand", True)])
    with pytest.raises(LeapNotFinished):
        Sweeper({"BOOKING": slow}, sandbox).sweep_platform("sand")
    assert len(done) == 2
    Sweeper({"BOOKING": slow}, sandbox).run()
    assert len(done) == 4


def test_a_run_that_has_no_time_left_begins_with_no_partition(moving_clock) -> None:
    """What is due at the very end of the run's time is the next run's, and so is the rest of its partition."""
    done: list[str] = []
    slow = noting_slowly(done, moving_clock, 40)
    for number in range(9):
        live(f"{number}", -number)
    Sweeper({"BOOKING": slow}, Tenants()).run()
    assert len(done) == 1
    sandboxed("a", -2)
    sandboxed("b", -1)
    with pytest.raises(LeapNotFinished):
        Sweeper({"BOOKING": slow}, Tenants([Tenant("sand", True)])).sweep_platform("sand")
    assert done[1:] == ["a"]


def test_a_run_does_so_many_of_a_partition_and_tells_how_many_it_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keys, "work_shards", lambda: ["WORK#0"])
    monkeypatch.setattr(sweeper, "MAX_DONE", 2)
    done: list[str] = []
    for number, name in enumerate(("bad-1", "a", "b", "c", "bad-2", "bad-3")):
        put(name, Key("WORK#0", keys.work(name, clock.now() + timedelta(minutes=number - 9)).sk))
    sweeping, told = Sweeper({"BOOKING": noting_the_good(done)}, Tenants()), []
    for _ in range(3):
        sweeping.run()
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        told += [(line["done"], line["failed"]) for line in lines if line["event"] == "swept"]
    assert (done, told) == (["a", "b", "c"], [(2, 1), (1, 3), (0, 3)])


def test_a_run_with_nothing_to_do_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Sweeper({}, Tenants()).run()
    assert capsys.readouterr().out == ""


def test_a_moved_clock_does_all_that_falls_due_by_what_it_does() -> None:
    done: list[str] = []
    note = noting(done)

    def handle(key: Key) -> None:
        note(key)
        if key == first:
            sandboxed("notice", 20)
            sandboxed("never", 600)

    first = sandboxed("first", 10)
    sandboxed("second", 30)
    Sweeper({"BOOKING": handle}, Tenants([Tenant("sand", True, timedelta(hours=1))])).sweep_platform("sand")
    assert done == ["first", "notice", "second"]


def test_a_moved_clock_is_not_stopped_by_what_fails_nor_tries_it_for_ever() -> None:
    tried: list[str] = []
    note = noting(tried)

    def handle(key: Key) -> None:
        if "bad" in key.pk:
            tried.append("bad")
            raise ZeroDivisionError
        note(key)

    sandboxed("bad", 10)
    sandboxed("good", 20)
    Sweeper({"BOOKING": handle}, Tenants([Tenant("sand", True, timedelta(hours=1))])).sweep_platform("sand")
    assert tried == ["bad", "good"]


def test_what_stays_due_is_looked_at_when_it_was_due_and_once_more_at_the_end() -> None:
    looked: list[Key] = []
    sandboxed("waiting", 10)
    tenants = Tenants([Tenant("sand", True, timedelta(hours=1))])
    Sweeper({"BOOKING": looked.append}, tenants).sweep_platform("sand")
    assert len(looked) == 2

"""Sessions by a clock that is moved: a day is lived through at once, in order, and timers go by real time."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.platforms.store import PlatformItem
from chalicelib.sessions.model import SessionState
from chalicelib.table import keys, transact
from tests.store.booking import studio
from tests.store.booking.studio import ADA, EXPERT, PLATFORM, actor, instant
from tests.store.sessions.hall import (
    booked,
    drain,
    due_work,
    extend,
    join,
    open_hall,
    schedules,
    session,
    state_of_booking,
    sweeper,
    told,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


@pytest.fixture(autouse=True)
def hall(table, moving_clock, monkeypatch) -> None:
    open_hall(monkeypatch, sandbox=True)


@pytest.fixture
def now(moving_clock):
    """Move the platform's clock forward to a time of the open day; real time stands still."""

    def move(time: str) -> None:
        platform = studio.platforms.get(PLATFORM)
        ahead = datetime.fromisoformat(f"{studio.OPEN_DAY}T{time}").replace(tzinfo=UTC) - moving_clock.instant
        moved = replace(platform, clock_offset_seconds=int(ahead.total_seconds()))
        transact.commit([transact.save(PlatformItem.of(keys.platform(PLATFORM), moved))], f"move{time}")

    return move


def test_a_session_ends_by_the_moved_clock_at_the_very_instant(now) -> None:
    booking_id = booked()
    now("10:05")
    assert join(booking_id, ADA).customer_joined_at == instant("10:05")
    now("10:30")
    sweeper.sweep_platform(PLATFORM)
    assert session(booking_id).ended_at == instant("10:30")
    assert state_of_booking(booking_id) == "completed"


def test_work_of_a_sandbox_stands_in_its_own_partition_and_waits_for_no_timer(now) -> None:
    booking_id = booked()
    now("10:05")
    join(booking_id, ADA)
    assert due_work() == {}
    assert due_work(PLATFORM) == {"SESSION": "10:30:00", "BOOKING": "11:30:00"}


def test_a_timer_is_set_in_real_time(now, moving_clock) -> None:
    booking_id = booked()
    now("10:05")
    join(booking_id, ADA)
    drain()
    ((at, _),) = schedules.open.values()
    assert at == moving_clock.instant + timedelta(minutes=25)


def test_a_day_is_lived_through_at_once(now) -> None:
    held = booked("by_expert", "full_service_time")
    unjoined = booked(start="13:00", who=BORA)
    alone = booked(start="11:00", who=BORA)
    now("10:05")
    join(held, ADA)
    now("10:55")
    join(alone, EXPERT)
    now("23:00")
    sweeper.sweep_platform(PLATFORM)
    cut_by_the_next = instant("11:00")
    assert (session(held).notified_at, session(held).ended_at) == (instant("10:35"), cut_by_the_next)
    assert [state_of_booking(booking_id) for booking_id in (held, alone, unjoined)] == [
        "completed",
        "missed",
        "missed",
    ]
    assert due_work(PLATFORM) == {}
    drain()
    assert schedules.open == {}


def test_a_timer_of_real_time_that_comes_after_the_moved_clock_does_nothing(now, moving_clock) -> None:
    booking_id = booked()
    now("10:05")
    join(booking_id, ADA)
    drain()
    now("10:31")
    sweeper.sweep_platform(PLATFORM)
    ended = session(booking_id)
    moving_clock.forward(minutes=25)
    schedules.fire()
    assert session(booking_id) == ended
    assert ended.state is SessionState.ENDED


def test_the_example_of_the_clock_page(now) -> None:
    """``docs/clock.md``: joined, extended by ten minutes, and an hour later ended when its time was up."""
    booking_id = booked()
    now("09:55")
    join(booking_id, EXPERT)
    join(booking_id, ADA)
    extend(booking_id, ADA, 10)
    extend(booking_id, EXPERT, 10)
    now("11:00")
    sweeper.sweep_platform(PLATFORM)
    assert session(booking_id).ended_at == instant("10:40")
    drain()
    assert sorted(told(ADA)) == ["extension_agreed", "party_joined", "session_ended"]


def test_what_was_due_happens_in_its_order(now) -> None:
    """Ends, notices of the expert and missed bookings, as their instants come; each written down as of then."""
    first, second, third = booked("by_expert"), booked(start="11:30", who=BORA), booked(start="12:00")
    now("10:00")
    join(first, ADA)
    happened: list[tuple[str, object]] = []
    for time in ("10:31", "11:29", "11:31", "13:01", "13:31"):
        now(time)
        sweeper.sweep_platform(PLATFORM)
        states = [state_of_booking(each) for each in (first, second, third)]
        happened.append((time, states))
    assert happened == [
        ("10:31", ["confirmed", "confirmed", "confirmed"]),
        ("11:29", ["confirmed", "confirmed", "confirmed"]),
        ("11:31", ["completed", "confirmed", "confirmed"]),
        ("13:01", ["completed", "missed", "confirmed"]),
        ("13:31", ["completed", "missed", "missed"]),
    ]
    assert (session(first).notified_at, session(first).ended_at) == (instant("10:30"), instant("11:30"))

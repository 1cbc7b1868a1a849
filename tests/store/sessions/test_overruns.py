"""A session that its expert has not ended: his next booking cuts it, and nobody books what it runs into (E37, E38)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.calendar.model import SlotTaken
from chalicelib.sessions.model import EndedBy, SessionOver
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking import studio
from tests.store.booking.studio import ADA, EXPERT, actor, agenda, instant
from tests.store.sessions.hall import (
    booked,
    drain,
    end,
    extend,
    join,
    leave,
    open_hall,
    schedules,
    session,
    state_of_booking,
)

BORA = actor("bora")


@pytest.fixture(autouse=True)
def hall(table, moving_clock, monkeypatch) -> Iterator[None]:
    open_hall(monkeypatch)
    yield
    found = [each for each in verify(every_item()) if each.rule in {"B1", "S1", "S2"}]
    assert found == []


@pytest.fixture
def at(moving_clock):
    def move(time: str) -> None:
        moving_clock.instant = datetime.fromisoformat(f"{studio.OPEN_DAY}T{time}").replace(tzinfo=UTC)

    return move


@pytest.fixture
def running(at) -> str:
    """Of half an hour from ten, and both have come."""
    booking_id = booked("by_expert")
    at("10:00")
    join(booking_id, ADA)
    join(booking_id, EXPERT)
    drain()
    return booking_id


def taken() -> list[tuple[str, str]]:
    found = agenda()
    assert found is not None
    return [(f"{claim.starts_at:%H:%M}", f"{claim.ends_at:%H:%M}") for claim in found.taken]


def fired(at, time: str) -> None:
    at(time)
    schedules.fire()
    drain()


def test_e37_a_booking_made_while_it_runs_cuts_the_overrun(running: str, at) -> None:
    at("10:10")
    following = booked("by_expert", start="11:00", who=BORA)
    fired(at, "10:30:05")
    assert session(running).wakes_at == instant("11:00")
    assert schedules.due() == ["11:00:00"]
    fired(at, "11:00:20")
    over = session(running)
    assert (over.ended_at, over.ended_by) == (instant("11:00"), EndedBy.CLOCK)
    assert state_of_booking(running) == "completed"
    assert taken() == [("10:00", "10:30"), ("11:00", "11:30")]
    assert join(following, BORA).customer_joined_at == instant(f"{studio.OPEN_DAY}T11:00:20")


def test_e37_the_next_slot_booked_leaves_no_overrun_at_all(running: str, at) -> None:
    booked("by_expert", start="10:30", who=BORA)
    fired(at, "10:30:05")
    assert session(running).ended_at == instant("10:30")


def test_e38_nobody_books_what_it_runs_into_and_all_of_it_is_free_when_it_is_over(running: str, at) -> None:
    fired(at, "10:30:05")
    assert taken() == [("10:00", "11:30")]
    with pytest.raises(SlotTaken):
        booked("by_expert", start="11:00", who=BORA, key="refused")
    at("10:40")
    end(running, EXPERT)
    assert taken() == [("10:00", "10:30")]
    booked("by_expert", start="11:00", who=BORA)


def test_e38_the_safety_limit_ends_it_where_nothing_is_booked(running: str, at) -> None:
    fired(at, "10:30:05")
    fired(at, "11:30:05")
    assert session(running).ended_at == instant("11:30")
    assert taken() == [("10:00", "10:30")]


def test_an_extension_of_an_overrun_keeps_what_is_agreed_on_alone(running: str, at) -> None:
    fired(at, "10:30:05")
    at("10:35")
    for who in (ADA, EXPERT):
        extend(running, who, 20)
    drain()
    assert taken() == [("10:00", "10:50")]
    fired(at, "10:50:05")
    assert taken() == [("10:00", "11:50")]
    end(running, EXPERT)
    assert taken() == [("10:00", "10:50")]


def test_who_comes_back_after_the_next_booking_has_begun_finds_it_over(running: str, at) -> None:
    booked("by_expert", start="11:00", who=BORA)
    fired(at, "10:30:05")
    leave(running, ADA)
    at("11:00:01")
    with pytest.raises(SessionOver):
        join(running, ADA)
    assert end(running, EXPERT).ended_at == instant("11:00")


@pytest.mark.parametrize("how", ["by hand", "by the clock"])
def test_time_kept_into_the_next_day_is_given_back_whatever_the_limit_is_by_then(
    at, moving_clock, how: str
) -> None:
    studio.set_settings(safety_limit_minutes=1440)
    booking_id = booked("by_expert")
    at("10:00")
    join(booking_id, ADA)
    join(booking_id, EXPERT)
    drain()
    fired(at, "10:30:05")
    tomorrow = f"{instant('10:00') + timedelta(days=1):%Y-%m-%d}"
    assert agenda(tomorrow).taken
    studio.set_settings(safety_limit_minutes=60)
    at("10:40")
    if how == "by hand":
        end(booking_id, EXPERT)
    else:
        moving_clock.forward(days=1)
        schedules.fire()
    assert taken() == [("10:00", "10:30")]
    assert agenda(tomorrow).taken == []

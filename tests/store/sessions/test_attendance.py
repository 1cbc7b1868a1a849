"""Sessions on moto: who is there, what both are told, how a session is extended, and the report of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.booking.model import BookingNotFound, NoShow
from chalicelib.booking.views import NoShowRequest
from chalicelib.calendar.model import SlotTaken
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.views import FeedQuery
from chalicelib.reports.views import SessionsQuery
from chalicelib.sessions.model import (
    ExtensionNotFree,
    NotBothJoined,
    Party,
    SessionNotFound,
    SessionOver,
    SessionState,
)
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking import studio
from tests.store.booking.studio import ADA, ADMIN, EXPERT, PLATFORM, actor, instant
from tests.store.sessions.hall import (
    booked,
    drain,
    end,
    extend,
    feeds,
    join,
    leave,
    open_hall,
    reports,
    schedules,
    session,
    sessions,
    sweeper,
    told,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


@pytest.fixture(autouse=True)
def hall(table, moving_clock, monkeypatch) -> None:
    open_hall(monkeypatch)


@pytest.fixture
def at(moving_clock):
    def move(time: str) -> None:
        moving_clock.instant = datetime.fromisoformat(f"{studio.OPEN_DAY}T{time}").replace(tzinfo=UTC)

    return move


def running(at: Any, how: str = "automatic", when: str = "scheduled_end", **more: Any) -> str:
    """Both are in it since 10:00."""
    booking_id = booked(how, when, **more)
    at("10:00")
    join(booking_id, EXPERT)
    join(booking_id, ADA)
    return booking_id


def report(**asked: Any) -> list[Any]:
    query = SessionsQuery(since=instant("00:00"), until=instant("23:59"), **asked)
    return reports.sessions(PLATFORM, query).items


def test_who_is_there_is_told_to_the_other(at) -> None:
    booking_id = running(at)
    drain()
    at("10:05")
    assert leave(booking_id, ADA).present == [Party.EXPERT]
    drain()
    at("10:07")
    assert join(booking_id, ADA).present == [Party.CUSTOMER, Party.EXPERT]
    drain()
    assert told(EXPERT) == ["party_joined", "party_left", "party_joined"]
    assert told(ADA) == ["party_joined"]
    assert session(booking_id).customer_joined_at == instant("10:00")


@pytest.mark.parametrize("stranger", [BORA, actor("deniz", Role.EXPERT), ADMIN])
def test_a_stranger_neither_leaves_nor_extends(at, stranger) -> None:
    booking_id = running(at)
    before = session(booking_id)
    for use in (lambda: leave(booking_id, stranger), lambda: extend(booking_id, stranger, 10)):
        with pytest.raises(BookingNotFound):
            use()
    assert session(booking_id) == before


def test_nobody_leaves_or_extends_what_nobody_has_joined(at) -> None:
    booking_id = booked()
    for use in (lambda: leave(booking_id, ADA), lambda: extend(booking_id, ADA, 10)):
        with pytest.raises(SessionNotFound):
            use()


def test_an_extension_moves_the_end_the_timer_and_the_expert_s_time(at) -> None:
    booking_id = running(at)
    drain()
    at("10:25")
    assert extend(booking_id, ADA, 30).due_end == instant("10:30")
    assert extend(booking_id, EXPERT, 30).due_end == instant("11:00")
    drain()
    assert schedules.due() == ["11:00:00"]
    with pytest.raises(SlotTaken):
        booked(start="10:30", who=BORA)
    assert [str(difference) for difference in verify(every_item())] == []
    at("10:31")
    sweeper.run()
    assert session(booking_id).state is SessionState.RUNNING
    at("11:00:02")
    schedules.fire()
    assert session(booking_id).ended_at == instant("11:00")
    drain()
    assert schedules.open == {}
    assert sorted(told(ADA)) == ["extension_agreed", "party_joined", "session_ended"]
    assert sorted(told(EXPERT)[1:]) == [
        "extension_agreed",
        "extension_asked",
        "session_ended",
        "time_is_up",
    ]
    assert [str(difference) for difference in verify(every_item())] == []


def test_a_timer_of_the_time_before_the_extension_does_nothing(at) -> None:
    booking_id = running(at)
    drain()
    ((_, stale),) = schedules.open.values()
    at("10:25")
    extend(booking_id, ADA, 10)
    extend(booking_id, EXPERT, 10)
    at("10:50")
    sessions.on_timer(**stale)
    assert session(booking_id).state is SessionState.RUNNING


def test_the_next_booking_is_in_the_way_of_an_extension_also_when_it_comes_between(at) -> None:
    booking_id = running(at)
    at("10:20")
    extend(booking_id, ADA, 10)
    booked(start="12:30", who=BORA)
    studio.booked("10:30", "apk_automatic_scheduled_end", who=BORA, key="between")
    with pytest.raises(ExtensionNotFree) as refused:
        extend(booking_id, EXPERT, 10)
    assert refused.value.extra == {"free_until": "2026-11-23T10:30:00.000Z"}
    assert session(booking_id).due_end == instant("10:30")


def test_an_extension_is_idempotent_and_ends_with_the_session(at) -> None:
    booking_id = running(at)
    extend(booking_id, ADA, 10, key="ask")
    extend(booking_id, ADA, 10, key="ask")
    extend(booking_id, EXPERT, 10, key="agree")
    extend(booking_id, EXPERT, 10, key="agree")
    assert session(booking_id).extended_minutes == 10
    end(booking_id, EXPERT)
    with pytest.raises(SessionOver):
        extend(booking_id, ADA, 10)


def test_one_alone_extends_nothing(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    with pytest.raises(NotBothJoined):
        extend(booking_id, ADA, 10)


def test_e25_the_expert_is_told_that_the_time_is_up_and_when_the_clock_would_end_it(at) -> None:
    booking_id = running(at, "by_expert")
    drain()
    at("10:30:45")
    sweeper.run()
    drain()
    assert told(EXPERT)[-1] == "time_is_up"
    assert "session_ended" not in told(ADA)
    at("11:30:45")
    sweeper.run()
    drain()
    assert told(ADA)[-1] == told(EXPERT)[-1] == "session_ended"
    assert session(booking_id).ended_at == instant("11:30")


def test_e37_both_are_told_that_a_late_join_is_cut_short(at) -> None:
    booking_id = booked("automatic", "full_service_time")
    booked(start="10:30", who=BORA)
    at("10:05")
    assert join(booking_id, ADA).cut_short
    drain()
    assert "cut_short" in told(ADA)
    assert "cut_short" in told(EXPERT)


def test_b46_a_session_that_is_over_is_one_line_of_the_report(at) -> None:
    booking_id = running(at, "by_expert")
    at("10:10")
    leave(booking_id, ADA)
    at("10:12")
    join(booking_id, ADA)
    at("10:42")
    end(booking_id, EXPERT)
    drain()
    (line,) = report()
    assert (line.booking_id, line.customer_name, line.expert_name) == (booking_id, "Ada", "Elif")
    assert (line.customer_minutes, line.expert_minutes, line.overrun_minutes) == (40, 42, 12)
    assert (line.customer_late_minutes, line.missed, line.ended_by) == (0, False, "expert")


def test_v24_the_report_is_filtered_by_expert_and_by_customer(at) -> None:
    of_ada, of_bora = booked(), booked(start="13:00", who=BORA)
    at("10:03")
    join(of_ada, ADA)
    at("20:00")
    sweeper.run()
    drain()
    assert [line.booking_id for line in report()] == [of_bora, of_ada]
    assert [line.booking_id for line in report(customer_id="ada")] == [of_ada]
    assert [line.booking_id for line in report(expert_id="elif")] == [of_bora, of_ada]
    assert [line.booking_id for line in report(expert_id="elif", customer_id="bora")] == [of_bora]
    assert report(expert_id="deniz") == []
    (missed,) = report(customer_id="bora")
    assert (missed.missed, missed.customer_late_minutes, missed.ended_at) == (True, None, instant("14:30"))
    assert told(BORA) == ["booking_missed"]


@pytest.mark.parametrize(
    ("who", "no_show", "by"),
    [(EXPERT, NoShow.CUSTOMER, "expert"), (ADMIN, NoShow.BOTH, "admin"), (EXPERT, NoShow.EXPERT, "expert")],
)
def test_b46_a_no_show_marked_by_hand_is_told_as_the_clock_s_is(at, who, no_show, by) -> None:
    by_clock, by_hand = booked(), booked(start="13:00", who=BORA)
    at("13:45")
    request = NoShowRequest(no_show=no_show)
    studio.changes.mark_missed(studio.operation("m", who, "miss"), by_hand, request)
    at("20:00")
    sweeper.run()
    drain()
    marked, missed = report()
    assert (marked.booking_id, missed.booking_id) == (by_hand, by_clock)
    assert (marked.missed, marked.ended_by, marked.ended_at) == (True, by, instant("13:45"))
    assert (marked.customer_minutes, marked.expert_minutes, marked.overrun_minutes) == (0, 0, 0)
    assert told(BORA) == told(ADA) == ["booking_missed"]
    assert told(EXPERT) == ["booking_missed", "booking_missed"]


def test_e5_the_meeting_room_is_told_to_both_alone_and_while_it_runs(at) -> None:
    studio.set_settings(meeting_link_template="https://meet.example.com/seans-{room}")
    booking_id = booked()
    at("10:00")
    url = join(booking_id, ADA).meeting_url
    room = session(booking_id).room
    assert url == f"https://meet.example.com/seans-{room}"
    assert len(room) == 32
    assert join(booking_id, EXPERT).meeting_url == sessions.view(EXPERT, booking_id).meeting_url == url
    assert sessions.view(ADMIN, booking_id).meeting_url is None
    assert end(booking_id, EXPERT).meeting_url is None
    assert sessions.view(ADA, booking_id).meeting_url is None


def test_each_booking_has_a_room_of_its_own_and_none_without_a_template(at) -> None:
    first, second = booked(), booked(start="10:30", who=BORA)
    at("10:25")
    assert join(first, ADA).meeting_url is None
    join(second, BORA)
    assert session(first).room != session(second).room


def test_both_read_in_their_feeds_of_a_booking() -> None:
    booking_id = booked()
    drain()
    for who in (ADA, EXPERT):
        (item,) = feeds.read(who, FeedQuery()).items
        assert item.kind is NoticeKind.BOOKING_CONFIRMED
        assert item.data == {"booking_id": booking_id, "starts_at": "2026-11-23T10:00:00.000Z"}

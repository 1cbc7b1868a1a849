"""Sessions on moto: who joins, what each end writes, timers that are stale, early, late, doubled or lost."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.assignments.views import AssignmentsQuery
from chalicelib.booking.model import BookingNotFound
from chalicelib.booking.views import CancelRequest
from chalicelib.calendar.model import Calendar, OpenHours, SlotTaken
from chalicelib.calendar.store import CalendarItem
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform, PlatformNotFound
from chalicelib.sessions import store
from chalicelib.sessions.model import (
    CustomerNotJoined,
    EndedBy,
    JoinTooEarly,
    SessionNotFound,
    SessionOver,
    SessionState,
)
from chalicelib.table import keys, read, transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking import studio
from tests.store.booking.studio import ADA, ADMIN, EXPERT, PLATFORM, CallCount, actor, instant
from tests.store.sessions.hall import (
    booked,
    drain,
    due_work,
    end,
    join,
    open_hall,
    schedules,
    session,
    sessions,
    state_of_booking,
    sweeper,
    timers,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


@pytest.fixture(autouse=True)
def hall(table, moving_clock, monkeypatch) -> None:
    open_hall(monkeypatch)


@pytest.fixture
def at(moving_clock):
    """Set the clock to a time of the open day, such as ``10:05`` or ``10:05:30``."""

    def move(time: str) -> None:
        moving_clock.instant = datetime.fromisoformat(f"{studio.OPEN_DAY}T{time}").replace(tzinfo=UTC)

    return move


def test_e27_joined_five_minutes_late_it_ends_when_the_remaining_25_are_up(at) -> None:
    """Through the timer."""
    booking_id = booked()
    at("10:05")
    assert join(booking_id, ADA).due_end == instant("10:30")
    drain()
    assert schedules.due() == ["10:30:00"]
    at("10:30:07")
    schedules.fire()
    over = session(booking_id)
    assert (over.state, over.ended_at, over.ended_by) == (SessionState.ENDED, instant("10:30"), EndedBy.CLOCK)
    assert state_of_booking(booking_id) == "completed"


def test_e40_the_server_takes_the_first_join_of_each_party(at) -> None:
    booking_id = booked()
    at("09:52")
    first = join(booking_id, EXPERT)
    at("10:01:30")
    second = join(booking_id, ADA)
    at("10:03")
    again = join(booking_id, ADA)
    assert (first.expert_joined_at, first.customer_joined_at) == (instant("09:52"), None)
    assert second.customer_joined_at == datetime(2026, 11, 23, 10, 1, 30, tzinfo=UTC)
    assert again == second
    assert session(booking_id).version == again.version == 2


@pytest.mark.parametrize(
    "stranger",
    [
        actor("bora"),
        actor("deniz", Role.EXPERT),
        actor("ada", Role.EXPERT),
        actor("ada", platform_id="other"),
        ADMIN,
    ],
)
def test_a_stranger_learns_nothing(at, stranger) -> None:
    booking_id = booked()
    at("10:05")
    with pytest.raises((BookingNotFound, PlatformNotFound)):
        join(booking_id, stranger)
    if not stranger.is_admin():
        with pytest.raises((BookingNotFound, PlatformNotFound)):
            end(booking_id, stranger)
        with pytest.raises((BookingNotFound, PlatformNotFound)):
            sessions.view(stranger, booking_id)


def test_what_is_no_booking_is_not_found() -> None:
    for booking_id in ("bkg_" + "0" * 26, "nonsense"):
        with pytest.raises(BookingNotFound):
            join(booking_id, ADA)


def test_nobody_joins_too_early_or_when_it_is_over(at) -> None:
    booking_id = booked()
    at("09:49:59")
    with pytest.raises(JoinTooEarly) as early:
        join(booking_id, ADA)
    assert early.value.extra == {"opens_at": "2026-11-23T09:50:00.000Z"}
    at("10:30")
    with pytest.raises(SessionOver):
        join(booking_id, ADA)
    with pytest.raises(SessionNotFound):
        sessions.view(ADA, booking_id)


def test_how_early_one_may_join_is_the_platforms_setting(at) -> None:
    studio.set_settings(join_early_minutes=0)
    booking_id = booked()
    at("09:59:59")
    with pytest.raises(JoinTooEarly):
        join(booking_id, ADA)


def test_a_repeated_join_gets_the_same_answer_and_one_effect(at) -> None:
    booking_id = booked()
    at("10:05")
    first = join(booking_id, ADA, key="same")
    at("10:10")
    assert join(booking_id, ADA, key="same") == first
    drain()
    assert len(schedules.open) == 1


def test_e28_full_service_time_runs_from_the_customers_join_and_keeps_the_experts_time(at) -> None:
    """And what it runs into is not sold to anybody any more (E37)."""
    booking_id = booked("automatic", "full_service_time")
    at("10:05")
    joined = join(booking_id, ADA)
    assert (joined.due_end, joined.cut_short) == (instant("10:35"), False)
    with pytest.raises(SlotTaken):
        studio.book("10:30", "apk_automatic_scheduled_end", who=BORA)
    assert studio.booked("11:00", "apk_automatic_scheduled_end", who=BORA)


def test_e37_full_service_time_is_cut_where_the_experts_next_booking_begins_and_says_so(at) -> None:
    booking_id = booked("automatic", "full_service_time")
    studio.booked("10:30", "apk_automatic_scheduled_end", who=BORA)
    at("10:05")
    joined = join(booking_id, ADA)
    assert (joined.due_end, joined.cut_short) == (instant("10:30"), True)
    assert sessions.view(ADA, booking_id).cut_short
    at("10:31")
    sweeper.run()
    assert session(booking_id).ended_at == instant("10:30")


@pytest.mark.parametrize("how", ["automatic", "by_expert"])
def test_what_became_free_after_the_customers_join_is_sold_and_not_run_into(how: str, at) -> None:
    booking_id = booked(how, "full_service_time")
    following = booked(how, "full_service_time", "10:30", who=BORA)
    at("10:20")
    join(booking_id, ADA)
    studio.changes.cancel(studio.operation("c", ADMIN, "cancel"), following, CancelRequest())
    at("10:25")
    assert join(booking_id, EXPERT).due_end == instant("10:30")
    again = booked(how, "full_service_time", "10:30", who=BORA, key="again")
    at("10:31")
    sweeper.run()
    join(again, BORA)
    assert [str(difference) for difference in verify(every_item())] == []


def test_a_scheduled_end_takes_no_more_of_the_experts_time(at) -> None:
    booking_id = booked()
    before = studio.agenda()
    at("10:20")
    join(booking_id, ADA)
    assert studio.agenda() == before


def test_full_service_time_across_midnight_is_kept_in_both_days(at) -> None:
    key = keys.calendar(PLATFORM, "elif")
    by_day = read.get(key, Calendar)
    weekly = [OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)]
    day_and_night = CalendarItem.of(key, replace(by_day, zone="UTC", weekly=weekly))
    transact.commit([transact.save(day_and_night)], "day and night")
    booking_id = booked("automatic", "full_service_time", start="23:30")
    at("23:45")
    assert join(booking_id, ADA).due_end == instant("2026-11-24T00:15")
    with pytest.raises(SlotTaken):
        studio.book("2026-11-24T00:00", "apk_automatic_scheduled_end", who=BORA)
    days = [studio.agenda(), studio.agenda("2026-11-24")]
    assert [claim.ends_at for day in days if day for claim in day.taken] == [instant("2026-11-24T00:15")] * 2


def test_e25_e38_by_expert_he_is_notified_and_a_second_timer_waits_at_the_safety_limit(at) -> None:
    booking_id = booked("by_expert")
    at("10:00")
    join(booking_id, ADA)
    drain()
    at("10:30:05")
    schedules.fire()
    notified = session(booking_id)
    assert (notified.state, notified.notified_at) == (SessionState.RUNNING, instant("10:30"))
    assert state_of_booking(booking_id) == "confirmed"
    drain()
    assert schedules.due() == ["11:30:00"]
    at("11:30:20")
    schedules.fire()
    assert session(booking_id).ended_at == instant("11:30")
    assert state_of_booking(booking_id) == "completed"


def test_by_expert_his_hand_ends_it_and_its_timer_goes(at) -> None:
    booking_id = booked("by_expert")
    at("10:00")
    join(booking_id, ADA)
    drain()
    at("10:41")
    over = end(booking_id, EXPERT)
    assert (over.ended_at, over.ended_by, over.notified_at) == (
        instant("10:41"),
        EndedBy.EXPERT,
        instant("10:30"),
    )
    assert state_of_booking(booking_id) == "completed"
    drain()
    assert schedules.open == {}


def test_an_admin_may_end_it_and_nobody_ends_it_twice(at) -> None:
    booking_id = booked()
    at("10:00")
    with pytest.raises(SessionNotFound):
        end(booking_id, ADMIN)
    join(booking_id, ADA)
    at("10:10")
    assert end(booking_id, ADMIN, key="once").ended_by == EndedBy.ADMIN
    assert end(booking_id, ADMIN, key="once").ended_at == instant("10:10")
    with pytest.raises(SessionOver):
        end(booking_id, EXPERT)


def test_the_expert_does_not_end_what_the_customer_may_still_join(at) -> None:
    booking_id = booked()
    at("09:51")
    join(booking_id, EXPERT)
    with pytest.raises(CustomerNotJoined):
        end(booking_id, EXPERT)
    assert state_of_booking(booking_id) == "confirmed"


def test_what_the_clock_should_have_ended_is_ended_by_the_clock_whoever_comes(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    at("10:45")
    over = end(booking_id, EXPERT)
    assert (over.ended_by, over.ended_at) == (EndedBy.CLOCK, instant("10:30"))


def test_a_stale_timer_does_nothing(at) -> None:
    """S2: the expert's join set a timer at the no-show bound; the customer's join moved the end."""
    booking_id = booked("automatic", "full_service_time")
    at("10:00")
    join(booking_id, EXPERT)
    drain()
    assert schedules.due() == ["11:30:00"]
    stale = dict(schedules.open)
    at("10:10")
    join(booking_id, ADA)
    drain()
    assert schedules.due() == ["10:40:00"]
    at("10:20")
    ((_, message),) = stale.values()
    at("11:31")
    sessions.on_timer(**message)
    assert session(booking_id).state is SessionState.RUNNING
    schedules.fire()
    assert session(booking_id).ended_at == instant("10:40")


def test_an_early_timer_does_nothing_and_the_sweeper_ends_it(at) -> None:
    """S1: never before its due end."""
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    drain()
    at("10:29:59")
    schedules.fire()
    assert session(booking_id).state is SessionState.RUNNING
    at("10:30:44")
    sweeper.run()
    assert session(booking_id).state is SessionState.RUNNING
    at("10:30:45")
    sweeper.run()
    assert session(booking_id).ended_at == instant("10:30")
    assert state_of_booking(booking_id) == "completed"


def test_a_timer_that_comes_twice_and_hours_late_ends_it_once_at_the_stored_instant(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    drain()
    ((_, message),) = schedules.open.values()
    at("15:00")
    for _ in range(3):
        sessions.on_timer(**message)
        sweeper.run()
    assert session(booking_id).ended_at == instant("10:30")
    assert session(booking_id).version == 2


def test_a_lost_timer_is_the_sweepers(at) -> None:
    booking_id = booked("by_expert", "full_service_time")
    at("10:05")
    join(booking_id, ADA)
    at("10:36")
    sweeper.run()
    assert session(booking_id).notified_at == instant("10:35")
    at("11:36")
    sweeper.run()
    assert session(booking_id).ended_at == instant("11:35")
    assert due_work() == {}


def test_a_sweep_after_a_long_silence_notes_both_instants_at_once(at) -> None:
    booking_id = booked("by_expert")
    at("10:00")
    join(booking_id, ADA)
    at("14:00")
    sweeper.run()
    over = session(booking_id)
    assert (over.notified_at, over.ended_at) == (instant("10:30"), instant("11:30"))


def test_no_timer_is_made_for_what_is_due_within_two_minutes_and_the_sweeper_does_not_wait(at) -> None:
    booking_id = booked()
    at("10:28")
    join(booking_id, ADA)
    drain()
    assert schedules.calls == []
    assert due_work()["SESSION"] == "10:30:00"


def test_with_a_timer_the_sweeper_waits_45_seconds(at) -> None:
    booking_id = booked()
    at("10:05")
    join(booking_id, ADA)
    assert due_work() == {"SESSION": "10:30:45", "BOOKING": "11:30:00"}


def test_a_booking_that_nobody_joined_is_missed_in_the_end(at) -> None:
    booking_id = booked()
    at("11:29:59")
    sweeper.run()
    assert state_of_booking(booking_id) == "confirmed"
    at("11:30")
    sweeper.run()
    sweeper.run()
    assert state_of_booking(booking_id) == "missed"
    assert due_work() == {}


def test_a_booking_that_only_the_expert_joined_is_missed(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, EXPERT)
    at("10:31")
    sweeper.run()
    assert session(booking_id).ended_at == instant("10:30")
    assert state_of_booking(booking_id) == "missed"


def test_a_running_session_is_not_missed(at) -> None:
    booking_id = booked("by_expert", "full_service_time")
    at("10:29")
    join(booking_id, ADA)
    at("11:31")
    sweeper.run()
    assert (state_of_booking(booking_id), session(booking_id).state) == ("confirmed", SessionState.RUNNING)


def test_a_session_of_a_package_is_captured_with_its_end(at) -> None:
    first = studio.booked("10:00", "apk_pair")
    at("10:00")
    join(first.id, ADA)
    end(first.id, EXPERT)
    (left,) = studio.assignments.list_of(ADA, "ada", AssignmentsQuery()).items
    assert (left.used, left.held, left.left) == (1, 0, 1)


def test_a_session_says_which_of_its_package_it_is(at) -> None:
    first = studio.booked("10:00", "apk_pair")
    second = studio.use(str(first.assignment_id), "12:00")
    alone = booked(start="14:00")
    for time, booking_id, said in (("12:00", second.id, (2, 2)), ("14:00", alone, (None, None))):
        at(time)
        views = [join(booking_id, ADA), sessions.view(ADA, booking_id), end(booking_id, EXPERT)]
        assert [(view.ordinal, view.total) for view in views] == [said] * 3


def test_all_timers_are_gone_when_the_session_is(at) -> None:
    """S2: open schedules are those of sessions that run, whatever order the effects come in."""
    booking_id = booked("by_expert", "full_service_time")
    at("09:55")
    join(booking_id, EXPERT)
    at("10:10")
    join(booking_id, ADA)
    drain()
    at("10:41")
    sweeper.run()
    drain()
    assert len(schedules.open) == 1
    at("10:50")
    end(booking_id, EXPERT)
    drain()
    assert schedules.open == {}


def slowly_created(monkeypatch, meanwhile: Callable[[], object], booking_id: str) -> None:
    """The next schedule is made when the session has changed, and that change's own effect is done."""
    create = schedules.create

    def slowly(*arguments: Any) -> None:
        monkeypatch.setattr(schedules, "create", create)
        meanwhile()
        timers.bring(PLATFORM, {"booking_id": booking_id})
        create(*arguments)

    monkeypatch.setattr(schedules, "create", slowly)
    timers.bring(PLATFORM, {"booking_id": booking_id})


def test_a_schedule_made_while_the_session_ended_is_taken_back(at, monkeypatch) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    slowly_created(monkeypatch, lambda: end(booking_id, EXPERT), booking_id)
    assert schedules.open == {}


def test_a_schedule_made_while_the_sessions_clock_moved_on_is_taken_back(at, monkeypatch) -> None:
    booking_id = booked("automatic", "full_service_time")
    at("09:55")
    join(booking_id, EXPERT)
    at("10:05")
    slowly_created(monkeypatch, lambda: join(booking_id, ADA), booking_id)
    assert schedules.due() == ["10:35:00"]


def test_an_effect_for_what_is_not_there_does_nothing() -> None:
    timers.bring(PLATFORM, {"booking_id": "bkg_" + "0" * 26})
    assert schedules.calls == []


def test_a_booking_that_is_closed_while_somebody_joins_it_is_not_joined(at, monkeypatch) -> None:
    booking_id = booked()
    at("10:00")
    load = studio.platforms.load

    def close_then_load(loaded: read.Loaded, platform_id: str) -> Platform:
        monkeypatch.setattr(studio.platforms, "load", load)
        booking = studio.bookings.load(loaded, platform_id, booking_id)
        transact.commit(studio.bookings.prepare_miss(booking, instant("10:00")), "elsewhere")
        return load(loaded, platform_id)

    monkeypatch.setattr(studio.platforms, "load", close_then_load)
    with pytest.raises(SessionOver):
        join(booking_id, ADA)
    assert state_of_booking(booking_id) == "missed"


def test_an_end_by_hand_and_by_the_clock_at_once_are_one_end(at, monkeypatch) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    at("10:31")
    load = studio.platforms.load

    def sweep_then_load(loaded: read.Loaded, platform_id: str) -> Platform:
        monkeypatch.setattr(studio.platforms, "load", load)
        sweeper.run()
        return load(loaded, platform_id)

    monkeypatch.setattr(studio.platforms, "load", sweep_then_load)
    with pytest.raises(SessionOver):
        end(booking_id, EXPERT)
    assert (session(booking_id).ended_by, session(booking_id).version) == (EndedBy.CLOCK, 2)


def test_a_session_whose_booking_was_closed_elsewhere_still_ends(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    booking = studio.bookings.load(read.batch([keys.booking(PLATFORM, booking_id)]), PLATFORM, booking_id)
    transact.commit(studio.bookings.prepare_miss(booking, instant("10:10")), "elsewhere")
    with pytest.raises(SessionOver):
        join(booking_id, EXPERT)
    at("10:31")
    sweeper.run()
    assert (session(booking_id).ended_at, state_of_booking(booking_id)) == (instant("10:30"), "missed")


def test_a_booking_is_not_missed_where_somebody_joins_it_meanwhile(at, monkeypatch) -> None:
    booking_id = booked("by_expert", "full_service_time")
    at("10:29")
    join(booking_id, ADA)
    at("11:31")
    with monkeypatch.context() as patch:
        patch.setattr(store, "find", lambda platform_id, booking_id: None)
        sessions.sweep(PLATFORM, booking_id)
    assert state_of_booking(booking_id) == "confirmed"


def test_a_customer_ends_nothing(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    with pytest.raises(BookingNotFound):
        end(booking_id, ADA)


def test_a_join_is_two_reads_and_one_transaction_of_three_items(at) -> None:
    booking_id = booked()
    at("10:00")
    calls = CallCount()
    join(booking_id, ADA)
    assert calls.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert len(calls.sent("TransactWriteItems")["TransactItems"]) == 3


def test_a_timer_ends_a_session_in_four_calls(at) -> None:
    booking_id = booked()
    at("10:00")
    join(booking_id, ADA)
    drain()
    at("10:30")
    calls = CallCount()
    schedules.fire()
    assert calls.names == ["GetItem", "GetItem", "BatchGetItem", "TransactWriteItems"]
    assert session(booking_id).state is SessionState.ENDED


def test_the_verifier_finds_nothing_wrong_with_a_session_that_ran_into_the_next_slot(at) -> None:
    """The time that it runs on is the expert's, and is the booking's (B1, B2)."""
    booking_id = booked("automatic", "full_service_time")
    unjoined = booked(start="13:00")
    at("10:05")
    join(booking_id, ADA)
    assert [str(difference) for difference in verify(every_item())] == []
    at("14:31")
    sweeper.run()
    assert [state_of_booking(each) for each in (booking_id, unjoined)] == ["completed", "missed"]
    assert [str(difference) for difference in verify(every_item())] == []

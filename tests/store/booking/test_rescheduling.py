"""Moving bookings to another time: who may, how often, and that the old time and the new one change hands together."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from msgspec.structs import replace

from chalicelib.booking.model import (
    Booking,
    BookingBegan,
    BookingNotFound,
    BookingNotOpen,
    BookingState,
    RescheduledTooOften,
    RescheduleTooLate,
    SameStart,
    SessionBegan,
)
from chalicelib.booking.views import BookingsQuery, BookingView, CancelRequest, RescheduleRequest
from chalicelib.calendar.model import Agenda, AppointmentsInactive, Calendar, SlotNotOffered, SlotTaken
from chalicelib.calendar.store import saved_calendar
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.sessions.model import Session
from chalicelib.sessions.store import saved as saved_session
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    CallCount,
    actor,
    agenda,
    assignments,
    booked,
    changes,
    give,
    instant,
    lists,
    open_studio,
    operation,
    platforms,
    set_settings,
    wallet,
)

NEXT_DAY = "2026-11-24"


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    """At 09:00 UTC of the day before; a booking at 07:00 is 22 hours away, one at 14:00 29."""
    open_studio()
    give(500, Origin.ADJUSTMENT)
    yield
    assert list(verify(every_item())) == []


def move(booking_id: str, to: str, who: Actor = ADA, key: str = "") -> BookingView:
    asked = operation(key or to, who, "POST /v1/bookings/{booking_id}/reschedule")
    return changes.reschedule(asked, booking_id, RescheduleRequest(starts_at=instant(to))).read_as(
        BookingView
    )


def starts(day: str = "2026-11-23") -> list[str]:
    found = agenda(day)
    return [f"{claim.starts_at:%H:%M}" for claim in found.taken] if found else []


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking(PLATFORM, booking_id), Booking)
    assert found is not None
    return found


def test_a_booking_moves_on_its_own_day_in_one_transaction() -> None:
    made = booked("14:00")
    count = CallCount()
    seen = move(made.id, "09:00")
    assert count.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (seen.starts_at, seen.ends_at) == (instant("09:00"), instant("09:50"))
    assert (seen.state, seen.moves, seen.version) == (BookingState.CONFIRMED, 1, 2)
    assert starts() == ["09:00"]
    assert wallet().balance == 400
    booked("14:00", key="again")


def test_a_booking_moves_to_another_day() -> None:
    made = booked("14:00")
    move(made.id, f"{NEXT_DAY}T08:00:00")
    assert (starts(), starts(NEXT_DAY)) == ([], ["08:00"])


def test_a_booking_is_not_in_its_own_way() -> None:
    """The expert opens half an hour later since, which moved the grid: the new time overlaps the old."""
    made = booked("14:00")
    calendar = read.get(keys.calendar(PLATFORM, "elif"), Calendar)
    assert calendar is not None
    later = [replace(hours, opens="09:30") for hours in calendar.weekly]
    transact.commit([saved_calendar(replace(calendar, weekly=later))], "calendar")
    move(made.id, "13:30")
    assert starts() == ["13:30"]


def test_lists_find_it_at_its_new_time() -> None:
    made = booked("14:00")
    move(made.id, f"{NEXT_DAY}T08:00:00")
    for who in (ADA, EXPERT):
        asked = BookingsQuery(since=instant("00:00"), until=instant(f"{NEXT_DAY}T00:00:00"))
        assert lists.bookings(who, asked).items == []
        asked = BookingsQuery(since=instant(f"{NEXT_DAY}T00:00:00"))
        assert [item.id for item in lists.bookings(who, asked).items] == [made.id]


def test_what_is_taken_or_not_offered_is_refused_and_the_old_time_kept() -> None:
    made = booked("14:00")
    booked("09:00")
    with pytest.raises(SlotTaken):
        move(made.id, "09:00")
    for bad in ("09:15", "20:00", "2026-11-20T09:00:00", "2027-11-22T09:00:00"):
        with pytest.raises(SlotNotOffered):
            move(made.id, bad)
    for end_of_time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        far = RescheduleRequest(starts_at=datetime.fromisoformat(end_of_time))
        with pytest.raises(SlotNotOffered):
            changes.reschedule(operation(end_of_time), made.id, far)
    assert starts() == ["09:00", "14:00"]
    assert stored(made.id).version == 1


def test_a_customer_reschedules_until_the_limit(moving_clock) -> None:
    made = booked("07:00")
    with pytest.raises(RescheduleTooLate) as refused:
        move(made.id, "09:00")
    assert refused.value.extra == {"until": "2026-11-22T07:00:00.000Z"}
    set_settings(reschedule_hours=22)
    assert move(made.id, "09:00").moves == 1


def test_a_customer_reschedules_so_often_and_not_more() -> None:
    set_settings(reschedule_times=2, reschedule_hours=1)
    made = booked("07:00")
    for start in ("08:00", "09:00"):
        move(made.id, start)
    with pytest.raises(RescheduledTooOften) as refused:
        move(made.id, "10:00")
    assert refused.value.extra == {"at_most": 2}
    assert move(made.id, "11:00", ADMIN).moves == 2


@pytest.mark.parametrize("who", [EXPERT, ADMIN])
def test_others_reschedule_whenever_and_it_does_not_count(who: Actor) -> None:
    set_settings(reschedule_times=0)
    made = booked("07:00")
    assert move(made.id, "09:00", who).moves == 0


def test_to_where_it_is_it_does_not_move() -> None:
    made = booked("14:00")
    with pytest.raises(SameStart):
        move(made.id, "14:00")


def test_it_moves_once_however_often_it_is_asked() -> None:
    made = booked("14:00")
    assert move(made.id, "09:00") == move(made.id, "09:00")
    assert stored(made.id).moves == 1


def test_what_is_over_or_has_begun_does_not_move(moving_clock) -> None:
    made, other, joined = booked("14:00"), booked("09:00"), booked("12:00")
    changes.cancel(operation("c"), made.id, CancelRequest())
    with pytest.raises(BookingNotOpen):
        move(made.id, "10:00")
    session = replace(Session.waiting(stored(joined.id)), expert_joined_at=instant("11:55"))
    transact.commit([saved_session(session, platforms.get(PLATFORM))], "join")
    moving_clock.forward(days=1)
    with pytest.raises(BookingBegan):
        move(other.id, f"{NEXT_DAY}T08:00:00", ADMIN)
    with pytest.raises(SessionBegan):
        move(joined.id, f"{NEXT_DAY}T09:00:00", ADMIN)


def test_nothing_moves_where_appointments_are_off() -> None:
    made = booked("14:00")
    set_settings(appointment_system_active=False)
    with pytest.raises(AppointmentsInactive):
        move(made.id, "09:00", ADMIN)


@pytest.mark.parametrize("stranger", [actor("bora"), actor("deniz", Role.EXPERT)])
def test_what_is_foreign_is_not_there(stranger: Actor) -> None:
    made = booked("14:00")
    with pytest.raises(BookingNotFound):
        move(made.id, "09:00", stranger)


def test_the_session_of_a_package_stays_held() -> None:
    made = booked("14:00", "apk_three")
    move(made.id, "09:00")
    (held,) = assignments.find(PLATFORM, str(made.assignment_id)).held
    assert held.booking_id == made.id


def test_both_are_told_of_the_new_time() -> None:
    made = booked("14:00")
    move(made.id, "09:00", key="k")
    name = "POST /v1/bookings/{booking_id}/reschedule"
    receipt = read.get(operation("k", ADA, name).receipt_key, Receipt)
    assert receipt is not None
    mailed = [effect for effect in receipt.effects if effect.kind != "notice"]
    assert [(effect.kind, effect.payload) for effect in mailed] == [
        ("mail.booking_moved", {"booking_id": made.id, "to": to, "starts_at": "2026-11-23T09:00:00.000Z"})
        for to in ("customer", "expert")
    ]
    noticed = [effect.payload for effect in receipt.effects if effect.kind == "notice"]
    assert [(each["account_id"], each["kind"], each["data"]["starts_at"]) for each in noticed] == [
        (person, "booking_moved", "2026-11-23T09:00:00.000Z") for person in ("ada", "elif")
    ]


def test_an_agenda_that_has_nothing_left_is_kept_empty() -> None:
    made = booked("14:00")
    move(made.id, f"{NEXT_DAY}T08:00:00")
    left = agenda()
    assert isinstance(left, Agenda)
    assert left.taken == []


@pytest.mark.parametrize(
    ("moved_at", "floor", "back"),
    [("05:30", 10_000, 0), ("02:00", 5_000, 50), ("2026-11-22T07:00:00", 0, 100)],
)
def test_a_customer_does_not_move_a_booking_away_from_its_policy(
    moving_clock, moved_at: str, floor: int, back: int
) -> None:
    """Moved 90 minutes, five hours and a day before its start, to two weeks later; then called off at once."""
    moving_clock.instant = instant("2026-11-22T06:00:00")
    set_settings(
        reschedule_hours=1, cancel_free_hours=24, cancel_part_hours=2, cancel_kept_basis_points=5_000
    )
    made = booked("07:00")
    moving_clock.instant = instant(moved_at)
    moved = move(made.id, "2026-12-07T07:00:00")
    assert moved.kept_at_least_basis_points == floor
    changes.cancel(operation("c"), made.id, CancelRequest())
    returned = stored(made.id).returned
    assert returned is not None
    assert (returned.kept_basis_points, returned.credits) == (floor, back)
    assert wallet().balance == 400 + back


def test_the_floor_is_the_highest_of_the_customer_s_moves_and_of_the_cancellation_s_own_time(
    moving_clock,
) -> None:
    set_settings(
        reschedule_hours=1, cancel_free_hours=24, cancel_part_hours=2, cancel_kept_basis_points=5_000
    )
    made = booked("14:00")
    moving_clock.instant = instant("02:00")
    for to, floor in (("2026-12-07T07:00:00", 5_000), ("2026-12-08T07:00:00", 5_000)):
        assert move(made.id, to).kept_at_least_basis_points == floor
    moving_clock.instant = instant("2026-12-08T06:00:00")
    changes.cancel(operation("c"), made.id, CancelRequest())
    assert stored(made.id).returned.kept_basis_points == 10_000  # type: ignore[union-attr] - it was called off


@pytest.mark.parametrize("who", [EXPERT, ADMIN])
def test_a_move_by_an_expert_or_an_admin_costs_the_customer_nothing(moving_clock, who: Actor) -> None:
    set_settings(cancel_free_hours=24, cancel_part_hours=2, cancel_kept_basis_points=5_000)
    made = booked("07:00")
    moving_clock.instant = instant("06:00")
    assert move(made.id, "2026-12-07T07:00:00", who).kept_at_least_basis_points == 0
    changes.cancel(operation("c"), made.id, CancelRequest())
    assert wallet().balance == 500


@pytest.mark.parametrize("who", [EXPERT, ADMIN])
def test_an_expert_or_an_admin_cancels_a_moved_booking_for_nothing(moving_clock, who: Actor) -> None:
    set_settings(reschedule_hours=1)
    made = booked("07:00")
    moving_clock.instant = instant("05:30")
    assert move(made.id, "2026-12-07T07:00:00").kept_at_least_basis_points == 10_000
    changes.cancel(operation("c", who), made.id, CancelRequest())
    assert wallet().balance == 500


def test_a_session_that_was_moved_too_late_to_be_free_is_used_when_it_is_called_off(moving_clock) -> None:
    set_settings(reschedule_hours=1)
    made = booked("07:00", "apk_three")
    moving_clock.instant = instant("05:30")
    move(made.id, "2026-12-07T07:00:00")
    changes.cancel(operation("c"), made.id, CancelRequest())
    assignment = assignments.find(PLATFORM, str(made.assignment_id))
    assert ([used.booking_id for used in assignment.used], assignment.left) == ([made.id], 2)

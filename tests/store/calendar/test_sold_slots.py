"""Free time for what is sold already: the list and the check stand on the package as it was sold (E39).

cal.com 29532, once more: the list of the catalogue's package offered starts that the bought one refused.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.assignments.model import (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    ServiceNotInPackage,
    ServiceUsedUp,
)
from chalicelib.assignments.views import AssignmentRequest, AssignmentView
from chalicelib.booking.model import BookingBegan, BookingNotFound, RescheduledTooOften, RescheduleTooLate
from chalicelib.booking.views import BookingView, RescheduleRequest
from chalicelib.calendar.model import (
    AppointmentsInactive,
    Calendar,
    SlotNotOffered,
    SlotsUnclear,
    SlotTaken,
)
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.calendar.store import saved_calendar
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.actor import Actor
from chalicelib.core.clock import stamp
from chalicelib.core.permissions import Role
from chalicelib.table import keys, read, transact
from tests.store.booking import studio
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    OPEN_DAY,
    PLATFORM,
    CallCount,
    actor,
    assigning,
    booked,
    changes,
    free_slots,
    give,
    instant,
    open_studio,
    operation,
    package,
    set_on_sale,
    set_settings,
    use,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")
MANY = package(id="apk_many", sessions=20, credits=250)  # 50 + 10


@pytest.fixture(autouse=True)
def sold(table, moving_clock, monkeypatch) -> None:
    """Ada has credits, what she buys is 50 + 10, and she may move it whenever she likes."""
    monkeypatch.setattr(studio, "ON_SALE", [*studio.ON_SALE, MANY])
    open_studio()
    set_settings(reschedule_hours=0, reschedule_times=99)
    give(1000)


def publish_shorter() -> None:
    """From now on it is 25 + 5, and nothing else is on sale."""
    set_on_sale(replace(MANY, duration_minutes=25, break_minutes=5))


def listed(who: Actor = ADA, day: str = OPEN_DAY, expert_id: str = "elif", **asked: str) -> list[datetime]:
    on = date.fromisoformat(day)
    view = free_slots.of(who, expert_id, SlotsQuery(first=on, last=on, **asked))
    return [slot.starts_at for slot in view.items]


def times(found: list[datetime]) -> list[str]:
    return [f"{start:%H:%M}" for start in found]


def move(booking_id: str, to: datetime, who: Actor = ADMIN) -> BookingView:
    asked = operation(f"{booking_id}{to}", who, "POST /v1/bookings/{booking_id}/reschedule")
    return changes.reschedule(asked, booking_id, RescheduleRequest(starts_at=to)).read_as(BookingView)


def given_package(name: str) -> AssignmentView:
    request = AssignmentRequest(session_package_id=name, on_the_house=True)
    return assigning.assign(operation(name, ADMIN, "assign"), "ada", request).read_as(AssignmentView)


def each_ten_minutes() -> list[datetime]:
    return [instant("05:00") + timedelta(minutes=10 * count) for count in range(66)]


def is_accepted(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (SlotNotOffered, SlotTaken):
        return False
    return True


def test_what_is_offered_on_a_bought_package_is_accepted_and_nothing_else() -> None:
    first = booked("07:00", "apk_many")
    publish_shorter()
    assert "06:30" in times(listed(package_id="apk_many"))
    offered = listed(assignment_id=first.assignment_id)
    assert times(offered) == ["06:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00"]
    for start in sorted(each_ten_minutes(), key=lambda start: start not in offered):
        accepted = is_accepted(lambda start=start: use(first.assignment_id, stamp(start)[:16]))
        assert accepted == (start in offered), start


@pytest.mark.parametrize("package_id", ["apk_hour", "apk_many"])
def test_what_is_offered_to_a_booking_is_accepted_and_nothing_else(package_id) -> None:
    made = booked("07:00", package_id)
    booked("10:00")
    publish_shorter()
    offered = listed(booking_id=made.id)
    assert times(offered) == ["06:00", "08:00", "09:00", "11:00", "12:00", "13:00", "14:00"]
    for start in each_ten_minutes():
        if start != made.starts_at:
            assert is_accepted(lambda start=start: move(made.id, start)) == (start in offered), start


def test_a_bookings_own_time_is_no_hindrance_and_its_own_start_no_choice() -> None:
    made = booked("07:00")
    open_later()
    assert "06:30" in times(listed(booking_id=made.id))
    move(made.id, instant("06:30"))
    assert times(listed(booking_id=made.id))[:1] == ["07:30"]


def open_later() -> None:
    """Half an hour later from now on, so that every start of the grid overlaps a booking of before."""
    found = read.get(keys.calendar(PLATFORM, "elif"), Calendar)
    assert found is not None
    weekly = [replace(hours, opens="09:30") for hours in found.weekly]
    transact.commit([saved_calendar(replace(found, weekly=weekly))], "calendar")


def test_what_is_off_sale_is_still_his_to_book_and_to_move() -> None:
    first = booked("07:00", "apk_many")
    set_on_sale()
    with pytest.raises(PackageNotOnSale):
        listed(package_id="apk_many")
    assert len(listed(assignment_id=first.assignment_id)) == 8
    assert len(listed(booking_id=first.id)) == 8


def test_of_several_services_one_is_named_and_each_is_as_it_was_sold() -> None:
    given = given_package("spk_skin")
    set_on_sale(package(id="apk_classic", duration_minutes=25, break_minutes=5))
    assert len(listed(assignment_id=given.id, package_id="apk_classic")) == 9
    with pytest.raises(SlotsUnclear) as refused:
        listed(assignment_id=given.id)
    assert refused.value.field == "package_id"
    with pytest.raises(ServiceNotInPackage):
        listed(assignment_id=given.id, package_id="apk_hour")


def test_nothing_is_offered_from_the_end_of_a_package_on() -> None:
    """It expires at 09:00 UTC of a day, on the grid: that start is refused, and so it is not offered."""
    given = given_package("spk_month")
    asked = {"assignment_id": given.id, "package_id": "apk_classic"}
    assert times(listed(day="2026-12-22", **asked)) == ["06:00", "07:00", "08:00"]
    assert listed(day="2026-12-23", **asked) == []
    made = booked("07:00", "apk_classic", pay_with=None, assignment_id=given.id)
    assert times(listed(day="2026-12-22", booking_id=made.id)) == ["06:00", "07:00", "08:00"]
    with pytest.raises(AssignmentClosed):
        move(made.id, datetime(2026, 12, 22, 9, tzinfo=UTC))


def test_what_no_booking_would_accept_has_no_list(moving_clock) -> None:
    counted = given_package("spk_counted")
    for start in ("07:00", "08:00"):
        booked(start, "apk_moisture", pay_with=None, assignment_id=counted.id)
    with pytest.raises(ServiceUsedUp):
        listed(assignment_id=counted.id, package_id="apk_moisture")
    three = booked("09:00", "apk_three")
    for start in ("10:00", "11:00"):
        use(three.assignment_id, start)
    with pytest.raises(AssignmentEmpty):
        listed(assignment_id=three.assignment_id)
    month = given_package("spk_month")
    moving_clock.instant = datetime(2026, 12, 22, 9, tzinfo=UTC)
    with pytest.raises(AssignmentClosed):
        listed(day="2026-12-22", assignment_id=month.id, package_id="apk_classic")
    with pytest.raises(BookingBegan):
        listed(day="2026-12-22", booking_id=three.id)


def test_a_move_that_the_policy_refuses_has_no_list_for_the_customer() -> None:
    made = booked("07:00")
    set_settings(reschedule_hours=24)
    with pytest.raises(RescheduleTooLate):
        listed(booking_id=made.id)
    assert listed(EXPERT, booking_id=made.id)
    set_settings(reschedule_hours=1, reschedule_times=0)
    with pytest.raises(RescheduledTooOften):
        listed(booking_id=made.id)
    assert listed(ADMIN, booking_id=made.id)


def test_it_is_for_those_alone_whom_it_concerns() -> None:
    made = booked("07:00", "apk_many")
    for who in (ADA, ADMIN):
        assert listed(who, assignment_id=made.assignment_id)
    for who in (ADA, ADMIN, EXPERT):
        assert listed(who, booking_id=made.id)
    for who in (BORA, EXPERT, actor("deniz", Role.EXPERT)):
        with pytest.raises(AssignmentNotFound):
            listed(who, assignment_id=made.assignment_id)
    for who in (BORA, actor("deniz", Role.EXPERT)):
        with pytest.raises(BookingNotFound):
            listed(who, booking_id=made.id)
    with pytest.raises(BookingNotFound):
        listed(booking_id=made.id, expert_id="deniz")
    with pytest.raises(ServiceNotInPackage):
        listed(assignment_id=made.assignment_id, expert_id="deniz")
    for nothing in ("", "bkg_", "asg_x", "x#BOOKING"):
        with pytest.raises(BookingNotFound):
            listed(booking_id=nothing)
        with pytest.raises(AssignmentNotFound):
            listed(assignment_id=nothing)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "package_id"),
        ({"assignment_id": "asg_1", "booking_id": "bkg_1"}, "assignment_id"),
        ({"package_id": "apk_hour", "booking_id": "bkg_1"}, "package_id"),
    ],
)
def test_what_is_not_told_apart_is_refused(asked, field) -> None:
    with pytest.raises(SlotsUnclear) as refused:
        listed(**asked)
    assert refused.value.field == field


def test_it_is_closed_with_the_system_like_any_other() -> None:
    made = booked("07:00", "apk_many")
    set_settings(appointment_system_active=False)
    for asked in ({"assignment_id": made.assignment_id}, {"booking_id": made.id}):
        with pytest.raises(AppointmentsInactive):
            listed(**asked)


def test_it_is_one_batch_read_and_one_query_and_a_get_for_what_a_booking_is_made_on() -> None:
    plain, made = booked("07:00"), booked("08:00", "apk_many")
    for asked, calls in (
        ({"assignment_id": made.assignment_id}, ["BatchGetItem", "Query"]),
        ({"booking_id": plain.id}, ["BatchGetItem", "Query"]),
        ({"booking_id": made.id}, ["BatchGetItem", "GetItem", "Query"]),
    ):
        count = CallCount()
        listed(**asked)
        assert count.names == calls

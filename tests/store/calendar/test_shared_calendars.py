"""Holidays, locations and a daily maximum on moto: what is offered, what is refused, what stands."""

from datetime import date
from itertools import count

import pytest

from chalicelib.calendar.model import (
    DateNotEditable,
    HolidayNotFound,
    HoursNotThatDay,
    LocationRepeated,
    LocationUnknown,
    SlotNotOffered,
    SlotTaken,
)
from chalicelib.calendar.shared_views import (
    HolidayRequest,
    LocationsRequest,
    PlatformCalendarView,
    StandingQuery,
)
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.calendar.views import (
    CalendarRequest,
    ExceptionRequest,
    HoursBody,
    LocationBody,
    OpenHoursBody,
)
from chalicelib.core.errors import Stale
from chalicelib.core.permissions import Role
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    actor,
    agenda,
    booked,
    calendars,
    free_slots,
    give,
    lists,
    open_studio,
    opening_hours,
    operation,
    shared_calendars,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
keys_used = count()
MONDAY = date(2026, 11, 23)
ROOM = LocationBody(id="room", name="Studio", address="Moda Caddesi 1")


def close(day: date = MONDAY, version: int = 0) -> PlatformCalendarView:
    new = operation(f"close{next(keys_used)}", ADMIN)
    answer = shared_calendars.close(new, day, HolidayRequest(name="Bayram"), version)
    return answer.read_as(PlatformCalendarView)


def reopen(day: date = MONDAY, version: int = 1) -> PlatformCalendarView:
    new = operation(f"open{next(keys_used)}", ADMIN)
    return shared_calendars.open(new, day, version).read_as(PlatformCalendarView)


def locate(*locations: LocationBody, version: int = 0) -> PlatformCalendarView:
    new = operation(f"locate{next(keys_used)}", ADMIN)
    request = LocationsRequest(locations=list(locations))
    return shared_calendars.put_locations(new, request, version).read_as(PlatformCalendarView)


def edit(version: int = 1, **request: object) -> None:
    asked = CalendarRequest(**{"zone": "Europe/Istanbul", "weekly": []} | request)
    opening_hours.edit(operation(f"edit{next(keys_used)}", EXPERT), "elif", asked, version)


def slots(package_id: str = "apk_hour", day: date = MONDAY) -> SlotsView:
    return free_slots.of(ADA, "elif", SlotsQuery(package_id=package_id, first=day, last=day))


def reason(start: str, package_id: str = "apk_hour") -> str:
    with pytest.raises((SlotNotOffered, SlotTaken)) as refused:
        booked(start, package_id, key=f"{start}{next(keys_used)}")
    return str(refused.value.extra["reason"])


def test_a_holiday_closes_the_date_for_everybody_and_opens_again() -> None:
    open_studio()
    give(500)
    view = close()
    assert [(each.date, each.name) for each in view.holidays] == [("2026-11-23", "Bayram")]
    assert slots().items == []
    assert reason("07:00") == "holiday"
    assert opening_hours.calendar(EXPERT, "elif").holidays == view.holidays
    assert reopen().holidays == []
    assert len(slots().items) == 9
    with pytest.raises(HolidayNotFound):
        reopen(version=2)


def test_a_holiday_leaves_bookings_and_tells_which_stand() -> None:
    open_studio()
    give(500)
    view = booked("07:00")
    booked("2026-11-24T07:00")
    close()
    (standing,) = shared_calendars.standing(ADMIN, MONDAY, StandingQuery()).items
    assert (standing.booking_id, standing.expert_id) == (view.id, "elif")
    assert (standing.starts_at, standing.ends_at) == (view.starts_at, view.ends_at)
    assert lists.booking(ADA, view.id).state == "confirmed"


def test_a_holiday_is_to_come_and_is_edited_as_it_was_read() -> None:
    open_studio()
    for day in (date(2026, 11, 20), date(2027, 11, 25), date(1, 1, 1), date.max):
        with pytest.raises(DateNotEditable):
            close(day)
    with pytest.raises(Stale):
        close(version=1)
    assert close().version == 1
    other = actor("boss", Role.ADMIN, platform_id="other")
    assert shared_calendars.calendar(other).holidays == []


def test_a_past_holiday_is_dropped_by_the_next_edit(moving_clock) -> None:
    open_studio()
    close()
    moving_clock.forward(days=3)
    assert [each.date for each in close(date(2026, 12, 31), 1).holidays] == ["2026-12-31"]


def test_a_booking_keeps_its_location_whatever_is_edited() -> None:
    open_studio()
    give(500)
    assert slots("apk_face").items[0].location == ROOM
    assert slots().items[0].location is None
    view = booked("07:00", "apk_face")
    assert view.location == ROOM
    assert booked("08:00").location is None
    edit()
    assert lists.booking(ADA, view.id).location == ROOM


def test_hours_may_be_at_a_location_of_the_platform() -> None:
    open_studio()
    give(500)
    clinic = LocationBody(id="clinic", name="Clinic")
    assert locate(clinic).locations == [clinic]
    hours = [OpenHoursBody(weekday=0, opens="09:00", closes="10:00", location_id="clinic")]
    edit(weekly=hours)
    assert opening_hours.calendar(EXPERT, "elif").platform_locations == [clinic]
    assert [slot.location for slot in slots("apk_face").items] == [clinic]
    locate(version=1)
    assert slots("apk_face").items == []
    assert len(slots().items) == 1
    assert reason("06:00", "apk_face") == "no_location"


def test_a_location_that_is_nobodys_is_refused_with_its_path() -> None:
    open_studio()
    nowhere = {"opens": "09:00", "closes": "10:00", "location_id": "nowhere"}
    with pytest.raises(LocationUnknown) as week:
        edit(weekly=[OpenHoursBody(weekday=0, **nowhere)])
    assert week.value.field == "weekly[0].location_id"
    with pytest.raises(LocationUnknown) as day:
        put_exception(MONDAY, HoursBody(**nowhere))
    assert day.value.field == "hours[0].location_id"
    with pytest.raises(LocationRepeated) as twice:
        locate(ROOM, ROOM)
    assert twice.value.field == "locations[1].id"


def put_exception(day: date, *hours: HoursBody, version: int = 1) -> None:
    new = operation(f"put{next(keys_used)}", EXPERT)
    opening_hours.put_exception(new, "elif", day, ExceptionRequest(hours=list(hours)), version)


def test_hours_that_the_clocks_leave_out_are_no_hours_of_that_date() -> None:
    open_studio(zone="Europe/Berlin")
    with pytest.raises(HoursNotThatDay) as refused:
        put_exception(
            date(2027, 3, 28),
            HoursBody(opens="01:00", closes="02:00"),
            HoursBody(opens="02:00", closes="03:00"),
        )
    assert refused.value.field == "hours[1].from"
    put_exception(date(2027, 3, 28), HoursBody(opens="02:00", closes="03:30"))


def test_a_daily_maximum_holds_for_the_list_and_for_the_claim() -> None:
    open_studio(daily_maximum=2)
    give(500)
    booked("07:00")
    booked("12:00")
    assert slots().items == []
    assert reason("09:00") == "day_full"
    assert reason("07:00") == "day_full"
    assert len(slots(day=date(2026, 11, 24)).items) == 9


def test_two_claims_of_one_local_date_on_two_utc_days_are_counted_together(monkeypatch) -> None:
    """Both count one of two: the second to commit is stale, decides again, and finds the date full."""
    night = [OpenHoursBody(weekday=day, opens="00:00", closes="24:00") for day in range(7)]
    open_studio()
    give(500)
    edit(weekly=night, daily_maximum=1)
    claim, tries = calendars.prepare_claim, []

    def book_meanwhile(*arguments: object, **named: object) -> object:
        writes = claim(*arguments, **named)
        tries.append(writes)
        if len(tries) == 1:
            booked("2026-11-22T22:00", key="other")  # 01:00 of the same Monday in Istanbul
        return writes

    monkeypatch.setattr(calendars, "prepare_claim", book_meanwhile)
    assert reason("07:00") == "day_full"
    assert len(agenda("2026-11-22").taken) == 1
    assert agenda().taken == []

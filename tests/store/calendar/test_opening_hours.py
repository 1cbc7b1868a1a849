"""Keeping a calendar on moto: the week, exceptions, who may, and exceptions against bookings in flight."""

from datetime import date

import pytest

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.booking.views import BookingView
from chalicelib.calendar.model import (
    DateNotEditable,
    ExceptionNotFound,
    ExceptionOverlapsBooking,
    HoursEmpty,
    HoursOverlap,
    SlotNotOffered,
    ZoneHasExceptions,
    ZoneUnknown,
)
from chalicelib.calendar.views import (
    CalendarRequest,
    CalendarView,
    ExceptionRequest,
    HoursBody,
    OpenHoursBody,
)
from chalicelib.core.errors import NotFound, Stale
from chalicelib.core.permissions import Role
from chalicelib.table import read
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    actor,
    agenda,
    book,
    booked,
    bookings,
    calendars,
    give,
    open_studio,
    opening_hours,
    operation,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
MONDAY = date(2026, 11, 23)
keys_used = iter(range(10**6))


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> None:
    open_studio()
    give(500)


def hours(*spans: tuple[str, str]) -> ExceptionRequest:
    return ExceptionRequest(hours=[HoursBody(opens=opens, closes=closes) for opens, closes in spans])


def week(*spans: tuple[int, str, str], zone: str = "Europe/Istanbul") -> CalendarRequest:
    entries = [OpenHoursBody(weekday=day, opens=opens, closes=closes) for day, opens, closes in spans]
    return CalendarRequest(zone=zone, weekly=entries)


def edit(request: CalendarRequest, version: int = 1, who=EXPERT, expert_id="elif") -> CalendarView:
    new = operation(f"edit{next(keys_used)}", who)
    return opening_hours.edit(new, expert_id, request, version).read_as(CalendarView)


def put(request: ExceptionRequest, version: int = 1, day: date = MONDAY, who=EXPERT) -> CalendarView:
    new = operation(f"put{next(keys_used)}", who)
    return opening_hours.put_exception(new, "elif", day, request, version).read_as(CalendarView)


def remove(version: int, day: date = MONDAY, who=EXPERT) -> CalendarView:
    new = operation(f"remove{next(keys_used)}", who)
    return opening_hours.remove_exception(new, "elif", day, version).read_as(CalendarView)


def test_a_week_is_kept_as_it_was_sent() -> None:
    sent = week((0, "09:00", "12:00"), (0, "13:00", "24:00"), (6, "00:00", "01:30"), zone="Asia/Tehran")
    view = edit(sent)
    assert (view.version, view.zone, view.weekly) == (2, "Asia/Tehran", sent.weekly)
    assert opening_hours.calendar(EXPERT, "elif") == view
    assert opening_hours.calendar(ADMIN, "elif") == view


def test_a_calendar_begins_empty_with_version_0() -> None:
    deniz = actor("deniz", Role.EXPERT)
    assert (
        opening_hours.calendar(deniz, "deniz").version,
        opening_hours.calendar(deniz, "deniz").weekly,
    ) == (0, [])
    assert edit(week((0, "09:00", "10:00")), 0, deniz, "deniz").version == 1


@pytest.mark.parametrize(
    ("request_", "refusal", "field"),
    [
        (week(zone="Mars/Olympus"), ZoneUnknown, "zone"),
        (week((0, "09:00", "09:00")), HoursEmpty, "weekly[0].to"),
        (week((0, "08:00", "09:00"), (1, "10:00", "09:00")), HoursEmpty, "weekly[1].to"),
        (
            week((1, "09:00", "12:00"), (0, "09:00", "12:00"), (1, "11:59", "13:00")),
            HoursOverlap,
            "weekly[2].from",
        ),
        (week((1, "09:00", "24:00"), (1, "08:00", "09:01")), HoursOverlap, "weekly[0].from"),
    ],
)
def test_a_bad_week_is_refused_with_the_path(request_, refusal, field) -> None:
    with pytest.raises(refusal) as refused:
        edit(request_)
    assert refused.value.field == field
    assert opening_hours.calendar(EXPERT, "elif").version == 1


def test_hours_that_touch_do_not_overlap() -> None:
    assert edit(week((1, "12:00", "13:00"), (1, "09:00", "12:00"))).version == 2


def test_an_edit_names_the_version_that_it_edits() -> None:
    for version in (0, 2):
        with pytest.raises(Stale):
            edit(week(), version)
        with pytest.raises(Stale):
            put(hours(), version)


@pytest.mark.parametrize(
    "who", [ADA, actor("deniz", Role.EXPERT), actor("boss", Role.ADMIN, platform_id="other")]
)
def test_nobody_else_sees_or_keeps_the_calendar(who) -> None:
    attempts = [
        lambda: opening_hours.calendar(who, "elif"),
        lambda: edit(week(), who=who),
        lambda: put(hours(), who=who),
        lambda: remove(1, who=who),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert opening_hours.calendar(ADMIN, "elif").version == 1


def test_a_customer_of_that_id_keeps_no_calendar() -> None:
    with pytest.raises(ExpertNotFound):
        opening_hours.calendar(ADA, "ada")


def test_a_closed_date_is_not_offered_and_opens_again() -> None:
    assert put(hours()).exceptions[0].date == "2026-11-23"
    with pytest.raises(SlotNotOffered) as refused:
        booked("07:00")
    assert refused.value.extra["reason"] == "outside_hours"
    assert [near.day for near in refused.value.extra["nearest"]] == [22, 22, 22]
    assert remove(2).exceptions == []
    assert booked("07:00").state == "confirmed"
    with pytest.raises(ExceptionNotFound):
        remove(3)


def test_a_date_with_other_hours_offers_them() -> None:
    put(hours(("20:30", "22:00"), ("06:00", "06:50")))
    assert booked("17:30").state == "confirmed"
    assert booked("03:00").state == "confirmed"
    with pytest.raises(SlotNotOffered):
        booked("07:00")
    assert booked("2026-11-24T07:00").state == "confirmed"


def test_an_exception_over_a_booking_is_refused_and_names_it() -> None:
    view = booked("07:00")
    with pytest.raises(ExceptionOverlapsBooking) as refused:
        put(hours(("12:00", "18:00")))
    assert refused.value.extra == {"booking_ids": [view.id]}
    assert opening_hours.calendar(EXPERT, "elif").version == 1
    assert put(hours(("10:00", "10:50"))).version == 2


def test_a_booking_in_flight_is_decided_again_when_its_date_is_closed(monkeypatch) -> None:
    """The exception is saved after the booking has read and before it commits: the booking sees it."""
    claim, tries = calendars.prepare_claim, []

    def close_meanwhile(*arguments: object, **named: object) -> object:
        writes = claim(*arguments, **named)
        if not tries:
            put(hours())
        tries.append(writes)
        return writes

    monkeypatch.setattr(calendars, "prepare_claim", close_meanwhile)
    with pytest.raises(SlotNotOffered):
        book("07:00")
    assert len(tries) == 1
    assert agenda().taken == []


def test_two_bookings_of_one_day_in_flight_both_succeed(monkeypatch) -> None:
    """A stale version is no refusal: the first decides again, on a day that has changed."""
    claim, tries = calendars.prepare_claim, []

    def book_meanwhile(*arguments: object, **named: object) -> object:
        writes = claim(*arguments, **named)
        tries.append(writes)
        if len(tries) == 1:
            booked("08:00", key="other")
        return writes

    monkeypatch.setattr(calendars, "prepare_claim", book_meanwhile)
    assert book("07:00").read_as(BookingView).state == "confirmed"
    assert len(tries) == 3
    assert len(agenda().taken) == 2


def test_dates_of_the_past_and_far_ahead_cannot_be_edited() -> None:
    for day in (date(2026, 11, 21), date(2027, 11, 24), date(1, 1, 1), date.max):
        with pytest.raises(DateNotEditable):
            put(hours(), day=day)
    assert put(hours(), day=date(2026, 11, 22)).version == 2
    assert put(hours(), 2, day=date(2027, 11, 23)).version == 3


def test_bad_hours_of_a_date_are_refused_with_the_path() -> None:
    with pytest.raises(HoursOverlap) as overlap:
        put(hours(("09:00", "12:00"), ("11:00", "13:00")))
    assert overlap.value.field == "hours[1].from"
    with pytest.raises(HoursEmpty) as empty:
        put(hours(("12:00", "09:00")))
    assert empty.value.field == "hours[0].to"


def test_the_zone_stays_while_exceptions_are_to_come(moving_clock) -> None:
    put(hours())
    with pytest.raises(ZoneHasExceptions):
        edit(week(zone="Europe/Berlin"), 2)
    moving_clock.forward(days=3)
    assert edit(week(zone="Europe/Berlin"), 2).zone == "Europe/Berlin"


def test_a_change_of_the_week_leaves_bookings_where_they_are() -> None:
    """B3: a stored instant never moves."""
    view = booked("07:00")
    edit(week(zone="America/New_York"))
    assert [claim.claim_id for claim in agenda().taken] == [view.id]
    loaded = read.batch([bookings.key("studio", view.id)])
    assert bookings.load(loaded, "studio", view.id).starts_at == view.starts_at

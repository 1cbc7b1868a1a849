"""The list of free slots on moto: what it says is what may be booked."""

from datetime import date, timedelta

import pytest

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
    OpenHours,
    RangeNotAcceptable,
)
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.catalogue.model import WhenItEnds
from chalicelib.core.actor import system
from chalicelib.core.clock import stamp
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Refusal
from chalicelib.table import read
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.telephony.model import ExpertPhoneMissing
from tests.store.booking import studio
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    PLATFORM,
    CallCount,
    actor,
    agenda,
    booked,
    calendars,
    free_slots,
    give,
    instant,
    open_studio,
    package,
    platforms,
    set_settings,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


def slots(
    first="2026-11-23", last="2026-11-23", package_id="apk_hour", who=ADA, expert_id="elif", **more
) -> SlotsView:
    asked = SlotsQuery(
        package_id=package_id, first=date.fromisoformat(first), last=date.fromisoformat(last), **more
    )
    return free_slots.of(who, expert_id, asked)


def starts(**asked) -> list[str]:
    return [stamp(slot.starts_at)[5:16] for slot in slots(**asked).items]


def test_a_day_of_slots_is_one_batch_read_and_one_query() -> None:
    open_studio()
    count = CallCount()
    view = slots()
    assert count.names == ["BatchGetItem", "Query"]
    assert (view.zone, len(view.items), view.cursor) == ("Europe/Istanbul", 9, None)
    first = view.items[0]
    assert (first.starts_at, first.ends_at) == (instant("06:00"), instant("06:50"))
    assert (first.break_minutes, first.local_start) == (10, "2026-11-23T09:00:00+03:00")


def test_a_month_is_read_by_two_calls_too() -> None:
    open_studio()
    give(500)
    booked("07:00")
    count = CallCount()
    assert len(slots(last="2026-12-23").items) == 31 * 9 - 1
    assert count.names == ["BatchGetItem", "Query"]


def test_what_is_booked_is_not_listed_to_anybody() -> None:
    open_studio()
    give(500)
    booked("07:00")
    assert "11-23T07:00" not in starts(who=actor("bora"))
    assert "11-23T07:00" not in starts(package_id="apk_short")


def test_e15_every_start_that_is_listed_can_be_booked_and_no_other() -> None:
    """The list and the check agree, whatever stands between (research: 'they had also already paid')."""
    open_studio(horizon_days=2, minimum_notice_minutes=60)
    give(500)
    for start, package_id in (("07:00", "apk_hour"), ("09:20", "apk_short"), ("12:40", "apk_short")):
        booked(start, package_id)
    listed = {slot.starts_at for slot in slots(first="2026-11-22", last="2026-11-26").items}
    assert listed
    start = instant("2026-11-22T05:00")
    while start < instant("2026-11-25T18:00"):
        assert can_be_claimed(start) == (start in listed), start
        start += timedelta(minutes=20)


def can_be_claimed(start) -> bool:
    loaded = read.batch(
        [
            platforms.key(PLATFORM),
            calendars.key(PLATFORM, "elif"),
            *calendars.agenda_keys(PLATFORM, "elif", start),
        ]
    )
    try:
        calendars.prepare_claim(loaded, platforms.load(loaded, PLATFORM), "elif", start, 50, 10, "bkg_x")
    except Refusal:
        return False
    return True


def test_e37_a_slot_of_full_service_time_says_where_a_late_session_would_be_cut(monkeypatch) -> None:
    """So the client is told before he pays; one whose late end the next booking leaves free says nothing."""
    half_hour = package(
        id="apk_full", duration_minutes=30, break_minutes=0, when_it_ends=WhenItEnds.FULL_SERVICE_TIME
    )
    monkeypatch.setattr(studio, "ON_SALE", [*studio.ON_SALE, half_hour])
    open_studio()
    give(400)
    booked("10:00")
    cuts = {stamp(slot.starts_at)[11:16]: slot.cut_at for slot in slots(package_id="apk_full").items}
    assert cuts["09:30"] == instant("10:00")
    assert {start for start, cut in cuts.items() if cut} == {"09:30"}
    assert all(slot.cut_at is None for slot in slots().items)


def test_the_dates_are_those_of_the_experts_zone() -> None:
    always = [OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)]
    open_studio(weekly=always)
    listed = slots(first="2026-11-24", last="2026-11-24").items
    assert [listed[0].local_start, listed[-1].local_start] == [
        "2026-11-24T00:00:00+03:00",
        "2026-11-24T23:00:00+03:00",
    ]
    assert len(listed) == 24


def test_what_is_past_is_cut_off_and_a_horizon_ends_the_list(moving_clock) -> None:
    open_studio(horizon_days=2)
    assert starts(first="2026-11-01", last="2026-11-22")[0] == "11-22T09:00"
    assert starts(first="2026-11-24", last="2026-12-20")[-1] == "11-24T08:00"
    assert starts(first="2026-11-01", last="2026-11-21") == []
    assert starts(first="2027-11-01", last="2027-11-21") == []
    for year in ("0001", "9999"):
        assert starts(first=f"{year}-01-01", last=f"{year}-01-31") == []
    assert starts(first="9999-12-31", last="9999-12-31") == []


def test_a_range_is_one_to_31_days() -> None:
    open_studio()
    for first, last in (
        ("2026-11-24", "2026-11-23"),
        ("2026-11-23", "2026-12-24"),
        ("0001-01-01", "9999-12-31"),
    ):
        with pytest.raises(RangeNotAcceptable):
            slots(first=first, last=last)


def test_an_expert_without_hours_has_no_slots() -> None:
    open_studio()
    assert slots(expert_id="deniz").items == []


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"package_id": "apk_none"}, PackageNotOnSale),
        ({"package_id": "apk_other"}, ExpertNotInPackage),
        ({"package_id": "apk_phone"}, ExpertPhoneMissing),
        ({"expert_id": "ada"}, ExpertNotFound),
        ({"who": actor("ute", country="DE")}, PackageNotOnSale),
        ({"who": ADMIN}, UnknownCountry),
    ],
)
def test_what_could_not_be_booked_has_no_list(asked, refusal) -> None:
    open_studio()
    with pytest.raises(refusal):
        slots(**asked)


def test_e21_a_customer_sees_his_own_country_and_an_admin_the_one_he_names() -> None:
    open_studio()
    assert slots(who=ADMIN, country="TR").items
    assert slots(who=ADA, country="DE").items


def test_nothing_is_listed_while_the_system_is_off() -> None:
    open_studio()
    set_settings(appointment_system_active=False)
    with pytest.raises(AppointmentsInactive):
        slots()


def test_time_that_is_given_back_is_free_again() -> None:
    open_studio()
    give(500)
    booking = booked("07:00")
    ends_at = booking.ends_at + timedelta(minutes=10)
    wanted = calendars.agenda_keys(PLATFORM, "elif", booking.starts_at, ends_at)

    def decide(loaded: read.Loaded) -> Decision:
        given = calendars.prepare_release(loaded, PLATFORM, "elif", booking.starts_at, ends_at, booking.id)
        return Decision(answer=None, writes=given)

    perform(by_system(ADA, "release", booking.id), wanted, decide)
    assert agenda().taken == []
    assert "11-23T07:00" in starts()


def test_a_session_that_runs_on_takes_its_time_from_nobody() -> None:
    """E37: what a late session needs is no longer offered; what stands behind it is found before."""
    open_studio()
    give(500)
    booking = booked("07:00")
    booked("10:00")
    reach = (PLATFORM, "elif", booking.starts_at, instant("08:40"))

    def decide(loaded: read.Loaded) -> Decision:
        assert calendars.next_claim(loaded, *reach, booking.id) == instant("10:00")
        longer = calendars.prepare_extend(loaded, *reach, booking.id)
        return Decision(answer=None, writes=longer)

    perform(by_system(ADA, "extend", booking.id), calendars.agenda_keys(*reach), decide)
    assert agenda().taken[0].ends_at == instant("08:40")
    assert starts()[:3] == ["11-23T06:00", "11-23T09:00", "11-23T11:00"]


def test_a_sandboxs_clock_decides_what_is_past() -> None:
    open_studio(sandbox=True)
    moved = by_system(system(PLATFORM), "move", "clock")
    platforms.move_clock(moved, instant("2026-11-23T10:30"))
    assert starts() == ["11-23T11:00", "11-23T12:00", "11-23T13:00", "11-23T14:00"]

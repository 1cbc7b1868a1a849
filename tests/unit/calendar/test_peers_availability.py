"""What the users of other booking systems complained about in public: each a case here, with its thread.

``cal.com`` is github.com/calcom/cal.diy, ``Easy!Appointments`` github.com/alextselegidis/easyappointments.
All of them, with the tests of other features that answer some, stand in ``docs/peers.md``.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.calendar import claims, rules
from chalicelib.calendar.model import (
    DateException,
    OpenHours,
    Reason,
)
from chalicelib.calendar.zones import zone_of
from tests.unit.calendar.offers import SHARED, claimed, empty_days, length, offered, week

MINUTES = timedelta(minutes=1)


def test_easyappointments_1635_an_hour_is_50_minutes_and_a_break() -> None:
    """'50 min exercise, 10 minutes break. I cannot put 60 because clients think it will last 60.'"""
    calendar = week(("09:00", "12:00"), zone="Europe/Istanbul")
    assert offered(calendar, "2026-11-23", length(50, 10)) == ["09:00", "10:00", "11:00"]


@pytest.mark.parametrize("pause", [5, 10, 15])
def test_easyappointments_1224_435_1380_1686_a_break_follows_each_session(pause) -> None:
    calendar = week(("09:00", "18:00"), zone="Europe/Istanbul")
    wanted = length(30, pause)
    after = offered(calendar, "2026-11-23", wanted, claimed(calendar, "2026-11-23T09:00", wanted))
    assert after[0] == f"09:{30 + pause}"


def test_cal_24253_20_and_5_is_a_grid_of_25() -> None:
    """There 10:00, 10:20, 10:40 were offered, and the buffer did nothing."""
    calendar = week(("10:00", "11:30"), zone="Europe/London")
    assert offered(calendar, "2026-11-23", length(20, 5)) == ["10:00", "10:25", "10:50"]


def test_cal_3662_a_break_is_as_long_as_it_says() -> None:
    """There a buffer of an hour took two hours after a booking, and none before it."""
    calendar = week(("09:00", "18:00"), zone="Europe/London")
    wanted = length(60, 60)
    booked = claimed(calendar, "2026-11-23T13:00", wanted)
    assert offered(calendar, "2026-11-23", wanted, booked) == ["09:00", "11:00", "15:00", "17:00"]


def test_cal_2078_the_last_start_lets_the_session_end_by_closing() -> None:
    """There 15:45 was offered for an hour, with closing at 16:00."""
    calendar = week(("09:00", "16:00"), zone="Europe/London")
    assert offered(calendar, "2026-11-23", length(60, 15))[-1] == "14:00"


def test_cal_15265_an_hour_booked_in_kathmandu_takes_an_hour() -> None:
    """There it took until 14:45, in a zone that is 5:45 ahead."""
    calendar = week(("09:00", "18:00"), zone="Asia/Kathmandu")
    booked = claimed(calendar, "2026-11-23T13:00", length(60))
    left = offered(calendar, "2026-11-23", length(60), booked)
    assert left == ["09:00", "10:00", "11:00", "12:00", "14:00", "15:00", "16:00", "17:00"]


def test_cal_14868_a_start_within_a_break_cannot_be_asked_for_by_hand() -> None:
    """There the slot was not shown, and who changed it in the address could book it."""
    calendar = week(("09:00", "18:00"), zone="Europe/London")
    booked = claimed(calendar, "2026-11-23T09:00", length(50, 10))
    start = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)
    now = start - timedelta(days=1)
    ten = length(10)
    assert start not in rules.free_starts(calendar, SHARED, booked, ten, now, [start.date()])
    assert rules.refusal(calendar, SHARED, booked, ten, now, start) is Reason.BOOKED


def test_cal_29532_what_is_offered_is_what_is_accepted_minute_by_minute() -> None:
    """'They had also already paid': a time was listed which validation always refused."""
    calendar = week(("09:00", "12:10"), ("13:00", "14:00"), zone="Europe/London", daily_maximum=3)
    booked, wanted = claimed(calendar, "2026-11-23T10:00", length(15, 5)), length(50, 10)
    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    day = date(2026, 11, 23)
    listed = rules.free_starts(calendar, SHARED, booked, wanted, now, [day])
    assert [f"{start:%H:%M}" for start in listed] == ["11:00", "13:00"]
    for minute in range(24 * 60):
        start = datetime(2026, 11, 23, tzinfo=UTC) + minute * MINUTES
        one_day = rules.free_starts(calendar, SHARED, booked, wanted, now, [start.date()])
        assert (start in one_day) == (start in listed)


@pytest.mark.parametrize("day", ["2023-03-11", "2023-03-12", "2023-03-13", "2023-11-04", "2023-11-05"])
def test_cal_6217_a_half_hour_at_noon_is_at_noon_on_the_days_of_the_change(day) -> None:
    """There the weekly 12:30 was shown at 11:30 on 12 March and 13:30 on 5 November, and not to be booked."""
    calendar = week(("12:30", "13:00"), zone="America/Toronto")
    assert offered(calendar, day, length(30)) == ["12:30"]


@pytest.mark.parametrize("day", ["2023-11-04", "2023-11-05", "2023-11-06", "2023-11-30", "2023-12-01"])
def test_cal_10517_the_first_start_stays_at_nine_all_through_november(day) -> None:
    """There it was 8:00 from the change of clocks to the end of the month."""
    calendar = week(("09:00", "17:00"), zone="America/New_York")
    assert offered(calendar, day, length(60))[0] == "09:00"


@pytest.mark.parametrize("days", [6, 7, 8])
def test_cal_12137_a_notice_that_ends_on_the_day_of_the_change_shifts_nothing(days) -> None:
    calendar = week(("09:00", "17:00"), zone="America/New_York", minimum_notice_minutes=days * 24 * 60)
    now = datetime(2023, 10, 29, 12, tzinfo=UTC)
    for day in ("2023-11-07", "2023-11-08"):
        assert offered(calendar, day, length(60), now=now)[0] == "09:00"


@pytest.mark.parametrize("day", ["2022-10-18", "2022-10-25", "2022-11-01", "2023-01-31"])
def test_cal_4753_tuesday_at_one_is_at_one_before_and_after_the_change(day) -> None:
    assert offered(week(("13:00", "14:00"), zone="Europe/Berlin"), day, length(60)) == ["13:00"]


def test_cal_1092_what_is_chosen_is_what_is_claimed() -> None:
    """There a booking after 7 November was an hour early on the page that confirmed it."""
    calendar = week(("09:00", "10:00"), zone="America/New_York")
    booked = claimed(calendar, "2021-11-08T09:00", length(60))
    assert offered(calendar, "2021-11-08", length(60), booked) == []
    assert rules.taken_of(booked)[0].starts_at == datetime(2021, 11, 8, 14, tzinfo=UTC)


def test_cal_2250_the_reader_s_zone_is_not_asked_so_it_cannot_move_a_slot() -> None:
    """There a change of zone and back, before the clocks changed, put the same slot an hour later."""
    calendar = week(("09:00", "10:00"), zone="Europe/Paris")
    start = datetime(2022, 3, 28, 7, tzinfo=UTC)
    now = start - timedelta(days=5)
    for zone in ("Europe/Sarajevo", "Europe/Paris", "Asia/Tokyo"):
        asked = start.astimezone(zone_of(zone))
        assert asked in rules.free_starts(calendar, SHARED, [], length(60), now, [start.date()])


def test_cal_2102_a_zone_of_half_an_hour_begins_its_grid_at_its_own_midnight() -> None:
    found = offered(week(("00:00", "24:00"), zone="Asia/Kolkata"), "2026-11-23", length(60))
    assert (found[0], found[-1], len(found)) == ("00:00", "23:00", 24)


def test_cal_8833_10254_an_exception_is_of_the_date_that_it_was_written_for() -> None:
    """There a quarter of an hour after midnight on Saturday was shown on Friday evening."""
    calendar, day = week(("09:00", "10:00"), zone="Europe/Amsterdam"), date(2026, 11, 28)
    night = DateException(date=str(day), hours=[OpenHours(weekday=5, opens="00:00", closes="00:15")])
    _, agendas = claims.with_exception(calendar, empty_days(str(day)), night, day)
    assert offered(calendar, str(day), length(15), agendas) == ["00:00"]
    assert offered(calendar, "2026-11-27", length(15), agendas)[0] == "09:00"


def test_easyappointments_961_a_booking_after_midnight_is_on_its_own_date() -> None:
    """There the day was another one in the mail and the file: 00:30 of Istanbul is UTC's day before."""
    calendar = week(("00:00", "02:00"), zone="Europe/Istanbul")
    booked = claimed(calendar, "2026-11-24T00:30", length(30))
    assert [agenda.day for agenda in booked] == ["2026-11-23"]
    assert offered(calendar, "2026-11-24", length(30), booked) == ["00:00", "01:00", "01:30"]
    assert offered(calendar, "2026-11-23", length(30), booked)[0] == "00:00"


def test_easyappointments_1789_a_provider_who_changes_zone_keeps_his_bookings_and_can_be_moved() -> None:
    """There an appointment could not be moved after its provider had changed zone."""
    istanbul = week(("09:00", "18:00"), zone="Europe/Istanbul")
    booked = claimed(istanbul, "2026-11-23T10:00", length(50, 10))
    berlin = replace(istanbul, zone="Europe/Berlin")
    before = rules.taken_of(booked)
    assert "08:00" not in offered(berlin, "2026-11-23", length(50, 10), booked)
    moved = offered(berlin, "2026-11-23", length(50, 10), claims.released(booked, "bkg_1"))
    assert moved[0] == "09:00"
    assert rules.taken_of(booked) == before


def test_dayotter_50_h3_a_window_is_set_by_the_wall_clock_and_not_by_adding_minutes() -> None:
    """There 09:00 as 'midnight and 540 minutes' was 10:00 and 08:00 on the two days of the change."""
    calendar = week(("09:00", "10:00"), zone="Europe/Berlin")
    for day in ("2026-03-29", "2026-10-25"):
        assert offered(calendar, day, length(60)) == ["09:00"]


def test_cal_29958_a_claim_counts_from_the_first_moment_whatever_becomes_of_it() -> None:
    """There two pending bookings of one time were both confirmed. Here a claim is time taken, paid or not."""
    calendar = week(("09:00", "10:00"), zone="Europe/London")
    pending = claimed(calendar, "2026-11-23T09:00", length(60))
    assert offered(calendar, "2026-11-23", length(60), pending) == []
    assert offered(calendar, "2026-11-23", length(60), claims.released(pending, "bkg_1")) == ["09:00"]


def test_easyappointments_1431_nobody_is_let_past_the_rule_for_the_same_provider() -> None:
    """There the back office put two appointments at one time, 'by design'. Here there is one way to claim."""
    calendar = week(("09:00", "12:00"), zone="Europe/London")
    booked = claimed(calendar, "2026-11-23T09:00", length(60))
    start = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert "09:30" not in offered(calendar, "2026-11-23", length(30), booked)
    why = rules.refusal(calendar, SHARED, booked, length(30), start - timedelta(days=1), start)
    assert why is Reason.BOOKED


def test_odoo_158337_thunderbird_905_866_nobody_books_back_to_back() -> None:
    """'Clients can book back-to-back, with no time for preparation': and the sessions stay on the hour."""
    calendar, wanted = week(("13:00", "16:00"), zone="Europe/Paris"), length(50, 10)
    booked = claimed(calendar, "2026-11-23T13:00", wanted)
    assert offered(calendar, "2026-11-23", wanted, booked) == ["14:00", "15:00"]
    assert "13:50" not in offered(calendar, "2026-11-23", length(10), booked)


def test_nextcloud_appointments_409_the_break_before_a_booking_is_kept_too() -> None:
    """There a date was offered whose own time behind it did not fit before the next booking."""
    calendar, wanted = week(("01:00", "05:00"), zone="Europe/Berlin"), length(30, 30)
    booked = claimed(calendar, "2026-11-23T02:00", length(30, 45))
    assert offered(calendar, "2026-11-23", wanted, booked) == ["01:00", "04:00"]
    assert "01:15" not in offered(calendar, "2026-11-23", length(15, 31), booked)

"""Time zones and daylight saving, as users of other booking systems reported them: each with its thread.

Named as in ``test_peers_availability.py``; all threads stand in ``docs/peers.md``.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.calendar import claims, rules
from chalicelib.calendar.zones import zone_of
from tests.unit.calendar.offers import SHARED, claimed, empty_days, length, offered, week


@pytest.mark.parametrize("day", ["2022-11-01", "2022-11-05", "2022-11-06", "2022-11-08"])
def test_cal_4702_half_past_seven_in_chicago_stays_half_past_seven(day) -> None:
    """There it was 6:30 from the end of daylight saving on."""
    assert offered(week(("07:30", "16:00"), zone="America/Chicago"), day, length(30))[0] == "07:30"


@pytest.mark.parametrize("day", ["2023-03-20", "2023-03-29", "2023-04-17"])
def test_cal_7667_six_in_the_evening_in_detroit_is_an_hour_like_any_other(day) -> None:
    """There every slot was shown, and all but 6 pm could be booked. 6 pm was midnight, or near it, of UTC."""
    calendar, hour = week(("09:00", "20:00"), zone="America/Detroit"), length(60)
    now = datetime(2023, 3, 10, 12, tzinfo=UTC)
    assert "18:00" in offered(calendar, day, hour, now=now)
    booked = claimed(calendar, f"{day}T18:00", hour)
    left = offered(calendar, day, hour, booked, now)
    assert ("17:00" in left, "18:00" in left, "19:00" in left) == (True, False, True)


def test_easyappointments_910_1168_nine_is_booked_as_nine_and_gone() -> None:
    """There 9:00 in Rome stood as 8:00 in the back office, and 9:00 was offered again."""
    calendar, hour = week(("09:00", "12:00"), zone="Europe/Rome"), length(60)
    booked = claimed(calendar, "2020-10-23T09:00", hour)
    assert rules.taken_of(booked)[0].starts_at == datetime(2020, 10, 23, 7, tzinfo=UTC)
    assert offered(calendar, "2020-10-23", hour, booked) == ["10:00", "11:00"]


def test_easyappointments_1176_one_instant_whatever_the_zone_is_called() -> None:
    """There the last slot, 23:45, became 20:30 when another name of the same zone was chosen."""
    day, quarter = date(2021, 12, 14), length(15)
    now = datetime(2021, 12, 13, tzinfo=UTC)
    sydney, nsw = (
        rules.free_starts(week(("00:00", "24:00"), zone=name), SHARED, [], quarter, now, [day])
        for name in ("Australia/Sydney", "Australia/NSW")
    )
    assert sydney == nsw
    assert f"{sydney[-1].astimezone(zone_of('Australia/Sydney')):%H:%M}" == "23:45"


@pytest.mark.parametrize("days", range(8))
def test_cal_8398_a_booking_over_the_change_of_clocks_takes_its_elapsed_time(days) -> None:
    """There what began before the change and ended after it was an hour too long or too short."""
    calendar, half_hour = week(("00:00", "24:00"), zone="Europe/Berlin"), length(30)
    start = datetime(2026, 3, 28, 23, 30, tzinfo=UTC) + days * timedelta(minutes=15)
    booked = claims.claimed(
        empty_days("2026-03-29"),
        claims.Taken(starts_at=start, ends_at=start + timedelta(hours=2), break_minutes=0, claim_id="bkg_1"),
    )
    now = start - timedelta(days=5)
    free = rules.free_starts(calendar, SHARED, booked, half_hour, now, [date(2026, 3, 28), date(2026, 3, 29)])
    around = [datetime(2026, 3, 28, 22, tzinfo=UTC) + count * half_hour.slot for count in range(14)]
    apart = [at for at in around if at + half_hour.slot <= start or start + timedelta(hours=2) <= at]
    assert [at for at in free if around[0] <= at <= around[-1]] == apart

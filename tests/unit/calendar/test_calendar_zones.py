"""Wall-clock hours as instants, round the changes of clocks of five zones, and the zones themselves."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.calendar.model import Hours, Length, ZoneUnknown
from chalicelib.calendar.rules import grid
from chalicelib.calendar.zones import open_on, utc_days, whole_day, zone_of


def instants(zone: str, day: str, opens: str, closes: str) -> list[tuple[str, str]]:
    found = open_on(zone_of(zone), date.fromisoformat(day), Hours(opens=opens, closes=closes))
    return [(f"{i.starts_at:%m-%dT%H:%M}", f"{i.ends_at:%m-%dT%H:%M}") for i in found]


def local_starts(zone: str, day: str, opens: str, closes: str, length: Length) -> list[str]:
    found = open_on(zone_of(zone), date.fromisoformat(day), Hours(opens=opens, closes=closes))
    starts = [start for hours in found for start in grid(hours, length)]
    return [start.astimezone(zone_of(zone)).strftime("%H:%M%z") for start in starts]


# zone, date, hours, instants in UTC
CHANGES = [
    # Istanbul has kept +03:00 since 2016: nothing changes when Berlin's clocks do.
    ("Europe/Istanbul", "2026-03-29", "09:00", "17:00", [("03-29T06:00", "03-29T14:00")]),
    ("Europe/Istanbul", "2026-10-25", "09:00", "17:00", [("10-25T06:00", "10-25T14:00")]),
    # Berlin, forward at 02:00: the hour from 02:00 to 03:00 is not there.
    ("Europe/Berlin", "2026-03-28", "09:00", "17:00", [("03-28T08:00", "03-28T16:00")]),
    ("Europe/Berlin", "2026-03-29", "09:00", "17:00", [("03-29T07:00", "03-29T15:00")]),
    ("Europe/Berlin", "2026-03-29", "00:00", "05:00", [("03-28T23:00", "03-29T03:00")]),
    ("Europe/Berlin", "2026-03-29", "02:30", "05:00", [("03-29T01:00", "03-29T03:00")]),
    ("Europe/Berlin", "2026-03-29", "01:00", "02:30", [("03-29T00:00", "03-29T01:00")]),
    ("Europe/Berlin", "2026-03-29", "02:00", "03:00", []),
    ("Europe/Berlin", "2026-03-29", "00:00", "24:00", [("03-28T23:00", "03-29T22:00")]),
    # Berlin, back at 03:00: the hour from 02:00 to 03:00 comes twice.
    ("Europe/Berlin", "2026-10-25", "00:00", "24:00", [("10-24T22:00", "10-25T23:00")]),
    ("Europe/Berlin", "2026-10-25", "02:00", "03:00", [("10-25T00:00", "10-25T02:00")]),
    (
        "Europe/Berlin",
        "2026-10-25",
        "01:00",
        "02:30",
        [("10-24T23:00", "10-25T00:30"), ("10-25T01:00", "10-25T01:30")],
    ),
    (
        "Europe/Berlin",
        "2026-10-25",
        "02:30",
        "04:00",
        [("10-25T00:30", "10-25T01:00"), ("10-25T01:30", "10-25T03:00")],
    ),
    ("Europe/Berlin", "2026-10-26", "09:00", "17:00", [("10-26T08:00", "10-26T16:00")]),
    # New York, where the change comes on other dates.
    ("America/New_York", "2026-03-08", "01:00", "04:00", [("03-08T06:00", "03-08T08:00")]),
    ("America/New_York", "2026-03-09", "18:00", "24:00", [("03-09T22:00", "03-10T04:00")]),
    ("America/New_York", "2026-11-01", "00:00", "03:00", [("11-01T04:00", "11-01T08:00")]),
    ("America/New_York", "2026-11-01", "01:00", "02:00", [("11-01T05:00", "11-01T07:00")]),
    # Tehran changed at midnight until 2022, and has kept +03:30 since.
    ("Asia/Tehran", "2022-03-22", "00:00", "03:00", [("03-21T20:30", "03-21T22:30")]),
    ("Asia/Tehran", "2022-09-21", "22:00", "24:00", [("09-21T17:30", "09-21T20:30")]),
    ("Asia/Tehran", "2026-03-22", "00:00", "03:00", [("03-21T20:30", "03-21T23:30")]),
    ("Asia/Tehran", "2026-07-01", "09:00", "12:00", [("07-01T05:30", "07-01T08:30")]),
    # Lord Howe's clocks move by half an hour.
    ("Australia/Lord_Howe", "2026-04-05", "01:00", "03:00", [("04-04T14:00", "04-04T16:30")]),
    ("Australia/Lord_Howe", "2026-10-04", "01:30", "03:00", [("10-03T15:00", "10-03T16:00")]),
    # Apia left out a whole date.
    ("Pacific/Apia", "2011-12-30", "09:00", "17:00", []),
    ("Pacific/Apia", "2011-12-31", "09:00", "17:00", [("12-30T19:00", "12-31T03:00")]),
]


@pytest.mark.parametrize(("zone", "day", "opens", "closes", "expected"), CHANGES)
def test_hours_are_the_instants_whose_wall_clock_lies_in_them(zone, day, opens, closes, expected) -> None:
    assert instants(zone, day, opens, closes) == expected


@pytest.mark.parametrize(("zone", "day", "opens", "closes", "expected"), CHANGES)
def test_no_instant_is_open_whose_wall_clock_is_outside(zone, day, opens, closes, expected) -> None:
    """The definition itself, minute by minute over four days."""
    place, start = zone_of(zone), datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=2)
    hours = open_on(place, date.fromisoformat(day), Hours(opens=opens, closes=closes))
    for minute in range(4 * 24 * 60):
        instant = start + timedelta(minutes=minute)
        wall = instant.astimezone(place)
        expected_open = wall.date().isoformat() == day and opens <= wall.strftime("%H:%M") < closes
        is_open = any(i.starts_at <= instant < i.ends_at for i in hours)
        assert is_open == expected_open, instant


def test_a_doubled_hour_is_offered_once_for_each_real_instant() -> None:
    half_hours = Length(duration_minutes=25, break_minutes=5)
    assert local_starts("Europe/Berlin", "2026-10-25", "01:30", "03:30", half_hours) == [
        "01:30+0200",
        "02:00+0200",
        "02:30+0200",
        "02:00+0100",
        "02:30+0100",
        "03:00+0100",
    ]


def test_a_missing_hour_is_never_offered() -> None:
    half_hours = Length(duration_minutes=25, break_minutes=5)
    starts = local_starts("Europe/Berlin", "2026-03-29", "01:00", "04:00", half_hours)
    assert starts == ["01:00+0100", "01:30+0100", "03:00+0200", "03:30+0200"]


def test_a_session_that_runs_over_the_change_keeps_its_elapsed_length() -> None:
    an_hour_and_a_half = Length(duration_minutes=90, break_minutes=0)
    starts = local_starts("Europe/Berlin", "2026-03-29", "01:00", "06:30", an_hour_and_a_half)
    assert starts == ["01:00+0100", "03:30+0200", "05:00+0200"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Istanbul", "2026-10-25", 24),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_a_date_is_as_long_as_it_really_is(zone, day, hours) -> None:
    (whole,) = whole_day(zone_of(zone), date.fromisoformat(day))
    assert whole.ends_at - whole.starts_at == timedelta(hours=hours)


# What the pinned tzdata must know: research found each of these wrong somewhere else.
@pytest.mark.parametrize(
    ("zone", "instant", "offset_hours"),
    [
        ("Europe/Istanbul", "2026-01-15T12:00+00:00", 3),
        ("Europe/Istanbul", "2026-07-15T12:00+00:00", 3),
        ("Asia/Tehran", "2021-07-15T12:00+00:00", 4.5),
        ("Asia/Tehran", "2023-07-15T12:00+00:00", 3.5),
        ("Africa/Cairo", "2022-07-15T12:00+00:00", 2),
        ("Africa/Cairo", "2023-07-15T12:00+00:00", 3),
        ("America/New_York", "2026-07-15T12:00+00:00", -4),
    ],
)
def test_the_pinned_zones_know_the_offsets(zone, instant, offset_hours) -> None:
    at = datetime.fromisoformat(instant).astimezone(zone_of(zone))
    assert at.utcoffset() == timedelta(hours=offset_hours)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "europe/istanbul", "Europe/Nowhere", "../zones", "/etc/passwd", "Europe/Istanbul\0"],
)
def test_what_is_no_zone_is_refused(name) -> None:
    with pytest.raises(ZoneUnknown) as refused:
        zone_of(name)
    assert refused.value.field == "zone"


def test_the_days_of_an_interval_end_before_its_end() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert utc_days(midnight - timedelta(hours=1), midnight) == ["2026-11-22"]
    assert utc_days(midnight - timedelta(hours=1), midnight + timedelta(seconds=1)) == [
        "2026-11-22",
        "2026-11-23",
    ]
    assert utc_days(midnight, midnight + timedelta(days=2)) == ["2026-11-23", "2026-11-24"]

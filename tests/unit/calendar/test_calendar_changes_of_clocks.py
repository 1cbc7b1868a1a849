"""Every change of clocks from 2015 to 2037 in five zones: which starts are offered on its date.

The rule, told here a second time and from ``tzdata`` alone: a real minute is open where its wall-clock time
is in the hours. What is open without a gap is a stretch, and slots stand on a stretch from its beginning on,
each ``duration + break`` of elapsed time. So a time that the clocks leave out is never offered, and one that
comes twice is offered for each of its real instants that lies on the grid.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from chalicelib.calendar import claims, rules
from chalicelib.calendar.model import (
    Agenda,
    Calendar,
    DateException,
    Hours,
    Length,
    OpenHours,
    PlatformCalendar,
)
from chalicelib.calendar.zones import days_around, zone_of

ZONES = ("Europe/Istanbul", "Asia/Tehran", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
HALF_HOURS = Length(duration_minutes=25, break_minutes=5)
SHARED = PlatformCalendar(platform_id="p")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# How many there are: Istanbul's last is of 2016, Tehran's of 2022.
COUNTS = {
    "Europe/Istanbul": 3,
    "Asia/Tehran": 16,
    "Europe/Berlin": 46,
    "America/New_York": 46,
    "Australia/Lord_Howe": 46,
}
# The hours that are asked on each date: all of it, the night, those round the change alone.
HOURS = [("00:00", "24:00"), ("00:00", "05:00"), ("01:30", "03:30"), ("02:00", "03:00"), ("22:00", "24:00")]


@cache
def changes(name: str) -> list[datetime]:
    """The first minute of every new offset, by looking at each hour and then at each minute."""
    zone, found = ZoneInfo(name), []
    at = datetime(2015, 1, 1, tzinfo=UTC)
    while at < datetime(2038, 1, 1, tzinfo=UTC):
        later = at + timedelta(hours=1)
        if offset(zone, at) != offset(zone, later):
            minutes = (at + count * MINUTE for count in range(61))
            found.append(next(each for each in minutes if offset(zone, each) != offset(zone, at)))
        at = later
    return found


def offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset()


@cache
def minutes_of(name: str, day: date) -> list[tuple[datetime, str]]:
    """The real minutes of a local date, each with its wall-clock time."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    zone = ZoneInfo(name)
    walls = ((at, at.astimezone(zone)) for at in (first + count * MINUTE for count in range(3 * 24 * 60)))
    return [(at, f"{wall:%H:%M}") for at, wall in walls if wall.date() == day]


def by_the_rule(name: str, day: date, opens: str, closes: str, length: Length) -> list[datetime]:
    found: list[datetime] = []
    stretch: list[datetime] = []
    is_open = [at for at, wall in minutes_of(name, day) if opens <= wall < closes]
    for at in [*is_open, datetime.max.replace(tzinfo=UTC)]:
        if stretch and at != stretch[-1] + MINUTE:
            whole = range(0, len(stretch) - length.duration_minutes + 1, length.slot // MINUTE)
            found += [stretch[place] for place in whole]
            stretch = []
        stretch.append(at)
    return found


def offered(
    name: str,
    day: date,
    *hours: tuple[str, str],
    length: Length = HALF_HOURS,
    days: int = 1,
    agendas: Sequence[Agenda] = (),
) -> list[datetime]:
    weekly = [
        OpenHours(weekday=weekday, opens=opens, closes=closes)
        for weekday in range(7)
        for opens, closes in hours
    ]
    calendar = Calendar(platform_id="p", expert_id="e", zone=name, weekly=weekly)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - 3 * DAY
    asked = [day + count * DAY for count in range(days)]
    return rules.free_starts(calendar, SHARED, agendas, length, now, asked)


def local(name: str, instants: list[datetime]) -> list[str]:
    return [f"{at.astimezone(zone_of(name)):%H:%M%z}" for at in instants]


@pytest.mark.parametrize("name", ZONES)
def test_the_pinned_zones_change_as_often_as_is_known(name) -> None:
    assert len(changes(name)) == COUNTS[name]


CHANGES = [(name, change) for name in ZONES for change in changes(name)]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=lambda each: f"{each}"[:32])
def test_what_is_offered_round_a_change_is_what_the_rule_says(name, change) -> None:
    """On the date of the last old minute, on that of the first new one, and on the day after."""
    zone = ZoneInfo(name)
    dates = {(change - MINUTE).astimezone(zone).date(), change.astimezone(zone).date()}
    for day in sorted({*dates, max(dates) + DAY}):
        for opens, closes in HOURS:
            expected = by_the_rule(name, day, opens, closes, HALF_HOURS)
            assert offered(name, day, (opens, closes)) == expected, (day, opens, closes)


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=lambda each: f"{each}"[:32])
def test_a_missing_time_is_never_offered_and_a_doubled_one_is_offered_twice(name, change) -> None:
    """Slots of a minute, so that every real minute is a start: the wall-clock times that they have."""
    zone, one = ZoneInfo(name), Length(duration_minutes=1, break_minutes=0)
    before, after = offset(zone, change - MINUTE), offset(zone, change)
    moved = abs(after - before)
    at_change = (change + min(before, after)).replace(tzinfo=None)
    for wall in (at_change, at_change + moved - MINUTE):
        starts = offered(name, wall.date(), ("00:00", "24:00"), length=one)
        times = sum(start.astimezone(zone).replace(tzinfo=None) == wall for start in starts)
        assert times == (0 if after > before else 2), wall


# What a person would check by hand: the wall clock with its offset.
TABLE = [
    # The clocks go forward: the hour is missing, and the grid goes on from the change without a gap.
    ("Europe/Berlin", "2026-03-29", "01:00", "04:00", "01:00+0100 01:30+0100 03:00+0200 03:30+0200"),
    ("America/New_York", "2026-03-08", "01:00", "04:00", "01:00-0500 01:30-0500 03:00-0400 03:30-0400"),
    ("Europe/Istanbul", "2015-03-29", "02:00", "05:00", "02:00+0200 02:30+0200 04:00+0300 04:30+0300"),
    ("Australia/Lord_Howe", "2026-10-04", "01:30", "03:00", "01:30+1030 02:30+1100"),
    # They go back: the hour comes twice, once before and once after.
    (
        "Europe/Berlin",
        "2026-10-25",
        "02:00",
        "03:00",
        "02:00+0200 02:30+0200 02:00+0100 02:30+0100",
    ),
    (
        "America/New_York",
        "2026-11-01",
        "01:00",
        "02:00",
        "01:00-0400 01:30-0400 01:00-0500 01:30-0500",
    ),
    ("Australia/Lord_Howe", "2026-04-05", "01:30", "02:30", "01:30+1100 01:30+1030 02:00+1030"),
    # Istanbul went back two weeks late in 2015, and not at all since it last went forward in 2016.
    ("Europe/Istanbul", "2015-10-25", "03:00", "04:00", "03:00+0300 03:30+0300"),
    ("Europe/Istanbul", "2015-11-08", "03:00", "04:00", "03:00+0300 03:30+0300 03:00+0200 03:30+0200"),
    ("Europe/Istanbul", "2016-10-30", "03:00", "04:00", "03:00+0300 03:30+0300"),
    # A gap at midnight: Tehran's date began at 01:00, and the date before it had 23:00 to 24:00 twice in autumn.
    ("Asia/Tehran", "2022-03-22", "00:00", "02:00", "01:00+0430 01:30+0430"),
    ("Asia/Tehran", "2022-09-21", "23:00", "24:00", "23:00+0430 23:30+0430 23:00+0330 23:30+0330"),
    ("Asia/Tehran", "2023-03-22", "00:00", "01:00", "00:00+0330 00:30+0330"),
]


@pytest.mark.parametrize(("name", "day", "opens", "closes", "expected"), TABLE)
def test_the_starts_round_a_change(name, day, opens, closes, expected) -> None:
    found = offered(name, date.fromisoformat(day), (opens, closes))
    assert local(name, found) == expected.split()


# Two hours that the doubled hour divides: the parts of one stand between those of the other.
TWO_HOURS = [
    (
        "Europe/Berlin",
        "2026-10-25",
        ("01:00", "02:30"),
        ("02:30", "04:00"),
        "01:00+0200 01:30+0200 02:00+0200 02:30+0200 02:00+0100 02:30+0100 03:00+0100 03:30+0100",
    ),
    (
        "America/New_York",
        "2026-11-01",
        ("00:30", "01:30"),
        ("01:30", "02:30"),
        "00:30-0400 01:00-0400 01:30-0400 01:00-0500 01:30-0500 02:00-0500",
    ),
    (
        "Asia/Tehran",
        "2022-09-21",
        ("22:30", "23:30"),
        ("23:30", "24:00"),
        "22:30+0430 23:00+0430 23:30+0430 23:00+0330 23:30+0330",
    ),
]


@pytest.mark.parametrize(("name", "day", "first", "second", "expected"), TWO_HOURS)
@pytest.mark.parametrize("own", [False, True], ids=["of the week", "of an exception"])
def test_the_starts_of_two_hours_come_in_order_when_the_clocks_go_back(
    name, day, first, second, expected, own
) -> None:
    exceptions = exception(name, day, first, second) if own else []
    found = offered(name, date.fromisoformat(day), first, second, agendas=exceptions)
    assert local(name, found) == expected.split()


def exception(name: str, day: str, *hours: tuple[str, str]) -> list[Agenda]:
    calendar = Calendar(platform_id="p", expert_id="e", zone=name)
    around = [
        Agenda(platform_id="p", expert_id="e", day=each) for each in days_around(date.fromisoformat(day))
    ]
    own = DateException(date=day, hours=[Hours(opens=opens, closes=closes) for opens, closes in hours])
    return claims.with_exception(calendar, around, own, date.fromisoformat(day))[1]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=lambda each: f"{each}"[:32])
def test_no_instant_is_open_twice_and_all_come_in_order(name, change) -> None:
    """Two hours that meet within what is doubled, or apart from it; slots of a minute, so that all is seen."""
    zone, one = ZoneInfo(name), Length(duration_minutes=1, break_minutes=0)
    first = (change - MINUTE).astimezone(zone).date()
    for cut in ("00:15", "01:45", "02:30", "03:15", "23:30"):
        found = offered(name, first, ("00:00", cut), (cut, "24:00"), length=one, days=2)
        assert found == sorted(set(found))
        assert len(found) == sum(len(minutes_of(name, first + count * DAY)) for count in range(2))

"""The free starts that a refusal names: there are some, however far they are, if the expert has any."""

from datetime import timedelta

import pytest

from chalicelib.booking.series_views import SeriesRequest
from chalicelib.calendar.model import SeriesNotFree, SlotNotOffered
from chalicelib.calendar.views import ExceptionRequest
from chalicelib.core.clock import stamp
from tests.store.booking.studio import (
    ADA,
    EXPERT,
    CallCount,
    book,
    give,
    instant,
    open_studio,
    opening_hours,
    operation,
    recurring,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


def close(first: str, days: int) -> None:
    """The expert is away on so many dates, from the first on."""
    for count in range(days):
        day = (instant(f"{first}T00:00") + timedelta(days=count)).date()
        version = opening_hours.calendar(EXPERT, "elif").version
        away = ExceptionRequest(hours=[])
        opening_hours.put_exception(operation(f"away{day}", EXPERT, "put"), "elif", day, away, version)


def nearest(start: str) -> list[str]:
    with pytest.raises(SlotNotOffered) as refused:
        book(start)
    return [stamp(near)[:16] for near in refused.value.extra["nearest"]]


@pytest.mark.parametrize(
    ("away_from", "days", "start", "expected"),
    [
        ("2026-11-22", 20, "2026-11-20T07:00", "2026-12-12T06:00 2026-12-12T07:00 2026-12-12T08:00"),
        ("2026-11-22", 40, "2026-11-30T07:00", "2027-01-01T06:00 2027-01-01T07:00 2027-01-01T08:00"),
        ("2026-12-08", 46, "2027-11-20T07:00", "2026-12-07T12:00 2026-12-07T13:00 2026-12-07T14:00"),
        ("2026-12-08", 20, "2026-12-16T07:00", "2026-12-07T12:00 2026-12-07T13:00 2026-12-07T14:00"),
    ],
    ids=["past, then away", "away for long", "beyond the horizon, away before", "amidst an absence"],
)
def test_they_are_found_over_a_long_absence(away_from, days, start, expected) -> None:
    """The horizon ends at 2027-01-21T09:00."""
    open_studio()
    close(away_from, days)
    assert nearest(start) == expected.split()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2000-01-01T07:00", "2026-11-22T09:00 2026-11-22T10:00 2026-11-22T11:00"),
        ("8999-12-31T07:00", "2027-01-21T06:00 2027-01-21T07:00 2027-01-21T08:00"),
    ],
)
def test_of_what_is_far_they_are_the_first_and_the_last(start, expected) -> None:
    open_studio()
    assert nearest(start) == expected.split()


def test_one_query_finds_what_is_near_and_three_say_that_there_is_nothing() -> None:
    open_studio()
    count = CallCount()
    assert len(nearest("05:00")) == 3
    assert count.names.count("Query") == 1
    count = CallCount()
    with pytest.raises(SlotNotOffered) as refused:
        book("07:00", expert_id="deniz")
    assert refused.value.extra["nearest"] == []
    assert count.names.count("Query") == 3


def test_each_start_of_a_series_names_some() -> None:
    open_studio()
    give(1000)
    close("2026-11-25", 20)
    wanted = [instant("07:00"), instant("2026-12-04T07:00")]
    request = SeriesRequest(package_id="apk_hour", expert_id="elif", pay_with="credits", starts_at=wanted)
    with pytest.raises(SeriesNotFree) as refused:
        recurring.book(operation("series", ADA, "series"), request)
    (told,) = refused.value.extra["starts"]
    assert [stamp(near)[:16] for near in told["nearest"]] == [
        "2026-11-24T12:00",
        "2026-11-24T13:00",
        "2026-11-24T14:00",
    ]

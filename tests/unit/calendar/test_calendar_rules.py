"""Slots: the seed's grids, breaks, bookings of other lengths, notice, horizon, exceptions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.calendar import claims, rules
from chalicelib.calendar.model import (
    MAX_EXCEPTIONS,
    Agenda,
    AgendaException,
    Calendar,
    DateException,
    ExceptionNotFound,
    ExceptionOverlapsBooking,
    Holiday,
    Hours,
    HoursEmpty,
    HoursMalformed,
    HoursOverlap,
    Interval,
    Length,
    Location,
    OpenHours,
    PlatformCalendar,
    Reason,
    SlotNotOffered,
    SlotTaken,
    Taken,
    TooManyExceptions,
)
from chalicelib.calendar.zones import utc_days, zone_of

MONDAY = date(2026, 11, 23)
SHARED = PlatformCalendar(platform_id="p")
SUNDAY_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def length(duration: int, pause: int) -> Length:
    return Length(duration_minutes=duration, break_minutes=pause)


def week(opens: str = "09:00", closes: str = "12:00", zone: str = "UTC", **more: int) -> Calendar:
    weekly = [OpenHours(weekday=weekday, opens=opens, closes=closes) for weekday in range(7)]
    return Calendar(platform_id="p", expert_id="e", zone=zone, weekly=weekly, **more)


def at(text: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}:00+00:00")


def taken(start: str, minutes: int, pause: int = 0, claim: str = "bkg_1") -> Taken:
    ends_at = at(start) + timedelta(minutes=minutes + pause)
    return Taken(starts_at=at(start), ends_at=ends_at, break_minutes=pause, claim_id=claim)


def agenda(*claimed: Taken, day: str = str(MONDAY), opened: list[Interval] | None = None) -> Agenda:
    exceptions = [] if opened is None else [AgendaException(date=day, open=opened)]
    return Agenda(platform_id="p", expert_id="e", day=day, taken=list(claimed), exceptions=exceptions)


def starts(calendar: Calendar, wanted: Length, *agendas: Agenda, now: datetime = SUNDAY_NOON) -> list[str]:
    return [f"{s:%H:%M}" for s in rules.free_starts(calendar, SHARED, agendas, wanted, now, [MONDAY])]


HALF_HOURS = ["09:00", "09:30", "10:00", "10:30"]


def test_e17_a_slot_of_20_is_15_and_a_break_of_5() -> None:
    expected = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"]
    assert starts(week(closes="11:00"), length(15, 5)) == expected


@pytest.mark.parametrize(("duration", "pause"), [(25, 5), (20, 10)])
def test_e18_a_slot_of_30_is_25_and_5_or_20_and_10(duration, pause) -> None:
    assert starts(week(closes="11:00"), length(duration, pause)) == HALF_HOURS


def test_e19_a_slot_of_60_is_50_and_a_break_of_10() -> None:
    assert starts(week(closes="11:00"), length(50, 10)) == ["09:00", "10:00"]


@pytest.mark.parametrize(("duration", "pause"), [(30, 0), (25, 5)])
def test_e20_a_slot_of_30_may_have_no_break(duration, pause) -> None:
    assert starts(week(closes="11:00"), length(duration, pause)) == HALF_HOURS


def test_the_last_session_must_end_by_closing_and_its_break_need_not() -> None:
    assert starts(week(closes="09:50"), length(50, 10)) == ["09:00"]
    assert starts(week(closes="09:49"), length(50, 10)) == []
    assert starts(week(closes="10:50"), length(50, 10)) == ["09:00", "10:00"]


def test_each_open_interval_has_a_grid_of_its_own() -> None:
    calendar = week()
    split = [
        OpenHours(weekday=0, opens="13:10", closes="14:10"),
        OpenHours(weekday=0, opens="09:00", closes="10:00"),
    ]
    calendar = replace(calendar, weekly=split)
    assert starts(calendar, length(25, 5)) == ["09:00", "09:30", "13:10", "13:40"]


def test_a_booking_knocks_out_the_positions_that_it_overlaps_and_no_other() -> None:
    half_hours = length(25, 5)
    assert starts(week(), half_hours, agenda(taken("09:40", 15, 5))) == [
        "09:00",
        "10:00",
        "10:30",
        "11:00",
        "11:30",
    ]
    assert starts(week(), half_hours, agenda(taken("09:50", 20, 10))) == ["09:00", "10:30", "11:00", "11:30"]
    # The grid stays where it is: it is counted from the opening, not from what is booked.
    assert starts(week(), length(50, 10), agenda(taken("09:00", 15, 5))) == ["10:00", "11:00"]


def test_the_break_is_never_sold() -> None:
    """A session of 50 minutes takes the hour, both for what comes after and for what stands before it."""
    booked = agenda(taken("09:00", 50, 10))
    assert "09:50" not in starts(week(), length(10, 0), booked)
    assert "10:00" in starts(week(), length(10, 0), booked)
    ten = agenda(taken("10:00", 10, 0))
    assert starts(week(closes="11:00"), length(50, 11), ten) == []  # 09:00 would need its break until 10:01


def test_what_begins_when_the_break_ends_is_not_in_the_way() -> None:
    booked = agenda(taken("10:00", 10, 0))
    assert starts(week(closes="11:00"), length(50, 10), booked) == ["09:00"]


def test_a_claim_from_the_day_before_counts() -> None:
    late = Taken(
        starts_at=at("00:00") - timedelta(minutes=20), ends_at=at("00:10"), break_minutes=0, claim_id="b"
    )
    before = agenda(late, day="2026-11-22")
    assert starts(week("00:00", "01:00"), length(20, 0), before) == ["00:20", "00:40"]


@pytest.mark.parametrize(
    ("now", "notice", "expected"),
    [
        ("08:59", 0, ["09:00", "10:00", "11:00"]),
        ("09:00", 0, ["09:00", "10:00", "11:00"]),
        ("09:01", 0, ["10:00", "11:00"]),
        ("08:00", 120, ["10:00", "11:00"]),
        ("08:01", 120, ["11:00"]),
    ],
)
def test_what_is_past_or_below_the_notice_is_not_offered(now, notice, expected) -> None:
    calendar = week(minimum_notice_minutes=notice)
    assert starts(calendar, length(50, 10), now=at(now)) == expected


def test_the_horizon_is_counted_from_now() -> None:
    calendar = week(horizon_days=1)
    assert starts(calendar, length(50, 10), now=at("10:00") - timedelta(days=1)) == ["09:00"]
    assert starts(calendar, length(50, 10), now=at("10:01") - timedelta(days=1)) == ["09:00", "10:00"]


def test_an_exception_replaces_the_days_hours() -> None:
    other = Interval(starts_at=at("10:15"), ends_at=at("11:15"))
    assert starts(week(), length(30, 0), agenda(opened=[])) == []
    assert starts(week(), length(30, 0), agenda(opened=[other])) == ["10:15", "10:45"]


@pytest.mark.parametrize(
    ("start", "now", "why"),
    [
        ("09:00", "09:30", Reason.IN_THE_PAST),
        ("10:00", "09:30", Reason.BELOW_NOTICE),
        ("08:30", "00:00", Reason.OUTSIDE_HOURS),
        ("11:30", "00:00", Reason.OUTSIDE_HOURS),  # begins within the hours and ends outside
        ("09:30", "00:00", Reason.OFF_GRID),
        ("11:00", "00:00", Reason.BOOKED),
    ],
)
def test_the_refusal_says_why(start, now, why) -> None:
    calendar, hour = week(minimum_notice_minutes=60), length(50, 10)
    booked = [agenda(taken("11:00", 50, 10))]
    assert at(start) not in rules.free_starts(calendar, SHARED, booked, hour, at(now), [MONDAY])
    assert rules.refusal(calendar, SHARED, booked, hour, at(now), at(start)) is why


def test_beyond_the_horizon_is_told_before_the_hours() -> None:
    far = SUNDAY_NOON + timedelta(days=60)
    assert rules.refusal(week(), SHARED, [], length(50, 10), SUNDAY_NOON, far) is Reason.BEYOND_HORIZON


def test_the_refusal_names_the_three_nearest_free_starts_in_order() -> None:
    free = [at(text) for text in ("09:00", "10:00", "11:00", "13:00", "14:00")]
    refused = rules.refused(Reason.BOOKED, free, at("12:00"))
    assert isinstance(refused, SlotTaken)
    assert refused.extra["nearest"] == [at("10:00"), at("11:00"), at("13:00")]
    off = rules.refused(Reason.OFF_GRID, free[:1], at("09:10"))
    assert isinstance(off, SlotNotOffered)
    assert (off.extra["reason"], off.extra["nearest"]) == ("off_grid", [at("09:00")])


lengths = st.builds(length, st.integers(5, 90), st.integers(0, 30))
bookings = st.lists(st.tuples(st.integers(0, 170), lengths), max_size=8)


@given(bookings, lengths)
def test_whatever_is_booked_what_is_free_never_overlaps_it(asked, wanted) -> None:
    """B1: claim only what is free, in any order and of any length; nothing ever overlaps."""
    calendar, day = week(), agenda()
    for number, (minute, one) in enumerate(asked):
        free = rules.free_starts(calendar, SHARED, [day], one, SUNDAY_NOON, [MONDAY])
        start = at("09:00") + timedelta(minutes=minute)
        if start in free:
            claim = Taken(
                starts_at=start,
                ends_at=start + one.slot,
                break_minutes=one.break_minutes,
                claim_id=f"{number}",
            )
            (day,) = claims.claimed([day], claim)
    assert all(a.ends_at <= b.starts_at for a, b in zip(day.taken, day.taken[1:], strict=False))
    for start in rules.free_starts(calendar, SHARED, [day], wanted, SUNDAY_NOON, [MONDAY]):
        assert all(start + wanted.slot <= claim.starts_at or claim.ends_at <= start for claim in day.taken)
        assert (start - at("09:00")) % wanted.slot == timedelta(0)


def test_a_claim_over_midnight_stands_in_both_days_and_leaves_both() -> None:
    days = [agenda(day=day) for day in ("2026-11-23", "2026-11-24", "2026-11-25")]
    claim = taken("23:50", 25, 5)
    both = claims.claimed(days, claim)
    assert [(changed.day, changed.taken) for changed in both] == [
        ("2026-11-23", [claim]),
        ("2026-11-24", [claim]),
    ]
    assert rules.taken_of(both) == [claim]
    assert [changed.taken for changed in claims.released([*both, days[2]], "bkg_1")] == [[], []]


def test_a_claim_that_ends_at_midnight_stands_in_one_day() -> None:
    days = [agenda(day=day) for day in ("2026-11-23", "2026-11-24")]
    assert [changed.day for changed in claims.claimed(days, taken("23:30", 25, 5))] == ["2026-11-23"]


def test_a_claim_that_lasts_longer_takes_its_break_and_then_what_follows() -> None:
    """E37: a session that began late runs into its break first."""
    days = [agenda(taken("23:00", 50, 10, "bkg_a")), agenda(day="2026-11-24")]
    assert claims.extended(days, "bkg_a", at("23:55")) == []
    assert claims.extended(days, "bkg_a", at("23:00") + timedelta(hours=1)) == []
    assert claims.extended(days, "bkg_other", at("23:00") + timedelta(hours=2)) == []
    late = at("23:00") + timedelta(minutes=75)
    longer = Taken(starts_at=at("23:00"), ends_at=late, break_minutes=0, claim_id="bkg_a")
    changed = claims.extended(days, "bkg_a", late)
    assert [(day.day, day.taken) for day in changed] == [("2026-11-23", [longer]), ("2026-11-24", [longer])]
    assert claims.extended(changed, "bkg_a", late) == []


def test_the_next_claim_is_somebody_elses() -> None:
    days = [agenda(taken("09:00", 50, 10, "a"), taken("10:00", 50, 10, "b"), taken("11:00", 50, 10, "c"))]
    assert [claims.next_start(days, claim) for claim in "abcx"] == [at("10:00"), at("11:00"), None, None]


def three_days(*claimed: Taken) -> list[Agenda]:
    return [
        agenda(*(claim for claim in claimed if day in utc_days(claim.starts_at, claim.ends_at)), day=day)
        for day in ("2026-11-22", "2026-11-23", "2026-11-24")
    ]


def closing(*hours: tuple[str, str]) -> DateException:
    return DateException(date=str(MONDAY), hours=[Hours(opens=a, closes=b) for a, b in hours])


def test_an_exception_stands_in_the_utc_days_that_the_local_date_touches() -> None:
    calendar = week(zone="Europe/Istanbul")
    edited, days = claims.with_exception(calendar, three_days(), closing(("10:00", "11:00")), MONDAY)
    assert edited.exceptions == [closing(("10:00", "11:00"))]
    assert [changed.day for changed in days] == ["2026-11-22", "2026-11-23"]
    opened = Interval(starts_at=at("07:00"), ends_at=at("08:00"))
    assert all(changed.exceptions == [AgendaException(date=str(MONDAY), open=[opened])] for changed in days)
    back, without = claims.without_exception(edited, [*days, three_days()[2]], MONDAY, MONDAY)
    assert (back.exceptions, [changed.exceptions for changed in without]) == ([], [[], []])


def test_an_exception_replaces_the_one_that_the_date_had() -> None:
    edited, days = claims.with_exception(week(), three_days(), closing(("10:00", "11:00")), MONDAY)
    edited, days = claims.with_exception(edited, days, closing(), MONDAY)
    assert edited.exceptions == [closing()]
    assert [changed.exceptions for changed in days] == [[AgendaException(date=str(MONDAY), open=[])]]


def test_an_exception_over_a_booking_names_the_booking() -> None:
    days = three_days(taken("09:00", 50, 10, "bkg_a"), taken("11:00", 50, 10, "bkg_b"))
    with pytest.raises(ExceptionOverlapsBooking) as refused:
        claims.with_exception(week(), days, closing(("09:00", "11:30")), MONDAY)
    assert refused.value.extra == {"booking_ids": ["bkg_b"]}
    # The break may pass the new closing time, as it may pass any.
    claims.with_exception(week(), days, closing(("09:00", "11:50")), MONDAY)


def test_an_exception_looks_only_at_its_own_local_date() -> None:
    """21:30 UTC of Monday is Tuesday in Istanbul."""
    days = three_days(taken("21:30", 50, 10))
    claims.with_exception(week(zone="Europe/Istanbul"), days, closing(), MONDAY)
    with pytest.raises(ExceptionOverlapsBooking):
        claims.with_exception(week(), days, closing(), MONDAY)


def test_a_session_that_ends_at_midnight_is_not_in_the_way_of_the_next_date() -> None:
    last = taken("00:00", 50, 10)
    last = replace(last, starts_at=at("00:00") - timedelta(minutes=50), ends_at=at("00:10"))
    edited, _ = claims.with_exception(week(), three_days(last), closing(), MONDAY)
    assert edited.exceptions == [closing()]


def test_yesterdays_exception_still_counts_for_it_may_touch_todays_utc_day() -> None:
    edited, _ = claims.with_exception(week(), three_days(), closing(), MONDAY)
    assert claims.has_exceptions_to_come(edited, MONDAY + timedelta(days=1))
    assert not claims.has_exceptions_to_come(edited, MONDAY + timedelta(days=2))


def test_hours_that_touch_do_not_overlap_and_hours_that_share_a_minute_do() -> None:
    morning, noon = Hours(opens="09:00", closes="12:00"), Hours(opens="12:00", closes="13:00")
    rules.check_no_overlap([noon, morning], "hours", [0, 1])
    with pytest.raises(HoursOverlap) as refused:
        rules.check_no_overlap([noon, Hours(opens="09:00", closes="12:01")], "hours", [0, 1])
    assert refused.value.field == "hours[0].from"


def test_exceptions_of_the_past_are_forgotten_and_those_to_come_are_bounded() -> None:
    first = date(2026, 1, 1)
    many = [DateException(date=str(first + timedelta(days=n)), hours=[]) for n in range(MAX_EXCEPTIONS)]
    full = replace(week(), exceptions=many)
    with pytest.raises(TooManyExceptions):
        claims.with_exception(full, three_days(), closing(), first)
    edited, _ = claims.with_exception(full, three_days(), closing(), MONDAY)
    assert edited.exceptions == [closing()]
    assert claims.has_exceptions_to_come(full, first)
    assert not claims.has_exceptions_to_come(full, MONDAY)


def test_what_is_no_exception_cannot_be_removed() -> None:
    with pytest.raises(ExceptionNotFound):
        claims.without_exception(week(), three_days(), MONDAY, MONDAY)


@pytest.mark.parametrize(("opens", "closes"), [("09:00", "09:00"), ("10:00", "09:00"), ("24:00", "24:00")])
def test_hours_end_after_they_begin(opens, closes) -> None:
    with pytest.raises(HoursEmpty):
        Hours(opens=opens, closes=closes)


@pytest.mark.parametrize("text", ["9:00", "24:01", "25:00", "09:60", "noon", "09:00\n"])
def test_a_time_of_day_is_written_in_one_way(text) -> None:
    with pytest.raises(HoursMalformed):
        Hours(opens="00:00", closes=text)


# ------------------------------------------------------------------------- a maximum, holidays, locations


def test_a_full_date_offers_nothing_and_says_so() -> None:
    calendar, hour = week(daily_maximum=2), length(50, 10)
    one, two = taken("09:00", 50, 10), taken("11:00", 50, 10, "bkg_2")
    assert starts(calendar, hour, agenda(one)) == ["10:00", "11:00"]
    assert starts(calendar, hour, agenda(one, two)) == []
    why = rules.refusal(calendar, SHARED, [agenda(one, two)], hour, SUNDAY_NOON, at("10:00"))
    assert why is Reason.DAY_FULL
    full = rules.refused(why, [], at("10:00"))
    assert isinstance(full, SlotTaken)
    assert full.extra["reason"] == "day_full"


def test_a_maximum_counts_what_begins_on_the_local_date_and_no_other() -> None:
    """00:30 of Istanbul's Tuesday is 21:30 of UTC's Monday."""
    calendar = week("00:00", "24:00", "Europe/Istanbul", daily_maximum=1)
    late = agenda(taken("21:30", 50, 10))
    free = rules.free_starts(
        calendar, SHARED, [late], length(50, 10), SUNDAY_NOON, [MONDAY, MONDAY + timedelta(days=1)]
    )
    assert {start.astimezone(zone_of("Europe/Istanbul")).date() for start in free} == {MONDAY}


def test_nobody_is_open_on_a_holiday_whatever_his_own_hours() -> None:
    closed = PlatformCalendar(platform_id="p", holidays=[Holiday(date=str(MONDAY), name="Bayram")])
    own = [agenda(opened=[Interval(starts_at=at("10:00"), ends_at=at("12:00"))])]
    for agendas in ([], own):
        found = rules.free_starts(week(), closed, agendas, length(50, 10), SUNDAY_NOON, [MONDAY])
        assert found == []
        why = rules.refusal(week(), closed, agendas, length(50, 10), SUNDAY_NOON, at("10:00"))
        assert why is Reason.HOLIDAY


KADIKOY, MODA = Location(id="kadikoy", name="Kadıköy"), Location(id="moda", name="Moda")
OURS = PlatformCalendar(platform_id="p", locations=[MODA, Location(id="kadikoy", name="The platform's")])


def two_places() -> Calendar:
    """Monday morning in Kadıköy, noon at home, the afternoon in Moda, the evening where there is no room."""
    spans = [
        ("09:00", "11:00", "kadikoy"),
        ("11:00", "12:00", None),
        ("13:30", "14:30", "moda"),
        ("18:00", "19:00", "gone"),
    ]
    weekly = [OpenHours(weekday=0, opens=a, closes=b, location_id=place) for a, b, place in spans]
    return replace(week(), weekly=weekly, locations=[KADIKOY])


def face_to_face(duration: int, pause: int) -> Length:
    return replace(length(duration, pause), face_to_face=True)


def at_places(wanted: Length) -> list[str]:
    found = rules.free_starts(two_places(), OURS, [], wanted, SUNDAY_NOON, [MONDAY])
    return [f"{start:%H:%M}" for start in found]


def test_a_face_to_face_appointment_needs_hours_with_a_location_and_an_online_one_does_not() -> None:
    assert at_places(face_to_face(50, 10)) == ["09:00", "10:00", "13:30"]
    assert at_places(length(50, 10)) == ["09:00", "10:00", "11:00", "13:30", "18:00"]


@pytest.mark.parametrize("start", ["11:00", "18:00"])
def test_hours_without_a_location_say_so(start) -> None:
    why = rules.refusal(two_places(), OURS, [], face_to_face(50, 10), SUNDAY_NOON, at(start))
    assert why is Reason.NO_LOCATION


def test_a_start_tells_its_location_and_the_experts_own_stands_before_the_platforms() -> None:
    hours = rules.open_intervals(two_places(), OURS, [], MONDAY)
    names = [rules.location_at(two_places(), OURS, hours, at(start)) for start in ("10:00", "11:00", "13:30")]
    assert names == [KADIKOY, None, MODA]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("2026-03-29T01:00", Reason.HOUR_LEFT_OUT),  # 02:00 there, had it not been left out; it is 03:00
        ("2026-03-29T01:59", Reason.HOUR_LEFT_OUT),
        ("2026-03-29T02:00", Reason.OUTSIDE_HOURS),  # 04:00
        ("2026-03-29T00:00", Reason.OUTSIDE_HOURS),  # 01:00
        ("2026-03-30T00:30", Reason.BOOKED),  # 02:30 of the day after is there
    ],
)
def test_an_hour_that_the_clocks_leave_out_says_so(asked, why) -> None:
    calendar = week("02:00", "03:00", "Europe/Berlin")
    start = datetime.fromisoformat(f"{asked}:00+00:00")
    booked = [Agenda(platform_id="p", expert_id="e", day="2026-03-30")]
    now = datetime(2026, 3, 20, tzinfo=UTC)
    assert rules.refusal(calendar, SHARED, booked, length(30, 0), now, start) is why

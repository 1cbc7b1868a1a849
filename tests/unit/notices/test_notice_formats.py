"""Numbers, money, dates and zones as each language writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.accounts.model import Locale
from chalicelib.calendar.zones import zone_of
from chalicelib.core.money import Money
from chalicelib.notices.formats import moment, money, number, zone_at
from chalicelib.notices.jalali import jalali

TR, FA, EN = Locale.TURKISH, Locale.PERSIAN, Locale.ENGLISH
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(("locale", "shown"), [(TR, "1.234.567"), (FA, "۱٬۲۳۴٬۵۶۷"), (EN, "1,234,567")])
def test_thousands_are_set_apart(locale: Locale, shown: str) -> None:
    assert number(1_234_567, locale) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        (149_000, "TRY", TR, "1.490,00 TRY"),
        (149_000, "TRY", FA, "۱٬۴۹۰٫۰۰ TRY"),
        (149_000, "TRY", EN, "1,490.00 TRY"),
        (5, "EUR", TR, "0,05 EUR"),
        (5_125, "KWD", EN, "5.125 KWD"),
        (1_000_000, "IRR", EN, "1,000,000 IRR"),
    ],
)
def test_money_has_every_minor_digit_of_its_currency(
    amount: int, currency: str, locale: Locale, shown: str
) -> None:
    assert money(Money(amount, currency), locale) == shown.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("rials", "shown"),
    [(1_000_000, "۱٬۰۰۰٬۰۰۰ IRR (۱۰۰٬۰۰۰ تومان)"), (105, "۱۰۵ IRR (۱۰٫۵ تومان)"), (0, "۰ IRR (۰ تومان)")],
)
def test_a_persian_reader_is_told_rials_in_toman_too(rials: int, shown: str) -> None:
    told = money(Money(rials, "IRR"), FA)
    assert told.replace("\N{NO-BREAK SPACE}", " ") == shown


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (TR, "23 Kasım 2026 Pazartesi, 10:00"),
        (FA, "دوشنبه ۲ آذر ۱۴۰۵، ساعت ۱۰:۰۰"),
        (EN, "Monday, 23 November 2026, 10:00"),
    ],
)
def test_an_instant_is_shown_by_the_wall_clock_of_the_zone(locale: Locale, shown: str) -> None:
    assert moment(START, zone_of("Europe/Istanbul"), locale) == shown


def test_the_date_and_the_weekday_are_the_zones_too() -> None:
    late = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert moment(late, zone_of("Europe/Istanbul"), EN) == "Friday, 1 January 2027, 01:30"
    assert moment(late, zone_of("America/New_York"), EN) == "Thursday, 31 December 2026, 17:30"


@pytest.mark.parametrize(
    ("zone", "instant", "shown"),
    [
        ("Europe/Istanbul", START, "Europe/Istanbul (UTC+03:00)"),
        ("Europe/Berlin", START, "Europe/Berlin (UTC+01:00)"),
        ("Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC), "Europe/Berlin (UTC+02:00)"),
        ("Asia/Tehran", START, "Asia/Tehran (UTC+03:30)"),
        ("America/St_Johns", START, "America/St_Johns (UTC-03:30)"),
        ("Europe/London", START, "Europe/London (UTC+00:00)"),
        ("UTC", START, "UTC"),
    ],
)
def test_the_offset_is_the_one_of_that_day(zone: str, instant: datetime, shown: str) -> None:
    assert zone_at(instant, zone_of(zone)) == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("1979-02-11", (1357, 11, 22)),
        ("2007-03-20", (1385, 12, 29)),
        ("2007-03-21", (1386, 1, 1)),
        ("2021-03-20", (1399, 12, 30)),
        ("2021-03-21", (1400, 1, 1)),
        ("2024-03-19", (1402, 12, 29)),
        ("2024-03-20", (1403, 1, 1)),
        ("2024-09-21", (1403, 6, 31)),
        ("2024-09-22", (1403, 7, 1)),
        ("2025-03-20", (1403, 12, 30)),
        ("2025-03-21", (1404, 1, 1)),
        ("2026-03-21", (1405, 1, 1)),
        ("2030-03-20", (1408, 12, 30)),
    ],
)
def test_dates_of_the_solar_hijri_calendar(day: str, shown: tuple[int, int, int]) -> None:
    assert jalali(date.fromisoformat(day)) == shown


def test_every_day_of_three_centuries_follows_the_one_before_it() -> None:
    day, before = date(1900, 1, 1), jalali(date(1899, 12, 31))
    while day.year < 2200:
        year, month, of_month = jalali(day)
        next_of_month = (before[0], before[1], before[2] + 1)
        next_month = (before[0], before[1] + 1, 1)
        next_year = (before[0] + 1, 1, 1)
        assert (year, month, of_month) in (next_of_month, next_month, next_year)
        assert month <= 12
        assert of_month <= (31 if month <= 6 else 30)
        assert day.month in (3, 4) or (month, of_month) != (1, 1)
        before, day = (year, month, of_month), day + timedelta(days=1)

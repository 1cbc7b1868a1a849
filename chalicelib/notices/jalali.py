"""The Solar Hijri calendar, which Persian speakers date by."""

from datetime import date, timedelta

# In a cycle of 33 years eight are leap. The rule agrees with the astronomical calendar from 1800 to 2250.
_CYCLE_YEARS, _CYCLE_DAYS = 33, 33 * 365 + 8
_LEAP_YEARS_OF_A_CYCLE = (1, 5, 9, 13, 17, 22, 26, 30)
_CYCLE_BEGINS, _CYCLE_BEGINS_ON = 1386, date(2007, 3, 21)
_LONG_MONTHS_DAYS = 6 * 31


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day, the months counted from 1."""
    year = day.year - 621
    if day < _new_year(year):
        year -= 1
    passed = (day - _new_year(year)).days
    if passed < _LONG_MONTHS_DAYS:
        return year, passed // 31 + 1, passed % 31 + 1
    passed -= _LONG_MONTHS_DAYS
    return year, passed // 30 + 7, passed % 30 + 1


def _new_year(year: int) -> date:
    cycles, of_cycle = divmod(year - _CYCLE_BEGINS, _CYCLE_YEARS)
    leap_days = sum(leap < of_cycle for leap in _LEAP_YEARS_OF_A_CYCLE)
    return _CYCLE_BEGINS_ON + timedelta(days=cycles * _CYCLE_DAYS + of_cycle * 365 + leap_days)

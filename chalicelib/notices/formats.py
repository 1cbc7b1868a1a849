"""Numbers, money and instants as the readers of a language write them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.accounts.model import Locale
from chalicelib.core.money import Money, major_units
from chalicelib.ics.words import digits
from chalicelib.notices.jalali import jalali
from chalicelib.notices.texts import MONTHS, TEXTS, WEEKDAYS

# Between thousands, and before what is less than one.
_SEPARATORS = {Locale.TURKISH: (".", ","), Locale.PERSIAN: ("٬", "٫"), Locale.ENGLISH: (",", ".")}
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def number(count: int, locale: Locale) -> str:
    """``1.000`` in Turkish."""
    return digits(f"{count:,}".replace(",", _SEPARATORS[locale][0]), locale)


def money(price: Money, locale: Locale) -> str:
    """``1.490,00 TRY`` in Turkish: every minor digit of the currency, and its code.

    A Persian reader is told rials in toman, too.
    """
    whole, point, minor = major_units(price).partition(".")
    fraction = digits(minor, locale)
    amount = number(int(whole), locale) + (_SEPARATORS[locale][1] + fraction if point else "")
    told = f"{amount}{_NO_BREAK_SPACE}{price.currency}"
    is_told_in_toman = price.currency == "IRR" and locale is Locale.PERSIAN
    return f"{told} ({_toman(price.amount)})" if is_told_in_toman else told


def _toman(rials: int) -> str:
    """``۱۰٬۰۰۰ تومان``: people count in toman, of ten rials each; it is only ever shown."""
    whole, rest = divmod(rials, 10)
    tenth = _SEPARATORS[Locale.PERSIAN][1] + digits(str(rest), Locale.PERSIAN) if rest else ""
    return f"{number(whole, Locale.PERSIAN)}{tenth}{_NO_BREAK_SPACE}تومان"


def moment(instant: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """Date, weekday and time by the zone's wall clock; Persian dates are of the Solar Hijri calendar."""
    local = instant.astimezone(zone)
    day = jalali(local.date()) if locale is Locale.PERSIAN else (local.year, local.month, local.day)
    return TEXTS[locale]["moment"].format(
        day=digits(str(day[2]), locale),
        month=MONTHS[locale][day[1] - 1],
        year=digits(str(day[0]), locale),
        weekday=WEEKDAYS[locale][local.weekday()],
        time=digits(f"{local:%H:%M}", locale),
    )


def zone_at(instant: datetime, zone: ZoneInfo) -> str:
    """``Europe/Istanbul (UTC+03:00)``; the offset is the one in force at the instant."""
    if zone.key == "UTC":
        return "UTC"
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{zone.key} (UTC{sign}{hours:02}:{minutes:02})"

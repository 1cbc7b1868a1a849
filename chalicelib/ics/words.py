"""Which of a package's sessions an appointment is, in the languages of the product."""

from chalicelib.accounts.model import Locale

_SESSION_OF = {
    Locale.TURKISH: "Seans {ordinal} / {total}",
    Locale.PERSIAN: "جلسهٔ {ordinal} از {total}",
    Locale.ENGLISH: "Session {ordinal} of {total}",
}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def session_of(ordinal: int | None, total: int | None, locale: Locale) -> str:
    """``Session 2 of 6``; empty where there is no other."""
    if ordinal is None or total is None or total == 1:
        return ""
    return digits(_SESSION_OF[locale].format(ordinal=ordinal, total=total), locale)


def digits(text: str, locale: Locale) -> str:
    """The text with its digits as the language writes them."""
    return text.translate(_PERSIAN_DIGITS) if locale is Locale.PERSIAN else text

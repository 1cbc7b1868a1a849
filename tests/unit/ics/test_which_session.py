"""Which of a package's sessions it is, in the words of each language."""

import pytest

from chalicelib.accounts.model import Locale
from chalicelib.ics.words import session_of


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (Locale.TURKISH, "Seans 2 / 16"),
        (Locale.PERSIAN, "جلسهٔ ۲ از ۱۶"),
        (Locale.ENGLISH, "Session 2 of 16"),
    ],
)
def test_a_session_of_a_package_is_told_by_its_number(locale: Locale, shown: str) -> None:
    assert session_of(2, 16, locale) == shown


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize(("ordinal", "total"), [(None, None), (1, 1)])
def test_a_session_that_stands_alone_is_not_counted(ordinal, total, locale: Locale) -> None:
    assert session_of(ordinal, total, locale) == ""

"""What a package's texts, numbers and prices must be, whoever writes them."""

import unicodedata

from chalicelib.catalogue.errors import OutOfRange, PriceNotPositive, TextRefused
from chalicelib.core.money import Money, UnknownCurrency

MAX_NAME_LENGTH = 120
MAX_AMOUNT_MINOR = 10**12


def checked_money(amount: int, currency: str, field: str) -> Money:
    """Money that came from outside; ``UnknownCurrency`` names the path ``<field>.currency``."""
    try:
        return Money(amount, currency)
    except UnknownCurrency as unknown:
        raise UnknownCurrency(unknown.detail, field=f"{field}.currency") from None


def check_price(price: Money, field: str) -> None:
    if price.amount < 1:
        raise PriceNotPositive(field=f"{field}.amount")
    check_range(price.amount, f"{field}.amount", 1, MAX_AMOUNT_MINOR)


def check_range(value: int, field: str, least: int, most: int) -> None:
    if not least <= value <= most:
        raise OutOfRange(f"{field} must be from {least} to {most}.", field=field)


def check_line(text: str, field: str) -> None:
    """A name: one line, not blank."""
    if not text.strip():
        raise TextRefused(f"{field} must not be blank.", field=field)
    check_text(text, field, MAX_NAME_LENGTH)
    if "\n" in text or "\t" in text:
        raise TextRefused(f"{field} must be one line.", field=field)


def check_text(text: str, field: str, max_length: int) -> None:
    if len(text) > max_length:
        raise TextRefused(f"{field} holds at most {max_length} characters.", field=field)
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        raise TextRefused(f"{field} must not hold control characters.", field=field)

"""Money: an integer of minor units and its ISO 4217 currency. No float touches it."""

import msgspec

from chalicelib.core.errors import Invalid


class UnknownCurrency(Invalid):
    code = "UNKNOWN_CURRENCY"
    message = "We do not sell in this currency."


# How many digits of each currency that we sell in are minor. Libraries disagree on some (IRR: 0 or 2), so
# the table is ours; a currency that is not in it is an error, never a guess.
MINOR_DIGITS = {
    "TRY": 2,
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "AZN": 2,
    "AED": 2,
    "SAR": 2,
    "CAD": 2,
    "AUD": 2,
    "JPY": 0,
    "IRR": 0,
    "KWD": 3,
    "BHD": 3,
}


class Money(msgspec.Struct, frozen=True):
    """``amount`` in minor units of ``currency``: ``Money(149000, "TRY")`` is 1 490,00 TRY."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        minor_digits(self.currency)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never added")
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return f"{major_units(self)} {self.currency}"


def minor_digits(currency: str) -> int:
    """How many digits are minor; ``UnknownCurrency`` where we do not sell in it."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(f"We do not sell in {currency!r}.", field="currency") from None


def major_units(money: Money) -> str:
    """The amount as people write it: ``"1490.00"``."""
    digits = minor_digits(money.currency)
    sign, amount = ("-", -money.amount) if money.amount < 0 else ("", money.amount)
    whole, minor = divmod(amount, 10**digits)
    return f"{sign}{whole}.{minor:0{digits}d}" if digits else f"{sign}{whole}"


def share_of(amount: int, share_basis_points: int) -> int:
    """``amount × share``, rounded half up to the minor unit (B42); the platform keeps the remainder."""
    return (amount * share_basis_points + 5_000) // 10_000

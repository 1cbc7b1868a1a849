"""Money: how many digits are minor, how it is written, and how a share of it is rounded."""

import pytest

from chalicelib.core.money import MINOR_DIGITS, Money, UnknownCurrency, major_units, share_of


def test_the_digits_of_each_currency_are_the_standard_s() -> None:
    """ISO 4217, but for the rial, which is sold in whole ones."""
    assert {currency for currency, digits in MINOR_DIGITS.items() if digits == 0} == {"IRR", "JPY"}
    assert {currency for currency, digits in MINOR_DIGITS.items() if digits == 3} == {"BHD", "KWD"}
    assert set(MINOR_DIGITS.values()) == {0, 2, 3}


def test_a_currency_that_we_do_not_sell_in_is_an_error() -> None:
    with pytest.raises(UnknownCurrency) as refused:
        Money(1, "IRT")
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (149_000, "TRY", "1490.00"),
        (5, "TRY", "0.05"),
        (0, "TRY", "0.00"),
        (-5, "TRY", "-0.05"),
        (-149_050, "TRY", "-1490.50"),
        (5_125, "KWD", "5.125"),
        (0, "IRR", "0"),
        (-10, "IRR", "-10"),
    ],
)
def test_it_is_written_in_major_units(amount: int, currency: str, written: str) -> None:
    assert major_units(Money(amount, currency)) == written
    assert str(Money(amount, currency)) == f"{written} {currency}"


def test_two_currencies_are_never_added() -> None:
    assert Money(1, "TRY") + Money(2, "TRY") == Money(3, "TRY")
    with pytest.raises(ValueError, match="never added"):
        Money(1, "TRY") + Money(2, "EUR")


@pytest.mark.parametrize(
    ("amount", "share_basis_points", "share"),
    [(149_000, 6_000, 89_400), (1, 5_000, 1), (1, 4_999, 0), (10_001, 1, 1), (100, 10_000, 100), (100, 0, 0)],
)
def test_b42_a_share_is_rounded_half_up_to_the_minor_unit(
    amount: int, share_basis_points: int, share: int
) -> None:
    assert share_of(amount, share_basis_points) == share

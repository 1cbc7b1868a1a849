"""Currencies as the card provider takes them, and amounts as people read them."""

from decimal import Decimal

_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_THREE_DECIMAL = "bhd jod kwd omr tnd"
_TWO_DECIMAL = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs
khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab
pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs
uah usd uyu uzs wst xcd yer zar zmw
"""
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())
THREE_DECIMAL = frozenset(_THREE_DECIMAL.split())
TWO_DECIMAL = frozenset(_TWO_DECIMAL.split())
# Written with two decimals that must both be zero.
WHOLE_UNITS = frozenset(["isk"])
SUPPORTED = ZERO_DECIMAL | TWO_DECIMAL | THREE_DECIMAL
# The smallest charge, in minor units, of the currencies for which the provider publishes one.
MINIMUM_CHARGE = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MAXIMUM_CHARGE = 99_999_999

SYMBOLS = {"try": "₺", "eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}
SEPARATORS = {"tr": (".", ","), "en": (",", "."), "fa": ("٬", "٫")}
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
NO_BREAK_SPACE = "\u00a0"


def exponent(currency: str) -> int:
    """How many decimals an amount of this (lower-case) currency has: 0, 2 or 3. Rial is ZarinPal's alone."""
    if currency in ZERO_DECIMAL or currency == "irr":
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def minor_unit_step(currency: str) -> int:
    """The multiple that every amount in minor units must be of."""
    if currency in WHOLE_UNITS:
        return 100
    return 10 if currency in THREE_DECIMAL else 1


def formatted(amount_minor: int, currency: str, language: str) -> str:
    """An amount for the page, e.g. 149000, `try`, `tr` -> `₺1.490,00`."""
    decimals = exponent(currency)
    thousands, point = SEPARATORS[language]
    number = f"{Decimal(amount_minor).scaleb(-decimals):,.{decimals}f}"
    number = number.translate({ord(","): thousands, ord("."): point})
    if language == "fa":
        return f"{number.translate(PERSIAN_DIGITS)}{NO_BREAK_SPACE}{SYMBOLS.get(currency, currency.upper())}"
    if currency in SYMBOLS:
        return SYMBOLS[currency] + number
    return f"{currency.upper()}{NO_BREAK_SPACE}{number}"

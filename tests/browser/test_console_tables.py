"""Tables that the console holds for itself are the API's own."""

import re
from pathlib import Path

from chalicelib.core.countries import COUNTRIES
from chalicelib.core.money import MINOR_DIGITS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "console/src"
# Of a build that is not ours, or of a caller that the console is not.
NOT_FOR_THE_CONSOLE = {
    "PACKAGE_NOT_ON_SALE",
    "IF_MATCH_REQUIRED",
    "IF_MATCH_MALFORMED",
    "IDEMPOTENCY_KEY_REQUIRED",
    "IDEMPOTENCY_KEY_REUSED",
    "MALFORMED",
    "MALFORMED_JSON",
    "UNSUPPORTED_MEDIA_TYPE",
    "CONFLICT",
    "UPSTREAM_FAILED",
    "UPSTREAM_TIMEOUT",
}


def test_the_countries_are_the_apis():
    listed = re.findall(r"\b[A-Z]{2}\b", (SOURCES / "lib/countries.ts").read_text().partition("=")[2])
    assert set(listed) == COUNTRIES


def test_the_currencies_and_their_digits_are_the_apis():
    table = (SOURCES / "lib/currencies.ts").read_text().partition("};")[0]
    assert {name: int(digits) for name, digits in re.findall(r"([A-Z]{3}): (\d)", table)} == MINOR_DIGITS


def test_each_refusal_that_the_console_can_meet_has_words():
    places = ("core/errors", "core/money", "core/countries", "web/*", "table/*", "catalogue/*", "reports/*")
    files = [file for each in places for file in (ROOT / "chalicelib").glob(f"{each}.py")]
    codes = {code for file in files for code in re.findall(r'code = "([A-Z_]+)"', file.read_text())}
    said = set(re.findall(r"^    ([A-Z_]+):", (SOURCES / "i18n/en.ts").read_text(), re.MULTILINE))
    assert codes - NOT_FOR_THE_CONSOLE - said - {"REFUSED"} == set()

"""Session packages: fields, bounds and what they refuse, with the field's path (D2 to D5)."""

from typing import Any

import pytest

from chalicelib.catalogue.errors import (
    CountsExceedTotal,
    CoveredServiceMissing,
    CurrencyMismatch,
    OutOfRange,
    PriceNotPositive,
    ServiceRepeated,
    SessionsNotCovered,
    TextRefused,
)
from chalicelib.catalogue.model import PackageKind
from chalicelib.catalogue.rules import check_covered, kind_of, name_of
from chalicelib.catalogue.session_package import CoveredService, SessionPackage
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money, UnknownCurrency


def service(package_id: str, count: int | None = None) -> CoveredService:
    return CoveredService(package_id=package_id, count=count)


def skin_care(**changed: Any) -> SessionPackage:
    """D5: Cilt Bakımı Paketi – 6 Seans: klasik cilt bakımı + nem bakımı."""
    fields: dict[str, Any] = {
        "id": "spk_1",
        "name": "Cilt Bakımı Paketi – 6 Seans",
        "total_sessions": 6,
        "services": [service("apk_classic"), service("apk_moisture")],
        "price": Money(600_000, "TRY"),
        "country": "TR",
        "currency": "TRY",
        "listing_order": 1,
        "short_info": "Klasik cilt bakımı + nem bakımı",
        "expires_after_days": None,
    }
    return SessionPackage(**fields | changed)


def test_d5_the_skin_care_package_is_a_session_package() -> None:
    package = skin_care()
    assert (kind_of(package), name_of(package)) == (PackageKind.SESSION, "Cilt Bakımı Paketi – 6 Seans")
    assert (package.total_sessions, len(package.services)) == (6, 2)


def test_d2_d3_it_has_a_name_and_a_total_of_its_own() -> None:
    """Neither follows from the other: the words of the name count nothing."""
    package = skin_care(name="Bahar Paketi – 8 Seans", total_sessions=4)
    assert (package.name, package.total_sessions) == ("Bahar Paketi – 8 Seans", 4)
    for total in (1, 1_000):
        assert skin_care(total_sessions=total).total_sessions == total


@pytest.mark.parametrize(
    "services",
    [
        [service("a"), service("b")],
        [service("a", 6), service("b")],
        [service("a", 4), service("b", 2)],
        [service("a", 1), service("b")],
    ],
)
def test_d4_a_shared_pool_or_a_count_per_service(services: list[CoveredService]) -> None:
    assert skin_care(services=services).services == services


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"name": " "}, TextRefused, "name"),
        ({"short_info": "x" * 501}, TextRefused, "short_info"),
        ({"total_sessions": 0}, OutOfRange, "total_sessions"),
        ({"total_sessions": 1_001}, OutOfRange, "total_sessions"),
        ({"services": []}, OutOfRange, "services"),
        ({"services": [service("a"), service("b"), service("a")]}, ServiceRepeated, "services[2].package_id"),
        ({"services": [service("a", 0)]}, OutOfRange, "services[0].count"),
        ({"services": [service("a"), service("b", 7)]}, CountsExceedTotal, "services[1].count"),
        ({"services": [service("a", 4), service("b", 3)]}, CountsExceedTotal, "services[1].count"),
        ({"services": [service("a", 2), service("b", 3)]}, SessionsNotCovered, "total_sessions"),
        ({"price": Money(0, "TRY")}, PriceNotPositive, "price.amount"),
        ({"price": Money(5, "EUR")}, CurrencyMismatch, "price.currency"),
        ({"currency": "TLX", "price": None}, UnknownCurrency, "currency"),
        ({"country": "ZZ"}, UnknownCountry, "country"),
        ({"expires_after_days": 0}, OutOfRange, "expires_after_days"),
        ({"listing_order": -1}, OutOfRange, "listing_order"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(
    changed: dict[str, Any], refusal: type[Refusal], field: str
) -> None:
    with pytest.raises(refusal) as caught:
        skin_care(**changed)
    assert caught.value.field == field


def test_what_is_live_covers_only_what_is_live() -> None:
    with pytest.raises(CoveredServiceMissing) as caught:
        check_covered([skin_care()])
    assert caught.value.field == "spk_1.services[0].package_id"

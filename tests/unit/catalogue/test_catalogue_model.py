"""What a package refuses to be."""

from typing import Any

import pytest

from chalicelib.catalogue.checks import MAX_AMOUNT_MINOR, checked_money
from chalicelib.catalogue.model import (
    AppointmentPackage,
    AppointmentType,
    CreditPackage,
    HowItEnds,
    Service,
    WhenItEnds,
)
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money


def credit_package(**changed: Any) -> CreditPackage:
    fields: dict[str, Any] = {
        "id": "cpk_1",
        "name": "100 Kredi",
        "credits": 100,
        "price": Money(149000, "TRY"),
        "country": "TR",
        "short_info": "Üç görüşme için yeter",
        "listing_order": 1,
    }
    return CreditPackage(**fields | changed)


def appointment_package(**changed: Any) -> AppointmentPackage:
    fields: dict[str, Any] = {
        "id": "apk_1",
        "title": "Görüntülü görüşme",
        "description": "",
        "appointment_type": AppointmentType.ONLINE,
        "service": Service.VIDEO,
        "duration_minutes": 15,
        "break_minutes": 5,
        "fee": Money(50000, "TRY"),
        "credits": 50,
        "sessions": 1,
        "country": "TR",
        "currency": "TRY",
        "listing_order": 1,
        "how_it_ends": HowItEnds.AUTOMATIC,
        "when_it_ends": WhenItEnds.SCHEDULED_END,
        "expert_ids": [],
    }
    return AppointmentPackage(**fields | changed)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"name": " "}, "TEXT_REFUSED", "name"),
        ({"name": "x" * 121}, "TEXT_REFUSED", "name"),
        ({"name": "a\nb"}, "TEXT_REFUSED", "name"),
        ({"name": "a\x00b"}, "TEXT_REFUSED", "name"),
        ({"short_info": "x" * 501}, "TEXT_REFUSED", "short_info"),
        ({"credits": 0}, "OUT_OF_RANGE", "credits"),
        ({"credits": 10_000_001}, "OUT_OF_RANGE", "credits"),
        ({"price": Money(0, "TRY")}, "PRICE_NOT_POSITIVE", "price.amount"),
        ({"price": Money(-1, "TRY")}, "PRICE_NOT_POSITIVE", "price.amount"),
        ({"price": Money(MAX_AMOUNT_MINOR + 1, "TRY")}, "OUT_OF_RANGE", "price.amount"),
        ({"country": "XX"}, "UNKNOWN_COUNTRY", "country"),
        ({"listing_order": -1}, "OUT_OF_RANGE", "listing_order"),
    ],
)
def test_a_credit_package_refuses_nonsense(changed: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        credit_package(**changed)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    "changed",
    [
        {"credits": 1, "price": Money(1, "TRY"), "name": "x", "short_info": ""},
        {"credits": 10_000_000, "price": Money(MAX_AMOUNT_MINOR, "IRR"), "country": "IR", "name": "x" * 120},
        {"price": Money(1_234, "KWD"), "country": "KW"},
        {"price": Money(1_005, "BHD"), "country": "BH", "short_info": "two\nlines"},
    ],
)
def test_a_credit_package_takes_the_bounds_and_currencies_of_three_decimals(changed: dict[str, Any]) -> None:
    assert credit_package(**changed).credits >= 1


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"title": ""}, "TEXT_REFUSED", "title"),
        ({"description": "x" * 2001}, "TEXT_REFUSED", "description"),
        ({"service": None}, "SERVICE_REQUIRED", "service"),
        ({"appointment_type": AppointmentType.FACE_TO_FACE}, "SERVICE_NOT_ALLOWED", "service"),
        ({"duration_minutes": 0, "break_minutes": 0}, "OUT_OF_RANGE", "duration_minutes"),
        ({"duration_minutes": 1441}, "OUT_OF_RANGE", "duration_minutes"),
        ({"break_minutes": -1}, "OUT_OF_RANGE", "break_minutes"),
        ({"break_minutes": 16}, "BREAK_LONGER_THAN_DURATION", "break_minutes"),
        ({"fee": None, "credits": None}, "PRICE_MISSING", "fee"),
        ({"fee": Money(0, "TRY")}, "PRICE_NOT_POSITIVE", "fee.amount"),
        ({"fee": Money(1, "EUR")}, "CURRENCY_MISMATCH", "fee.currency"),
        ({"fee": None, "currency": "XYZ"}, "UNKNOWN_CURRENCY", "currency"),
        ({"credits": 0}, "OUT_OF_RANGE", "credits"),
        ({"sessions": 0}, "OUT_OF_RANGE", "sessions"),
        ({"sessions": 1001}, "OUT_OF_RANGE", "sessions"),
        ({"country": "Tr"}, "UNKNOWN_COUNTRY", "country"),
        ({"expert_ids": ["a", "b", "a"]}, "EXPERT_REPEATED", "expert_ids[2]"),
        ({"expert_ids": [str(each) for each in range(91)]}, "OUT_OF_RANGE", "expert_ids"),
    ],
)
def test_an_appointment_package_refuses_nonsense(changed: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        appointment_package(**changed)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("duration_minutes", "break_minutes", "slot_minutes"),
    [(15, 5, 20), (25, 5, 30), (20, 10, 30), (50, 10, 60), (30, 0, 30), (15, 15, 30)],
)
def test_e10_e16_e32_a_slot_is_the_session_and_its_break(
    duration_minutes: int, break_minutes: int, slot_minutes: int
) -> None:
    """The examples of E17 to E20."""
    package = appointment_package(duration_minutes=duration_minutes, break_minutes=break_minutes)
    assert package.slot_minutes == slot_minutes


@pytest.mark.parametrize("changed", [{"fee": None}, {"credits": None}, {}])
def test_e11_e12_e33_a_fee_credits_or_both_are_a_price(changed: dict[str, Any]) -> None:
    package = appointment_package(**changed)
    assert package.fee or package.credits


def test_e4_a_face_to_face_meeting_has_no_service() -> None:
    package = appointment_package(appointment_type=AppointmentType.FACE_TO_FACE, service=None)
    assert package.service is None


def test_e36_every_way_to_end_goes_with_every_time_to_end() -> None:
    ways = {(how, when) for how in HowItEnds for when in WhenItEnds}
    packages = [appointment_package(how_it_ends=how, when_it_ends=when) for how, when in ways]
    assert len({(each.how_it_ends, each.when_it_ends) for each in packages}) == 4


def test_nobody_named_is_everybody() -> None:
    assert appointment_package().held_by("anyone")
    assert appointment_package(expert_ids=["a"]).held_by("a")
    assert not appointment_package(expert_ids=["a"]).held_by("b")


def test_an_unknown_currency_is_refused_with_its_path() -> None:
    with pytest.raises(Refusal) as refused:
        checked_money(1, "ABC", "fee")
    assert (refused.value.code, refused.value.field) == ("UNKNOWN_CURRENCY", "fee.currency")

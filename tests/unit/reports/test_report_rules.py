"""Which sales a report shows, its lines, and its totals."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.accounts.model import Locale
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.core.payments import FailureReason
from chalicelib.orders.lines import FailedPayment, PaymentType, ProductType, Rail, Sale, SalePart, SaleType
from chalicelib.reports import rules
from chalicelib.reports.model import Filters, Group, SaleTypeFilter, Show
from chalicelib.reports.texts import TEXTS

NOV = datetime(2026, 11, 1, tzinfo=UTC)
DEC = datetime(2026, 12, 1, tzinfo=UTC)


def filters(**changed: Any) -> Filters:
    return replace(Filters(since=NOV, until=DEC), **changed)


def sale(**changed: Any) -> Sale:
    fields: dict[str, Any] = {
        "id": "sal_1",
        "platform_id": "p",
        "sold_at": NOV,
        "product_type": ProductType.APPOINTMENT,
        "product_id": "apk_1",
        "product_name": "Görüşme",
        "quantity": 1,
        "customer_id": "customer",
        "expert_id": "expert",
        "sale_type": SaleType.CREDIT,
        "parts": [SalePart(payment_type=PaymentType.CREDIT, amount=40, unit="credit", share=26)],
        "share_basis_points": 6500,
        "country": "TR",
    }
    return Sale(**fields | changed)


def by_card(**changed: Any) -> Sale:
    part = SalePart(payment_type=PaymentType.CARD, amount=14900, unit="TRY")
    fields: dict[str, Any] = {"sale_type": SaleType.CARD, "parts": [part], "expert_id": None}
    return sale(**fields | {"product_type": ProductType.CREDIT} | changed)


SOLD = {
    "appointment for credits": sale(),
    "appointment by card": by_card(product_type=ProductType.APPOINTMENT, expert_id="expert"),
    "package by card": by_card(),
    "event for credits": sale(product_type=ProductType.EVENT),
    "event by card": by_card(product_type=ProductType.EVENT),
}


@pytest.mark.parametrize(
    ("show", "sale_type", "shown"),
    [
        (Show.ALL, SaleTypeFilter.ALL, set(SOLD)),
        (Show.ALL, SaleTypeFilter.CREDIT, {"appointment for credits", "event for credits"}),
        (Show.ALL, SaleTypeFilter.CARD, {"appointment by card", "package by card", "event by card"}),
        (Show.APPOINTMENTS, SaleTypeFilter.ALL, {"appointment for credits", "appointment by card"}),
        (Show.APPOINTMENTS, SaleTypeFilter.CREDIT, {"appointment for credits"}),
        (Show.APPOINTMENTS, SaleTypeFilter.CARD, {"appointment by card"}),
        (Show.PACKAGES, SaleTypeFilter.ALL, {"package by card"}),
        (Show.PACKAGES, SaleTypeFilter.CARD, {"package by card"}),
        (Show.PACKAGES, SaleTypeFilter.CREDIT, set()),
        (Show.EVENTS, SaleTypeFilter.ALL, {"event for credits", "event by card"}),
        (Show.EVENTS, SaleTypeFilter.CREDIT, {"event for credits"}),
        (Show.EVENTS, SaleTypeFilter.CARD, {"event by card"}),
    ],
)
def test_what_is_shown_of_each_sale_type(show: Show, sale_type: SaleTypeFilter, shown: set[str]) -> None:
    """B5 to B8, B11 to B13, B38."""
    asked = filters(show=show, sale_type=sale_type)
    assert {name for name, sold in SOLD.items() if rules.shows_sale(asked, sold)} == shown


def test_packages_are_those_bought_by_card() -> None:
    """B7: whatever else a later product may do."""
    given_for_credits = sale(product_type=ProductType.CREDIT)
    assert not rules.shows_sale(filters(show=Show.PACKAGES), given_for_credits)


def test_a_user_or_an_expert_may_be_picked() -> None:
    """B9, B10."""
    assert rules.shows_sale(filters(customer_id="customer", expert_id="expert"), sale())
    assert not rules.shows_sale(filters(customer_id="other"), sale())
    assert not rules.shows_sale(filters(expert_id="other"), sale())
    assert not rules.shows_sale(filters(expert_id="expert"), by_card())


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({}, True),
        ({"show": Show.PACKAGES}, True),
        ({"show": Show.APPOINTMENTS}, False),
        ({"customer_id": "customer"}, True),
        ({"customer_id": "other"}, False),
    ],
)
def test_failed_payments_are_filtered_by_product_and_user(changed: dict[str, Any], shown: bool) -> None:
    """B27, B28."""
    payment = FailedPayment(
        id="fpm_1",
        platform_id="p",
        failed_at=NOV,
        customer_id="customer",
        reason=FailureReason.CARD_DECLINED,
        raw_code="generic_decline",
        rail=Rail.CARD,
        product_type=ProductType.CREDIT,
        product_id="cpk_1",
        product_name="100",
        amount=1,
        unit="TRY",
        country="TR",
        order_id=None,
    )
    assert rules.shows_failed_payment(filters(**changed), payment) is shown


def test_a_mixed_sale_has_a_line_for_each_part_and_its_quantity_once() -> None:
    gift = SalePart(payment_type=PaymentType.GIFT, amount=10, unit="credit")
    bought = SalePart(payment_type=PaymentType.CREDIT, amount=30, unit="credit")
    lines = list(rules.lines(sale(parts=[gift, bought], quantity=2)))
    assert lines == [(gift, 2), (bought, None)]


def test_the_share_of_credits_has_a_worth_in_what_they_had_cost() -> None:
    """B22, B23: 65 % of 1.99 TRY is 1.2935, rounded half up."""
    part = SalePart(payment_type=PaymentType.CREDIT, amount=1, unit="credit", cost=Money(199, "TRY"))
    assert rules.shared_cost(sale(), part) == Money(129, "TRY")
    assert rules.shared_cost(sale(), replace(part, cost=None)) is None


def test_different_units_and_kinds_of_payment_are_never_added() -> None:
    """B40."""
    totals = rules.Totals(Group.ALL)
    for sold in (
        sale(),
        sale(parts=[SalePart(payment_type=PaymentType.GIFT, amount=5, unit="credit", share=1)]),
        by_card(),
        by_card(parts=[SalePart(payment_type=PaymentType.CARD, amount=900, unit="EUR")]),
        by_card(quantity=3),
    ):
        totals.add(sold)
    assert [
        (each.payment_type, each.unit, each.quantity, each.actual, each.shared) for each in totals.result()
    ] == [
        ("card", "EUR", 1, 900, 0),
        ("card", "TRY", 4, 29800, 0),
        ("credit", "credit", 1, 40, 26),
        ("gift", "credit", 1, 5, 1),
    ]


def test_grouped_totals_stand_expert_by_expert_in_the_report_s_order() -> None:
    """B15."""
    totals = rules.Totals(Group.EXPERT)
    for sold in (sale(expert_id="b"), sale(expert_id="a"), sale(expert_id="b"), by_card()):
        totals.add(sold)
    assert [(each.expert_id, each.actual) for each in totals.result()] == [
        ("b", 80),
        ("a", 40),
        (None, 14900),
    ]
    assert totals.expert_ids() == {"a", "b"}


@given(st.lists(st.tuples(st.sampled_from(["TRY", "EUR", "credit"]), st.integers(-100, 10**9)), max_size=40))
def test_totals_are_the_sum_of_the_lines(parts: list[tuple[str, int]]) -> None:
    totals = rules.Totals(Group.ALL)
    for unit, amount in parts:
        totals.add(by_card(parts=[SalePart(payment_type=PaymentType.CARD, amount=amount, unit=unit)]))
    summed = {total.unit: total.actual for total in totals.result()}
    assert summed == {unit: sum(each for of, each in parts if of == unit) for unit, _ in parts}


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (NOV, NOV, "to"),
        (DEC, NOV, "to"),
        (NOV, NOV + timedelta(days=397, seconds=1), "to"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), DEC, "from"),
        (NOV, datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), "to"),
    ],
)
def test_a_time_that_is_empty_too_long_or_out_of_the_calendar_is_refused(
    since: datetime, until: datetime, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        Filters(since=since, until=until)
    assert (refused.value.code, refused.value.field) == ("RANGE_INVALID", field)


def test_thirteen_months_are_not_too_long() -> None:
    whole = Filters(since=datetime(2027, 12, 1, tzinfo=UTC), until=datetime(2029, 1, 1, tzinfo=UTC))
    assert whole.until - whole.since == timedelta(days=397)


def test_every_language_has_every_word() -> None:
    turkish = TEXTS[Locale.TURKISH]
    for texts in TEXTS.values():
        assert texts.keys() == turkish.keys()
        assert all(texts.values())
    for kind, values in (
        ("show", Show),
        ("sale_type", SaleTypeFilter),
        ("group", Group),
        ("payment_type", PaymentType),
        ("product_type", ProductType),
        ("reason", FailureReason),
        ("rail", Rail),
    ):
        assert all(f"{kind}.{value}" in turkish for value in values)


def test_the_turkish_columns_are_the_seed_s() -> None:
    """B17 to B24, B29 to B35."""
    turkish = TEXTS[Locale.TURKISH]
    sales = ["date", "quantity", "customer", "payment_type", "actual", "share", "shared", "country"]
    assert [turkish[each] for each in sales] == [
        "Tarih",
        "Adet",
        "Kullanıcı",
        "Ödeme Tipi",
        "Gerçekleşen",
        "Paylaşım %",
        "Paylaşılan",
        "Ülke",
    ]
    failed = ["date", "customer", "reason", "product_type", "product_name", "price", "country"]
    assert [turkish[each] for each in failed] == [
        "Tarih",
        "Kullanıcı",
        "Neden",
        "Ürün Tipi",
        "Ürün Adı",
        "Ücret",
        "Ülke",
    ]

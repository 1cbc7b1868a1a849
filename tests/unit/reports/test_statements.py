"""V11, B41, B42: shares as sold, reversed as sold, payable after the delay, each unit by itself."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from chalicelib.orders.lines import PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.reports.statements import StatementTotal, folded, totalled

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
DELAY = timedelta(days=14)


def part(unit: str, amount: int, share: int) -> SalePart:
    return SalePart(payment_type=PaymentType.CARD, amount=amount, unit=unit, share=share)


def sale(sale_id: str, *parts: SalePart, at: datetime = AT, reverses: str | None = None) -> Sale:
    return Sale(
        id=sale_id,
        platform_id="p",
        sold_at=at,
        product_type=ProductType.APPOINTMENT,
        product_id="apk_1",
        product_name="Seans",
        quantity=1,
        customer_id="c",
        expert_id="e",
        sale_type=SaleType.CARD,
        parts=list(parts),
        share_basis_points=7_000,
        country="TR",
        reverses=reverses,
    )


def totals(*sales: Sale, now: datetime = AT) -> list[StatementTotal]:
    return totalled(list(folded(sales, DELAY)), now)


def total(unit: str, earned: int, reversed_: int, payable: int) -> StatementTotal:
    return StatementTotal(
        unit=unit, earned=earned, reversed=reversed_, due=earned - reversed_, payable=payable
    )


def test_b40_units_are_never_added_together() -> None:
    mixed = sale("sal_1", part("credit", 100, 70), part("TRY", 10_000, 7_000))
    euro = sale("sal_2", part("EUR", 5_000, 3_500))
    assert totals(mixed, euro) == [
        total("EUR", 3_500, 0, 0),
        total("TRY", 7_000, 0, 0),
        total("credit", 70, 0, 0),
    ]


def test_v11_a_share_is_payable_from_the_instant_that_the_delay_ends() -> None:
    sold = sale("sal_1", part("TRY", 10_000, 7_000))
    assert totals(sold, now=AT + DELAY - timedelta(milliseconds=1)) == [total("TRY", 7_000, 0, 0)]
    assert totals(sold, now=AT + DELAY) == [total("TRY", 7_000, 0, 7_000)]


def test_what_is_reversed_within_the_delay_is_never_payable() -> None:
    sold = sale("sal_1", part("TRY", 10_000, 7_000))
    back = sale("sal_1-r1", part("TRY", -5_000, -3_500), at=AT + timedelta(days=13), reverses="sal_1")
    assert totals(sold, back, now=AT + timedelta(days=13)) == [total("TRY", 7_000, 3_500, 0)]
    assert totals(sold, back, now=AT + DELAY) == [total("TRY", 7_000, 3_500, 3_500)]


def test_what_reverses_a_sale_before_the_statement_counts_when_the_sale_would() -> None:
    back = sale("sal_0-r1", part("TRY", -5_000, -3_500), at=AT + timedelta(days=13), reverses="sal_0")
    back = replace(back, reverses_sold_at=AT)
    assert totals(back, now=AT + DELAY - timedelta(milliseconds=1)) == [total("TRY", 0, 3_500, 0)]
    assert totals(back, now=AT + DELAY) == [total("TRY", 0, 3_500, -3_500)]


def test_a_reversing_line_that_does_not_know_when_its_sale_was_sold_counts_at_once() -> None:
    back = sale("sal_0-r1", part("TRY", -5_000, -3_500), reverses="sal_0")
    assert totals(back) == [total("TRY", 0, 3_500, -3_500)]


def test_a_line_names_its_sale_and_the_one_that_it_reverses() -> None:
    sold = sale("sal_1", part("TRY", 10_000, 7_000))
    back = replace(sold, id="sal_1-r1", parts=[part("TRY", -10_000, -7_000)], reverses="sal_1")
    lines = list(folded([back, sold], DELAY))
    assert [(line.sale_id, line.reverses, line.payable_at) for line in lines] == [
        ("sal_1-r1", "sal_1", AT + DELAY),
        ("sal_1", None, AT + DELAY),
    ]

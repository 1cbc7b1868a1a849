"""Reports and their files, from the effects that bring the rows to the file that is downloaded, on moto."""

import re
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from msgspec.structs import replace
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from chalicelib import aws
from chalicelib.accounts import store as accounts_store
from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.queue import ExportQueue
from chalicelib.calendar.model import ZoneUnknown
from chalicelib.core.actor import Actor, system
from chalicelib.core.errors import UpstreamFailed
from chalicelib.core.money import Money
from chalicelib.core.payments import FailureReason
from chalicelib.core.permissions import Role
from chalicelib.orders.lines import FailedPayment, PaymentType, ProductType, Rail, Sale, SalePart, SaleType
from chalicelib.platforms.model import PlatformSettings
from chalicelib.platforms.service import Platforms
from chalicelib.reports import service as service_module
from chalicelib.reports import walk
from chalicelib.reports.exports import Exports
from chalicelib.reports.model import ExportNotFound, Group, RangeInvalid, SaleTypeFilter, Show, TotalsTooLarge
from chalicelib.reports.service import Reports
from chalicelib.reports.views import Amount, ExportRequest, FailedPaymentsQuery, SalesQuery
from chalicelib.settings import settings
from chalicelib.table import transact
from chalicelib.table.operation import Operation
from chalicelib.table.outbox import Outbox
from chalicelib.table.read import CursorInvalid
from tests.store.booking.studio import CallCount

PLATFORM = "sesli"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
numbers = count()
platforms = Platforms()
accounts = Accounts(platforms, None)  # type: ignore[arg-type] - nobody signs up here
reports = Reports(accounts)
exports = Exports(platforms, accounts, reports, S3Files(), ExportQueue())
PEOPLE = {
    "ayse": (Role.EXPERT, "Ayşe Şahin"),
    "reza": (Role.EXPERT, "رضا کریمی"),
    "bora": (Role.EXPERT, "Bora"),
    "ali": (Role.CUSTOMER, "=1+1"),
    "veli": (Role.CUSTOMER, "Veli Çağ"),
}


@pytest.fixture(autouse=True)
def people(table: None) -> None:
    founder = Operation(actor=system(PLATFORM), name="create", key="create")
    platforms.create(founder, "Sesli", sandbox=False, settings=PlatformSettings())
    known = [
        Account(
            id=account_id,
            platform_id=PLATFORM,
            role=role,
            state=AccountState.ACTIVE,
            email=f"{account_id}@example.com",
            name=name,
            country="TR",
            locale=Locale.TURKISH,
            created_at=NOON,
        )
        for account_id, (role, name) in PEOPLE.items()
    ]
    transact.commit([accounts_store.saved(account) for account in known], "people")


@pytest.fixture
def worker() -> None:
    aws.client("s3").create_bucket(
        Bucket=settings().exports_bucket,
        CreateBucketConfiguration={"LocationConstraint": settings().region},
    )
    aws.client("sqs").create_queue(QueueName="exports")


def on_the_wall(*parts: int) -> datetime:
    """A spreadsheet's dates know no zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type] - year to second


def operation() -> Operation:
    admin = Actor(id="admin", platform_id=PLATFORM, roles=frozenset({Role.ADMIN}))
    return Operation(actor=admin, name="test", key=f"key-{next(numbers)}")


def sale(number: int, **changed: Any) -> Sale:
    fields: dict[str, Any] = {
        "id": f"sal_{number:03d}",
        "platform_id": PLATFORM,
        "sold_at": NOON + timedelta(minutes=number),
        "product_type": ProductType.APPOINTMENT,
        "product_id": "apk_1",
        "product_name": "Görüşme",
        "quantity": 1,
        "customer_id": "ali",
        "expert_id": "ayse",
        "sale_type": SaleType.CREDIT,
        "parts": [SalePart(payment_type=PaymentType.CREDIT, amount=40, unit="credit", share=26)],
        "share_basis_points": 6500,
        "country": "TR",
    }
    return Sale(**fields | changed)


def package(number: int, **changed: Any) -> Sale:
    part = SalePart(payment_type=PaymentType.CARD, amount=149050, unit="TRY")
    fields: dict[str, Any] = {
        "product_type": ProductType.CREDIT,
        "product_name": "@100 Kredi",
        "expert_id": None,
        "sale_type": SaleType.CARD,
        "parts": [part],
        "share_basis_points": 0,
    }
    return sale(number, **fields | changed)


def failed(number: int, **changed: Any) -> FailedPayment:
    fields: dict[str, Any] = {
        "id": f"fpm_{number:03d}",
        "platform_id": PLATFORM,
        "failed_at": NOON + timedelta(minutes=number),
        "customer_id": "veli",
        "reason": FailureReason.INSUFFICIENT_FUNDS,
        "raw_code": "insufficient_funds",
        "rail": Rail.CARD,
        "product_type": ProductType.CREDIT,
        "product_id": "cpk_1",
        "product_name": "+100 Kredi",
        "amount": 10005,
        "unit": "KWD",
        "country": "KW",
        "order_id": "ord_1",
    }
    return FailedPayment(**fields | changed)


def sold(*sales: Sale) -> None:
    for each in sales:
        reports.record_sale(PLATFORM, msgspec.to_builtins(each))


def not_paid(*payments: FailedPayment) -> None:
    for each in payments:
        reports.record_failed_payment(PLATFORM, msgspec.to_builtins(each))


def asked(**changed: Any) -> SalesQuery:
    return SalesQuery(**{"since": SINCE, "until": UNTIL} | changed)


def shown(**changed: Any) -> list[str]:
    return [line.sale_id for line in reports.sales(PLATFORM, asked(**changed)).items]


def paged(**changed: Any) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = reports.sales(PLATFORM, asked(cursor=cursor, **changed))
        seen += [line.sale_id for line in page.items]
        cursor = page.cursor
        if cursor is None:
            return seen


def test_a_row_is_written_once_however_often_its_effect_runs() -> None:
    for _ in range(3):
        sold(sale(1))
        not_paid(failed(1))
    assert shown() == ["sal_001"]
    query = FailedPaymentsQuery(since=SINCE, until=UNTIL)
    assert len(reports.failed_payments(PLATFORM, query).items) == 1


def test_every_column_of_a_sale() -> None:
    """B17 to B24, B42."""
    part = SalePart(
        payment_type=PaymentType.CREDIT, amount=40, unit="credit", cost=Money(796, "TRY"), share=26
    )
    sold(sale(1, parts=[part]))
    (line,) = reports.sales(PLATFORM, asked()).items
    assert msgspec.to_builtins(line) == {
        "sale_id": "sal_001",
        "sold_at": "2026-11-22T12:01:00Z",
        "sale_type": "credit",
        "expert_id": "ayse",
        "expert_name": "Ayşe Şahin",
        "quantity": 1,
        "customer_id": "ali",
        "customer_name": "=1+1",
        "payment_type": "credit",
        "actual": {"amount": 40, "unit": "credit"},
        "cost": {"amount": 796, "currency": "TRY"},
        "share_basis_points": 6500,
        "shared": {"amount": 26, "unit": "credit"},
        "shared_cost": {"amount": 517, "currency": "TRY"},
        "country": "TR",
        "product_type": "appointment",
        "product_id": "apk_1",
        "product_name": "Görüşme",
    }


def test_a_mixed_sale_prints_a_line_for_each_part() -> None:
    gift = SalePart(payment_type=PaymentType.GIFT, amount=10, unit="credit")
    bought = SalePart(payment_type=PaymentType.CREDIT, amount=30, unit="credit")
    sold(sale(1, parts=[gift, bought], quantity=2))
    lines = reports.sales(PLATFORM, asked(limit=1)).items
    assert [(line.payment_type, line.quantity) for line in lines] == [("gift", 2), ("credit", None)]


def test_the_time_begins_with_from_and_ends_before_to() -> None:
    """B4."""
    sold(sale(0), sale(1), sale(2))
    minute = timedelta(minutes=1)
    assert shown(since=NOON, until=NOON + 2 * minute) == ["sal_001", "sal_000"]
    assert shown(since=NOON + minute, until=UNTIL) == ["sal_002", "sal_001"]
    with pytest.raises(RangeInvalid):
        shown(since=UNTIL, until=SINCE)


def test_a_report_goes_over_months_and_years_newest_first() -> None:
    instants = [SINCE, NOON, datetime(2026, 12, 31, 23, 59, 59, 999000, tzinfo=UTC), UNTIL]
    sold(*(sale(number, sold_at=instant) for number, instant in enumerate(instants)))
    assert shown() == ["sal_002", "sal_001", "sal_000"]
    assert paged(limit=1) == ["sal_002", "sal_001", "sal_000"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"group": Group.EXPERT},
        {"customer_id": "ali"},
        {"expert_id": "ayse"},
        {"show": Show.APPOINTMENTS},
        {"sale_type": SaleTypeFilter.CARD},
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_make_up_the_whole_report(changed: dict[str, Any], limit: int) -> None:
    for number in range(8):
        month = NOON + timedelta(days=30 * (number % 2), minutes=number)
        sold(package(number, sold_at=month) if number % 3 == 0 else sale(number, sold_at=month))
    whole = shown(limit=100, **changed)
    assert paged(limit=limit, **changed) == whole
    assert len(whole) == len(set(whole)) > 2


def test_a_long_look_for_few_sales_is_cut_into_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_MAX_READ_FOR_A_PAGE", 3)
    sold(package(0), *(sale(number) for number in range(1, 8)))
    first = reports.sales(PLATFORM, asked(show=Show.PACKAGES))
    assert first.items == []
    assert first.cursor
    assert paged(show=Show.PACKAGES) == ["sal_000"]


def test_grouped_by_expert_they_stand_expert_by_expert() -> None:
    """B15: by the experts' names, then what no expert sold; inside a group the newest first."""
    sold(
        sale(1, expert_id="reza"),
        sale(2),
        package(3),
        sale(4, expert_id="bora"),
        sale(5),
        sale(6, expert_id="reza"),
    )
    assert shown(group=Group.EXPERT) == ["sal_005", "sal_002", "sal_004", "sal_006", "sal_001", "sal_003"]
    assert shown(group=Group.EXPERT, expert_id="reza") == ["sal_006", "sal_001"]
    report = reports.sales(PLATFORM, asked(group=Group.EXPERT, totals=True, limit=1))
    assert [
        (each.expert_name, each.quantity, each.actual.amount, each.actual.unit)
        for each in report.totals or []
    ] == [
        ("Ayşe Şahin", 2, 80, "credit"),
        ("Bora", 1, 40, "credit"),
        ("رضا کریمی", 2, 80, "credit"),
        (None, 1, 149050, "TRY"),
    ]


def test_a_small_page_of_a_rare_filter_is_read_in_few_calls() -> None:
    sold(*(sale(number) for number in range(20)))
    rare = {"customer_id": "ali", "show": Show.EVENTS, "limit": 1}
    count = CallCount()
    assert shown(**rare) == []
    assert count.names.count("Query") == 1


def test_totals_are_of_the_whole_report_and_only_on_request() -> None:
    sold(sale(1), sale(2), package(3))
    assert reports.sales(PLATFORM, asked()).totals is None
    totals = reports.sales(PLATFORM, asked(totals=True, limit=1)).totals or []
    assert [
        (each.payment_type, each.actual.unit, each.actual.amount, each.shared.amount) for each in totals
    ] == [
        ("card", "TRY", 149050, 0),
        ("credit", "credit", 80, 52),
    ]


def test_too_many_sales_are_not_totalled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "MAX_TOTALLED", 2)
    sold(sale(1), sale(2), sale(3))
    with pytest.raises(TotalsTooLarge):
        reports.sales(PLATFORM, asked(totals=True))


def test_no_more_is_looked_through_for_totals_than_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    sold(sale(1), sale(2), sale(3))
    rare = asked(totals=True, expert_id="ayse", show=Show.EVENTS)
    monkeypatch.setattr(service_module, "MAX_READ_TO_TOTAL", 3)
    assert reports.sales(PLATFORM, rare).totals == []
    monkeypatch.setattr(service_module, "MAX_READ_TO_TOTAL", 2)
    with pytest.raises(TotalsTooLarge) as refused:
        reports.sales(PLATFORM, rare)
    assert refused.value.field == "totals"


def test_filters_are_kept_in_the_lists_of_a_customer_and_of_an_expert() -> None:
    """B9, B10."""
    sold(sale(1), sale(2, customer_id="veli"), package(3), package(4, customer_id="veli"))
    assert shown(customer_id="veli") == ["sal_004", "sal_002"]
    assert shown(customer_id="veli", show=Show.PACKAGES) == ["sal_004"]
    assert shown(expert_id="ayse", customer_id="ali") == ["sal_001"]
    assert shown(group=Group.EXPERT, customer_id="veli") == ["sal_002", "sal_004"]


def test_another_platform_sees_nothing() -> None:
    sold(sale(1))
    assert reports.sales("other", asked()).items == []


@pytest.mark.parametrize(
    "cursor",
    ["x", "bm9uc2Vuc2U", "WyJQTEFURk9STSNzZXNsaSNTQUxFUyMyMDI2LTExIiwiWiJd", "WyJub2JvZHkiLCIyMDI2LTExIl0"],
)
def test_a_cursor_that_was_not_given_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        shown(cursor=cursor)


@pytest.mark.parametrize("whose", [{}, {"customer_id": "veli"}])
def test_a_cursor_of_another_report_is_refused(whose: dict[str, str]) -> None:
    sold(sale(1, customer_id="veli"), sale(2, customer_id="veli"))
    not_paid(failed(1), failed(2))
    cursor = reports.sales(PLATFORM, asked(limit=1, **whose)).cursor
    assert cursor is not None
    with pytest.raises(CursorInvalid):
        reports.failed_payments(
            PLATFORM, FailedPaymentsQuery(since=SINCE, until=UNTIL, cursor=cursor, **whose)
        )


def test_a_cursor_of_the_longest_ids_is_taken() -> None:
    platform, customer, attempt = "p" * 31, "c" * 64, f"cs_live_{'a' * 58}-left"
    for number in (1, 2):
        payment = failed(
            number, platform_id=platform, customer_id=customer, id=f"ord_{number:026d}-{attempt}"
        )
        reports.record_failed_payment(platform, msgspec.to_builtins(payment))
    query = {"from": SINCE.isoformat(), "to": UNTIL.isoformat(), "customer_id": customer, "limit": 1}
    first = reports.failed_payments(platform, msgspec.convert(query, FailedPaymentsQuery))
    asked_on = msgspec.convert(query | {"cursor": first.cursor}, FailedPaymentsQuery)
    assert len(reports.failed_payments(platform, asked_on).items) == 1


def test_an_erased_person_has_no_name() -> None:
    sold(sale(1, customer_id="nobody"))
    (line,) = reports.sales(PLATFORM, asked()).items
    assert (line.customer_id, line.customer_name) == ("nobody", None)


def test_failed_payments_and_their_columns() -> None:
    """B26 to B35."""
    not_paid(failed(1), failed(2, customer_id="ali", product_type=ProductType.APPOINTMENT))

    def ids(**changed: Any) -> list[str]:
        query = FailedPaymentsQuery(**{"since": SINCE, "until": UNTIL} | changed)
        return [line.id for line in reports.failed_payments(PLATFORM, query).items]

    assert ids() == ["fpm_002", "fpm_001"]
    assert ids(show=Show.PACKAGES) == ["fpm_001"]
    assert ids(customer_id="ali") == ["fpm_002"]
    assert ids(until=NOON) == []
    line = reports.failed_payments(PLATFORM, FailedPaymentsQuery(since=SINCE, until=UNTIL)).items[1]
    assert (line.customer_name, line.reason, line.raw_code) == (
        "Veli Çağ",
        "insufficient_funds",
        "insufficient_funds",
    )
    assert (line.product_type, line.product_name) == ("credit", "+100 Kredi")
    assert line.price == Amount(amount=10005, unit="KWD")
    assert (line.failed_at, line.country, line.rail) == (NOON + timedelta(minutes=1), "KW", "card")


def an_export(**changed: Any) -> str:
    """Asked for, and told to the worker by the outbox."""
    asking = operation()
    answer = exports.create(asking, ExportRequest(**{"since": SINCE, "until": UNTIL} | changed))
    export_id: str = msgspec.json.decode(answer.body)["id"]
    assert Outbox({"report.export": exports.request_export}).drain(asking.receipt_key)
    return export_id


def message() -> dict[str, str]:
    (received,) = aws.client("sqs").receive_message(QueueUrl=settings().export_queue_url)["Messages"]
    told: dict[str, str] = msgspec.json.decode(received["Body"])
    return told


def downloaded(export_id: str) -> BytesIO:
    kept = aws.client("s3").get_object(
        Bucket=settings().exports_bucket, Key=f"exports/{PLATFORM}/{export_id}.xlsx"
    )
    return BytesIO(kept["Body"].read())


def lines_of(content: BytesIO, sheet: int) -> list[list[Any]]:
    content.seek(0)
    return CalamineWorkbook.from_filelike(content).get_sheet_by_index(sheet).to_python()


@pytest.mark.usefixtures("worker")
def test_an_export_is_queued_then_made_then_downloaded() -> None:
    """B36."""
    sold(sale(1))
    export_id = an_export()
    waiting = exports.export(PLATFORM, export_id)
    assert (waiting.state, waiting.url) == ("queued", None)
    told = message()
    assert told == {"platform_id": PLATFORM, "export_id": export_id}
    exports.run_export(**told)
    done = exports.export(PLATFORM, export_id)
    assert (done.state, done.sale_rows, done.failed_rows) == ("done", 1, 0)
    asked_for = parse_qs(urlsplit(done.url or "").query)
    assert asked_for["X-Amz-Expires"] == ["300"]
    assert asked_for["response-content-disposition"] == [
        'attachment; filename="sales-2026-10-01-2027-01-01.xlsx"'
    ]


@pytest.mark.usefixtures("worker")
def test_the_file_holds_both_tabs_with_real_dates_and_numbers_and_no_formula() -> None:
    """B45, with names and products that look like formulas."""
    gift = SalePart(payment_type=PaymentType.GIFT, amount=10, unit="credit", share=6)
    bought = SalePart(
        payment_type=PaymentType.CREDIT, amount=30, unit="credit", cost=Money(597, "TRY"), share=20
    )
    sold(sale(1, parts=[gift, bought], expert_id="reza"), package(2))
    not_paid(failed(3))
    export_id = an_export(locale=Locale.TURKISH, zone="Europe/Istanbul")
    exports.run_export(PLATFORM, export_id)
    content = downloaded(export_id)
    header, first, second, third = lines_of(content, 0)
    assert header[:11] == [
        "Tarih",
        "Satış Şekli",
        "Uzman",
        "Adet",
        "Kullanıcı",
        "Ödeme Tipi",
        "Gerçekleşen",
        "Birim",
        "Paylaşım %",
        "Paylaşılan",
        "Ülke",
    ]
    assert first[:11] == [
        on_the_wall(2026, 11, 22, 15, 2),
        "Kartlı Satış",
        "",
        1,
        "=1+1",
        "Kredi Kartı",
        1490.5,
        "TRY",
        0,
        0,
        "TR",
    ]
    assert second[:11] == [
        on_the_wall(2026, 11, 22, 15, 1),
        "Kredili Satış",
        "رضا کریمی",
        1,
        "=1+1",
        "Hediye Kredi",
        10,
        "Hediye Kredi",
        0.65,
        6,
        "TR",
    ]
    assert third[3:8] == ["", "=1+1", "Kredi", 30, "Kredi"]
    assert third[13:16] == [5.97, 3.88, "TRY"]
    assert lines_of(content, 1)[0][:8] == [
        "Tarih",
        "Kullanıcı",
        "Neden",
        "Ürün Tipi",
        "Ürün Adı",
        "Ücret",
        "Birim",
        "Ülke",
    ]
    assert lines_of(content, 1)[1][:8] == [
        on_the_wall(2026, 11, 22, 15, 3),
        "Veli Çağ",
        "Yetersiz Bakiye",
        "Kredi",
        "+100 Kredi",
        10.005,
        "KWD",
        "KW",
    ]
    with zipfile.ZipFile(content) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
    assert len(sheets) == 4
    assert not any(re.search(r"<f[ >/]", sheet) for sheet in sheets)
    cells = load_workbook(content)["Kredi-Satış detay"][2]
    assert [cell.data_type for cell in cells[:7]] == ["d", "s", "n", "n", "s", "s", "n"]


@pytest.mark.usefixtures("worker")
def test_a_price_in_credits_is_a_number_with_its_unit_beside_it() -> None:
    """B31, B34: what the wallet could not pay stands beside what no card paid."""
    unpaid = failed(
        1, rail=Rail.WALLET, amount=1500, unit="credit", order_id=None, raw_code="INSUFFICIENT_CREDITS"
    )
    not_paid(unpaid, failed(2, amount=149050, unit="TRY"))
    export_id = an_export(locale=Locale.TURKISH)
    exports.run_export(PLATFORM, export_id)
    content = downloaded(export_id)
    by_card, by_wallet = lines_of(content, 1)[1:]
    assert (by_card[5:7], by_card[8]) == ([1490.5, "TRY"], "Kart")
    assert (by_wallet[2], by_wallet[5:7], by_wallet[8]) == ("Yetersiz Bakiye", [1500, "Kredi"], "Cüzdan")
    sheet = load_workbook(content)["Başarısız Ödemeler"]
    assert [row[5].data_type for row in sheet.iter_rows(min_row=2)] == ["n", "n"]


@pytest.mark.usefixtures("worker")
def test_the_file_tells_what_it_was_filtered_by_and_what_it_comes_to() -> None:
    sold(
        sale(1),
        package(2),
        package(3, parts=[SalePart(payment_type=PaymentType.CARD, amount=900, unit="EUR")]),
    )
    export_id = an_export(locale=Locale.ENGLISH, customer_id="ali", show=Show.ALL)
    exports.run_export(PLATFORM, export_id)
    content = downloaded(export_id)
    filters = dict(lines_of(content, 2)[1:])
    assert (filters["From (included)"], filters["To (not included)"]) == (
        SINCE.date(),
        UNTIL.date(),
    )
    assert (filters["User"], filters["Expert"], filters["Show"], filters["Time zone"]) == (
        "=1+1",
        "All",
        "All",
        "UTC",
    )
    assert lines_of(content, 3)[1:] == [
        ["All", "Credit card", "EUR", 1, 9, 0],
        ["All", "Credit card", "TRY", 1, 1490.5, 0],
        ["All", "Credit", "Credit", 1, 40, 26],
    ]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("locale", "nobody"),
    [(Locale.ENGLISH, "No expert"), (Locale.TURKISH, "Uzmansız"), (Locale.PERSIAN, "بدون متخصص")],
)
def test_b15_what_no_expert_sold_has_a_name_of_its_own_among_the_totals(locale: Locale, nobody: str) -> None:
    sold(sale(1), package(2))
    export_id = an_export(locale=locale, group=Group.EXPERT)
    exports.run_export(PLATFORM, export_id)
    assert [line[0] for line in lines_of(downloaded(export_id), 3)[1:]] == ["Ayşe Şahin", nobody]


@pytest.mark.usefixtures("worker")
def test_the_persian_file_reads_from_right_to_left() -> None:
    sold(sale(1, product_name="مشاوره"))
    export_id = an_export(locale=Locale.PERSIAN, zone="Asia/Tehran")
    exports.run_export(PLATFORM, export_id)
    content = downloaded(export_id)
    book = load_workbook(content)
    assert book.sheetnames[1] == "پرداخت‌های ناموفق"
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    header, line = lines_of(content, 0)
    assert (header[0], line[0], line[12]) == ("تاریخ", on_the_wall(2026, 11, 22, 15, 31), "مشاوره")


@pytest.mark.usefixtures("worker")
def test_a_file_holds_what_the_report_shows_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "READ_AT_ONCE", 2)
    for number in range(7):
        sold(package(number) if number % 3 == 0 else sale(number, expert_id=("ayse", "reza")[number % 2]))
    for changed in (
        {},
        {"group": Group.EXPERT},
        {"show": Show.PACKAGES},
        {"sale_type": SaleTypeFilter.CREDIT},
    ):
        export_id = an_export(**changed)
        exports.run_export(PLATFORM, export_id)
        ids = [line[16] for line in lines_of(downloaded(export_id), 0)[1:]]
        assert ids == shown(**changed)


@pytest.mark.usefixtures("worker")
def test_a_worker_that_is_told_twice_writes_one_file() -> None:
    sold(sale(1))
    export_id = an_export()
    exports.run_export(PLATFORM, export_id)
    first = downloaded(export_id).getvalue()
    sold(sale(2))
    exports.run_export(PLATFORM, export_id)
    assert downloaded(export_id).getvalue() == first
    assert exports.export(PLATFORM, export_id).sale_rows == 1


class BrokenFiles(S3Files):
    def put(self, key: str, content: object, content_type: str) -> None:
        raise UpstreamFailed


@pytest.mark.usefixtures("worker")
def test_an_export_that_fails_is_tried_three_times_and_then_given_up() -> None:
    export_id = an_export()
    broken = Exports(platforms, accounts, reports, BrokenFiles(), ExportQueue())
    for state in ("running", "running", "failed"):
        with pytest.raises(UpstreamFailed):
            broken.run_export(PLATFORM, export_id)
        assert exports.export(PLATFORM, export_id).state == state
    exports.run_export(PLATFORM, export_id)
    assert exports.export(PLATFORM, export_id).state == "failed"


@pytest.mark.usefixtures("worker")
def test_an_export_that_failed_once_succeeds_later() -> None:
    sold(sale(1))
    export_id = an_export()
    with pytest.raises(UpstreamFailed):
        Exports(platforms, accounts, reports, BrokenFiles(), ExportQueue()).run_export(PLATFORM, export_id)
    exports.run_export(PLATFORM, export_id)
    assert exports.export(PLATFORM, export_id).state == "done"


@pytest.mark.usefixtures("worker")
def test_of_two_workers_the_word_of_one_stands() -> None:
    sold(sale(1))
    export_id = an_export()

    class Overtaken(S3Files):
        def put(self, key: str, content: Any, content_type: str) -> None:
            exports.run_export(PLATFORM, export_id)
            super().put(key, content, content_type)

    Exports(platforms, accounts, reports, Overtaken(), ExportQueue()).run_export(PLATFORM, export_id)
    assert exports.export(PLATFORM, export_id).state == "done"


@pytest.mark.usefixtures("worker")
def test_an_export_belongs_to_its_platform() -> None:
    export_id = an_export()
    for platform_id, wanted in (("other", export_id), (PLATFORM, "exp_none")):
        with pytest.raises(ExportNotFound):
            exports.export(platform_id, wanted)
    exports.run_export("other", export_id)
    assert exports.export(PLATFORM, export_id).state == "queued"


@pytest.mark.usefixtures("worker")
def test_an_export_with_a_false_zone_or_time_is_refused() -> None:
    with pytest.raises(ZoneUnknown):
        an_export(zone="Mars/Olympus")
    with pytest.raises(RangeInvalid):
        an_export(until=SINCE)


@pytest.mark.usefixtures("worker")
def test_what_the_vendor_refuses_is_its_failure() -> None:
    aws.client("s3").delete_bucket(Bucket=settings().exports_bucket)
    aws.client("sqs").delete_queue(QueueUrl=settings().export_queue_url)
    with pytest.raises(UpstreamFailed):
        S3Files().put("exports/x", BytesIO(b"x"), "text/plain")
    with pytest.raises(UpstreamFailed):
        ExportQueue().send({})


def test_the_share_of_an_old_row_does_not_follow_the_expert() -> None:
    """B41."""
    sold(sale(1))
    expert = replace(accounts.get(PLATFORM, "ayse"), share_basis_points=100)
    transact.commit([accounts_store.saved(expert)], "share")
    (line,) = reports.sales(PLATFORM, asked()).items
    assert (line.share_basis_points, line.shared.amount) == (6500, 26)

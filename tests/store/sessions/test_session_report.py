"""The report of sessions (B46, V24): what it adds up, and its Excel file."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from chalicelib import aws
from chalicelib.accounts.model import Locale
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.queue import ExportQueue
from chalicelib.reports import service as report_service
from chalicelib.reports.exports import Exports
from chalicelib.reports.model import ReportKind, SessionTotals, Show, TotalsTooLarge
from chalicelib.reports.views import ExportRequest, ExportView, SessionsQuery, SessionsReport
from chalicelib.settings import settings
from tests.store.booking import studio
from tests.store.booking.studio import ADA, ADMIN, EXPERT, PLATFORM, actor, instant, operation
from tests.store.sessions.hall import booked, drain, end, join, open_hall, reports, sweeper

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")
DAY = {"since": instant("00:00"), "until": instant("23:59")}
exports = Exports(studio.platforms, studio.accounts, reports, S3Files(), ExportQueue())


@pytest.fixture(autouse=True)
def three_sessions(table, moving_clock, monkeypatch) -> None:
    """Of the expert's two customers: one as booked, one that its expert ended 12 minutes late, one missed."""
    open_hall(monkeypatch)
    as_booked = booked()
    overrun = booked("by_expert", start="11:00", who=BORA)
    booked(start="13:00", who=BORA)

    def at(time: str) -> None:
        moving_clock.instant = datetime.fromisoformat(f"{studio.OPEN_DAY}T{time}").replace(tzinfo=UTC)

    for start, customer, booking_id in (("10:00", ADA, as_booked), ("11:00", BORA, overrun)):
        at(start)
        join(booking_id, EXPERT)
        join(booking_id, customer)
    at("11:42")
    end(overrun, EXPERT)
    at("20:00")
    sweeper.run()
    drain()


def report(**asked: Any) -> SessionsReport:
    return reports.sessions(PLATFORM, SessionsQuery(**DAY | asked))


def test_b46_totals_are_of_the_whole_report_and_of_its_filters() -> None:
    everything = report(totals=True, limit=1)
    assert (len(everything.items), everything.cursor is None) == (1, False)
    assert everything.totals == SessionTotals(
        sessions=3, missed=1, customer_minutes=72, expert_minutes=72, overrun_minutes=12
    )
    of_bora = report(totals=True, customer_id="bora").totals
    assert of_bora == SessionTotals(
        sessions=2, missed=1, customer_minutes=42, expert_minutes=42, overrun_minutes=12
    )
    assert report(totals=True, expert_id="deniz").totals == SessionTotals()
    assert report().totals is None


def test_too_many_sessions_are_not_totalled_at_once(monkeypatch) -> None:
    monkeypatch.setattr(report_service, "MAX_TOTALLED", 2)
    with pytest.raises(TotalsTooLarge):
        report(totals=True)
    assert report(totals=True, customer_id="bora").totals is not None


def test_no_more_sessions_are_looked_through_for_totals_than_so_many(monkeypatch) -> None:
    monkeypatch.setattr(report_service, "MAX_READ_TO_TOTAL", 3)
    assert report(totals=True, expert_id="elif", customer_id="bora").totals is not None
    monkeypatch.setattr(report_service, "MAX_READ_TO_TOTAL", 2)
    with pytest.raises(TotalsTooLarge):
        report(totals=True, expert_id="elif", customer_id="bora")


@pytest.fixture
def worker() -> None:
    where = {"LocationConstraint": settings().region}
    aws.client("s3").create_bucket(Bucket=settings().exports_bucket, CreateBucketConfiguration=where)


def exported(**asked: Any) -> tuple[ExportView, CalamineWorkbook]:
    request = ExportRequest(report=ReportKind.SESSIONS, **DAY | asked)
    export_id = exports.create(operation(str(asked), ADMIN), request).read_as(ExportView).id
    exports.run_export(PLATFORM, export_id)
    key = f"exports/{PLATFORM}/{export_id}.xlsx"
    content = aws.client("s3").get_object(Bucket=settings().exports_bucket, Key=key)["Body"].read()
    return exports.export(PLATFORM, export_id), CalamineWorkbook.from_filelike(BytesIO(content))


@pytest.mark.usefixtures("worker")
def test_b46_the_excel_file_has_every_line_its_filters_and_its_totals() -> None:
    view, book = exported(locale=Locale.ENGLISH, zone="Europe/Istanbul")
    assert (view.state, view.session_rows, view.sale_rows, view.failed_rows) == ("done", 3, None, None)
    assert view.file_name == "sessions-2026-11-23-2026-11-23.xlsx"
    assert book.sheet_names == ["Sessions", "Filters", "Totals"]
    header, missed, overrun, as_booked = book.get_sheet_by_name("Sessions").to_python()
    assert header[:4] == ["Date", "Expert", "User", "Product name"]
    at_two = datetime(2026, 11, 23, 14, tzinfo=UTC).replace(tzinfo=None)
    assert overrun[:3] == [at_two, "Elif", "Bora"]
    assert overrun[4:7] == ["Video", 30, "Held"]
    assert overrun[8:15] == ["Expert", 42, 42, 0, 0, 12, 0]
    assert (missed[6], missed[8], missed[11]) == ("Missed", "Clock", "")
    assert (as_booked[2], as_booked[9]) == ("Ada", 30)
    totals = dict(book.get_sheet_by_name("Totals").to_python()[1:])
    assert (totals["Sessions"], totals["Missed"], totals["Overrun (min)"]) == (3, 1, 12)


@pytest.mark.usefixtures("worker")
def test_the_file_of_sessions_keeps_the_filters_of_people_alone() -> None:
    view, book = exported(locale=Locale.TURKISH, customer_id="ada", show=Show.PACKAGES)
    assert view.session_rows == 1
    filters = dict(book.get_sheet_by_name("Filtreler").to_python()[1:])
    assert (filters["Kullanıcı"], "Göster" in filters) == ("Ada", False)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (Locale.TURKISH, ["Seans", "Seans 2 / 2", "Seans 1 / 2", ""]),
        (Locale.PERSIAN, ["جلسه", "جلسهٔ ۲ از ۲", "جلسهٔ ۱ از ۲", ""]),
        (Locale.ENGLISH, ["Session", "Session 2 of 2", "Session 1 of 2", ""]),
    ],
)
def test_the_report_and_its_file_say_which_session_of_a_package_it_was(locale, shown, moving_clock) -> None:
    """The one joined and the one missed, of a package of two; another was booked by itself."""
    moving_clock.instant = instant("2026-11-24T05:00:00")
    first = studio.booked("2026-11-24T10:00:00", "apk_pair")
    second = studio.use(str(first.assignment_id), "2026-11-24T12:00:00")
    moving_clock.instant = instant("2026-11-24T10:00:00")
    join(first.id, ADA)
    end(first.id, EXPERT)
    moving_clock.instant = instant("2026-11-24T20:00:00")
    sweeper.run()
    drain()
    both = {"until": instant("2026-11-24T23:59:00"), "customer_id": "ada"}
    lines = report(**both).items
    assert [line.booking_id for line in lines[:2]] == [second.id, first.id]
    assert [(line.ordinal, line.total) for line in lines] == [(2, 2), (1, 2), (None, None)]
    _, book = exported(locale=locale, **both)
    table = book.get_sheet_by_index(0).to_python()
    place = table[0].index(shown[0])
    assert [row[place] for row in table] == shown

"""A report as an Excel file (B36): asked for, written by a worker, and downloaded by a link."""

from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.calendar.zones import zone_of
from chalicelib.core.ids import new_id
from chalicelib.core.log import log
from chalicelib.platforms.service import Platforms
from chalicelib.reports import rules, shown, store
from chalicelib.reports.model import (
    Export,
    ExportNotFound,
    ExportState,
    ReportKind,
    SaleRow,
    SessionTotals,
)
from chalicelib.reports.names import Names
from chalicelib.reports.port import Files, Queue
from chalicelib.reports.service import Reports
from chalicelib.reports.views import ExportRequest, ExportView
from chalicelib.table import transact
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import StaleDecision

if TYPE_CHECKING:
    from chalicelib.reports.book import Book

EXPORT_REQUESTED = "report.export"
# The queue delivers a message three times before it lays it aside.
MAX_TRIES = 3
_LINES_AT_ONCE = 500
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
T = TypeVar("T")


class Exports:
    """Takes requests for files, and is the worker that writes them."""

    def __init__(
        self, platforms: Platforms, accounts: Accounts, reports: Reports, files: Files, queue: Queue
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._reports = reports
        self._files = files
        self._queue = queue

    def create(self, operation: Operation, request: ExportRequest) -> Answer:
        """Ask for a file; it is written a little later. ``RangeInvalid``, ``ZoneUnknown``."""
        filters, zone = request.filters(), zone_of(request.zone)
        export_id, platform_id = new_id("exp"), operation.platform_id

        def decide(loaded: Loaded) -> Decision:
            export = Export(
                id=export_id,
                platform_id=platform_id,
                report=request.report,
                filters=filters,
                locale=request.locale,
                zone=zone.key,
                requested_by=operation.actor.id,
                created_at=self._platforms.load(loaded, platform_id).now(),
            )
            effect = Effect(kind=EXPORT_REQUESTED, payload={"export_id": export_id})
            return Decision(answer=self._view(export), writes=[store.saved_export(export)], effects=[effect])

        return perform(operation, [self._platforms.key(platform_id)], decide)

    def export(self, platform_id: str, export_id: str) -> ExportView:
        """How far the file is, and where it can be downloaded for five minutes. ``ExportNotFound``."""
        export = store.find_export(platform_id, export_id)
        if export is None:
            raise ExportNotFound(field="export_id")
        return self._view(export)

    def request_export(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Carry out the effect ``report.export``: tell the worker."""
        self._queue.send({"platform_id": platform_id, "export_id": payload["export_id"]})

    def run_export(self, platform_id: str, export_id: str) -> None:
        """Write the file. Told twice, it writes the same file twice; told after it is done, nothing.

        The last of ``MAX_TRIES`` marks the export as failed.
        """
        export = store.find_export(platform_id, export_id)
        if export is None or export.is_final():
            log("export_not_open", platform_id=platform_id, export_id=export_id)
            return
        running = self._saved(replace(export, state=ExportState.RUNNING, tries=export.tries + 1))
        try:
            written = self._write(running)
        except Exception:
            if running.tries >= MAX_TRIES:
                self._saved(replace(running, state=ExportState.FAILED))
            raise
        self._finish(replace(written, state=ExportState.DONE))

    def _write(self, export: Export) -> Export:
        """The export with how many lines each tab got. Only in here is the spreadsheet library loaded."""
        names = Names(self._accounts, export.platform_id)
        of_sessions = export.report is ReportKind.SESSIONS
        book, counted = (self._session_book if of_sessions else self._sales_book)(export, names)
        with TemporaryFile() as content:
            book.save(content)
            content.seek(0)
            self._files.put(export.file_key, content, _CONTENT_TYPE)
        return counted

    def _sales_book(self, export: Export, names: Names) -> tuple["Book", Export]:
        from chalicelib.reports.workbook import ReportBook

        totals = rules.Totals(export.filters.group)
        sales = self._reports.all_sales(export.platform_id, export.filters)
        failed = self._reports.all_failed_payments(export.platform_id, export.filters)
        book = ReportBook(export.locale, zone_of(export.zone))
        for sold in _in_parts(_counted(sales, totals)):
            book.add_sales(shown.sale_lines(sold, names))
        for attempts in _in_parts(failed):
            book.add_failed_payments(shown.failed_payments(attempts, names))
        self._add_filters(book, export, names)
        book.add_totals(shown.totals(totals, names), export.filters.group)
        return book, replace(export, sale_rows=book.sale_rows, failed_rows=book.failed_rows)

    def _session_book(self, export: Export, names: Names) -> tuple["Book", Export]:
        from chalicelib.reports.session_book import SessionBook

        book, totals = SessionBook(export.locale, zone_of(export.zone)), SessionTotals()
        for rows in _in_parts(self._reports.all_sessions(export.platform_id, export.filters)):
            for row in rows:
                totals = totals.plus(row.line)
            book.add_sessions(shown.session_lines(rows, names))
        self._add_filters(book, export, names)
        book.add_totals(totals)
        return book, replace(export, session_rows=book.rows)

    def _add_filters(self, book: "Book", export: Export, names: Names) -> None:
        names.look_up([export.filters.customer_id, export.filters.expert_id])
        book.add_filters(export, names)

    def _saved(self, export: Export) -> Export:
        """The export as it now stands; stale where another worker has taken it on meanwhile."""
        token = f"{export.id}{export.version}{export.state}{export.tries}"
        transact.commit([store.saved_export(export)], token)
        return replace(export, version=export.version + 1)

    def _finish(self, export: Export) -> None:
        """Where another worker was told the same, it writes the same file, and the word is his."""
        try:
            self._saved(export)
        except StaleDecision:
            log("export_taken_on_elsewhere", platform_id=export.platform_id, export_id=export.id)

    def _view(self, export: Export) -> ExportView:
        done = export.state is ExportState.DONE
        return ExportView(
            id=export.id,
            report=export.report,
            state=export.state,
            created_at=export.created_at,
            sale_rows=export.sale_rows,
            failed_rows=export.failed_rows,
            session_rows=export.session_rows,
            file_name=export.file_name,
            url=self._files.link(export.file_key, export.file_name) if done else None,
        )


def _counted(sales: Iterable[SaleRow], totals: rules.Totals) -> Iterator[SaleRow]:
    for row in sales:
        totals.add(row.sale)
        yield row


def _in_parts(rows: Iterator[T]) -> Iterator[list[T]]:
    while part := list(islice(rows, _LINES_AT_ONCE)):
        yield part

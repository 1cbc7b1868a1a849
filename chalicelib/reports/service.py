"""The reports of sales and of failed payments: their rows are written by effects and read page by page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.views import ListQuery
from chalicelib.core.permissions import Role
from chalicelib.orders.lines import FailedPayment, Sale
from chalicelib.reports import rules, shown, store, walk
from chalicelib.reports.model import (
    FailedPaymentRow,
    Filters,
    Group,
    SaleRow,
    SessionRow,
    SessionTotals,
    TotalsTooLarge,
)
from chalicelib.reports.names import Names
from chalicelib.reports.store import Strand
from chalicelib.reports.views import (
    FailedPaymentsQuery,
    FailedPaymentsReport,
    SalesQuery,
    SalesReport,
    SessionsQuery,
    SessionsReport,
    TotalView,
)
from chalicelib.reports.walk import Step
from chalicelib.sessions.lines import SessionLine
from chalicelib.table import read, transact
from chalicelib.table.keys import Key
from chalicelib.table.transact import StaleDecision, Write

MAX_TOTALLED = 20_000
# Of what is read to be totalled, a rare filter shows little.
MAX_READ_TO_TOTAL = 60_000
READ_AT_ONCE = 500
T = TypeVar("T")


class Reports:
    """Writes the rows, and answers the two reports."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def record_sale(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Carry out the effect ``report.sale``: the row is written once, however often it is called."""
        row = SaleRow(sale=msgspec.convert(payload, Sale))
        _create_once(store.sale_key(platform_id, row), store.created_sale(platform_id, row))

    def record_failed_payment(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Carry out the effect ``report.failed_payment``."""
        row = FailedPaymentRow(payment=msgspec.convert(payload, FailedPayment))
        key = store.failed_payment_key(platform_id, row)
        _create_once(key, store.created_failed_payment(platform_id, row))

    def record_session(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Carry out the effect ``report.session``."""
        row = SessionRow(line=msgspec.convert(payload, SessionLine))
        _create_once(store.session_key(platform_id, row), store.created_session(platform_id, row))

    def sales(self, platform_id: str, query: SalesQuery) -> SalesReport:
        """One page of what was sold (B3 to B24), and on request what all of it comes to."""
        filters, names = query.filters(), Names(self._accounts, platform_id)
        strands = self._sale_strands(platform_id, filters)
        rows, cursor = walk.page(
            strands, filters, lambda row: rules.shows_sale(filters, row.sale), query.limit, query.cursor
        )
        totals = self._totals(strands, filters, names) if query.totals else None
        return SalesReport(items=shown.sale_lines(rows, names), cursor=cursor, totals=totals)

    def failed_payments(self, platform_id: str, query: FailedPaymentsQuery) -> FailedPaymentsReport:
        """One page of the attempts to pay that did not succeed (B25 to B35)."""
        filters, names = query.filters(), Names(self._accounts, platform_id)
        rows, cursor = walk.page(
            _failed_payment_strands(platform_id, filters),
            filters,
            lambda row: rules.shows_failed_payment(filters, row.payment),
            query.limit,
            query.cursor,
        )
        return FailedPaymentsReport(items=shown.failed_payments(rows, names), cursor=cursor)

    def sessions(self, platform_id: str, query: SessionsQuery) -> SessionsReport:
        """One page of the sessions that are over (B46, V24)."""
        filters, names = query.filters(), Names(self._accounts, platform_id)
        rows, cursor = walk.page(
            _session_strands(platform_id, filters),
            filters,
            lambda row: rules.shows_session(filters, row.line),
            query.limit,
            query.cursor,
        )
        totals = self._session_totals(platform_id, filters) if query.totals else None
        return SessionsReport(items=shown.session_lines(rows, names), cursor=cursor, totals=totals)

    def all_sales(self, platform_id: str, filters: Filters) -> Iterator[SaleRow]:
        """Every sale of the report, in its order, never more than one read of them in memory."""
        strands = self._sale_strands(platform_id, filters)
        return _sales(walk.walk(strands, filters, READ_AT_ONCE), filters)

    def all_failed_payments(self, platform_id: str, filters: Filters) -> Iterator[FailedPaymentRow]:
        """Every failed payment of the report, in its order."""
        for step in walk.walk(_failed_payment_strands(platform_id, filters), filters, READ_AT_ONCE):
            if step.row and rules.shows_failed_payment(filters, step.row.payment):
                yield step.row

    def all_sessions(self, platform_id: str, filters: Filters) -> Iterator[SessionRow]:
        """Every session of the report, in its order."""
        strands = _session_strands(platform_id, filters)
        return _sessions(walk.walk(strands, filters, READ_AT_ONCE), filters)

    def _sale_strands(self, platform_id: str, filters: Filters) -> list[Strand]:
        """The fewest partitions that hold all that the report shows, in its order (B14, B15)."""
        at = filters.since
        if filters.expert_id:
            return [store.sales_of_expert(platform_id, filters.expert_id, at)]
        if filters.group is Group.EXPERT:
            experts = [store.sales_of_expert(platform_id, each, at) for each in self._experts(platform_id)]
            return [*experts, *store.sales_of_months(platform_id, filters, without_expert=True)]
        if filters.customer_id:
            return [store.sales_of_customer(platform_id, filters.customer_id, at)]
        return store.sales_of_months(platform_id, filters)

    def _experts(self, platform_id: str) -> list[str]:
        """The platform's experts, by name."""
        experts: list[tuple[str, str]] = []
        cursor: str | None = None
        while True:
            page = self._accounts.people(platform_id, Role.EXPERT, ListQuery(limit=100, cursor=cursor))
            experts += [(each.name.casefold(), each.id) for each in page.items]
            cursor = page.cursor
            if cursor is None:
                return [expert_id for _, expert_id in sorted(experts)]

    def _totals(self, strands: Sequence[Strand], filters: Filters, names: Names) -> list[TotalView]:
        totals = rules.Totals(filters.group)
        for row in _bounded(_sales(_to_total(strands, filters), filters), MAX_TOTALLED):
            totals.add(row.sale)
        return shown.totals(totals, names)

    def _session_totals(self, platform_id: str, filters: Filters) -> SessionTotals:
        totals, steps = SessionTotals(), _to_total(_session_strands(platform_id, filters), filters)
        for row in _bounded(_sessions(steps, filters), MAX_TOTALLED):
            totals = totals.plus(row.line)
        return totals


def _to_total(strands: Sequence[Strand], filters: Filters) -> Iterator[Step]:
    """Every row of the filters' time, shown or not. ``TotalsTooLarge``."""
    return _bounded(walk.walk(strands, filters, READ_AT_ONCE), MAX_READ_TO_TOTAL)


def _bounded(rows: Iterable[T], at_most: int) -> Iterator[T]:
    """``TotalsTooLarge`` at the first row that is one too many to be added up at once."""
    for number, row in enumerate(rows, start=1):
        if number > at_most:
            raise TotalsTooLarge(field="totals")
        yield row


def _sales(steps: Iterable[Step], filters: Filters) -> Iterator[SaleRow]:
    return (step.row for step in steps if step.row and rules.shows_sale(filters, step.row.sale))


def _sessions(steps: Iterable[Step], filters: Filters) -> Iterator[SessionRow]:
    return (step.row for step in steps if step.row and rules.shows_session(filters, step.row.line))


def _failed_payment_strands(platform_id: str, filters: Filters) -> list[Strand]:
    if filters.customer_id:
        return [store.failed_payments_of_customer(platform_id, filters.customer_id, filters.since)]
    return store.failed_payments_of_months(platform_id, filters)


def _session_strands(platform_id: str, filters: Filters) -> list[Strand]:
    if filters.expert_id:
        return [store.sessions_of_expert(platform_id, filters.expert_id, filters.since)]
    if filters.customer_id:
        return [store.sessions_of_customer(platform_id, filters.customer_id, filters.since)]
    return store.sessions_of_months(platform_id, filters)


def _create_once(key: Key, write: Write) -> None:
    """What stands there already is the same row, for its place is derived from what it tells."""
    try:
        transact.commit([write], f"{key.pk}{key.sk}")
    except StaleDecision:
        if read.get(key, object) is None:
            raise

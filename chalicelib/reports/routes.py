"""The reports' routes."""

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound
from chalicelib.calendar.model import ZoneUnknown
from chalicelib.core.permissions import Permission
from chalicelib.reports.exports import Exports
from chalicelib.reports.model import ExportNotFound, RangeInvalid, TotalsTooLarge
from chalicelib.reports.service import Reports
from chalicelib.reports.statements import Statement, StatementQuery, Statements
from chalicelib.reports.views import (
    ExportRequest,
    ExportView,
    FailedPaymentsQuery,
    FailedPaymentsReport,
    SalesQuery,
    SalesReport,
    SessionsQuery,
    SessionsReport,
)
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_READ = Permission.REPORTS_READ
_BASE = "/v1/admin/reports"


def blueprint(reports: Reports, exports: Exports, statements: Statements) -> Blueprint:
    """The reports, their files, and the experts' statements."""
    routes = Blueprint("reports")

    @routes.get(
        f"{_BASE}/sales",
        permission=_READ,
        query=SalesQuery,
        answer=SalesReport,
        errors=(RangeInvalid, TotalsTooLarge),
    )
    def report_sales(call: Call[None, SalesQuery]) -> SalesReport:
        """Report what was sold for credits and by card.

        A page may hold fewer sales than ``limit``, or none, before the last one: go on while there is a
        ``cursor``.
        """
        return reports.sales(call.actor.platform_id, call.query)

    @routes.get(
        f"{_BASE}/failed-payments",
        permission=_READ,
        query=FailedPaymentsQuery,
        answer=FailedPaymentsReport,
        errors=(RangeInvalid,),
    )
    def report_failed_payments(call: Call[None, FailedPaymentsQuery]) -> FailedPaymentsReport:
        """Report the attempts to pay that did not succeed, and why."""
        return reports.failed_payments(call.actor.platform_id, call.query)

    @routes.get(
        f"{_BASE}/sessions",
        permission=_READ,
        query=SessionsQuery,
        answer=SessionsReport,
        errors=(RangeInvalid, TotalsTooLarge),
    )
    def report_sessions(call: Call[None, SessionsQuery]) -> SessionsReport:
        """Report the sessions that are over: who was there, how long, how late, and how far past the end."""
        return reports.sessions(call.actor.platform_id, call.query)

    @routes.post(
        f"{_BASE}/exports",
        permission=_READ,
        body=ExportRequest,
        answer=ExportView,
        status=202,
        errors=(RangeInvalid, ZoneUnknown),
    )
    def create_export(call: Call[ExportRequest, None]) -> Answer:
        """Ask for the report as an Excel file; it is made in the background."""
        return exports.create(call.operation, call.body)

    @routes.get(
        f"{_BASE}/exports/{{export_id}}", permission=_READ, answer=ExportView, errors=(ExportNotFound,)
    )
    def read_export(call: Call[None, None]) -> ExportView:
        """How far the file is; a link to it when it is done, good for five minutes."""
        return exports.export(call.actor.platform_id, call.path["export_id"])

    _declare_statements(routes, statements)
    return routes


def _declare_statements(routes: Blueprint, statements: Statements) -> None:
    @routes.get(
        "/v1/admin/experts/{account_id}/statement", permission=_READ, query=StatementQuery, answer=Statement,
        errors=(ExpertNotFound, AccountNotFound, RangeInvalid, TotalsTooLarge),
    )  # fmt: skip
    def read_statement(call: Call[None, StatementQuery]) -> Statement:
        """What an expert has earned, what was reversed, and what of it is payable."""
        return statements.of_expert(call.actor.platform_id, call.path["account_id"], call.query)

    @routes.get(
        "/v1/me/statement", permission=Permission.STATEMENT_READ, query=StatementQuery, answer=Statement,
        errors=(ExpertNotFound, RangeInvalid, TotalsTooLarge),
    )  # fmt: skip
    def read_own_statement(call: Call[None, StatementQuery]) -> Statement:
        """The same, for the expert himself."""
        return statements.of_expert(call.actor.platform_id, call.actor.id, call.query)

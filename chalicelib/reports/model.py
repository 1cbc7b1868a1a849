"""What a report is asked for, the rows that it reads, and the export of one to a file."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.accounts.model import Locale
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.orders.lines import FailedPayment, PaymentType, Sale
from chalicelib.sessions.lines import SessionLine

# Thirteen months, at their longest.
MAX_RANGE = timedelta(days=397)
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class RangeInvalid(Invalid):
    code = "RANGE_INVALID"
    message = "A report covers a time from `from` up to and without `to`, of at most 13 months."


class TotalsTooLarge(Invalid):
    code = "TOTALS_TOO_LARGE"
    message = "There is too much to total at once. Ask for a shorter time, or for an export."


class ExportNotFound(NotFound):
    code = "EXPORT_NOT_FOUND"
    message = "There is no such export."


class Show(StrEnum):
    """B5 to B8, B27."""

    ALL = "all"
    APPOINTMENTS = "appointments"
    PACKAGES = "packages"
    EVENTS = "events"


class SaleTypeFilter(StrEnum):
    """B11 to B13."""

    ALL = "all"
    CREDIT = "credit"
    CARD = "card"
    OFFLINE = "offline"


class Group(StrEnum):
    """B14 and B15."""

    ALL = "all"
    EXPERT = "expert"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a report shows of what happened at ``since`` or later and before ``until`` (B4 to B15)."""

    since: datetime
    until: datetime
    show: Show = Show.ALL
    customer_id: str | None = None
    expert_id: str | None = None
    sale_type: SaleTypeFilter = SaleTypeFilter.ALL
    group: Group = Group.ALL

    def __post_init__(self) -> None:
        for instant, field in ((self.since, "from"), (self.until, "to")):
            if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
                raise RangeInvalid(field=field)
        if not timedelta() < self.until - self.since <= MAX_RANGE:
            raise RangeInvalid(field="to")


class SaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as the report keeps it: written once, never changed (B41)."""

    sale: Sale
    version: int = 0


class FailedPaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt to pay that did not succeed, as the report keeps it (B25)."""

    payment: FailedPayment
    version: int = 0


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as the report keeps it (B46)."""

    line: SessionLine
    version: int = 0


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What the sales of one kind of payment and one unit come to; units are never added together (B40).

    ``expert_id`` is the group's where sales are grouped by expert; there, ``None`` is what no expert sold.
    """

    expert_id: str | None
    payment_type: PaymentType
    unit: str
    quantity: int
    actual: int
    shared: int


class SessionTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What the sessions of a report come to (B46); minutes are the sums of each line's."""

    sessions: int = 0
    missed: int = 0
    customer_minutes: int = 0
    expert_minutes: int = 0
    overrun_minutes: int = 0
    extended_minutes: int = 0

    def plus(self, line: SessionLine) -> "SessionTotals":
        return SessionTotals(
            sessions=self.sessions + 1,
            missed=self.missed + line.missed,
            customer_minutes=self.customer_minutes + line.customer_minutes,
            expert_minutes=self.expert_minutes + line.expert_minutes,
            overrun_minutes=self.overrun_minutes + line.overrun_minutes,
            extended_minutes=self.extended_minutes + line.extended_minutes,
        )


class ReportKind(StrEnum):
    """What a file is of: sales and failed payments, or sessions (B46)."""

    SALES = "sales"
    SESSIONS = "sessions"


class ExportState(StrEnum):
    """``done`` and ``failed`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A report on its way to a file (B36). ``zone`` is the IANA zone that the file's dates are shown in."""

    id: str
    platform_id: str
    state: ExportState = ExportState.QUEUED
    report: ReportKind = ReportKind.SALES
    filters: Filters
    locale: Locale
    zone: str
    requested_by: str
    created_at: datetime
    tries: int = 0
    sale_rows: int | None = None
    failed_rows: int | None = None
    session_rows: int | None = None
    version: int = 0

    @property
    def file_key(self) -> str:
        """Derived from the export alone, so that a second run writes the same file again."""
        return f"exports/{self.platform_id}/{self.id}.xlsx"

    @property
    def file_name(self) -> str:
        return f"{self.report}-{self.filters.since:%Y-%m-%d}-{self.filters.until:%Y-%m-%d}.xlsx"

    def is_final(self) -> bool:
        return self.state in {ExportState.DONE, ExportState.FAILED}

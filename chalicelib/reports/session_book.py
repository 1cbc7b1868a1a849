"""The Excel file of sessions: one tab of them, what it was filtered by, and what they come to (B46).

Imported by the worker only, for the spreadsheet library is heavy.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec.structs import asdict

from chalicelib.accounts.model import Locale
from chalicelib.ics.words import session_of
from chalicelib.reports.book import Book
from chalicelib.reports.model import SessionTotals
from chalicelib.reports.views import SessionLineView

_COLUMNS = {
    "date": 20,
    "expert": 24,
    "customer": 24,
    "product_name": 32,
    "service": 14,
    "duration_minutes": 14,
    "attendance": 14,
    "ended_at": 20,
    "ended_by": 14,
    "customer_minutes": 16,
    "expert_minutes": 16,
    "customer_late_minutes": 16,
    "expert_late_minutes": 16,
    "overrun_minutes": 14,
    "extended_minutes": 14,
    "session": 20,
    "booking_id": 34,
    "customer_id": 38,
    "expert_id": 38,
}
_TOTAL_COLUMNS = {"total": 34, "value": 16}


class SessionBook(Book):
    """Sessions that are over."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        super().__init__(locale, zone)
        self._locale = locale
        self._sessions = self._table("sheet.sessions", self._titled(_COLUMNS))

    @property
    def rows(self) -> int:
        return self._sessions.rows

    def add_sessions(self, lines: Iterable[SessionLineView]) -> None:
        """The next lines of the first tab."""
        for line in lines:
            self._sessions.append(
                [
                    self._date(line.starts_at),
                    line.expert_name,
                    line.customer_name,
                    line.package_title,
                    self._word("service", line.service or "none"),
                    line.duration_minutes,
                    self._word("attendance", "missed" if line.missed else "held"),
                    self._date(line.ended_at),
                    self._word("ended_by", line.ended_by),
                    line.customer_minutes,
                    line.expert_minutes,
                    line.customer_late_minutes,
                    line.expert_late_minutes,
                    line.overrun_minutes,
                    line.extended_minutes,
                    session_of(line.ordinal, line.total, self._locale),
                    line.booking_id,
                    line.customer_id,
                    line.expert_id,
                ]
            )

    def add_totals(self, totals: SessionTotals) -> None:
        """The last tab."""
        table = self._table("sheet.totals", self._titled(_TOTAL_COLUMNS))
        for name, value in asdict(totals).items():
            table.append([self._texts[name], value])

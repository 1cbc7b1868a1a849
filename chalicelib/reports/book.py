"""What every Excel file has: its tabs in the reader's language, and what it was filtered by (B36, B45).

Imported by the worker only, for the spreadsheet library is heavy.
"""

from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from openpyxl.workbook import Workbook

from chalicelib.accounts.model import Locale
from chalicelib.reports.cells import Column, Table, Value
from chalicelib.reports.model import Export, Filters
from chalicelib.reports.names import Names
from chalicelib.reports.texts import TEXTS

_FILTER_COLUMNS = {"filter": 34, "value": 38}


class Book:
    """Takes lines as they come and keeps none of them in memory; ``save`` is the end of it."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        self._texts = TEXTS[locale]
        self._zone = zone
        self._right_to_left = locale is Locale.PERSIAN
        self._book = Workbook(write_only=True)
        self._tables: list[Table] = []

    def add_filters(self, export: Export, names: Names) -> None:
        """The tab that says what the report was asked for."""
        table = self._table("sheet.filters", self._titled(_FILTER_COLUMNS))
        for name, value in self._filters(export.filters, names):
            table.append([self._texts[name], value])
        table.append([self._texts["created_at"], self._date(export.created_at)])

    def save(self, target: BinaryIO) -> None:
        """Write the whole file; nothing can be added after."""
        for table in self._tables:
            table.close()
        self._book.save(target)

    def _filters(self, filters: Filters, names: Names) -> list[tuple[str, Value]]:
        return [
            ("from", self._date(filters.since)),
            ("to", self._date(filters.until)),
            ("zone", self._zone.key),
            ("customer", self._person(filters.customer_id, names)),
            ("expert", self._person(filters.expert_id, names)),
        ]

    def _person(self, account_id: str | None, names: Names) -> str:
        return names.of(account_id) or account_id or self._texts["everyone"]

    def _word(self, kind: str, value: str) -> str:
        return self._texts[f"{kind}.{value}"]

    def _date(self, instant: datetime) -> datetime:
        """What a clock on the wall of the zone shows, in whole seconds: a spreadsheet knows no zones."""
        return instant.astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def _titled(self, columns: dict[str, int]) -> list[Column]:
        return [Column(self._texts[name], width) for name, width in columns.items()]

    def _table(self, title: str, columns: list[Column]) -> Table:
        table = Table(self._book, self._texts[title], columns, right_to_left=self._right_to_left)
        self._tables.append(table)
        return table

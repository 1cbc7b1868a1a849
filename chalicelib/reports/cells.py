"""Cells of known types. No text ever becomes a formula, whatever it begins with.

Imported by the worker only, for the spreadsheet library is heavy.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from chalicelib.core.money import minor_digits

# Excel holds 1 048 576 rows on a sheet.
MAX_ROWS = 1_000_000
_TEXT_FORMAT = "@"
_DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_COUNT_FORMAT = "#,##0"
_PERCENT_FORMAT = "0.00%"
_MAX_TEXT_LENGTH = 32_767
# What XML 1.0 cannot hold, and a reader would refuse the whole file for.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Number(msgspec.Struct, frozen=True):
    """A number and how it is shown."""

    value: Decimal
    number_format: str


Value = str | int | datetime | Number | None


class Column(msgspec.Struct, frozen=True):
    """``width`` is in characters."""

    title: str
    width: int


def amount(minor_units: int, unit: str) -> Number | int:
    """Money in major units with its currency's decimals; credits as they are."""
    if unit == "credit":
        return minor_units
    digits = minor_digits(unit)
    number_format = f"{_COUNT_FORMAT}.{'0' * digits}" if digits else _COUNT_FORMAT
    return Number(Decimal(minor_units).scaleb(-digits), number_format)


def percent(basis_points: int) -> Number:
    """6500 basis points are shown as 65.00%."""
    return Number(Decimal(basis_points).scaleb(-4), _PERCENT_FORMAT)


class Table:
    """Lines under a header that stays in sight and filters them; a full sheet goes on on another."""

    def __init__(self, book: Workbook, title: str, columns: Sequence[Column], *, right_to_left: bool) -> None:
        self._book = book
        self._title = title
        self._columns = columns
        self._right_to_left = right_to_left
        self._sheets = 0
        self.rows = 0
        self._begin()

    def append(self, values: Sequence[Value]) -> None:
        """One line, at once on disk."""
        if self.rows and self.rows % MAX_ROWS == 0:
            self.close()
            self._begin()
        self._sheet.append([self._cell(place, value) for place, value in enumerate(values)])
        self.rows += 1

    def close(self) -> None:
        """No more lines on this sheet."""
        rows_here = self.rows - (self._sheets - 1) * MAX_ROWS
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._columns))}{rows_here + 1}"
        self._sheet.close()

    def _begin(self) -> None:
        self._sheets += 1
        title = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet: Any = self._book.create_sheet(title)
        self._sheet.sheet_view.rightToLeft = self._right_to_left
        self._sheet.freeze_panes = "A2"
        self._cells: dict[tuple[int, str], Any] = {}
        for place, column in enumerate(self._columns, start=1):
            self._sheet.column_dimensions[get_column_letter(place)].width = column.width
        self._sheet.append([_header(self._sheet, column.title) for column in self._columns])

    def _cell(self, place: int, value: Value) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, Number):
            return self._filled(place, value.number_format, value.value)
        if isinstance(value, datetime):
            return self._filled(place, _DATE_FORMAT, value)
        if isinstance(value, int):
            return self._filled(place, _COUNT_FORMAT, value)
        return _as_text(self._filled(place, _TEXT_FORMAT, _shown(value)))

    def _filled(self, place: int, number_format: str, value: Any) -> Any:
        """A line is written as it comes, so its cells serve for the next one too."""
        cell = self._cells.get((place, number_format))
        if cell is None:
            cell = self._cells[place, number_format] = WriteOnlyCell(self._sheet)
            cell.number_format = number_format
        cell.value = value
        return cell


def _header(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font = Font(bold=True)
    return _as_text(cell)


def _as_text(cell: Any) -> Any:
    """The library reads ``=1+1`` as a formula and ``#N/A`` as an error; here they are what somebody wrote."""
    cell.data_type = "s"
    return cell


def _shown(text: str) -> str:
    return _NOT_IN_XML.sub("", text)[:_MAX_TEXT_LENGTH]

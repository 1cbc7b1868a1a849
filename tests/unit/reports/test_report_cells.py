"""Cells of an export: numbers are numbers, dates are dates, and no text is ever a formula."""

import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from chalicelib.reports import cells
from chalicelib.reports.cells import Column, Table, Value, amount, percent

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1+1",
    "＝1",
    "#N/A",
    "=cmd|'/c calc'!A0",
    "{=1}",
    "TRUE",
    "1e5",
    "2026-11-22",
]


def on_the_wall(*parts: int) -> datetime:
    """A spreadsheet's dates know no zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type] - year to second


def written(*lines: list[Value], columns: int = 3, right_to_left: bool = False) -> BytesIO:
    book = Workbook(write_only=True)
    titles = [Column(f"=Title {place}", 10 + place) for place in range(columns)]
    table = Table(book, "Sheet", titles, right_to_left=right_to_left)
    for line in lines:
        table.append(line)
    table.close()
    content = BytesIO()
    book.save(content)
    return content


def read(content: BytesIO, sheet: int = 0) -> list[list[Any]]:
    """By another library than the one that wrote it."""
    content.seek(0)
    return CalamineWorkbook.from_filelike(content).get_sheet_by_index(sheet).to_python()[1:]


def raw_sheets(content: BytesIO) -> list[str]:
    with zipfile.ZipFile(content) as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return [parts.read(name).decode() for name in names]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_stays_the_text_that_it_is(text: str) -> None:
    content = written([text, text, text])
    assert read(content) == [[text, text, text]]
    (raw,) = raw_sheets(content)
    assert "<f" not in raw
    assert re.findall(r' t="(\w+)"', raw) == ["inlineStr"] * 6


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_no_text_whatever_is_a_formula(texts: list[str]) -> None:
    content = written([*texts])
    (raw,) = raw_sheets(content)
    assert "<f" not in re.sub(r"<t[ >].*?</t>", "", raw, flags=re.DOTALL)
    content.seek(0)
    for line in load_workbook(content)["Sheet"].iter_rows(min_row=2):
        assert all(
            cell.data_type in {"s", "inlineStr", "n"} and cell.value != 0 for cell in line if cell.value
        )


def test_turkish_and_persian_letters_survive() -> None:
    texts: list[Value] = ["İıŞşĞğÇçÖöÜü", "پرداخت‌های ناموفق ۱۲۳", "two\nlines & <tags>"]
    assert read(written(texts)) == [texts]


def test_a_control_character_does_not_break_the_file() -> None:
    assert read(written(["a\x00b\x0bc", None, "x\ufffey\uffffz\ud800"])) == [["abc", "", "xyz"]]


def test_numbers_and_dates_are_real_cells() -> None:
    moment = on_the_wall(2026, 11, 22, 9, 30, 15)
    content = written([moment, 7, amount(149050, "TRY")])
    assert read(content) == [[moment, 7, 1490.5]]
    content.seek(0)
    line = load_workbook(content)["Sheet"][2]
    assert [cell.data_type for cell in line] == ["d", "n", "n"]
    assert line[2].number_format == "#,##0.00"


@pytest.mark.parametrize(
    ("minor_units", "unit", "value", "number_format"),
    [
        (149050, "TRY", Decimal("1490.50"), "#,##0.00"),
        (-1, "EUR", Decimal("-0.01"), "#,##0.00"),
        (1500, "JPY", Decimal(1500), "#,##0"),
        (10005, "KWD", Decimal("10.005"), "#,##0.000"),
        (10**12, "IRR", Decimal(10**12), "#,##0"),
    ],
)
def test_money_is_shown_with_its_currency_s_decimals(
    minor_units: int, unit: str, value: Decimal, number_format: str
) -> None:
    number = amount(minor_units, unit)
    assert isinstance(number, cells.Number)
    assert (number.value, number.number_format) == (value, number_format)
    assert read(written([number, None, None])) == [[float(value), "", ""]]


def test_credits_and_shares() -> None:
    assert amount(40, "credit") == 40
    assert percent(6500) == cells.Number(Decimal("0.65"), "0.00%")


def test_lines_of_one_column_may_differ_in_format() -> None:
    lines: list[list[Value]] = [[amount(1, unit), None, None] for unit in ("TRY", "JPY", "TRY", "KWD")]
    content = written(*lines)
    content.seek(0)
    column = [line[0] for line in load_workbook(content)["Sheet"].iter_rows(min_row=2)]
    assert [(cell.value, cell.number_format) for cell in column] == [
        (0.01, "#,##0.00"),
        (1, "#,##0"),
        (0.01, "#,##0.00"),
        (0.001, "#,##0.000"),
    ]


def test_the_header_stays_filters_and_has_widths() -> None:
    content = written(["a", "b", "c"], ["d", "e", "f"], right_to_left=True)
    content.seek(0)
    sheet = load_workbook(content)["Sheet"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    assert sheet.column_dimensions["B"].width == 11
    assert sheet.sheet_view.rightToLeft
    assert sheet["A1"].font.bold
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=Title 0", "s")


def test_a_full_sheet_goes_on_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_ROWS", 2)
    content = written(*([number, None, None] for number in range(5)))
    content.seek(0)
    book = load_workbook(content)
    assert book.sheetnames == ["Sheet", "Sheet 2", "Sheet 3"]
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:C3", "A1:C3", "A1:C2"]
    assert [read(content, sheet)[0][0] for sheet in range(3)] == [0, 2, 4]

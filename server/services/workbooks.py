"""Tables as an Excel workbook. Numbers are numbers, shares are percent cells, lengths of time are Excel's own, days
are dates, and text is text: what somebody typed never becomes a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
SPAN_FORMAT = "[h]:mm:ss"
_INK, _GROUND = "12302F", "E3EEEC"
_WIDEST = 60


@dataclass(frozen=True)
class Share:
    """Thousandths; None of nothing, written as –."""

    permille: int | None


@dataclass(frozen=True)
class Span:
    """A length of time in whole seconds, which Excel adds and averages as such; None of nothing, written as –."""

    seconds: int | None


Value = str | int | date | Share | Span


@dataclass(frozen=True)
class Sheet:
    """One table. The first row of the sheet holds the heads; with a line `over` them, the second."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]
    over: str = ""

    @property
    def head_line(self) -> int:
        return 2 if self.over else 1


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """In this order. Titles must be names that Excel takes, and each another."""
    from openpyxl import Workbook  # here: it takes 20 MB, which a server that is never asked for a workbook keeps

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet)
    book.properties.creator = "叫号 Jiaohao"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    head, ground = Font(bold=True, color=_INK), PatternFill("solid", fgColor=_GROUND)
    if sheet.over:
        _put(page, 1, 1, sheet.over).font = head
    for n, text in enumerate(sheet.heads, 1):
        cell = _put(page, sheet.head_line, n, text)
        cell.font, cell.fill, cell.alignment = head, ground, Alignment(wrap_text=True, vertical="center")
    for line, row in enumerate(sheet.rows, sheet.head_line + 1):
        for n, value in enumerate(row, 1):
            _put(page, line, n, value)
    _lay_out(page, sheet)


def _lay_out(page: Any, sheet: Sheet) -> None:
    """The heads stay in sight and stand on each page of paper, which is as wide as the table."""
    from openpyxl.utils import get_column_letter

    for n in range(len(sheet.heads)):
        page.column_dimensions[get_column_letter(n + 1)].width = _width(sheet, n)
    page.freeze_panes = f"A{sheet.head_line + 1}"
    page.print_title_rows = f"1:{sheet.head_line}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _put(page: Any, line: int, column: int, value: Value) -> Any:
    cell = page.cell(line, column)
    if isinstance(value, Share) and value.permille is not None:
        cell.value, cell.number_format = value.permille / 1000, "0.0%"
    elif isinstance(value, Span) and value.seconds is not None:
        cell.value, cell.number_format = value.seconds / 86400, SPAN_FORMAT
    elif isinstance(value, (str, Share, Span)):
        _put_text(cell, value if isinstance(value, str) else "–")
    else:
        cell.value = value
        cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else "0"
    return cell


def _put_text(cell: Any, text: str) -> None:
    """Marked as text by its type, and by Excel's own sign for whoever edits the cell later."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment

    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA)
    cell.alignment = Alignment(
        wrap_text=len(text) > _WIDEST or "\n" in text, vertical="top", horizontal="right" if text == "–" else None
    )


def _width(sheet: Sheet, column: int) -> float:
    """Of the longest text; a Chinese character is as wide as two others."""
    texts = [sheet.heads[column], *(row[column] for row in sheet.rows)]
    longest = max(width_of(text) for text in texts if isinstance(text, str))
    return min(max(10, longest + 3), _WIDEST)


def width_of(text: str) -> int:
    return sum(2 if sign > "⺀" else 1 for sign in text)

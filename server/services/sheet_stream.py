"""A table of any length as one sheet of an Excel workbook, or as CSV, made while it is sent: memory holds some rows.

openpyxl writes the sheets of `services.workbooks`; for a table of sixty thousand rows it is slow, and keeps them all.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import RawIOBase, StringIO
from typing import Any
from xml.sax.saxutils import escape

from server.services.workbooks import FORMULA, SPAN_FORMAT, Span, width_of

Cell = str | int | date | datetime | Span | None
"""A datetime is the hall's own time, with its zone or without: neither Excel nor CSV knows zones. None is empty."""

CSV = "text/csv; charset=utf-8"
_DAY_0 = date(1899, 12, 30)
_SECONDS = 86400
_PLAIN, _HEAD, _TEXT, _DATE, _MOMENT, _SPAN = range(6)
"""Places in `cellXfs`."""
_NEVER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
        f'<numFmt numFmtId="166" formatCode="{SPAN_FORMAT}"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill><fill><patternFill patternType="solid"><fgColor rgb="FFE3EEEC"/></patternFill></fill></fills>'
        "<borders count=\"1\"><border><left/><right/><top/><bottom/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
        + "".join(
            f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
            for n in (164, 165, 166)
        )
        + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}  # fmt: skip


class _Sink(RawIOBase):
    """What was written since it was last asked. It cannot seek, so zipfile writes sizes behind what they are of."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def xlsx(title: str, heads: Sequence[str], parts: Iterable[Sequence[Sequence[Cell]]]) -> Iterator[bytes]:
    """One sheet, its heads frozen and repeated on each page of paper; `parts` are some rows each. `title` must be a
    name that Excel takes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        for name, text in {**_PARTS, "xl/workbook.xml": _workbook(title)}.items():
            book.writestr(name, _XML + text)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write((_XML + _begin(heads)).encode())
            for rows in parts:
                sheet.write("".join(map(_row, rows)).encode("utf-8", "replace"))
                yield sink.taken()
            sheet.write(_END.encode())
    yield sink.taken()


def _workbook(title: str) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">\'{title}\'!$1:$1</definedName>'
        "</definedNames></workbook>"
    )


def _begin(heads: Sequence[str]) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(12, width_of(head) + 3)}" customWidth="1"/>'
        for n, head in enumerate(heads, 1)
    )
    titles = "".join(_text(head, _HEAD) for head in heads)
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{titles}</row>"
    )


_END = '</sheetData><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def _row(cells: Sequence[Cell]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return _text(value, _TEXT if value.startswith(FORMULA) else _PLAIN)
    if isinstance(value, datetime):
        day = (value.date() - _DAY_0).days
        return _number(day + (value.hour * 3600 + value.minute * 60 + value.second) / _SECONDS, _MOMENT)
    if isinstance(value, date):
        return _number((value - _DAY_0).days, _DATE)
    if isinstance(value, Span):
        return "<c/>" if value.seconds is None else _number(value.seconds / _SECONDS, _SPAN)
    return "<c/>" if value is None else _number(value, _PLAIN)


def _text(text: str, style: int) -> str:
    safe = escape(_NEVER.sub("\N{REPLACEMENT CHARACTER}", text))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{safe}</t></is></c>' if text else "<c/>"


def _number(value: float, style: int) -> str:
    return f'<c s="{style}"><v>{value!r}</v></c>'


def comma_separated(heads: Sequence[str], parts: Iterable[Sequence[Sequence[Cell]]]) -> Iterator[bytes]:
    """With the mark by which Excel knows UTF-8. What begins like a formula stands behind a ' as in Excel itself."""
    yield b"\xef\xbb\xbf" + _lines([heads])
    for rows in parts:
        yield _lines(rows)


def _lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def _plain(value: Cell) -> Cell:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Span):
        return None if value.seconds is None else _clock(value.seconds)
    return value


def _clock(seconds: int) -> str:
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"

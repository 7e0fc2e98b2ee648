"""Reading a workbook that somebody brings: its rows by the heads of their columns, and nothing else of it.

It is a stranger's file: how large it becomes when unpacked is counted before it is parsed, formulas are not worked
out, and no cell is believed to be of the kind that its column should be.
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from server.contract.books import WrongCell
from server.contract.problems import ProblemError, bad_field

MAX_BYTES = 4 * 1024 * 1024
MAX_UNPACKED = 24 * 1024 * 1024
MAX_PARTS = 200
MAX_ROWS = 3000
"""With the empty ones between."""
MAX_COLUMNS = 40
HEADS_WITHIN = 5
"""The heads stand in one of the first rows: above them there may be a title."""
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
"""No program that writes workbooks writes these; they are how a small XML becomes a large one."""
_LONGEST = max(map(len, _FORBIDDEN))
_PIECE = 65536


@dataclass(frozen=True)
class Row:
    """`cells` by the heads; None is an empty one, and a cell that cannot be read is in `wrong` and not here."""

    number: int
    cells: dict[str, Any]
    wrong: tuple[WrongCell, ...]


def too_large() -> ProblemError:
    return wrong_file("must be at most 4 MB", "不能超过 4 MB，请确认选对了文件")


def wrong_file(en: str, zh: str) -> ProblemError:
    return bad_field("file", en, zh, "文件")


def read_rows(data: bytes, title: str, heads: Sequence[str]) -> list[Row]:
    """The rows of the sheet called `title`, or else of the first sheet; empty rows are left out. Raises bad_field.
    Slow: call it beside all other work."""
    _refuse_bomb(data)
    found = list(_lines(data, title))
    at = next((n for n, line in enumerate(found[:HEADS_WITHIN]) if set(heads) & set(_texts(line))), None)
    if at is None:
        raise wrong_file(
            f"has no row with the heads {heads[0]}, {heads[1]} …",
            f"里没有表头“{heads[0]}、{heads[1]}……”，请从导出的文件改起",
        )
    columns = _columns(_texts(found[at]), heads)
    rows = [_row(n, line, columns) for n, line in enumerate(found[at + 1 :], at + 2)]
    return [row for row in rows if row.wrong or any(value is not None for value in row.cells.values())]


def _columns(told: list[str], heads: Sequence[str]) -> dict[str, int]:
    """Where each head stands. Each must be there once, and no other."""
    lacking = [head for head in heads if head not in told]
    unknown = [text for text in told if text and text not in heads]
    double = sorted({text for text in told if text and told.count(text) > 1})
    for names, en, zh in (
        (lacking, "lacks the column", "缺少列"), (unknown, "has an unknown column", "有不认识的列"),
        (double, "has this column more than once", "有重复的列"),
    ):  # fmt: skip
        if names:
            said = "、".join(name[:20] for name in names[:5])
            raise wrong_file(f"{en} {said}", f"{zh}“{said}”，请按导出文件的表头填写")
    return {head: told.index(head) for head in heads}


def _row(number: int, line: Sequence[Any], columns: dict[str, int]) -> Row:
    cells, wrong = {}, []
    for head, at in columns.items():
        cell = line[at] if at < len(line) else None
        refusal = _unreadable(cell)
        if refusal:
            wrong.append(WrongCell(number, head, *refusal))
        else:
            cells[head] = _value(cell)
    return Row(number, cells, tuple(wrong))


def _unreadable(cell: Any) -> tuple[str, str] | None:
    kind = getattr(cell, "data_type", "n")
    if kind == "f":
        return (
            "是公式，不会计算，请改成文字或数字（复制后选择性粘贴为数值）",
            "is a formula, which is not worked out: paste its value instead",
        )
    if kind == "e":
        return "是错误值，请改正", "is an error value: correct it"
    if isinstance(getattr(cell, "value", None), date):
        return "是日期，应为文字，请把单元格改成文本格式", "is a date: make it text"
    return None


def _value(cell: Any) -> Any:
    """A text without the spaces at its ends; empty is None."""
    value = getattr(cell, "value", None)
    return (value.strip() or None) if isinstance(value, str) else value


def _texts(line: Sequence[Any]) -> list[str]:
    return [str(_value(cell) or "") for cell in line]


def _refuse_bomb(data: bytes) -> None:
    """Everything is unpacked once and thrown away: what a file says of its size is no more than said."""
    size = 0
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            if len(packed.infolist()) > MAX_PARTS:
                raise _too_much()
            for piece in _pieces(packed):
                size += len(piece)
                if size > MAX_UNPACKED:
                    raise _too_much()
    except ProblemError:
        raise
    except Exception:  # noqa: BLE001 - a broken archive of a stranger fails in any way
        raise _no_workbook() from None


def _pieces(packed: zipfile.ZipFile) -> Iterator[bytes]:
    """Everything in it, unpacked. Raises bad_field for what no workbook has, also where two pieces meet."""
    for part in packed.infolist():
        end = b""
        with packed.open(part) as stream:
            while piece := stream.read(_PIECE):
                if any(sign in end + piece for sign in _FORBIDDEN):
                    raise _no_workbook()
                end = piece[-_LONGEST:]
                yield piece


def _lines(data: bytes, title: str) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook  # here: see workbooks

    try:
        with closing(load_workbook(BytesIO(data), read_only=True, keep_links=False, rich_text=False)) as book:
            sheet = next((one for one in book.worksheets if one.title == title), book.worksheets[0])
            sheet.reset_dimensions()
            for n, line in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS)):
                if n >= MAX_ROWS:
                    raise wrong_file(
                        f"must have at most {MAX_ROWS} rows, empty ones too",
                        f"最多 {MAX_ROWS} 行（空行也算），请删去多余的行",
                    )
                yield line
    except ProblemError:
        raise
    except Exception:  # noqa: BLE001 - what a stranger's file does to a parser is not to be foretold
        raise _no_workbook() from None


def _no_workbook() -> ProblemError:
    return wrong_file("must be a whole Excel workbook (.xlsx)", "不是完整的 Excel 文件（.xlsx），请另存为 .xlsx 再选")


def _too_much() -> ProblemError:
    return wrong_file("becomes too large when unpacked", "解压后过大，请只保留需要的工作表和行")

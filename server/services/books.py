"""Workbooks of items and staff, out and in: what both have alike.

A book is a table of columns. Each column says how a field is written and how it is read; a row that is read becomes a
whole object, which is judged by the same rules as a form. All rows are taken, or none.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from server.contract.books import BookCheck, CellChange, RowChange, WrongCell
from server.contract.codec import to_json
from server.contract.problems import ProblemError
from server.db import Record
from server.domain.service_day import service_day
from server.domain.settings import broken
from server.services.files import File
from server.services.sheet_cells import Row, read_rows
from server.services.workbooks import XLSX, Sheet, Value, workbook

MOST_SHOWN = 200
"""Changes that a check lists; all are counted."""
YES, NO = "是", "否"

T = TypeVar("T")
Words = tuple[str, str]
"""In Chinese and English."""


class CellError(ValueError):
    """A cell does not hold what its column takes."""

    def __init__(self, words: Words) -> None:
        super().__init__(words[1])
        self.words = words


@dataclass(frozen=True)
class Column:
    """`field` of the object under the head `head`."""

    head: str
    field: str
    write: Callable[[Any], Value]
    read: Callable[[Any], Any]


def text_column(head: str, field: str) -> Column:
    return Column(head, field, str, read_text)


def lines_column(head: str, field: str, between: str = "\n") -> Column:
    """A list: one of its members a line, or with another sign between them."""
    return Column(head, field, between.join, partial(_read_list, between))


def yes_column(head: str, field: str) -> Column:
    return Column(head, field, lambda value: YES if value else NO, _read_yes)


def number_column(head: str, field: str) -> Column:
    return Column(head, field, int, _read_number)


def choice_column(head: str, field: str, names: Mapping[str, str]) -> Column:
    """One of `names`: by its word here, read by its own word too."""
    return Column(head, field, lambda value: names.get(value, value), partial(_read_choice, names))


def read_text(value: Any) -> str:
    """Numbers that stand in a column of texts, as Excel makes them of "12333", are the text again."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise CellError(("应为文字", "must be text"))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _read_list(between: str, value: Any) -> tuple[str, ...]:
    return tuple(one.strip() for one in read_text(value).replace("\r", "").split(between) if one.strip())


def _read_number(value: Any) -> int:
    text = read_text(value)
    if not (text.isdecimal() and len(text) <= 9):
        raise CellError(("应为整数", "must be a whole number"))
    return int(text)


def _read_yes(value: Any) -> bool:
    known = {YES: True, NO: False, True: True, False: False}
    if isinstance(value, (str, bool)) and value in known:
        return known[value]
    raise CellError((f"应为“{YES}”或“{NO}”", f"must be {YES} (yes) or {NO} (no)"))


def _read_choice(names: Mapping[str, str], value: Any) -> str:
    text = read_text(value)
    for key, word in names.items():
        if text in (key, word):
            return key
    raise CellError((f"只能是 {'、'.join(names.values())} 之一", f"must be one of: {', '.join(names)}"))


@dataclass(frozen=True)
class Book(Generic[T]):
    """`title` is the sheet's, `columns[0]` names a row. `make` takes the fields by name."""

    name: str
    title: str
    columns: tuple[Column, ...]
    make: Callable[..., T]

    def file(self, hall: Record, now: datetime, known: Mapping[str, T]) -> File:
        """The workbook of all there is, under the hall's name and the day."""
        day = service_day(now, hall.zone, hall.rollover_hour)
        over = f"{hall.name}　{self.title}　{day}"
        rows = [tuple(cells.values()) for cells in (self.written(key, one) for key, one in known.items())]
        sheet = Sheet(self.title, self.heads, rows, over)
        return File(f"{self.name}-{day}.xlsx", XLSX, partial(workbook, [sheet]))

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(column.head for column in self.columns)

    def written(self, key: str, one: T) -> dict[str, Value]:
        """By head."""
        return {c.head: c.write(key if n == 0 else getattr(one, c.field)) for n, c in enumerate(self.columns)}

    def read(self, data: bytes) -> "Brought[T]":
        """What somebody brought, judged by itself. Raises bad_field. Slow."""
        return Brought(self, read_rows(data, self.title, self.heads))


class Brought(Generic[T]):
    """The rows of a workbook: by key what is good, and every cell that is wrong."""

    def __init__(self, book: Book[T], rows: Sequence[Row]) -> None:
        self.book = book
        self.good: dict[str, tuple[int, T]] = {}
        self.wrong: list[WrongCell] = []
        seen: dict[str, int] = {}
        for row in rows:
            self._take(row, seen)

    def _take(self, row: Row, seen: dict[str, int]) -> None:
        values, wrong = self._values(row)
        key = values.get(self.book.columns[0].field)
        head = self.book.columns[0].head
        if key == "":
            wrong.append(WrongCell(row.number, head, "不能为空", "must not be empty"))
        elif key in seen:
            said = seen[key]
            wrong.append(WrongCell(row.number, head, f"与第 {said} 行重复", f"is in row {said} already"))
        elif key is not None:
            seen[key] = row.number
        if not wrong:
            made = self.book.make(**values)
            wrong = [
                WrongCell(row.number, self._head(bad.field), bad.problem_zh, bad.problem) for bad in broken(made)
            ]
            if not wrong:
                self.good[str(key)] = (row.number, made)
        self.wrong += wrong

    def _values(self, row: Row) -> tuple[dict[str, Any], list[WrongCell]]:
        values, wrong = {}, list(row.wrong)
        for column in self.book.columns:
            if column.head not in row.cells:
                continue
            try:
                values[column.field] = column.read(row.cells[column.head])
            except CellError as bad:
                wrong.append(WrongCell(row.number, column.head, *bad.words))
        return values, wrong

    def _head(self, field: str) -> str:
        return next(column.head for column in self.book.columns if column.field == field)

    def against(self, known: Mapping[str, T], judge: Callable[[str, T], Iterator[tuple[str, Words]]]) -> "Plan[T]":
        """What it would do to what is `known`. `judge` names fields of a row that cannot be in this hall."""
        wrong = [
            WrongCell(number, self._head(field), *words)
            for key, (number, one) in self.good.items()
            for field, words in judge(key, one)
        ]
        rows = {key: one for key, (_, one) in self.good.items()}
        return Plan(self.book, dict(known), rows, sorted([*self.wrong, *wrong], key=lambda cell: cell.row))


class Plan(Generic[T]):
    """`rows` put upon `known`."""

    def __init__(self, book: Book[T], known: dict[str, T], rows: dict[str, T], wrong: list[WrongCell]) -> None:
        self._book, self._known, self._rows, self.wrong = book, known, rows, wrong
        self.added = {key: one for key, one in rows.items() if key not in known}
        self.changed = {key: one for key, one in rows.items() if key in known and known[key] != one}

    @property
    def digest(self) -> str:
        """The same for the same change of the same things."""
        pairs = [(key, to_json(self._known.get(key)), to_json(one)) for key, one in self._touched().items()]
        return hashlib.sha256(json.dumps(pairs, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()

    def check(self) -> BookCheck:
        shown = list(self._touched().items())[:MOST_SHOWN]
        before, added, changed = len(self._known), len(self.added), len(self.changed)
        return BookCheck(
            before, before + added, added, changed, len(self._rows) - added - changed,
            tuple(self._change(key, one) for key, one in shown), tuple(self.wrong), self.digest,
        )  # fmt: skip

    def refuse(self, plan: str) -> None:
        """Raises import_wrong, and import_moved unless `plan` is what a check said of just this."""
        if self.wrong:
            raise ProblemError("import_wrong", number=len(self.wrong))
        if plan != self.digest:
            raise ProblemError("import_moved")

    def _touched(self) -> dict[str, T]:
        return {**self.added, **self.changed}

    def _change(self, key: str, one: T) -> RowChange:
        after = self._book.written(key, one)
        old = self._known.get(key)
        before = self._book.written(key, old) if old is not None else dict.fromkeys(after, "")
        cells = [
            CellChange(head, str(before[head]), str(after[head])) for head in after if before[head] != after[head]
        ]
        return RowChange(key, str(getattr(one, "name", "")), old is None, tuple(cells[1:] if old is None else cells))

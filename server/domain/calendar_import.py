"""A list of special days as an admin types or a table program saves it: one line a day or a run of days.

2027-10-01~2027-10-07, 放假, 国庆节
2027-10-09, 上班, 国庆节调休, 周一
"""

import csv
import re
from datetime import date, timedelta

from server.domain.hours_words import WEEKDAYS, Words
from server.domain.work_calendar import DayKind, SpecialDay

LONGEST_RUN = 31
MAX_DAY_NAME = 30
MAX_LINES = 1000
HEADINGS = ("date", "日期")

_KINDS = {
    **dict.fromkeys(("holiday", "放假", "休", "节假日"), DayKind.HOLIDAY),
    **dict.fromkeys(("workday", "上班", "班", "调休上班"), DayKind.WORKDAY),
}
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
_WEEKDAYS = {
    name: number
    for number, (zh, en) in enumerate(WEEKDAYS, 1)
    for name in (str(number), zh, zh.replace("周", "星期"), en.lower())
}

_ONE_LINE = str.maketrans({"，": ",", "\t": ",", "\n": " ", "\r": " "})


class BadLineError(ValueError):
    """What is wrong with a line, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words: Words = (zh, en)


def parse_days(lines: tuple[str, ...]) -> tuple[dict[date, SpecialDay], dict[int, Words]]:
    """The days, and what is wrong by line number from 1. Empty lines, `#` notes and a heading are passed over.

    A later line for the same date stands in place of an earlier one.
    """
    days: dict[date, SpecialDay] = {}
    wrong: dict[int, Words] = {}
    for number, line in enumerate(lines, 1):
        try:
            cells = _cells(line)
            if any(cells) and not cells[0].startswith("#") and cells[0].lower() not in HEADINGS:
                days |= _parse(cells)
        except BadLineError as bad:
            wrong[number] = bad.words
    return days, wrong


def _cells(line: str) -> list[str]:
    plain = line.removeprefix("\ufeff").translate(_ONE_LINE)
    try:
        return [cell.strip() for row in csv.reader([plain]) for cell in row]
    except csv.Error as error:  # a cell longer than any
        raise BadLineError("这一行太长", "is too long") from error


def _parse(cells: list[str]) -> dict[date, SpecialDay]:
    when, kind, name, like, *rest = [*cells, "", "", ""] if len(cells) < 4 else cells
    if any(rest):
        raise BadLineError("每行最多四项：日期、类型、名称、按周几办公", "has more than date, kind, name and weekday")
    if kind.lower() not in _KINDS:
        raise BadLineError("类型应为“放假”或“上班”", "needs holiday or workday as its kind")
    if not 1 <= len(name) <= MAX_DAY_NAME or not name.isprintable():
        raise BadLineError(f"名称应为 1 到 {MAX_DAY_NAME} 个字", f"needs a name of 1 to {MAX_DAY_NAME} characters")
    special = SpecialDay(_KINDS[kind.lower()], name, _weekday(like))
    return dict.fromkeys(_run(when), special)


def _weekday(text: str) -> int:
    if text and text.lower() not in _WEEKDAYS:
        raise BadLineError("按周几办公应为周一到周日", "needs Mon to Sun or 1 to 7 as the weekday that it follows")
    return _WEEKDAYS.get(text.lower(), 1)


def _run(text: str) -> list[date]:
    first, _, last = text.replace("～", "~").replace("至", "~").partition("~")
    start = _date(first.strip())
    end = _date(last.strip()) if last else start
    length = (end - start).days + 1
    if not 1 <= length <= LONGEST_RUN:
        raise BadLineError(f"一段日期应为 1 到 {LONGEST_RUN} 天", f"needs a run of 1 to {LONGEST_RUN} days")
    return [start + timedelta(days=n) for n in range(length)]


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise BadLineError("日期应写成 2027-10-01", "needs its date as 2027-10-01")

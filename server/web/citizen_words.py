"""What every page for citizens says, Chinese first; each page adds a table of its own. A sentence says what is so and
what to do."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

LANGUAGES = ("zh", "en")
Table = Mapping[str, tuple[str, str]]

_WEEKDAYS = (
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SHARED: Table = {
    "lang": ("zh-CN", "en"),
    "other": ("English", "中文"),
    "title": ("办事服务", "Public services"),
    "guide": ("办事指南", "Service guide"),
    "figures": ("评价公示", "What citizens say of us"),
}


class Words:
    """The words of one language: `w.title`, and what is said of days and names."""

    table: ClassVar[Table] = {}

    def __init__(self, language: str) -> None:
        self.code = language if language in LANGUAGES else LANGUAGES[0]
        self.other_code = LANGUAGES[1 - LANGUAGES.index(self.code)]
        self._column = LANGUAGES.index(self.code)

    def __getattr__(self, name: str) -> str:
        pair = self.table.get(name) or _SHARED.get(name)
        if pair is None:
            raise AttributeError(name)
        return pair[self._column]

    def day(self, moment: date) -> str:
        """3月3日 周二 · Tue 3 Mar."""
        weekday = _WEEKDAYS[self._column][moment.weekday()]
        if self._column:
            return f"{weekday} {moment.day} {_MONTHS[moment.month - 1]}"
        return f"{moment.month}月{moment.day}日 {weekday}"

    def either(self, zh: str, en: str) -> str:
        """Of a sentence that is there in both languages."""
        return en if self._column else zh

    def name(self, zh: str, en: str) -> str:
        """A queue's name; its Chinese one where it has no other."""
        return (en or zh) if self._column else zh

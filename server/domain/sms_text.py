"""The words that a hall itself gives the message which asks for a rating. Pure.

In them names in braces stand for what differs, and for what must be said as the system says it: which digit means
what, and how to be left alone. Nobody could word those otherwise and still be understood.
"""

import re
from collections.abc import Iterator
from datetime import date

from server.domain.hours_words import Words
from server.domain.sms import LEGEND, LONGEST_ITEM, parts

DEFAULT = "【{大厅}】您 {日期}在本厅办理“{事项}”，请评价：回复 {选项}，{退订}"
STOP = "退订回 TD"
MUST = {
    "大厅": ("谁发的短信", "who asks"),
    "选项": ("回复哪个数字是什么意思", "which digit means what"),
    "退订": ("怎样不再收到", "how to be left alone"),
}
"""What a citizen must know."""
MAY = {"日期": ("哪天来办的", "the day"), "事项": ("办的什么", "the business")}
MOST_TYPED = 200
MOST_PARTS = 4
"""Each is billed, and of a longer one nobody reads the end, where the answers are."""
LONGEST_HALL = 60
_NAME = re.compile(r"\{([^{}]*)\}")
_BRACES = str.maketrans("｛｝", "{}")
_LONE_DIGIT = re.compile(r"(?<![0-9０-９])[1-5１-５](?![0-9０-９])")


def invitation(text: str, hall: str, item: str, day: date) -> str:
    """The message as a phone gets it; `text` is the hall's, or empty for the usual one."""
    return _filled(text or DEFAULT, values(hall, item, day))


def values(hall: str, item: str, day: date) -> dict[str, str]:
    """What stands for each name. Nobody's own name: the phone may have passed into other hands."""
    what = item if len(item) <= LONGEST_ITEM else item[: LONGEST_ITEM - 1] + "…"
    return {"大厅": hall, "日期": f"{day.month} 月 {day.day} 日", "事项": what, "选项": LEGEND, "退订": STOP}


def _filled(text: str, known: dict[str, str]) -> str:
    """In one pass, so that a hall's name with braces in it stays what it is."""
    return _NAME.sub(lambda found: known.get(found[1].strip(), found[0]), text.translate(_BRACES))


def wrong(text: str) -> Words | None:
    """What is wrong with a hall's own words, the first thing first; None for good ones, and for none at all."""
    return next(_wrong(text.translate(_BRACES)), None) if text else None


def _wrong(text: str) -> Iterator[Words]:
    around = _NAME.sub("", text)
    if set(around) & set("{}"):
        yield "花括号不成对，应像 {大厅} 这样", "has a brace without its other half: write as in {大厅}"
    yield from _wrong_names([name.strip() for name in _NAME.findall(text)])
    digit = _LONE_DIGIT.search(around)
    if digit:
        yield (
            f"单独的数字 {digit[0]} 会被当成答案，数字的意思只由 {{选项}} 说明",
            f"has the digit {digit[0]} by itself, which looks like an answer: only {{选项}} says what digits mean",
        )
    yield from _too_long(text)


def _wrong_names(names: list[str]) -> Iterator[Words]:
    known = {**MUST, **MAY}
    every = "".join(f"{{{name}}}" for name in known)
    for name in names:
        if name not in known:
            yield f"没有 {{{name}}} 这一项，可用 {every}", f"has no {{{name}}}; there are {every}"
    for name, (zh, en) in MUST.items():
        if name not in names:
            yield f"缺少 {{{name}}}：要让人知道{zh}", f"lacks {{{name}}}: people must know {en}"
    for name in known:
        if names.count(name) > 1:
            yield f"{{{name}}} 只能出现一次", f"has {{{name}}} more than once"


def _too_long(text: str) -> Iterator[Words]:
    """With the longest names that there can be, so that no message of a hall ever is."""
    count = parts(_filled(text, values("厅" * LONGEST_HALL, "事" * LONGEST_ITEM, date(2000, 12, 31))))
    if count > MOST_PARTS:
        yield (
            f"太长：厅名、事项名较长时要 {count} 条短信，最多 {MOST_PARTS} 条，每条都计费，太长也没人读完",
            f"is too long: with long names it takes {count} messages, at most {MOST_PARTS}; each is billed, and "
            "nobody reads to the end of more",
        )

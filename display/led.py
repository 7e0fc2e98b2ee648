"""What a bar over a window says, and how brightly. Pure.

The words are those of the other faces: 请到 of the wall and the phone, 正在办理 of the console and the phone, 暂停
with the clerk's reason, 号窗口 of the wall. A bar is the one that says "this window", for it hangs there.
"""

import unicodedata
from dataclasses import dataclass
from datetime import time

from display.announce import counted
from server.contract.board import WindowStatus
from server.contract.windows import WindowState

CELLS = 16
"""Half-width cells on the bars we know: eight Chinese characters."""
CALLED = ("请到本窗口", "请到")
SERVING = ("正在办理", "办理")
"""After the number; the shorter where the longer is too wide beside it."""
CUT_OFF = "连接中断"
CUT_OFF_AFTER_S = 60.0
"""A short break leaves the number standing, for the person may still be on the way; a long one must not."""


PLACEHOLDERS = ("{window}", "{name}", "{reason}")
"""What a hall may write into its own words: the window's number and name, and why it pauses."""

Brightness = tuple[tuple[time, int], ...]
"""From when on how bright, in percent, sorted."""


@dataclass(frozen=True)
class Words:
    """A hall's own words for a window that nobody is called to; None for ours, "" for a dark bar."""

    closed: str | None = None
    paused: str | None = None
    open: str | None = None


OURS = Words()


def led_text(window: WindowStatus | None, words: Words = OURS) -> str:
    """Ours is at most `CELLS` wide. A window which the hall does not know is one that nobody opened."""
    if window is None or (window.state is WindowState.CLOSED and not window.number):
        return "未开放" if words.closed is None else _said(words.closed, window)
    if window.number:
        return _with_number(window.number, SERVING if window.serving else CALLED)
    if window.state is WindowState.PAUSED:
        return _paused(window.pause_reason) if words.paused is None else _said(words.paused, window)
    return _open(window) if words.open is None else _said(words.open, window)


def trial_text(window: str) -> str:
    """By which an admin sees which bar it is that hangs at a port."""
    return _fit(f"测试 {window}号窗口" if counted(window) else f"测试 {window}")


def brightness_at(brightness: Brightness, now: time) -> int | None:
    """The last one before `now`, which in the small hours is the evening's; None when none is set."""
    if not brightness:
        return None
    begun = [percent for begins, percent in brightness if begins <= now]
    return begun[-1] if begun else brightness[-1][1]


def _said(words: str, window: WindowStatus | None) -> str:
    """A hall's words may be longer than the bar: then they move."""
    if window is None:
        no, name, reason = "", "", ""
    else:
        no, name, reason = window.no, window.name, window.pause_reason
    for placeholder, value in zip(PLACEHOLDERS, (no, name, reason), strict=True):
        words = words.replace(placeholder, value)
    return words.strip()


def _with_number(number: str, words: tuple[str, ...]) -> str:
    """The number stands whole, whatever else does not."""
    texts = [f"{number} {word}" for word in words]
    return next((text for text in texts if _width(text) <= CELLS), _fit(number))


def _open(window: WindowStatus) -> str:
    return _fit(f"{window.no}号窗口" if counted(window.no) else window.no)


def _paused(reason: str) -> str:
    text = f"暂停 {reason}"
    return text if reason and _width(text) <= CELLS else "暂停服务"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _fit(text: str) -> str:
    while _width(text) > CELLS:
        text = text[:-1]
    return text.rstrip()

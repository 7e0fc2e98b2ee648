"""What a bar over a window says. Pure."""

import unicodedata

from server.contract.board import WindowStatus
from server.contract.windows import WindowState

CELLS = 16
"""Half-width cells on the bars we know: eight Chinese characters."""
CUT_OFF = "连接中断"
CUT_OFF_AFTER_S = 60.0
"""A short break leaves the number standing, for the person may still be on the way; a long one must not."""


def led_text(window: WindowStatus | None) -> str:
    """At most `CELLS` wide. A window which the hall does not know is one that nobody opened."""
    if window is None:
        return "未开放"
    if window.number:
        return _fit(f"{window.number} 办理中") if window.serving else _fit(window.number)
    if window.state is WindowState.CLOSED:
        return "未开放"
    if window.state is WindowState.PAUSED:
        return _paused(window.pause_reason)
    return _fit(f"{window.no}号窗口" if window.no.isdecimal() else window.no)


def _paused(reason: str) -> str:
    text = f"暂停 {reason}"
    return text if reason and _width(text) <= CELLS else "暂停服务"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _fit(text: str) -> str:
    while _width(text) > CELLS:
        text = text[:-1]
    return text.rstrip()

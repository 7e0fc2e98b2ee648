"""The words of a call. Pure.

A voice reads a number digit by digit (A零零一) but a window as a quantity (十号窗口).
"""

from server.contract.board import Call

_DIGITS = "零一二三四五六七八九"


def written(call: Call) -> str:
    """请 A001 到 03 号窗口"""
    window = f"{call.window} 号窗口" if call.window.isdecimal() else f"{call.window} 窗口"
    return f"请 {call.number} 到 {window}"


def spoken(call: Call) -> str:
    """请，A零零一号，到三号窗口办理"""
    return f"请，{_digit_by_digit(call.number)}号，到{_window(call.window)}窗口办理"


def _digit_by_digit(number: str) -> str:
    return "".join(_DIGITS[int(c)] if c in "0123456789" else c for c in number)


def _window(no: str) -> str:
    if not (no.isascii() and no.isdecimal()):
        return no
    return f"{_below_hundred(int(no))}号" if int(no) < 100 else f"{_digit_by_digit(no)}号"


def _below_hundred(n: int) -> str:
    """0 to 99 as one says them: 十, 十二, 二十, 二十三."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")

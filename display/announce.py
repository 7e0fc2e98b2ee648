"""The words of a call, for eyes and for ears. Pure.

A voice reads a number digit by digit (A零零一), 一 as yī and not 幺, but a window as a quantity (十号窗口).
"""

import re

from server.contract.board import Call

DIGITS = "零一二三四五六七八九"
QUANTITIES = 999
"""Beyond it a window is read digit by digit: 1204 is a floor and a door, and no quantity."""


def written(call: Call) -> str:
    """请 A001 到 03 号窗口"""
    window = f"{call.window} 号窗口" if counted(call.window) else f"{call.window} 窗口"
    return f"请 {call.number} 到 {window}"


def spoken(call: Call) -> str:
    """请，A零零一号，到三号窗口办理"""
    *who, where = clips(call)
    return f"{''.join(who)}，{where}"


def clips(call: Call) -> tuple[str, ...]:
    """The same in the pieces that are spoken one after the other: 请，A · 零零一号 · 到三号窗口办理.

    Each piece serves many calls, so that few have to be recorded or rendered.
    """
    return *number_clips(call.number), window_clip(call.window)


def number_clips(number: str) -> tuple[str, str]:
    """请，A · 零零一号"""
    letters = number.rstrip("0123456789")
    return f"请，{letters.upper()}", f"{digit_by_digit(number[len(letters) :])}号"


def window_clip(no: str) -> str:
    """到三号窗口办理; a window with letters is no 号: 到A三窗口办理"""
    read = re.sub("[0-9]+", lambda run: _quantity(run[0]), no).upper()
    return f"到{read}{'号' if counted(no) else ''}窗口办理"


def digit_by_digit(digits: str) -> str:
    return "".join(DIGITS[int(c)] for c in digits)


def counted(no: str) -> bool:
    """Whether a window's number is one that one counts, so that it is a 号."""
    return no.isascii() and no.isdecimal()


def _quantity(digits: str) -> str:
    n = int(digits)
    return digit_by_digit(digits) if n > QUANTITIES else _below_thousand(n)


def _below_thousand(n: int) -> str:
    """As one counts: 三, 十, 十二, 二十三, 一百, 一百零二, 一百一十."""
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return _below_hundred(rest)
    if not rest:
        return f"{DIGITS[hundreds]}百"
    between = "零" if rest < 10 else "一" if rest < 20 else ""
    return f"{DIGITS[hundreds]}百{between}{_below_hundred(rest)}"


def _below_hundred(n: int) -> str:
    tens, ones = divmod(n, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")

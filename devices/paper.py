"""What stands on paper as layout, before any printer's bytes: what the kiosk writes and the composers read.

Widths are counted in cells: one of ASCII, two of Chinese, as ticket printers set them in Kanji mode.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Text:
    """Text of one size; what is wider than the paper goes on in the next line. `size` multiplies width and height
    (1 to 8). Any Unicode; composers see to it."""

    text: str
    size: int = 1
    align: Align = "center"
    bold: bool = False


@dataclass(frozen=True)
class Columns:
    """Two texts on one line, at both edges of the paper; on two lines when both do not fit."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True)
class Qr:
    """A QR code; `size` is the module size in dots (1 to 16)."""

    text: str
    size: int = 6


@dataclass(frozen=True)
class Logo:
    """A picture of black dots, printed where the profile allows one. `rows` from the top, each padded to whole
    bytes, first dot in the high bit."""

    width: int
    height: int
    rows: bytes


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True)
class Cut:
    """Feed to the cutter and cut; without a cutter, a line to tear along and the feed to the tear bar."""


Element = Text | Columns | Qr | Logo | Rule | Feed | Cut
Layout = tuple[Element, ...]

_CLOSING = "，。、；：！？）》」』】〉”’…%"
_WORDS = re.compile(rf"(?:[!-~]+|（[^（）\s]{{1,8}}）|\s|.)[{_CLOSING}]*", re.DOTALL)


def gbk(char: str) -> bytes | None:
    """The character as every Chinese ticket printer has it: ASCII or two bytes of GBK. None: it must be drawn."""
    try:
        return char.encode("gbk")
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=4096)
def cells(char: str) -> int:
    """Of one character: a two-byte one takes two cells whatever Unicode calls its width (such as “ or ①)."""
    code = gbk(char)
    if code is not None:
        return len(code)
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Cells of a line at size 1."""
    return sum(map(cells, text))


def fitting(text: str, room: int) -> int:
    """How many characters of `text` fit in so many cells."""
    used = 0
    for end, char in enumerate(text):
        used += cells(char)
        if used > room:
            return end
    return len(text)


def wrap(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` cells (2 or more); at least one line.

    Words of Latin letters and short brackets stay whole where they fit on a line, and no line begins with closing
    punctuation where that can be helped. Spaces at the seams are dropped.
    """
    lines = [""]
    for word in _WORDS.findall(text):
        if width(lines[-1]) + width(word.rstrip()) <= room:
            lines[-1] += word
            continue
        lines[-1] = lines[-1].rstrip()
        lines += _pieces(word.strip(), room)
    lines[-1] = lines[-1].rstrip()
    return [line for line in lines if line] or [""]


def _pieces(word: str, room: int) -> list[str]:
    """A word cut into lines, for one that is longer than a line."""
    pieces = [""]
    for char in word:
        if width(pieces[-1]) + cells(char) > room:
            pieces.append("")
        pieces[-1] += char
    return pieces

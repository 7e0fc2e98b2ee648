"""A ticket's layout as ESC/POS bytes. Pure: the same layout gives the same bytes, and nothing is opened.

Text goes out in the printer's Kanji mode as GBK, of which real machines know only ASCII and the two-byte
characters. GB18030's four-byte characters come out as rubbish, so those are drawn: at size 1 in the line,
above that the whole line as one picture (bit images do not grow with `GS !`).
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from escpos.printer import Dummy
from PIL.Image import Image

from devices.escpos import glyphs
from devices.paper import Align, Cut, Element, Feed, Layout, Qr, Rule, Text

INIT = b"\x1b@"
CHINESE = b"\x1c&"
SMOOTH = b"\x1db\x01"
"""Large characters with rounded edges, on printers that know it; others pass over it."""


@dataclass(frozen=True)
class Paper:
    """`columns` of ASCII at size 1 and `dots` across, at 203 dpi."""

    columns: int
    dots: int


MM80 = Paper(48, 576)
MM58 = Paper(32, 384)


def compose(layout: Layout, paper: Paper = MM80) -> bytes:
    """Bytes of one ticket, without the print-complete fence: that is the driver's."""
    ticket = _Ticket(paper)
    for element in layout:
        ticket.add(element)
    return ticket.bytes


class _Ticket:
    """Remembers what the printer is set to, so that only changes are sent."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._out = Dummy()
        self._align: Align = "left"
        self._width, self._height = 1, 1
        self._bold = False
        self._out._raw(INIT + CHINESE + SMOOTH)

    @property
    def bytes(self) -> bytes:
        return bytes(self._out.output)

    def add(self, element: Element) -> None:
        match element:
            case Text():
                self._text(element)
            case Qr():
                self._set(align="center")
                self._out.qr(element.text, size=element.size, native=True)
            case Rule():
                # Double width: half the bytes of a rule in single characters.
                self._set(width=2)
                self._out._raw(b"-" * (self._paper.columns // 2) + b"\n")
            case Feed():
                self._out._raw(b"\x1bd" + bytes([element.lines]))
            case Cut():
                self._out.cut(feed=False)  # GS V 66 0 feeds to the cutter by itself

    def _text(self, line: Text) -> None:
        text = _printable(line.text)
        if line.size > 1 and not all(map(_in_printer, text)):
            self._set(align=line.align)
            self._out._raw(_raster(glyphs.draw_line(text, line.size, line.bold), self._paper.dots))
            return
        self._set(line.align, line.size, line.size, line.bold)
        self._out._raw(b"".join(_char(char, line.bold) for char in text) + b"\n")

    def _set(self, align: Align | None = None, width: int = 1, height: int = 1, bold: bool = False) -> None:
        if align is not None and align != self._align:
            self._out.set(align=align)
            self._align = align
        if (width, height) != (self._width, self._height):
            self._out.set(custom_size=True, width=width, height=height)
            self._width, self._height = width, height
        if bold != self._bold:
            self._out.set(bold=bold)
            self._bold = bold


def _raster(ink: Image, dots: int) -> bytes:
    """`GS v 0`, cut off at the paper's edge. (python-escpos' own prints a remark on standard output.)"""
    picture = ink.crop((0, 0, min(ink.width, dots), ink.height))
    width = (picture.width + 7) // 8
    return b"\x1dv0\x00" + width.to_bytes(2, "little") + picture.height.to_bytes(2, "little") + picture.tobytes()


def _printable(text: str) -> str:
    """Drop control and invisible characters: a name must not be able to send the printer a command."""
    return "".join(char for char in text if not _invisible(char))


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs") or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=4096)
def _gbk(char: str) -> bytes | None:
    try:
        return char.encode("gbk")
    except UnicodeEncodeError:
        return None


def _in_printer(char: str) -> bool:
    return _gbk(char) is not None


def _char(char: str, bold: bool) -> bytes:
    return _gbk(char) or glyphs.inline_glyph(char, bold)

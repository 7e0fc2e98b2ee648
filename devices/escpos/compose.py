"""A layout as ESC/POS bytes for one kind of printer. Pure: the same layout gives the same bytes.

Text goes out in the printer's Kanji mode as GBK, of which real machines know only ASCII and the two-byte
characters. GB18030's four-byte characters come out as rubbish, so those are drawn: at size 1 in the line,
above that the whole line as one picture (bit images do not grow with `GS !`).
"""

import unicodedata
from itertools import groupby

from escpos.printer import Dummy
from PIL.Image import Image

from devices.escpos import glyphs
from devices.escpos.profile import PrinterProfile
from devices.paper import Align, Columns, Cut, Element, Feed, Layout, Logo, Qr, Rule, Text, gbk, width, wrap

INIT = b"\x1b@"
CHINESE = b"\x1c&"
SMOOTH = b"\x1db\x01"
"""Large characters with rounded edges, on printers that know it; others pass over it."""
CUT = b"\x1dVB\x00"  # feeds to the cutter by itself
TO_TEAR_BAR = b"\x1bd\x05"
TEAR_HERE = "- - 沿此撕下 - -"
_AS_IS, _QUADRUPLE = 0, 3  # modes of GS v 0


def compose(layout: Layout, profile: PrinterProfile) -> bytes:
    """Bytes of one ticket, without the print-complete fence: that is the driver's."""
    ticket = _Ticket(profile)
    for element in layout:
        ticket.add(element)
    return ticket.data


def split_end(data: bytes) -> tuple[bytes, bytes]:
    """A composed ticket as what is printed and what then gives it out: the cut, or the feed to the tear bar."""
    for end in (CUT, TO_TEAR_BAR):
        if data.endswith(end):
            return data[: -len(end)], end
    return data, b""


class _Ticket:
    """Remembers what the printer is set to, so that only changes are sent."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._profile = profile
        self._out = Dummy()
        self._align: Align = "left"
        self._width, self._height = 1, 1
        self._bold = False
        self._out._raw(INIT + CHINESE + SMOOTH)

    @property
    def data(self) -> bytes:
        return bytes(self._out.output)

    def add(self, element: Element) -> None:
        match element:
            case Text():
                self._text(element)
            case Columns():
                self._columns(element)
            case Qr():
                self._qr(element)
            case Logo():
                self._logo(element)
            case Rule():
                # Double width: half the bytes of a rule in single characters.
                self._set(width=2)
                self._out._raw(b"-" * (self._profile.columns // 2) + b"\n")
            case Feed():
                self._out._raw(b"\n" * element.lines)
            case Cut():
                self._cut()

    def _text(self, text: Text) -> None:
        for line in wrap(_printable(text.text), max(self._profile.columns // text.size, 2)):
            self._line(line, text)

    def _columns(self, pair: Columns) -> None:
        left, right = _printable(pair.left), _printable(pair.right)
        gap = self._profile.columns - width(left) - width(right)
        if gap > 0:
            self._line(left + " " * gap + right, Text("", align="left", bold=pair.bold))
        else:
            self._text(Text(left, align="left", bold=pair.bold))
            self._text(Text(right, align="right", bold=pair.bold))

    def _line(self, line: str, style: Text) -> None:
        if style.size > 1 and not all(map(self._in_printer, line)):
            self._set(align=style.align)
            self._out._raw(self._drawn_line(line, style))
            return
        self._set(style.align, style.size, style.size, style.bold)
        for known, chars in groupby(line, self._in_printer):
            run = "".join(chars)
            self._out._raw(run.encode("gbk") if known else glyphs.inline_glyph(run, style.bold))
        self._out._raw(b"\n")

    def _drawn_line(self, line: str, style: Text) -> bytes:
        """Even sizes are enlarged by the printer, as its own characters are: a quarter of the bytes."""
        if style.size % 2:
            return _raster(glyphs.draw_line(line, style.size, style.bold), self._profile.dots, _AS_IS)
        ink = glyphs.draw_line(line, style.size // 2, style.bold)
        return _raster(ink, self._profile.dots // 2, _QUADRUPLE)

    def _in_printer(self, char: str) -> bool:
        code = gbk(char)
        if code is None or char in self._profile.draw:
            return False
        return self._profile.charset == "gbk" or len(code) == 1 or _in_gb2312(char)

    def _qr(self, code: Qr) -> None:
        self._set(align="center")
        if self._profile.native_qr:
            self._out.qr(code.text, size=code.size, native=True)
        else:
            self._out._raw(
                _raster(_qr_picture(code.text, max(code.size // 2, 1)), self._profile.dots // 2, _QUADRUPLE)
            )

    def _logo(self, logo: Logo) -> None:
        if self._profile.logo:
            self._set(align="center")
            self._out._raw(_picture(logo.width, logo.height, logo.rows, _AS_IS))

    def _cut(self) -> None:
        if self._profile.cutter:
            self._out._raw(CUT)
            return
        self._line(TEAR_HERE, Text(""))
        self._out._raw(TO_TEAR_BAR)

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


def _raster(ink: Image, dots: int, mode: int) -> bytes:
    """A picture, cut off at the paper's edge. (python-escpos' own prints a remark on standard output.)"""
    picture = ink.crop((0, 0, min(ink.width, dots), ink.height))
    return _picture(picture.width, picture.height, picture.tobytes(), mode)


def _picture(dots_wide: int, dots_high: int, rows: bytes, mode: int) -> bytes:
    """`GS v 0`."""
    size = ((dots_wide + 7) // 8).to_bytes(2, "little") + dots_high.to_bytes(2, "little")
    return b"\x1dv0" + bytes([mode]) + size + rows


def _qr_picture(text: str, module: int) -> Image:
    from PIL import Image as Images
    from qrcode.constants import ERROR_CORRECT_L  # type: ignore[import-untyped] # ships no types
    from qrcode.main import QRCode  # type: ignore[import-untyped] # ships no types

    code = QRCode(border=0, error_correction=ERROR_CORRECT_L)  # as the printer's own
    code.add_data(text)
    rows = code.get_matrix()
    picture = Images.new("1", (len(rows), len(rows)))
    picture.putdata([bool(dot) for row in rows for dot in row])
    return picture.resize((len(rows) * module, len(rows) * module), Images.Resampling.NEAREST)


def _printable(text: str) -> str:
    """Drop control and invisible characters: a name must not be able to send the printer a command."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if not _invisible(char))


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs") or "\ufe00" <= char <= "\ufe0f"


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

"""ESC/POS bytes to events, one byte at a time, with no clock and no I/O.

Follows the command reference as printers sold here behave: power-on and `ESC @` leave the printer in a
single-byte code page, `FS &` switches two-byte GBK on, and four-byte GB18030 codes come out wrong.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from firmware_stubs.printer.events import (
    Align,
    AutoStatus,
    Bitmap,
    Cell,
    Cut,
    Event,
    Feed,
    Fence,
    Item,
    Line,
    Picture,
    QrCode,
    Restart,
    TellStatus,
    Unknown,
)

Steps = Generator[None, int, None]
Taking = Generator[None, int, bytes]

DEFAULT_SPACING = 30
LARGEST_IMAGE = 1 << 20
"""Bytes of one image; a larger size field is taken for garbage."""
LARGEST_QR = 7089
ALIGNS: tuple[Align, ...] = ("left", "center", "right")
CODE_PAGES = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
}
COUNTRY_SIGNS = {3: {"#": "£"}, 8: {"\\": "¥"}, 15: {"$": "¥"}}
NO_SUCH_GLYPH = "□"

# Commands that this printer knows, and that leave no trace on its paper: argument bytes to swallow.
SILENT_ESC = {
    **dict.fromkeys(b" =GMRTVrtu{U", 1),
    **dict.fromkeys(b"LSv\x0c", 0),
    **dict.fromkeys(b"?Bc\\", 2),
    ord("p"): 3,
    ord("W"): 8,
}
SILENT_FS = {**dict.fromkeys(b"-C", 1), **dict.fromkeys(b"Sp?", 2), ord("2"): 74}
SILENT_GS = {**dict.fromkeys(b"HfhwIjTE|/", 1), **dict.fromkeys(b"LWP$\\", 2), ord("^"): 3, ord(":"): 0}


@dataclass(frozen=True)
class Style:
    """How the next character is printed; as it stands after power-on."""

    chinese: bool = False
    page: str = "cp437"
    signs: int = 0
    small: bool = False
    across: int = 1
    down: int = 1
    chinese_across: int = 1
    chinese_down: int = 1
    bold: bool = False
    underline: int = 0
    inverse: bool = False
    smooth: bool = False
    align: Align = "left"
    spacing: int = DEFAULT_SPACING


class Interpreter:
    """`feed` bytes, get events. `width` is the printable width in dots."""

    def __init__(self, width: int = 576) -> None:
        self._width = width
        self._style = Style()
        self._items: list[Item] = []
        self._used = 0
        self._events: list[Event] = []
        self._qr_module, self._qr_level, self._qr_data = 3, 0, b""
        self._machine = self._listen()
        next(self._machine)

    def feed(self, data: bytes) -> list[Event]:
        """Events that these bytes complete; never raises."""
        for byte in data:
            self._machine.send(byte)
        events, self._events = self._events, []
        return events

    def drop(self) -> None:
        """Forget what was begun, a command or a line; the settings stay."""
        self._items, self._used = [], 0
        self._machine = self._listen()
        next(self._machine)

    # -- the machine: waits for one byte at a time

    def _listen(self) -> Steps:
        while True:
            byte = yield
            match byte:
                case 0x1B:
                    yield from self._escape()
                case 0x1C:
                    yield from self._fs()
                case 0x1D:
                    yield from self._gs()
                case 0x10:
                    yield from self._dle()
                case _ if byte >= 0x80 and self._style.chinese:
                    yield from self._two_byte(byte)
                case _ if byte >= 0x20:
                    self._put_single(byte)
                case _:
                    self._control(byte)

    def _take(self, count: int) -> Taking:
        taken = bytearray()
        while len(taken) < count:
            byte = yield
            taken.append(byte)
        return bytes(taken)

    def _take_byte(self) -> Generator[None, int, int]:
        byte = yield
        return byte

    def _take_until_nul(self, most: int) -> Taking:
        taken = bytearray()
        while len(taken) < most:
            byte = yield
            if byte == 0:
                break
            taken.append(byte)
        return bytes(taken)

    def _escape(self) -> Steps:
        yield from self._command(
            b"\x1b",
            {ord("*"): self._column_image, ord("D"): self._tab_stops, ord("("): self._skip_block},
            ESC,
            SILENT_ESC,
        )

    def _fs(self) -> Steps:
        yield from self._command(b"\x1c", {ord("("): self._skip_block}, FS, SILENT_FS)

    def _gs(self) -> Steps:
        special = {
            ord("("): self._block,
            ord("v"): self._raster_image,
            ord("V"): self._cut,
            ord("k"): self._barcode,
            ord("*"): self._download_image,
        }
        yield from self._command(b"\x1d", special, GS, SILENT_GS)

    def _command(
        self,
        prefix: bytes,
        special: dict[int, Callable[[], Steps]],
        fixed: "dict[int, tuple[int, Callable[[Interpreter, bytes], None]]]",
        silent: dict[int, int],
    ) -> Steps:
        """The byte after a prefix: a command with its own reader, one with fixed arguments, or neither."""
        code = yield from self._take_byte()
        if code in special:
            yield from special[code]()
        elif code in fixed:
            count, act = fixed[code]
            act(self, (yield from self._take(count)))
        elif code in silent:
            yield from self._take(silent[code])
        else:
            self._events.append(Unknown(prefix + bytes((code,))))

    def _dle(self) -> Steps:
        """Real-time commands were obeyed as they came in; here they are only stepped over."""
        code = yield from self._take_byte()
        if code == 0x14:
            function = yield from self._take_byte()
            yield from self._take(7 if function == 8 else 2)
        elif code in (0x04, 0x05):
            which = yield from self._take_byte()
            if which in (7, 8) and code == 0x04:
                yield from self._take(1)
        else:
            self._events.append(Unknown(bytes((0x10, code))))

    # -- text

    def _control(self, byte: int) -> None:
        if byte == 0x0A:
            self._print_line(self._style.spacing)
        elif byte == 0x09:
            self._space_to((self._used // 96 + 1) * 96)

    def _put_single(self, byte: int) -> None:
        char = bytes((byte,)).decode(self._style.page, "replace")
        char = COUNTRY_SIGNS.get(self._style.signs, {}).get(char, char)
        width, height = (9, 17) if self._style.small else (12, 24)
        self._put_cell(char, width, height, self._style.across, self._style.down)

    def _two_byte(self, lead: int) -> Steps:
        trail = yield from self._take_byte()
        if trail < 0x40 or trail in (0x7F, 0xFF) or lead in (0x80, 0xFF):
            # No GBK pair, such as half a four-byte code: a wrong sign, and the second byte on its own.
            self._put_chinese(NO_SUCH_GLYPH)
            if trail >= 0x20:
                self._put_single(trail)
            else:
                self._control(trail)
            return
        self._put_chinese(bytes((lead, trail)).decode("gbk", "replace")[0].replace("\ufffd", NO_SUCH_GLYPH))

    def _put_chinese(self, char: str) -> None:
        self._put_cell(char, 24, 24, self._style.chinese_across, self._style.chinese_down)

    def _put_cell(self, char: str, width: int, height: int, across: int, down: int) -> None:
        s = self._style
        self._put(Cell(char, width, height, across, down, s.bold, s.underline, s.inverse, s.smooth))

    def _put(self, item: Item) -> None:
        if self._items and self._used + item.dots_wide > self._width:
            self._print_line(self._style.spacing)
        self._items.append(item)
        self._used += item.dots_wide

    def _space_to(self, dots: int) -> None:
        gap = min(dots, self._width) - self._used
        if gap > 0:
            self._put(Bitmap(gap, 1, bytes((gap + 7) // 8)))

    def _print_line(self, advance: int) -> None:
        if not self._items:
            self._feed(advance)
            return
        tallest = max(item.dots_high for item in self._items)
        self._events.append(Line(tuple(self._items), self._style.align, max(advance, tallest)))
        self._items, self._used = [], 0

    def _finish_line(self) -> None:
        """Raster images, QR codes and cuts stand on lines of their own."""
        if self._items:
            self._print_line(self._style.spacing)

    def _feed(self, dots: int) -> None:
        if dots:
            self._events.append(Feed(dots))

    # -- commands with fixed arguments; each gets its argument bytes

    def _style_set(self, **changes: object) -> None:
        self._style = replace(self._style, **changes)  # type: ignore[arg-type]  # the tables below name its fields

    def _restart(self, _: bytes) -> None:
        self._style = Style()
        self._items, self._used = [], 0
        self._qr_module, self._qr_level, self._qr_data = 3, 0, b""
        self._events.append(Restart())

    def _print_mode(self, args: bytes) -> None:
        """`ESC !`: for single-byte characters only."""
        n = args[0]
        self._style_set(
            small=bool(n & 1),
            bold=bool(n & 8),
            down=1 + (n >> 4 & 1),
            across=1 + (n >> 5 & 1),
            underline=n >> 7,
        )

    def _chinese_mode(self, args: bytes) -> None:
        """`FS !`: for Chinese characters only."""
        n = args[0]
        self._style_set(chinese_across=1 + (n >> 2 & 1), chinese_down=1 + (n >> 3 & 1), underline=n >> 7)

    def _chinese_quadruple(self, args: bytes) -> None:
        twice = 1 + (args[0] & 1)
        self._style_set(chinese_across=twice, chinese_down=twice)

    def _size(self, args: bytes) -> None:
        """`GS !`: for all characters."""
        across, down = 1 + (args[0] >> 4 & 7), 1 + (args[0] & 7)
        self._style_set(across=across, down=down, chinese_across=across, chinese_down=down)

    def _align(self, args: bytes) -> None:
        if not self._items and args[0] % 48 < 3:  # only at the start of a line
            self._style_set(align=ALIGNS[args[0] % 48])

    def _feed_lines(self, args: bytes) -> None:
        self._finish_line_with(args[0] * self._style.spacing)

    def _feed_dots(self, args: bytes) -> None:
        self._finish_line_with(args[0])

    def _finish_line_with(self, dots: int) -> None:
        if self._items:
            self._print_line(dots)
        else:
            self._feed(dots)

    def _go_to(self, args: bytes) -> None:
        self._space_to(int.from_bytes(args, "little"))

    def _cut_here(self, _: bytes) -> None:
        self._finish_line()
        self._events.append(Cut(None))

    # -- commands that read on by themselves

    def _cut(self) -> Steps:
        mode = yield from self._take_byte()
        feed: int | None = None
        if mode in (65, 66, 97, 98, 103, 104):
            feed = yield from self._take_byte()
        elif mode not in (0, 1, 48, 49):
            self._events.append(Unknown(bytes((0x1D, 0x56, mode))))
            return
        self._finish_line()
        self._events.append(Cut(feed))

    def _column_image(self) -> Steps:
        mode, low, high = yield from self._take(3)
        columns = low + 256 * high
        if mode not in (0, 1, 32, 33) or columns > 4096:
            self._events.append(Unknown(bytes((0x1B, 0x2A, mode, low, high))))
            return
        data = yield from self._take(columns * (3 if mode >= 32 else 1))
        self._put(clipped(columns_to_bitmap(mode, columns, data), self._width))

    def _raster_image(self) -> Steps:
        head = yield from self._take(6)
        row, rows = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:6], "little")
        if head[0] != 0x30 or head[1] % 48 > 3 or row * rows > LARGEST_IMAGE:
            self._events.append(Unknown(b"\x1dv" + head))
            return
        data = yield from self._take(row * rows)
        if data:
            self._finish_line()
            image = scaled(clipped(Bitmap(row * 8, rows, data), self._width), head[1] % 48)
            self._events.append(Picture(clipped(image, self._width), self._style.align))

    def _download_image(self) -> Steps:
        across, down = yield from self._take(2)
        yield from self._take(across * down * 8)

    def _tab_stops(self) -> Steps:
        yield from self._take_until_nul(33)

    def _barcode(self) -> Steps:
        kind = yield from self._take_byte()
        if kind >= 65:
            length = yield from self._take_byte()
            yield from self._take(length)
        else:
            yield from self._take_until_nul(255)
        self._events.append(Unknown(bytes((0x1D, 0x6B, kind))))

    def _skip_block(self) -> Steps:
        head = yield from self._take(3)
        yield from self._take(int.from_bytes(head[1:3], "little"))

    def _block(self) -> Steps:
        """`GS ( x pL pH …`: the length is in the command, so an unknown one costs nothing else."""
        head = yield from self._take(3)
        data = yield from self._take(int.from_bytes(head[1:3], "little"))
        if head[0] == ord("k") and data[:1] == b"1" and len(data) > 1:
            self._qr(data[1], data[2:])
        elif head[0] == ord("H") and data[:2] == b"00" and len(data) == 6:
            self._finish_line()
            self._events.append(Fence(data[2:]))
        else:
            self._events.append(Unknown(b"\x1d(" + head + data[:16]))

    def _qr(self, function: int, args: bytes) -> None:
        match function, args:
            case 65, _:
                pass  # the model: only model 2 is printed
            case 67, _ if args and 1 <= args[0] <= 16:
                self._qr_module = args[0]
            case 69, _ if args and 48 <= args[0] <= 51:
                self._qr_level = args[0] - 48
            case 80, _ if args[:1] == b"0" and len(args) <= LARGEST_QR + 1:
                self._qr_data = args[1:]
            case 81, _ if args[:1] == b"0" and self._qr_data:
                self._finish_line()
                self._events.append(QrCode(self._qr_data, self._qr_module, self._qr_level, self._style.align))
            case _:
                self._events.append(Unknown(b"\x1d(k" + bytes((function,)) + args[:16]))


Act = Callable[[Interpreter, bytes], None]


def _setting(name: str, read: Callable[[int], object]) -> Act:
    """A command whose one argument sets one field of the style."""
    return lambda self, args: self._style_set(**{name: read(args[0])})


def _event(make: Callable[[int], Event]) -> Act:
    return lambda self, args: self._events.append(make(args[0]))


ESC: dict[int, tuple[int, Act]] = {
    ord("@"): (0, Interpreter._restart),
    ord("!"): (1, Interpreter._print_mode),
    ord("a"): (1, Interpreter._align),
    ord("E"): (1, _setting("bold", lambda n: bool(n & 1))),
    ord("G"): (1, _setting("bold", lambda n: bool(n & 1))),
    ord("-"): (1, _setting("underline", lambda n: n % 48 if n % 48 < 3 else 0)),
    ord("M"): (1, _setting("small", lambda n: n % 48 == 1)),
    ord("d"): (1, Interpreter._feed_lines),
    ord("J"): (1, Interpreter._feed_dots),
    ord("t"): (1, _setting("page", lambda n: CODE_PAGES.get(n, "cp437"))),
    ord("R"): (1, _setting("signs", int)),
    ord("2"): (0, lambda self, _: self._style_set(spacing=DEFAULT_SPACING)),
    ord("3"): (1, _setting("spacing", int)),
    ord("$"): (2, Interpreter._go_to),
    ord("i"): (0, Interpreter._cut_here),
    ord("m"): (0, Interpreter._cut_here),
}
FS: dict[int, tuple[int, Act]] = {
    ord("&"): (0, lambda self, _: self._style_set(chinese=True)),
    ord("."): (0, lambda self, _: self._style_set(chinese=False)),
    ord("!"): (1, Interpreter._chinese_mode),
    ord("W"): (1, Interpreter._chinese_quadruple),
}
GS: dict[int, tuple[int, Act]] = {
    ord("!"): (1, Interpreter._size),
    ord("B"): (1, _setting("inverse", lambda n: bool(n & 1))),
    ord("b"): (1, _setting("smooth", lambda n: bool(n & 1))),
    ord("a"): (1, _event(AutoStatus)),
    ord("r"): (1, _event(TellStatus)),
}


def columns_to_bitmap(mode: int, columns: int, data: bytes) -> Bitmap:
    """`ESC *`: columns of 8 or 24 dots, high bit on top, to rows. Coarse modes print each dot larger."""
    tall = 3 if mode >= 32 else 1
    lines = [0] * (tall * 8)
    for column in range(columns):
        bits = int.from_bytes(data[column * tall : (column + 1) * tall], "big")
        for row in range(tall * 8):
            lines[row] = lines[row] << 1 | (bits >> (tall * 8 - 1 - row) & 1)
    row_bytes = (columns + 7) // 8
    rows = b"".join((line << (row_bytes * 8 - columns)).to_bytes(row_bytes, "big") for line in lines)
    return stretched(Bitmap(columns, tall * 8, rows), 2 if mode in (0, 32) else 1, 1 if tall == 3 else 3)


def scaled(bitmap: Bitmap, mode: int) -> Bitmap:
    """`GS v 0`'s modes: bit 0 doubles the width, bit 1 the height."""
    return stretched(bitmap, 1 + (mode & 1), 1 + (mode >> 1))


def clipped(bitmap: Bitmap, width: int) -> Bitmap:
    """What is beyond the edge of the paper is lost. `width` is a multiple of 8."""
    if bitmap.width <= width:
        return bitmap
    row_bytes, kept = (bitmap.width + 7) // 8, width // 8
    rows = (bitmap.rows[top : top + kept] for top in range(0, len(bitmap.rows), row_bytes))
    return Bitmap(width, bitmap.height, b"".join(rows))


def stretched(bitmap: Bitmap, across: int, down: int) -> Bitmap:
    """Each dot `across` × `down` dots large."""
    row_bytes = (bitmap.width + 7) // 8
    new_bytes = (bitmap.width * across + 7) // 8
    rows = []
    for top in range(0, len(bitmap.rows), row_bytes):
        row = bitmap.rows[top : top + row_bytes]
        if across == 2:
            row = b"".join(DOUBLED[byte] for byte in row)[:new_bytes]
        rows.append(row * down)
    return Bitmap(bitmap.width * across, bitmap.height * down, b"".join(rows))


DOUBLED = [int("".join(bit * 2 for bit in f"{byte:08b}"), 2).to_bytes(2, "big") for byte in range(256)]

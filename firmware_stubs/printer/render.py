"""A piece of paper as a picture: one pixel for each dot."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from firmware_stubs import typeface
from firmware_stubs.printer.events import Align, Bitmap, Cell, Feed, Item, Line, Mark, Picture, QrCode
from firmware_stubs.printer.sheet import Piece

if TYPE_CHECKING:
    from PIL.Image import Image


@lru_cache(maxsize=64)
def qr_matrix(payload: bytes, level: int) -> tuple[tuple[bool, ...], ...]:
    """The code's modules; empty when the data fits in no code (a printer then prints nothing)."""
    from qrcode.exceptions import DataOverflowError  # type: ignore[import-untyped] # ships no types
    from qrcode.main import QRCode  # type: ignore[import-untyped] # ships no types

    levels = (1, 0, 3, 2)  # the library's numbers for L, M, Q, H, which are those inside the code itself
    code = QRCode(error_correction=levels[level], box_size=1, border=0)
    code.add_data(payload, optimize=0)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        return ()
    return tuple(tuple(bool(dot) for dot in row) for row in code.get_matrix())


def height_of(mark: Mark) -> int:
    """How far the paper moves."""
    match mark:
        case Line():
            return mark.advance
        case Feed():
            return mark.dots
        case Picture():
            return mark.bitmap.height
        case QrCode():
            return len(qr_matrix(mark.payload, mark.level)) * mark.module


def png(piece: Piece) -> bytes:
    """The piece as a PNG, `piece.width` pixels wide."""
    from PIL import Image

    ink = Image.new("1", (piece.width, max(1, piece.length)))
    for placed in piece.marks:
        draw(ink, placed.mark, placed.top)
    out = io.BytesIO()
    ink.point(lambda dot: 0 if dot else 255).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw(ink: "Image", mark: Mark, top: int) -> None:
    match mark:
        case Line():
            draw_line(ink, mark, top)
        case Picture():
            image = bitmap_image(mark.bitmap)
            ink.paste(image, (left_of(image.width, ink.width, mark.align), top))
        case QrCode():
            image = qr_image(mark)
            ink.paste(image, (left_of(image.width, ink.width, mark.align), top))


def draw_line(ink: "Image", line: Line, top: int) -> None:
    """Items stand on one base line."""
    left = left_of(sum(item.dots_wide for item in line.items), ink.width, line.align)
    tallest = max(item.dots_high for item in line.items)
    for item in line.items:
        ink.paste(item_image(item), (left, top + tallest - item.dots_high))
        left += item.dots_wide


def left_of(width: int, paper: int, align: Align) -> int:
    return {"left": 0, "center": (paper - width) // 2, "right": paper - width}[align]


def item_image(item: Item) -> "Image":
    return cell_image(item) if isinstance(item, Cell) else bitmap_image(item)


def cell_image(cell: Cell) -> "Image":
    """Large characters are the small ones' dots made larger, unless smoothing (`GS b`) is on."""
    from PIL import Image, ImageChops

    size = (cell.dots_wide, cell.dots_high)
    if cell.smooth:
        image = typeface.glyph(cell.char, *size)
    else:
        image = typeface.glyph(cell.char, cell.width, cell.height).resize(size, Image.Resampling.NEAREST)
    if cell.bold:  # struck twice, one dot apart
        again = Image.new("1", size)
        again.paste(image, (cell.across, 0))
        image = ImageChops.logical_or(image, again)
    if cell.underline:
        image = image.copy()
        image.paste(1, (0, size[1] - cell.underline, *size))
    return ImageChops.invert(image) if cell.inverse else image


def bitmap_image(bitmap: Bitmap) -> "Image":
    from PIL import Image

    return Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows)


def qr_image(code: QrCode) -> "Image":
    from PIL import Image

    matrix = qr_matrix(code.payload, code.level)
    image = Image.new("1", (len(matrix), len(matrix)))
    image.putdata([255 if dot else 0 for row in matrix for dot in row])
    side = len(matrix) * code.module
    return image.resize((side, side), Image.Resampling.NEAREST) if side else image

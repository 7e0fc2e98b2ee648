"""Characters that no printer's own font has, drawn as dots. The font is opened when first needed."""

import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = 24  # dots of a Chinese character at size 1, also the height of ESC * mode 33
_SIMPLIFIED_CHINESE = 2  # the face's index in the font collection
_REGULAR, _BOLD = 400, 700
_BASELINE = 0.88  # of the character's square, from its top


def cells_wide(char: str) -> int:
    """2 for a full-width character, 1 for others: what printers allot them."""
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=16)
def _font(dots: int, bold: bool) -> ImageFont.FreeTypeFont:
    import manimgx_fonts_cjk

    path = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
    font = ImageFont.truetype(str(path), dots, index=_SIMPLIFIED_CHINESE)
    font.set_variation_by_axes([_BOLD if bold else _REGULAR])
    return font


def draw_line(text: str, size: int, bold: bool) -> Image.Image:
    """One line in cells like the printer's own, `size` times as large; 1-bit, ink is 1."""
    half = CELL * size // 2
    image = Image.new("1", (max(sum(map(cells_wide, text)), 1) * half, CELL * size), 0)
    pen = ImageDraw.Draw(image)
    left = 0
    for char in text:
        width = cells_wide(char) * half
        middle, baseline = left + width / 2, round(CELL * size * _BASELINE)
        pen.text((middle, baseline), char, font=_font(CELL * size, bold), fill=1, anchor="ms")
        left += width
    return image


@lru_cache(maxsize=512)
def inline_glyph(char: str, bold: bool) -> bytes:
    """`ESC * 33`: one character as a 24-dot bit image that stands in the line between printed characters."""
    image = draw_line(char, 1, bold)
    columns = image.transpose(Image.Transpose.TRANSPOSE).tobytes()  # 3 bytes a column, top bit first
    return b"\x1b*\x21" + image.width.to_bytes(2, "little") + columns

"""Characters that no printer's own font has, drawn as dots. The font is opened when first needed."""

import unicodedata
from functools import lru_cache
from itertools import accumulate
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = 24  # dots of a Chinese character at size 1, also the height of ESC * mode 33
_SIMPLIFIED_CHINESE = 2  # the face's index in the font collection
_REGULAR, _BOLD = 400, 700
# Where the baseline lies in the square, from its top. Latin is lifted, or its descenders are cut off.
_BASELINE, _LATIN_BASELINE = 0.88, 0.77


def _full_width(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


@lru_cache(maxsize=16)
def _font(dots: int, bold: bool) -> ImageFont.FreeTypeFont:
    import manimgx_fonts_cjk

    path = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
    font = ImageFont.truetype(str(path), dots, index=_SIMPLIFIED_CHINESE)
    font.set_variation_by_axes([_BOLD if bold else _REGULAR])
    return font


def draw_line(text: str, size: int, bold: bool) -> Image.Image:
    """One line as high as the printer's own, 1-bit, ink is 1. What the font lacks becomes a crossed box."""
    dots = CELL * size
    font = _font(dots, bold)
    widths = [dots if _full_width(char) else ceil(font.getlength(char)) for char in text]
    image = Image.new("1", (max(sum(widths), 1), dots), 0)
    pen = ImageDraw.Draw(image)
    for char, width, right in zip(text, widths, accumulate(widths), strict=True):
        baseline = round(dots * (_BASELINE if _full_width(char) else _LATIN_BASELINE))
        pen.text((right - width / 2, baseline), char, font=font, fill=1, anchor="ms")
    return image


@lru_cache(maxsize=512)
def inline_glyph(char: str, bold: bool) -> bytes:
    """`ESC * 33`: one character as a 24-dot bit image that stands in the line between printed characters."""
    image = draw_line(char, 1, bold)
    columns = image.transpose(Image.Transpose.TRANSPOSE).tobytes()  # 3 bytes a column, top bit first
    return b"\x1b*\x21" + image.width.to_bytes(2, "little") + columns

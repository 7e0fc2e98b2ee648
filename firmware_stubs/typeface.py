"""Glyphs as dots, from the Chinese font that is installed with us. Pillow is loaded when first needed."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIMPLIFIED = 2
"""Face of the collection: JP, KR, SC, TC, HK."""
BLACK_FROM = 96
"""Grey level from which a dot burns; a little low, as heat spreads."""


@lru_cache(maxsize=1)
def font_path() -> Path:
    spec = find_spec("manimgx_fonts_cjk")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package manimgx-fonts-cjk is not installed")
    return Path(spec.origin).parent / "NotoSansCJK-VF.otf.ttc"


@lru_cache(maxsize=32)
def font(size: int, weight: int) -> "FreeTypeFont":
    from PIL import ImageFont

    face = ImageFont.truetype(str(font_path()), size, index=SIMPLIFIED)
    face.set_variation_by_axes([weight])
    return face


@lru_cache(maxsize=4096)
def glyph(char: str, width: int, height: int, weight: int = 450) -> "Image":
    """One character in a cell of `width` × `height` dots, ink white on black, mode "1".

    A cell half as wide as it is high holds a Latin character; wide ones are squeezed into it.
    """
    from PIL import Image, ImageDraw

    narrow = width < height
    size, base_line = (0.86, 0.8) if narrow else (1, 0.87)
    face = font(round(height * size), weight)
    drawn = Image.new("L", (max(width, round(face.getlength(char))), height))
    ImageDraw.Draw(drawn).text((drawn.width / 2, height * base_line), char, 255, face, anchor="ms")
    if drawn.width != width:
        drawn = drawn.resize((width, height), Image.Resampling.LANCZOS)
    return drawn.point(lambda level: 255 if level >= BLACK_FROM else 0).convert("1")

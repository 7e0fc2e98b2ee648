"""The bar as a picture: one round lamp for each dot, 16 dots high."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from firmware_stubs import typeface

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = Literal["red", "amber", "green"]
HEIGHT = 16
SHORTEST = 128
"""Dots: eight Chinese characters."""
PITCH = 6
LIT: dict[Colour, tuple[int, int, int]] = {
    "red": (255, 59, 48),
    "amber": (255, 176, 32),
    "green": (60, 220, 90),
}
DARK = (42, 18, 18)
GROUND = (12, 10, 10)


@lru_cache(maxsize=128)
def png(text: str, colour: Colour) -> bytes:
    """The whole text side by side (a real bar would scroll what is too long)."""
    from PIL import Image

    dots = dot_row(text)
    lamps = {lit: lamp(LIT[colour] if lit else DARK) for lit in (False, True)}
    picture = Image.new("RGB", (dots.width * PITCH, HEIGHT * PITCH), GROUND)
    for at, lit in enumerate(dots.convert("L").tobytes()):
        picture.paste(lamps[lit > 0], (at % dots.width * PITCH, at // dots.width * PITCH))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def dot_row(text: str) -> "Image":
    from PIL import Image

    cells = [(char, 8 if ord(char) < 0x80 else 16) for char in text[:256]]
    width = sum(cell for _, cell in cells)
    dots = Image.new("1", (max(SHORTEST, width), HEIGHT))
    left = (dots.width - width) // 2
    for char, cell in cells:
        dots.paste(typeface.glyph(char, cell, HEIGHT, 400), (left, 0))
        left += cell
    return dots


def lamp(colour: tuple[int, int, int]) -> "Image":
    from PIL import Image, ImageDraw

    large = Image.new("RGB", (PITCH * 4, PITCH * 4), GROUND)
    ImageDraw.Draw(large).ellipse((2, 2, PITCH * 4 - 3, PITCH * 4 - 3), fill=colour)
    return large.resize((PITCH, PITCH), Image.Resampling.LANCZOS)

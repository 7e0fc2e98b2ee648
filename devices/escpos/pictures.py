"""A picture of the hall's own as dots for the paper."""

from pathlib import Path

from devices.paper import Logo

TALLEST = 120
WIDEST_SHARE = 0.6
"""Of the paper: a logo is a greeting, not the message."""


def load_logo(path: Path, dots: int) -> Logo:
    """Any picture that Pillow reads, made to fit paper of so many dots. Raises OSError or ValueError."""
    from PIL import Image

    with Image.open(path) as picture:
        seen = Image.new("L", picture.size, 255)
        clear = picture.convert("RGBA")
        seen.paste(clear.convert("L"), mask=clear.getchannel("A"))
    seen.thumbnail((int(dots * WIDEST_SHARE) // 8 * 8, TALLEST))
    ink = seen.point(lambda level: 255 - level).convert("1")
    return Logo(ink.width, ink.height, ink.tobytes())

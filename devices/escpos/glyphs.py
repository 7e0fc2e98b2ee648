"""Characters that no printer's own font has, drawn as dots. Fonts are opened when first needed.

First the packaged Chinese font, then whatever the machine has; what no font has becomes a box with the character's
number in it (U+20000 is 020 above 000), so that a reader sees that something stands there, and staff can look it up.
"""

import os
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from devices.paper import cells, width

CELL = 24  # dots of a Chinese character at size 1, also the height of ESC * mode 33
HALF = CELL // 2
_SIMPLIFIED_CHINESE = 2  # the face's index in the font collection
_REGULAR, _BOLD = 400, 700
# Where the baseline lies in the square, from its top. Latin is lifted, or its descenders are cut off.
_BASELINE, _LATIN_BASELINE = 0.88, 0.77
_NOWHERE = "\U0010ffff"  # no font has it: shows what a font draws for what it lacks
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
# Hexadecimal digits of 3 × 5 dots, a row in three bits from the top.
_DIGITS = dict(
    zip(
        "0123456789ABCDEF",
        (
            0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71122,
            0o75757, 0o75717, 0o75755, 0o65656, 0o74447, 0o65556, 0o74647, 0o74644,
        ),
        strict=True,
    )
)  # fmt: skip


def has_glyph(char: str) -> bool:
    """False: it would be drawn as a box with its number."""
    return _source(char) is not None


def draw_line(text: str, size: int, bold: bool) -> Image.Image:
    """One line as high as the printer's own, 1-bit, ink is 1, each character as wide as its cells."""
    image = Image.new("1", (max(width(text) * HALF * size, 1), CELL * size), 0)
    left = 0
    for path, chars in groupby(text, _source):
        run = "".join(chars)
        image.paste(_drawn(run, path, size, bold), (left, 0))
        left += width(run) * HALF * size
    return image


@lru_cache(maxsize=512)
def inline_glyph(run: str, bold: bool) -> bytes:
    """`ESC * 33`: characters as a 24-dot bit image that stands in the line between printed ones."""
    image = draw_line(run, 1, bold)
    columns = image.transpose(Image.Transpose.TRANSPOSE).tobytes()  # 3 bytes a column, top bit first
    return b"\x1b*\x21" + image.width.to_bytes(2, "little") + columns


@lru_cache(maxsize=4096)
def _source(char: str) -> Path | None:
    """The font that has this character: the packaged one, else one of the machine's, else None."""
    fonts = (path for path in (_packaged(), *_installed()) if _has(path, char))
    return next(fonts, None)


@lru_cache(maxsize=1)
def _packaged() -> Path:
    import manimgx_fonts_cjk

    return Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"


@lru_cache(maxsize=1)
def _installed() -> tuple[Path, ...]:
    """The machine's fonts, plain upright sans first."""
    files = (
        Path(folder, name)
        for top in FOLDERS
        for folder, _, names in os.walk(top)
        for name in names
        if name.lower().endswith((".ttf", ".otf", ".ttc"))
    )
    return tuple(sorted(files, key=_plainness))


def _plainness(path: Path) -> tuple[bool, int, str]:
    name = path.stem.lower()
    return "sans" not in name, len(name), str(path)


def _has(path: Path, char: str) -> bool:
    """A font that cannot be opened at this size, as colour fonts cannot, has nothing for us."""
    try:
        font = _font(path, CELL, False)
        ink, missing = font.getmask(char), font.getmask(_NOWHERE)
    except OSError:
        return False
    return ink.getbbox() is not None and (ink.size, bytes(ink)) != (missing.size, bytes(missing))


@lru_cache(maxsize=64)
def _font(path: Path, dots: int, bold: bool) -> ImageFont.FreeTypeFont:
    if path != _packaged():
        return ImageFont.truetype(str(path), dots)
    font = ImageFont.truetype(str(path), dots, index=_SIMPLIFIED_CHINESE)
    font.set_variation_by_axes([_BOLD if bold else _REGULAR])
    return font


def _drawn(run: str, path: Path | None, size: int, bold: bool) -> Image.Image:
    """Another script's letters join, so a run in a font of the machine is drawn as one."""
    if path is None:
        return _beside([_number_box(char, size) for char in run])
    if path == _packaged():
        return _beside([_cell(char, path, size, bold) for char in run])
    return _cell(run, path, size, bold)


def _beside(parts: list[Image.Image]) -> Image.Image:
    image = Image.new("1", (sum(part.width for part in parts), parts[0].height), 0)
    left = 0
    for part in parts:
        image.paste(part, (left, 0))
        left += part.width
    return image


def _cell(text: str, path: Path, size: int, bold: bool) -> Image.Image:
    """Text in the middle of its cells, squeezed if it is wider."""
    font, dots = _font(path, CELL * size, bold), CELL * size
    room = max(width(text), 1) * HALF * size
    drawn = Image.new("L", (max(room, round(font.getlength(text))), dots), 0)
    baseline = _BASELINE if all(cells(char) == 2 for char in text) else _LATIN_BASELINE
    ImageDraw.Draw(drawn).text((drawn.width / 2, round(dots * baseline)), text, 255, font, anchor="ms")
    if drawn.width != room:
        drawn = drawn.resize((room, dots), Image.Resampling.LANCZOS)
    return drawn.point(lambda level: 255 if level >= 112 else 0).convert("1")


def _number_box(char: str, size: int) -> Image.Image:
    """A box around the character's number: three digits and three in a wide cell, two by two in a narrow one."""
    number = f"{ord(char):06X}"
    across, dot = (3, 2) if cells(char) == 2 else (2, 1)
    box = Image.new("1", (max(cells(char), 1) * HALF, CELL), 0)
    pen = ImageDraw.Draw(box)
    pen.rectangle((0, 0, box.width - 1, box.height - 1), outline=1)
    for at, digit in enumerate(number):
        row, column = divmod(at, across)
        _put_digit(pen, digit, 2 + column * (3 * dot + 1), 2 + row * (5 * dot + (CELL - 14) // 10), dot)
    return box.resize((box.width * size, box.height * size), Image.Resampling.NEAREST)


def _put_digit(pen: ImageDraw.ImageDraw, digit: str, left: int, top: int, dot: int) -> None:
    for at in range(15):
        if _DIGITS[digit] >> (14 - at) & 1:
            x, y = left + at % 3 * dot, top + at // 3 * dot
            pen.rectangle((x, y, x + dot - 1, y + dot - 1), fill=1)

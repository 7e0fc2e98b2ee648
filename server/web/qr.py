"""QR codes as vector pictures."""

from collections.abc import Iterator
from itertools import groupby


def qr_path(text: str, border: int = 4) -> tuple[int, str]:
    """A QR code as the width of a square and an SVG path of its dark modules, rows run together. `border` is in
    modules; where nothing dark is near, fewer than the standard's four do."""
    from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped] # ships no types
    from qrcode.main import QRCode  # type: ignore[import-untyped] # ships no types

    code = QRCode(border=border, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = ((x, y, n) for y, row in enumerate(rows) for x, is_dark, n in _runs(row) if is_dark)
    return len(rows), "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in dark)


def _runs(row: list[bool]) -> Iterator[tuple[int, bool, int]]:
    """Where each run of equal modules begins, whether it is dark, and how long it is."""
    x = 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        yield x, is_dark, length
        x += length

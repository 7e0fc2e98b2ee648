"""What a stream of ESC/POS bytes asks a printer to do. Lengths are dots, 8 to the millimetre (203 dpi)."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Cell:
    """One character in its cell. `char` is what comes out, so rubbish in gives rubbish here."""

    char: str
    width: int
    """Of the cell before magnification: 12 or 9 for single bytes, 24 for Chinese."""
    height: int
    across: int = 1
    down: int = 1
    bold: bool = False
    underline: int = 0
    inverse: bool = False
    smooth: bool = False

    @property
    def dots_wide(self) -> int:
        return self.width * self.across

    @property
    def dots_high(self) -> int:
        return self.height * self.down


@dataclass(frozen=True)
class Bitmap:
    """Black where a bit is set; rows from the top, each padded to whole bytes, first dot in the high bit."""

    width: int
    height: int
    rows: bytes

    @property
    def dots_wide(self) -> int:
        return self.width

    @property
    def dots_high(self) -> int:
        return self.height


Item = Cell | Bitmap


@dataclass(frozen=True)
class Line:
    """A printed line; the paper moves by `advance`, never less than the tallest item."""

    items: tuple[Item, ...]
    align: Align
    advance: int


@dataclass(frozen=True)
class Feed:
    dots: int


@dataclass(frozen=True)
class Picture:
    bitmap: Bitmap
    align: Align


@dataclass(frozen=True)
class QrCode:
    payload: bytes
    module: int
    level: int
    """Error correction, 0 to 3 for L, M, Q, H."""
    align: Align


@dataclass(frozen=True)
class Cut:
    """`feed` is None for a cut where the paper stands, else the extra dots past the cutter."""

    feed: int | None


@dataclass(frozen=True)
class Fence:
    """`GS ( H`: say so, with these four bytes, when all before it is done."""

    mark: bytes


@dataclass(frozen=True)
class TellStatus:
    """`GS r`: queued, anonymous status."""

    which: int


@dataclass(frozen=True)
class AutoStatus:
    """`GS a`: send status by yourself from now on; 0 stops it."""

    mask: int


@dataclass(frozen=True)
class Restart:
    """`ESC @`."""


@dataclass(frozen=True)
class Unknown:
    """Bytes that mean nothing to this printer."""

    raw: bytes


Mark = Line | Feed | Picture | QrCode
"""What moves the paper."""
Event = Mark | Cut | Fence | TellStatus | AutoStatus | Restart | Unknown

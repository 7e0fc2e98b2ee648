"""A ticket as layout, before any printer's bytes: what the kiosk writes and the composers read."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Text:
    """One line of text. `size` multiplies width and height (1 to 8). Any Unicode; composers see to it."""

    text: str
    size: int = 1
    align: Align = "center"
    bold: bool = False


@dataclass(frozen=True)
class Qr:
    """A QR code; `size` is the module size in dots (1 to 16)."""

    text: str
    size: int = 6


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True)
class Cut:
    """Feed to the cutter and cut."""


Element = Text | Qr | Rule | Feed | Cut
Layout = tuple[Element, ...]

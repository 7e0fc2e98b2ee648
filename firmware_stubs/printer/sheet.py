"""Where things stand on the paper, in dots from the top edge of the piece. Pure."""

from dataclasses import dataclass, field, replace
from typing import Literal

from firmware_stubs.printer.events import Bitmap, Cell, Feed, Line, Mark, Picture, QrCode

HEAD_TO_CUTTER = 96
"""The knife sits 12 mm past the print head: that much of the next ticket is blank, and a cut without a feed
leaves the last lines inside the printer."""
LONGEST = 16_000
"""Two metres with no cut is a runaway; somebody tears it off."""

Ending = Literal["cut", "torn"]


@dataclass(frozen=True)
class Placed:
    """A mark with its top edge."""

    top: int
    height: int
    mark: Mark


@dataclass(frozen=True)
class Piece:
    """A piece of paper, in the mouth of the printer or taken from it."""

    width: int
    length: int = HEAD_TO_CUTTER
    marks: tuple[Placed, ...] = ()
    whole: bool = True
    """False when part of the first or the last line is on another piece."""
    restarts: int = 0
    """Times that `ESC @` came after something was printed: the sign of a job begun on top of another."""

    @property
    def blank(self) -> bool:
        return not self.marks

    def add(self, mark: Mark, height: int) -> "Piece":
        marks = self.marks if isinstance(mark, Feed) else (*self.marks, Placed(self.length, height, mark))
        return replace(self, length=self.length + height, marks=marks)

    def restarted(self) -> "Piece":
        """A ticket begins. On a blank piece it is all there, whatever the roll before took with it."""
        return replace(self, whole=True) if self.blank else replace(self, restarts=self.restarts + 1)

    def cut(self) -> tuple["Piece", "Piece"]:
        """The piece that falls, and the one that stays with what had not yet passed the knife."""
        knife = self.length - HEAD_TO_CUTTER
        gone = tuple(placed for placed in self.marks if placed.top + placed.height <= knife)
        left = tuple(replace(p, top=p.top - knife) for p in self.marks if p.top + p.height > knife)
        fallen = replace(self, length=knife, marks=gone, whole=self.whole and not left)
        return fallen, Piece(self.width, marks=left, whole=not left)

    def torn(self) -> tuple["Piece", "Piece"]:
        """The roll ended or somebody pulled: what follows starts in the middle of a ticket."""
        return replace(self, whole=False), Piece(self.width, whole=False)


@dataclass(frozen=True)
class Paper:
    """A finished piece, as kept and as told. `at` is seconds since the epoch."""

    no: int
    at: float
    piece: Piece
    ended: Ending
    lines: tuple[str, ...] = field(init=False)
    qr: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        marks = [placed.mark for placed in self.piece.marks]
        object.__setattr__(
            self, "lines", tuple(text for m in marks if isinstance(m, Line) and (text := line_text(m)))
        )
        object.__setattr__(self, "qr", tuple(qr_text(m) for m in marks if isinstance(m, QrCode)))

    @property
    def complete(self) -> bool:
        """One whole ticket, cut off clean."""
        return self.ended == "cut" and self.piece.whole

    def record(self) -> dict[str, object]:
        """For JSON."""
        return {
            "no": self.no,
            "at": self.at,
            "complete": self.complete,
            "ended": self.ended,
            "restarts": self.piece.restarts,
            "width": self.piece.width,
            "length": self.piece.length,
            "lines": list(self.lines),
            "qr": list(self.qr),
            "items": [item_record(placed) for placed in self.piece.marks],
        }


def line_text(line: Line) -> str:
    """What a reader reads; an inline picture (a rare character, say) shows as ▦."""
    text = "".join(item.char if isinstance(item, Cell) else inline_sign(item) for item in line.items)
    return text.strip()


def inline_sign(bitmap: Bitmap) -> str:
    return "▦" if any(bitmap.rows) else " "


def qr_text(code: QrCode) -> str:
    return code.payload.decode("utf-8", "replace")


def item_record(placed: Placed) -> dict[str, object]:
    """One thing on the paper: its kind, where it stands, what it says."""
    mark = placed.mark
    base: dict[str, object] = {"top": placed.top, "height": placed.height}
    match mark:
        case Line():
            size = max((item.down for item in mark.items if isinstance(item, Cell)), default=1)
            bold = any(isinstance(item, Cell) and item.bold for item in mark.items)
            return base | {
                "kind": "text",
                "text": line_text(mark),
                "align": mark.align,
                "size": size,
                "bold": bold,
            }
        case QrCode():
            return base | {"kind": "qr", "text": qr_text(mark), "align": mark.align, "module": mark.module}
        case Picture():
            return base | {"kind": "picture", "width": mark.bitmap.width, "align": mark.align}
        case Feed():
            return base | {"kind": "feed"}

"""What becomes of a workbook (Excel) that an admin brings: what it would change, and which cells are wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StaffRow:
    """An account with its staff card, as a row of the staff workbook says it."""

    username: str
    name: str
    staff_no: str
    role: str
    card_name: str
    position: str
    badges: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class WrongCell:
    """`row` as the sheet counts them, `column` as its head says. The sentences say what is wrong."""

    row: int
    column: str
    zh: str
    en: str


@dataclass(frozen=True)
class CellChange:
    """Of a column, what is there and what would be, as the workbook would write them."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """`key`: the code or user name. `new`: it is not there yet; then only `after` is filled."""

    key: str
    name: str
    new: bool
    cells: tuple[CellChange, ...]


@dataclass(frozen=True)
class BookCheck:
    """What a workbook would do, before it is done. `before` and `after` count what there is; what the workbook does
    not name stays as it is. `changes` are the first of them. With any `wrong` nothing can be done. `plan` names just
    this change: applying asks for it, so that what is done is what was seen."""

    before: int
    after: int
    added: int
    changed: int
    same: int
    changes: tuple[RowChange, ...]
    wrong: tuple[WrongCell, ...]
    plan: str


@dataclass(frozen=True)
class StartPassword:
    username: str
    name: str
    password: str


@dataclass(frozen=True)
class BookDone:
    """`passwords` of accounts that were made: said once, and kept nowhere."""

    added: int
    changed: int
    passwords: tuple[StartPassword, ...] = ()

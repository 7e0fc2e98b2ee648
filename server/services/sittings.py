"""Who sat where and when: the stays at windows and posts, and the offers by which a window changes hands."""

from sqlalchemy import Connection, bindparam, select, update

from server.db import Record, Tx
from server.domain.cover import SeatAction
from server.models import HandoverRow, Instant, Sitting
from server.statement import Statement

MOVED = "moved"
"""Ended by sitting down elsewhere."""
EXCUSED = frozenset({MOVED, SeatAction.RECEIVE, SeatAction.TAKE_OVER})
"""Ends of a stay that are no leaving early."""

_END = Statement(
    update(Sitting)
    .where(Sitting.window_id == bindparam("of_window"), Sitting.ended_at.is_(None))
    .values(ended_at=bindparam("now", type_=Instant), ended_by=bindparam("how"))
)
_VOID = Statement(
    update(HandoverRow)
    .where(HandoverRow.window_id == bindparam("of_window"), HandoverRow.ended_at.is_(None))
    .values(ended_at=bindparam("now", type_=Instant), state="withdrawn")
)
_OPEN = Statement(
    select(HandoverRow).where(HandoverRow.window_id == bindparam("window_id"), HandoverRow.ended_at.is_(None))
)


def begin(tx: Tx, hall_id: int, window_id: int, account_id: int | None, how: SeatAction) -> None:
    """To be called with every change of who sits at the window: whoever sat there until now ends the same way."""
    end(tx, window_id, how)
    tx.add(
        Sitting, hall_id=hall_id, window_id=window_id, account_id=account_id, began_at=tx.now, began_by=how.value
    )  # fmt: skip


def end(tx: Tx, window_id: int, how: str) -> None:
    """End the stay at this window, if any, and void what was offered there: its giver sits there no more."""
    _END.run(tx.conn, of_window=window_id, now=tx.now, how=str(how))
    void(tx, window_id)


def void(tx: Tx, window_id: int) -> None:
    """Withdraw what is offered of this window, if anything is."""
    _VOID.run(tx.conn, of_window=window_id, now=tx.now)


def offered(conn: Connection, window_id: int) -> Record | None:
    """The offer of this window that nobody has taken up or withdrawn."""
    found: Record | None = _OPEN.one_or_none(conn, window_id=window_id)
    return found

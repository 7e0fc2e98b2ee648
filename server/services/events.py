"""Everything that happens gets the hall's next seq, in the same commit as the change itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from server.contract.news import News, NewsKind
from server.db import Tx
from server.domain.service_day import hall_time
from server.models import Hall, NewsRow
from server.services.actors import Actor

_NEXT_SEQ = (
    update(Hall)
    .where(Hall.id == bindparam("hall_id"))
    .values(seq=Hall.seq + 1)
    .returning(Hall.seq, Hall.code, Hall.zone)
)
_SEQ = select(Hall.seq, Hall.zone).where(Hall.id == bindparam("hall_id"))


def tell(
    tx: Tx,
    actor: Actor,
    kind: NewsKind,
    data: dict[str, Any],
    *,
    ticket_id: int | None = None,
    window_id: int | None = None,
    why: str = "",
) -> int:
    """Record an event and queue it for the clients; returns its seq. `data` must be JSON values."""
    hall = tx.conn.execute(_NEXT_SEQ, {"hall_id": actor.hall_id}).one()
    tx.add(
        NewsRow, hall_id=actor.hall_id, seq=hall.seq, kind=kind.value, at=tx.now, ticket_id=ticket_id,
        window_id=window_id, actor=actor.signature, why=why, data=data,
    )  # fmt: skip
    tx.news.append(News(hall.code, hall.seq, kind, hall_time(tx.now, hall.zone), data))
    return int(hall.seq)


def next_call(tx: Tx, hall_id: int) -> tuple[int, datetime]:
    """The seq that the next `tell` of this transaction will give, and the hall's own time."""
    hall = tx.conn.execute(_SEQ, {"hall_id": hall_id}).one()
    return int(hall.seq) + 1, hall_time(tx.now, hall.zone)

"""Everything that happens gets the hall's next seq, in the same commit as the change itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from server.contract.news import News, NewsKind
from server.db import Tx
from server.domain.service_day import hall_time
from server.models import Hall, NewsRow
from server.services.actors import Actor
from server.statement import Statement

_NEXT_SEQ = Statement(
    update(Hall)
    .where(Hall.id == bindparam("hall_id"))
    .values(seq=Hall.seq + 1)
    .returning(Hall.seq, Hall.code, Hall.zone)
)

Numbered = Callable[[int, datetime], dict[str, Any]]
"""What of an event's data is known only when it has its seq and the hall's own time."""


def tell(
    tx: Tx,
    actor: Actor,
    kind: NewsKind,
    data: dict[str, Any],
    *,
    ticket_id: int | None = None,
    window_id: int | None = None,
    why: str = "",
    numbered: Numbered | None = None,
) -> int:
    """Record an event and queue it for the clients; returns its seq. `data` must be JSON values."""
    hall = _NEXT_SEQ.one(tx.conn, hall_id=actor.hall_id)
    at = hall_time(tx.now, hall.zone)
    if numbered is not None:
        data = {**data, **numbered(hall.seq, at)}
    tx.add(
        NewsRow, hall_id=actor.hall_id, seq=hall.seq, kind=kind.value, at=tx.now, ticket_id=ticket_id,
        window_id=window_id, actor=actor.signature, why=actor.reason(why), data=data,
    )  # fmt: skip
    tx.news.append(News(hall.code, hall.seq, kind, at, data))
    return int(hall.seq)

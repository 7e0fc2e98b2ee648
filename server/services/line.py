"""A window's line: who waits for it, in which order, and who is next."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from server.contract.tickets import Lane, TicketState
from server.db import Record
from server.domain.policy import Choice, Waiting, calling_order, choose
from server.models import CallRow, Queue, TicketRow, WindowQueue
from server.services.actors import Actor
from server.services.tickets import TICKETS, view
from server.services.windows import own

LISTED = 50
"""Most tickets that a clerk's list shows."""

_SERVES = (
    select(Queue.code, WindowQueue.weight)
    .join(WindowQueue, WindowQueue.queue_id == Queue.id)
    .where(WindowQueue.window_id == bindparam("window_id"))
)
_RECENT = (
    select(CallRow.lane)
    .where(CallRow.window_id == bindparam("window_id"), CallRow.recall.is_(False))
    .order_by(CallRow.seq.desc())
    .limit(5)
)
_BOUND = TicketRow.bound_window_id == bindparam("window_id")
_SERVED_HERE = TicketRow.queue_id.in_(
    select(WindowQueue.queue_id).where(WindowQueue.window_id == bindparam("window_id"))
)
_PLACED = (
    select(
        TicketRow.id,
        TicketRow.number,
        Queue.code,
        TicketRow.lane,
        TicketRow.queued_at,
        _BOUND.label("bound"),
        func.row_number()
        .over(partition_by=(TicketRow.queue_id, TicketRow.lane, _BOUND), order_by=(TicketRow.queued_at, TicketRow.id))
        .label("place"),
    )
    .join(Queue, Queue.id == TicketRow.queue_id)
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state == TicketState.WAITING.value,
        _BOUND | (TicketRow.bound_window_id.is_(None) & _SERVED_HERE),
    )
    .subquery()
)
_WAITING = select(_PLACED).where(_PLACED.c.place <= bindparam("depth"))
_HELD = (
    TICKETS.where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state == TicketState.HELD.value,
        _BOUND | TicketRow.bound_window_id.is_(None),
    )
    .order_by(TicketRow.queued_at, TicketRow.id)
    .limit(LISTED)
)


def next_for(conn: Connection, window: Record, now: datetime) -> Choice | None:
    """The policy's choice for this window. Within a queue and lane order is arrival, so the first of each is all
    that the policy needs, and a long line costs no more than a short one."""
    return choose(window.no, _weights(conn, window), _waiting(conn, window, 1), _recent_lanes(conn, window), now)


def waiting_and_held(conn: Connection, actor: Actor, no: str, now: datetime) -> dict[str, Any]:
    """The window's own line in calling order as of `now`, and what is on hold; at most LISTED each."""
    window = own(conn, actor, no)
    line, recent = _waiting(conn, window, LISTED), _recent_lanes(conn, window)
    order = calling_order(window.no, _weights(conn, window), line, recent, now, limit=LISTED)
    rows = {row.id: row for row in conn.execute(TICKETS.where(TicketRow.id.in_(order)))}
    held = conn.execute(_HELD, {"hall_id": window.hall_id, "window_id": window.id})
    return {
        "waiting": [view(conn, rows[key], place) for place, key in enumerate(order)],
        "held": [view(conn, row, 0) for row in held],
    }


def _weights(conn: Connection, window: Record) -> dict[str, int]:
    return {row.code: row.weight for row in conn.execute(_SERVES, {"window_id": window.id})}


def _recent_lanes(conn: Connection, window: Record) -> list[Lane]:
    rows = conn.execute(_RECENT, {"window_id": window.id}).all()
    return [Lane(row.lane) for row in reversed(rows)]


def _waiting(conn: Connection, window: Record, depth: int) -> list[Waiting]:
    """The first `depth` of each queue and lane that this window serves, and of those bound to it."""
    rows = conn.execute(_WAITING, {"hall_id": window.hall_id, "window_id": window.id, "depth": depth})
    return [Waiting(r.id, r.number, r.code, Lane(r.lane), r.queued_at, window.no if r.bound else None) for r in rows]

"""A window's line: who waits for it, in which order, and who is next."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, union_all

from server.contract.tickets import Lane, TicketState
from server.db import Record
from server.domain.policy import Choice, Waiting, calling_order, choose
from server.models import CallRow, Queue, TicketRow, WindowQueue
from server.services.actors import Actor
from server.services.alarms import printer_alarms
from server.services.tickets import TICKETS, view
from server.services.windows import own

LISTED = 50
"""Most tickets that a clerk's list shows."""

_SERVES = (
    select(Queue.id, Queue.code, WindowQueue.weight)
    .join(WindowQueue, WindowQueue.queue_id == Queue.id)
    .where(WindowQueue.window_id == bindparam("window_id"))
)
_RECENT = (
    select(CallRow.lane)
    .where(CallRow.window_id == bindparam("window_id"), CallRow.recall.is_(False))
    .order_by(CallRow.seq.desc())
    .limit(5)
)
_WAITING = (
    select(TicketRow.id, TicketRow.number, TicketRow.lane, TicketRow.queued_at, Queue.code)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.state == TicketState.WAITING.value)
    .order_by(TicketRow.queued_at, TicketRow.id)
    .limit(bindparam("depth"))
)
_BOUND_HERE = _WAITING.where(TicketRow.bound_window_id == bindparam("window_id"))
# Each lane by itself, along the index: the thousandth ticket of a line is never looked at.
_IN_QUEUE = union_all(
    *(
        select(
            _WAITING.where(
                TicketRow.queue_id == bindparam("queue_id"),
                TicketRow.lane == lane.value,
                TicketRow.bound_window_id.is_(None),
            ).subquery()
        )
        for lane in Lane
    )
)
_HELD = (
    TICKETS.where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state == TicketState.HELD.value,
        (TicketRow.bound_window_id == bindparam("window_id")) | TicketRow.bound_window_id.is_(None),
    )
    .order_by(TicketRow.queued_at, TicketRow.id)
    .limit(LISTED)
)


def next_for(conn: Connection, window: Record, now: datetime) -> Choice | None:
    """The policy's choice for this window. Within a queue and lane order is arrival, so the first of each is all
    that the policy needs, and a long line costs no more than a short one."""
    return choose(window.no, *_facts(conn, window, depth=1), now)


def waiting_and_held(conn: Connection, actor: Actor, no: str, now: datetime) -> dict[str, Any]:
    """The window's own line in calling order as of `now`, and what is on hold, at most LISTED each; and the printers
    that want a hand, for whoever sits nearest."""
    window = own(conn, actor, no)
    order = calling_order(window.no, *_facts(conn, window, depth=LISTED), now, limit=LISTED)
    rows = {row.id: row for row in conn.execute(TICKETS.where(TicketRow.id.in_(order)))}
    held = conn.execute(_HELD, {"hall_id": window.hall_id, "window_id": window.id})
    return {
        "waiting": [view(conn, rows[key], place) for place, key in enumerate(order)],
        "held": [view(conn, row, 0) for row in held],
        "printers": printer_alarms(conn, window.hall_id),
    }


def _facts(conn: Connection, window: Record, depth: int) -> tuple[dict[str, int], list[Waiting], list[Lane]]:
    """What the policy wants to know: weights, the first `depth` waiting of each line, and the latest lanes."""
    here = {"hall_id": window.hall_id, "window_id": window.id, "depth": depth}
    serves = conn.execute(_SERVES, here).all()
    bound = [_waiting(row, window.no) for row in conn.execute(_BOUND_HERE, here)]
    lines = [_waiting(row) for queue in serves for row in conn.execute(_IN_QUEUE, {**here, "queue_id": queue.id})]
    recent = [Lane(row.lane) for row in conn.execute(_RECENT, here)]
    return {queue.code: queue.weight for queue in serves}, bound + lines, recent[::-1]


def _waiting(row: Record, bound_to: str | None = None) -> Waiting:
    return Waiting(row.id, row.number, row.code, Lane(row.lane), row.queued_at, bound_to)

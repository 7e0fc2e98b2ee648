"""A window's line: who waits for it, in which order, and who is next."""

import functools
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, union_all

from server.contract.tickets import Lane, TicketState
from server.db import Record
from server.domain.policy import Choice, Fairness, Seat, Waiting, calling_order, choose, on_time
from server.domain.service_day import hall_time
from server.domain.story import noted, sent_from
from server.models import CallRow, Queue, TicketRow, WindowQueue
from server.services.actors import Actor
from server.services.alarms import printer_alarms
from server.services.fairness import fairness_of
from server.services.tickets import TICKETS, view
from server.services.windows import own
from server.statement import Statement

LISTED = 50
"""Most tickets that a clerk's list shows."""

_SERVES = Statement(
    select(Queue.id, Queue.code, WindowQueue.weight)
    .join(WindowQueue, WindowQueue.queue_id == Queue.id)
    .where(WindowQueue.window_id == bindparam("window_id"))
)
_RUN = Statement(
    select(CallRow.run)
    .where(CallRow.window_id == bindparam("window_id"), CallRow.recall.is_(False), CallRow.undone.is_(False))
    .order_by(CallRow.seq.desc())
    .limit(1)
)
_WAITING = (
    select(
        TicketRow.id, TicketRow.number, TicketRow.lane, TicketRow.queued_at, TicketRow.due_at, Queue.code,
        TicketRow.bound_window_id, TicketRow.bound_staff_id,
    )
    .join(Queue, Queue.id == TicketRow.queue_id)
    .where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.state == TicketState.WAITING.value)
    .order_by(TicketRow.queued_at, TicketRow.id)
    .limit(bindparam("depth"))
)  # fmt: skip
_ON_TIME = TicketRow.due_at.is_(None) | TicketRow.due_at.between(bindparam("earliest"), bindparam("latest"))
_LINES = (
    TicketRow.lane == Lane.NORMAL.value,
    TicketRow.lane == Lane.PRIORITY.value,
    TicketRow.lane == Lane.EXPRESS.value,
    (TicketRow.lane == Lane.APPOINTMENT.value) & _ON_TIME,
    (TicketRow.lane == Lane.APPOINTMENT.value) & ~_ON_TIME,
)
"""As `policy.lines_of` parts them."""


@functools.cache
def _first_of(queues: int) -> Statement:
    """The first `depth` of every line that a window of so many queues calls from: those bound to it or to its clerk,
    and of `queue_0` and so on. Side by side and not by OR: each goes along an index of its own, and the thousandth
    ticket of a line is never looked at."""
    bound = (
        TicketRow.bound_window_id == bindparam("window_id"),
        TicketRow.bound_staff_id == bindparam("staff_id"),
    )
    free = TicketRow.bound_window_id.is_(None) & TicketRow.bound_staff_id.is_(None)
    of_queues = [TicketRow.queue_id == bindparam(f"queue_{i}") for i in range(queues)]
    parts = [*bound, *(of_queue & line & free for of_queue in of_queues for line in _LINES)]
    return Statement(union_all(*(select(_WAITING.where(part).subquery()) for part in parts)))


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
    return choose(*_facts(conn, window, now, depth=1))


def passed_over(conn: Connection, window: Record, row: Record) -> int:
    """How many with an earlier place wait for this window while `row` is called out of order."""
    earlier = (TicketRow.queued_at < row.queued_at) | (
        (TicketRow.queued_at == row.queued_at) & (TicketRow.id < row.id)
    )
    served = select(WindowQueue.queue_id).where(WindowQueue.window_id == window.id)
    unbound = TicketRow.bound_window_id.is_(None) & TicketRow.bound_staff_id.is_(None)
    here = (TicketRow.bound_window_id == window.id) | (TicketRow.bound_staff_id == window.staff_id)
    waiting = (TicketRow.hall_id == row.hall_id) & (TicketRow.state == TicketState.WAITING.value)
    mine = here | (unbound & TicketRow.queue_id.in_(served))
    return int(conn.execute(select(func.count()).where(waiting, mine, earlier)).scalar_one())


def run_of(conn: Connection, window: Record) -> int:
    """How many fast calls in a row this window has made."""
    row = _RUN.one_or_none(conn, window_id=window.id)
    return row.run if row else 0


def waiting_and_held(conn: Connection, actor: Actor, no: str, now: datetime) -> dict[str, Any]:
    """The window's own line in calling order as of `now`, and what is on hold, at most LISTED each. By id, `holds`
    tells of each of these why and since when, and `notes` of who waits what the clerk should know of it.
    And the printers that want a hand, for whoever sits nearest."""
    window = own(conn, actor, no)
    facts = _facts(conn, window, now, depth=LISTED)
    order = calling_order(*facts, limit=LISTED)
    rows = {row.id: row for row in conn.execute(TICKETS.where(TicketRow.id.in_(order)))}
    held = conn.execute(_HELD, {"hall_id": window.hall_id, "window_id": window.id}).all()
    return {
        "waiting": [view(conn, rows[key], place) for place, key in enumerate(order)],
        "held": [view(conn, row, 0) for row in held],
        "holds": {row.code: _hold(row) for row in held},
        "notes": {row.code: note for row in rows.values() if (note := _note(row, now, facts[-1]))},
        "printers": printer_alarms(conn, window.hall_id),
    }


def _hold(row: Record) -> dict[str, Any]:
    zh, en = noted(row.note)
    return {"kind": row.hold_kind, "reason": zh, "reason_en": en, "since": hall_time(row.since, row.zone)}


def _note(row: Record, now: datetime, fairness: Fairness) -> dict[str, str]:
    """Which window sent it on and what it said; and of an appointment outside of its time, on which side."""
    sent = sent_from(row.note)
    note = {"from": sent[0], "reason": sent[1]} if sent else {}
    if not on_time(row.due_at, now, fairness):
        return {**note, "appointment": "early" if row.due_at > now else "late"}
    # Who took the number too late is in the normal lane for good.
    return {**note, "appointment": "late"} if row.due_at and row.lane != Lane.APPOINTMENT else note


def _facts(
    conn: Connection, window: Record, now: datetime, depth: int
) -> tuple[Seat, list[Waiting], datetime, Fairness]:
    """What the policy wants to know: the seat, the first `depth` waiting of each line, the moment, the settings."""
    fairness = fairness_of(conn, window.hall_id)
    here = {
        "hall_id": window.hall_id, "window_id": window.id, "staff_id": window.staff_id, "depth": depth,
        "earliest": now - fairness.late, "latest": now + fairness.early,
    }  # fmt: skip
    serves = _SERVES.all(conn, window_id=window.id)
    seat = Seat(
        window=str(window.id), weights={queue.code: queue.weight for queue in serves}, run=run_of(conn, window),
        staff=_name(window.staff_id),
    )  # fmt: skip
    queues = {f"queue_{i}": queue.id for i, queue in enumerate(serves)}
    rows = _first_of(len(serves)).all(conn, **here, **queues)
    return seat, [_waiting(row) for row in rows], now, fairness


def _waiting(row: Record) -> Waiting:
    return Waiting(
        row.id, row.number, row.code, Lane(row.lane), row.queued_at, _name(row.bound_window_id),
        _name(row.bound_staff_id), row.due_at,
    )  # fmt: skip


def _name(key: int | None) -> str | None:
    """Windows and clerks by their keys: the policy only asks whether they are the same."""
    return None if key is None else str(key)

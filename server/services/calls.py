"""Calling: next, recall, begin, finish, no-show, hold, transfer. No ticket is ever called by two windows."""

from typing import Any

from sqlalchemy import select

from server.contract.board import Call
from server.contract.codec import to_json
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import TicketState
from server.contract.windows import (
    Finish,
    Hold,
    HoldKind,
    Transfer,
    WindowCommand,
    WindowState,
    WindowView,
)  # fmt: skip
from server.db import Record, Tx
from server.domain.ticket import Action
from server.models import CallRow, Hall, Queue, Window
from server.services import ratings
from server.services.actors import Actor
from server.services.events import next_call
from server.services.line import next_for
from server.services.tickets import move, release_window, row_by_code, row_by_id
from server.services.windows import find, own, window_view

NOBODY = "当前无人等候 No one is waiting"


def call_next(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """叫号: the policy's choice for this window. With nobody waiting the view says so in `message`."""
    window = _free_window(tx, actor, no)
    choice = next_for(tx.conn, window, tx.now)
    if choice is None:
        return window_view(tx.conn, actor, no, message=NOBODY)
    _call(tx, actor, window, row_by_id(tx.conn, choice.key), choice.reason)
    return window_view(tx.conn, actor, no)


def call_specific(tx: Tx, actor: Actor, body: WindowCommand, no: str, ticket: str) -> WindowView:
    """特呼: out of order; allowed, and recorded as such."""
    window = _free_window(tx, actor, no)
    row = row_by_code(tx.conn, actor, ticket)
    if row.state == TicketState.HELD:
        move(tx, actor, row, Action.RELEASE, window_id=None)
        row = row_by_id(tx.conn, row.id)
    _call(tx, actor, window, row, "特呼（不按顺序）")
    return window_view(tx.conn, actor, no)


def recall(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """重呼: at most `recall_limit` times, not sooner than `recall_seconds` after the latest call."""
    window, row = _in_hand(tx, actor, no)
    hall = tx.conn.execute(select(Hall.recall_limit, Hall.recall_seconds).where(Hall.id == actor.hall_id)).one()
    if row.recalls >= hall.recall_limit:
        raise ProblemError("recall_limit")
    at_window = select(CallRow.at).where(CallRow.window_id == window.id)  # its latest call is of the ticket in hand
    latest = tx.conn.execute(at_window.order_by(CallRow.seq.desc()).limit(1)).scalar_one()
    wait = hall.recall_seconds - (tx.now - latest).total_seconds()
    if 0 < wait <= hall.recall_seconds:
        raise ProblemError("recall_too_soon", seconds=int(wait) + 1)
    _announce(tx, actor, window, row, Action.RECALL, "", recalls=row.recalls + 1)
    return window_view(tx.conn, actor, no)


def begin(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """开始办理. Ends the invitation of the citizen before, whose turn at the evaluator is over."""
    window, row = _in_hand(tx, actor, no)
    ratings.close_window(tx, actor, window.id)
    move(tx, actor, row, Action.BEGIN, begun_at=tx.now)
    return window_view(tx.conn, actor, no)


def finish(tx: Tx, actor: Actor, body: Finish, no: str) -> WindowView:
    """办结, and the one rating invitation of this ticket."""
    window, row = _in_hand(tx, actor, no)
    move(tx, actor, row, Action.FINISH, finished_at=tx.now, outcome=body.outcome.value)
    release_window(tx, row)
    ratings.invite(tx, actor, window, row)
    return window_view(tx.conn, actor, no)


def no_show(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """过号. The guide desk may reinstate the ticket."""
    _, row = _in_hand(tx, actor, no)
    move(tx, actor, row, Action.MISS)
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def undo(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """Take a wrong "next" back: the ticket waits again where it stood."""
    _, row = _in_hand(tx, actor, no)
    move(tx, actor, row, Action.UNDO, window_id=None)
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def hold(tx: Tx, actor: Actor, body: Hold, no: str) -> WindowView:
    window, row = _in_hand(tx, actor, no)
    bound = window.id if body.kind is HoldKind.SAME_WINDOW else None
    move(
        tx,
        actor,
        row,
        Action.HOLD,
        why=f"{body.kind} {body.reason}".strip(),
        bound_window_id=bound,
        window_id=None,
    )
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def transfer(tx: Tx, actor: Actor, body: Transfer, no: str) -> WindowView:
    """转移 to a queue or a window; the number and the time in the hall are kept."""
    _, row = _in_hand(tx, actor, no)
    target = _transfer_target(tx, actor, body)
    why = f"{body.queue or body.window} {body.reason}".strip()
    move(tx, actor, row, Action.TRANSFER, why=why, window_id=None, **target)
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def _transfer_target(tx: Tx, actor: Actor, body: Transfer) -> dict[str, Any]:
    if (body.queue is None) == (body.window is None):
        raise bad_field("queue", "give either queue or window", "队列与窗口须且只能填一个")
    if body.window is not None:
        return {"bound_window_id": find(tx.conn, actor, body.window).id}
    queue_id = tx.conn.execute(
        select(Queue.id).where(Queue.hall_id == actor.hall_id, Queue.code == body.queue)
    ).scalar_one_or_none()
    if queue_id is None:
        raise ProblemError("queue_not_found")
    return {"queue_id": queue_id, "bound_window_id": None}


def _free_window(tx: Tx, actor: Actor, no: str) -> Record:
    window = own(tx.conn, actor, no)
    if window.ticket_id is not None:
        raise ProblemError("ticket_in_hand", number=row_by_id(tx.conn, window.ticket_id).number)
    if window.state != WindowState.OPEN:
        raise ProblemError("window_not_open")
    return window


def _in_hand(tx: Tx, actor: Actor, no: str) -> tuple[Record, Record]:
    window = own(tx.conn, actor, no)
    if window.ticket_id is None:
        raise ProblemError("no_ticket")
    return window, row_by_id(tx.conn, window.ticket_id)


def _call(tx: Tx, actor: Actor, window: Record, row: Record, reason: str) -> None:
    _announce(
        tx, actor, window, row, Action.CALL, reason, window_id=window.id, bound_window_id=None,
        staff_id=actor.account_id, called_at=tx.now, recalls=0, call_reason=reason,
    )  # fmt: skip
    tx.change(Window, window.id, ticket_id=row.id)


def _announce(tx: Tx, actor: Actor, window: Record, row: Record, action: Action, why: str, **changes: Any) -> None:
    again = action is Action.RECALL
    seq, at = next_call(tx, actor.hall_id)
    call = Call(
        seq=seq, number=row.number, window=window.no, window_name=window.name, zone=window.zone,
        floor=window.floor, queue=row.queue, at=at, recall=again,
    )  # fmt: skip
    told = move(tx, actor, row, action, why=why, window=window.no, data={"call": to_json(call)}, **changes)
    if told != seq:
        raise RuntimeError("a call must be told under the seq that names it")
    tx.add(
        CallRow,
        hall_id=actor.hall_id, seq=seq, service_day=row.service_day, ticket_id=row.id, window_id=window.id,
        lane=row.lane, recall=again, at=tx.now,
    )  # fmt: skip

"""Calling: next, recall, begin, finish, no-show, hold, transfer. No ticket is ever called by two windows."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from server.contract.admin import NoShowPolicy
from server.contract.board import Call
from server.contract.codec import to_json
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import TicketState
from server.contract.windows import (
    CallTicket,
    Finish,
    Hold,
    HoldKind,
    Transfer,
    WindowCommand,
    WindowState,
    WindowView,
)  # fmt: skip
from server.db import Record, Tx
from server.domain.policy import SPECIFIC, Choice
from server.domain.story import because, both, noted, place
from server.domain.ticket import Action
from server.models import CallRow, Hall, Queue, Window
from server.services import accounts, ratings
from server.services.actors import Actor
from server.services.line import next_for, passed_over, run_of
from server.services.tickets import bring_back, move, no_show_fate, release_window, row_by_code, row_by_id
from server.services.windows import find, own, window_view

NOBODY = "当前无人等候 No one is waiting"
MISSED = {
    NoShowPolicy.VOID: "{number} 过号，号码作废 {number} missed its call and is void",
    NoShowPolicy.REQUEUE: "{number} 过号，{zh} {number} waits again {en}",
    NoShowPolicy.DESK: "{number} 过号，本人可到导办台恢复 {number} can be reinstated at the guide desk",
}
"""What becomes of a ticket that missed its call."""


def call_next(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """叫号: the policy's choice for this window. With nobody waiting the view says so in `message`."""
    window = _free_window(tx, actor, no)
    choice = next_for(tx.conn, window, tx.now)
    if choice is None:
        return window_view(tx.conn, actor, no, message=NOBODY)
    _call(tx, actor, window, row_by_id(tx.conn, choice.key), choice)
    return window_view(tx.conn, actor, no)


def call_specific(tx: Tx, actor: Actor, body: CallTicket, no: str, ticket: str) -> WindowView:
    """特呼: one ticket, out of order unless it is the next one anyway; allowed, and recorded as such. A ticket on
    hold is resumed."""
    window = _free_window(tx, actor, no)
    row = row_by_code(tx.conn, actor, ticket)
    if row.state == TicketState.HELD:
        _resume(tx, actor, window, row)
    else:
        choice = next_for(tx.conn, window, tx.now)
        if choice is not None and choice.key == row.id:
            _call(tx, actor, window, row, choice)
        else:
            _call_out_of_order(tx, actor, window, row, body.reason.strip())
    return window_view(tx.conn, actor, no)


def resume_ticket(tx: Tx, actor: Actor, body: WindowCommand, no: str, ticket: str) -> WindowView:
    """续办: the citizen of a ticket on hold is back and is served at once, without a call."""
    _resume(tx, actor, _free_window(tx, actor, no), row_by_code(tx.conn, actor, ticket))
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
    _announce(tx, actor, window, row, Action.RECALL, "", {}, recalls=row.recalls + 1)
    return window_view(tx.conn, actor, no)


def begin(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """开始办理. Ends the invitation of the citizen before, whose turn at the evaluator is over."""
    window, row = _in_hand(tx, actor, no)
    ratings.close_window(tx, window.id)
    move(tx, actor, row, Action.BEGIN, begun_at=tx.now)
    return window_view(tx.conn, actor, no)


def finish(tx: Tx, actor: Actor, body: Finish, no: str) -> WindowView:
    """办结, and the one rating invitation of this ticket."""
    window, row = _in_hand(tx, actor, no)
    move(tx, actor, row, Action.FINISH, why=body.outcome.value, finished_at=tx.now, outcome=body.outcome.value)
    release_window(tx, row)
    ratings.invite(tx, actor, window, row)
    return window_view(tx.conn, actor, no)


def no_show(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """过号; what becomes of the ticket is the hall's policy, and the view's `message` says it."""
    _, row = _in_hand(tx, actor, no)
    fate = no_show_fate(row, row.no_shows + 1)
    move(tx, actor, row, Action.MISS, why=fate.value, no_shows=row.no_shows + 1)
    release_window(tx, row)
    zh = en = ""
    if fate is NoShowPolicy.REQUEUE:
        zh, en = place(bring_back(tx, actor, row_by_id(tx.conn, row.id), "missed"))
    message = MISSED[fate].format(number=row.number, zh=zh, en=en)
    return window_view(tx.conn, actor, no, message=message)


def undo(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """Take a wrong "next" back: the ticket waits again where it stood, and the window's history forgets the call."""
    window, row = _in_hand(tx, actor, no)
    move(
        tx, actor, row, Action.UNDO, why="undo", window_id=None, called_at=None, recalls=0, call_reason="",
        call_rule="",
    )  # fmt: skip
    release_window(tx, row)
    latest = select(CallRow.seq).where(CallRow.window_id == window.id, CallRow.recall.is_(False))
    seq = tx.conn.execute(latest.order_by(CallRow.seq.desc()).limit(1)).scalar_one()
    taken_back = (CallRow.hall_id == actor.hall_id) & (CallRow.window_id == window.id) & (CallRow.seq >= seq)
    tx.conn.execute(update(CallRow).where(taken_back).values(undone=True))
    return window_view(tx.conn, actor, no)


def hold(tx: Tx, actor: Actor, body: Hold, no: str) -> WindowView:
    """挂起: out of the line until somebody releases or resumes it. Its time counts as no one's service."""
    window, row = _in_hand(tx, actor, no)
    move(
        tx, actor, row, Action.HOLD, why=because(body.kind, "", body.reason), window_id=None,
        bound_window_id=window.id if body.kind is HoldKind.SAME_WINDOW else None, bound_staff_id=None,
        hold_kind=body.kind.value, note=because("hold", no, body.reason),
    )  # fmt: skip
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def transfer(tx: Tx, actor: Actor, body: Transfer, no: str) -> WindowView:
    """转移 to a queue, a window or a person; the number, its place and the time in the hall are kept."""
    _, row = _in_hand(tx, actor, no)
    target = _transfer_target(tx, actor, body)
    kind, to = next((kind, to) for kind in ("queue", "window", "staff") if (to := getattr(body, kind)) is not None)
    why, note = because(kind, to, body.reason), because("transfer", no, body.reason)
    move(tx, actor, row, Action.TRANSFER, why=why, window_id=None, note=note, **target)
    release_window(tx, row)
    return window_view(tx.conn, actor, no)


def _transfer_target(tx: Tx, actor: Actor, body: Transfer) -> dict[str, Any]:
    if [body.queue, body.window, body.staff].count(None) != 2:
        raise bad_field("queue", "give one of queue, window and staff", "队列、窗口、人员须且只能填一个")
    if body.window is not None:
        return {"bound_window_id": find(tx.conn, actor, body.window).id, "bound_staff_id": None}
    if body.staff is not None:
        return {"bound_window_id": None, "bound_staff_id": _colleague(tx, actor, body.staff)}
    queue_id = tx.conn.execute(
        select(Queue.id).where(Queue.hall_id == actor.hall_id, Queue.code == body.queue)
    ).scalar_one_or_none()
    if queue_id is None:
        raise ProblemError("queue_not_found")
    return {"queue_id": queue_id, "bound_window_id": None, "bound_staff_id": None}


def _colleague(tx: Tx, actor: Actor, username: str) -> int:
    """Somebody who sits at a window now: to wait for a person who is not there would be to wait for nobody."""
    account = accounts.find_account(tx.conn, username)
    if account is None or account.hall_id != actor.hall_id:
        raise ProblemError("user_not_found")
    if tx.conn.execute(select(Window.id).where(Window.staff_id == account.id)).first() is None:
        raise ProblemError("staff_away", name=account.name or username)
    return int(account.id)


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


def _resume(tx: Tx, actor: Actor, window: Record, row: Record) -> None:
    if row.hold_kind == HoldKind.SAME_WINDOW and row.bound_window_id not in (None, window.id):
        held_at = tx.conn.execute(select(Window.no, Window.state).where(Window.id == row.bound_window_id)).one()
        if held_at.state != WindowState.CLOSED:
            raise ProblemError("held_elsewhere", number=row.number, window=held_at.no)
    ratings.close_window(tx, window.id)
    paused = max(tx.now - row.since, timedelta())
    zh, en = noted(row.note)
    move(
        tx, actor, row, Action.RESUME, why="resumed", window=window.no, window_id=window.id,
        staff_id=actor.account_id, begun_at=row.begun_at + paused if row.begun_at else tx.now, hold_kind="",
        call_reason=both(f"续办；{zh}", f"Resumed; {en}"),
    )  # fmt: skip
    tx.change(Window, window.id, ticket_id=row.id)


def _call_out_of_order(tx: Tx, actor: Actor, window: Record, row: Record, reason: str) -> None:
    """Counts as a fast call, so that who jumps the line does not also hold up the normal lane's turn."""
    over = passed_over(tx.conn, window, row)
    zh, en = f"特呼（不按顺序，越过 {over} 位）", f"Called out of order, past {over}"
    said = (f"{zh}：{reason}", f"{en}: {reason}") if reason else (zh, en)
    _call(tx, actor, window, row, Choice(row.id, SPECIFIC, *said, run_of(tx.conn, window) + 1), over)


def _call(tx: Tx, actor: Actor, window: Record, row: Record, choice: Choice, over: int = 0) -> None:
    zh, en = noted(row.note)
    reason = both(choice.reason + (f"；{zh}" if zh else ""), choice.reason_en + (f"; {en}" if en else ""))
    record = {"rule": choice.rule, "reason": reason, "run": choice.run, "passed_over": over}
    _announce(
        tx, actor, window, row, Action.CALL, reason, record, window_id=window.id, staff_id=actor.account_id,
        called_at=tx.now, begun_at=None, recalls=0, call_reason=reason, call_rule=choice.rule,
    )  # fmt: skip
    tx.change(Window, window.id, ticket_id=row.id)


def _announce(
    tx: Tx, actor: Actor, window: Record, row: Record, action: Action, why: str, record: dict[str, Any],
    **changes: Any,
) -> None:  # fmt: skip
    again = action is Action.RECALL

    def named(seq: int, at: datetime) -> dict[str, Any]:
        call = Call(
            seq=seq, number=row.number, window=window.no, window_name=window.name, zone=window.zone,
            floor=window.floor, queue=row.queue, at=at, recall=again,
        )  # fmt: skip
        return {"call": to_json(call)}

    seq = move(tx, actor, row, action, why=why, window=window.no, numbered=named, **changes)
    tx.add(
        CallRow,
        hall_id=actor.hall_id, seq=seq, service_day=row.service_day, ticket_id=row.id, window_id=window.id,
        lane=row.lane, recall=again, at=tx.now, staff_id=actor.account_id, **record,
    )  # fmt: skip

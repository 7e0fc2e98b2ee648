"""Clerks at windows: signing in and out, pausing, and what a window looks like to its clerk."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, select

from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import TicketState
from server.contract.windows import Pause, SignIn, WindowCommand, WindowSeat, WindowState, WindowView
from server.db import Record, Tx
from server.domain.cover import SeatAction
from server.domain.story import in_both
from server.models import Account, DeviceHealth, DeviceToken, Queue, TicketRow, Window, WindowQueue
from server.services import sittings
from server.services.actors import Actor
from server.services.events import tell
from server.services.tickets import no_show_fate, row_by_id, view
from server.statement import Statement

WINDOWS = select(
    *Window.__table__.columns, Account.name.label("staff_name"), Account.staff_no.label("staff_no"), Account.username
).outerjoin(Account, Account.id == Window.staff_id)

_BY_NO = Statement(WINDOWS.where(Window.hall_id == bindparam("hall_id"), Window.no == bindparam("no")))
_QUEUE_CODES = (
    select(WindowQueue.window_id, Queue.code)
    .join(Queue, Queue.id == WindowQueue.queue_id)
    .where(Queue.hall_id == bindparam("hall_id"))
    .order_by(Queue.position, Queue.id)
)
_OWN_QUEUE_CODES = Statement(_QUEUE_CODES.where(WindowQueue.window_id == bindparam("window_id")))

# The display drives the bars of many windows under one token, and names each led-<window>-<n>.
_HEALTH = Statement(
    select(DeviceHealth.kind, DeviceHealth.state)
    .join(DeviceToken, DeviceToken.id == DeviceHealth.token_id)
    .where(
        DeviceToken.hall_id == bindparam("hall_id"),
        DeviceToken.revoked_at.is_(None),
        ((DeviceToken.window_id == bindparam("window_id")) & (DeviceHealth.kind == "evaluator"))
        | (
            (DeviceHealth.kind == "ledbar")
            & (func.substr(DeviceHealth.name, 1, func.length(bindparam("bar"))) == bindparam("bar"))
        ),
    )
)

_BOUND = (
    select(TicketRow.bound_window_id, TicketRow.bound_staff_id, func.count().label("people"))
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state == TicketState.WAITING.value,
        TicketRow.bound_window_id.is_not(None) | TicketRow.bound_staff_id.is_not(None),
    )
    .group_by(TicketRow.bound_window_id, TicketRow.bound_staff_id)
)


def find(conn: Any, actor: Actor, no: str) -> Record:
    """The window with this number in the actor's hall, or window_not_found."""
    row: Record | None = _BY_NO.one_or_none(conn, hall_id=actor.hall_id, no=no)
    if row is None:
        raise ProblemError("window_not_found")
    return row


def own(conn: Any, actor: Actor, no: str) -> Record:
    """The window, provided that the actor is the clerk signed in there; else not_your_window."""
    row = find(conn, actor, no)
    if row.staff_id is None or row.staff_id != actor.account_id:
        raise ProblemError("not_your_window")
    return row


def behind_pad(conn: Any, pad: Actor, no: str) -> Actor:
    """The clerk for whom a call pad acts: who is signed in at its own window. Raises not_this_pads_window, or
    nobody_signed_in."""
    row = find(conn, pad, no)
    if row.id != pad.window_id:
        raise ProblemError("not_this_pads_window")
    if row.staff_id is None:
        raise ProblemError("nobody_signed_in")
    clerk = conn.execute(select(Account.username, Account.role).where(Account.id == row.staff_id)).one()
    return replace(pad, name=clerk.username, role=clerk.role, account_id=row.staff_id, via=f"call pad {pad.name}")


def window_view(conn: Any, actor: Actor, no: str, message: str = "") -> WindowView:
    row = own(conn, actor, no)
    ticket = None if row.ticket_id is None else row_by_id(conn, row.ticket_id)
    called = ticket if ticket is not None and ticket.state == TicketState.CALLED else None
    zh, en = in_both("" if ticket is None else ticket.call_reason)
    links = _OWN_QUEUE_CODES.all(conn, hall_id=actor.hall_id, window_id=row.id)
    devices = _HEALTH.all(conn, hall_id=actor.hall_id, window_id=row.id, bar=f"led-{no}-")
    return WindowView(
        no=row.no, name=row.name, state=WindowState(row.state), pause_reason=row.pause_reason,
        staff_no=row.staff_no or "", staff_name=row.staff_name or "",
        ticket=None if ticket is None else view(conn, ticket),
        reason=zh, reason_en=en, message=message,
        begun_at=None if ticket is None else ticket.begun_at, queues=tuple(link.code for link in links),
        evaluator=_worst(devices, "evaluator"), bar=_worst(devices, "ledbar"), since=row.since,
        rule="" if ticket is None else ticket.call_rule,
        if_missed=None if called is None else no_show_fate(called, called.no_shows + 1),
        behind=0 if called is None else called.no_show_after,
    )  # fmt: skip


def _worst(devices: Sequence[Record], kind: str) -> str:
    reported = {row.state for row in devices if row.kind == kind}
    return next((state for state in ("fault", "absent", "online") if state in reported), "")


def seats(conn: Any, actor: Actor) -> dict[str, Any]:
    """All windows of the hall with who sits there, for a clerk who chooses one."""
    codes = queue_codes(conn, actor.hall_id)
    bound = conn.execute(_BOUND, {"hall_id": actor.hall_id}).all()
    rows = conn.execute(WINDOWS.where(Window.hall_id == actor.hall_id).order_by(Window.no))
    return {
        "windows": [
            WindowSeat(
                r.no, r.name, r.zone, r.floor, WindowState(r.state), r.staff_no or "", r.staff_name or "",
                codes.get(r.id, ()), sum(b.people for b in bound if _is_for(b, r)), r.username or "",
            )
            for r in rows
        ]
    }  # fmt: skip


def _is_for(bound: Record, window: Record) -> bool:
    return bound.bound_window_id == window.id or bound.bound_staff_id in {window.staff_id} - {None}


def sign_in(tx: Tx, actor: Actor, body: SignIn, no: str) -> WindowView:
    """Open the window for this clerk. A clerk sits at one window at a time; leaving one with a ticket in hand
    is refused, taking over a window hands its ticket on."""
    row = find(tx.conn, actor, no)
    if row.staff_id not in (None, actor.account_id) and not body.take_over:
        raise ProblemError("window_taken", name=row.staff_name or row.staff_no)
    if row.staff_id != actor.account_id:
        sit(tx, actor, row, SeatAction.SIGN_IN if row.staff_id is None else SeatAction.TAKE_OVER)
    return window_view(tx.conn, actor, no)


def sit(tx: Tx, actor: Actor, row: Record, how: SeatAction, why: str = "") -> None:
    """From now on the window and the ticket in hand there are the actor's, who leaves any other window. Raises
    ticket_in_hand."""
    elsewhere = tx.conn.execute(WINDOWS.where(Window.staff_id == actor.account_id, Window.id != row.id)).one_or_none()
    if elsewhere is not None:
        leave(tx, actor, elsewhere, sittings.MOVED)
    if row.ticket_id is not None:
        tx.change(TicketRow, row.ticket_id, staff_id=actor.account_id)
    _set(
        tx, actor, row, taken_over=row.ticket_id, why=why, staff_id=actor.account_id, state=WindowState.OPEN.value,
        pause_reason="",
    )  # fmt: skip
    sittings.begin(tx, actor.hall_id, row.id, actor.account_id, how)


def sign_out(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    row = own(tx.conn, actor, no)
    seen = window_view(tx.conn, actor, no)
    leave(tx, actor, row, SeatAction.SIGN_OUT)
    return WindowView(seen.no, seen.name, WindowState.CLOSED, "", "", "", None)


def pause(tx: Tx, actor: Actor, body: Pause, no: str) -> WindowView:
    """暂停, always with a reason. A ticket in hand may still be finished."""
    if not body.reason.strip():
        raise bad_field("reason", "must not be empty", "不能为空", "原因")
    _set(tx, actor, own(tx.conn, actor, no), state=WindowState.PAUSED.value, pause_reason=body.reason.strip())
    return window_view(tx.conn, actor, no)


def resume(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    _set(tx, actor, own(tx.conn, actor, no), state=WindowState.OPEN.value, pause_reason="")
    return window_view(tx.conn, actor, no)


def queue_codes(conn: Any, hall_id: int) -> dict[int, tuple[str, ...]]:
    """Codes of the queues that each window serves, by the window's row id, in the hall's order of queues."""
    codes: dict[int, tuple[str, ...]] = {}
    for link in conn.execute(_QUEUE_CODES, {"hall_id": hall_id}):
        codes[link.window_id] = (*codes.get(link.window_id, ()), link.code)
    return codes


def leave(tx: Tx, actor: Actor, row: Record, how: str) -> None:
    """Nobody sits there any more. Raises ticket_in_hand."""
    if row.ticket_id is not None:
        raise ProblemError("ticket_in_hand", number=row_by_id(tx.conn, row.ticket_id).number)
    _set(tx, actor, row, staff_id=None, state=WindowState.CLOSED.value, pause_reason="")
    sittings.end(tx, row.id, how)


def _set(
    tx: Tx, actor: Actor, row: Record, *, taken_over: int | None = None, why: str = "", **values: Any
) -> None:  # fmt: skip
    """Change the window and tell it; `taken_over` is the ticket that came into the actor's hands with it."""
    since = row.since if values["state"] == row.state == WindowState.PAUSED else tx.now  # only the reason is new
    tx.change(Window, row.id, **values, since=since)
    changed = {key: value for key, value in values.items() if key in ("state", "pause_reason")}
    tell(
        tx,
        actor,
        NewsKind.WINDOW_CHANGED,
        {"window": row.no, **changed},
        ticket_id=taken_over,
        window_id=row.id,
        why=why,
    )

"""What the holder of a ticket's paper may see and do by phone. The link is the key, and it expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from server.contract.admin import NoShowPolicy
from server.contract.problems import ProblemError
from server.contract.tickets import Ticket, TicketState
from server.contract.windows import WindowState
from server.db import Record, Tx
from server.domain.service_day import day_over, hall_time
from server.domain.ticket import Action
from server.models import TicketRow, Window, WindowQueue
from server.services.actors import Actor
from server.services.tickets import TICKETS, move, no_show_fate, view

LINK_KEPT = timedelta(hours=24)
"""How long after its service day a link still shows what became of the ticket. A lost paper tells nobody anything
the day after."""


@dataclass(frozen=True)
class Followed:
    """`now` is the hall's time. `floor`, `zone` and `window_name` say where the window is that called; 0 and empty
    while none did. `void`: after a missed call, that nobody will put it back. `shut`: who waits, waits for a window
    that is not open yet."""

    ticket: Ticket
    now: datetime
    floor: int
    zone: str
    window_name: str
    void: bool
    shut: bool


def follow(conn: Connection, code: str, now: datetime) -> Followed:
    """The ticket whose unguessable code somebody holds, whatever the hall. Raises ticket_not_found, link_expired."""
    row = _row(conn, code, now)
    void = row.state == TicketState.NO_SHOW and no_show_fate(row, row.no_shows) is NoShowPolicy.VOID
    shut = row.state == TicketState.WAITING and not _open_windows(conn, row)
    return Followed(view(conn, row), hall_time(now, row.zone), *_place(conn, row), void, shut)


def cancel_by_phone(tx: Tx, code: str) -> None:
    """弃号 by whoever holds the link, while nobody was called. Cancelled already: nothing happens. Raises
    not_waiting_any_more, and as `follow`."""
    row = _row(tx.conn, code, tx.now)
    if row.state == TicketState.CANCELLED:
        return
    if row.state != TicketState.WAITING:
        raise ProblemError("not_waiting_any_more", number=row.number)
    move(tx, Actor(row.hall_id, "phone", "citizen"), row, Action.CANCEL, why="phone")


def _row(conn: Connection, code: str, now: datetime) -> Record:
    row: Record | None = conn.execute(TICKETS.where(TicketRow.code == code)).one_or_none()
    if row is None:
        raise ProblemError("ticket_not_found")
    if now >= day_over(row.service_day, row.zone, row.rollover_hour) + LINK_KEPT:
        raise ProblemError("link_expired")
    return row


def _open_windows(conn: Connection, row: Record) -> bool:
    """Whether any window calls the ticket's queue now."""
    windows = select(Window.id).join(WindowQueue, WindowQueue.window_id == Window.id)
    serving = windows.where(WindowQueue.queue_id == row.queue_id, Window.state == WindowState.OPEN.value)
    return conn.execute(serving.limit(1)).first() is not None


def _place(conn: Connection, row: Record) -> tuple[int, str, str]:
    """Floor, zone and name of the window that has called the ticket."""
    window = conn.execute(select(Window.floor, Window.zone, Window.name).where(Window.id == row.window_id)).first()
    return (window.floor, window.zone, window.name) if window else (0, "", "")

"""What the holder of a ticket's paper may see and do by phone. The link is the key, and it expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from server.contract.admin import NoShowPolicy
from server.contract.problems import ProblemError
from server.contract.tickets import Ticket, TicketState
from server.contract.windows import WindowState
from server.db import Record, Tx
from server.domain.appointments import is_late
from server.domain.service_day import day_over, hall_time, service_day
from server.domain.ticket import Action
from server.models import TicketRow, Window, WindowQueue
from server.services.actors import Actor
from server.services.appointments import late_tolerance
from server.services.halls import hall_of
from server.services.tickets import TICKETS, move, no_show_fate, view

LINK_KEPT = timedelta(hours=24)
"""How long after its service day a link still shows what became of the ticket. A lost paper tells nobody anything
the day after."""


@dataclass(frozen=True)
class Followed:
    """`now` is the hall's time. `floor`, `zone` and `window_name` say where the window is that called; 0 and empty
    while none did. `void`: after a missed call, that nobody will put it back. `shut`: who waits, waits for a window
    that is not open yet. `late`: the time that was booked is over, and with it what it was worth."""

    ticket: Ticket
    now: datetime
    floor: int
    zone: str
    window_name: str
    void: bool
    shut: bool
    late: bool


def follow(conn: Connection, code: str, now: datetime) -> Followed:
    """The ticket whose unguessable code somebody holds, whatever the hall. Raises ticket_not_found, link_expired."""
    row = ticket_of_link(conn, code, now)
    over = row.service_day != service_day(now, row.zone, row.rollover_hour)
    void = row.state == TicketState.NO_SHOW and (over or no_show_fate(row, row.no_shows) is NoShowPolicy.VOID)
    late = row.due_at is not None and is_late(row.due_at, now, late_tolerance(hall_of(conn, row.hall_id)))
    shut = row.state == TicketState.WAITING and not _open_windows(conn, row)
    return Followed(view(conn, row), hall_time(now, row.zone), *_place(conn, row), void, shut, late)


def cancel_by_phone(tx: Tx, code: str) -> None:
    """弃号 by whoever holds the link, while nobody was called. Cancelled already: nothing happens. Raises
    not_waiting_any_more, and as `follow`."""
    row = ticket_of_link(tx.conn, code, tx.now)
    if row.state == TicketState.CANCELLED:
        return
    if row.state != TicketState.WAITING:
        raise ProblemError("not_waiting_any_more", number=row.number)
    move(tx, Actor(row.hall_id, "phone", "citizen"), row, Action.CANCEL, why="phone")


def ticket_of_link(conn: Connection, code: str, now: datetime) -> Record:
    """A row of `TICKETS`. Raises ticket_not_found, link_expired."""
    row: Record | None = conn.execute(TICKETS.where(TicketRow.code == code)).one_or_none()
    if row is None:
        raise ProblemError("ticket_not_found")
    if now >= day_over(row.service_day, row.zone, row.rollover_hour) + LINK_KEPT:
        raise ProblemError("link_expired")
    return row


def _open_windows(conn: Connection, row: Record) -> bool:
    """Whether any window that may call the ticket is open now: of its queue, or the one that it is bound to."""
    if row.bound_window_id is None and row.bound_staff_id is None:
        may_call = Window.id.in_(select(WindowQueue.window_id).where(WindowQueue.queue_id == row.queue_id))
    else:
        may_call = (Window.id == row.bound_window_id) | (Window.staff_id == row.bound_staff_id)
    serving = select(Window.id).where(may_call, Window.state == WindowState.OPEN.value)
    return conn.execute(serving.limit(1)).first() is not None


def _place(conn: Connection, row: Record) -> tuple[int, str, str]:
    """Floor, zone and name of the window that has called the ticket."""
    window = conn.execute(select(Window.floor, Window.zone, Window.name).where(Window.id == row.window_id)).first()
    return (window.floor, window.zone, window.name) if window else (0, "", "")

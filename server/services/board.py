"""The snapshot of a hall that walls, kiosks and consoles start from."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from server.contract.appointments import AppointmentState
from server.contract.board import Board, Call, ItemView, QueueStatus, StaffCard, WindowStatus
from server.contract.news import WITHDRAWS_CALLS
from server.contract.tickets import Lane, TicketState
from server.contract.windows import WindowState
from server.db import Record
from server.domain.service_day import hall_time, service_day
from server.models import (
    Account,
    AppointmentRow,
    CallRow,
    Hall,
    Invitation,
    NewsRow,
    Queue,
    ServiceItem,
    SlotPlanRow,
    StaffPhoto,
    TicketRow,
    Window,
    WindowQueue,
)
from server.services import hours, screens
from server.services.estimates import newcomer_wait, waits_of
from server.services.halls import hall_of
from server.services.pinyin import pinyin
from server.services.published import published
from server.statement import Statement

LATEST_CALLS = 30
"""More than any wall shows, and more than can happen while a client fetches this."""

NEXT_NUMBERS = 10


_SEQ = Statement(select(Hall.seq, Hall.zone).where(Hall.id == bindparam("hall_id")))
_WITHDRAWN = (
    select(NewsRow.seq)
    .where(
        NewsRow.ticket_id == CallRow.ticket_id,
        NewsRow.seq > CallRow.seq,
        or_(*(NewsRow.kind == kind.value for kind in WITHDRAWS_CALLS)),
    )
    .exists()
)
_CALLS = Statement(
    select(CallRow.seq, TicketRow.number, Window, Queue.code.label("queue"), CallRow.at, CallRow.recall)
    .join(TicketRow, TicketRow.id == CallRow.ticket_id)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .join(Window, Window.id == CallRow.window_id)
    .where(CallRow.hall_id == bindparam("hall_id"), CallRow.service_day == bindparam("today"), ~_WITHDRAWN)
    .order_by(CallRow.seq.desc())
    .limit(LATEST_CALLS)
)
_WINDOWS = Statement(
    select(
        Window.no, Window.name, Window.zone, Window.floor, Window.state, Window.pause_reason, TicketRow.number,
        TicketRow.state.label("ticket_state"), Account.staff_no, Invitation.id.label("invitation"),
        Account.active, Account.card_name, Account.position, Account.badges, StaffPhoto.digest.label("photo"),
    )
    .outerjoin(TicketRow, TicketRow.id == Window.ticket_id)
    .outerjoin(Account, Account.id == Window.staff_id)
    .outerjoin(StaffPhoto, StaffPhoto.account_id == Account.id)
    .outerjoin(Invitation, (Invitation.window_id == Window.id) & (Invitation.state == "open"))
    .where(Window.hall_id == bindparam("hall_id"))
    .order_by(Window.no)
)  # fmt: skip
_WAITING = (TicketRow.hall_id == bindparam("hall_id")) & (TicketRow.state == TicketState.WAITING.value)
_COUNTS = Statement(select(TicketRow.queue_id, func.count()).where(_WAITING).group_by(TicketRow.queue_id))
_OPEN_WINDOWS = Statement(
    select(WindowQueue.queue_id, func.count())
    .join(Window, Window.id == WindowQueue.window_id)
    .where(Window.hall_id == bindparam("hall_id"), Window.state == WindowState.OPEN.value)
    .group_by(WindowQueue.queue_id)
)
_QUEUES = Statement(select(Queue).where(Queue.hall_id == bindparam("hall_id")).order_by(Queue.position, Queue.id))
_PLACED = (
    select(
        TicketRow.queue_id,
        TicketRow.number,
        func.row_number()
        .over(
            partition_by=TicketRow.queue_id,
            order_by=(TicketRow.lane == Lane.NORMAL.value, TicketRow.queued_at, TicketRow.id),
        )
        .label("place"),
    )
    .where(_WAITING)
    .subquery()
)
_LINES = Statement(select(_PLACED).where(_PLACED.c.place <= NEXT_NUMBERS).order_by(_PLACED.c.place))
_ITEMS = Statement(
    select(ServiceItem.code, ServiceItem.name, ServiceItem.public, Queue.code.label("queue"))
    .join(Queue, Queue.id == ServiceItem.queue_id)
    .where(ServiceItem.hall_id == bindparam("hall_id"), ServiceItem.active.is_(True))
    .order_by(ServiceItem.code)
)
_PLANNED = Statement(select(SlotPlanRow.id).where(SlotPlanRow.hall_id == bindparam("hall_id")).limit(1))
_BOOKED = Statement(
    select(AppointmentRow.id)
    .where(AppointmentRow.hall_id == bindparam("hall_id"), AppointmentRow.state == AppointmentState.BOOKED.value)
    .limit(1)
)


def board(conn: Connection, hall_id: int, now: datetime) -> Board:
    """Everything public at one moment. `conn` must be inside one read transaction, so that `seq` fits the rest."""
    hall = hall_of(conn, hall_id)
    doors = hours.doors(conn, hall, now)
    shown = screens.shown(conn, hall, now)
    windows = _WINDOWS.all(conn, hall_id=hall_id)
    return Board(
        hall=hall.code, hall_name=hall.name, seq=hall.seq, at=hall_time(now, hall.zone), open=doors.open,
        closed_reason=doors.reason[0], closed_reason_en=doors.reason[1], calls=_calls(conn, hall, now),
        windows=_windows(windows), queues=_queues(conn, hall_id, doors), items=public_items(conn, hall_id),
        notices=shown.notices, hours=doors.week[0], hours_en=doors.week[1],
        appointments=takes_appointments(conn, hall_id), leader=shown.leader, staff=_cards(windows),
        playlist=screens.playlist(hall), ticker=hall.ticker, ratings=published(hall),
    )  # fmt: skip


def takes_appointments(conn: Connection, hall_id: int) -> bool:
    """Whether slots are planned, or somebody still has a booking."""
    return any(found.all(conn, hall_id=hall_id) for found in (_PLANNED, _BOOKED))


class LatestBoard:
    """The board of the newest seq, made once and given to all who ask: after each event everyone asks."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime | None, Board]] = {}

    def at(self, conn: Connection, hall_id: int, now: datetime) -> Board:
        """As `board`, at the price of one row when nothing happened or was estimated in this minute since somebody
        asked. Hours, days and campaigns begin and end with a minute."""
        hall = _SEQ.one(conn, hall_id=hall_id)
        waits = waits_of(conn)
        stamp = waits.stamp(hall_id) if waits else None
        of, known = self._known.get(hall_id, (None, None))
        if known is None or of != stamp or known.seq != hall.seq or _minute(known.at) != _minute(now):
            known = board(conn, hall_id, now)
            self._known[hall_id] = stamp, known
        return replace(known, at=hall_time(now, hall.zone))


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _day(moment: datetime, hall: Record) -> date:
    return service_day(moment, hall.zone, hall.rollover_hour)


def _calls(conn: Connection, hall: Record, now: datetime) -> tuple[Call, ...]:
    rows = _CALLS.all(conn, hall_id=hall.id, today=_day(now, hall))
    return tuple(
        Call(r.seq, r.number, r.no, r.name, r.zone, r.floor, r.queue, hall_time(r.at, hall.zone), r.recall)
        for r in reversed(rows)
    )


def _windows(rows: Iterable[Record]) -> tuple[WindowStatus, ...]:
    return tuple(
        WindowStatus(
            r.no, r.name, r.zone, r.floor, WindowState(r.state), r.pause_reason, r.number or "",
            r.ticket_state == TicketState.SERVING, r.staff_no or "", r.invitation is not None, r.invitation,
        )
        for r in rows
    )  # fmt: skip


def _cards(rows: Iterable[Record]) -> tuple[StaffCard, ...]:
    """Of who sits at a window and is known to the public by anything at all."""
    return tuple(
        StaffCard(r.no, r.card_name, r.staff_no, r.position, tuple(r.badges), r.photo or "")
        for r in rows
        if r.active and (r.card_name or r.staff_no)
    )


def _queues(conn: Connection, hall_id: int, doors: hours.Doors) -> tuple[QueueStatus, ...]:
    """All but the campaigns that are over and done with."""
    lines = _lines(conn, hall_id)
    counts = _pairs(_COUNTS.all(conn, hall_id=hall_id))
    open_windows = _pairs(_OPEN_WINDOWS.all(conn, hall_id=hall_id))
    return tuple(
        QueueStatus(
            r.code, r.name, r.name_en, r.open and r.id not in doors.notes, counts.get(r.id, 0),
            open_windows.get(r.id, 0), tuple(lines.get(r.id, ())), *doors.notes.get(r.id, ("", "")),
            wait=newcomer_wait(conn, hall_id, r.code, counts.get(r.id, 0)),
        )
        for r in _QUEUES.all(conn, hall_id=hall_id)
        if r.id not in doors.over or counts.get(r.id, 0)
    )  # fmt: skip


def _pairs(rows: Iterable[Record]) -> dict[Any, Any]:
    return {row[0]: row[1] for row in rows}


def _lines(conn: Connection, hall_id: int) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = {}
    for row in _LINES.all(conn, hall_id=hall_id):
        lines.setdefault(row.queue_id, []).append(row.number)
    return lines


def public_items(conn: Connection, hall_id: int) -> tuple[ItemView, ...]:
    """Every item that the hall offers with its ten public fields, by code."""
    rows = _ITEMS.all(conn, hall_id=hall_id)
    return tuple(
        ItemView(code=r.code, name=r.name, queue=r.queue, pinyin=pinyin(r.name), **{
            **r.public, "process": tuple(r.public["process"]), "materials": tuple(r.public["materials"]),
        })
        for r in rows
    )  # fmt: skip

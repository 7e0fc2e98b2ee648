"""The hall as supervisors see it now: queues, windows, people, devices. Nothing of any rating is read here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, select, type_coerce

from server.contract.monitor import (
    DeviceTrouble,
    Monitor,
    PersonHere,
    Picture,
    PrinterPaper,
    QueueCell,
    QueueInfo,
    WindowCell,
    WindowInfo,
)
from server.contract.tickets import TicketState
from server.db import Record
from server.domain.replay import line_cell
from server.domain.service_day import hall_time, service_day
from server.models import EPOCH, Account, DeviceHealth, DeviceToken, Queue, TicketRow, WebSession, Window
from server.services import hours
from server.services.actors import Actor
from server.services.estimates import newcomer_wait
from server.services.hall_alarms import standing_alarms
from server.services.halls import hall_of
from server.services.windows import queue_codes
from server.statement import Statement

HERE = timedelta(minutes=15)
"""Somebody at no window whose page asked for something within this time is here."""
SILENT = timedelta(minutes=2)
"""A machine reports every few seconds."""
MACHINES = ("kiosk", "display", "sms_gateway")
"""Those that report by themselves as long as they run."""

_QUEUES = Statement(
    select(Queue.id, Queue.code, Queue.name, Queue.name_en, Queue.open)
    .where(Queue.hall_id == bindparam("hall_id"))
    .order_by(Queue.position, Queue.id)
)
_WINDOWS = Statement(
    select(
        Window.id, Window.no, Window.name, Window.zone, Window.floor, Window.state, Window.pause_reason, Window.since,
        Window.staff_id, Account.username, Account.name.label("staff_name"), TicketRow.number, TicketRow.code,
        TicketRow.state.label("ticket_state"), TicketRow.called_at, TicketRow.since.label("ticket_since"),
    )
    .outerjoin(TicketRow, TicketRow.id == Window.ticket_id)
    .outerjoin(Account, Account.id == Window.staff_id)
    .where(Window.hall_id == bindparam("hall_id"))
    .order_by(Window.no)
)  # fmt: skip
_WAITING = Statement(
    select(
        TicketRow.code, TicketRow.number, TicketRow.lane, TicketRow.queue_id, TicketRow.bound_window_id,
        TicketRow.bound_staff_id,
        (type_coerce(TicketRow.since, BigInteger) - TicketRow.waited_us).label("from_us"),
    ).where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.state == TicketState.WAITING.value)
)  # fmt: skip
_CALLED = (
    select(TicketRow.queue_id, func.count(TicketRow.called_at).label("called"))
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state.in_([state.value for state in TicketState]),  # the index by day begins with them
        TicketRow.service_day == bindparam("today"),
    )
    .group_by(TicketRow.queue_id)
)
_OTHERS = (
    select(Account.name, Account.username, Account.role)
    .join(WebSession, WebSession.account_id == Account.id)
    .where(
        Account.hall_id == bindparam("hall_id"),
        WebSession.seen_at > bindparam("since"),
        Account.id.not_in(select(Window.staff_id).where(Window.staff_id.is_not(None))),
    )
    .distinct()
    .order_by(Account.role, Account.username)
)
_DEVICES = (
    select(
        DeviceToken.id, DeviceToken.name, DeviceToken.kind.label("machine_kind"), Window.no,
        DeviceHealth.name.label("device"), DeviceHealth.kind, DeviceHealth.state, DeviceHealth.faults,
        DeviceHealth.at,
    )
    .join(DeviceHealth, DeviceHealth.token_id == DeviceToken.id)
    .outerjoin(Window, Window.id == DeviceToken.window_id)
    .where(DeviceToken.hall_id == bindparam("hall_id"), DeviceToken.revoked_at.is_(None))
    .order_by(DeviceToken.name, DeviceHealth.name)
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """A machine that reports by itself, and when it last did."""

    name: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class Scene:
    """All facts of one moment that the monitor shows and alarms are made of. `free` counts by queue who waits for no
    particular window, `bound` by window who waits for it or for who sits there."""

    queues: Sequence[Record]
    windows: Sequence[Record]
    serves: dict[int, tuple[str, ...]]
    picture: Picture
    free: dict[str, int]
    bound: dict[str, int]
    devices: Sequence[Record]
    machines: tuple[Machine, ...]


def scene(conn: Connection, hall: Record, now: datetime) -> Scene:
    queues, windows = _QUEUES.all(conn, hall_id=hall.id), _WINDOWS.all(conn, hall_id=hall.id)
    waiting = _WAITING.all(conn, hall_id=hall.id)
    devices = conn.execute(_DEVICES, {"hall_id": hall.id}).all()
    cells = _queue_cells(conn, hall, queues, waiting, now)
    picture = Picture(cells, {row.no: _window_cell(row, hall.zone) for row in windows})
    tied = [row for row in waiting if row.bound_window_id is not None or row.bound_staff_id is not None]
    tied_in = Counter(row.queue_id for row in tied)
    free = {queue.code: cells[queue.code].waiting - tied_in[queue.id] for queue in queues}
    bound = {window.no: sum(_is_for(row, window) for row in tied) for window in windows}
    return Scene(queues, windows, queue_codes(conn, hall.id), picture, free, bound, devices, _machines(devices))


def _is_for(row: Record, window: Record) -> bool:
    return row.bound_window_id == window.id or row.bound_staff_id in {window.staff_id} - {None}


def _queue_cells(
    conn: Connection, hall: Record, queues: Sequence[Record], waiting: Sequence[Record], now: datetime
) -> dict[str, QueueCell]:
    today = service_day(now, hall.zone, hall.rollover_hour)
    called = {row.queue_id: row.called for row in conn.execute(_CALLED, {"hall_id": hall.id, "today": today})}
    lines: dict[int, list[tuple[str, str, str, datetime]]] = {}
    for row in waiting:
        from_ = hall_time(EPOCH + timedelta(microseconds=row.from_us), hall.zone)
        lines.setdefault(row.queue_id, []).append((row.code, row.number, row.lane, from_))
    return {queue.code: line_cell(lines.get(queue.id, ()), called.get(queue.id, 0)) for queue in queues}


def _window_cell(row: Record, zone: str) -> WindowCell:
    since = row.since
    if row.number is not None:
        since = row.called_at if row.ticket_state == TicketState.CALLED else row.ticket_since
    return WindowCell(
        row.state, row.pause_reason, since and hall_time(since, zone), row.username or "", row.number or "",
        row.code or "", row.ticket_state == TicketState.SERVING,
    )  # fmt: skip


def _machines(devices: Iterable[Record]) -> tuple[Machine, ...]:
    latest: dict[str, Machine] = {}
    for row in devices:
        if row.machine_kind in MACHINES:
            known = latest.get(row.name)
            if known is None or known.at < row.at:
                latest[row.name] = Machine(row.name, row.machine_kind, row.at)
    return tuple(latest.values())


def monitor(conn: Connection, actor: Actor, now: datetime) -> Monitor:
    """Everything at one moment. `conn` must be inside one read transaction, so that `seq` fits the rest."""
    hall = hall_of(conn, actor.hall_id)
    doors = hours.doors(conn, hall, now)
    seen = scene(conn, hall, now)
    silent = {machine.name for machine in seen.machines if now - machine.at > SILENT}
    return Monitor(
        at=hall_time(now, hall.zone), seq=hall.seq, hall_name=hall.name, open=doors.open, note=doors.reason[0],
        note_en=doors.reason[1], queues=_queue_infos(conn, hall, seen, doors), windows=window_infos(seen),
        picture=seen.picture,
        names={row.username: row.staff_name or row.username for row in seen.windows if row.username},
        others=_others(conn, hall.id, now), devices=_trouble(seen.devices), devices_well=_well(seen.devices),
        printers=_printers(seen.devices, silent), silent=tuple(sorted(silent)),
        alarms=standing_alarms(conn, actor, hall.zone),
    )  # fmt: skip


def _queue_infos(conn: Connection, hall: Record, seen: Scene, doors: hours.Doors) -> tuple[QueueInfo, ...]:
    cells = seen.picture.queues
    return tuple(
        QueueInfo(
            queue.code, queue.name, queue.name_en, queue.open and doors.open and queue.id not in doors.notes,
            newcomer_wait(conn, hall.id, queue.code, cells[queue.code].waiting),
        )
        for queue in seen.queues
        if queue.id not in doors.over or cells[queue.code].waiting
    )  # fmt: skip


def window_infos(seen: Scene) -> tuple[WindowInfo, ...]:
    return tuple(
        WindowInfo(row.no, row.name, row.zone, row.floor, seen.serves.get(row.id, ())) for row in seen.windows
    )


def _others(conn: Connection, hall_id: int, now: datetime) -> tuple[PersonHere, ...]:
    rows: Any = conn.execute(_OTHERS, {"hall_id": hall_id, "since": now - HERE})
    return tuple(PersonHere(row.name or row.username, row.role) for row in rows)


def troubled(row: Record) -> bool:
    """Of a row of the devices: whether it wants a hand."""
    return row.state in ("absent", "fault") or bool(row.faults)


def _trouble(devices: Iterable[Record]) -> tuple[DeviceTrouble, ...]:
    return tuple(
        DeviceTrouble(row.name, row.device, row.kind, row.state, tuple(row.faults), row.no or "")
        for row in devices
        if troubled(row)
    )


def _well(devices: Iterable[Record]) -> int:
    return sum(not troubled(row) for row in devices)


def _printers(devices: Iterable[Record], silent: set[str]) -> tuple[PrinterPaper, ...]:
    return tuple(
        PrinterPaper(row.name, row.state, tuple(row.faults), row.name in silent)
        for row in devices
        if row.kind == "printer"
    )

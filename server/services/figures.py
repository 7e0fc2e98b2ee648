"""Counts of the moment, for whoever watches over the servers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from server.contract.tickets import TicketState
from server.models import DeviceHealth, DeviceToken, Hall, Queue, TicketRow, Window


@dataclass(frozen=True)
class Figure:
    """One metric: what it is for each set of its labels' values. Those are codes of ours, or an admin's name for a
    machine, never a citizen's words. `kind`: gauge, or counter for what only grows until its program starts anew."""

    name: str
    help: str
    labels: tuple[str, ...]
    values: dict[tuple[str, ...], float]
    kind: str = "gauge"


def hall_figures(conn: Connection) -> list[Figure]:
    waiting = (
        select(Queue.code, func.count(TicketRow.id))
        .outerjoin(
            TicketRow,  # with the hall, so that the index of lines serves and the tickets of past years are not read
            and_(
                TicketRow.hall_id == Queue.hall_id,
                TicketRow.state == TicketState.WAITING.value,
                TicketRow.queue_id == Queue.id,
            ),
        )
        .group_by(Queue.code)
    )
    windows = select(Window.state, func.count()).group_by(Window.state)
    devices = select(DeviceHealth.state, func.count()).group_by(DeviceHealth.state)
    return [
        Figure("jiaohao_waiting", "Tickets waiting", ("queue",), _counts(conn, waiting)),
        Figure("jiaohao_windows", "Windows by state", ("state",), _counts(conn, windows)),
        Figure("jiaohao_devices", "Devices by state, as last reported", ("state",), _counts(conn, devices)),
        Figure(
            "jiaohao_events", "Events since the hall began", ("hall",), _counts(conn, select(Hall.code, Hall.seq))
        ),
        *_device_figures(conn),
    ]


def _counts(conn: Connection, statement: Select[str, int]) -> dict[tuple[str, ...], float]:
    return {(str(row[0]),): int(row[1]) for row in conn.execute(statement)}


def _device_figures(conn: Connection) -> list[Figure]:
    """As last reported: `jiaohao_device_reported_timestamp_seconds` says how old that is."""
    rows: dict[tuple[str, ...], Any] = {
        (row.machine, row.name, row.kind, row.no or ""): row for row in conn.execute(_DEVICES)
    }
    figures = []
    for name, about, value in _OF_EACH_DEVICE:
        values = {key: float(value(row)) for key, row in rows.items() if value(row) is not None}
        kind = "counter" if name.endswith("_total") else "gauge"
        figures.append(Figure(f"jiaohao_device_{name}", about, _DEVICE_LABELS, values, kind))
    return figures


_DEVICES = (
    select(DeviceToken.name.label("machine"), Window.no, *DeviceHealth.__table__.columns)
    .join(DeviceHealth, DeviceHealth.token_id == DeviceToken.id)
    .outerjoin(Window, Window.id == DeviceToken.window_id)
    .where(DeviceToken.revoked_at.is_(None))
)
_DEVICE_LABELS = ("machine", "device", "kind", "window")
_OF_EACH_DEVICE: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("up", "1 when the device answers and can work", lambda row: row.state == "online"),
    ("received_bytes_total", "Bytes from the device", lambda row: row.bytes_in),
    ("sent_bytes_total", "Bytes to the device", lambda row: row.bytes_out),
    ("frames_total", "Whole messages from the device", lambda row: row.frames),
    ("resyncs_total", "Times that bytes were thrown away to find the next message", lambda row: row.resyncs),
    ("reconnects_total", "Times that the device came back", lambda row: row.reconnects),
    ("last_seen_timestamp_seconds", "When the device last said anything", lambda row: _unix(row.seen_at)),
    ("reported_timestamp_seconds", "When its machine last reported it", lambda row: _unix(row.at)),
)


def _unix(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None

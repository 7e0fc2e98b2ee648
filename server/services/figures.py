"""Counts of the moment, for whoever watches over the servers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from server.contract.tickets import TicketState
from server.models import DeviceHealth, DeviceToken, Hall, Queue, TicketRow, Upload, Window


@dataclass(frozen=True)
class Figure:
    """One metric: what it is for each set of its labels' values. Those are codes of ours, or an admin's name for a
    machine, never a citizen's words. `kind`: gauge, or counter for what only grows until its program starts anew;
    histogram for the buckets of one, whose sums and counts follow, with their `suffix` and without a kind."""

    name: str
    help: str
    labels: tuple[str, ...]
    values: dict[tuple[str, ...], float]
    kind: str = "gauge"
    suffix: str = ""


def hall_figures(conn: Connection, now: datetime) -> list[Figure]:
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
        *_upload_figures(conn, now),
        *_device_figures(conn),
    ]


def _counts(conn: Connection, statement: Select[str, int]) -> dict[tuple[str, ...], float]:
    return {(str(row[0]),): int(row[1]) for row in conn.execute(statement)}


def _upload_figures(conn: Connection, now: datetime) -> list[Figure]:
    """Of ratings from before this hour, to the hour: figures that moved with each rating would tell who rated."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = {
        row.code: row
        for row in conn.execute(
            select(
                Hall.code,
                func.count(case((Upload.state == "waiting", 1))).label("waiting"),
                func.count(case((Upload.state == "dead", 1))).label("dead"),
                func.min(case((Upload.state == "waiting", Upload.made_at))).label("oldest"),
            )
            .outerjoin(
                Upload,
                and_(Upload.hall_id == Hall.id, Upload.state.in_(("waiting", "dead")), Upload.made_at < hour),
            )
            .where(Hall.upload_code != "")
            .group_by(Hall.code)
        )
    }
    return [
        Figure(
            f"jiaohao_uploads_{name}", about, ("hall",), {(code,): float(value(row)) for code, row in rows.items()}
        )
        for name, about, value in (
            ("waiting", "Ratings of past hours that the province has not got", lambda row: row.waiting),
            ("dead", "Ratings of past hours that the province refused", lambda row: row.dead),
            ("oldest_age_seconds", "Age of the oldest that waits, to the hour", lambda row: _age_s(row.oldest, hour)),
        )
    ]


def _age_s(oldest: datetime | None, hour: datetime) -> float:
    """From the begin of its hour to the begin of this one; 0 without any."""
    return (hour - oldest.replace(minute=0, second=0, microsecond=0)).total_seconds() if oldest else 0.0


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

"""Figures of the service day for whoever watches over the servers: they begin anew with each day, as a counter does
with its program. From the rows and not from the process, so that several servers say the same, and so does one that
was restarted. Nothing here moves with a rating."""

import bisect
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, select

from server.contract.tickets import TicketState
from server.db import Record
from server.domain.service_day import service_day
from server.gauges import histogram
from server.models import CallRow, DeviceHealth, DeviceToken, Hall, Queue, SeriesCounter, TicketRow
from server.services import upkeep
from server.services.figures import Figure

WAITS_S = (60.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0, 7200.0)
_NOT_YET = (TicketState.WAITING, TicketState.CANCELLED, TicketState.EXPIRED)
_CALLED = tuple(state.value for state in TicketState if state not in _NOT_YET)


Values = dict[tuple[str, ...], float]


def day_figures(conn: Connection, now: datetime) -> list[Figure]:
    halls = conn.execute(select(Hall).order_by(Hall.id)).all()
    takes, calls, longest = Values(), Values(), Values()
    held: dict[tuple[str, ...], list[int]] = {}
    sums = Values()
    for hall in halls:
        day = service_day(now, hall.zone, hall.rollover_hour)
        takes |= _takes(conn, hall, day)
        longest |= _longest(conn, hall, now)
        called = and_(CallRow.hall_id == hall.id, CallRow.service_day == day, CallRow.recall.is_(False))
        calls[(hall.code,)] = conn.execute(select(func.count()).where(called)).scalar_one()
        waits = _waits(conn, hall, day)
        held[(hall.code,)], sums[(hall.code,)] = _buckets(waits), sum(waits)
    return [
        Figure("jiaohao_takes_total", "Numbers given today", ("hall", "series"), takes, "counter"),
        Figure("jiaohao_calls_total", "Calls today, without recalls", ("hall",), calls, "counter"),
        *histogram("jiaohao_wait_seconds", "Waits of today's called tickets", ("hall",), WAITS_S, held, sums),
        Figure("jiaohao_longest_wait_seconds", "Wait of who waits longest now", ("hall", "queue"), longest),
        _faults(conn),
        *_backups(conn, halls, now),
    ]


def _takes(conn: Connection, hall: Record, day: date) -> Values:
    today = (SeriesCounter.hall_id == hall.id) & (SeriesCounter.service_day == day)
    rows = conn.execute(select(SeriesCounter.series, SeriesCounter.last).where(today))
    return {(hall.code, series): float(last) for series, last in rows}


def _waits(conn: Connection, hall: Record, day: date) -> list[float]:
    """In seconds, of everybody who was called."""
    mine = and_(TicketRow.hall_id == hall.id, TicketRow.state.in_(_CALLED), TicketRow.service_day == day)
    return [us / 1e6 for us in conn.execute(select(TicketRow.waited_us).where(mine)).scalars()]


def _longest(conn: Connection, hall: Record, now: datetime) -> Values:
    waiting = and_(
        TicketRow.hall_id == hall.id, TicketRow.state == TicketState.WAITING.value, TicketRow.queue_id == Queue.id
    )
    oldest = select(Queue.code, func.min(TicketRow.queued_at)).outerjoin(TicketRow, waiting)
    rows = conn.execute(oldest.where(Queue.hall_id == hall.id).group_by(Queue.code))
    return {(hall.code, queue): max(0.0, (now - since).total_seconds()) if since else 0.0 for queue, since in rows}


def _buckets(waits: list[float]) -> list[int]:
    counts = [0] * (len(WAITS_S) + 1)
    for wait in waits:
        counts[bisect.bisect_left(WAITS_S, wait)] += 1
    return counts


def _faults(conn: Connection) -> Figure:
    live = DeviceToken.revoked_at.is_(None)
    rows = conn.execute(select(DeviceHealth.faults).join(DeviceToken).where(live)).scalars()
    counts = Values()
    for fault in (fault for faults in rows for fault in faults):
        counts[(fault,)] = counts.get((fault,), 0) + 1
    return Figure("jiaohao_device_faults", "Devices with this fault, as last reported", ("fault",), counts)


def _backups(conn: Connection, halls: Sequence[Record], now: datetime) -> list[Figure]:
    good = {hall.code: upkeep.last_good(conn, hall.id) for hall in halls}
    ages: Values = {(code,): (now - at).total_seconds() for code, at in good.items() if at is not None}
    ends = {hall.code: upkeep.newest(conn, hall.id, "backup") for hall in halls}
    failed: Values = {(code,): float(run is not None and run.state == "failed") for code, run in ends.items()}
    return [
        Figure("jiaohao_backup_age_seconds", "Age of the newest good backup", ("hall",), ages),
        Figure("jiaohao_backup_failed", "1 when the newest backup failed", ("hall",), failed),
    ]

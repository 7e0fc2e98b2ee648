"""A past hour or day of a hall, read from what was told and drawn once more by `domain.replay`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from server.contract.monitor import QueueInfo, Replay, WindowCell, WindowInfo
from server.contract.news import NewsKind
from server.contract.problems import bad_field
from server.contract.tickets import TicketState
from server.contract.windows import WindowState
from server.db import Record
from server.domain.replay import BREATH, KINDS, Event, film
from server.domain.service_day import day_over, hall_time, service_day
from server.domain.story import is_undo, queue_sent_to
from server.models import Account, NewsRow, Queue, TicketRow, Window
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.reports import day_asked
from server.services.windows import queue_codes
from server.statement import Statement

HOUR = timedelta(hours=1)
FINE, COARSE = timedelta(seconds=1), timedelta(seconds=30)
"""How far apart the steps of an hour and of a day are at least."""

_TICKETS_TOLD = (
    select(NewsRow.seq, NewsRow.kind, NewsRow.at, NewsRow.why, NewsRow.data, NewsRow.actor)
    .join(TicketRow, TicketRow.id == NewsRow.ticket_id)
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state.in_([state.value for state in TicketState]),  # the index by day begins with them
        TicketRow.service_day == bindparam("day"),
        NewsRow.kind.in_([kind.value for kind in KINDS if kind is not NewsKind.WINDOW_CHANGED]),
    )
)
_CHANGES = (
    select(NewsRow.seq, NewsRow.kind, NewsRow.at, NewsRow.why, NewsRow.data, NewsRow.actor)
    .where(NewsRow.window_id == bindparam("window_id"), NewsRow.kind == NewsKind.WINDOW_CHANGED.value)
)  # fmt: skip
_BEFORE = _CHANGES.where(NewsRow.seq < bindparam("seq")).order_by(NewsRow.seq.desc()).limit(1)
_SINCE = _CHANGES.where(NewsRow.seq >= bindparam("seq"), NewsRow.seq < bindparam("until"))
_AT = Statement(
    select(NewsRow.at).where(NewsRow.hall_id == bindparam("hall_id"), NewsRow.seq == bindparam("seq"))
)  # fmt: skip
_WINDOWS = (
    select(Window.id, Window.no, Window.name, Window.zone, Window.floor)
    .where(Window.hall_id == bindparam("hall_id"))
    .order_by(Window.no)
)
_QUEUES = (
    select(Queue.code, Queue.name, Queue.name_en)
    .where(Queue.hall_id == bindparam("hall_id"))
    .order_by(Queue.position, Queue.id)
)


@dataclass(frozen=True)
class Reel:
    """All that was read; `develop` makes the replay of it and touches no database."""

    hall: Record
    day: date
    begin: datetime
    end: datetime
    grain: timedelta
    queues: tuple[QueueInfo, ...]
    windows: tuple[WindowInfo, ...]
    before: dict[str, WindowCell]
    events: tuple[Event, ...]
    names: dict[str, str]

    def develop(self) -> Replay:
        codes = [queue.code for queue in self.queues]
        start, steps = film(codes, self.before, self.events, self.begin, self.end, self.grain)
        return Replay(
            self.day, self.begin, self.end, self.queues, self.windows, self.names, start, tuple(steps)
        )  # fmt: skip


def reel(
    conn: Connection, actor: Actor, day: str | None, hour: str | None, now: datetime,
    breathe: Callable[[], None] = lambda: None,
) -> Reel:  # fmt: skip
    """What happened on a service day (today without `day`) until the end of its hour `hour` ("9"), or until its end
    without one. The work is bounded by that one day, however long the past. Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    of = day_asked(hall, day, now)
    if of > service_day(now, hall.zone, hall.rollover_hour):
        raise bad_field("day", "must not lie in the future", "不能晚于今天", "日期")
    opens = day_over(of - timedelta(days=1), hall.zone, hall.rollover_hour)
    closes = day_over(of, hall.zone, hall.rollover_hour)
    windows = conn.execute(_WINDOWS, {"hall_id": hall.id}).all()
    first, last = _first_seq(conn, hall, opens), _first_seq(conn, hall, closes)
    before, changes = _of_windows(conn, hall, windows, first, last)
    told = [*_read(conn, _TICKETS_TOLD, {"hall_id": hall.id, "day": of}, breathe), *changes]
    events = tuple(_event(row, hall.zone) for row in sorted(told, key=lambda row: row.seq))
    begin, end = _span(hall, of, _hour(hour), [event.at for event in events], now)
    serves = queue_codes(conn, hall.id)
    return Reel(
        hall, of, begin, end, COARSE if hour is None else FINE,
        tuple(QueueInfo(*row) for row in conn.execute(_QUEUES, {"hall_id": hall.id})),
        tuple(WindowInfo(w.no, w.name, w.zone, w.floor, serves.get(w.id, ())) for w in windows),
        before, events, _names(conn, hall.id),
    )  # fmt: skip


def _hour(said: str | None) -> int | None:
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) <= 2 and int(said) <= 23):
        raise bad_field("hour", "must be 0 to 23", "应为 0 到 23", "时段")
    return int(said)


def _span(
    hall: Record, day: date, hour: int | None, moments: list[datetime], now: datetime
) -> tuple[datetime, datetime]:  # fmt: skip
    """The hour's, or from the first to the last full hour around what happened; never beyond now. The hours before
    the rollover belong to the calendar's next day."""
    present = hall_time(now, hall.zone)
    if hour is not None:
        date_ = day + timedelta(days=hour < hall.rollover_hour)
        begin = datetime.combine(date_, time(hour), ZoneInfo(hall.zone))
        end = begin + HOUR
    else:
        opens = day_over(day - timedelta(days=1), hall.zone, hall.rollover_hour)
        closes = day_over(day, hall.zone, hall.rollover_hour)
        within = [at for at in moments if opens <= at < closes]
        begin = min(within, default=opens).replace(minute=0, second=0, microsecond=0)
        end = min(max(within, default=opens).replace(minute=0, second=0, microsecond=0) + HOUR, closes)
    return begin, max(begin, min(end, present))


def _first_seq(conn: Connection, hall: Record, moment: datetime) -> int:
    """The hall's first seq that is not before `moment`, or one more than all. By halving, for `seq` has no hole and
    `at` goes on with it; where the clock was set back it is one of those around that time."""
    low, high = 1, hall.seq + 1
    while low < high:
        middle = (low + high) // 2
        row = _AT.one_or_none(conn, hall_id=hall.id, seq=middle)
        if row is None or row.at < moment:  # rows that a purge has taken were before
            low = middle + 1
        else:
            high = middle
    return low


def _of_windows(
    conn: Connection, hall: Record, windows: Iterable[Record], first: int, last: int
) -> tuple[dict[str, WindowCell], list[Record]]:
    """How each window stood before the seq `first`, and what changed until `last`. A window is closed until it is
    told of."""
    before: dict[str, WindowCell] = {}
    changes: list[Record] = []
    for window in windows:
        row = conn.execute(_BEFORE, {"window_id": window.id, "seq": first}).one_or_none()
        before[window.no] = WindowCell() if row is None else _stood(_event(row, hall.zone))
        changes += conn.execute(_SINCE, {"window_id": window.id, "seq": first, "until": last}).all()
    return before, changes


def _stood(event: Event) -> WindowCell:
    staff = "" if event.state == WindowState.CLOSED else event.who
    return WindowCell(event.state, event.pause_reason, event.at, staff)


def _read(
    conn: Connection, statement: Any, words: dict[str, Any], breathe: Callable[[], None]
) -> Iterator[Record]:  # fmt: skip
    for rows in conn.execute(statement, words).partitions(BREATH):
        yield from rows
        breathe()


def _event(row: Record, zone: str) -> Event:
    kind, data = NewsKind(row.kind), row.data
    return Event(
        kind, hall_time(row.at, zone), data.get("ticket_id") or "", data.get("number") or "",
        data.get("queue") or "", data.get("window") or "", data.get("lane") or "",
        queue_sent_to(row.why) if kind is NewsKind.TICKET_TRANSFERRED else "",
        kind is NewsKind.TICKET_REQUEUED and is_undo(row.why), data.get("state") or "",
        data.get("pause_reason") or "", row.actor.partition(":")[2].partition(" via ")[0],
    )  # fmt: skip


def _names(conn: Connection, hall_id: int) -> dict[str, str]:
    people = select(Account.username, Account.name).where(Account.hall_id == hall_id)
    return {row.username: row.name or row.username for row in conn.execute(people)}

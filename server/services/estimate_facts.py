"""What a forecast rests on: the hall as it stands, and what its latest calls say of its ways."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from statistics import fmean, median
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, select, type_coerce

from server.contract.tickets import Lane, TicketState
from server.contract.windows import WindowState
from server.db import Record
from server.domain.estimate import Desk, Line, Person, Scene, blend
from server.domain.policy import Fairness, on_time
from server.models import CallRow, Queue, ServiceItem, TicketRow, Window, WindowQueue
from server.services.fairness import fairness_of
from server.statement import Statement

LOOKED_BACK = 800
"""So many latest calls of the hall tell how long services last; a rare queue is drawn towards what is believed."""
ENOUGH = 5
"""So many services must have been seen before anything is said of waiting; and of one queue, before its own pace
tells how fast this hall is against what its items promise."""
ARRIVALS_S = 1800.0
GAP_S = 20.0
"""From one citizen's leaving to the next call, where it was not measured."""
BREAK_S = 240.0
"""A longer pause between two citizens while somebody waits is a break, no part of the service."""
LONGEST_S = 2 * 3600.0
PAUSED_S = 900.0
"""How long a paused window is believed to stay so."""
MOST_WAITING = 2000
_SECOND = 1_000_000

_DESKS = Statement(
    select(
        Window.id, Window.no, Window.state, Queue.code, WindowQueue.weight, TicketRow.called_at,
        TicketRow.queue_id.label("hand"),
    )
    .join(WindowQueue, WindowQueue.window_id == Window.id)
    .join(Queue, Queue.id == WindowQueue.queue_id)
    .outerjoin(TicketRow, TicketRow.id == Window.ticket_id)
    .where(Window.hall_id == bindparam("hall_id"), Window.state != WindowState.CLOSED.value)
    .order_by(Window.id, Queue.position, Queue.id)
)  # fmt: skip
_QUEUES = Statement(select(Queue.id, Queue.code).where(Queue.hall_id == bindparam("hall_id")))
_ITEMS = select(ServiceItem.queue_id, ServiceItem.public).where(
    ServiceItem.hall_id == bindparam("hall_id"), ServiceItem.active.is_(True)
)
_WAITING = Statement(
    select(
        TicketRow.id, TicketRow.queue_id, TicketRow.lane, TicketRow.due_at, Window.no,
        type_coerce(TicketRow.queued_at, BigInteger).label("queued"),
        type_coerce(TicketRow.issued_at, BigInteger).label("issued"),
    )
    .outerjoin(
        Window, (Window.id == TicketRow.bound_window_id) | (Window.staff_id == TicketRow.bound_staff_id)
    )
    .where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.state == TicketState.WAITING.value)
    .limit(MOST_WAITING)
)  # fmt: skip
_CALLS = Statement(
    select(
        CallRow.window_id, CallRow.run, TicketRow.queue_id, TicketRow.lane,
        type_coerce(CallRow.at, BigInteger).label("called"),
        type_coerce(TicketRow.called_at, BigInteger).label("last_called"),
        type_coerce(TicketRow.finished_at, BigInteger).label("finished"),
        type_coerce(TicketRow.queued_at, BigInteger).label("queued"),
        type_coerce(TicketRow.issued_at, BigInteger).label("issued"),
    )
    .join(TicketRow, TicketRow.id == CallRow.ticket_id)
    .where(CallRow.hall_id == bindparam("hall_id"), CallRow.recall.is_(False), CallRow.undone.is_(False))
    .order_by(CallRow.seq.desc())
    .limit(LOOKED_BACK)
)  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """What the latest calls say of the hall's ways; it changes slowly."""

    times: dict[str, tuple[float, ...]]
    paces: dict[int, float]
    breaks: tuple[float, float]
    arrivals: dict[Line, float]
    fast_runs: dict[int, int]


def learn(conn: Connection, hall_id: int, now: datetime) -> Learned:
    """However long the hall's history, this reads its latest calls only."""
    codes = _codes(conn, hall_id)
    calls = _CALLS.all(conn, hall_id=hall_id)[::-1]
    services = list(_services(calls))
    times = _times(services, codes, _believed(conn.execute(_ITEMS, {"hall_id": hall_id})))
    arrivals = _arrivals([*calls, *_WAITING.all(conn, hall_id=hall_id)], codes, _us(now))
    return Learned(times, _paces(services), _breaks(services), arrivals, _fast_runs(calls))


def scene(conn: Connection, hall_id: int, learned: Learned, now: datetime) -> Scene:
    """The hall as it stands at `now`: who waits, and which windows are there."""
    codes = _codes(conn, hall_id)
    waiting = _WAITING.all(conn, hall_id=hall_id)
    fairness = fairness_of(conn, hall_id)
    return Scene(
        desks=_desks(_DESKS.all(conn, hall_id=hall_id), codes, learned, now),
        people=[
            Person(row.id, codes[row.queue_id], _lane(row, now, fairness), (_us(now) - row.queued) / _SECOND, row.no)
            for row in waiting
        ],
        times=learned.times,
        arrivals=learned.arrivals,
        cap=fairness.cap,
        aged_s=fairness.aging.total_seconds(),
        breaks=learned.breaks,
    )


def _lane(row: Record, now: datetime, fairness: Fairness) -> Lane:
    """Outside of its time an appointment waits like everybody."""
    return Lane(row.lane) if on_time(row.due_at, now, fairness) else Lane.NORMAL


def _codes(conn: Connection, hall_id: int) -> dict[int, str]:
    return {row.id: row.code for row in _QUEUES.all(conn, hall_id=hall_id)}


def _us(moment: datetime) -> int:
    return int(moment.timestamp() * _SECOND)


@dataclass(frozen=True)
class _Service:
    """One citizen at a window: seconds from the call to the window's next (or to where it could have called), and of
    a break before that."""

    window_id: int
    queue_id: int
    lasted_s: float
    break_s: float = 0.0


def _services(calls: Sequence[Record]) -> Iterable[_Service]:
    by_window: dict[int, list[Record]] = defaultdict(list)
    for call in calls:
        by_window[call.window_id].append(call)
    for window_id, own in by_window.items():
        for call, after in zip_longest(own, own[1:]):
            service = _service(window_id, call, after)
            if service is not None and service.lasted_s < LONGEST_S:
                yield service


def _service(window_id: int, call: Any, after: Any) -> _Service | None:
    """None when nobody can say how long it lasted: missed, moved on, or still at the window, and no next to tell."""
    ended = call.finished if call.finished and call.last_called == call.called else None
    somebody_waited = after is not None and after.queued <= (ended or call.called)
    whole = (after.called - call.called) / _SECOND if somebody_waited else None
    if ended is None:
        return _Service(window_id, call.queue_id, whole) if whole and whole < 3 * BREAK_S else None
    served = (ended - call.called) / _SECOND
    if whole is None or whole < served:
        return _Service(window_id, call.queue_id, served + GAP_S)
    if whole - served > BREAK_S:
        return _Service(window_id, call.queue_id, served + GAP_S, whole - served)
    return _Service(window_id, call.queue_id, whole)


def _believed(items: Iterable[Record]) -> dict[int, float]:
    """Seconds of a service by queue, as the public items say."""
    said: dict[int, list[float]] = defaultdict(list)
    for item in items:
        if item.public.get("minutes"):
            said[item.queue_id].append(item.public["minutes"] * 60.0)
    return {queue_id: fmean(seconds) for queue_id, seconds in said.items()}


def _times(
    services: Sequence[_Service], codes: dict[int, str], said: dict[int, float]
) -> dict[str, tuple[float, ...]]:
    """Tables of service times by queue; empty while too few services were seen: a guess is not told as a forecast."""
    if len(services) < ENOUGH:
        return {}
    own: dict[int, list[float]] = defaultdict(list)
    for service in services:
        own[service.queue_id].append(service.lasted_s)
    means = {queue_id: fmean(times) for queue_id, times in own.items()}
    shape = [time / means[queue_id] for queue_id, times in own.items() for time in times][-200:]
    usual = fmean(service.lasted_s for service in services)
    speed = _speed(own, means, said)
    return {
        code: blend(own.get(queue_id, ()), shape, said[queue_id] * speed if queue_id in said else usual)
        for queue_id, code in codes.items()
    }


def _speed(own: dict[int, list[float]], means: dict[int, float], said: dict[int, float]) -> float:
    """What items promise is the size of one business against another; how fast this hall is, is measured."""
    measured = [queue_id for queue_id in own if queue_id in said]
    known = [queue_id for queue_id in measured if len(own[queue_id]) >= ENOUGH] or measured
    return median(means[queue_id] / said[queue_id] for queue_id in known) if known else 1.0


def _paces(services: Sequence[_Service]) -> dict[int, float]:
    """Slow and fast windows against their queues' means, drawn towards 1 while little was seen."""
    by_queue: dict[int, list[float]] = defaultdict(list)
    for service in services:
        by_queue[service.queue_id].append(service.lasted_s)
    means = {queue_id: fmean(times) for queue_id, times in by_queue.items()}
    ratios: dict[int, list[float]] = defaultdict(list)
    for service in services:
        ratios[service.window_id].append(service.lasted_s / max(1.0, means[service.queue_id]))
    return {window_id: (sum(own) + 10) / (len(own) + 10) for window_id, own in ratios.items()}


def _breaks(services: Sequence[_Service]) -> tuple[float, float]:
    """How likely a break follows a service, and how long it lasts; at first as if two in a hundred were seen."""
    taken = [service.break_s for service in services if service.break_s] + [PAUSED_S] * 2
    return len(taken) / (len(services) + 100), fmean(taken)


def _arrivals(tickets: Iterable[Record], codes: dict[int, str], now_us: int) -> dict[Line, float]:
    rates: dict[Line, float] = defaultdict(float)
    for ticket in tickets:
        if now_us - ticket.issued < ARRIVALS_S * _SECOND:
            rates[codes[ticket.queue_id], Lane(ticket.lane)] += 1 / ARRIVALS_S
    return rates


def _desks(rows: Sequence[Record], codes: dict[int, str], learned: Learned, now: datetime) -> list[Desk]:
    weights: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        weights[row.id][row.code] = row.weight
    one_each = {row.id: row for row in rows}.values()
    return [
        Desk(
            row.no, weights[row.id],
            (codes[row.hand], max(0.0, (now - row.called_at).total_seconds())) if row.called_at else None,
            learned.fast_runs.get(row.id, 0), learned.paces.get(row.id, 1.0),
            PAUSED_S if row.state == WindowState.PAUSED else 0.0,
        )
        for row in one_each
    ]  # fmt: skip


def _fast_runs(calls: Sequence[Record]) -> dict[int, int]:
    """Each window's run of fast calls with its latest; `calls` are oldest first."""
    return {call.window_id: call.run for call in calls}

"""Waits of a hall, estimated beside the writer: a forecast made every few seconds, looked up by whoever shows one.

No write waits for a simulation. The newest forecast hangs on the database's engine, so that every service finds it
by its connection; between two forecasts the number of people ahead carries it on.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from statistics import fmean, median
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, select, type_coerce

from server.clock import Clock
from server.contract.tickets import Lane, TicketState, Wait
from server.contract.windows import WindowState
from server.db import Record, Store
from server.domain.estimate import Desk, Forecast, Line, Person, Range, Scene, blend, forecast, minutes
from server.domain.policy import FAIRNESS_CAP
from server.models import CallRow, Hall, Queue, ServiceItem, TicketRow, Window, WindowQueue

OPTION = "jiaohao_waits"
LOOKED_BACK = 800
"""So many latest calls of the hall tell how long services last; a rare queue is drawn towards what is believed."""
ARRIVALS_S = 1800.0
GAP_S = 20.0
"""From one citizen's leaving to the next call, where it was not measured."""
BREAK_S = 240.0
"""A longer pause between two citizens while somebody waits is a break, no part of the service."""
LONGEST_S = 2 * 3600.0
PAUSED_S = 900.0
"""How long a paused window is believed to stay so."""
OLDEST_S = 20.0
"""A forecast is made anew after so long even when nothing happened: waiting goes on."""
MOST_WAITING = 2000
_SECOND = 1_000_000


@dataclass(frozen=True)
class Outlook:
    """A hall's forecast and of which moment it is; `seq` is the hall's then."""

    seq: int
    at: datetime
    forecast: Forecast


class Waits:
    """The newest outlook of each hall. Readers take it without a lock; `refresh` runs in one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clock: Clock = store.clock
        self._outlooks: dict[int, Outlook] = {}
        self._one = threading.Lock()
        store.engine.update_execution_options(**{OPTION: self})

    def refresh(self, breathe: Callable[[], None] | None = None) -> None:
        """Forecast anew for every hall where something happened, or some time went by. `breathe` as in `forecast`."""
        with self._one:
            now = self._clock()
            with self._store.read() as conn:
                scenes = {
                    hall.id: (hall.seq, scene(conn, hall.id, now))
                    for hall in conn.execute(select(Hall.id, Hall.seq)).all()
                    if self._outdated(hall, now)
                }
            for hall_id, (seq, facts) in scenes.items():
                self._outlooks[hall_id] = Outlook(seq, now, forecast(facts, breathe=breathe))

    def _outdated(self, hall: Record, now: datetime) -> bool:
        known = self._outlooks.get(hall.id)
        return known is None or known.seq != hall.seq or not 0 <= (now - known.at).total_seconds() < OLDEST_S

    def stamp(self, hall_id: int) -> datetime | None:
        """Of which moment the hall's outlook is."""
        known = self._outlooks.get(hall_id)
        return known.at if known else None

    def newcomer(self, hall_id: int, queue: str, lane: Lane, ahead: int) -> Range | None:
        """For somebody who joins this line now with so many people of the queue ahead."""
        known = self._outlooks.get(hall_id)
        line = known and known.forecast.newcomers.get((queue, lane))
        return line.at(ahead) if line else None

    def ticket(self, row: Record) -> Range | None:
        """For a waiting ticket, a row of `TICKETS`: as last forecast, or as promised when it is newer than that."""
        known = self._outlooks.get(row.hall_id)
        if known is None or (row.queue, Lane(row.lane)) not in known.forecast.newcomers:
            return None
        wait, since = known.forecast.tickets.get(row.id), known.at
        if wait is None and row.estimate_low_s is not None:
            wait, since = Range(row.estimate_low_s, row.estimate_high_s), row.issued_at
        return wait and _later(wait, max(0.0, (self._clock() - since).total_seconds()))


def _later(wait: Range, passed_s: float) -> Range:
    return Range(max(0.0, wait.low_s - passed_s), max(0.0, wait.high_s - passed_s))


def waits_of(conn: Connection) -> Waits | None:
    """The waits of the database that `conn` speaks to; None where nobody estimates."""
    waits: Waits | None = conn.get_execution_options().get(OPTION)
    return waits


def promise(conn: Connection, hall_id: int, queue: str, lane: Lane, ahead: int) -> dict[str, int]:
    """What a new ticket keeps of its estimate: columns of `TicketRow`, none when nothing can be said."""
    waits = waits_of(conn)
    wait = waits and waits.newcomer(hall_id, queue, lane, ahead)
    if not wait:
        return {}
    return {"estimate_low_s": round(wait.low_s), "estimate_high_s": round(wait.high_s), "estimate_ahead": ahead}


def ticket_wait(conn: Connection, row: Record) -> Wait | None:
    """What a waiting ticket may be told now."""
    waits = waits_of(conn)
    return _said(waits.ticket(row)) if waits and row.state == TicketState.WAITING else None


def newcomer_wait(conn: Connection, hall_id: int, queue: str, ahead: int) -> Wait | None:
    """What somebody may be told who thinks of taking a number."""
    waits = waits_of(conn)
    return _said(waits.newcomer(hall_id, queue, Lane.NORMAL, ahead)) if waits else None


def _said(wait: Range | None) -> Wait | None:
    return Wait(*minutes(wait)) if wait else None


# ── facts ──

_DESKS = (
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
_QUEUES = select(Queue.id, Queue.code).where(Queue.hall_id == bindparam("hall_id"))
_ITEMS = select(ServiceItem.queue_id, ServiceItem.public).where(ServiceItem.hall_id == bindparam("hall_id"))
_WAITING = (
    select(
        TicketRow.id, TicketRow.queue_id, TicketRow.lane, Window.no,
        type_coerce(TicketRow.queued_at, BigInteger).label("queued"),
        type_coerce(TicketRow.issued_at, BigInteger).label("issued"),
    )
    .outerjoin(Window, Window.id == TicketRow.bound_window_id)
    .where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.state == TicketState.WAITING.value)
    .limit(MOST_WAITING)
)  # fmt: skip
_CALLS = (
    select(
        CallRow.window_id, CallRow.lane, TicketRow.queue_id,
        type_coerce(CallRow.at, BigInteger).label("called"),
        type_coerce(TicketRow.called_at, BigInteger).label("last_called"),
        type_coerce(TicketRow.finished_at, BigInteger).label("finished"),
        type_coerce(TicketRow.queued_at, BigInteger).label("queued"),
        type_coerce(TicketRow.issued_at, BigInteger).label("issued"),
    )
    .join(TicketRow, TicketRow.id == CallRow.ticket_id)
    .where(CallRow.hall_id == bindparam("hall_id"), CallRow.recall.is_(False))
    .order_by(CallRow.seq.desc())
    .limit(LOOKED_BACK)
)  # fmt: skip


def scene(conn: Connection, hall_id: int, now: datetime) -> Scene:
    """The hall as it stands at `now`. However long its history, it reads the latest calls only."""
    here = {"hall_id": hall_id}
    codes = {row.id: row.code for row in conn.execute(_QUEUES, here)}
    calls = conn.execute(_CALLS, here).all()[::-1]
    waiting = conn.execute(_WAITING, here).all()
    now_us = int(now.timestamp() * _SECOND)
    services = list(_services(calls))
    times = _times(services, codes, _believed(conn.execute(_ITEMS, here)))
    return Scene(
        desks=_desks(conn.execute(_DESKS, here).all(), codes, calls, _paces(services), now),
        people=[
            Person(row.id, codes[row.queue_id], Lane(row.lane), (now_us - row.queued) / _SECOND, row.no)
            for row in waiting
        ],
        times=times,
        arrivals=_arrivals([*calls, *waiting], codes, now_us),
        cap=FAIRNESS_CAP,
        breaks=_breaks(services),
    )


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
    """Tables of service times by queue; empty when neither a service was seen nor an item says anything."""
    own: dict[int, list[float]] = defaultdict(list)
    for service in services:
        own[service.queue_id].append(service.lasted_s)
    if not own and not said:
        return {}
    means = {queue_id: fmean(times) for queue_id, times in own.items()}
    shape = [time / means[queue_id] for queue_id, times in own.items() for time in times][-200:]
    usual = fmean(service.lasted_s for service in services) if services else fmean(said.values())
    # What items promise is the size of one business against another; how fast this hall is, is measured.
    known = [queue_id for queue_id in said if len(own[queue_id]) >= 5]
    speed = median(means[queue_id] / said[queue_id] for queue_id in known) if known else 1.0
    return {
        code: blend(own.get(queue_id, ()), shape, said[queue_id] * speed if queue_id in said else usual)
        for queue_id, code in codes.items()
    }


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
    taken = [service.break_s for service in services if service.break_s]
    return (len(taken) / len(services), fmean(taken)) if taken else (0.0, 0.0)


def _arrivals(tickets: Iterable[Record], codes: dict[int, str], now_us: int) -> dict[Line, float]:
    rates: dict[Line, float] = defaultdict(float)
    for ticket in tickets:
        if now_us - ticket.issued < ARRIVALS_S * _SECOND:
            rates[codes[ticket.queue_id], Lane(ticket.lane)] += 1 / ARRIVALS_S
    return rates


def _desks(
    rows: Sequence[Record], codes: dict[int, str], calls: Sequence[Record], paces: dict[int, float], now: datetime
) -> list[Desk]:
    runs = _fast_runs(calls)
    weights: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        weights[row.id][row.code] = row.weight
    one_each = {row.id: row for row in rows}.values()
    return [
        Desk(
            row.no, weights[row.id],
            (codes[row.hand], max(0.0, (now - row.called_at).total_seconds())) if row.called_at else None,
            runs.get(row.id, 0), paces.get(row.id, 1.0), PAUSED_S if row.state == WindowState.PAUSED else 0.0,
        )
        for row in one_each
    ]  # fmt: skip


def _fast_runs(calls: Sequence[Record]) -> dict[int, int]:
    runs: dict[int, int] = {}
    for call in calls:
        runs[call.window_id] = runs.get(call.window_id, 0) + 1 if call.lane != Lane.NORMAL else 0
    return runs

"""Waits of a hall, estimated beside the writer: a forecast made every few seconds, looked up by whoever shows one.

No write waits for a simulation. The newest forecast hangs on the database's engine, so that every service finds it
by its connection; between two forecasts the number of people ahead carries it on.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from server.clock import Clock
from server.contract.tickets import Lane, TicketState, Wait
from server.db import Record, Store
from server.domain.estimate import Forecast, Range, forecast, minutes
from server.models import Hall
from server.services.estimate_facts import Learned, learn, scene

OPTION = "jiaohao_waits"
OLDEST_S = 20.0
"""A forecast is made anew after so long even when nothing happened: waiting goes on."""
LEARNED_S = 120.0
"""How old what was learned of the hall's ways may get."""


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
        self._learned: dict[int, tuple[datetime, Learned]] = {}
        self._one = threading.Lock()
        store.engine.update_execution_options(**{OPTION: self})

    def refresh(self, breathe: Callable[[], None] | None = None) -> None:
        """Forecast anew for every hall where something happened, or some time went by. `breathe` as in `forecast`."""
        with self._one:
            now = self._clock()
            with self._store.read() as conn:
                scenes = {
                    hall.id: (hall.seq, scene(conn, hall.id, self._ways(conn, hall.id, now), now))
                    for hall in conn.execute(select(Hall.id, Hall.seq)).all()
                    if self._outdated(hall, now)
                }
            for hall_id, (seq, facts) in scenes.items():
                self._outlooks[hall_id] = Outlook(seq, now, forecast(facts, breathe=breathe))

    def _ways(self, conn: Connection, hall_id: int, now: datetime) -> Learned:
        at, learned = self._learned.get(hall_id, (now, None))
        if learned is None or not 0 <= (now - at).total_seconds() < LEARNED_S:
            learned = learn(conn, hall_id, now)
            self._learned[hall_id] = now, learned
        return learned

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
        lines = known.forecast.newcomers if known else {}
        lane = lane if (queue, lane) in lines else Lane.PRIORITY  # a lane that nobody used lately is a faster one
        return lines[queue, lane].at(ahead) if (queue, lane) in lines else None

    def ticket(self, row: Record) -> Range | None:
        """For a waiting ticket, a row of `TICKETS`: as last forecast, or as promised when it is newer than that."""
        known = self._outlooks.get(row.hall_id)
        if known is None or (row.queue, Lane.NORMAL) not in known.forecast.newcomers:
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
    """What a waiting ticket may be told now. Who comes by appointment has a time instead."""
    waits = waits_of(conn)
    return _said(waits.ticket(row)) if waits and row.state == TicketState.WAITING and row.due_at is None else None


def newcomer_wait(conn: Connection, hall_id: int, queue: str, ahead: int) -> Wait | None:
    """What somebody may be told who thinks of taking a number."""
    waits = waits_of(conn)
    return _said(waits.newcomer(hall_id, queue, Lane.NORMAL, ahead)) if waits else None


def _said(wait: Range | None) -> Wait | None:
    return Wait(*minutes(wait)) if wait else None

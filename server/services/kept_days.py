"""What the days that are over came to, kept so that a report of a million tickets adds up days and reads no ticket.

A report never needs a kept day: one that is not kept is counted from its rows, by the same function. A day is kept
once it is over and every ticket of it has ended, whole in one commit, and forgotten when anything of it changes.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from server.contract.tickets import TicketState
from server.db import Record, Store, Tx
from server.domain.service_day import service_day
from server.domain.service_figures import ENDS, GROUPINGS, VERSION, WHOLE, Tallies, Tally
from server.models import DayFigures, Hall, NewsRow, SeriesCounter, TicketRow
from server.services.day_figures import PAGE, Breathe, count_day, pages
from server.statement import Statement

_STATES = [state.value for state in TicketState]

_KEPT = (
    select(DayFigures.key, DayFigures.service_day, DayFigures.figures)
    .where(
        DayFigures.hall_id == bindparam("hall_id"),
        DayFigures.by == bindparam("by"),
        DayFigures.service_day == bindparam("day"),
        DayFigures.version == VERSION,
    )
    .order_by(DayFigures.key)
)
_FIRST_DAY = select(func.min(SeriesCounter.service_day)).where(SeriesCounter.hall_id == bindparam("hall_id"))
_COUNTED = (
    select(TicketRow.state, func.count().label("n"))
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state.in_(_STATES),  # all are named, for the index by day begins with them
        TicketRow.service_day == bindparam("day"),
    )
    .group_by(TicketRow.state)
)
_TOUCHED = Statement(
    select(NewsRow.seq, TicketRow.service_day)
    .outerjoin(TicketRow, TicketRow.id == NewsRow.ticket_id)
    .where(NewsRow.hall_id == bindparam("hall_id"), NewsRow.seq > bindparam("after"))
    .order_by(NewsRow.seq)
    .limit(PAGE)
)
_FORGET = delete(DayFigures).where(
    DayFigures.hall_id == bindparam("hall"),
    DayFigures.by.in_((WHOLE, *GROUPINGS)),  # all are named, for the key begins with them
    DayFigures.service_day == bindparam("day"),
)


def kept_or_counted(
    conn: Connection, hall: Record, by: Iterable[str], days: Iterable[date], breathe: Breathe
) -> Iterator[tuple[date, Tallies]]:
    """What each day came to, in those groupings (WHOLE may be one), oldest first; days of nothing are left out."""
    by, kept = tuple(by), kept_days(conn, hall.id)
    for day in days:
        found = _read(conn, hall.id, by, day) if day in kept else _count(conn, hall, by, day, breathe)
        if any(tally.counts for tally in found.values()):
            yield day, found
        breathe()


def kept_days(conn: Connection, hall_id: int) -> set[date]:
    whole = select(DayFigures.service_day).where(
        DayFigures.hall_id == hall_id, DayFigures.by == WHOLE, DayFigures.version == VERSION
    )
    return set(conn.execute(whole).scalars())


def _read(conn: Connection, hall_id: int, by: Iterable[str], day: date) -> Tallies:
    return {
        (one, row.key): Tally.of_json(row.figures)
        for one in by
        for row in conn.execute(_KEPT, {"hall_id": hall_id, "by": one, "day": day})
    }


def _count(conn: Connection, hall: Record, by: tuple[str, ...], day: date, breathe: Breathe) -> Tallies:
    counted = count_day(conn, hall, day, breathe)
    return {group: tally for group, tally in counted.items() if group[0] in by}


class DayKeeper:
    """Keeps the days of every hall; `keep` is for a timer. What it has looked through, it knows only itself: another
    that begins looks whether each kept day still has as many tickets of each end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[int, int] = {}

    def keep(self, breathe: Breathe) -> None:
        """Forget what is no longer so, then count what is missing, the latest day first."""
        with self._store.read() as conn:
            halls = conn.execute(select(Hall)).all()
        for hall in halls:
            self._forget_changed(hall, breathe)
            for day in self._missing(hall):
                self._keep_day(hall, day, breathe)

    def _forget_changed(self, hall: Record, breathe: Breathe) -> None:
        with self._store.read() as conn:
            if hall.id not in self._seen:
                changed = _recounted(conn, hall.id, breathe)
                after = conn.execute(select(func.max(DayFigures.seq)).where(DayFigures.hall_id == hall.id)).scalar()
                self._seen[hall.id] = after or 0
            else:
                changed = set()
            if self._seen[hall.id]:
                changed |= _touched(conn, hall.id, self._seen[hall.id], breathe)
        if changed:
            self._store.write(lambda tx: _forget(tx, hall.id, changed))
        self._seen[hall.id] = hall.seq

    def _missing(self, hall: Record) -> list[date]:
        today = service_day(self._store.clock(), hall.zone, hall.rollover_hour)
        with self._store.read() as conn:
            first = conn.execute(_FIRST_DAY, {"hall_id": hall.id}).scalar() or today
            kept = kept_days(conn, hall.id)
        past = (today - timedelta(days=back) for back in range(1, (today - first).days + 1))
        return [day for day in past if day not in kept]

    def _keep_day(self, hall: Record, day: date, breathe: Breathe) -> None:
        with self._store.read() as conn:
            found = count_day(conn, hall, day, breathe)
        whole = found.setdefault((WHOLE, ""), Tally()).counts
        if whole["taken"] == sum(whole[end] for end in ENDS):
            self._store.write(lambda tx: _keep(tx, hall, day, found))


def _recounted(conn: Connection, hall_id: int, breathe: Breathe) -> set[date]:
    """Kept days that have other tickets by now, or were kept by another version."""
    whole = select(DayFigures).where(DayFigures.hall_id == hall_id, DayFigures.by == WHOLE)
    changed = set()
    for row in conn.execute(whole).all():
        counted = conn.execute(_COUNTED, {"hall_id": hall_id, "day": row.service_day})
        kept = Tally.of_json(row.figures).counts
        now = {one.state: one.n for one in counted}
        if row.version != VERSION or now != {end: kept[end] for end in ENDS if kept[end]}:
            changed.add(row.service_day)
        breathe()
    return changed


def _touched(conn: Connection, hall_id: int, after: int, breathe: Breathe) -> set[date]:
    """Days of whose tickets there is news."""
    news = pages(_TOUCHED, conn, breathe, after=after, hall_id=hall_id)
    return {row.service_day for row in news if row.service_day is not None}


def _forget(tx: Tx, hall_id: int, days: Iterable[date]) -> None:
    for day in days:
        tx.conn.execute(_FORGET, {"hall": hall_id, "day": day})


def _keep(tx: Tx, hall: Record, day: date, found: Tallies) -> None:
    """`hall` is as it was before the day was counted: what came since, the next turn looks at."""
    _forget(tx, hall.id, [day])
    rows: list[dict[str, Any]] = [
        {"hall_id": hall.id, "by": by, "service_day": day, "key": key, "version": VERSION, "seq": hall.seq,
         "figures": tally.as_json()}
        for (by, key), tally in found.items()
    ]  # fmt: skip
    tx.conn.execute(insert(DayFigures), rows)

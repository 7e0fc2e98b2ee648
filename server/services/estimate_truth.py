"""How true the estimates of a day were, for supervisors; beside "ahead × average", which needs no simulation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean

from sqlalchemy import Connection, bindparam, func, select

from server.contract.reports import EstimateReport
from server.domain.estimate_truth import Kept, truth
from server.models import CallRow, Queue, TicketRow, Window
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.reports import day_asked

_FIRST_CALLS = (
    select(CallRow.ticket_id, func.min(CallRow.seq).label("seq"))
    .where(CallRow.hall_id == bindparam("hall_id"), CallRow.service_day == bindparam("day"))
    .group_by(CallRow.ticket_id)
    .subquery()
)
_CALLED = (
    select(
        Queue.code.label("queue"), TicketRow.number, TicketRow.lane, TicketRow.issued_at,
        CallRow.at.label("called_at"), Window.no.label("window"),
        TicketRow.called_at.label("last_called_at"), TicketRow.finished_at,
        TicketRow.estimate_low_s, TicketRow.estimate_high_s, TicketRow.estimate_ahead,
    )
    .select_from(_FIRST_CALLS)
    .join(CallRow, (CallRow.hall_id == bindparam("hall_id")) & (CallRow.seq == _FIRST_CALLS.c.seq))
    .join(TicketRow, TicketRow.id == CallRow.ticket_id)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .join(Window, Window.id == CallRow.window_id)
    .order_by(CallRow.seq)
)  # fmt: skip


@dataclass(frozen=True)
class Called:
    """A ticket and its first call. `window` called it; `low_s`, `high_s` and `ahead` were promised at issue."""

    number: str
    queue: str
    lane: str
    issued_at: datetime
    called_at: datetime
    window: str
    service_s: float | None
    low_s: int | None
    high_s: int | None
    ahead: int | None

    @property
    def waited_s(self) -> float:
        return (self.called_at - self.issued_at).total_seconds()


def called_on(conn: Connection, hall_id: int, day: date) -> list[Called]:
    """Every ticket of the service day that was called, in order of its first call."""
    rows = conn.execute(_CALLED, {"hall_id": hall_id, "day": day})
    return [
        Called(
            row.number, row.queue, row.lane, row.issued_at, row.called_at, row.window,
            (row.finished_at - row.last_called_at).total_seconds() if row.finished_at else None,
            row.estimate_low_s, row.estimate_high_s, row.estimate_ahead,
        )
        for row in rows
    ]  # fmt: skip


def kept_promises(called: Sequence[Called]) -> list[Kept]:
    """Those that were promised something. The plain rule beside it is as good as it can be: people ahead × the
    average service of that queue on that very day, shared by the windows that called it."""
    each = _seconds_a_person(called)
    return [
        Kept(one.low_s, one.high_s, one.ahead * each[one.queue], one.waited_s)
        for one in called
        if one.low_s is not None and one.high_s is not None and one.ahead is not None
    ]


def _seconds_a_person(called: Sequence[Called]) -> dict[str, float]:
    served: dict[str, list[float]] = defaultdict(list)
    windows: dict[str, set[str]] = defaultdict(set)
    for one in called:
        windows[one.queue].add(one.window)
        if one.service_s is not None:
            served[one.queue].append(one.service_s)
    return {queue: fmean(served[queue] or [0.0]) / len(serving) for queue, serving in windows.items()}


def estimate_report(conn: Connection, actor: Actor, day: str | None, now: datetime) -> EstimateReport:
    """How true the estimates of a service day were ("2026-03-02"; today without it). Raises bad_field."""
    on = day_asked(hall_of(conn, actor.hall_id), day, now)
    found = truth(kept_promises(called_on(conn, actor.hall_id, on)))
    return EstimateReport(
        day=on, tickets=found.count, long_waits=found.long, error_percent=_percent(found.error),
        naive_error_percent=_percent(found.naive_error), within_p90_percent=_percent(found.covered),
        naive_within_percent=_percent(found.naive_covered),
    )  # fmt: skip


def _percent(share: float | None) -> int | None:
    return None if share is None else round(share * 100)

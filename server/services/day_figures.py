"""A service day of a hall, counted from its tickets and its news."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, bindparam, select, tuple_, type_coerce

from server.contract.news import NewsKind
from server.db import Record
from server.domain.service_day import day_over
from server.domain.service_figures import Act, Move, Tallies, Visit, add_spells, add_visit, spells
from server.models import Account, CallRow, NewsRow, Queue, ServiceItem, TicketRow, Window
from server.statement import Statement

PAGE = 200
"""Rows between two breaths: some milliseconds."""
_SECOND = 1_000_000

Breathe = Callable[[], None]
"""Called between two pieces of work, so that others are answered meanwhile."""


def micros(column: Any) -> Any:
    """A moment as it is kept: whole microseconds since 1970 UTC."""
    return type_coerce(column, BigInteger)


# By the index that keeps numbers unique: a page costs its rows, however long the day.
_VISITS = Statement(
    select(
        TicketRow.id, TicketRow.series, TicketRow.n, Queue.code.label("queue"), ServiceItem.code.label("item"),
        TicketRow.lane, Window.no.label("window"), Account.username.label("staff"), TicketRow.state,
        TicketRow.outcome, TicketRow.held_us, TicketRow.estimate_high_s.label("promised_s"),
        micros(TicketRow.issued_at).label("issued"), micros(TicketRow.called_at).label("called"),
        micros(TicketRow.begun_at).label("begun"), micros(TicketRow.finished_at).label("finished"),
    )
    .join(Queue, Queue.id == TicketRow.queue_id)
    .outerjoin(ServiceItem, ServiceItem.id == TicketRow.item_id)
    .outerjoin(Window, Window.id == TicketRow.window_id)
    .outerjoin(Account, Account.id == TicketRow.staff_id)
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.service_day == bindparam("day"),
        tuple_(TicketRow.series, TicketRow.n) > tuple_(bindparam("series"), bindparam("n")),
    )
    .order_by(TicketRow.series, TicketRow.n)
    .limit(PAGE)
)  # fmt: skip
_CALLS = Statement(
    select(CallRow.seq, CallRow.ticket_id, CallRow.recall, CallRow.undone, micros(CallRow.at).label("at"))
    .where(
        CallRow.hall_id == bindparam("hall_id"),
        CallRow.service_day == bindparam("day"),
        CallRow.seq > bindparam("after"),
    )
    .order_by(CallRow.seq)
    .limit(PAGE)
)
_MANY = (NewsKind.TICKET_ISSUED, NewsKind.TICKET_PRINT, NewsKind.INVITATION_OPENED, NewsKind.INVITATION_CLOSED)
"""News of every ticket that say nothing of a window's time."""
_NEWS = Statement(
    select(NewsRow.seq, NewsRow.kind, micros(NewsRow.at).label("at"), NewsRow.ticket_id, NewsRow.actor, NewsRow.data)
    .where(
        NewsRow.hall_id == bindparam("hall_id"),
        NewsRow.seq > bindparam("after"),
        NewsRow.seq < bindparam("before"),
        *(NewsRow.kind != kind.value for kind in _MANY),
    )
    .order_by(NewsRow.seq)
    .limit(PAGE)
)  # fmt: skip
_WHEN = Statement(
    select(micros(NewsRow.at).label("at"))
    .where(NewsRow.hall_id == bindparam("hall_id"), NewsRow.seq >= bindparam("seq"))
    .order_by(NewsRow.seq)
    .limit(1)
)

_WHAT = {
    NewsKind.TICKET_CALLED: "called",
    NewsKind.TICKET_SERVING: "serving",
    NewsKind.TICKET_FINISHED: "free",
    NewsKind.TICKET_NO_SHOW: "free",
    NewsKind.TICKET_HELD: "free",
    NewsKind.TICKET_REQUEUED: "free",
    NewsKind.TICKET_TRANSFERRED: "free",
    NewsKind.TICKET_CANCELLED: "free",
    NewsKind.TICKET_EXPIRED: "free",
}
"""What the news of a ticket mean for the window that has it in hand."""
_MOVES = {NewsKind.TICKET_TRANSFERRED: "transferred", NewsKind.TICKET_HELD: "held"}


def count_day(conn: Connection, hall: Record, day: date, breathe: Breathe) -> Tallies:
    """Every group of the day that has a ticket, or time at a window."""
    found: Tallies = {}
    moves: dict[int, list[Move]] = defaultdict(list)
    add_spells(found, spells(_acts(_news_of(conn, hall, day, breathe), moves)))
    first_calls = first_calls_on(conn, hall.id, day, breathe)
    zone = ZoneInfo(hall.zone)
    for row in pages(_VISITS, conn, breathe, series="", n=0, hall_id=hall.id, day=day):
        add_visit(found, _visit(row, zone, first_calls.get(row.id)), moves.get(row.id, ()))
    return found


def first_calls_on(conn: Connection, hall_id: int, day: date, breathe: Breathe) -> dict[int, int]:
    """When each ticket of the day was called first, in microseconds; calls that were undone are none."""
    found: dict[int, int] = {}
    for call in pages(_CALLS, conn, breathe, after=0, hall_id=hall_id, day=day):
        if not (call.recall or call.undone):
            found.setdefault(call.ticket_id, call.at)
    return found


def pages(statement: Statement, conn: Connection, breathe: Breathe, **values: Any) -> Iterator[Record]:
    """All rows of a statement that gives a PAGE of those behind a place: `after` a seq, or a series and n."""
    while True:
        rows = statement.all(conn, **values)
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
        values |= {"after": last.seq} if "after" in values else {"series": last.series, "n": last.n}
        breathe()


def arrival_s(row: Record) -> int | None:
    """Last call to begin. A hold moves `begun_at`, so of who was held nobody knows any more when they came."""
    return None if row.held_us else seconds(row.called, row.begun)


def seconds(begin: int | None, end: int | None) -> int | None:
    """Whole ones between two moments in microseconds; 0 when the clock was set back meanwhile, for nobody knows how
    many."""
    return None if begin is None or end is None else max(0, (end - begin) // _SECOND)


def _visit(row: Record, zone: ZoneInfo, first_call: int | None) -> Visit:
    hour = datetime.fromtimestamp(row.issued // _SECOND, zone).hour
    return Visit(
        row.id, row.queue, row.item or "", row.lane, row.window or "", row.staff or "", f"{hour:02}", row.state,
        row.outcome, seconds(row.issued, first_call), arrival_s(row),
        seconds(row.begun, row.finished), row.promised_s,
    )  # fmt: skip


def _news_of(conn: Connection, hall: Record, day: date, breathe: Breathe) -> Iterator[Record]:
    """In order. News have no index by time: their seq rises with it, but for a clock that was set back."""
    begins, ends = (
        _first_seq_from(conn, hall, day_over(day - timedelta(days=back), hall.zone, hall.rollover_hour))
        for back in (1, 0)
    )
    return pages(_NEWS, conn, breathe, after=begins - 1, before=ends, hall_id=hall.id)


def _first_seq_from(conn: Connection, hall: Record, moment: datetime) -> int:
    us = int(moment.timestamp()) * _SECOND

    def later(seq: int) -> bool:
        row = _WHEN.one_or_none(conn, hall_id=hall.id, seq=seq)
        return row is None or row.at >= us

    return 1 + bisect_left(range(1, hall.seq + 1), True, key=later)


def _acts(news: Iterable[Record], moves: dict[int, list[Move]]) -> Iterator[Act]:
    """What happened at the windows, in order; moves of tickets are noted by the way."""
    for row in news:
        person = row.actor.partition(":")[2].partition(" via call pad ")[0]
        if row.kind == NewsKind.WINDOW_CHANGED:
            yield Act(row.at, row.data["state"], row.data["window"], person)
        elif row.kind in _WHAT:
            window = row.data["window"] or ""
            yield Act(row.at, _WHAT[row.kind], window, person, row.ticket_id)
            if row.kind in _MOVES:
                moves[row.ticket_id].append(Move(_MOVES[row.kind], row.data["queue"], window, person))

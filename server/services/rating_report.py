"""What supervisors ask about the ratings of a period: figures by window, person, item, queue, channel, day or month.

Counts are read anew each time. Levels are told of days that are over and of groups that are large enough
(docs/figures.md says why, and what that does not prevent).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from server.contract.problems import bad_field
from server.contract.ratings import AT_WINDOW
from server.contract.rectifications import Rates
from server.contract.reports import DeviceUse, Handling, RatingReport, RatingRow
from server.contract.tickets import TicketState
from server.db import Record
from server.domain.rating import LEAST_RATED
from server.domain.rating_figures import LEVELS_SHOWN, Counts, share, shares, withheld
from server.domain.service_day import day_over, service_day
from server.models import (
    Account,
    DeviceToken,
    Invitation,
    Queue,
    Rating,
    RatingExclusion,
    ServiceItem,
    StrayPress,
    TicketRow,
    Window,
)
from server.services.actors import Actor
from server.services.days import EARLIEST
from server.services.halls import hall_of
from server.services.rectification_list import rates

LONGEST = 400
"""Days in a report: a year, and the month before it."""

SOURCES = ("evaluator", "tablet", "qr", "web", "sms", "paper", "telephone")
"""The order in which channels stand; one that is not among them stands behind."""

_STATES = [state.value for state in TicketState]
_KEYS: dict[str, Any] = {
    "window": Invitation.window_id,
    "staff": Invitation.staff_id,
    "item": Invitation.item_id,
    "queue": TicketRow.queue_id,
    "channel": Rating.source,
    "day": TicketRow.service_day,
    "month": TicketRow.service_day,
}
GROUPINGS = tuple(_KEYS)
_NAMES: dict[str, tuple[Any, ...]] = {
    "window": (Window, Window.no, Window.name),
    "staff": (Account, Account.username, Account.name),
    "item": (ServiceItem, ServiceItem.code, ServiceItem.name),
    "queue": (Queue, Queue.code, Queue.name, Queue.name_en),
}

Breathe = Callable[[], None]
"""Called between two pieces of work, so that others are answered meanwhile."""


@dataclass(frozen=True)
class Period:
    """Whole service days, both included. `live`: the day is not over."""

    first: date
    last: date
    live: bool = False

    def days(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def period_of(first: str | None, last: str | None, today: date) -> Period:
    """What `from` and `to` name. A period that reaches into today or beyond ends yesterday, unless it is today alone.
    Raises bad_field."""
    begins, ends = _date("from", first, "起始日期"), _date("to", last, "截止日期")
    if begins > ends:
        raise bad_field("from", "must not be after “to”", "不能晚于截止日期", "起始日期")
    if begins > today:
        raise bad_field("from", "must not lie in the future", "不能晚于今天", "起始日期")
    if begins < EARLIEST:
        raise bad_field("from", f"must not be before {EARLIEST}", f"不能早于 {EARLIEST}", "起始日期")
    if begins == today:
        return Period(today, today, live=True)
    ends = min(ends, today - timedelta(days=1))
    if (ends - begins).days >= LONGEST:
        raise bad_field(
            "to", f"must be within {LONGEST} days of “from”", f"与起始日期最多相隔 {LONGEST} 天", "截止日期"
        )
    return Period(begins, ends)


def _date(name: str, text: str | None, zh: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise bad_field(name, "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD", zh) from None


def grouping(by: str | None) -> str:
    """Raises bad_field."""
    if by not in GROUPINGS:
        raise bad_field(
            "by", f"must be one of: {', '.join(GROUPINGS)}", f"只能是 {'、'.join(GROUPINGS)} 之一", "分组"
        )
    return str(by)


def asked_of(
    conn: Connection, actor: Actor, first: str | None, last: str | None, now: datetime
) -> tuple[Record, Period]:
    """The hall of who asks, and the period meant. Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    return hall, period_of(first, last, service_day(now, hall.zone, hall.rollover_hour))


def report(conn: Connection, hall: Record, period: Period, by: str, breathe: Breathe) -> RatingReport:
    """The figures of every group, and of all."""
    groups = tallied(conn, hall.id, period, by, breathe)
    whole = together(groups.values())
    rows = tuple(_rows(conn, hall.id, by, groups, whole, period.live))
    devices = tuple(_devices(conn, hall, period, rows)) if by == "window" else ()
    total = _row("", "", "", whole, hide=period.live or 0 < whole.behind < LEAST_RATED)
    return RatingReport(period.first, period.last, by, period.live, LEAST_RATED, total, rows, devices)


def handling(conn: Connection, hall: Record, of: RatingReport, breathe: Breathe) -> Handling | None:
    """What became of the 差评 in a report; None where it does not tell how many those are."""
    if of.total.levels is None:
        return None
    counts: Counter[str] = Counter({each.name: 0 for each in fields(Rates)})
    for day in Period(of.from_day, of.to_day).days():
        counts.update(asdict(rates(conn, hall.id, day, day)))
        breathe()
    n = Rates(**counts)
    return Handling(
        n, share(n.called_back, n.opened), share(n.contacted_in_time, n.opened), share(n.closed, n.opened),
        share(n.satisfied, n.re_rated),
    )  # fmt: skip


@dataclass
class Tally:
    """Counts in the making."""

    asked: int = 0
    levels: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    excluded: int = 0

    def add(self, source: str | None, level: int | None, excluded: bool, n: int) -> None:
        """`n` services with such a rating; None and None without one."""
        self.asked += n
        self.excluded += n if excluded else 0
        if source is not None and level is not None:
            self.levels[level] += n
            self.sources[source] += n

    def counts(self) -> Counts:
        levels = tuple(self.levels[level] for level in LEVELS_SHOWN)
        return Counts(self.asked, levels, dict(self.sources), self.excluded)


def tallied(conn: Connection, hall_id: int, period: Period, by: str, breathe: Breathe) -> dict[Any, Counts]:
    """By the group's key, which is None for services without one. An invitation that is still open is not asked yet.

    One statement, run for a day at a time: of a busy hall that is some thousandths of a second each.
    """
    found: dict[Any, Tally] = {}
    counted = _counted(by)
    for day in period.days():
        for key, source, level, excluded, n in conn.execute(counted, {"hall_id": hall_id, "day": day}):
            name = key.strftime("%Y-%m") if by == "month" else key
            found.setdefault(name, Tally()).add(source, level, excluded, n)
        breathe()
    return {key: tally.counts() for key, tally in found.items()}


def _counted(by: str) -> Select[Any]:
    """All states are named, for the index by day begins with them."""
    key, excluded = _KEYS[by], RatingExclusion.id.is_not(None)
    return (
        select(key, Rating.source, Rating.level, excluded, func.count())
        .select_from(TicketRow)
        .join(Invitation, Invitation.ticket_id == TicketRow.id)
        .outerjoin(Rating, Rating.invitation_id == Invitation.id)
        .outerjoin(RatingExclusion, RatingExclusion.rating_id == Rating.id)
        .where(
            TicketRow.hall_id == bindparam("hall_id"),
            TicketRow.state.in_(_STATES),
            TicketRow.service_day == bindparam("day"),
            Invitation.state != "open",
        )
        .group_by(key, Rating.source, Rating.level, excluded)
    )


def together(groups: Iterable[Counts]) -> Counts:
    """The sum of groups of one partition."""
    whole = Tally()
    for counts in groups:
        whole.asked += counts.asked
        whole.levels.update(dict(zip(LEVELS_SHOWN, counts.levels, strict=True)))
        whole.sources.update(counts.sources)
        whole.excluded += counts.excluded
    return whole.counts()


def _rows(
    conn: Connection, hall_id: int, by: str, groups: Mapping[Any, Counts], whole: Counts, live: bool
) -> Iterator[RatingRow]:
    """In the order in which people look for them."""
    names = names_of(conn, hall_id, by)
    if by == "channel":  # nobody is asked by a channel: who did not rate stands in every one
        groups = {key: replace(one, asked=whole.asked) for key, one in groups.items() if key is not None}
    hidden = set(groups) if live else withheld({key: counts.behind for key, counts in groups.items()})
    named = {key: names.get(key, (_plain(key), "", "")) for key in groups}
    for key in sorted(groups, key=lambda key: _place(by, named[key][0])):
        row = _row(*named[key], groups[key], hide=key in hidden)
        yield _of_channel(row, whole) if by == "channel" else row


def _of_channel(row: RatingRow, whole: Counts) -> RatingRow:
    return replace(row, unrated=whole.unrated, unrated_permille=shares(whole).unrated)


def names_of(conn: Connection, hall_id: int, by: str) -> dict[Any, tuple[str, str, str]]:
    """Code, name and English name of each group of the hall, by its key. Days and channels are their own names."""
    if by not in _NAMES:
        return {}
    model, *columns = _NAMES[by]
    mine = select(model.id, *columns).where(model.hall_id == hall_id)
    return {key: (code, name, *(more or [""])) for key, code, name, *more in conn.execute(mine)}


def _plain(key: Any) -> str:
    return "" if key is None else str(key)


def _place(by: str, code: str) -> tuple[bool, int, str]:
    """Those without a code, and unknown channels, stand last."""
    known = SOURCES.index(code) if by == "channel" and code in SOURCES else len(SOURCES)
    return (not code, known, code)


def _row(key: str, name: str, name_en: str, counts: Counts, *, hide: bool) -> RatingRow:
    """`hide`: say nothing of levels."""
    of = shares(counts)
    return RatingRow(
        key=key, name=name, name_en=name_en, asked=counts.asked, rated=counts.rated, unrated=counts.unrated,
        levels=None if hide else counts.levels, good_permille=None if hide else of.good, rated_permille=of.rated,
        unrated_permille=of.unrated, sources=dict(counts.sources), device_permille=of.device,
        excluded=None if hide else counts.excluded,
    )  # fmt: skip


def _devices(conn: Connection, hall: Record, period: Period, rows: tuple[RatingRow, ...]) -> Iterator[DeviceUse]:
    """Of every window where something was done or pressed."""
    pressed = {row.key: sum(row.sources.get(source, 0) for source in AT_WINDOW) for row in rows}
    asked = {row.key: row.asked for row in rows}
    used = any(pressed.values())
    for no, name, strays, evaluators in conn.execute(_windows(hall, period)):
        if no in asked or strays:
            mine, of = pressed.get(no, 0), asked.get(no, 0)
            silent = evaluators > 0 and used and of > 0 and mine + strays == 0
            yield DeviceUse(no, name, of, mine, strays, share(mine, of), evaluators > 0, silent)


def _windows(hall: Record, period: Period) -> Select[Any]:
    """Each window with its stray presses of the period and its evaluators of now."""
    begins = day_over(period.first - timedelta(days=1), hall.zone, hall.rollover_hour)
    ends = day_over(period.last, hall.zone, hall.rollover_hour)
    strays = (
        select(StrayPress.window_id, func.count().label("n"))
        .where(StrayPress.hall_id == hall.id, StrayPress.at >= begins, StrayPress.at < ends)
        .group_by(StrayPress.window_id)
        .subquery()
    )
    evaluators = select(func.count()).where(
        DeviceToken.window_id == Window.id,
        DeviceToken.kind.in_(("evaluator", "tablet")),
        DeviceToken.revoked_at.is_(None),
    )
    return (
        select(Window.no, Window.name, func.coalesce(strays.c.n, 0), evaluators.scalar_subquery())
        .outerjoin(strays, strays.c.window_id == Window.id)
        .where(Window.hall_id == hall.id)
        .order_by(Window.no)
    )

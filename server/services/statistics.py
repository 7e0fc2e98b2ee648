"""What supervisors ask about the services of a period: figures by queue, window, person, item, lane, day or month."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from server.contract.problems import bad_field
from server.contract.statistics import (
    Before,
    DayPoint,
    HeatCell,
    Lengths,
    Presence,
    ServiceFigures,
    ServiceRow,
    Statistics,
)
from server.contract.tickets import Lane
from server.db import Record
from server.domain import service_figures
from server.domain.rating_figures import share
from server.domain.service_day import service_day
from server.domain.service_figures import SPENT, WHOLE, Tallies, Tally
from server.domain.story import LANES
from server.services.actors import Actor
from server.services.day_figures import Breathe
from server.services.days import EARLIEST
from server.services.halls import hall_of
from server.services.kept_days import kept_or_counted
from server.services.rating_report import LONGEST, Period, names_of

GROUPINGS = ("queue", "window", "staff", "item", "lane", "day", "month")
TIMES = ("day", "month")
_ALWAYS = (WHOLE, "hour", "window", "staff")
"""Groupings that every answer needs: its sum, its heat map, and how many windows and people there were."""


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
    """The hall of who asks, and the period meant: it may reach into today, and one that reaches beyond ends today.
    Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    return hall, _period(first, last, service_day(now, hall.zone, hall.rollover_hour))


def _period(first: str | None, last: str | None, today: date) -> Period:
    begins, ends = _date("from", first, "起始日期"), _date("to", last, "截止日期")
    if begins > ends:
        raise bad_field("from", "must not be after “to”", "不能晚于截止日期", "起始日期")
    if begins > today:
        raise bad_field("from", "must not lie in the future", "不能晚于今天", "起始日期")
    if begins < EARLIEST:
        raise bad_field("from", f"must not be before {EARLIEST}", f"不能早于 {EARLIEST}", "起始日期")
    ends = min(ends, today)
    if (ends - begins).days >= LONGEST:
        raise bad_field(
            "to", f"must be within {LONGEST} days of “from”", f"与起始日期最多相隔 {LONGEST} 天", "截止日期"
        )
    return Period(begins, ends, live=ends == today)


def _date(name: str, text: str | None, zh: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise bad_field(name, "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD", zh) from None


def before(period: Period) -> Period:
    """The month before a whole month, else as many days right before."""
    last, day_after = period.first - timedelta(days=1), period.last + timedelta(days=1)
    if period.first.day == 1 and day_after == (period.first + timedelta(days=31)).replace(day=1):
        return Period(last.replace(day=1), last)
    return Period(period.first - (day_after - period.first), last)


@dataclass
class Summed:
    """A period, added up. `heat` by weekday and hour."""

    groups: Tallies = field(default_factory=dict)
    heat: dict[tuple[int, int], Tally] = field(default_factory=dict)
    days: list[DayPoint] = field(default_factory=list)

    def of(self, by: str) -> dict[str, Tally]:
        return {key: tally for (one, key), tally in self.groups.items() if one == by}

    @property
    def whole(self) -> Tally:
        return self.groups.get((WHOLE, ""), Tally())

    def add(self, group: tuple[str, str], tally: Tally) -> None:
        self.groups.setdefault(group, Tally()).take_in(tally)


def summed(conn: Connection, hall: Record, period: Period, by: Iterable[str], breathe: Breathe) -> Summed:
    """The groupings `by`, those of _ALWAYS, and the times."""
    found = Summed()
    wanted = {*by, *_ALWAYS} - set(TIMES)
    for day, tallies in kept_or_counted(conn, hall, sorted(wanted), period.days(), breathe):
        for group, tally in tallies.items():
            if group[0] == "hour":
                found.heat.setdefault((day.isoweekday(), int(group[1])), Tally()).take_in(tally)
            else:
                found.add(group, tally)
        whole = tallies[WHOLE, ""]
        found.add(("day", day.isoformat()), whole)
        found.add(("month", f"{day:%Y-%m}"), whole)
        found.days.append(
            DayPoint(day, whole.counts["taken"], whole.counts["finished"], whole.wait.within(50))
        )  # fmt: skip
    return found


def statistics(conn: Connection, hall: Record, period: Period, by: str, breathe: Breathe) -> Statistics:
    now = summed(conn, hall, period, [by], breathe)
    return told(conn, hall, period, by, now, compared(conn, hall, period, breathe))


def compared(conn: Connection, hall: Record, period: Period, breathe: Breathe) -> Before:
    earlier, whole = before(period), Tally()
    for _, tallies in kept_or_counted(conn, hall, [WHOLE], earlier.days(), breathe):
        whole.take_in(tallies[WHOLE, ""])
    return Before(earlier.first, earlier.last, figures(whole, there=True))


def told(
    conn: Connection, hall: Record, period: Period, by: str, now: Summed, earlier: Before
) -> Statistics:  # fmt: skip
    """One grouping of what was summed."""
    return Statistics(
        period.first, period.last, by, period.live, _some(now.of("window")), _some(now.of("staff")),
        figures(now.whole, there=True), earlier, tuple(_rows(conn, hall.id, by, now.of(by))),
        tuple(point for point in now.days if point.taken), tuple(_heat(now)),
    )  # fmt: skip


def _some(groups: dict[str, Tally]) -> int:
    return len([key for key in groups if key])


def _rows(conn: Connection, hall_id: int, by: str, groups: dict[str, Tally]) -> Iterator[ServiceRow]:
    """In order of their codes, lanes as they are known; those without a code last."""
    names = _names(conn, hall_id, by)
    lanes = [lane.value for lane in Lane]
    for key in sorted(groups, key=lambda key: (not key, lanes.index(key) if key in lanes else 0, key)):
        name, name_en = names.get(key, ("", ""))
        yield ServiceRow(key, name, name_en, figures(groups[key], there=by in ("window", "staff", *TIMES)))


def _names(conn: Connection, hall_id: int, by: str) -> dict[str, tuple[str, str]]:
    """Name and English name, by code."""
    if by == "lane":
        return LANES
    return {code: (name, name_en) for code, name, name_en in names_of(conn, hall_id, by).values()}


def _heat(now: Summed) -> Iterator[HeatCell]:
    for (weekday, hour), tally in sorted(now.heat.items()):
        if taken := tally.counts["taken"]:
            yield HeatCell(weekday, hour, taken, tally.wait.within(50), tally.wait.within(90))


def figures(of: Tally, *, there: bool) -> ServiceFigures:
    """`there`: whether time at a window can be said of such a group."""
    n: Any = of.counts
    ended = sum(n[end] for end in service_figures.ENDS)
    presence = Presence(n["days"], **{what: n[what] for what in SPENT}) if there else None
    return ServiceFigures(
        taken=n["taken"], served=n["finished"], no_show=n["no_show"], cancelled=n["cancelled"], expired=n["expired"],
        open=n["taken"] - ended, unclosed=n["unclosed"], transferred=n["transferred"], held=n["held"],
        wait=_lengths(of.wait), arrival=_lengths(of.arrival), service=_lengths(of.service), promised=n["promised"],
        within_permille=share(n["kept"], n["promised"]), presence=presence,
    )  # fmt: skip


def _lengths(of: service_figures.Lengths) -> Lengths:
    return Lengths(of.n, of.within(50), of.within(90), of.longest if of.n else None)

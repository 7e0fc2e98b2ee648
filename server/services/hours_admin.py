"""An admin's changes of hours, calendar, quotas and campaigns."""

from datetime import date
from typing import Any

from sqlalchemy import delete, select, update

from server.contract.admin import DaySettings, HoursSettings, ImportDays, QueueLimits
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Tx
from server.domain.calendar_import import MAX_LINES, parse_days
from server.domain.hours_words import Words
from server.domain.settings import NAMES
from server.domain.work_calendar import DayKind, SpecialDay
from server.models import CalendarDay, Hall, Queue
from server.services.actors import Actor
from server.services.admin import overview, refuse_bad
from server.services.events import tell

MOST_SAID = 5
"""Lines of an import that a refusal names; who has more begins with these."""


def change_hours(tx: Tx, actor: Actor, body: HoursSettings) -> dict[str, Any]:
    """The whole week as it shall be."""
    refuse_bad(body)
    sessions = sorted([s.weekday, s.opens, s.closes] for s in body.sessions)
    values = {"cutoff_minutes": body.cutoff_minutes, "one_live_ticket": body.one_live_ticket}
    tx.conn.execute(update(Hall).where(Hall.id == actor.hall_id).values(sessions=sessions, **values))
    return _changed(tx, actor, "hours")


def change_day(tx: Tx, actor: Actor, body: DaySettings, day: str) -> dict[str, Any]:
    """A holiday or make-up workday; one that is there already is changed."""
    refuse_bad(body)
    _keep(tx, actor, {_date(day): SpecialDay(DayKind(body.kind), body.name.strip(), body.as_weekday)})
    return _changed(tx, actor, f"calendar {day}")


def remove_day(tx: Tx, actor: Actor, body: WindowCommand, day: str) -> dict[str, Any]:
    """The date is again what its weekday says. Raises day_not_found."""
    gone = tx.conn.execute(
        delete(CalendarDay).where(CalendarDay.hall_id == actor.hall_id, CalendarDay.day == _date(day))
    )
    if gone.rowcount != 1:
        raise ProblemError("day_not_found")
    return _changed(tx, actor, f"calendar {day}")


def import_days(tx: Tx, actor: Actor, body: ImportDays) -> dict[str, Any]:
    """Add or change every day of a list; with one bad line, none. Raises bad_lines, bad_field."""
    if len(body.lines) > MAX_LINES:
        raise bad_field("lines", f"must be at most {MAX_LINES}", f"最多 {MAX_LINES} 行", NAMES["lines"])
    days, wrong = parse_days(body.lines)
    if wrong:
        raise _bad_lines(wrong)
    if not days:
        raise bad_field("lines", "must hold at least one day", "至少要有一天", NAMES["lines"])
    _keep(tx, actor, days)
    return _changed(tx, actor, f"calendar: {len(days)} days imported")


def change_limits(tx: Tx, actor: Actor, body: QueueLimits, code: str) -> dict[str, Any]:
    """Quotas and campaign dates of a queue. Raises queue_not_found."""
    refuse_bad(body)
    values = {name: getattr(body, name) for name in ("quota_day", "quota_session", "from_day", "to_day")}
    mine = (Queue.hall_id == actor.hall_id) & (Queue.code == code)
    if tx.conn.execute(update(Queue).where(mine).values(**values)).rowcount != 1:
        raise ProblemError("queue_not_found")
    return _changed(tx, actor, f"limits of {code}")


def _changed(tx: Tx, actor: Actor, what: str) -> dict[str, Any]:
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=what)
    return overview(tx.conn, actor, tx.now)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_field("day", "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD", "日期") from None


def _keep(tx: Tx, actor: Actor, days: dict[date, SpecialDay]) -> None:
    mine = CalendarDay.hall_id == actor.hall_id
    known = set(tx.conn.execute(select(CalendarDay.day).where(mine)).scalars())
    for day, special in days.items():
        values = {"kind": special.kind.value, "name": special.name, "as_weekday": special.as_weekday}
        if day in known:
            tx.conn.execute(update(CalendarDay).where(mine, CalendarDay.day == day).values(**values))
        else:
            tx.add(CalendarDay, hall_id=actor.hall_id, day=day, **values)


def _bad_lines(wrong: dict[int, Words]) -> ProblemError:
    said = list(wrong.items())[:MOST_SAID]
    more = len(wrong) - len(said)
    zh = "；".join(f"第 {n} 行：{words[0]}" for n, words in said) + (f"；另有 {more} 行" if more else "")
    en = "; ".join(f"line {n} {words[1]}" for n, words in said) + (f"; and {more} more" if more else "")
    return ProblemError("bad_lines", lines=f"{en}.", lines_zh=f"{zh}。")

"""空岗: windows that stand empty while somebody must be there, as facts and as news; and the day's end at windows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, select

from server.contract.news import NewsKind
from server.contract.windows import WindowState
from server.db import Record, Tx
from server.domain.cover import Place, Reason, SeatAction, due, empty, moment
from server.domain.service_day import hall_time, service_day
from server.domain.work_calendar import DAY_MINUTES, Session, sessions_on, weekday_of
from server.models import Account, EmptySpell, Hall, Instant, Sitting, WebSession, Window
from server.services.accounts import SESSION_IDLE, SESSION_LONGEST
from server.services.actors import system
from server.services.events import tell
from server.services.halls import hall_of
from server.services.rosters import Roster, post_of, roster, today_of
from server.services.windows import WINDOWS, leave
from server.statement import Statement

_LIVE = exists().where(
    WebSession.account_id == Window.staff_id,
    WebSession.seen_at > bindparam("since", type_=Instant),
    WebSession.created_at > bindparam("begun", type_=Instant),
    Account.id == Window.staff_id,
    Account.active.is_(True),
)
_SEATS = Statement(
    select(Window.id, Window.no, Window.state, Window.staff_id, Window.since, _LIVE.label("live"))
    .where(Window.hall_id == bindparam("hall_id"))
    .order_by(Window.no)
)
_SPELLS = Statement(
    select(EmptySpell).where(EmptySpell.hall_id == bindparam("hall_id"), EmptySpell.ended_at.is_(None))
)


@dataclass(frozen=True)
class EmptyPost:
    """A window that stands empty. `post` is its post's name, empty where it has none now; `since` counts from the
    beginning of hours at the earliest."""

    window_id: int
    window: str
    post: str
    reason: Reason
    since: datetime


def empty_posts(conn: Connection, hall_id: int, now: datetime) -> list[EmptyPost]:
    """Windows that have stood empty for longer than the hall allows, by number."""
    hall = hall_of(conn, hall_id)
    least = timedelta(minutes=hall.empty_minutes)
    return [one for one in _empty_now(conn, hall_id, now) if now - one.since >= least]


def _empty_now(conn: Connection, hall_id: int, now: datetime) -> Iterator[EmptyPost]:
    """However short."""
    today = today_of(hall_of(conn, hall_id), now)
    known = roster(conn, hall_id, today, today)
    noticed = {(row.window_id, row.reason): row.since for row in _SPELLS.all(conn, hall_id=hall_id)}
    opened = _hall_opened(known, now)
    for row in _SEATS.all(conn, hall_id=hall_id, since=now - SESSION_IDLE, begun=now - SESSION_LONGEST):
        post, opens = _due_now(known, row.id, now)
        place = Place(opens, row.staff_id is not None, row.state == WindowState.PAUSED, row.live, row.since)
        found = empty(place, opened)
        if found is not None:
            reason, since = found
            since = since or noticed.get((row.id, reason.value), now)
            yield EmptyPost(row.id, row.no, post, reason, since)


def _hall_opened(known: Roster, now: datetime) -> datetime | None:
    """When the present session of the hall began; None while it is closed."""
    calendar, today = known.calendar, today_of(known.hall, now)
    if not known.hall.open or weekday_of(today, calendar.days) is None:
        return None
    return _running(known, sessions_on(calendar, today) if calendar.sessions else (_WHOLE,), now)


_WHOLE = Session(1, 0, DAY_MINUTES)


def _due_now(known: Roster, window_id: int, now: datetime) -> tuple[str, datetime | None]:
    """The name of the post that is due at a window, and since when; nothing where none is."""
    today = today_of(known.hall, now)
    for row in known.posts:
        if row.window_id == window_id and known.hall.open:
            opens = _running(known, due(post_of(row), known.calendar, today), now)
            if opens is not None:
                return row.name, opens
    return "", None


def _running(known: Roster, sessions: tuple[Session, ...], now: datetime) -> datetime | None:
    zone, today = known.hall.zone, today_of(known.hall, now)
    opened = (
        moment(zone, today, s.opens)
        for s in sessions
        if moment(zone, today, s.opens) <= now < moment(zone, today, s.closes)
    )
    return next(opened, None)


# ── by the clock ──


def by_the_clock(tx: Tx) -> None:
    """Whoever is still down at a window from an earlier service day has left; empty windows are told, once when it
    has lasted too long and once when it is over."""
    for hall in tx.conn.execute(select(Hall)).all():
        if hall.sessions:  # one without hours never closes: whoever works there at midnight has not left
            _end_stays(tx, hall)
        _follow_spells(tx, hall)


def _end_stays(tx: Tx, hall: Record) -> None:
    today = service_day(tx.now, hall.zone, hall.rollover_hour)
    running = select(Sitting).where(Sitting.hall_id == hall.id, Sitting.ended_at.is_(None))
    for stay in tx.conn.execute(running).all():
        if service_day(stay.began_at, hall.zone, hall.rollover_hour) < today:
            _end_stay(tx, hall, stay)


def _end_stay(tx: Tx, hall: Record, stay: Record) -> None:
    if stay.window_id is None:
        tx.change(Sitting, stay.id, ended_at=tx.now, ended_by=SeatAction.DAY_OVER.value)
        return
    window = tx.conn.execute(WINDOWS.where(Window.id == stay.window_id)).one()
    if window.ticket_id is None:
        leave(tx, system(hall.id), window, SeatAction.DAY_OVER)


def _follow_spells(tx: Tx, hall: Record) -> None:
    found = {one.window_id: one for one in _empty_now(tx.conn, hall.id, tx.now)}
    known = {row.window_id: row for row in _SPELLS.all(tx.conn, hall_id=hall.id)}
    for window_id, spell in known.items():
        if window_id not in found:
            _end_spell(tx, hall, spell)
    for window_id, one in found.items():
        _note_spell(tx, hall, one, known.get(window_id))


def _note_spell(tx: Tx, hall: Record, one: EmptyPost, spell: Record | None) -> None:
    """One spell as long as the window stands empty, whatever the reasons; only what has lasted is told."""
    if spell is None:
        key = tx.add(
            EmptySpell, hall_id=hall.id, window_id=one.window_id, post=one.post, reason=one.reason.value,
            since=one.since,
        )  # fmt: skip
        told_at = None
    else:
        key, told_at = spell.id, spell.told_at
        if spell.reason != one.reason:
            tx.change(EmptySpell, key, reason=one.reason.value)
    since = one.since if spell is None else min(one.since, spell.since)
    if told_at is None and tx.now - since >= timedelta(minutes=hall.empty_minutes):
        tx.change(EmptySpell, key, told_at=tx.now)
        at = hall_time(since, hall.zone).isoformat()
        _tell(tx, hall, NewsKind.POST_EMPTY, one.window_id, one.post, reason=one.reason.value, since=at)


def _end_spell(tx: Tx, hall: Record, spell: Record) -> None:
    if spell.told_at is None:
        tx.conn.execute(delete(EmptySpell).where(EmptySpell.id == spell.id))
        return
    tx.change(EmptySpell, spell.id, ended_at=tx.now)
    _tell(tx, hall, NewsKind.POST_FILLED, spell.window_id, spell.post)


def _tell(tx: Tx, hall: Record, kind: NewsKind, window_id: int, post: str, **more: Any) -> None:
    no = tx.conn.execute(select(Window.no).where(Window.id == window_id)).scalar_one()
    tell(tx, system(hall.id), kind, {"window": no, "post": post, **more}, window_id=window_id)

"""值班: who is at which post now and who should be, how the day's sessions were kept, and the weeks to come."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from server.contract.problems import ProblemError
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.cover import (
    SeatAction,
    Standing,
    away,
    days_of,
    due,
    moment,
    standing,
)
from server.domain.work_calendar import Session
from server.models import DutyDay, Sitting, Window
from server.services.actors import Actor
from server.services.attendance import at_in, day_kept
from server.services.cover import empty_posts
from server.services.cover_admin import post_row
from server.services.days import day_named
from server.services.halls import hall_of
from server.services.rosters import Roster, leads, must_lead, post_of, roster, today_of

MOST_WEEKS = 8

_SEATS = select(
    Window.id, Window.no, Window.name, Window.state, Window.staff_id, Window.since, Window.pause_reason
)  # fmt: skip


# ── the weeks to come ──


def plan_of(conn: Connection, actor: Actor, since: str | None, weeks: str | None, now: datetime) -> dict[str, Any]:
    """Posts, leave, covers and the calendar of whole weeks from the Monday of `since` on, this week's without.
    Raises not_leading, bad_field."""
    must_lead(conn, actor, now)
    hall = hall_of(conn, actor.hall_id)
    today = today_of(hall, now)
    day = day_named(since) if since else today
    first = day - timedelta(days=day.isoweekday() - 1)
    last = first + timedelta(days=7 * _weeks(weeks) - 1)
    known = roster(conn, actor.hall_id, first, last)
    return {
        "today": today.isoformat(),
        "days": [{"day": d.isoformat(), "off": not _open(known, d)} for d in days_of(first, last)],
        "settings": {"empty_minutes": hall.empty_minutes, "late_minutes": hall.late_minutes},
        "staff": _staff(known),
        "windows": [{"no": row.no, "name": row.name} for row in _windows(conn, actor)],
        "posts": [_post(known, row, days_of(first, last)) for row in known.posts],
        "leaves": [_leave(known, row) for row in known.leaves],
        "covers": [_cover(known, row) for row in known.covers],
    }


def _weeks(text: str | None) -> int:
    weeks = int(text) if text and text.isascii() and text.isdigit() and len(text) < 3 else 4
    return min(max(weeks, 1), MOST_WEEKS)


def _open(known: Roster, day: date) -> bool:
    """Whether any post is due that day, or the hall's hours say so."""
    return any(due(post_of(row), known.calendar, day) for row in known.posts)


def _staff(known: Roster) -> list[dict[str, Any]]:
    active = sorted((row for row in known.people.values() if row.active), key=lambda row: (row.staff_no, row.name))
    return [{**(known.called(row.id) or {}), "role": row.role} for row in active]


def _windows(conn: Connection, actor: Actor) -> list[Record]:
    return list(conn.execute(_SEATS.where(Window.hall_id == actor.hall_id).order_by(Window.no)).all())


def _post(known: Roster, row: Record, days: list[date]) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "name": row.name, "window": row.window,
        "weekdays": [int(sign) for sign in row.weekdays], "part": row.part,
        "primary": known.called(row.primary_id), "backup": known.called(row.backup_id),
        "days": [_cell(known, row, day) for day in days],
    }  # fmt: skip


def _cell(known: Roster, row: Record, day: date) -> dict[str, Any]:
    on = known.duty(row, day)
    rota = known.plan.rota.get((row.id, day))
    return {
        "due": bool(due(post_of(row), known.calendar, day)), "person": known.called(on.person),
        "standing": on.standing.value, "rota": None if rota is None else known.people[rota].username,
    }  # fmt: skip


def _leave(known: Roster, row: Record) -> dict[str, Any]:
    return {
        "id": row.id, "person": known.called(row.account_id), "from_day": row.from_day.isoformat(),
        "to_day": row.to_day.isoformat(), "reason": row.reason, "by": known.people[row.by_id].name,
    }  # fmt: skip


def _cover(known: Roster, row: Record) -> dict[str, Any]:
    return {
        "id": row.id, "post": row.post_id, "person": known.called(row.account_id),
        "from_day": row.from_day.isoformat(), "to_day": row.to_day.isoformat(), "by": known.people[row.by_id].name,
    }  # fmt: skip


# ── today ──


def duty(conn: Connection, actor: Actor, day: str | None, now: datetime) -> dict[str, Any]:
    """The duty page: all see their own posts of today; who leads sees everything, and any `day` as it was kept."""
    hall = hall_of(conn, actor.hall_id)
    today = today_of(hall, now)
    known = roster(conn, actor.hall_id, today, today)
    mine = {"leads": leads(conn, actor, now), "today": today.isoformat(), "mine": _mine(conn, actor, known, today)}
    if not mine["leads"]:
        return mine
    asked = day_named(day) if day else today
    return {
        **mine, **_now(conn, actor, known, now), "staff": _staff(known), "leader": _leader(conn, actor, today),
        "on_leave": [_leave(known, row) for row in known.leaves],
        **day_kept(conn, actor, roster(conn, actor.hall_id, asked, asked), asked, now),
    }  # fmt: skip


def _mine(conn: Connection, actor: Actor, known: Roster, today: date) -> list[dict[str, Any]]:
    running = select(Sitting.post_id).where(Sitting.account_id == actor.account_id, Sitting.ended_at.is_(None))
    at = set(conn.execute(running).scalars())
    return [
        {"id": row.id, "name": row.name, "kind": row.kind, "window": row.window, "signed_in": row.id in at}
        for row in known.posts
        if known.duty(row, today).person == actor.account_id and due(post_of(row), known.calendar, today)
    ]


def _leader(conn: Connection, actor: Actor, today: date) -> dict[str, Any] | None:
    """Whom the walls name."""
    row = conn.execute(
        select(DutyDay).where(DutyDay.hall_id == actor.hall_id, DutyDay.day == today)
    ).one_or_none()  # fmt: skip
    return row and {"name": row.name, "position": row.position, "tel": row.tel}


def _now(conn: Connection, actor: Actor, known: Roster, now: datetime) -> dict[str, Any]:
    empties = {one.window: one for one in empty_posts(conn, actor.hall_id, now)}
    seats = {row.id: row for row in _windows(conn, actor)}
    at_posts = select(Sitting.post_id, Sitting.account_id, Sitting.began_at).where(
        Sitting.hall_id == actor.hall_id, Sitting.post_id.is_not(None), Sitting.ended_at.is_(None)
    )
    there = {row.post_id: row for row in conn.execute(at_posts)}
    today, zone = today_of(known.hall, now), known.hall.zone
    posted = {row.window for row in known.posts}
    return {
        "posts": [_post_now(known, row, seats, there, today, now) for row in known.posts],
        "empty": [
            {"window": one.window, "post": one.post, "reason": one.reason.value, "since": at_in(zone, one.since)}
            for one in empties.values()
        ],
        "unposted": [
            {"window": row.no, "name": row.name, "state": row.state, "person": known.called(row.staff_id)}
            for row in seats.values()
            if row.staff_id is not None and row.no not in posted
        ],
    }


def _post_now(
    known: Roster, row: Record, seats: dict[int, Record], there: dict[int, Record], today: date, now: datetime
) -> dict[str, Any]:
    on = known.duty(row, today)
    seat, stay = seats.get(row.window_id), there.get(row.id)
    seated = seat.staff_id if seat is not None else stay.account_id if stay is not None else None
    since = seat.since if seat is not None else stay.began_at if stay is not None else None
    sits = None if seated is None else standing(known.plan, post_of(row), today, seated)
    return {
        "id": row.id, "name": row.name, "kind": row.kind, "window": row.window, "part": row.part,
        "due": bool(_running(known, row, today, now)), "today": bool(due(post_of(row), known.calendar, today)),
        "person": known.called(on.person), "standing": on.standing.value,
        "seated": known.called(seated), "seated_as": None if sits is None else sits.value,
        "state": seat.state if seat is not None else "open" if seated else "closed",
        "pause_reason": seat.pause_reason if seat is not None else "", "since": at_in(known.hall.zone, since),
    }  # fmt: skip


def _running(known: Roster, row: Record, today: date, now: datetime) -> list[Session]:
    zone = known.hall.zone
    return [
        s
        for s in due(post_of(row), known.calendar, today)
        if moment(zone, today, s.opens) <= now < moment(zone, today, s.closes)
    ]


# ── posts without a window ──


def sign_in_at(tx: Tx, actor: Actor, body: WindowCommand, post: str) -> dict[str, Any]:
    """签到 at a post that has no window. Raises post_not_found, no_post_today."""
    row = post_row(tx.conn, actor, post)
    today = today_of(hall_of(tx.conn, actor.hall_id), tx.now)
    known = roster(tx.conn, actor.hall_id, today, today)
    theirs = actor.account_id is not None and not away(known.plan, actor.account_id, today)
    if row.window_id is not None or not theirs or _stranger(known, row, today, actor):
        raise ProblemError("no_post_today", post=row.name)
    if _stay_at(tx, row, actor) is None:
        how = SeatAction.SIGN_IN.value
        tx.add(
            Sitting, hall_id=actor.hall_id, post_id=row.id, account_id=actor.account_id, began_at=tx.now, began_by=how
        )  # fmt: skip
    return {}


def _stranger(known: Roster, row: Record, today: date, actor: Actor) -> bool:
    return standing(known.plan, post_of(row), today, actor.account_id or 0) is Standing.OTHER


def sign_out_at(tx: Tx, actor: Actor, body: WindowCommand, post: str) -> dict[str, Any]:
    """签退. Raises post_not_found."""
    stay = _stay_at(tx, post_row(tx.conn, actor, post), actor)
    if stay is not None:
        tx.change(Sitting, stay.id, ended_at=tx.now, ended_by=SeatAction.SIGN_OUT.value)
    return {}


def _stay_at(tx: Tx, row: Record, actor: Actor) -> Record | None:
    running = select(Sitting).where(
        Sitting.post_id == row.id, Sitting.account_id == actor.account_id, Sitting.ended_at.is_(None)
    )
    return tx.conn.execute(running).one_or_none()

"""Changes of posts, leave, covers and the rota. Leave is only recorded when it leaves no post alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select

from server.contract.cover import CoverSettings, NameCover, NewLeave, PostKind, PostSettings, Rota
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.cover import Cover, Leave, Plan, away, days_of, gaps
from server.models import Account, CoverRow, Hall, LeaveRow, PostRow, RotaDay, Window
from server.services import audit
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.events import tell
from server.services.halls import hall_of
from server.services.rosters import Roster, must_lead, post_of, roster, today_of

MOST_POSTS = 200
LONGEST = timedelta(days=366)
"""Most days of one leave or one cover, and so far ahead of today may a day be."""
MOST_CELLS = 1400
"""In one message: a week of the most posts."""


def change_settings(tx: Tx, actor: Actor, body: CoverSettings) -> dict[str, Any]:
    refuse_bad(body)
    values = {"empty_minutes": body.empty_minutes, "late_minutes": body.late_minutes}
    hall = hall_of(tx.conn, actor.hall_id)
    if values == {name: getattr(hall, name) for name in values}:
        return {}
    tx.change(Hall, actor.hall_id, **values)
    return _changed(tx, actor, "cover settings", values)


# ── posts ──


def add_post(tx: Tx, actor: Actor, body: PostSettings) -> dict[str, Any]:
    """Raises too_many_posts."""
    values = _post(tx, actor, body)
    there = select(func.count()).where(PostRow.hall_id == actor.hall_id, PostRow.removed.is_(False))
    if tx.conn.execute(there).scalar_one() >= MOST_POSTS:
        raise ProblemError("too_many_posts", most=MOST_POSTS)
    post = tx.add(PostRow, hall_id=actor.hall_id, **values)
    return _changed(tx, actor, "post", {"post": post, **values})


def change_post(tx: Tx, actor: Actor, body: PostSettings, post: str) -> dict[str, Any]:
    """Raises post_not_found."""
    row = post_row(tx.conn, actor, post)
    values = _post(tx, actor, body)
    if values == {name: getattr(row, name) for name in values}:
        return {}
    tx.change(PostRow, row.id, **values)
    return _changed(tx, actor, "post", {"post": row.id, **values})


def remove_post(tx: Tx, actor: Actor, body: WindowCommand, post: str) -> dict[str, Any]:
    """It is no post from now on; what was kept of it stays. Raises post_not_found."""
    row = post_row(tx.conn, actor, post)
    tx.change(PostRow, row.id, removed=True)
    return _changed(tx, actor, "post removed", {"post": row.id})


def post_row(conn: Connection, actor: Actor, post: str) -> Record:
    """The post with this number in the actor's hall, or post_not_found."""
    mine = select(PostRow).where(PostRow.hall_id == actor.hall_id, PostRow.removed.is_(False))
    found = next((row for row in conn.execute(mine) if str(row.id) == post), None)
    if found is None:
        raise ProblemError("post_not_found")
    return found


def _post(tx: Tx, actor: Actor, body: PostSettings) -> dict[str, Any]:
    refuse_bad(body)
    if body.kind is PostKind.WINDOW and body.window is None:
        raise bad_field("window", "must be given for a window's post", "窗口岗位须选窗口", "窗口")
    if body.primary is not None and body.primary == body.backup:
        raise bad_field("backup", "must be another person than the primary", "应与 A 岗不是同一人", "B 岗")
    return {
        "kind": body.kind.value, "name": body.name.strip(), "part": body.part.value,
        "weekdays": "".join(str(day) for day in sorted(body.weekdays)),
        "window_id": None if body.window is None else _window(tx.conn, actor, body.window),
        "primary_id": _person_or_none(tx.conn, actor, body.primary, "primary", "A 岗"),
        "backup_id": _person_or_none(tx.conn, actor, body.backup, "backup", "B 岗"),
    }  # fmt: skip


def _window(conn: Connection, actor: Actor, no: str) -> int:
    found = select(Window.id).where(Window.hall_id == actor.hall_id, Window.no == no)
    window = conn.execute(found).scalar_one_or_none()
    if window is None:
        raise bad_field("window", "must be a window of this hall", "本厅没有这个窗口", "窗口")
    return int(window)


def _person_or_none(conn: Connection, actor: Actor, username: str | None, field: str, field_zh: str) -> int | None:
    return None if username is None else person(conn, actor, username, field, field_zh)


def person(conn: Connection, actor: Actor, username: str, field: str, field_zh: str) -> int:
    """Somebody who works in this hall; raises bad_field for `field`."""
    known = select(Account.id).where(
        Account.hall_id == actor.hall_id, Account.username == username, Account.active.is_(True)
    )
    found = conn.execute(known).scalar_one_or_none()
    if found is None:
        raise bad_field(field, "must be somebody who works here", "本厅没有这位在岗人员", field_zh)
    return int(found)


# ── leave and covers ──


def add_leave(tx: Tx, actor: Actor, body: NewLeave) -> dict[str, Any]:
    """Raises not_leading, bad_field, and leave_uncovered where somebody's post would stand alone."""
    must_lead(tx.conn, actor, tx.now)
    refuse_bad(body)
    who = person(tx.conn, actor, body.username, "username", "请假人")
    known = _of_days(tx, actor, body.from_day, body.to_day)
    leave = Leave(who, body.from_day, body.to_day)
    _refuse_opened(known, replace(known.plan, leaves=(*known.plan.leaves, leave)), leave.first, leave.last)
    values = {"account_id": who, "from_day": body.from_day, "to_day": body.to_day}
    reason = body.reason.strip()
    key = tx.add(LeaveRow, hall_id=actor.hall_id, by_id=actor.account_id, at=tx.now, reason=reason, **values)
    return _changed(tx, actor, "leave", {"leave": key, **values})


def remove_leave(tx: Tx, actor: Actor, body: WindowCommand, leave: str) -> dict[str, Any]:
    """销假. Raises not_leading, leave_not_found."""
    must_lead(tx.conn, actor, tx.now)
    key = _row_id(tx.conn, actor, LeaveRow, leave, "leave_not_found")
    tx.change(LeaveRow, key, withdrawn_at=tx.now)
    return _changed(tx, actor, "leave withdrawn", {"leave": key})


def name_cover(tx: Tx, actor: Actor, body: NameCover, post: str) -> dict[str, Any]:
    """Raises not_leading, bad_field, post_not_found, and cover_away for a day on which that person is not there."""
    must_lead(tx.conn, actor, tx.now)
    row = post_row(tx.conn, actor, post)
    who = person(tx.conn, actor, body.username, "username", "顶岗人")
    known = _of_days(tx, actor, body.from_day, body.to_day)
    not_there = next((day for day in days_of(body.from_day, body.to_day) if away(known.plan, who, day)), None)
    if not_there is not None:
        raise ProblemError("cover_away", name=known.people[who].name, day=not_there.isoformat())
    values = {"post_id": row.id, "account_id": who, "from_day": body.from_day, "to_day": body.to_day}
    key = tx.add(CoverRow, hall_id=actor.hall_id, by_id=actor.account_id, at=tx.now, **values)
    return _changed(tx, actor, "cover", {"cover": key, **values})


def remove_cover(tx: Tx, actor: Actor, body: WindowCommand, cover: str) -> dict[str, Any]:
    """Raises not_leading, cover_not_found, and leave_uncovered where the post would stand alone."""
    must_lead(tx.conn, actor, tx.now)
    key = _row_id(tx.conn, actor, CoverRow, cover, "cover_not_found")
    row = tx.conn.execute(select(CoverRow).where(CoverRow.id == key)).one()
    last = max(row.to_day, row.from_day)
    known = _of_days(tx, actor, row.from_day, last)
    others = (one for one in known.covers if one.id != key)
    left = tuple(Cover(one.post_id, one.account_id, one.from_day, one.to_day) for one in others)
    _refuse_opened(known, replace(known.plan, covers=left), row.from_day, last)
    tx.change(CoverRow, key, withdrawn_at=tx.now)
    return _changed(tx, actor, "cover withdrawn", {"cover": key})


def _refuse_opened(known: Roster, then: Plan, first: date, last: date) -> None:
    """Raises leave_uncovered for the first day on which a post would have nobody who has somebody now."""
    posts, days = [post_of(row) for row in known.posts], days_of(first, last)
    opened = gaps(then, posts, known.calendar, days) - gaps(known.plan, posts, known.calendar, days)
    if opened:
        day, key = min(opened)
        name = next(row.name for row in known.posts if row.id == key)
        raise ProblemError("leave_uncovered", day=day.isoformat(), post=name)


def _of_days(tx: Tx, actor: Actor, first: date, last: date) -> Roster:
    """Raises bad_field for days that no hall plans."""
    if last < first:
        raise bad_field("to_day", "must not be before the first day", "不能早于开始日期", "结束日期")
    today = today_of(hall_of(tx.conn, actor.hall_id), tx.now)
    if last - first >= LONGEST or abs(first - today) > LONGEST:
        raise bad_field("from_day", "must be within a year of today", "应在前后一年之内", "开始日期")
    return roster(tx.conn, actor.hall_id, first, last)


def _row_id(conn: Connection, actor: Actor, model: Any, said: str, code: str) -> int:
    mine = select(model.id).where(model.hall_id == actor.hall_id, model.withdrawn_at.is_(None))
    found = next((key for key in conn.execute(mine).scalars() if str(key) == said), None)
    if found is None:
        raise ProblemError(code)
    return int(found)


# ── the rota ──


def change_rota(tx: Tx, actor: Actor, body: Rota) -> dict[str, Any]:
    """All cells or none. Raises not_leading, post_not_found, and bad_field for the cell that cannot be."""
    must_lead(tx.conn, actor, tx.now)
    if not 1 <= len(body.cells) <= MOST_CELLS:
        raise bad_field("cells", f"must be 1 to {MOST_CELLS}", f"应为 1 到 {MOST_CELLS} 格", "值班表")
    days = [cell.day for cell in body.cells]
    known = _of_days(tx, actor, min(days), max(days))
    posts = {row.id for row in known.posts}
    for n, cell in enumerate(body.cells):
        if cell.post not in posts:
            raise ProblemError("post_not_found")
        who = _rostered(known, cell.username, cell.day, f"cells[{n}]") if cell.username else None
        _set_cell(tx, cell.post, cell.day, who)
    said = [[cell.post, cell.day.isoformat(), cell.username] for cell in body.cells]
    return _changed(tx, actor, "rota", {"cells": said})


def _rostered(known: Roster, username: str, day: date, field: str) -> int:
    who = next((row.id for row in known.people.values() if row.username == username and row.active), None)
    if who is None:
        raise bad_field(field, "must be somebody who works here", f"本厅没有“{username}”", f"{day.isoformat()} 值班")
    if away(known.plan, who, day):
        name = known.people[who].name
        raise bad_field(field, f"names {name}, who is on leave", f"{name} 当天请假", f"{day.isoformat()} 值班")
    return int(who)


def _set_cell(tx: Tx, post: int, day: date, who: int | None) -> None:
    tx.conn.execute(delete(RotaDay).where(RotaDay.post_id == post, RotaDay.day == day))
    if who is not None:
        tx.add(RotaDay, post_id=post, day=day, account_id=who)


def _changed(tx: Tx, actor: Actor, what: str, values: dict[str, Any]) -> dict[str, Any]:
    """Sealed with who did it; pages hear that something changed, and no names."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    audit.record(tx, actor.hall_id, f"cover.{what.replace(' ', '_')}", {**plain, **actor.by})
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=what)
    return {}

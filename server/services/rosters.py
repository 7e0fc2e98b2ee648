"""What was said of posts and days, read whole: the facts that `domain.cover` decides from."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.cover import Part, PostKind
from server.contract.problems import ProblemError
from server.db import Record
from server.domain.cover import Cover, Duty, Leave, Plan, Post, on_duty
from server.domain.work_calendar import Calendar, local_day
from server.models import Account, CoverRow, LeaveRow, PostRow, RotaDay, Window
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.hours import calendar_of

LEADING = frozenset({"supervisor", "admin"})
"""Roles that may do what a duty leader may, on any day."""

_POSTS = (
    select(*PostRow.__table__.columns, Window.no.label("window"))
    .outerjoin(Window, Window.id == PostRow.window_id)
    .where(PostRow.hall_id == bindparam("hall_id"), PostRow.removed.is_(False))
    .order_by(PostRow.id)
)
_PEOPLE = select(
    Account.id, Account.username, Account.name, Account.staff_no, Account.role, Account.active
).where(Account.hall_id == bindparam("hall_id"))  # fmt: skip
_LEAVES = select(LeaveRow).where(
    LeaveRow.hall_id == bindparam("hall_id"),
    LeaveRow.withdrawn_at.is_(None),
    LeaveRow.to_day >= bindparam("since"),
    LeaveRow.from_day <= bindparam("until"),
)
_COVERS = (
    select(CoverRow)
    .where(
        CoverRow.hall_id == bindparam("hall_id"),
        CoverRow.withdrawn_at.is_(None),
        CoverRow.to_day >= bindparam("since"),
        CoverRow.from_day <= bindparam("until"),
    )
    .order_by(CoverRow.id)
)
_ROTA = (
    select(RotaDay)
    .join(PostRow, PostRow.id == RotaDay.post_id)
    .where(
        PostRow.hall_id == bindparam("hall_id"),
        RotaDay.day >= bindparam("since"),
        RotaDay.day <= bindparam("until"),
    )
)


@dataclass(frozen=True)
class Roster:
    """A hall's posts and people, and what was said of some days. Only of those days may it be asked."""

    hall: Record
    calendar: Calendar
    posts: tuple[Record, ...]
    people: dict[int, Record]
    leaves: tuple[Record, ...]
    covers: tuple[Record, ...]
    plan: Plan

    def duty(self, row: Record, day: date) -> Duty:
        return on_duty(self.plan, post_of(row), day)

    def called(self, person: int | None) -> dict[str, Any] | None:
        """A person as pages name them."""
        if person is None:
            return None
        who = self.people[person]
        return {"username": who.username, "name": who.name, "staff_no": who.staff_no}


def post_of(row: Record) -> Post:
    weekdays = frozenset(int(sign) for sign in row.weekdays)
    return Post(row.id, row.primary_id, row.backup_id, weekdays, Part(row.part))


def roster(conn: Connection, hall_id: int, since: date, until: date) -> Roster:
    """Of the local days `since` to `until`, both included."""
    hall = hall_of(conn, hall_id)
    span = {"hall_id": hall_id, "since": since, "until": until}
    people = {row.id: row for row in conn.execute(_PEOPLE, {"hall_id": hall_id})}
    leaves, covers = tuple(conn.execute(_LEAVES, span).all()), tuple(conn.execute(_COVERS, span).all())
    plan = Plan(
        tuple(Leave(row.account_id, row.from_day, row.to_day) for row in leaves),
        tuple(Cover(row.post_id, row.account_id, row.from_day, row.to_day) for row in covers),
        {(row.post_id, row.day): row.account_id for row in conn.execute(_ROTA, span)},
        frozenset(row.id for row in people.values() if not row.active),
    )
    posts = tuple(conn.execute(_POSTS, {"hall_id": hall_id}).all())
    return Roster(hall, calendar_of(conn, hall, since), posts, people, leaves, covers, plan)


def today_of(hall: Record, now: datetime) -> date:
    return local_day(hall.zone, now)


def leads(conn: Connection, actor: Actor, now: datetime) -> bool:
    """Whether the actor may do what a duty leader may: by role, or as the leader whom today's rota names."""
    if actor.role in LEADING:
        return True
    today = today_of(hall_of(conn, actor.hall_id), now)
    known = roster(conn, actor.hall_id, today, today)
    leaders = (row for row in known.posts if row.kind == PostKind.LEADER)
    return any(known.duty(row, today).person == actor.account_id is not None for row in leaders)


def must_lead(conn: Connection, actor: Actor, now: datetime) -> None:
    """Raises not_leading."""
    if not leads(conn, actor, now):
        raise ProblemError("not_leading")

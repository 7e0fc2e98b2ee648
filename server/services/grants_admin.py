"""Giving and revoking 授权, and who may see which."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from server.contract.people import Colleague, GiveGrant, Grants, GrantView, RevokeGrant
from server.contract.problems import ProblemError, bad_field
from server.db import Record, Tx
from server.domain.permissions import PERMISSIONS, barred, may_give, of_role
from server.domain.service_day import hall_time
from server.models import Account, PowerGrant
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.grants import ENDLESS, end, put_on_record, today_of
from server.services.halls import hall_of

LISTED = 200
_GIVER, _REVOKER = aliased(Account), aliased(Account)


def give(tx: Tx, actor: Actor, body: GiveGrant) -> Grants:
    """Give a power that is the giver's by role. Raises bad_field with the reason where the table bars it."""
    holder = _holder(tx.conn, actor, body.username)
    _refuse_permission(actor, holder, body.permission)
    _refuse_days(actor, body, today_of(tx.conn, actor.hall_id, tx.now))
    refuse_bad(body)
    key = tx.add(
        PowerGrant, hall_id=actor.hall_id, account_id=holder.id, permission=body.permission, from_day=body.from_day,
        to_day=body.to_day, reason=body.reason.strip(), given_by=actor.account_id, given_at=tx.now, revoked_by=None,
        revoked_at=None,
    )  # fmt: skip
    put_on_record(tx, actor, "grant.given", key)
    return overview(tx.conn, actor, tx.now)


def _holder(conn: Connection, actor: Actor, username: str) -> Record:
    mine = (Account.hall_id == actor.hall_id) & Account.active.is_(True)
    found = conn.execute(select(Account).where(mine, Account.username == username)).one_or_none()
    if found is None:
        raise bad_field("username", "must be an active account of this hall", "应为本厅在用的账号", "授给谁")
    if found.id == actor.account_id:
        raise bad_field("username", "must be somebody else", "不能授权给自己", "授给谁")
    return found


def _refuse_permission(actor: Actor, holder: Record, permission: str) -> None:
    bar = barred(permission, holder.role)
    if bar is not None:
        raise bad_field("permission", bar.en, bar.zh, "权限")
    if permission not in PERMISSIONS:
        known = ", ".join(PERMISSIONS)
        raise bad_field("permission", f"must be one of: {known}", f"只能是 {known} 之一", "权限")
    if not may_give(actor.role, permission):
        raise bad_field("permission", "must be a power of your own role", "只能授出自己岗位的权限", "权限")
    if permission in of_role(holder.role):
        raise bad_field("permission", "is held by this role already", "该岗位本来就有", "权限")


def _refuse_days(actor: Actor, body: GiveGrant, today: date) -> None:
    if body.from_day < today:
        raise bad_field("from_day", "must not be before today", "不能早于今天", "起始日期")
    if body.to_day is None and actor.role != ENDLESS:
        raise bad_field(
            "to_day",
            "must be given: only an admin gives without an end",
            "必须填写，只有管理员可以不限期",
            "结束日期",
        )
    if body.to_day is not None and body.to_day < body.from_day:
        raise bad_field("to_day", "must not be before the first day", "不能早于起始日期", "结束日期")


def revoke(tx: Tx, actor: Actor, body: RevokeGrant, grant: str) -> Grants:
    """By an admin, or by who gave it. Raises grant_not_found, grant_over, bad_field."""
    row = _row(tx.conn, actor, grant)
    refuse_bad(body)
    if row.revoked_at is not None:
        raise ProblemError("grant_over")
    end(tx, actor, row.id, body.reason.strip())
    return overview(tx.conn, actor, tx.now)


def _row(conn: Connection, actor: Actor, grant: str) -> Record:
    key = int(grant) if grant.isascii() and grant.isdigit() and len(grant) < 10 else 0
    row = conn.execute(select(PowerGrant).where(PowerGrant.id == key, _shown(actor))).one_or_none()
    if row is None:
        raise ProblemError("grant_not_found")
    return row


def _shown(actor: Actor) -> Any:
    here = PowerGrant.hall_id == actor.hall_id
    return here if actor.role == ENDLESS else and_(here, PowerGrant.given_by == actor.account_id)


def overview(conn: Connection, actor: Actor, now: datetime) -> Grants:
    """The grants that are this person's to see, and to whom they may give which."""
    today = today_of(conn, actor.hall_id, now)
    query = (
        select(
            PowerGrant, Account.username, Account.name, Account.role, Account.active,
            _GIVER.name.label("giver"), _REVOKER.name.label("revoker"),
        )
        .join(Account, Account.id == PowerGrant.account_id)
        .outerjoin(_GIVER, _GIVER.id == PowerGrant.given_by)
        .outerjoin(_REVOKER, _REVOKER.id == PowerGrant.revoked_by)
        .where(_shown(actor))
        .order_by(PowerGrant.id.desc())
        .limit(LISTED)
    )  # fmt: skip
    zone = hall_of(conn, actor.hall_id).zone
    shown = tuple(_view(row, today, zone) for row in conn.execute(query))
    return Grants(today, actor.role == ENDLESS, shown, _colleagues(conn, actor))


def _view(row: Record, today: date, zone: str) -> GrantView:
    state = _state(row, today)
    return GrantView(
        row.id, row.username, row.name, row.permission, row.from_day, row.to_day, row.reason, state, row.giver or "",
        hall_time(row.given_at, zone), row.revoker or "", row.revoked_why, state in ("future", "on", "barred"),
    )  # fmt: skip


def _state(row: Record, today: date) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.to_day is not None and row.to_day < today:
        return "over"
    if barred(row.permission, row.role) or not row.active:
        return "barred"
    return "on" if row.from_day <= today else "future"


def _colleagues(conn: Connection, actor: Actor) -> tuple[Colleague, ...]:
    others = select(Account).where(
        Account.hall_id == actor.hall_id, Account.active.is_(True), Account.id != actor.account_id
    )
    rows = conn.execute(others.order_by(Account.username)).all()
    return tuple(Colleague(r.username, r.name, r.role, may) for r in rows if (may := _may_get(actor, r.role)))


def _may_get(actor: Actor, role: str) -> tuple[str, ...]:
    return tuple(
        word for word in PERMISSIONS
        if may_give(actor.role, word) and word not in of_role(role) and not barred(word, role)
    )  # fmt: skip

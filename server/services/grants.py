"""授权: permissions that are given to a person from day to day, as they act. Each is a row of its own and an entry of
the audit chain; it ends by itself, for it is judged by the service day whenever somebody asks."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

from server.contract.news import NewsKind
from server.contract.problems import ProblemError
from server.db import Record, Store, Tx
from server.domain.permissions import ADMINISTER, Grant, in_force
from server.domain.service_day import service_day
from server.models import Account, PowerGrant
from server.services import audit
from server.services.actors import Actor
from server.services.events import tell
from server.services.halls import hall_of
from server.statement import Statement

ENDLESS = "admin"
"""Only this role gives without a last day."""

_OF_PERSON = Statement(
    select(PowerGrant).where(PowerGrant.account_id == bindparam("account_id"), PowerGrant.revoked_at.is_(None))
)


def under_grant(store: Store, actor: Actor, who: frozenset[str]) -> Actor:
    """The same person by a grant that is in force and is one of `who`. Raises forbidden, or totp_required where the
    power of an admin wants a second factor."""
    with store.read() as conn:
        grant = next((g for g in held(conn, actor, store.clock()) if g.permission in who), None)
        if grant is None:
            raise ProblemError("forbidden")
        if grant.permission == ADMINISTER and _lacks_second_factor(conn, actor):
            raise ProblemError("totp_required")
    return replace(actor, grant=grant)


def _lacks_second_factor(conn: Connection, actor: Actor) -> bool:
    secret = conn.execute(select(Account.totp_secret).where(Account.id == actor.account_id)).scalar_one()
    return secret is None and bool(hall_of(conn, actor.hall_id).totp_admins)


def held(conn: Connection, actor: Actor, now: datetime) -> list[Grant]:
    """What adds to this person's role today; nothing to a device."""
    if actor.account_id is None:
        return []
    rows = _OF_PERSON.all(conn, account_id=actor.account_id)
    return in_force(actor.role, map(_grant, rows), today_of(conn, actor.hall_id, now)) if rows else []


def _grant(row: Record) -> Grant:
    return Grant(row.id, row.permission, row.from_day, row.to_day)


def today_of(conn: Connection, hall_id: int, now: datetime) -> date:
    hall = hall_of(conn, hall_id)
    return service_day(now, hall.zone, hall.rollover_hour)


def end(tx: Tx, actor: Actor, key: int, why: str) -> None:
    tx.change(PowerGrant, key, revoked_by=actor.account_id, revoked_at=tx.now, revoked_why=why)
    put_on_record(tx, actor, "grant.revoked", key)


def put_on_record(tx: Tx, actor: Actor, kind: str, key: int) -> None:
    audit.record_row(tx, kind, "grant", key)
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"{kind} {key}")


def end_with(tx: Tx, actor: Actor, account: Record, why: str) -> None:
    """A person's role changed or the account is off: what they held ends, and what a supervisor had lent. What an
    admin gave is the hall's and stays."""
    lent = and_(PowerGrant.given_by == account.id, account.role != ENDLESS)
    open_ones = select(PowerGrant.id).where(
        PowerGrant.revoked_at.is_(None), or_(PowerGrant.account_id == account.id, lent)
    )
    for key in tx.conn.execute(open_ones).scalars().all():
        end(tx, actor, key, why)

"""What an admin does about people: roles, start passwords, sessions, second factors. Each act is an entry of the
audit chain. None of it is done under a grant: what was lent makes nobody's power lasting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from server.contract.news import NewsKind
from server.contract.people import (
    ChangeRole,
    NewPerson,
    People,
    Person,
    ResetPassword,
    SecondFactorRule,
    StartPassword,
)  # fmt: skip
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.passwords import start_password
from server.models import Account, Hall
from server.services import accounts, audit, grants, second_factor, sessions
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.events import tell
from server.services.halls import hall_of


@dataclass(frozen=True)
class Started:
    """A form with a start password, hashed already."""

    form: Any
    password: str
    password_hash: str


def started(form: NewPerson | ResetPassword) -> Started:
    """The slow part, done before the writer's turn."""
    password = start_password()
    return Started(form, password, accounts.hash_password(password))


def overview(conn: Connection, actor: Actor, now: datetime) -> People:
    """Everybody of the hall with their sessions, and the rule of the second factor."""
    hall = hall_of(conn, actor.hall_id)
    rows = conn.execute(select(Account).where(Account.hall_id == hall.id).order_by(Account.id)).all()
    live = sessions.of_accounts(conn, [row.id for row in rows], hall.zone, now)
    return People(bool(hall.totp_admins), tuple(_person(row, live[row.id], now) for row in rows))


def _person(row: Record, live: tuple[Any, ...], now: datetime) -> Person:
    locked = row.locked_until is not None and now < row.locked_until
    return Person(
        row.username, row.name, row.staff_no, row.role, row.active, locked, row.must_change,
        row.totp_secret is not None, live,
    )  # fmt: skip


def add_person(tx: Tx, actor: Actor, ready: Started) -> StartPassword:
    """An account with a start password, which is seen this once. Raises name_taken, bad_field."""
    form = ready.form
    refuse_bad(form)
    make(tx, actor, form.username, form.role, ready.password_hash, form.name, form.staff_no)
    return StartPassword(form.username, ready.password)


def make(tx: Tx, actor: Actor, username: str, role: str, password_hash: str, name: str, staff_no: str) -> None:
    """The account behind a start password. Raises forbidden to who acts under a grant, name_taken, bad_field."""
    _refuse_lent(actor)
    key = accounts.add_user(tx, actor.hall_id, username, role, password_hash, name, staff_no)
    tx.change(Account, key, must_change=True)
    _seal(tx, actor, "account.added", key, username)


def reset_password(tx: Tx, actor: Actor, ready: Started, username: str) -> StartPassword:
    """A start password in place of theirs; the lock is off, every session ends. Raises user_not_found, forbidden."""
    row = _other(tx.conn, actor, username)
    tx.change(
        Account, row.id, password_hash=ready.password_hash, must_change=True, failures=0, locked_until=None
    )  # fmt: skip
    sessions.end_all(tx, row.id)
    _put_on_record(tx, actor, "account.password", username)
    return StartPassword(username, ready.password)


def change_role(tx: Tx, actor: Actor, body: ChangeRole, username: str) -> People:
    """Their sessions and grants end with the old role. Raises last_admin, user_not_found, forbidden, bad_field."""
    row = _other(tx.conn, actor, username)
    if body.role not in accounts.ROLES:
        known = ", ".join(accounts.ROLES)
        raise bad_field("role", f"must be one of: {known}", f"只能是 {known} 之一", "角色")
    if body.role != row.role:
        give_role(tx, actor, row, body.role)
    return overview(tx.conn, actor, tx.now)


def give_role(tx: Tx, actor: Actor, row: Record, role: str) -> None:
    """Another than before; one of `accounts.ROLES`. Raises last_admin, and forbidden to who acts under a grant."""
    _refuse_lent(actor)
    tx.change(Account, row.id, role=role)
    accounts.refuse_no_admin(tx.conn, actor.hall_id)
    sessions.end_all(tx, row.id)
    grants.end_with(tx, actor, row, "岗位变动 role changed")
    _seal(tx, actor, "account.role", row.id, row.username, before=row.role)


def end_sessions(tx: Tx, actor: Actor, body: WindowCommand, username: str) -> People:
    """Sign somebody out everywhere."""
    row = _other(tx.conn, actor, username)
    ended = sessions.end_all(tx, row.id)
    _put_on_record(tx, actor, "account.sessions", username, ended=ended)
    return overview(tx.conn, actor, tx.now)


def end_session(tx: Tx, actor: Actor, body: WindowCommand, username: str, session: str) -> People:
    """Sign somebody out of one browser. Raises session_not_found."""
    row = _other(tx.conn, actor, username)
    sessions.end_one(tx, row.id, session)
    _put_on_record(tx, actor, "account.sessions", username, ended=1)
    return overview(tx.conn, actor, tx.now)


def remove_second_factor(tx: Tx, actor: Actor, body: WindowCommand, username: str) -> People:
    """For a telephone that was lost, together with the recovery codes. Every session ends."""
    row = _other(tx.conn, actor, username)
    second_factor.switch_off(tx, row.id)
    sessions.end_all(tx, row.id)
    _put_on_record(tx, actor, "account.totp_off", username)
    return overview(tx.conn, actor, tx.now)


def rescue(tx: Tx, actor: Actor, ready: Started, username: str) -> StartPassword:
    """For who has lost everything, by a command on the server's own machine: reset, and without second factor."""
    row = _other(tx.conn, actor, username)
    second_factor.switch_off(tx, row.id)
    told = reset_password(tx, actor, ready, username)
    _put_on_record(tx, actor, "account.rescued", username)
    return told


def change_rule(tx: Tx, actor: Actor, body: SecondFactorRule) -> People:
    """Admins without a second factor may do nothing from now on but switch it on; so who says this has one."""
    _refuse_lent(actor)
    mine = tx.conn.execute(select(Account.totp_secret).where(Account.id == actor.account_id)).scalar_one()
    if body.totp_admins and mine is None:
        raise ProblemError("totp_required")
    if body.totp_admins != bool(hall_of(tx.conn, actor.hall_id).totp_admins):
        tx.change(Hall, actor.hall_id, totp_admins=body.totp_admins)
        _put_on_record(tx, actor, "rule.totp", "", totp_admins=body.totp_admins)
    return overview(tx.conn, actor, tx.now)


def _other(conn: Connection, actor: Actor, username: str) -> Record:
    """Somebody else of this hall: about oneself one proves who one is, on one's own page."""
    _refuse_lent(actor)
    row: Record = accounts.find_account(conn, username)
    if row is None or row.hall_id != actor.hall_id:
        raise ProblemError("user_not_found")
    if row.id == actor.account_id:
        raise ProblemError("forbidden")
    return row


def _refuse_lent(actor: Actor) -> None:
    if actor.grant is not None:
        raise ProblemError("forbidden")


def _seal(tx: Tx, actor: Actor, kind: str, key: int, username: str, **beside: Any) -> None:
    audit.record_row(tx, kind, "account", key, **actor.by, **beside)
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"{kind} {username}")


def _put_on_record(tx: Tx, actor: Actor, kind: str, username: str, **more: Any) -> None:
    audit.record(tx, actor.hall_id, kind, {"account": username, **actor.by, **more})
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"{kind} {username}".strip())

"""People and devices: who they are, and the secrets by which they prove it. Only hashes are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.contract.problems import ProblemError, bad_field
from server.db import Tx
from server.models import Account, DeviceToken, Hall, WebSession, Window
from server.services.actors import Actor
from server.statement import Statement

ROLES = ("admin", "supervisor", "clerk", "guide")
DEVICE_KINDS = ("kiosk", "display", "evaluator", "call_pad")
BOUND_KINDS = ("evaluator", "call_pad")
"""Devices of one window: what they send is of that window and of no other."""
MIN_PASSWORD = 10
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=10)
SESSION_IDLE = timedelta(hours=12)
"""A clerk's day; a session unused for longer is over."""

_DEVICE = Statement(
    select(DeviceToken).where(DeviceToken.token_hash == bindparam("token_hash"), DeviceToken.revoked_at.is_(None))
)
_SESSION = Statement(
    select(Account, WebSession.csrf, WebSession.seen_at, Window.id.label("window_id"), Window.no.label("window"))
    .join(WebSession, WebSession.account_id == Account.id)
    .outerjoin(Window, Window.staff_id == Account.id)
    .where(
        WebSession.token_hash == bindparam("token_hash"),
        WebSession.seen_at > bindparam("since"),
        Account.active.is_(True),
    )
)

_hasher = PasswordHasher()
_DUMMY = _hasher.hash(secrets.token_hex(16))


def digest(secret: str) -> str:
    """How a random secret is stored. Fast on purpose: 256 random bits need no slow hash. Any text may be asked about,
    lone surrogates too, for a socket's JSON can carry them."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id. Slow on purpose: call it outside of `Store.write`. Raises weak_password."""
    if len(password) < MIN_PASSWORD:
        raise ProblemError("weak_password")
    return _hasher.hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Constant work whether or not the account exists. Call it outside of `Store.write`."""
    try:
        return _hasher.verify(stored or _DUMMY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def add_user(
    tx: Tx, hall_id: int, username: str, role: str, password_hash: str, name: str = "", staff_no: str = ""
) -> int:
    """Raises name_taken, or bad_field for an unknown role."""
    if role not in ROLES:
        raise bad_field("role", f"must be one of: {', '.join(ROLES)}", f"只能是 {'、'.join(ROLES)} 之一", "角色")
    try:
        return tx.add(
            Account, hall_id=hall_id, username=username, role=role, password_hash=password_hash,
            name=name or username, staff_no=staff_no,
        )  # fmt: skip
    except IntegrityError:
        raise ProblemError("name_taken") from None


def find_account(conn: Connection, username: str) -> Any:
    return conn.execute(select(Account).where(Account.username == username)).one_or_none()


def refuse_locked(account: Any, now: datetime) -> None:
    """Raises locked_out while too many failures are recent."""
    if account is not None and account.locked_until is not None and now < account.locked_until:
        minutes = int((account.locked_until - now).total_seconds() // 60) + 1
        raise ProblemError("locked_out", minutes=minutes)


def note_failure(tx: Tx, account_id: int) -> None:
    failures = tx.conn.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(failures=Account.failures + 1)
        .returning(Account.failures)
    ).scalar_one()
    if failures >= LOCK_AFTER:
        tx.conn.execute(
            update(Account).where(Account.id == account_id).values(failures=0, locked_until=tx.now + LOCK_FOR)
        )


def open_session(tx: Tx, account_id: int) -> str:
    """Start a session; returns the cookie's value, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    tx.conn.execute(update(Account).where(Account.id == account_id).values(failures=0, locked_until=None))
    tx.conn.execute(delete(WebSession).where(WebSession.seen_at < tx.now - SESSION_IDLE))
    tx.conn.execute(
        insert(WebSession).values(
            token_hash=digest(token), account_id=account_id, csrf=secrets.token_urlsafe(24),
            created_at=tx.now, seen_at=tx.now,
        )
    )  # fmt: skip
    return token


def close_session(tx: Tx, token: str) -> None:
    tx.conn.execute(delete(WebSession).where(WebSession.token_hash == digest(token)))


def session_of(conn: Connection, token: str, now: datetime) -> Any:
    """The account behind a cookie with `csrf` and `seen_at`, or None."""
    return _SESSION.one_or_none(conn, token_hash=digest(token), since=now - SESSION_IDLE)


def touch_session(tx: Tx, token: str) -> None:
    tx.conn.execute(update(WebSession).where(WebSession.token_hash == digest(token)).values(seen_at=tx.now))


def device_of(conn: Connection, token: str) -> Any:
    """The live device behind a bearer token, or None."""
    return _DEVICE.one_or_none(conn, token_hash=digest(token))


def new_device_token(tx: Tx, hall_id: int, name: str, kind: str, window: str | None = None) -> str:
    """Make the device's token; a name used before gets a new token and the old one stops working.

    An evaluator and a call pad must be bound to a window.
    """
    if kind not in DEVICE_KINDS:
        raise bad_field(
            "kind", f"must be one of: {', '.join(DEVICE_KINDS)}", f"只能是 {'、'.join(DEVICE_KINDS)} 之一", "类型"
        )
    if (kind in BOUND_KINDS) != (window is not None):
        raise bad_field(
            "window",
            "must be given for an evaluator or a call pad, and only for these",
            "评价器和呼叫器必须指定窗口，其他设备不能指定",
            "绑定窗口",
        )
    window_id = None if window is None else _window_id(tx, hall_id, window)
    token = secrets.token_urlsafe(32)
    values = {"kind": kind, "window_id": window_id, "token_hash": digest(token), "revoked_at": None}
    known = tx.conn.execute(select(DeviceToken.id).where(DeviceToken.name == name)).scalar_one_or_none()
    if known is not None:
        tx.conn.execute(update(DeviceToken).where(DeviceToken.id == known).values(**values))
    else:
        tx.conn.execute(insert(DeviceToken).values(hall_id=hall_id, name=name, created_at=tx.now, **values))
    return token


def _window_id(tx: Tx, hall_id: int, no: str) -> int:
    found = tx.conn.execute(select(Window.id).where(Window.hall_id == hall_id, Window.no == no)).scalar_one_or_none()
    if found is None:
        raise ProblemError("window_not_found")
    return found


def default_hall(conn: Connection) -> int:
    return conn.execute(select(Hall.id).order_by(Hall.id).limit(1)).scalar_one()


def has_admin(conn: Connection) -> bool:
    return conn.execute(select(Account.id).where(Account.role == "admin").limit(1)).first() is not None


def person(account: Any) -> Actor:
    return Actor(account.hall_id, account.username, account.role, account_id=account.id, window_id=account.window_id)


def device(row: Any) -> Actor:
    return Actor(row.hall_id, row.name, row.kind, device_id=row.id, window_id=row.window_id)

"""People and devices: who they are, and the secrets by which they prove it. Only hashes are kept."""

import base64
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
from server.domain import passwords, permissions
from server.models import Account, DeviceToken, Hall, Instant, WebSession, Window
from server.services.actors import Actor
from server.statement import Statement

ROLES = tuple(permissions.ROLES)
DEVICE_KINDS = permissions.OF_DEVICES
BOUND_KINDS = ("evaluator", "call_pad", "tablet")
"""Devices of one window: what they send is of that window and of no other."""
PAIRED_KINDS = ("tablet",)
"""Devices whose token no person ever sees: an admin gets a code, which a person types on it."""
PAIR_WITHIN = timedelta(minutes=15)
PAIR_SIGNS = 8
"""Of 32, so that a person can type them: 40 bits, for a quarter of an hour, once."""
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=10)
SESSION_IDLE = timedelta(hours=12)
"""A clerk's day; a session unused for longer is over."""
SESSION_LONGEST = timedelta(hours=16)
"""However busy: a page that asks by itself would never be signed out. What began in the morning ends at night."""
MOST_SESSIONS = 10
"""Of one person. With one more, the one that was unused for longest ends."""

_DEVICE = Statement(
    select(DeviceToken).where(
        DeviceToken.token_hash == bindparam("token_hash"),
        DeviceToken.revoked_at.is_(None),
        DeviceToken.pair_until.is_(None),
    )
)
_PAIRING = select(DeviceToken.id).where(
    DeviceToken.token_hash == bindparam("token_hash"),
    DeviceToken.revoked_at.is_(None),
    DeviceToken.pair_until >= bindparam("now", type_=Instant),
)
_SESSION = Statement(
    select(
        Account, WebSession.csrf, WebSession.seen_at, WebSession.token_hash, Window.id.label("window_id"),
        Window.no.label("window"), Hall.totp_admins,
    )
    .join(WebSession, WebSession.account_id == Account.id)
    .join(Hall, Hall.id == Account.hall_id)
    .outerjoin(Window, Window.staff_id == Account.id)
    .where(
        WebSession.token_hash == bindparam("token_hash"),
        WebSession.seen_at > bindparam("since"),
        WebSession.created_at > bindparam("begun"),
        Account.active.is_(True),
    )
)  # fmt: skip

_hasher = PasswordHasher()
_DUMMY = _hasher.hash(secrets.token_hex(16))


def digest(secret: str) -> str:
    """How a random secret is stored. Fast on purpose: 256 random bits need no slow hash. Any text may be asked about,
    lone surrogates too, for a socket's JSON can carry them."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id. Slow on purpose: call it outside of `Store.write`, and `refuse_weak` inside."""
    return _hasher.hash(password)


def refuse_weak(conn: Connection, hall_id: int, password: str, *known: str) -> None:
    """Raises weak_password. `known`: what else everybody knows of the person, beside the hall's name."""
    hall = conn.execute(select(Hall.name).where(Hall.id == hall_id)).scalar_one()
    wrong = passwords.weakness(password, hall, *known)
    if wrong is not None:
        raise ProblemError("weak_password", field="password", problem_zh=wrong[0], problem=wrong[1])


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


def account_by_id(conn: Connection, account_id: int) -> Any:
    return conn.execute(select(Account).where(Account.id == account_id)).one()


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


def open_session(tx: Tx, account_id: int, address: str = "") -> str:
    """Start a session; returns the cookie's value, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    tx.conn.execute(update(Account).where(Account.id == account_id).values(failures=0, locked_until=None))
    over = (WebSession.seen_at <= tx.now - SESSION_IDLE) | (WebSession.created_at <= tx.now - SESSION_LONGEST)
    tx.conn.execute(delete(WebSession).where(over))
    mine = select(WebSession.token_hash).where(WebSession.account_id == account_id)
    spare = mine.order_by(WebSession.seen_at.desc(), WebSession.created_at.desc()).offset(MOST_SESSIONS - 1)
    tx.conn.execute(delete(WebSession).where(WebSession.token_hash.in_(tx.conn.execute(spare).scalars().all())))
    tx.conn.execute(
        insert(WebSession).values(
            token_hash=digest(token), account_id=account_id, csrf=secrets.token_urlsafe(24),
            created_at=tx.now, seen_at=tx.now, address=address,
        )
    )  # fmt: skip
    return token


def close_session(tx: Tx, token: str) -> None:
    tx.conn.execute(delete(WebSession).where(WebSession.token_hash == digest(token)))


def session_of(conn: Connection, token: str, now: datetime) -> Any:
    """The account behind a cookie with `csrf` and `seen_at`, or None."""
    return _SESSION.one_or_none(
        conn, token_hash=digest(token), since=now - SESSION_IDLE, begun=now - SESSION_LONGEST
    )  # fmt: skip


def refuse_unready(account: Any) -> None:
    """Raises password_change_required or totp_required: who has a session and may not work with it yet."""
    if account.must_change:
        raise ProblemError("password_change_required")
    if account.totp_admins and account.role == "admin" and account.totp_secret is None:
        raise ProblemError("totp_required")


def touch_session(tx: Tx, token: str) -> None:
    tx.conn.execute(update(WebSession).where(WebSession.token_hash == digest(token)).values(seen_at=tx.now))


def device_of(conn: Connection, token: str) -> Any:
    """The live device behind a bearer token, or None."""
    return _DEVICE.one_or_none(conn, token_hash=digest(token))


def new_device_token(tx: Tx, hall_id: int, name: str, kind: str, window: str | None = None) -> str:
    """Make the device's token; a name used before gets a new token and the old one stops working.

    An evaluator, a call pad and a tablet must be bound to a window. A tablet's is a pairing code: `pair_tablet`.
    """
    if kind not in DEVICE_KINDS:
        raise bad_field(
            "kind", f"must be one of: {', '.join(DEVICE_KINDS)}", f"只能是 {'、'.join(DEVICE_KINDS)} 之一", "类型"
        )
    if (kind in BOUND_KINDS) != (window is not None):
        raise bad_field(
            "window",
            "must be given for an evaluator, a call pad or a tablet, and only for these",
            "评价器、呼叫器和平板必须指定窗口，其他设备不能指定",
            "绑定窗口",
        )
    window_id = None if window is None else _window_id(tx, hall_id, window)
    paired = kind in PAIRED_KINDS
    token = pairing_code() if paired else secrets.token_urlsafe(32)
    values = {
        "kind": kind, "window_id": window_id, "token_hash": digest(token), "revoked_at": None,
        "old_hash": None, "old_until": None, "pair_until": tx.now + PAIR_WITHIN if paired else None,
    }  # fmt: skip
    known = tx.conn.execute(select(DeviceToken).where(DeviceToken.name == name)).one_or_none()
    if known is not None and known.hall_id != hall_id:
        raise ProblemError("name_taken")  # another hall's: its machine would be cut off, and ours be in its place
    if known is not None:
        tx.conn.execute(update(DeviceToken).where(DeviceToken.id == known.id).values(**values))
    else:
        tx.conn.execute(insert(DeviceToken).values(hall_id=hall_id, name=name, created_at=tx.now, **values))
    return token


_MISREAD = str.maketrans("018", "OIB")
"""Digits that no code has, for the letters that they are read from."""


def pairing_code() -> str:
    """A new one, as it is shown."""
    return base64.b32encode(secrets.token_bytes(PAIR_SIGNS)).decode()[:PAIR_SIGNS]


def pair_tablet(tx: Tx, code: str) -> str:
    """The token of the tablet on which this code was typed, in whatever case and with gaps or dashes; the code then
    is worth nothing. Raises bad_pairing_code."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum()).translate(_MISREAD)
    found = tx.conn.execute(_PAIRING, {"token_hash": digest(plain), "now": tx.now}).scalar_one_or_none()
    if found is None:
        raise ProblemError("bad_pairing_code")
    token = secrets.token_urlsafe(32)
    tx.change(
        DeviceToken, found, token_hash=digest(token), pair_until=None, old_hash=None, old_until=None
    )  # fmt: skip
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


def refuse_no_admin(conn: Connection, hall_id: int) -> None:
    """Raises last_admin: two who put each other off at the same moment would leave nobody."""
    left = select(Account.id).where(Account.hall_id == hall_id, Account.role == "admin", Account.active.is_(True))
    if conn.execute(left.limit(1)).first() is None:
        raise ProblemError("last_admin")


def person(account: Any) -> Actor:
    return Actor(account.hall_id, account.username, account.role, account_id=account.id, window_id=account.window_id)


def device(row: Any) -> Actor:
    return Actor(row.hall_id, row.name, row.kind, device_id=row.id, window_id=row.window_id)

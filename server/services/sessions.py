"""Sessions of people: their lists, and their ends. A session is its row; sockets follow at the next look
(`server.listeners`)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from server.contract.people import Session
from server.contract.problems import ProblemError
from server.db import Record, Tx
from server.domain.service_day import hall_time
from server.models import WebSession
from server.services.accounts import SESSION_IDLE, SESSION_LONGEST

ID_SIGNS = 16
"""Of the hash of a cookie: enough to name a session, of no use to anybody."""


def live(now: datetime) -> Any:
    """Whether a row of `WebSession` still lets somebody in."""
    return (WebSession.seen_at > now - SESSION_IDLE) & (WebSession.created_at > now - SESSION_LONGEST)


def of_accounts(
    conn: Connection, ids: list[int], zone: str, now: datetime, here: str = ""
) -> dict[int, tuple[Session, ...]]:
    """The live sessions of these accounts, newest use first. `here`: the hash of the cookie that asks."""
    rows = conn.execute(
        select(WebSession)
        .where(WebSession.account_id.in_(ids), live(now))
        .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
    ).all()
    return {key: tuple(_view(row, zone, here) for row in rows if row.account_id == key) for key in ids}


def _view(row: Record, zone: str, here: str) -> Session:
    return Session(
        row.token_hash[:ID_SIGNS], hall_time(row.created_at, zone), hall_time(row.seen_at, zone), row.address,
        row.token_hash == here,
    )  # fmt: skip


def end_all(tx: Tx, account_id: int, but: str = "") -> int:
    """End every session of the account, but for the one whose cookie has this hash; returns how many."""
    mine = (WebSession.account_id == account_id) & (WebSession.token_hash != but)
    return tx.conn.execute(delete(WebSession).where(mine)).rowcount


def end_one(tx: Tx, account_id: int, name: str) -> None:
    """Raises session_not_found."""
    mine = select(WebSession.token_hash).where(WebSession.account_id == account_id)
    found = [token_hash for token_hash in tx.conn.execute(mine).scalars() if token_hash[:ID_SIGNS] == name]
    if not found:
        raise ProblemError("session_not_found")
    tx.conn.execute(delete(WebSession).where(WebSession.token_hash.in_(found)))

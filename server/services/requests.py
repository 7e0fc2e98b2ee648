"""Idempotency: a repeated `request_id` gets the first answer again, and nothing happens twice."""

import hashlib
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from server.contract.problems import ProblemError, bad_field
from server.db import Record, Tx
from server.models import ClientRequest
from server.services.actors import Actor
from server.statement import Statement

KEPT_FOR = timedelta(days=3)
"""A client that is cut off longer than this must not repeat old requests."""
BITE = 500
"""Most that are forgotten in one commit."""

_KNOWN = Statement(
    select(ClientRequest.fingerprint, ClientRequest.answer).where(
        ClientRequest.actor == bindparam("actor"), ClientRequest.request_id == bindparam("request_id")
    )
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def fingerprint(path: str, body: bytes) -> str:
    """What makes two requests the same request."""
    return hashlib.sha256(path.encode() + b"\0" + body).hexdigest()


def check_id(request_id: str) -> None:
    """Raises bad_field. Also for writes whose answer is not kept: a client learns the rule on its first call."""
    if not _REQUEST_ID.fullmatch(request_id):
        raise bad_field("request_id", "must be 8 to 64 of A-Z a-z 0-9 _ -", "应为 8 到 64 个字母、数字、下划线或短横")


def keep(tx: Tx, actor: Actor, request_id: str, print_: str, answer: Any) -> None:
    """Store the answer of this `request_id` in the commit of what it answers, as the last thing done there. Asked
    again, the work is done again as far as this line, where the database refuses it (IntegrityError), or it finds
    itself refused for what it did the first time: then `answered` knows. So the usual request pays for no look."""
    tx.add(
        ClientRequest, actor=_who(actor), request_id=request_id, fingerprint=print_, answer=answer, at=tx.now
    )  # fmt: skip


def answered(conn: Connection, actor: Actor, request_id: str, print_: str) -> Record | None:
    """The row with the stored `answer` of this `request_id`, which may be null itself, or None when there is none;
    or request_id_reused. A refused request is not stored: asked again, it is judged again."""
    known = _KNOWN.one_or_none(conn, actor=_who(actor), request_id=request_id)
    if known is not None and known.fingerprint != print_:
        raise ProblemError("request_id_reused")
    return known


def ticket_of_request(conn: Any, actor: Actor, request_id: str) -> str | None:
    """The public id of the ticket that `request_id` of this device made, or None."""
    known = _KNOWN.one_or_none(conn, actor=_who(actor), request_id=request_id)
    return None if known is None else known.answer.get("id")


def _who(actor: Actor) -> str:
    return f"device:{actor.device_id}" if actor.device_id else f"person:{actor.account_id}"


def forget_old(tx: Tx) -> None:
    """In bites: a server that was away for days has as many days of them to forget."""
    key = tuple_(ClientRequest.actor, ClientRequest.request_id)
    old = select(ClientRequest.actor, ClientRequest.request_id).where(ClientRequest.at < tx.now - KEPT_FOR)
    tx.conn.execute(delete(ClientRequest).where(key.in_(old.limit(BITE))))

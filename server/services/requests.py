"""Idempotency: a repeated `request_id` gets the first answer again, and nothing happens twice."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from server.contract.problems import ProblemError, bad_field
from server.db import Tx
from server.models import ClientRequest
from server.services.actors import Actor

KEPT_FOR = timedelta(days=3)
"""A client that is cut off longer than this must not repeat old requests."""

_KNOWN = select(ClientRequest.fingerprint, ClientRequest.answer).where(
    ClientRequest.actor == bindparam("actor"), ClientRequest.request_id == bindparam("request_id")
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def fingerprint(path: str, body: bytes) -> str:
    """What makes two requests the same request."""
    return hashlib.sha256(path.encode() + b"\0" + body).hexdigest()


def check_id(request_id: str) -> None:
    """Raises bad_field. Also for writes whose answer is not kept: a client learns the rule on its first call."""
    if not _REQUEST_ID.fullmatch(request_id):
        raise bad_field("request_id", "must be 8 to 64 of A-Z a-z 0-9 _ -", "应为 8 到 64 个字母、数字、下划线或短横")


def once(tx: Tx, actor: Actor, request_id: str, print_: str, work: Callable[[], Any]) -> Any:
    """The stored answer of this `request_id`, or that of `work`, stored in the same commit.

    A refused request is not stored: asked again, it is judged again.
    """
    who = _who(actor)
    known = tx.conn.execute(_KNOWN, {"actor": who, "request_id": request_id}).one_or_none()
    if known is not None:
        if known.fingerprint != print_:
            raise ProblemError("request_id_reused")
        return known.answer
    answer = work()
    tx.add(ClientRequest, actor=who, request_id=request_id, fingerprint=print_, answer=answer, at=tx.now)
    return answer


def ticket_of_request(conn: Any, actor: Actor, request_id: str) -> str | None:
    """The public id of the ticket that `request_id` of this device made, or None."""
    known = conn.execute(_KNOWN, {"actor": _who(actor), "request_id": request_id}).one_or_none()
    return None if known is None else known.answer.get("id")


def _who(actor: Actor) -> str:
    return f"device:{actor.device_id}" if actor.device_id else f"person:{actor.account_id}"


def forget_old(tx: Tx) -> None:
    tx.conn.execute(delete(ClientRequest).where(ClientRequest.at < tx.now - KEPT_FOR))

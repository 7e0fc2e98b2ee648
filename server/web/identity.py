"""Who is behind an HTTP request or a socket: a bearer token or a session cookie, never both guessed."""

import hmac
from typing import Any

from flask import Request

from server.contract.problems import ProblemError
from server.db import Store
from server.services import accounts
from server.services.actors import Actor

COOKIE = "jiaohao_session"
CSRF_HEADER = "X-CSRF-Token"
TOUCH_EVERY_S = 300


def actor_of(store: Store, request: Request, *, writes: bool) -> Actor:
    """The caller, or sign_in_required. A person's write also needs the CSRF token of the session."""
    bearer = _bearer(request)
    if bearer:
        return device_actor(store, bearer)
    account = session_account(store, request)
    if account is None:
        raise ProblemError("sign_in_required")
    if writes and not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), account.csrf.encode()):
        raise ProblemError("bad_csrf")
    return accounts.person(account)


def device_actor(store: Store, token: str) -> Actor:
    with store.glance() as conn:
        row = accounts.device_of(conn, token)
    if row is None:
        raise ProblemError("sign_in_required")
    return accounts.device(row)


def session_account(store: Store, request: Request) -> Any:
    """The account of the cookie with `csrf` and `window`, or None; keeps a session in use alive."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    now = store.clock()
    with store.glance() as conn:
        account = accounts.session_of(conn, token, now)
    if account is not None and (now - account.seen_at).total_seconds() > TOUCH_EVERY_S:
        store.write(lambda tx: accounts.touch_session(tx, token))
    return account


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""

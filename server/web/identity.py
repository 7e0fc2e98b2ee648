"""Who is behind an HTTP request or a socket: a bearer token, a tablet's cookie or a session cookie, none guessed."""

import hmac
from typing import Any

from flask import Request

from server.contract.problems import ProblemError
from server.db import Store
from server.services import accounts, device_tokens
from server.services.actors import Actor
from server.web.citizens import address

COOKIE = "jiaohao_session"
TABLET_COOKIE = "jiaohao_tablet"
TABLET_SCHEME = "tablet"
"""`Authorization: Tablet` says: the device whose token is in my cookie. No page of another origin can say this."""
CSRF_HEADER = "X-CSRF-Token"
TOUCH_EVERY_S = 300


def actor_of(store: Store, request: Request, *, writes: bool) -> Actor:
    """The caller, or sign_in_required. A person's write also needs the CSRF token of the session."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return device_actor(store, token.strip(), address())
    if scheme.lower() == TABLET_SCHEME:
        return tablet_actor(store, request)
    account = session_account(store, request)
    if account is None:
        raise ProblemError("sign_in_required")
    if writes:
        refuse_forged(request, account)
    accounts.refuse_unready(account)
    return accounts.person(account)


def refuse_forged(request: Request, account: Any) -> None:
    """Raises bad_csrf unless the page that sends this was given the session's own token."""
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), account.csrf.encode()):
        raise ProblemError("bad_csrf")


def secret_of(request: Request) -> str:
    """By what an `actor_of` proved who they are: a bearer token or a cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return {"bearer": token.strip(), TABLET_SCHEME: request.cookies.get(TABLET_COOKIE, "")}.get(
        scheme.lower()
    ) or request.cookies.get(COOKIE, "")


def tablet_actor(store: Store, request: Request) -> Actor:
    """The device of the tablet's cookie, or sign_in_required."""
    return device_actor(store, request.cookies.get(TABLET_COOKIE, ""), address())


def device_actor(store: Store, token: str, came_from: str) -> Actor:
    """By its token, or by the one of before while a new one waits to be used. Raises sign_in_required."""
    with store.glance() as conn:
        row = accounts.device_of(conn, token)
        old = None if row else device_tokens.device_by_old(conn, token, store.clock())
    found = row or old
    if found is None:
        raise ProblemError("sign_in_required")
    device_tokens.note_use(store, found, came_from, by_old=row is None)
    return accounts.device(found)


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

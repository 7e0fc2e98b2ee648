"""Signing in and out, and the first admin's one-time setup."""

import hmac
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.contract.admin import NewUser
from server.contract.problems import ProblemError
from server.db import Store
from server.services import accounts, admin
from server.web.api import json_response, parse_body
from server.web.identity import COOKIE, CSRF_HEADER, session_account
from server.web.messages import SetUp, SignInForm


def make_blueprint() -> Blueprint:
    bp = Blueprint("session", __name__, url_prefix="/api/v1")
    bp.add_url_rule("/session", "sign_in", sign_in, methods=["POST"])
    bp.add_url_rule("/session", "who", who)
    bp.add_url_rule("/session", "sign_out", sign_out, methods=["DELETE"])
    bp.add_url_rule("/setup", "set_up", set_up, methods=["POST"])
    return bp


def sign_in() -> Response:
    store = _store()
    form = parse_body(SignInForm)
    with store.read() as conn:
        account = accounts.find_account(conn, form.username)
    accounts.refuse_locked(account, store.clock())
    stored = account.password_hash if account else None
    if not _aside(accounts.password_fits, stored, form.password) or not account.active:
        if account is not None:
            store.write(lambda tx: accounts.note_failure(tx, account.id))
        raise ProblemError("bad_credentials")
    return _signed_in(store, account.id)


def set_up() -> Response:
    """Create the first admin with the code printed at first start; the code then is worth nothing."""
    store = _store()
    form = parse_body(SetUp)
    code = current_app.extensions["jiaohao"].setup_code
    if code is None:
        raise ProblemError("setup_done")
    if not hmac.compare_digest(code.encode(), form.code.strip().encode()):
        raise ProblemError("bad_setup_code")
    user = _aside(admin.hashed, NewUser("", form.username, "admin", form.password, form.name))

    def create(tx: Any) -> int:
        if accounts.has_admin(tx.conn):
            raise ProblemError("setup_done")
        hall_id = accounts.default_hall(tx.conn)
        return accounts.add_user(tx, hall_id, form.username, "admin", user.password_hash, form.name)

    account_id = store.write(create)
    current_app.extensions["jiaohao"].setup_code = None
    return _signed_in(store, account_id)


def who() -> Response:
    account = session_account(_store(), request)
    if account is None:
        raise ProblemError("sign_in_required")
    return json_response(_me(account))


def sign_out() -> Response:
    store = _store()
    account = session_account(store, request)
    if account is None:
        raise ProblemError("sign_in_required")
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), account.csrf.encode()):
        raise ProblemError("bad_csrf")
    token = request.cookies[COOKIE]
    store.write(lambda tx: accounts.close_session(tx, token))
    response = json_response({})
    response.delete_cookie(COOKIE)
    return response


def _signed_in(store: Store, account_id: int) -> Response:
    token = store.write(lambda tx: accounts.open_session(tx, account_id))
    with store.read() as conn:
        account = accounts.session_of(conn, token, store.clock())
    response = json_response(_me(account))
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
    return response


def _me(account: Any) -> dict[str, Any]:
    return {
        "username": account.username, "name": account.name, "role": account.role,
        "staff_no": account.staff_no, "csrf": account.csrf, "window": account.window,
    }  # fmt: skip


def _aside(work: Callable[..., Any], *arguments: Any) -> Any:
    return current_app.extensions["jiaohao"].aside(work, *arguments)


def _store() -> Store:
    store: Store = current_app.extensions["jiaohao"].store
    return store

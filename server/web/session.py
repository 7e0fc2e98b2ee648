"""Signing in and out, and the first admin's one-time setup."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.contract.admin import NewUser
from server.contract.codec import to_json
from server.contract.problems import ProblemError
from server.db import Store, Tx
from server.services import accounts, admin, audit, grants, second_factor
from server.web.api import json_response, parse_body
from server.web.citizens import address, is_secure
from server.web.identity import COOKIE, refuse_forged, session_account
from server.web.limits import Limit
from server.web.messages import SetUp, SignInForm

MOST_FAILURES = 20
FAILURES_WITHIN = timedelta(minutes=10)
FAILURES = frozenset({"bad_credentials", "bad_code", "locked_out"})


def make_blueprint() -> Blueprint:
    bp = Blueprint("session", __name__, url_prefix="/api/v1")
    bp.add_url_rule("/session", "sign_in", sign_in, methods=["POST"])
    bp.add_url_rule("/session", "who", who)
    bp.add_url_rule("/session", "sign_out", sign_out, methods=["DELETE"])
    bp.add_url_rule("/setup", "set_up", set_up, methods=["POST"])
    return bp


def sign_in_limit() -> Limit:
    """Of failures of one address: it locks few accounts before it is shut out itself, and no other with it."""
    return Limit(MOST_FAILURES, FAILURES_WITHIN)


def sign_in() -> Response:
    store = _store()
    form = parse_body(SignInForm)
    limit, where, now = current_app.extensions["jiaohao"].sign_ins, address(), store.clock()
    # Counted before the slow hash, so that a hundred tries at once are a hundred, and taken back if it was none.
    if not limit.allows(where, now):
        raise ProblemError("too_many_sign_ins", minutes=FAILURES_WITHIN.seconds // 60)
    try:
        response = _signed_in(store, form.username, form.password, form.code)
    except ProblemError as refusal:
        if refusal.problem.code not in FAILURES:
            limit.take_back(where, now)
        raise
    limit.take_back(where, now)
    return response


def _signed_in(store: Store, username: str, password: str, code: str) -> Response:
    """Password and code, in this order: neither says anything of the other."""
    with store.read() as conn:
        account = accounts.find_account(conn, username)
    accounts.refuse_locked(account, store.clock())
    stored = account.password_hash if account else None
    if not _aside(accounts.password_fits, stored, password) or not account.active:
        if account is not None:
            store.write(lambda tx: accounts.note_failure(tx, account.id))
        raise ProblemError("bad_credentials")
    if account.totp_secret is not None and not code.strip():
        raise ProblemError("code_required")
    return _enter(store, account.id, code)


def _enter(store: Store, account_id: int, code: str = "") -> Response:
    came_from = address()

    def work(tx: Tx) -> str:
        account = accounts.account_by_id(tx.conn, account_id)
        accounts.refuse_locked(account, tx.now)  # by the tries that were judged beside this one
        second_factor.accept(tx, account, code)
        return accounts.open_session(tx, account_id, came_from)

    try:
        token = store.write(work)
    except ProblemError as refusal:
        if refusal.problem.code == "bad_code":
            store.write(lambda tx: accounts.note_failure(tx, account_id))
        raise
    return _with_cookie(store, token)


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
        accounts.refuse_weak(tx.conn, hall_id, form.password, form.username, form.name)
        key = accounts.add_user(tx, hall_id, form.username, "admin", user.password_hash, form.name)
        audit.record_row(tx, "account.added", "account", key, by=f"admin:{form.username}")
        return key

    account_id = store.write(create)
    current_app.extensions["jiaohao"].setup_code = None
    return _enter(store, account_id)


def who() -> Response:
    account = session_account(_store(), request)
    if account is None:
        raise ProblemError("sign_in_required")
    return json_response(_me(_store(), account))


def sign_out() -> Response:
    store = _store()
    account = session_account(store, request)
    if account is None:
        raise ProblemError("sign_in_required")
    refuse_forged(request, account)
    token = request.cookies[COOKIE]
    store.write(lambda tx: accounts.close_session(tx, token))
    current_app.extensions["jiaohao"].relay.review()
    response = json_response({})
    response.delete_cookie(COOKIE)
    return response


def _with_cookie(store: Store, token: str) -> Response:
    with store.read() as conn:
        account = accounts.session_of(conn, token, store.clock())
    response = json_response(_me(store, account))
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=is_secure(), path="/")
    return response


def _me(store: Store, account: Any) -> dict[str, Any]:
    """Who this is and what they may; `must`: what they have to do before anything else."""
    actor = accounts.person(account)
    with store.read() as conn:
        held = grants.held(conn, actor, store.clock())
    try:
        accounts.refuse_unready(account)
        must = ""
    except ProblemError as first:
        must = first.problem.code
    return {
        "username": account.username, "name": account.name, "role": account.role,
        "staff_no": account.staff_no, "csrf": account.csrf, "window": account.window, "must": must,
        "may": sorted({*actor.may, *(grant.permission for grant in held)}),
        "grants": [{"permission": grant.permission, "to_day": to_json(grant.to_day)} for grant in held],
    }  # fmt: skip


def _aside(work: Callable[..., Any], *arguments: Any) -> Any:
    return current_app.extensions["jiaohao"].aside(work, *arguments)


def _store() -> Store:
    store: Store = current_app.extensions["jiaohao"].store
    return store

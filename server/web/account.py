"""One's own account: password, sessions, second factor. What changes how one signs in wants the password once more;
wrong ones count towards the lock as they do at sign-in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.contract.codec import to_json
from server.contract.problems import ProblemError, bad_field
from server.db import Store, Tx
from server.domain import totp
from server.models import Account
from server.services import accounts, audit, second_factor, sessions
from server.services.halls import hall_of
from server.web.api import json_response, parse_body
from server.web.identity import refuse_forged, session_account
from server.web.messages import ChangePassword, Prove, SwitchOnTotp
from server.web.qr import qr_path


def make_blueprint() -> Blueprint:
    bp = Blueprint("account", __name__, url_prefix="/api/v1/me")
    bp.add_url_rule("/account", "overview", overview)
    for path, (view, _) in POSTS.items():
        bp.add_url_rule(path, view.__name__, view, methods=["POST"])
    return bp


def overview() -> Response:
    """My sessions and my second factor"""
    store, account = _store(), _mine(writes=False)
    with store.read() as conn:
        zone = hall_of(conn, account.hall_id).zone
        live = sessions.of_accounts(conn, [account.id], zone, store.clock(), account.token_hash)[account.id]
        left = second_factor.codes_left(conn, account.id)
    return json_response(
        {"sessions": to_json(live), "totp": account.totp_secret is not None, "recovery_codes": left,
         "totp_required": account.totp_admins and account.role == "admin"}
    )  # fmt: skip


def change_password() -> Response:
    """Change my password; every other session of mine ends"""
    account, form = _mine(writes=True), parse_body(ChangePassword)
    _prove(account, form.old)
    if form.password == form.old:
        raise bad_field("password", "must differ from the one before", "不能与原密码相同", "新密码")
    fresh = _aside(accounts.hash_password, form.password)

    def work(tx: Tx) -> None:
        accounts.refuse_weak(tx.conn, account.hall_id, form.password, account.username, account.name)
        tx.change(Account, account.id, password_hash=fresh, must_change=False, failures=0)
        sessions.end_all(tx, account.id, account.token_hash)
        _put_on_record(tx, account, "account.own_password")

    return _done(work)


def end_others() -> Response:
    """Sign me out everywhere but here"""
    account = _mine(writes=True)
    return _done(lambda tx: {"ended": sessions.end_all(tx, account.id, account.token_hash)})


def offer_totp() -> Response:
    """A secret for my telephone's app, with its QR code; nothing is kept before a first code of it comes back"""
    account, form = _mine(writes=True, own_password=True), parse_body(Prove)
    _prove(account, form.old)
    with _store().read() as conn:
        hall = hall_of(conn, account.hall_id).name
    secret = totp.new_secret()
    link = totp.link(secret, account.username, hall)
    width, path = qr_path(link)
    return json_response({"secret": totp.base32(secret), "link": link, "qr": {"width": width, "path": path}})


def switch_on_totp() -> Response:
    """Switch my second factor on; the recovery codes are shown this once"""
    account, form = _mine(writes=True, own_password=True), parse_body(SwitchOnTotp)
    _prove(account, form.old)
    secret = totp.from_base32(form.secret)
    if secret is None:
        raise bad_field("secret", "must be the one that was offered", "应为刚才给出的密钥", "密钥")

    def work(tx: Tx) -> dict[str, Any]:
        codes = second_factor.switch_on(tx, account.id, secret, form.code)
        sessions.end_all(tx, account.id, account.token_hash)
        _put_on_record(tx, account, "account.totp_on")
        return {"recovery_codes": codes}

    return _done(work)


def switch_off_totp() -> Response:
    """Switch my second factor off; refused where the hall wants one"""
    account, form = _mine(writes=True, own_password=True), parse_body(Prove)
    if account.totp_admins and account.role == "admin":
        raise ProblemError("totp_required")
    _prove(account, form.old)

    def work(tx: Tx) -> None:
        second_factor.switch_off(tx, account.id)
        _put_on_record(tx, account, "account.totp_off")

    return _done(work)


POSTS: dict[str, tuple[Callable[[], Response], type | None]] = {
    "/password": (change_password, ChangePassword),
    "/sessions/end": (end_others, None),
    "/totp/offer": (offer_totp, Prove),
    "/totp": (switch_on_totp, SwitchOnTotp),
    "/totp/remove": (switch_off_totp, Prove),
}
"""Path → what answers it, and its body."""


def _mine(*, writes: bool, own_password: bool = False) -> Any:
    """The account that asks, though it may not work yet. `own_password`: not before a start password is changed.
    Raises sign_in_required, bad_csrf, password_change_required."""
    account = session_account(_store(), request)
    if account is None:
        raise ProblemError("sign_in_required")
    if writes:
        refuse_forged(request, account)
    if own_password and account.must_change:
        raise ProblemError("password_change_required")
    return account


def _prove(account: Any, password: str) -> None:
    """Raises locked_out or bad_password; a session that somebody left open is no way to guess."""
    store = _store()
    with store.read() as conn:
        row = accounts.account_by_id(conn, account.id)
    accounts.refuse_locked(row, store.clock())
    if not _aside(accounts.password_fits, row.password_hash, password):
        store.write(lambda tx: accounts.note_failure(tx, account.id))
        raise ProblemError("bad_password", field="old")


def _done(work: Callable[[Tx], Any]) -> Response:
    answer = _store().write(work)
    current_app.extensions["jiaohao"].relay.review()
    return json_response(answer or {})


def _put_on_record(tx: Tx, account: Any, kind: str) -> None:
    audit.record(tx, account.hall_id, kind, {"account": account.username, **accounts.person(account).by})


def _aside(work: Callable[..., Any], *arguments: Any) -> Any:
    return current_app.extensions["jiaohao"].aside(work, *arguments)


def _store() -> Store:
    store: Store = current_app.extensions["jiaohao"].store
    return store

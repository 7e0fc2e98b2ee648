"""What the pages for citizens share: no sign-in, no script needed, Chinese and English by a link."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Blueprint, Response, current_app, make_response, render_template, request
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from server.contract.problems import ProblemError
from server.db import Store
from server.web.citizen_words import Words

log = structlog.get_logger()


def store() -> Store:
    found: Store = current_app.extensions["jiaohao"].store
    return found


def page(name: str, w: Words, kept: tuple[str, ...] = (), **values: Any) -> Response:
    """The template `name`. Its link to the other language keeps what the address says under the names `kept`. A page
    that answers a form is reached again by its way, not by itself."""
    again = {key: value for key, value in said().items() if key in kept}
    here = f"{request.path}?{urlencode({**again, 'lang': w.other_code})}"
    response = make_response(render_template(name, w=w, here=here, **values))
    response.headers["Cache-Control"] = "no-store"
    return response


def said() -> Mapping[str, str]:
    """What address and form say; of a form that is too large the address alone, for it cannot be read."""
    try:
        return request.values
    except RequestEntityTooLarge:
        return request.args


def refuse_foreign() -> None:
    """A browser says from which page a form comes. Behind a proxy only the host can be compared, not the scheme."""
    came_from = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        host = urlsplit(came_from).netloc
    except ValueError:
        host = ""
    if host != request.host:
        raise ProblemError("bad_csrf")


def address() -> str:
    """Who asks. A proxy on this machine says for whom it asks; nobody else is believed."""
    direct = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and ip_address(direct).is_loopback else direct


def is_secure() -> bool:
    """Whether the browser came over HTTPS, by a proxy of this machine or by itself: a cookie then is `Secure`."""
    proxied = request.headers.get("X-Forwarded-Proto", "").strip().lower() == "https"
    return request.is_secure or (proxied and ip_address(request.remote_addr or "::").is_loopback)


def refuse_in_words(bp: Blueprint) -> None:
    """Whatever goes wrong on a page of `bp` is answered by a page, never by what is meant for programs. The log names
    the page but not its address: who reads the log shall not hold the citizen's link."""
    bp.before_request(_read_form)
    bp.register_error_handler(ProblemError, refused)
    for cls in (OperationalError, PoolTimeoutError):
        bp.register_error_handler(cls, _storage_away)
    bp.register_error_handler(DataError, _unsayable)
    bp.register_error_handler(HTTPException, _unreadable)
    bp.register_error_handler(Exception, _surprise)


def _read_form() -> None:
    """First of all: one that cannot be read does nothing."""
    request.form  # noqa: B018 - this reads it


def refused(refusal: ProblemError) -> Response:
    shown = page("citizen_refused.html", Words(said().get("lang", "")), refusal=refusal)
    return make_response(shown, refusal.problem.status)


def _storage_away(error: Exception) -> Response:
    log.error("read failed", page=request.endpoint, error=type(error).__name__)
    return refused(ProblemError("hall_away"))


def _unsayable(error: DataError) -> Response:
    """PostgreSQL will not even be asked about a text with a NUL."""
    log.info("request has a value that no column can hold", page=request.endpoint)
    return refused(ProblemError("not_found"))


def _unreadable(error: HTTPException) -> Response:
    return refused(ProblemError("body_too_large" if isinstance(error, RequestEntityTooLarge) else "bad_request"))


def _surprise(error: Exception) -> Response:
    log.exception("page failed", page=request.endpoint, exc_info=error)
    return refused(ProblemError("internal"))

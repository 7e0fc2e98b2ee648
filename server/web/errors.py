"""Every refusal as problem+json, in both languages; every surprise logged and answered without its insides."""

import json

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from server.contract.problems import ProblemError
from server.web.citizens import refused

log = structlog.get_logger()

HTTP_CODES = {
    NotFound: "not_found",
    MethodNotAllowed: "method_not_allowed",
    RequestEntityTooLarge: "body_too_large",
}


def _rule() -> str:
    """The address as the route has it: in a ticket's or a booking's stands the key of whoever holds it, which no log
    may have."""
    return request.url_rule.rule if request.url_rule else request.path


def install(app: Flask) -> None:
    app.register_error_handler(ProblemError, problem)
    app.register_error_handler(HTTPException, http_error)
    for cls in (OperationalError, PoolTimeoutError):
        app.register_error_handler(cls, storage_away)
    app.register_error_handler(DataError, unsayable)
    app.register_error_handler(Exception, surprise)


def problem(error: ProblemError) -> Response:
    body = json.dumps(error.body(), ensure_ascii=False)
    return Response(body, error.problem.status, mimetype="application/problem+json")


def http_error(error: HTTPException) -> Response:
    code = next((code for cls, code in HTTP_CODES.items() if isinstance(error, cls)), "bad_request")
    if (error.code or 500) >= 500:
        code = "internal"
    if code == "not_found" and _by_hand():
        return refused(ProblemError(code))
    response = problem(ProblemError(code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _by_hand() -> bool:
    """Whether a person asks for a page, with an address that was mistyped or is of another version. Programs ask for
    anything or for JSON."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def storage_away(error: Exception) -> Response:
    """A read could not be served (disk fault, lock, no connection free): worth repeating, unlike a surprise."""
    log.error("read failed", path=_rule(), error=str(error))
    return problem(ProblemError("storage"))


def unsayable(error: DataError) -> Response:
    """PostgreSQL will not even be asked about a text with a NUL, which only a path can bring so far."""
    log.info("request has a value that no column can hold", path=_rule(), error=str(error.orig))
    return problem(ProblemError("bad_request"))


def surprise(error: Exception) -> Response:
    log.exception("request failed", method=request.method, path=_rule(), exc_info=error)
    return problem(ProblemError("internal"))

"""One id for each request, in its answer and in every line that is logged while it is answered, so that what a person
reports can be found. A line names the route, never the address: in that stand keys and numbers of citizens."""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from server.gauges import Gauges

HEADER = "X-Request-ID"
SLOW_S = 1.0
_ID = re.compile(r"(?=(?:[^A-Za-z]*[A-Za-z]){4})[A-Za-z0-9_-]{8,64}")
"""With some letters: a telephone or ID number is no id of ours."""
log = structlog.get_logger()


def install(app: Flask, gauges: Gauges) -> None:
    def begin() -> None:
        g.began = time.monotonic()
        said = request.headers.get(HEADER, "")
        g.request_id = said if _ID.fullmatch(said) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        seconds = time.monotonic() - g.began
        response.headers[HEADER] = g.request_id
        gauges.requests.note((_method(), route(), str(response.status_code)), seconds)
        if response.status_code >= 400 or seconds > SLOW_S:
            word = "refused" if response.status_code >= 400 else "slow"
            log.info(word, method=_method(), route=route(), status=response.status_code, seconds=round(seconds, 3))
        return response

    app.before_request(begin)
    app.after_request(end)


def route() -> str:
    """As the table has it; what matches none is called so, however it reads."""
    return request.url_rule.rule if request.url_rule else "none"


def _method() -> str:
    """Anybody may make up a method; each would be a figure of its own."""
    return request.method if request.method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS") else "other"

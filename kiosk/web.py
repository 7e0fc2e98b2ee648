"""The page's local server: one browser on this machine. State goes out by SSE, touches come in by POST.

Any web page open on this machine could send requests here too, hence: the Host must be an address (a name
could be rebound to us), a POST carries a header that no foreign page may set, and its Origin must be ours.
"""

import ipaddress
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, jsonify, render_template, request, send_from_directory
from werkzeug.serving import BaseWSGIServer, make_server

import server.contract
from kiosk.issuing import Job
from kiosk.lanes import REASONS
from kiosk.picture import visit
from kiosk.spool import SpoolError
from machine.http import Handler

log = structlog.get_logger(__name__)

FACES = server.contract.__path__[0] + "/faces"
SCREEN = Path(__file__).with_name("screen")
FIRST_LANGUAGE = "zh"
HEARTBEAT_S = 3.0
MOST_BODY = 2048
MOST_STREAMS = 16
GUARD_HEADER = "X-Jiaohao-Kiosk"
_PRESS_ID = re.compile(r"[A-Za-z0-9_-]{8,60}")
_FULL_DISK = {
    "code": "kiosk_storage",
    "zh": "本机暂时不能取号，请到导办台取号。",
    "en": "This machine cannot issue tickets now. Please ask at the guide desk.",
}


class Live:
    """The picture as everyone waits for it: `touch` says that it changed, `follow` yields every newer one."""

    def __init__(self, draw: Callable[[], dict[str, Any]]) -> None:
        self._draw = draw
        self._changed = threading.Condition()
        self._version = 0
        self._stopped = False

    def touch(self) -> None:
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def follow(self) -> Iterator[dict[str, Any] | None]:
        """The picture now and after each change; None when nothing changed for a heartbeat's time."""
        seen = -1
        while not self._stopped:
            version = self._after(seen)
            yield None if version == seen else self._draw()
            seen = version

    def _after(self, seen: int) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._version != seen, HEARTBEAT_S)
            return self._version


Take = Callable[[str, str | None, str | None, str | None, str], Job]


def create_app(
    live: Live, take: Take, sheet: Callable[[str, str], str], frame_ancestors: str = "'none'"
) -> Flask:  # fmt: skip
    """The page and its wires. `take` is `Ticketing.take`, `sheet` is `Sheets.ask`."""
    app = Flask(__name__, static_folder="screen/static", template_folder="screen")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    streams = threading.BoundedSemaphore(MOST_STREAMS)
    app.before_request(_guard)
    app.after_request(_headers(frame_ancestors))

    @app.get("/")
    def page() -> str:
        return render_template("page.html", languages=" ".join(languages()))

    @app.get("/faces/<path:name>")
    def face(name: str) -> Response:
        return send_from_directory(FACES, name, max_age=86400 if name.endswith(".woff2") else None)

    @app.get("/events")
    def events() -> Response:
        if not streams.acquire(blocking=False):
            abort(503)
        response = Response(_event_stream(live), mimetype="text/event-stream")
        response.call_on_close(streams.release)
        return response

    @app.post("/take")
    def press() -> tuple[Response, int]:
        try:
            return jsonify(visit(take(*_touch(request.get_json(silent=True))))), 200
        except SpoolError as error:
            log.error("journal cannot be written", error=str(error))
            return jsonify({"stage": "refused", "ticket": None, "refusal": _FULL_DISK}), 503

    @app.post("/sheet")
    def guide_sheet() -> Response:
        return jsonify({"stage": sheet(*_sheet_touch(request.get_json(silent=True)))})

    return app


def _event_stream(live: Live) -> Iterator[str]:
    yield "retry: 1000\n\n"
    for picture in live.follow():
        yield "event: heartbeat\ndata: {}\n\n" if picture is None else f"data: {json.dumps(picture)}\n\n"


def languages() -> list[str]:
    """The page's languages, the hall's own first: each is a file of sentences in `screen/static/lang`."""
    found = sorted(file.stem for file in (SCREEN / "static/lang").glob("*.mjs"))
    return sorted(found, key=lambda code: code != FIRST_LANGUAGE)


def _touch(body: Any) -> tuple[str, str | None, str | None, str | None, str]:
    """What the page asked for; anything else than our own page's words is a 400."""
    press_id = _press_id(body)
    wish = [body.get(name) for name in ("queue", "item", "appointment")]
    codes = [code for code in wish if code is not None]
    if not codes or not all(map(_is_code, codes)):
        abort(400)
    queue, item, appointment = wish
    return press_id, queue, item, appointment, _lane_reason(body.get("lane_reason"))


def _sheet_touch(body: Any) -> tuple[str, str]:
    press_id = _press_id(body)
    if not _is_code(body.get("item")):
        abort(400)
    return press_id, body["item"]


def _press_id(body: Any) -> str:
    press_id = body.get("press_id") if isinstance(body, dict) else None
    if not isinstance(press_id, str) or not _PRESS_ID.fullmatch(press_id):
        abort(400)
    return press_id


def _is_code(said: Any) -> bool:
    return isinstance(said, str) and 0 < len(said) <= 40


def _lane_reason(said: Any) -> str:
    if said is None:
        return ""
    if not isinstance(said, str) or said not in REASONS:
        abort(400)
    return REASONS[said]


def _guard() -> None:
    if (request.content_length or 0) > MOST_BODY:
        abort(413)
    if not _is_address(request.host):
        abort(403)
    if request.method == "POST":
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin != request.host_url.rstrip("/")
        if foreign or request.headers.get(GUARD_HEADER) != "1":
            abort(403)


def _is_address(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _headers(frame_ancestors: str) -> Callable[[Response], Response]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frame_ancestors}"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return add


def serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Bind now, serve with `serve_forever`. Raises OSError when the place is taken; werkzeug by itself would exit."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        bound = listener.getsockname()[1]
        return make_server(host, bound, app, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())


class _QuietHandler(Handler):
    """No access log, and no stack trace when a browser leaves in the middle of an answer."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        log.debug("http", message=message % args)

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        log.debug("browser left", error=str(error))

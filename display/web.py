"""The wall page, its files, its stream of states, and its voice."""

import hashlib
import itertools
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, render_template, request, send_from_directory

from display.hub import FullError, Hub
from display.voice.election import Ask
from display.voice.voice import Voice
from server.contract.codec import ContractError, from_json

SCREEN = Path(str(files("display"))) / "screen"
FACES = Path(str(files("server.contract"))) / "faces"
MAX_NAME = 64
MAX_BODY = 4096


def create_app(
    hub: Hub, voice: Voice, zone: str, frame_ancestors: str, photo: Callable[[str], bytes | None] = lambda _: None
) -> Flask:
    """`zone` is for pages whose address has no `?zone=`; `frame_ancestors` is a CSP source list; `photo` gives the
    JPEG of a staff card."""
    app = Flask("display", root_path=str(SCREEN.parent), template_folder="screen", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    policy = _policy(frame_ancestors)
    build = build_id()

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    @app.get("/")
    def page() -> str:
        return render_template("wall.html", build=build, zone=zone)

    @app.get("/events")
    def events() -> Response:
        return _event_stream(hub, build)

    @app.get("/screen/<path:name>")
    def screen(name: str) -> Response:
        return send_from_directory(SCREEN, name)

    @app.get("/faces/<path:name>")
    def faces(name: str) -> Response:
        return send_from_directory(FACES, name)

    @app.get("/photos/<digest>")
    def staff_photo(digest: str) -> Response:
        data = photo(digest)
        return Response(data, mimetype="image/jpeg") if data else Response("", 404)

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    _add_voice(app, voice)
    return app


def _add_voice(app: Flask, voice: Voice) -> None:
    @app.get("/voice/clips/<text>")
    def clip(text: str) -> Response:
        stands_in = voice.stands_in(text)  # asked first: a better one that is made meanwhile is only not kept
        return _wav(voice.clip(text), stands_in)

    @app.post("/voice/turn")
    def turn() -> dict[str, Any]:
        speaker = voice.ask(_asked())
        return {"page": speaker.page, "said": speaker.said}


def _wav(data: bytes | None, stands_in: bool) -> Response:
    """A page keeps what it got, unless it `stands_in` for a better one."""
    headers = {"Cache-Control": "no-store"} if stands_in else {}
    return Response(data, mimetype="audio/wav", headers=headers) if data else Response("", 404)


def _asked() -> Ask:
    """JSON only: no page of another site can send it without asking first, and we never agree."""
    try:
        ask = from_json(Ask, request.get_json())
    except (ContractError, RecursionError):
        abort(400)
    if not 0 < len(ask.page) <= MAX_NAME or len(ask.zone) > MAX_NAME or len(ask.knew) > MAX_NAME:
        abort(400)
    return ask


def _event_stream(hub: Hub, build: str) -> Response:
    stream = hub.stream()
    try:
        first = next(stream)
    except FullError:
        return Response("大屏连接数已满。 / Too many walls.\n", 503, mimetype="text/plain")
    hello = f"event: build\ndata: {build}\n\n".encode()
    response = Response(itertools.chain([first + hello], stream), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(stream.close)
    return response


def build_id() -> str:
    """Names what the pages are made of. A page that is told another one than its own reloads itself."""
    digest = hashlib.sha256()
    for file in sorted([*SCREEN.iterdir(), FACES / "tokens.css"]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _policy(frame_ancestors: str) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frame_ancestors}"
    )

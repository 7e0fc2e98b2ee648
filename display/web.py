"""The wall page, its files, and its stream of states."""

import hashlib
import itertools
from importlib.resources import files
from pathlib import Path

from flask import Flask, Response, render_template, send_from_directory

from display.hub import FullError, Hub

SCREEN = Path(str(files("display"))) / "screen"
FACES = Path(str(files("server.contract"))) / "faces"


def create_app(hub: Hub, zone: str, frame_ancestors: str) -> Flask:
    """`zone` is for pages whose address has no `?zone=`; `frame_ancestors` is a CSP source list."""
    app = Flask("display", root_path=str(SCREEN.parent), template_folder="screen", static_folder=None)
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

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


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

"""What anyone may see: health, the API's description, and the shared files of the faces."""

from importlib.resources import files

from flask import Blueprint, Response, current_app, request, send_from_directory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.contract.problems import ProblemError
from server.db import Store
from server.gauges import allowed
from server.services.figures import Figure, hall_figures
from server.services.metrics_of_day import day_figures
from server.web.api import json_response
from server.web.openapi import document

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
FACES = str(files("server.contract").joinpath("faces"))


def make_blueprint() -> Blueprint:
    bp = Blueprint("public", __name__)
    bp.add_url_rule("/healthz", "healthz", healthz)
    bp.add_url_rule("/readyz", "readyz", readyz)
    bp.add_url_rule("/metrics", "metrics", metrics)
    bp.add_url_rule("/api/v1/openapi.json", "openapi", openapi)
    bp.add_url_rule("/faces/<path:name>", "faces", faces)
    return bp


def healthz() -> Response:
    """The process runs."""
    return json_response({"status": "ok"})


def readyz() -> Response:
    """The database answers."""
    store: Store = current_app.extensions["jiaohao"].store
    try:
        with store.read() as conn:
            conn.execute(text("SELECT seq FROM hall"))
    except SQLAlchemyError:
        raise ProblemError("storage") from None
    return json_response({"status": "ok"})


def metrics() -> Response:
    """Counts of the hall in Prometheus' text format: nothing personal, no secret, so no sign-in. With the token of
    `metrics.token` those of this process too."""
    server = current_app.extensions["jiaohao"]
    store: Store = server.store
    with store.read() as conn:
        figures = [*hall_figures(conn, store.clock()), *day_figures(conn, store.clock())]
    if allowed(request.headers.get("Authorization", ""), server.metrics_token):
        figures += server.gauges.figures(server.relay.sockets())
    lines = [line for figure in figures for line in _exposed(figure)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")


def _exposed(figure: Figure) -> list[str]:
    head = [f"# HELP {figure.name} {figure.help}", f"# TYPE {figure.name} {figure.kind}"] if figure.kind else []
    return head + [
        f"{figure.name}{figure.suffix}{{{_labelled(figure.labels, key)}}} {value:.16g}"
        for key, value in figure.values.items()
    ]


def _labelled(labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    return ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in zip(labels, values, strict=True))


def openapi() -> Response:
    return json_response(document())


def faces(name: str) -> Response:
    response = send_from_directory(FACES, name)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response

"""The pages of clerks and admins: thin shells, the rest is ES modules under `/static`."""

from flask import Blueprint, Response, make_response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

SHELLS = {
    "console": ("console", "窗口叫号台", "Clerk console"),
    "desk": ("guide", "导办台", "Guide desk"),
    "appointments": ("appointments", "预约登记", "Appointments"),
    "admin": ("admin", "系统管理", "Administration"),
    "setup": ("setup", "创建首位管理员", "Create the first admin"),
}
"""Path → name of module and style, title in Chinese and English. Who may do what is decided by the API, never by a
page."""


def make_blueprint() -> Blueprint:
    bp = Blueprint("pages", __name__)
    bp.add_url_rule("/", "landing", landing)
    bp.add_url_rule("/favicon.ico", "favicon", favicon)
    for name in SHELLS:
        bp.add_url_rule(f"/{name}", name, shell, defaults={"name": name})
    return bp


def landing() -> Response:
    """Where to go from here; works without JavaScript."""
    return _fresh(render_template("landing.html"))


def shell(name: str) -> Response:
    module, zh, en = SHELLS[name]
    return _fresh(render_template("shell.html", module=module, zh=zh, en=en, style=name != "setup"))


def favicon() -> AnyResponse:
    return redirect("/static/icon.svg", 301)


def _fresh(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-cache"
    return response

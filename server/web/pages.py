"""The pages of clerks and admins: thin shells, the rest is ES modules under `/static`."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from server.services.accounts import has_admin

SHELLS = {
    "console": ("console", "窗口叫号台", "Clerk console"),
    "desk": ("guide", "导办台", "Guide desk"),
    "appointments": ("appointments", "预约登记", "Appointments"),
    "reports": ("reports", "评价统计", "Rating figures"),
    "statistics": ("statistics", "业务统计", "Service figures"),
    "rating-entry": ("rating-entry", "评价录入", "Rating entry"),
    "rectifications": ("rectifications", "差评整改", "Rectifications"),
    "duty": ("duty", "值班", "Duty"),
    "admin": ("admin", "系统管理", "Administration"),
    "uploads": ("uploads", "评价上报", "Upload of ratings"),
    "account": ("account", "我的账号", "My account"),
    "monitor": ("monitor", "大厅监控", "Hall monitor"),
    "audit": ("audit", "审计记录", "Audit records"),
    "start": ("start", "首次设置", "First steps"),
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


def shell(name: str) -> AnyResponse:
    """Before there is an admin all lead to where the first is made: nobody could pass their sign-in."""
    if name != "setup" and _nobody_yet():
        return redirect("/setup")
    module, zh, en = SHELLS[name]
    return _fresh(render_template("shell.html", module=module, zh=zh, en=en, style=name != "setup"))


def _nobody_yet() -> bool:
    """Asked of the database while a code is out: an admin may come by the command line or another server too."""
    server = current_app.extensions["jiaohao"]
    if server.setup_code is None:
        return False
    with server.store.read() as conn:
        return not has_admin(conn)


def favicon() -> AnyResponse:
    return redirect("/static/icon.svg", 301)


def _fresh(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-cache"
    return response

"""The citizen's phone: the QR code on the paper leads here. Works without JavaScript; nobody signs in."""

from flask import Blueprint, Response, current_app, make_response, render_template, request

from server.contract.problems import ProblemError
from server.contract.tickets import TicketState, Wait
from server.db import Store
from server.services import tickets
from server.web.qr import qr_path

WORDS = {
    TicketState.WAITING: ("请等候叫号", "Please wait to be called"),
    TicketState.CALLED: ("请到 {window} 号窗口", "Please go to window {window}"),
    TicketState.SERVING: ("正在 {window} 号窗口办理", "Being served at window {window}"),
    TicketState.HELD: ("您的号码暂时保留，会再叫您", "On hold; you will be called again"),
    TicketState.FINISHED: ("已办结，感谢您的等候", "Done. Thank you"),
    TicketState.NO_SHOW: ("已过号，请到导办台", "You missed your call; please go to the guide desk"),
    TicketState.CANCELLED: ("此号已取消，需要办理请重新取号", "This ticket was cancelled; take a new one if needed"),
    TicketState.EXPIRED: ("此号已过期，请重新取号", "This ticket has expired; please take a new one"),
}


def make_blueprint() -> Blueprint:
    bp = Blueprint("phone", __name__)
    bp.add_url_rule("/t/<code>", "ticket", my_turn)
    bp.add_url_rule("/t/<code>/qr.svg", "qr", qr)
    return bp


def my_turn(code: str) -> Response:
    """Number, people ahead and where to go. An unknown code gets a page, not a riddle."""
    store: Store = current_app.extensions["jiaohao"].store
    with store.read() as conn:
        try:
            ticket = tickets.public_ticket(conn, code)
        except ProblemError as error:
            return make_response(render_template("ticket.html", ticket=None), error.problem.status)
    zh, en = (words.format(window=ticket.window) for words in WORDS[ticket.state])
    response = make_response(
        render_template("ticket.html", ticket=ticket, zh=zh, en=en, wait=_wait_words(ticket.wait))
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _wait_words(wait: Wait | None) -> tuple[str, str]:
    if wait is None:
        return "暂无法估计等候时间", "The wait cannot be estimated now"
    low, high = wait.low_minutes, wait.high_minutes
    if low == 0:
        return f"预计 {high} 分钟以内叫到您", f"You should be called within {high} min"
    range_ = str(low) if low == high else f"{low}–{high}"
    return f"预计还要等约 {range_} 分钟", f"About {range_} more minutes"


def qr(code: str) -> Response:
    """The code that a phone scans off the guide desk's screen, where no paper is wanted. Leads to where the desk's
    own browser reaches this server."""
    store: Store = current_app.extensions["jiaohao"].store
    with store.read() as conn:
        ticket = tickets.public_ticket(conn, code)
    width, dark = qr_path(f"{request.host_url}t/{ticket.id}", border=2)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/><path d="{dark}"/></svg>'
    )
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})

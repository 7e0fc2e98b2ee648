"""The citizen's phone: the QR code on the paper leads here. Works without JavaScript; nobody signs in.

The link is the key to its ticket: it shows and cancels this one and nothing else, and it expires
(`services.follow.LINK_KEPT`). The paper's own link ends in one key more, which lets its holder rate. Pages say
nothing of staff.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from server.contract.problems import ProblemError
from server.contract.tickets import Ticket, TicketState
from server.services import paper_ratings
from server.services.follow import Followed, cancel_by_phone, follow
from server.web import rating_pages, replies
from server.web.citizens import address, page, refuse_foreign, refuse_in_words, refused, store
from server.web.limits import Limit
from server.web.phone_words import Words
from server.web.qr import qr_path

WRONG_LINKS = (30, timedelta(minutes=1))
"""From one address, and only for a minute: a hall's own wireless network is one address for many, and nobody shall
lose sight of his number because a neighbour plays. With 64 bits to guess, thirty a minute lead nowhere."""
UNSETTLED = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD, TicketState.NO_SHOW}
)
SOON = 20
"""With so many ahead at most, a page looks again sooner."""


def make_blueprint() -> Blueprint:
    bp = Blueprint("phone", __name__)
    refuse_in_words(bp)
    limited = _limited(Limit(*WRONG_LINKS))
    for way, name in (("/t/<code>", ""), ("/t/<code>/<key>", "paper_")):
        bp.add_url_rule(way, f"{name}ticket", limited(my_turn))
        bp.add_url_rule(f"{way}/cancel", f"{name}ask_cancel", limited(my_turn), defaults={"cancelling": True})
        bp.add_url_rule(f"{way}/cancel", f"{name}cancel", limited(cancel), methods=["POST"])
    bp.add_url_rule("/t/<code>/<key>/rate", "ask_rating", limited(ask_rating))
    bp.add_url_rule("/t/<code>/<key>/rate", "rate", limited(rate), methods=["POST"])
    bp.add_url_rule("/t/<code>/<key>/comment", "comment", limited(comment), methods=["POST"])
    bp.add_url_rule("/t/<code>/<key>/reply", "ask_answer", limited(replies.ask_answer))
    bp.add_url_rule("/t/<code>/<key>/reply", "answer", limited(replies.answer), methods=["POST"])
    bp.add_url_rule("/t/<code>/qr.svg", "qr", limited(qr))
    return bp


def _limited(limit: Limit) -> Callable[[Callable[..., AnyResponse]], Callable[..., AnyResponse]]:
    """An address that tries too many wrong links is told nothing for a while, not even of right ones."""

    def limited(show: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
        @wraps(show)
        def shown(**words: str) -> AnyResponse:
            now = store().clock()
            if limit.spent(address(), now):
                return refused(ProblemError("too_many_links"))
            try:
                return show(**words)
            except ProblemError as error:
                if error.problem.code != "ticket_not_found":
                    raise
                limit.allows(address(), now)
                return make_response(page("ticket.html", _words(), seen=None), error.problem.status)

        return shown

    return limited


def my_turn(code: str, key: str = "", cancelling: bool = False, refusal: ProblemError | None = None) -> AnyResponse:
    """Number, people ahead and where to go; on the way to cancelling, the question whether to. With the paper's key,
    after the service, the way to its rating and to the hall's reply, which outlives this page."""
    reply = replies.reply_of(code, key) if key else None
    with store().read() as conn:
        try:
            seen = follow(conn, code, store().clock())
        except ProblemError as gone:
            if gone.problem.code != "link_expired" or reply is None:
                raise
            return redirect(f"{_way(code, key)}/reply?lang={_words().code}", 303)
        may = paper_ratings.rateable(conn, store().key, code, key, store().clock()) if key else None
    asks = cancelling and seen.ticket.state is TicketState.WAITING
    if cancelling and not asks:  # else this address would turn into the question by itself, should she wait again
        return redirect(f"{_way(code, key)}?lang={_words().code}", 303)
    still = "still" in request.args
    every = 0 if asks or refusal else _renews_after(seen)
    return page(
        "ticket.html", _words(), ("still",), seen=seen, ticket=seen.ticket, asks=asks, refusal=refusal,
        still=still, every=every, way=_way(code, key), may=may, reply=reply,
    )  # fmt: skip


def _way(code: str, key: str) -> str:
    return "/".join(filter(None, ("/t", code, key)))


def _renews_after(seen: Followed) -> int:
    """Seconds; 0 when nothing more can happen."""
    if seen.void or seen.ticket.state not in UNSETTLED:
        return 0
    return 15 if _soon(seen.ticket) else 30


def _soon(ticket: Ticket) -> bool:
    return ticket.state is not TicketState.WAITING or ticket.ahead <= SOON


def cancel(code: str, key: str = "") -> AnyResponse:
    """By whoever holds the link. It happens on a second page: a link that is only looked at cancels nothing."""
    try:
        refuse_foreign()
        store().write(lambda tx: cancel_by_phone(tx, code))
    except ProblemError as refusal:
        if refusal.problem.code not in ("not_waiting_any_more", "bad_csrf"):
            raise
        return make_response(my_turn(code, key, refusal=refusal), refusal.problem.status)
    return redirect(f"{_way(code, key)}?lang={_words().code}", 303)


def ask_rating(code: str, key: str) -> AnyResponse:
    return rating_pages.ask(_by_paper(code, key))


def rate(code: str, key: str) -> AnyResponse:
    return rating_pages.rate(_by_paper(code, key))


def comment(code: str, key: str) -> AnyResponse:
    return rating_pages.comment(_by_paper(code, key))


def _by_paper(code: str, key: str) -> rating_pages.Way:
    return rating_pages.Way(
        _way(code, key),
        lambda conn, now: paper_ratings.rateable(conn, store().key, code, key, now),
        lambda conn, now: follow(conn, code, now).ticket,
        lambda tx, opinion: paper_ratings.rate(tx, code, key, opinion),
        lambda tx, text: paper_ratings.comment(tx, code, key, text),
    )


def qr(code: str) -> Response:
    """The code that a phone scans off the guide desk's screen, where no paper is wanted. Leads to where the desk's
    own browser reaches this server."""
    with store().read() as conn:
        ticket = follow(conn, code, store().clock()).ticket
    width, dark = qr_path(f"{request.host_url}t/{ticket.id}", border=2)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/><path d="{dark}"/></svg>'
    )
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def _words() -> Words:
    return Words(request.values.get("lang", ""))

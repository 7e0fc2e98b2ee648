"""/figures: what citizens say of the hall (评价公示), in numbers. For anyone, without JavaScript."""

from flask import Blueprint, Response, request

from server.services import accounts
from server.services.halls import hall_of
from server.services.published import published, published_groups
from server.web.citizens import page, refuse_in_words, store
from server.web.phone_words import FigureWords


def make_blueprint() -> Blueprint:
    bp = Blueprint("figures", __name__)
    refuse_in_words(bp)
    bp.add_url_rule("/figures", "figures", figures)
    return bp


def figures() -> Response:
    with store().read() as conn:
        hall = hall_of(conn, accounts.default_hall(conn))
    w = FigureWords(request.args.get("lang", ""))
    return page("figures.html", w, hall=hall.name, seen=published(hall), weeks=published_groups(hall))

"""/figures: what citizens say of the hall (评价公示), in numbers. For anyone, without JavaScript."""

from flask import Blueprint, Response, request

from server.services import accounts
from server.services.halls import hall_of
from server.services.published import DAYS, published
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
    return page(
        "figures.html", FigureWords(request.args.get("lang", "")), hall=hall.name, days=DAYS, seen=published(hall)
    )

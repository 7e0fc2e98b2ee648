"""/rating-form: the empty paper form (纸质评价表), for a hall to print. It says nothing of anybody."""

from flask import Blueprint, Response
from sqlalchemy import select

from server.domain.rating import GOOD_LEVEL
from server.models import Hall
from server.services import accounts
from server.services.paper_ratings import TAGS
from server.web.citizens import page, refuse_in_words, store
from server.web.phone_words import RatingWords

NUMBER_BOXES = 6
"""As long as numbers get: two letters and four digits."""


def make_blueprint() -> Blueprint:
    bp = Blueprint("rating_form", __name__)
    refuse_in_words(bp)
    bp.add_url_rule("/rating-form", "rating_form", rating_form)
    return bp


def rating_form() -> Response:
    """In Chinese alone, as the reasons are. They are numbered as the page of who enters it numbers them."""
    with store().read() as conn:
        name = conn.execute(select(Hall.name).where(Hall.id == accounts.default_hall(conn))).scalar_one()
    bad = {level: list(TAGS[level].values()) for level in sorted(TAGS, reverse=True) if level < GOOD_LEVEL}
    return page("rating_form.html", RatingWords("zh"), hall=name, reasons=bad, boxes=NUMBER_BOXES)

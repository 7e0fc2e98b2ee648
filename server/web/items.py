"""/items: what the hall does, what to bring and what it costs (办事公开). For anyone, without JavaScript."""

from flask import Blueprint, Response, make_response, request

from server.contract.board import ItemView
from server.domain.item_search import search
from server.services import accounts
from server.services.board import public_items
from server.web.citizens import page, refuse_in_words, store
from server.web.phone_words import ItemWords

LONGEST_WISH = 60


def make_blueprint() -> Blueprint:
    bp = Blueprint("items", __name__)
    refuse_in_words(bp)
    bp.add_url_rule("/items", "listed", listed)
    bp.add_url_rule("/items/<code>", "item", item)
    return bp


def listed() -> Response:
    """All items, or those that `q` means in characters, pinyin or initials."""
    asked = request.args.get("q", "").strip()[:LONGEST_WISH]
    known = _items()
    return page("items.html", _words(), ("q",), asked=asked, known=known, found=search(known, asked))


def item(code: str) -> Response:
    """The ten public fields of one item."""
    found = next((one for one in _items() if one.code == code), None)
    return make_response(page("item.html", _words(), item=found), 200 if found else 404)


def _items() -> tuple[ItemView, ...]:
    with store().read() as conn:
        return public_items(conn, accounts.default_hall(conn))


def _words() -> ItemWords:
    return ItemWords(request.args.get("lang", ""))

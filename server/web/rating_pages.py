"""The page on which a service is rated by words, by whatever way its citizen came: the paper's link, or a booking's.

Server-rendered, works without JavaScript; nobody signs in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from server.contract.problems import ProblemError
from server.contract.ratings import Label
from server.contract.tickets import Ticket
from server.db import Tx
from server.domain.rating import GOOD_LEVEL, LEVELS, LONGEST_TEXT, Opinion
from server.services.paper_ratings import TAGS, Rateable
from server.web.citizens import page, refuse_foreign, store
from server.web.phone_words import RatingWords


@dataclass(frozen=True)
class Way:
    """`path` is the citizen's own address, beneath which `rate` and `comment` lie. The rest does what it says for the
    holder of that address, and raises for everybody else."""

    path: str
    may: Callable[[Connection, datetime], Rateable]
    ticket: Callable[[Connection, datetime], Ticket]
    rate: Callable[[Tx, Opinion], None]
    comment: Callable[[Tx, str], None]


def ask(way: Way, refusal: ProblemError | None = None) -> Response:
    """The five levels; with one chosen, what may be said to it. Nothing is rated before that form is sent."""
    now = store().clock()
    with store().read() as conn:
        may, ticket = way.may(conn, now), way.ticket(conn, now)
    label = _label()
    return page(
        "rate.html", _words(), ("label",), refusal=refusal, may=may, ticket=ticket, way=way.path, labels=LEVELS,
        label=label, tags=TAGS[LEVELS[label]] if label else {}, bad=label is not None and LEVELS[label] < GOOD_LEVEL,
        form=request.form, longest=LONGEST_TEXT,
    )  # fmt: skip


def rate(way: Way) -> AnyResponse:
    """What is refused is asked again with all that was said."""
    label, form = _label(), request.form
    if label is None:
        return _sent(way, lambda tx: None)
    opinion = Opinion(label, tuple(form.getlist("tag")), _text(), "declined" in form)
    return _sent(way, lambda tx: way.rate(tx, opinion))


def comment(way: Way) -> AnyResponse:
    """What is refused is asked again with all that was said."""
    text = _text()
    return _sent(way, lambda tx: way.comment(tx, text))


def _sent(way: Way, work: Callable[[Tx], None]) -> AnyResponse:
    try:
        refuse_foreign()
        store().write(work)
    except ProblemError as refusal:
        return make_response(ask(way, refusal), refusal.problem.status)
    return redirect(f"{way.path}/rate?lang={_words().code}", 303)


def _label() -> Label | None:
    said = request.values.get("label", "")
    return Label(said) if said in list(Label) else None


def _text() -> str:
    """A browser sends line ends as CR LF, whatever was typed."""
    return request.form.get("text", "").replace("\r\n", "\n").strip()


def _words() -> RatingWords:
    return RatingWords(request.values.get("lang", ""))

"""/tablet: the page of a tablet at a window without buttons, and how it is paired.

An admin makes the tablet on the devices page and gets a code; whoever sets it up types the code here, once. The token
that comes of it lives in a cookie that no script reads and is seen by nobody; a restart finds it there.
"""

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from server.contract.problems import ProblemError
from server.services import accounts
from server.web.citizens import address, is_secure, page, refuse_foreign, refuse_in_words, store
from server.web.identity import TABLET_COOKIE, TABLET_SCHEME, tablet_actor
from server.web.limits import Limit
from server.web.tablet_words import Words

WRONG_CODES = (10, timedelta(minutes=1))
"""From one address."""
COOKIE_KEPT = timedelta(days=400)
"""The longest that browsers keep one; it begins anew whenever the page is opened."""


def make_blueprint() -> Blueprint:
    bp = Blueprint("tablet", __name__)
    refuse_in_words(bp)
    limit = Limit(*WRONG_CODES)
    bp.add_url_rule("/tablet", "tablet", show)
    bp.add_url_rule("/tablet", "pair", lambda: pair(limit), methods=["POST"])
    return bp


def show() -> AnyResponse:
    """The rating page where the cookie is a tablet's, else the page that asks for a code."""
    try:
        paired = tablet_actor(store(), request).role == TABLET_SCHEME
    except ProblemError:
        paired = False
    if not paired:
        return page("tablet_pair.html", _words(), known=TABLET_COOKIE in request.cookies)
    response = make_response(render_template("tablet.html"))
    response.headers["Cache-Control"] = "no-store"
    return _keep(response, request.cookies[TABLET_COOKIE])


def pair(limit: Limit) -> AnyResponse:
    """The code becomes the cookie. A wrong one is asked for again."""
    now, code = store().clock(), request.form.get("code", "")
    try:
        refuse_foreign()
        if limit.spent(address(), now):
            raise ProblemError("too_many_pairings")
        token = store().write(lambda tx: accounts.pair_tablet(tx, code))
    except ProblemError as refusal:
        if refusal.problem.code == "bad_pairing_code":
            limit.allows(address(), now)
        asked: Response = page("tablet_pair.html", _words(), known=False, refusal=refusal)
        return make_response(asked, refusal.problem.status)
    return _keep(redirect("/tablet", 303), token)


def _keep(response: AnyResponse, token: str) -> AnyResponse:
    response.set_cookie(
        TABLET_COOKIE, token, max_age=COOKIE_KEPT, httponly=True, samesite="Strict", secure=is_secure()
    )  # fmt: skip
    return response


def _words() -> Words:
    return Words(request.values.get("lang", ""))

"""The hall's reply to a bad rating on the citizen's phone, with the one question whether it satisfies. Works without
JavaScript. `web.phone` lays its addresses, for wrong links of both are counted together."""

from flask import make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from server.contract.problems import ProblemError
from server.domain.rating import LONGEST_TEXT
from server.services import re_ratings
from server.services.re_ratings import Reply
from server.web.citizens import page, refuse_foreign, store
from server.web.reply_words import ReplyWords

CHOICES = {"yes": True, "no": False}


def reply_of(code: str, key: str) -> Reply | None:
    """What the holder of the paper may read; None where there is nothing. Raises ticket_not_found under a wrong
    key."""
    with store().read() as conn:
        return re_ratings.reply_to(conn, store().key, code, key, store().clock())


def ask_answer(code: str, key: str, refusal: ProblemError | None = None) -> AnyResponse:
    """The reply, and the question while nobody has answered it."""
    reply = reply_of(code, key)
    if reply is None:
        raise ProblemError("reply_not_there")
    return page(
        "reply.html", _words(), reply=reply, refusal=refusal, way=f"/t/{code}/{key}", form=request.form,
        longest=LONGEST_TEXT,
    )  # fmt: skip


def answer(code: str, key: str) -> AnyResponse:
    """What is refused is asked again with all that was said."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    try:
        refuse_foreign()
        choice = CHOICES.get(request.form.get("satisfied", ""))
        if choice is None:
            raise ProblemError("choice_wanted")
        store().write(lambda tx: re_ratings.answer(tx, code, key, choice, text))
    except ProblemError as refusal:
        if refusal.problem.code in ("ticket_not_found", "reply_not_there"):
            raise
        return make_response(ask_answer(code, key, refusal), refusal.problem.status)
    return redirect(f"/t/{code}/{key}/reply?lang={_words().code}", 303)


def _words() -> ReplyWords:
    return ReplyWords(request.values.get("lang", ""))

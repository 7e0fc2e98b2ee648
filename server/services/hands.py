"""Through whose hands a service went: whoever called or served its ticket, took it over with its window, sent it on,
put it on hold or finished it, at whichever window.

Its rating is not theirs to enter, and what follows from a bad one not theirs to see or to put right.
"""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, or_

from server.contract.news import NewsKind
from server.models import NewsRow
from server.services.accounts import ROLES

_IN_HAND = (
    NewsKind.TICKET_CALLED, NewsKind.TICKET_SERVING, NewsKind.TICKET_HELD, NewsKind.TICKET_TRANSFERRED,
    NewsKind.TICKET_NO_SHOW, NewsKind.TICKET_FINISHED, NewsKind.WINDOW_CHANGED,
)  # fmt: skip
"""What is told of a ticket by whoever has it in hand; of a window with its ticket, by whoever took both over."""


def went_through(ticket_id: Any, username: Any) -> ColumnElement[bool]:
    """Whether this person had this ticket in hand, by the record of what happened; both may be columns of the query
    that this stands in. A role may have changed since, and a call pad may have been used (`Actor.signature`)."""
    kinds = [kind.value for kind in _IN_HAND]
    names = [literal(f"{role}:").concat(username) for role in ROLES]
    as_signed = [NewsRow.actor == name for name in names]
    by_pad = [_begins(NewsRow.actor, name.concat(" via ")) for name in names]
    return exists().where(NewsRow.ticket_id == ticket_id, NewsRow.kind.in_(kinds), or_(*as_signed, *by_pad))


def _begins(text: Any, start: ColumnElement[str]) -> ColumnElement[bool]:
    """Without LIKE: a user name may hold any of its signs, and the two databases read a backslash differently."""
    return func.substr(text, 1, func.length(start)) == start

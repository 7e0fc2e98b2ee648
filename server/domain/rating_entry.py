"""When somebody may enter what a citizen said by telephone or wrote on a form. Pure."""

from datetime import datetime, timedelta

from server.contract.ratings import Source
from server.domain.rating import Opinion, opinion_problem

ENTER_WITHIN = timedelta(days=30)
"""After the service; later nobody remembers it well enough to be asked."""

ENTERED = (Source.TELEPHONE, Source.PAPER)
MINUTE = timedelta(minutes=1)
"""A time is typed in whole minutes."""


def entry_refusal(served_at: datetime | None, state: str, own: bool, now: datetime) -> str:
    """Why no rating of this service may be entered, as a code, or "".

    `served_at` is None before the service; `state` is its invitation's; `own`: who wants to enter it had a hand in
    it. While the window's own time runs, the rating is the citizen's hand's alone.
    """
    if served_at is None:
        return "not_served_yet"
    if own:
        return "own_service"
    if state == "open":
        return "still_rating"
    if state == "rated":
        return "rated_once"
    return "served_long_ago" if now > served_at + ENTER_WITHIN else ""


def said_refusal(source: Source, called_at: datetime | None, served_at: datetime, now: datetime) -> str:
    """Of the call itself. Only a rating by telephone has a time: between the service and now."""
    if source not in ENTERED:
        return "bad_entry_source"
    if source is Source.PAPER:
        return "call_without_telephone" if called_at else ""
    return "" if called_at and served_at - MINUTE < called_at <= now + MINUTE else "bad_call_time"


def entered_problem(source: Source, opinion: Opinion, known_tags: dict[str, str]) -> str:
    """As `opinion_problem`. Of a paper nobody can be asked again why: what is left blank there stays blank."""
    problem = opinion_problem(opinion, known_tags)
    return "" if problem == "reason_wanted" and source is Source.PAPER else problem

"""Ratings by the QR code on the paper (扫码评价): five levels, tags and words, by whoever holds the paper.

The paper's key (`domain.paper_key`) is the right to rate: once, while the link lives, after the service and before or
after the time of the window's own evaluator. Nobody signs in, and nobody's name is asked.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from sqlalchemy import Connection, select

from server.contract.problems import ProblemError
from server.contract.ratings import Source
from server.db import Record, Tx
from server.domain.paper_key import is_paper_key
from server.domain.rating import Opinion, opinion_problem, text_problem
from server.models import Rating, RatingComment
from server.services import audit, ratings
from server.services.follow import ticket_of_link

TAGS: dict[int, dict[str, str]] = {
    int(level): tags
    for level, tags in json.loads(files("server").joinpath("rating_tags.json").read_text("utf-8")).items()
}
"""Level → code → words: the reasons that the national system knows."""


@dataclass(frozen=True)
class Rateable:
    """What the holder of a paper may do now: `rate` once; after it, `comment` once. Neither before the service. Not
    which level was given: the paper may have passed into other hands."""

    rate: bool
    rated: bool
    comment: bool


def rateable(conn: Connection, secret: bytes, code: str, key: str, now: datetime) -> Rateable:
    """Raises ticket_not_found, also for a wrong key, and link_expired."""
    return rateable_ticket(conn, _ticket(conn, secret, code, key, now))


def rateable_ticket(conn: Connection, ticket_id: int) -> Rateable:
    """As `rateable`, for whoever has shown in another way that the service was theirs."""
    invitation, rating, commented = _found(conn, ticket_id)
    return Rateable(
        invitation is not None and rating is None, rating is not None, rating is not None and not commented
    )


def rate(tx: Tx, code: str, key: str, opinion: Opinion) -> None:
    """Raises as `rateable`; not_served_yet, already_rated, and what `domain.rating.opinion_problem` names."""
    rate_ticket(tx, _ticket(tx.conn, tx.key, code, key, tx.now), opinion, Source.QR)


def rate_ticket(tx: Tx, ticket_id: int, opinion: Opinion, source: Source) -> None:
    """As `rate`, by another way."""
    invitation, rating, _ = _found(tx.conn, ticket_id)
    if invitation is None:
        raise ProblemError("not_served_yet")
    if rating is not None:
        raise ProblemError("already_rated")
    _refuse(opinion_problem(opinion, TAGS[opinion.level]))
    ratings.rate_unpressed(tx, invitation, opinion, source)


def comment(tx: Tx, code: str, key: str, text: str) -> None:
    """Words added to a rating, once. Raises as `rateable`; not_rated_yet, already_commented, comment_empty, and what
    `domain.rating.text_problem` names."""
    comment_ticket(tx, _ticket(tx.conn, tx.key, code, key, tx.now), text)


def comment_ticket(tx: Tx, ticket_id: int, text: str) -> None:
    """As `comment`, by another way."""
    _, rating, commented = _found(tx.conn, ticket_id)
    if rating is None:
        raise ProblemError("not_rated_yet")
    if commented:
        raise ProblemError("already_commented")
    _refuse(text_problem(text) or ("" if text else "comment_empty"))
    made = tx.add(RatingComment, rating_id=rating.id, text=text, at=tx.now)
    audit.record_row(tx, "comment.made", "comment", made)


def _ticket(conn: Connection, secret: bytes, code: str, key: str, now: datetime) -> int:
    if not is_paper_key(secret, code, key):
        raise ProblemError("ticket_not_found")
    return int(ticket_of_link(conn, code, now).id)


def _found(conn: Connection, ticket_id: int) -> tuple[Record | None, Record | None, bool]:
    """The ticket's invitation and rating, None where there is none yet, and whether a comment is there."""
    invitation = ratings.invitation_of(conn, ticket_id)
    if invitation is None:
        return None, None, False
    rating = conn.execute(select(Rating.id).where(Rating.invitation_id == invitation.id)).one_or_none()
    said = select(RatingComment.id).join(Rating).where(Rating.invitation_id == invitation.id)
    return invitation, rating, conn.execute(said).first() is not None


def _refuse(problem: str) -> None:
    if problem:
        raise ProblemError(problem)

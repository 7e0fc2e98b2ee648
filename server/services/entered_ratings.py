"""Ratings that somebody enters for citizens: what was said by telephone (电话回访) or written on a form (纸质评价表).

Every one says who entered it and is sealed so. Nobody enters a rating of a service in which they had a hand.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from server.contract.problems import ProblemError
from server.contract.ratings import Enterable, EnteredRatings, EnteredReport, EnterRating
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.rating import GOOD_LEVEL, LEVELS, Opinion
from server.domain.rating_entry import ENTER_WITHIN, ENTERED, entered_problem, entry_refusal, said_refusal
from server.domain.service_day import hall_time, service_day
from server.models import Account, Rating, UnnumberedForm
from server.services import ratings
from server.services.actors import Actor
from server.services.desk import row_numbered
from server.services.halls import hall_of
from server.services.hands import went_through
from server.services.paper_ratings import TAGS


def enterable(conn: Connection, actor: Actor, day: str, number: str, now: datetime) -> Enterable:
    """The service with this number of a day (YYYY-MM-DD), and whether its rating may be entered. Raises
    ticket_not_found, bad_field."""
    ticket = row_numbered(conn, actor, _plain(number), day, now)
    invitation = ratings.invitation_of(conn, ticket.id)
    refusal = _refusal(conn, actor, ticket, invitation, now)
    said = ProblemError(refusal, number=ticket.number).body() if refusal else {"detail": "", "detail_en": ""}
    served_at = invitation and hall_time(invitation.opened_at, ticket.zone)
    return Enterable(
        ticket.service_day, ticket.number, ticket.item_name or ticket.queue_name,
        invitation.window if invitation else "", served_at, str(said["detail"]), str(said["detail_en"]),
    )  # fmt: skip


def enter_rating(tx: Tx, actor: Actor, body: EnterRating) -> dict[str, Any]:
    """Raises as `enterable`, with what `domain.rating_entry` and `domain.rating` name."""
    ticket = row_numbered(tx.conn, actor, _plain(body.number), body.day.isoformat(), tx.now)
    invitation = ratings.invitation_of(tx.conn, ticket.id)
    refusal = _refusal(tx.conn, actor, ticket, invitation, tx.now)
    if refusal or invitation is None:
        raise ProblemError(refusal, number=ticket.number)
    declined = body.declined and LEVELS[body.label] < GOOD_LEVEL
    opinion = Opinion(body.label, body.tags, body.text.strip(), declined)
    problem = said_refusal(body.source, body.called_at, invitation.opened_at, tx.now)
    problem = problem or entered_problem(body.source, opinion, TAGS[opinion.level])
    if problem:
        raise ProblemError(problem)
    ratings.rate_unpressed(
        tx, invitation, opinion, body.source, entered_by=actor.account_id, said_at=body.called_at
    )  # fmt: skip
    return {}


def count_unnumbered(tx: Tx, actor: Actor, body: WindowCommand) -> dict[str, Any]:
    """A form without a number: counted, for it is of no service and cannot become a rating."""
    tx.add(UnnumberedForm, hall_id=actor.hall_id, entered_by=actor.account_id, at=tx.now)
    return {}


def entered_report(conn: Connection, actor: Actor, now: datetime) -> EnteredReport:
    """Who entered how many, of late."""
    hall, since = hall_of(conn, actor.hall_id), now - ENTER_WITHIN
    forms = select(func.count()).where(UnnumberedForm.hall_id == hall.id, UnnumberedForm.at > since)
    return EnteredReport(
        hall_time(now, hall.zone), service_day(now, hall.zone, hall.rollover_hour), ENTER_WITHIN.days,
        entered_between(conn, hall.id, since, now + timedelta(seconds=1)), conn.execute(forms).scalar_one(),
    )  # fmt: skip


def entered_between(conn: Connection, hall_id: int, since: datetime, until: datetime) -> tuple[EnteredRatings, ...]:
    """By person, of the ratings that were entered from `since` on and before `until`."""
    count = {source: func.sum(case((Rating.source == source.value, 1), else_=0)) for source in ENTERED}
    rows = conn.execute(
        select(Account.username, Account.name, *count.values())
        .join(Rating, and_(Rating.entered_by == Account.id, Rating.at >= since, Rating.at < until))
        .where(Account.hall_id == hall_id)
        .group_by(Account.id, Account.username, Account.name)
        .order_by(Account.username)
    )
    return tuple(EnteredRatings(*row) for row in rows)


def _refusal(conn: Connection, actor: Actor, ticket: Record, invitation: Record | None, now: datetime) -> str:
    if invitation is None:
        return entry_refusal(None, "", False, now)
    own = conn.execute(select(went_through(ticket.id, actor.name))).scalar_one()
    return entry_refusal(invitation.opened_at, invitation.state, own, now)


def _plain(number: str) -> str:
    """As somebody types it: full-width signs too."""
    return unicodedata.normalize("NFKC", number)

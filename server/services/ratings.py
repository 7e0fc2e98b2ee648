"""Rating invitations and what comes of them. Only the citizen's own press makes a rating."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from server.contract.news import NewsKind
from server.contract.problems import ProblemError
from server.contract.ratings import RatingAnswer, Source, SubmitRating
from server.db import Record, Tx
from server.domain.rating import GOOD_LEVEL, LEVELS, Opinion, may_change, refusal
from server.models import Hall, Invitation, Rating, StrayPress, TicketRow, Window
from server.services import audit, outbox, rectifications
from server.services.actors import Actor, system
from server.services.events import tell
from server.statement import Statement


def invite(tx: Tx, actor: Actor, window: Record, ticket: Record) -> None:
    """Open the ticket's one invitation; a ticket finished a second time gets no second one."""
    close_window(tx, window.id)
    if ticket.rating_state != "not_invited":
        return
    seconds = tx.conn.execute(select(Hall.invitation_seconds).where(Hall.id == actor.hall_id)).scalar_one()
    number = tx.add(
        Invitation,
        hall_id=actor.hall_id, ticket_id=ticket.id, window_id=window.id, staff_id=actor.account_id,
        item_id=ticket.item_id, opened_at=tx.now, expires_at=tx.now + timedelta(seconds=seconds), state="open",
    )  # fmt: skip
    audit.record_row(tx, "service.done", "service", number)
    tx.change(TicketRow, ticket.id, rating_state="invited")
    data = {"window": window.no, "number": ticket.number, "invitation": number}
    tell(tx, actor, NewsKind.INVITATION_OPENED, data, ticket_id=ticket.id, window_id=window.id)


def submit_rating(tx: Tx, actor: Actor, body: SubmitRating) -> RatingAnswer:
    """One press. With no open invitation it is kept as a stray press and makes no rating."""
    if actor.window_id is None:
        raise ProblemError("forbidden")
    invitation = _latest(tx, actor.window_id, "open")
    if invitation is not None and body.invitation not in (None, invitation.id):
        invitation = None  # meant an earlier one: nobody else's rating may come of it
    last = None if invitation else _latest(tx, actor.window_id, "rated", "unrated")
    no = refusal(invitation.expires_at if invitation else None, last.state if last else None, tx.now)
    if invitation is not None and not no:
        _rate(tx, actor, body, invitation)
    elif last is None or not _change(tx, actor, body, last):
        _keep_stray(tx, actor, body, no)
        return RatingAnswer(False, no)
    return RatingAnswer(True)


def _rate(tx: Tx, actor: Actor, body: SubmitRating, invitation: Record) -> None:
    rating = tx.add(
        Rating,
        invitation_id=invitation.id, level=LEVELS[body.label], label=body.label.value, raw_key=body.raw_key,
        source=_source(actor).value, device_id=actor.device_id, at=tx.now,
    )  # fmt: skip
    _made(tx, rating, LEVELS[body.label])
    _close(tx, invitation, "rated")


def _source(actor: Actor) -> Source:
    return Source.TABLET if actor.role == "tablet" else Source.EVALUATOR


def _made(tx: Tx, rating: int, level: int) -> None:
    """Seal a new rating, and put it out for the province; a bad one opens its rectification in this same commit."""
    audit.record_row(tx, "rating.made", "rating", rating)
    outbox.rated(tx, rating)
    if level < GOOD_LEVEL:
        rectifications.follow_rating(tx, rating)


def invitation_of(conn: Connection, ticket_id: int) -> Record | None:
    """The invitation of a ticket, with its window's number; None before the service."""
    return conn.execute(_INVITATIONS.where(Invitation.ticket_id == ticket_id)).one_or_none()


def rate_unpressed(
    tx: Tx, invitation: Record, opinion: Opinion, source: Source, raw_key: str = "", *,
    entered_by: int | None = None, said_at: datetime | None = None,
) -> None:  # fmt: skip
    """A rating by words and not by a device, of a service that has none; also after the evaluator's time. Windows
    hear of it only when it ends an open invitation, as anything else does. `raw_key` is what was sent, in hex;
    `entered_by`, `said_at`: see `Rating`."""
    rating = tx.add(
        Rating,
        invitation_id=invitation.id, level=opinion.level, label=opinion.label.value, source=source.value,
        raw_key=raw_key, device_id=None, tags=list(opinion.tags), text=opinion.text,
        reason_declined=opinion.reason_declined, at=tx.now, entered_by=entered_by, said_at=said_at,
    )  # fmt: skip
    _made(tx, rating, opinion.level)
    if invitation.state == "open":
        _close(tx, invitation, "rated")
    else:
        _set_state(tx, invitation, "rated")


def _change(tx: Tx, actor: Actor, body: SubmitRating, last: Record) -> bool:
    """Whether this press is the one of a moment ago thought better of: at the same device, for the same service. The
    audit chain keeps both."""
    if body.invitation not in (None, last.id):
        return False
    rating = tx.conn.execute(select(Rating).where(Rating.invitation_id == last.id)).one_or_none()
    seconds = tx.conn.execute(select(Hall.change_seconds).where(Hall.id == actor.hall_id)).scalar_one()
    if rating is None or rating.device_id != actor.device_id or not may_change(rating.at, seconds, tx.now):
        return False
    tx.change(
        Rating, rating.id, level=LEVELS[body.label], label=body.label.value, raw_key=body.raw_key, tags=[],
        reason_declined=False,  # reasons belong to the level that they were given for
    )  # fmt: skip
    audit.record_row(tx, "rating.changed", "rating", rating.id)
    rectifications.follow_rating(tx, rating.id)
    return True


def close_window(tx: Tx, window_id: int) -> None:
    """End the window's open invitation, if any, as unrated: 未评价 stays 未评价."""
    invitation = _latest(tx, window_id, "open")
    if invitation is not None:
        _close(tx, invitation, "unrated")


def close_due(tx: Tx) -> None:
    """End every invitation whose time is over. Called by the timer."""
    due = _INVITATIONS.where(Invitation.state == "open", Invitation.expires_at < tx.now)
    for invitation in tx.conn.execute(due).all():
        _close(tx, invitation, "unrated")


_INVITATIONS = (
    select(*Invitation.__table__.columns, Window.no.label("window"), TicketRow.number)
    .join(Window, Window.id == Invitation.window_id)
    .join(TicketRow, TicketRow.id == Invitation.ticket_id)
)


_LATEST = Statement(
    _INVITATIONS.where(Invitation.window_id == bindparam("window_id"), Invitation.state == bindparam("state"))
    .order_by(Invitation.id.desc())
    .limit(1)
)
"""One state at a time: along the index, however many there were."""


def _latest(tx: Tx, window_id: int, *states: str) -> Record | None:
    found = [_LATEST.one_or_none(tx.conn, window_id=window_id, state=state) for state in states]
    return max((row for row in found if row is not None), key=lambda row: row.id, default=None)


def _close(tx: Tx, invitation: Record, how: str) -> None:
    """In nobody's name: by whose hand an invitation ended would tell whether somebody rated."""
    tx.change(Invitation, invitation.id, closed_at=tx.now)
    _set_state(tx, invitation, how)
    data = {"window": invitation.window, "number": invitation.number, "invitation": invitation.id}
    tell(
        tx, system(invitation.hall_id), NewsKind.INVITATION_CLOSED, data,
        ticket_id=invitation.ticket_id, window_id=invitation.window_id,
    )  # fmt: skip


def _set_state(tx: Tx, invitation: Record, how: str) -> None:
    tx.change(Invitation, invitation.id, state=how)
    tx.change(TicketRow, invitation.ticket_id, rating_state=how)


def _keep_stray(tx: Tx, actor: Actor, body: SubmitRating, reason: str) -> None:
    press = tx.add(
        StrayPress,
        hall_id=actor.hall_id, window_id=actor.window_id, device_id=actor.device_id, label=body.label.value,
        raw_key=body.raw_key, reason=reason, at=tx.now,
    )  # fmt: skip
    audit.record_row(tx, "press.ignored", "press", press)
    no = tx.conn.execute(select(Window.no).where(Window.id == actor.window_id)).scalar_one()
    tell(tx, actor, NewsKind.PRESS_IGNORED, {"window": no, "reason": reason}, window_id=actor.window_id)

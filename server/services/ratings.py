"""Rating invitations and what comes of them. Only the citizen's own press makes a rating."""

from datetime import timedelta

from sqlalchemy import bindparam, select

from server.contract.news import NewsKind
from server.contract.problems import ProblemError
from server.contract.ratings import RatingAnswer, SubmitRating
from server.db import Record, Tx
from server.domain.rating import EVALUATOR_CHANNEL, LEVELS, refusal
from server.models import Hall, Invitation, Rating, StrayPress, TicketRow, Window
from server.services.actors import Actor, system
from server.services.events import tell
from server.statement import Statement


def invite(tx: Tx, actor: Actor, window: Record, ticket: Record) -> None:
    """Open the ticket's one invitation; a ticket finished a second time gets no second one."""
    close_window(tx, actor, window.id)
    if ticket.rating_state != "not_invited":
        return
    seconds = tx.conn.execute(select(Hall.invitation_seconds).where(Hall.id == actor.hall_id)).scalar_one()
    number = tx.add(
        Invitation,
        hall_id=actor.hall_id, ticket_id=ticket.id, window_id=window.id, staff_id=actor.account_id,
        item_id=ticket.item_id, opened_at=tx.now, expires_at=tx.now + timedelta(seconds=seconds), state="open",
    )  # fmt: skip
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
    if invitation is None or no:
        _keep_stray(tx, actor, body, no)
        return RatingAnswer(False, no)
    tx.add(
        Rating,
        invitation_id=invitation.id, level=LEVELS[body.label], label=body.label.value, raw_key=body.raw_key,
        channel=EVALUATOR_CHANNEL, device_id=actor.device_id, at=tx.now,
    )  # fmt: skip
    _close(tx, actor, invitation, "rated")
    return RatingAnswer(True)


def close_window(tx: Tx, actor: Actor, window_id: int) -> None:
    """End the window's open invitation, if any, as unrated: 未评价 stays 未评价."""
    invitation = _latest(tx, window_id, "open")
    if invitation is not None:
        _close(tx, actor, invitation, "unrated")


def close_due(tx: Tx) -> None:
    """End every invitation whose time is over. Called by the timer."""
    due = _INVITATIONS.where(Invitation.state == "open", Invitation.expires_at < tx.now)
    for invitation in tx.conn.execute(due).all():
        _close(tx, system(invitation.hall_id), invitation, "unrated")


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


def _close(tx: Tx, actor: Actor, invitation: Record, how: str) -> None:
    tx.change(Invitation, invitation.id, state=how, closed_at=tx.now)
    tx.change(TicketRow, invitation.ticket_id, rating_state=how)
    data = {
        "window": invitation.window, "number": invitation.number, "invitation": invitation.id, "how": how,
    }  # fmt: skip
    tell(
        tx, actor, NewsKind.INVITATION_CLOSED, data,
        ticket_id=invitation.ticket_id, window_id=invitation.window_id,
    )  # fmt: skip


def _keep_stray(tx: Tx, actor: Actor, body: SubmitRating, reason: str) -> None:
    tx.add(
        StrayPress,
        hall_id=actor.hall_id, window_id=actor.window_id, device_id=actor.device_id, label=body.label.value,
        raw_key=body.raw_key, reason=reason, at=tx.now,
    )  # fmt: skip
    no = tx.conn.execute(select(Window.no).where(Window.id == actor.window_id)).scalar_one()
    tell(tx, actor, NewsKind.PRESS_IGNORED, {"window": no, "reason": reason}, window_id=actor.window_id)

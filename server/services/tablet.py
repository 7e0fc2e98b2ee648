"""What the tablet at a window shows (平板评价), and the reasons that may follow a press on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.board import StaffCard
from server.contract.problems import ProblemError
from server.contract.ratings import GiveReasons, Label, Tablet
from server.contract.windows import WindowState
from server.db import Record, Tx
from server.domain.rating import GOOD_LEVEL, REASONS_WITHIN, Opinion, opinion_problem
from server.models import Account, Hall, Invitation, Rating, StaffPhoto, TicketRow, Window
from server.services import audit
from server.services.actors import Actor
from server.services.paper_ratings import TAGS
from server.statement import Statement

_SHOWN = Statement(
    select(
        Hall.name.label("hall"), Hall.change_seconds, Window.no, Window.name, Window.state, Account.active,
        Account.card_name, Account.staff_no, Account.position, Account.badges, StaffPhoto.digest.label("photo"),
        Invitation.id.label("invitation"), Invitation.expires_at, TicketRow.number,
    )
    .select_from(Window)
    .join(Hall, Hall.id == Window.hall_id)
    .outerjoin(Account, Account.id == Window.staff_id)
    .outerjoin(StaffPhoto, StaffPhoto.account_id == Account.id)
    .outerjoin(Invitation, (Invitation.window_id == Window.id) & (Invitation.state == "open"))
    .outerjoin(TicketRow, TicketRow.id == Invitation.ticket_id)
    .where(Window.id == bindparam("window_id"))
)  # fmt: skip


def tablet_view(conn: Connection, actor: Actor, now: datetime) -> Tablet:
    """Of the window that the tablet's token is bound to. An invitation whose time is over is none."""
    row = _SHOWN.one(conn, window_id=actor.window_id)
    open_now = row.invitation is not None and now <= row.expires_at
    return Tablet(
        row.hall, row.no, row.name, WindowState(row.state), _card(row), row.invitation if open_now else None,
        row.number if open_now else "", int((row.expires_at - now).total_seconds()) if open_now else 0,
        row.change_seconds,
    )  # fmt: skip


def _card(row: Record) -> StaffCard | None:
    """As the walls have it."""
    if not row.active or not (row.card_name or row.staff_no):
        return None
    return StaffCard(row.no, row.card_name, row.staff_no, row.position, tuple(row.badges), row.photo or "")


def give_reasons(tx: Tx, actor: Actor, body: GiveReasons) -> dict[str, Any]:
    """Why, once, after a press on this very tablet. Raises too_late_for_reasons, and what `domain.rating` names."""
    rating = tx.conn.execute(
        select(Rating)
        .join(Invitation, Invitation.id == Rating.invitation_id)
        .where(Invitation.id == body.invitation, Rating.device_id == actor.device_id)
    ).one_or_none()
    if rating is None or rating.tags or rating.reason_declined or tx.now > rating.at + REASONS_WITHIN:
        raise ProblemError("too_late_for_reasons")
    declined = body.declined and rating.level < GOOD_LEVEL
    problem = opinion_problem(Opinion(Label(rating.label), body.tags, reason_declined=declined), TAGS[rating.level])
    if problem:
        raise ProblemError(problem)
    tx.change(Rating, rating.id, tags=list(body.tags), reason_declined=declined)
    audit.record_row(tx, "rating.reasoned", "rating", rating.id)
    return {}

"""Cases of bad ratings as rows, and what the domain's table asks of one.

Whoever served the citizen sees no trace of the case, also as a supervisor: to them it is not found.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from server.contract.problems import ProblemError
from server.db import Record
from server.domain.rectification import Facts, Limits
from server.domain.work_calendar import local_day
from server.models import (
    Account,
    AppointmentRow,
    Hall,
    Invitation,
    Queue,
    Rating,
    RatingComment,
    RectificationRow,
    ServiceItem,
    TicketRow,
    Window,
)
from server.services.actors import Actor
from server.services.hands import went_through

CASES: Select[Any] = (
    select(
        *RectificationRow.__table__.columns, Hall.zone, Invitation.ticket_id, Rating.level, Rating.tags, Rating.text,
        Rating.reason_declined, RatingComment.text.label("comment"), TicketRow.number.label("ticket"),
        TicketRow.code, Window.no.label("window"), ServiceItem.name.label("item_name"),
        Queue.name.label("queue_name"), AppointmentRow.phone_masked, Account.username, Account.name,
    )
    .join(Hall, Hall.id == RectificationRow.hall_id)
    .join(Rating, Rating.id == RectificationRow.rating_id)
    .join(Invitation, Invitation.id == Rating.invitation_id)
    .join(TicketRow, TicketRow.id == Invitation.ticket_id)
    .join(Window, Window.id == Invitation.window_id)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .outerjoin(RatingComment, RatingComment.rating_id == Rating.id)
    .outerjoin(ServiceItem, ServiceItem.id == Invitation.item_id)
    .outerjoin(AppointmentRow, AppointmentRow.ticket_id == TicketRow.id)
    .outerjoin(Account, Account.id == RectificationRow.owner_id)
)  # fmt: skip


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Of `CASES`: those of this hall whose service was not this person's own."""
    return (RectificationRow.hall_id == actor.hall_id) & ~went_through(TicketRow.id, actor.name)


def case_of(conn: Connection, actor: Actor, number: str) -> Record:
    """Raises rectification_not_found."""
    row: Record | None = conn.execute(CASES.where(seen_by(actor), RectificationRow.number == number)).one_or_none()
    if row is None:
        raise ProblemError("rectification_not_found", number=number)
    return row


def facts(row: Record, now: datetime, account_id: int | None = None) -> Facts:
    """Of a row of `CASES`, as `account_id` would act."""
    return Facts(
        tries=row.tries, answered=row.answered, appealed=row.appealed_by is not None,
        asked_by_me=account_id is not None and row.appealed_by == account_id,
        overdue=row.due is not None and row.due < local_day(row.zone, now), outcome=row.outcome,
    )  # fmt: skip


def limits(hall: Record) -> Limits:
    return Limits(hall.rectify_contact_days, hall.rectify_simple_days, hall.rectify_complex_days)

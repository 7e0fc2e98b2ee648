"""The guide desk: what it has before it, finding a ticket by its number, and lanes put right."""

import re
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, update

from server.contract.desk import ChangeLane, Desk
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import Lane, Ticket, TicketState
from server.db import Record, Tx
from server.domain.service_day import service_day
from server.models import TicketRow
from server.services.actors import Actor
from server.services.alarms import printer_alarms
from server.services.days import day_named
from server.services.events import tell
from server.services.halls import hall_of
from server.services.papers import printers
from server.services.tickets import TICKETS, news_data, row_by_code, row_by_id, view

LISTED = 50
"""Most no-shows on the page."""

_NO_SHOWS = (
    TICKETS.where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state == TicketState.NO_SHOW.value,
        TicketRow.service_day == bindparam("day"),
    )
    .order_by(TicketRow.called_at.desc(), TicketRow.id.desc())
    .limit(LISTED)
)
_NUMBERED = TICKETS.where(
    TicketRow.hall_id == bindparam("hall_id"),
    TicketRow.service_day == bindparam("day"),
    TicketRow.series == bindparam("series"),
    TicketRow.n == bindparam("n"),
)
_PUT_RIGHT = (
    update(TicketRow)
    .where(TicketRow.id == bindparam("ticket_id"), TicketRow.state == TicketState.WAITING.value)
    .values(lane=bindparam("to_lane"), lane_reason=bindparam("reason"))
)
_NUMBER = re.compile(r"([A-Z]{1,2})0*([0-9]{1,7})")


def overview(conn: Connection, actor: Actor, now: datetime) -> Desk:
    """Today's no-shows, the hall's ticket printers, and those that want a hand."""
    rows = conn.execute(_NO_SHOWS, {"hall_id": actor.hall_id, "day": _today(conn, actor, now)})
    return Desk(
        tuple(view(conn, row, 0) for row in rows),
        printers(conn, actor.hall_id, now),
        tuple(printer_alarms(conn, actor.hall_id)),
        hall_of(conn, actor.hall_id).sms_on,
    )


def _today(conn: Connection, actor: Actor, now: datetime) -> date:
    hall = hall_of(conn, actor.hall_id)
    return service_day(now, hall.zone, hall.rollover_hour)


def numbered(conn: Connection, actor: Actor, number: str, day: str, now: datetime) -> Ticket:
    """The ticket with this number, of today or of the day given as 2026-03-02. Raises ticket_not_found, or bad_field
    for a day that is none."""
    return view(conn, row_numbered(conn, actor, number, day, now))


def row_numbered(conn: Connection, actor: Actor, number: str, day: str, now: datetime) -> Record:
    """As `numbered`, as a row of `TICKETS`."""
    written = _NUMBER.fullmatch(number.strip().upper())
    if written is None:
        raise ProblemError("ticket_not_found")
    wanted = {"day": day_named(day) if day else _today(conn, actor, now), "series": written[1], "n": int(written[2])}
    row: Record | None = conn.execute(_NUMBERED, {"hall_id": actor.hall_id, **wanted}).one_or_none()
    if row is None:
        raise ProblemError("ticket_not_found")
    return row


def change_lane(tx: Tx, actor: Actor, body: ChangeLane, ticket: str) -> Ticket:
    """A waiting ticket's lane put right; it keeps its place by arrival. Raises wrong_state, or bad_field."""
    reason = body.reason.strip()
    if not reason:
        raise bad_field("reason", "must not be empty", "不能为空，请选择或填写原因", "原因")
    if body.lane is Lane.APPOINTMENT:
        raise bad_field(
            "lane", "must be normal, priority or express: appointments are booked", "不能改为预约通道", "通道"
        )
    row = row_by_code(tx.conn, actor, ticket)
    found = {"ticket_id": row.id, "to_lane": body.lane.value, "reason": reason}
    if tx.conn.execute(_PUT_RIGHT, found).rowcount != 1:
        raise ProblemError("wrong_state", number=row.number)
    data = {**news_data(row), "lane": body.lane.value, "before": row.lane}
    tell(tx, actor, NewsKind.TICKET_LANE, data, ticket_id=row.id, why=reason)
    return view(tx.conn, row_by_id(tx.conn, row.id))

"""A clerk's own day: what was served, how long it took, and where each ticket went."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, select, type_coerce

from server.contract.tickets import Lane, TicketState
from server.contract.windows import OwnDay, OwnTicket
from server.db import Record
from server.domain.policy import SPECIFIC
from server.domain.service_day import hall_time, service_day
from server.models import Queue, ServiceItem, TicketRow
from server.services.actors import Actor
from server.services.halls import hall_of

LISTED = 100
"""Most tickets of a day that are listed; the figures are of all of them."""

_STATES = [state.value for state in TicketState]
_SERVICE_US = type_coerce(TicketRow.finished_at, BigInteger) - type_coerce(TicketRow.begun_at, BigInteger)


def _today(states: list[str]) -> Any:
    """All states are named, for the index by day begins with them: the cost is that of one day, however long ago
    the hall was opened."""
    return (
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state.in_(states),
        TicketRow.service_day == bindparam("day"),
        TicketRow.staff_id == bindparam("staff_id"),
    )


_FIGURES = select(func.count().label("served"), func.avg(_SERVICE_US).label("average_us")).where(
    *_today([TicketState.FINISHED.value])
)
_TICKETS = (
    select(
        *TicketRow.__table__.columns, Queue.name.label("queue_name"), Queue.name_en,
        ServiceItem.name.label("item_name")
    )
    .join(Queue, Queue.id == TicketRow.queue_id)
    .outerjoin(ServiceItem, ServiceItem.id == TicketRow.item_id)
    .where(*_today(_STATES), TicketRow.called_at.is_not(None))
    .order_by(TicketRow.called_at.desc(), TicketRow.id.desc())
    .limit(LISTED)
)  # fmt: skip


def own_day(conn: Connection, actor: Actor, now: datetime) -> OwnDay:
    """The day of the person who asks, on the hall's service day at `now`."""
    hall = hall_of(conn, actor.hall_id)
    day = service_day(now, hall.zone, hall.rollover_hour)
    mine = {"hall_id": actor.hall_id, "day": day, "staff_id": actor.account_id}
    figures = conn.execute(_FIGURES, mine).one()
    average_s = None if figures.average_us is None else round(float(figures.average_us) / 1e6)
    rows = conn.execute(_TICKETS, mine)
    return OwnDay(day, figures.served, average_s, tuple(_ticket(row, hall.zone) for row in rows))


def _ticket(row: Record, zone: str) -> OwnTicket:
    def at(moment: datetime | None) -> datetime | None:
        return moment and hall_time(moment, zone)

    return OwnTicket(
        id=row.code, number=row.number, queue_name=row.queue_name, queue_name_en=row.name_en,
        item_name=row.item_name or "",
        lane=Lane(row.lane), state=TicketState(row.state), called_at=hall_time(row.called_at, zone),
        begun_at=at(row.begun_at), finished_at=at(row.finished_at), outcome=row.outcome,
        out_of_order=row.call_rule == SPECIFIC,
    )  # fmt: skip

"""The rating figures that the hall publishes (评价公示), for walls and phones.

They are of whole service days and counted once, when a day is over: figures that moved with each press would tell a
clerk who rated what.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select

from server.contract.board import RatingFigures
from server.contract.news import NewsKind
from server.db import Record, Tx
from server.domain.rating import GOOD_LEVEL, figures
from server.domain.service_day import service_day
from server.models import Hall, Invitation, Rating, TicketRow
from server.services import audit
from server.services.actors import system
from server.services.events import tell

DAYS = 30

_COUNTS = (
    select(
        func.count().label("asked"),
        func.count(Rating.id).label("rated"),
        func.count(case((Rating.level >= GOOD_LEVEL, 1))).label("good"),
    )
    .select_from(TicketRow)
    .join(Invitation, Invitation.ticket_id == TicketRow.id)
    .outerjoin(Rating, Rating.invitation_id == Invitation.id)
    .where(Invitation.state != "open")
)


def publish(tx: Tx) -> None:
    """Count anew for each hall whose service day has turned. Called by the timer."""
    for hall in tx.conn.execute(select(Hall)).all():
        last = service_day(tx.now, hall.zone, hall.rollover_hour) - timedelta(days=1)
        if hall.published.get("to_day") != last.isoformat():
            _publish(tx, hall, last)


def _publish(tx: Tx, hall: Record, last: date) -> None:
    first = last - timedelta(days=DAYS - 1)
    mine = _COUNTS.where(TicketRow.hall_id == hall.id, TicketRow.service_day.between(first, last))
    counts = tx.conn.execute(mine).one()._asdict()
    now = {"from_day": first.isoformat(), "to_day": last.isoformat(), **counts}
    tx.change(Hall, hall.id, published=now)
    audit.record_row(tx, "figures.published", "figures", hall.id)
    if _figures(now) != _figures(hall.published):
        tell(tx, system(hall.id), NewsKind.HALL_CHANGED, {}, why="rating figures")


def published(hall: Record) -> RatingFigures | None:
    """What a hall publishes now; None while too few have rated."""
    return _figures(hall.published)


def _figures(counts: dict[str, Any]) -> RatingFigures | None:
    if not counts:
        return None
    first, last = (date.fromisoformat(counts[name]) for name in ("from_day", "to_day"))
    return figures(first, last, counts["asked"], counts["rated"], counts["good"])

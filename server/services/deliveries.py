"""Rows of the outbox on their way: one is taken, sent by somebody else, and what came of it is noted.

A row that is taken is due again only when its lease is over; so two servers never send it at the same time, and what
a killed server had in hand is sent once more. The order of a case is kept: a service waits for every earlier one.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update
from sqlalchemy.orm import aliased

from server.db import Record, Tx
from server.domain.service_day import hall_time
from server.domain.upload import CHANNELS, LONGEST_S, RatingRecord
from server.models import Hall, Invitation, Rating, ServiceItem, TicketRow, Upload

LEASE = timedelta(minutes=2)
"""Longer than any request may take (`server.upload`)."""
MAX_REASON = 300

_earlier = aliased(Upload)
_NEXT = (
    select(Upload.id, Upload.rating_id, Upload.project_no, Upload.service_number, Upload.attempts, Hall.code)
    .join(Hall, Hall.id == Upload.hall_id)
    .where(
        Upload.state == "waiting",
        Upload.due_at <= bindparam("now"),
        Hall.upload_code != "",
        Hall.code.in_(bindparam("halls", expanding=True)),
        ~exists().where(
            _earlier.project_no == Upload.project_no,
            _earlier.service_number < Upload.service_number,
            _earlier.state != "sent",
        ),
    )
    .limit(1)
)
_IN_TURN = _NEXT.order_by(Upload.due_at, Upload.id)
_UNTRIED_FIRST = _NEXT.order_by(Upload.attempts, Upload.due_at, Upload.id)
_RATINGS = (
    select(
        Rating.level, Rating.source, Rating.tags, Rating.text, Rating.at, Rating.said_at, Hall.zone,
        ServiceItem.name, ServiceItem.task_code, ServiceItem.task_handle_item, ServiceItem.public,
    )
    .join(Invitation, Invitation.id == Rating.invitation_id)
    .join(TicketRow, TicketRow.id == Invitation.ticket_id)
    .join(Hall, Hall.id == Invitation.hall_id)
    .outerjoin(ServiceItem, ServiceItem.id == Invitation.item_id)
)  # fmt: skip


def take(tx: Tx, holder: str, halls: Collection[str], feeling_the_way: bool = False) -> Record | None:
    """The next row of these halls (our codes) that is due, leased to `holder`; None when nothing is.
    `feeling_the_way`: after faults it is one that was tried least, so that rows which the province never takes do not
    stand before all others."""
    due = _UNTRIED_FIRST if feeling_the_way else _IN_TURN
    row: Record | None = tx.conn.execute(due, {"now": tx.now, "halls": list(halls)}).one_or_none()
    if row is not None:
        tx.change(Upload, row.id, holder=holder, due_at=tx.now + LEASE)
    return row


def pull_in(tx: Tx) -> None:
    """No row waits longer than the longest wait there is: the clock was set back while it did."""
    latest = tx.now + timedelta(seconds=LONGEST_S)
    late = update(Upload).where(Upload.state == "waiting", Upload.due_at > latest)
    tx.conn.execute(late.values(due_at=latest))


def release(tx: Tx, holder: str) -> None:
    """What `holder` had in hand when it was killed is due at once."""
    held = update(Upload).where(Upload.state == "waiting", Upload.holder == holder)
    tx.conn.execute(held.values(holder="", due_at=tx.now))


def record_of(conn: Connection, row: Record, pro_depart: str, dept_code: str, data_source: str) -> RatingRecord:
    """The rating of a taken row as it is now."""
    rating = conn.execute(_RATINGS.where(Rating.id == row.rating_id)).one()
    return RatingRecord(
        project_no=row.project_no, service_number=row.service_number,
        task_code=rating.task_code or "", task_handle_item=rating.task_handle_item or "", task_name=rating.name or "",
        pf=CHANNELS[rating.source], satisfaction=rating.level, eval_detail=tuple(rating.tags),
        writing_evaluation=rating.text, assess_time=hall_time(rating.said_at or rating.at, rating.zone),
        pro_depart=pro_depart, dept_code=dept_code, promisetime=(rating.public or {}).get("promise", ""),
        data_source=data_source,
    )  # fmt: skip


def arrived(tx: Tx, row: Record, holder: str) -> None:
    _note(tx, row, holder, state="sent", ended_at=tx.now, reason="")


def refused(tx: Tx, row: Record, holder: str, reason: str) -> None:
    """A dead letter: the province will not take this record as it is. `reason` is its own sentence."""
    _note(tx, row, holder, state="dead", ended_at=tx.now, reason=reason[:MAX_REASON])


def faltered(tx: Tx, row: Record, holder: str, reason: str, wait_s: float) -> None:
    """Once more after so many seconds."""
    _note(tx, row, holder, due_at=tx.now + timedelta(seconds=wait_s), reason=reason[:MAX_REASON])


def _note(tx: Tx, row: Record, holder: str, **values: Any) -> None:
    """Unless the lease was over and another has the row now, or has sent it."""
    mine = update(Upload).where(Upload.id == row.id, Upload.state == "waiting", Upload.holder == holder)
    tx.conn.execute(mine.values(holder="", attempts=Upload.attempts + 1, **values))

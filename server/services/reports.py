"""What supervisors look into afterwards."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from server.contract.problems import bad_field
from server.db import Record
from server.domain.policy import SPECIFIC
from server.domain.service_day import hall_time, service_day
from server.domain.story import in_both
from server.models import Account, CallRow, TicketRow, Window
from server.services.actors import Actor
from server.services.halls import hall_of


def out_of_order(conn: Connection, actor: Actor, day: str | None, now: datetime) -> dict[str, Any]:
    """Every 特呼 of a service day ("2026-03-02"; today without it), newest last: who, when, where, which number, why,
    and how many were passed over. A call that was undone is in it and says so. Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    of = day_asked(hall, day, now)
    rows = conn.execute(
        select(CallRow, TicketRow.number, Window.no.label("window"), Account.username, Account.name)
        .join(TicketRow, TicketRow.id == CallRow.ticket_id)
        .join(Window, Window.id == CallRow.window_id)
        .outerjoin(Account, Account.id == CallRow.staff_id)
        .where(CallRow.hall_id == hall.id, CallRow.service_day == of, CallRow.rule == SPECIFIC)
        .order_by(CallRow.seq)
    )
    return {"day": of, "calls": [_line(row, hall.zone) for row in rows]}


def _line(row: Record, zone: str) -> dict[str, Any]:
    reason, reason_en = in_both(row.reason)
    return {
        "at": hall_time(row.at, zone), "number": row.number, "lane": row.lane, "window": row.window,
        "username": row.username or "", "name": row.name or "", "reason": reason, "reason_en": reason_en,
        "passed_over": row.passed_over, "undone": row.undone,
    }  # fmt: skip


def day_asked(hall: Record, day: str | None, now: datetime) -> date:
    """The service day that `day` names, today without it. Raises bad_field."""
    if day is None:
        return service_day(now, hall.zone, hall.rollover_hour)
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise bad_field("day", "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD", "日期") from None

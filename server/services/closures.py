"""Bookings that the hall cannot keep: a holiday was entered, or hours were shortened, after they were made.

Nothing of this is stored. What an admin takes back is as if it had never been, until the clock has
settled the booking.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.appointments import AppointmentState, Mode
from server.db import Record
from server.domain.hours_words import Words
from server.domain.service_day import hall_time
from server.domain.work_calendar import Calendar, DayKind, local_day, sessions_on, within_one
from server.models import AppointmentRow
from server.services.halls import hall_of
from server.services.hours import binding, calendar_of

NO_SESSION: Words = "当天大厅不开放", "The hall is closed that day"
NOT_THEN: Words = "这个时间大厅不开放", "The hall is closed at that time"

_AHEAD = (
    select(AppointmentRow.id, AppointmentRow.mode, AppointmentRow.starts_at, AppointmentRow.ends_at)
    .where(
        AppointmentRow.hall_id == bindparam("hall_id"),
        AppointmentRow.state == AppointmentState.BOOKED.value,
        AppointmentRow.ends_at > bindparam("now"),
    )
    .order_by(AppointmentRow.starts_at)
)


def why_closed(conn: Connection, hall: Record, bookings: Sequence[Record]) -> dict[int, Words]:
    """Those of these bookings that the hall cannot keep as its hours stand now, by id, and why."""
    if not bookings:
        return {}
    calendar = calendar_of(conn, hall, min(local_day(hall.zone, one.starts_at) for one in bookings))
    whys = ((one.id, _why(calendar, one)) for one in bookings)
    return {key: why for key, why in whys if why is not None}


def _why(calendar: Calendar, booking: Record) -> Words | None:
    day = local_day(calendar.zone, booking.starts_at)
    special = calendar.days.get(day)
    if special is not None and special.kind is DayKind.HOLIDAY:
        return f"当天放假：{special.name}", f"Closed that day: {special.name}"
    if binding(calendar.sessions, Mode(booking.mode)) is None:
        return None
    sessions = sessions_on(calendar, day)
    if not sessions:
        return NO_SESSION
    return None if within_one(sessions, *_minutes(calendar.zone, booking)) else NOT_THEN


def _minutes(zone: str, booking: Record) -> tuple[int, int]:
    """Of the day on the wall; a slot that ends at midnight ends at 1440."""
    begins = hall_time(booking.starts_at, zone)
    first = begins.hour * 60 + begins.minute
    return first, first + (booking.ends_at - booking.starts_at) // timedelta(minutes=1)


def closed_days(conn: Connection, hall_id: int, now: datetime) -> list[dict[str, Any]]:
    """Each day with bookings ahead that cannot be kept: how many, and why the first of them cannot."""
    hall = hall_of(conn, hall_id)
    ahead = conn.execute(_AHEAD, {"hall_id": hall_id, "now": now}).all()
    closed = why_closed(conn, hall, ahead)
    unkept = [one for one in ahead if one.id in closed]
    by_day = groupby(unkept, key=lambda one: local_day(hall.zone, one.starts_at))
    listed = [(day, [closed[one.id] for one in of_day]) for day, of_day in by_day]
    return [
        {"day": day.isoformat(), "bookings": len(whys), "reason": whys[0][0], "reason_en": whys[0][1]}
        for day, whys in listed
    ]

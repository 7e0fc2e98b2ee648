"""What supervisors look into afterwards."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from server.contract.ratings import AT_WINDOW
from server.contract.reports import RatingPatterns, SuspiciousRatings
from server.db import Record
from server.domain.policy import SPECIFIC
from server.domain.rating_patterns import Asked, patterns
from server.domain.service_day import day_over, hall_time, service_day
from server.domain.story import in_both
from server.domain.work_calendar import slots_on
from server.models import Account, CallRow, Invitation, Rating, TicketRow, Window
from server.services.actors import Actor
from server.services.days import day_named
from server.services.entered_ratings import entered_between
from server.services.halls import hall_of
from server.services.hours import calendar_of


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


def rating_patterns(conn: Connection, actor: Actor, day: str | None, now: datetime) -> RatingPatterns:
    """Windows whose ratings of a service day a supervisor should look into, by `domain.rating_patterns`. Raises
    bad_field."""
    hall = hall_of(conn, actor.hall_id)
    return patterns_of_day(conn, hall, day_asked(hall, day, now))


def all_rating_patterns(conn: Connection, hall: Record) -> Iterator[RatingPatterns]:
    """Of every service day on which something is to be looked into."""
    days = select(TicketRow.service_day).where(TicketRow.hall_id == hall.id, TicketRow.rating_state != "not_invited")
    for day in conn.execute(days.distinct().order_by(TicketRow.service_day)).scalars().all():
        found = patterns_of_day(conn, hall, day)
        if found.found:
            yield found


def patterns_of_day(conn: Connection, hall: Record, day: date, before: datetime | None = None) -> RatingPatterns:
    """With `before`, as if it were that moment: what was asked or rated later is not looked at."""
    sessions = slots_on(calendar_of(conn, hall, day), day)
    closes_at = max((slot.closes for slot in sessions), default=None)
    found = [
        SuspiciousRatings(
            no, one.pattern.value, one.count, hall_time(one.first, hall.zone), hall_time(one.last, hall.zone)
        )
        for no, asked in _asked_at_windows(conn, hall.id, day, before).items()
        for one in patterns(asked, closes_at)
    ]
    since = day_over(day - timedelta(days=1), hall.zone, hall.rollover_hour)
    until = day_over(day, hall.zone, hall.rollover_hour)
    return RatingPatterns(day, tuple(found), entered_between(conn, hall.id, since, until))


def _asked_at_windows(
    conn: Connection, hall_id: int, day: date, before: datetime | None
) -> dict[str, list[Asked]]:  # fmt: skip
    """By window, in order of time. A rating by another way than the window's own devices is none here."""
    at_window = and_(Rating.invitation_id == Invitation.id, Rating.source.in_(AT_WINDOW))
    rows = conn.execute(
        select(Window.no, Invitation.opened_at, Rating.at, Rating.level)
        .select_from(TicketRow)
        .join(Invitation, Invitation.ticket_id == TicketRow.id)
        .join(Window, Window.id == Invitation.window_id)
        .outerjoin(Rating, at_window)
        .where(TicketRow.hall_id == hall_id, TicketRow.service_day == day)
        .order_by(Window.no, Invitation.opened_at)
    )
    found: dict[str, list[Asked]] = {}
    for no, opened_at, rated_at, level in rows:
        if before is None or opened_at < before:
            known = rated_at is not None and (before is None or rated_at < before)
            found.setdefault(no, []).append(Asked(opened_at, *((rated_at, level) if known else (None, None))))
    return found


def day_asked(hall: Record, day: str | None, now: datetime) -> date:
    """The service day that `day` names, today without it. Raises bad_field."""
    return service_day(now, hall.zone, hall.rollover_hour) if day is None else day_named(day)

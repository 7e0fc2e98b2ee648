"""How a day was kept: who came late, left early or never came, what was handed over, which windows stood empty."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from server.db import Record
from server.domain.cover import Cover, SeatAction, Standing, Stay, due, kept, moment, standing
from server.domain.hours_words import wall
from server.domain.service_day import day_over, hall_time, service_day
from server.domain.work_calendar import Session
from server.models import EmptySpell, HandoverRow, Sitting, TicketRow, Window
from server.services.actors import Actor
from server.services.rosters import Roster, post_of
from server.services.sittings import EXCUSED

LISTED = 200
"""Most handovers and empty spells of a day that are listed."""


def day_kept(conn: Connection, actor: Actor, known: Roster, day: date, now: datetime) -> dict[str, Any]:
    """`known` is the roster of that day."""
    zone = known.hall.zone
    begins, ends = moment(zone, day, 0), moment(zone, day + timedelta(days=1), 0)
    stays = conn.execute(
        select(Sitting).where(
            Sitting.hall_id == actor.hall_id,
            Sitting.began_at < ends,
            Sitting.ended_at.is_(None) | (Sitting.ended_at > begins),
        )
    ).all()
    return {
        "day": day.isoformat(),
        "kept": [line for row in known.posts for line in _lines(known, row, day, stays, now)],
        "handovers": _handovers(conn, actor, known, begins, ends),
        "spells": _spells(conn, actor, zone, begins, ends),
    }


def _lines(of_day: Roster, row: Record, day: date, stays: Any, now: datetime) -> Iterator[dict[str, Any]]:
    """One line for each session and person: who should have been there first, then who else was."""
    here = [s for s in stays if s.post_id == row.id or (row.window_id and s.window_id == row.window_id)]
    for session in due(post_of(row), of_day.calendar, day):
        opens, closes = moment(of_day.hall.zone, day, session.opens), moment(of_day.hall.zone, day, session.closes)
        others = {
            s.account_id: None for s in here if s.began_at < closes and (_left(of_day.hall, s) or closes) > opens
        }
        known = _asked_in_time(of_day, closes, others)
        expected = known.duty(row, day).person
        for person in dict.fromkeys([expected, *others]):
            yield _line(known, row, day, session, person, person == expected, here, now)


def _line(
    known: Roster, row: Record, day: date, session: Session, person: int | None, expected: bool, here: Any,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    zone = known.hall.zone
    mine = [Stay(s.began_at, _left(known.hall, s), s.ended_by in EXCUSED) for s in here if s.account_id == person]
    grace = timedelta(minutes=known.hall.late_minutes)
    opens, closes = moment(zone, day, session.opens), moment(zone, day, session.closes)
    if (asked := _asked_at(known, row, person)) is not None:
        came = min((s.began for s in mine if s.began < closes and (s.ended or closes) > opens), default=closes)
        opens = max(opens, min(asked, came))
    found = kept(mine, opens, closes, now, grace)
    as_ = Standing.OTHER if person is None else standing(known.plan, post_of(row), day, person)
    return {
        "post": row.id, "name": row.name, "window": row.window, "opens": wall(session.opens),
        "closes": wall(session.closes), "person": known.called(person), "standing": as_.value,
        "expected": expected, "mark": found.mark.value, "came": at_in(zone, found.came),
        "left": at_in(zone, found.left),
    }  # fmt: skip


def _asked_in_time(known: Roster, closes: datetime, there: Collection[int | None]) -> Roster:
    """Without those who were named to stand in when the session was over, and were not there: nobody had asked them
    to come."""
    covers = tuple(one for one in known.covers if one.at < closes or one.account_id in there)
    plan = tuple(Cover(one.post_id, one.account_id, one.from_day, one.to_day) for one in covers)
    return replace(known, covers=covers, plan=replace(known.plan, covers=plan))


def _asked_at(known: Roster, row: Record, person: int | None) -> datetime | None:
    """When somebody was first named to stand in at a post, before which they cannot be late."""
    return min((one.at for one in known.covers if (one.post_id, one.account_id) == (row.id, person)), default=None)


def _left(hall: Record, stay: Record) -> datetime | None:
    """When a stay ended; one that nobody ended, with its service day, however late the server saw that."""
    ended: datetime | None = stay.ended_at
    if ended is None or stay.ended_by != SeatAction.DAY_OVER:
        return ended
    day = service_day(stay.began_at, hall.zone, hall.rollover_hour)
    return min(ended, day_over(day, hall.zone, hall.rollover_hour))


def _handovers(
    conn: Connection, actor: Actor, known: Roster, begins: datetime, ends: datetime
) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(*HandoverRow.__table__.columns, Window.no.label("window"), TicketRow.number)
        .join(Window, Window.id == HandoverRow.window_id)
        .outerjoin(TicketRow, TicketRow.id == HandoverRow.ticket_id)
        .where(HandoverRow.hall_id == actor.hall_id, HandoverRow.offered_at >= begins, HandoverRow.offered_at < ends)
        .order_by(HandoverRow.id.desc())
        .limit(LISTED)
    )
    zone = known.hall.zone
    return [
        {
            "window": r.window, "from": known.people[r.from_id].name, "to": known.people[r.to_id].name,
            "kind": r.kind, "state": r.state, "note": r.note, "number": r.number or "",
            "offered_at": at_in(zone, r.offered_at),
            "ended_at": at_in(zone, r.ended_at),
        }
        for r in rows
    ]  # fmt: skip


def _spells(conn: Connection, actor: Actor, zone: str, begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(*EmptySpell.__table__.columns, Window.no.label("window"))
        .join(Window, Window.id == EmptySpell.window_id)
        .where(
            EmptySpell.hall_id == actor.hall_id, EmptySpell.told_at.is_not(None), EmptySpell.since >= begins,
            EmptySpell.since < ends,
        )
        .order_by(EmptySpell.since.desc())
        .limit(LISTED)
    )  # fmt: skip
    return [
        {"window": r.window, "post": r.post, "reason": r.reason, "since": at_in(zone, r.since),
         "ended_at": at_in(zone, r.ended_at)}
        for r in rows
    ]  # fmt: skip


def at_in(zone: str, when: datetime | None) -> str | None:
    """A moment in the hall's own time, as pages get it."""
    return None if when is None else hall_time(when, zone).isoformat()

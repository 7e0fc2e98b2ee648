"""What supervisors read of rectifications: the work list, one case with its story, and the counts for figures."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from server.contract.problems import bad_field
from server.contract.rectifications import (
    CaseEvent,
    CaseStory,
    Outcome,
    Rates,
    Rectification,
    Rectifications,
    RectificationState,
)
from server.contract.tickets import TicketState
from server.db import Record
from server.domain.rating import GOOD_LEVEL
from server.domain.rectification import deadline_words, steps
from server.domain.service_day import hall_time
from server.domain.work_calendar import Calendar, local_day
from server.models import (
    Account,
    Hall,
    Invitation,
    Rating,
    RatingExclusion,
    RectificationEvent,
    RectificationRow,
    ReRating,
    TicketRow,
)
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.hours import calendar_of
from server.services.paper_ratings import TAGS
from server.services.rectification_rows import CASES, case_of, facts, seen_by
from server.services.rectifications import OWNERS

MOST_CLOSED = 200
"""The latest; older ones are for reports."""

OPEN_FILTERS: dict[str, Callable[[Rectification], bool]] = {
    "all": lambda one: True,
    "mine": lambda one: one.mine,
    "overdue": lambda one: one.overdue,
}
FILTERS = (*OPEN_FILTERS, "closed")


def work_list(conn: Connection, actor: Actor, wanted: str, now: datetime) -> Rectifications:
    """Cases of a filter: mine, overdue, all (that are open) or closed. Raises bad_field."""
    if wanted not in FILTERS:
        raise bad_field("filter", f"must be one of: {', '.join(FILTERS)}", f"只能是 {'、'.join(FILTERS)} 之一")
    hall = hall_of(conn, actor.hall_id)
    open_ = _open(conn, actor, now, hall)
    counts = {name: sum(map(fits, open_)) for name, fits in OPEN_FILTERS.items()}
    if wanted in OPEN_FILTERS:
        cases = tuple(filter(OPEN_FILTERS[wanted], open_))
    else:
        cases, counts["closed"] = _closed(conn, actor, now, hall), _count_closed(conn, actor)
    return Rectifications(local_day(hall.zone, now), counts, _owners(conn, hall.id), cases)


def _count_closed(conn: Connection, actor: Actor) -> int:
    closed = (
        select(func.count(RectificationRow.id))
        .join(Rating, Rating.id == RectificationRow.rating_id)
        .join(Invitation, Invitation.id == Rating.invitation_id)
        .where(seen_by(actor), RectificationRow.state == RectificationState.CLOSED.value)
    )
    return int(conn.execute(closed).scalar_one())


def _open(conn: Connection, actor: Actor, now: datetime, hall: Record) -> list[Rectification]:
    """Escalated ones first, then by their deadline; without one, last."""
    mine = CASES.where(seen_by(actor), RectificationRow.state != RectificationState.CLOSED.value)
    rows = conn.execute(mine.order_by(RectificationRow.id)).all()
    since = min((row.due for row in rows if row.due), default=local_day(hall.zone, now))
    calendar = calendar_of(conn, hall, min(since, local_day(hall.zone, now)))
    found = [_view(row, actor, now, calendar) for row in rows]
    return sorted(found, key=lambda one: (not one.escalated, one.due or date.max))


def _closed(conn: Connection, actor: Actor, now: datetime, hall: Record) -> tuple[Rectification, ...]:
    mine = CASES.where(seen_by(actor), RectificationRow.state == RectificationState.CLOSED.value)
    latest = mine.order_by(RectificationRow.closed_at.desc(), RectificationRow.id.desc()).limit(MOST_CLOSED)
    calendar = calendar_of(conn, hall, local_day(hall.zone, now))
    return tuple(_view(row, actor, now, calendar) for row in conn.execute(latest).all())


def _owners(conn: Connection, hall_id: int) -> tuple[dict[str, str], ...]:
    fit = select(Account.username, Account.name).where(
        Account.hall_id == hall_id, Account.active, Account.role.in_(OWNERS)
    )
    rows = conn.execute(fit.order_by(Account.id)).all()
    return tuple({"username": row.username, "name": row.name or row.username} for row in rows)


def story(conn: Connection, actor: Actor, number: str, now: datetime) -> CaseStory:
    """A case with all that happened to it. Raises rectification_not_found."""
    row = case_of(conn, actor, number)
    hall = hall_of(conn, actor.hall_id)
    today = local_day(hall.zone, now)
    case = _view(row, actor, now, calendar_of(conn, hall, min(row.due or today, today)))
    happened = (
        select(RectificationEvent, Account.name, Account.username)
        .outerjoin(Account, Account.id == RectificationEvent.account_id)
        .where(RectificationEvent.rectification_id == row.id)
        .order_by(RectificationEvent.id)
    )
    return CaseStory(case, tuple(_event(one, hall.zone) for one in conn.execute(happened).all()))


def _event(row: Record, zone: str) -> CaseEvent:
    who = row.name or row.username or ""
    return CaseEvent(hall_time(row.at, zone), row.what, who, row.text, row.reached, row.due)


def _view(row: Record, actor: Actor, now: datetime, calendar: Calendar) -> Rectification:
    state = RectificationState(row.state)
    today = local_day(row.zone, now)
    zh, en = deadline_words(calendar, today, row.due)
    tags = TAGS.get(row.level, {})
    known = facts(row, now, actor.account_id)
    escalated = known.overdue and row.escalated_for == row.due
    mine = row.owner_id == actor.account_id or (escalated and actor.role == "admin")
    return Rectification(
        number=row.number, version=row.version, state=state, outcome=row.outcome, kind=row.kind,
        opened_at=hall_time(row.opened_at, row.zone), due=row.due, deadline=zh, deadline_en=en,
        overdue=known.overdue, soon=not known.overdue and row.due is not None and row.reminded_for == row.due,
        escalated=escalated, reopened=row.answered,
        owner=row.username or "", owner_name=row.name or row.username or "", mine=mine,
        ticket=row.ticket, window=row.window, item=row.item_name or row.queue_name, level=row.level,
        tags=tuple(tags.get(tag, tag) for tag in row.tags), text=row.text, reason_declined=row.reason_declined,
        comment=row.comment or "", phone=row.phone_masked or "", reply=row.reply, tries=row.tries,
        steps=steps(state, known),
    )  # fmt: skip


def rates(conn: Connection, hall_id: int, from_day: date, to_day: date) -> Rates:
    """Counts of the bad ratings of services of these service days, both included; see `contract.rectifications`."""
    rows = conn.execute(_bad(hall_id, from_day, to_day)).all()
    cases = [row for row in rows if row.state is not None]
    return Rates(
        bad=len(rows), opened=len(cases),
        contacted_in_time=sum(_contacted_in_time(row) for row in cases),
        called_back=sum(row.called for row in cases), reached=sum(row.reached for row in cases),
        closed=sum(row.state == RectificationState.CLOSED for row in cases),
        re_rated=sum(row.re_rated for row in cases),
        satisfied=sum(row.outcome == Outcome.SATISFIED for row in cases),
        excluded=sum(row.excluded for row in cases),
    )  # fmt: skip


def _bad(hall_id: int, from_day: date, to_day: date) -> Any:
    event = RectificationEvent.rectification_id == RectificationRow.id
    return (
        select(
            RectificationRow.state, RectificationRow.outcome, RectificationRow.contacted_at,
            RectificationRow.contact_due, Hall.zone,
            exists().where(event, RectificationEvent.reached.is_not(None)).label("called"),
            exists().where(event, RectificationEvent.reached.is_(True)).label("reached"),
            exists().where(ReRating.rectification_id == RectificationRow.id).label("re_rated"),
            exists().where(RatingExclusion.rating_id == Rating.id).label("excluded"),
        )
        .select_from(TicketRow)
        .join(Invitation, Invitation.ticket_id == TicketRow.id)
        .join(Rating, Rating.invitation_id == Invitation.id)
        .join(Hall, Hall.id == TicketRow.hall_id)
        .outerjoin(RectificationRow, RectificationRow.rating_id == Rating.id)
        .where(TicketRow.hall_id == hall_id, TicketRow.service_day.between(from_day, to_day))
        .where(TicketRow.state.in_([state.value for state in TicketState]))  # the index by day begins with them
        .where(Rating.level < GOOD_LEVEL)
    )  # fmt: skip


def _contacted_in_time(row: Record) -> bool:
    if row.contacted_at is None or row.contact_due is None:
        return False
    return bool(local_day(row.zone, row.contacted_at) <= row.contact_due)

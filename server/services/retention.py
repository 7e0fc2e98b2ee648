"""Nothing personal stays longer than it is of use. Called by the timer; each kind in bites, so that no purge is ever
waited for. How many rows of what went is sealed in the audit chain when the day is over.

What stays: ratings, with the words that citizens wrote in them, and the chain; nothing here can change either.
Numbers given for short messages go by `services.sms`, persons of bookings by `services.appointments`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.contract.operations import OperationsSettings
from server.db import Record, Tx
from server.domain.service_day import service_day
from server.models import (
    AppointmentRow,
    Base,
    Hall,
    HandoverRow,
    Invitation,
    LeaveRow,
    NewsRow,
    PurgeTally,
    Rating,
    RectificationEvent,
    RectificationRow,
    TicketRow,
    WebSession,
)
from server.services import audit, upkeep
from server.services.accounts import SESSION_IDLE

BITE = 500
"""Rows of one kind in one turn of the timer: some milliseconds of the writer's time."""


@dataclass(frozen=True)
class Turn:
    tx: Tx
    hall: Record
    kept: OperationsSettings
    today: date

    def before(self, days: int) -> datetime:
        return self.tx.now - timedelta(days=days)


def purge(tx: Tx) -> None:
    """One bite of everything whose time is over, of every hall."""
    for hall in tx.conn.execute(select(Hall)).all():
        today = service_day(tx.now, hall.zone, hall.rollover_hour)
        turn = Turn(tx, hall, upkeep.settings(tx.conn, hall.id), today)
        for what, bite in KINDS.items():
            rows = bite(turn)
            if rows:
                _note(turn, what, rows)
        _seal_days(turn)
    tx.conn.execute(delete(WebSession).where(WebSession.seen_at < tx.now - SESSION_IDLE))


def _persons(turn: Turn) -> int:
    """Whose ticket it was matters only for one live ticket a day."""
    over = TicketRow.person_hash.is_not(None) & (TicketRow.service_day < turn.today)
    return _clear(turn, TicketRow, over, person_hash=None)


def _notes(turn: Turn) -> int:
    last = turn.today - timedelta(days=turn.kept.note_days)
    handed = (HandoverRow.note != "") & (HandoverRow.offered_at < turn.before(turn.kept.note_days))
    rows = _clear(turn, TicketRow, (TicketRow.note != "") & (TicketRow.service_day < last), note="")
    return rows + _clear(turn, HandoverRow, handed, note="")


def _leave_reasons(turn: Turn) -> int:
    """As long as notes: that somebody was away stays, why does not."""
    last = turn.today - timedelta(days=turn.kept.note_days)
    return _clear(turn, LeaveRow, (LeaveRow.reason != "") & (LeaveRow.to_day < last), reason="")


def _contacts(turn: Turn) -> int:
    """Sooner than by itself, where the hall has no use for them as long; of those that hold something personal."""
    held = AppointmentRow.purge_at.is_not(None) & (AppointmentRow.contact != "")
    return _clear(
        turn, AppointmentRow, held & (AppointmentRow.ends_at <= turn.before(turn.kept.contact_days)), contact=""
    )


def _case_words(turn: Turn) -> int:
    """What staff wrote about a citizen's case; its steps, its times and the citizen's own answer stay."""
    closed = RectificationRow.closed_at <= turn.before(turn.kept.case_days)
    cases = select(RectificationRow.id).where(RectificationRow.hall_id == turn.hall.id, closed)
    rows = _clear(turn, RectificationRow, closed & (RectificationRow.reply != ""), reply="")
    said = (RectificationEvent.text != "") & RectificationEvent.rectification_id.in_(cases)
    return rows + _change(turn, RectificationEvent, select(RectificationEvent.id).where(said), text="")


_OF_CASES = (
    select(Invitation.ticket_id)
    .join(Rating, Rating.invitation_id == Invitation.id)
    .join(RectificationRow, RectificationRow.rating_id == Rating.id)
)


def _events(turn: Turn) -> int:
    """From the oldest on; the numbering goes on. Those of a service with a rectification stay: by them alone it is
    known through whose hands it went, who may not see the case."""
    if not turn.kept.event_days:
        return 0
    free = (NewsRow.hall_id == turn.hall.id) & (NewsRow.ticket_id.is_(None) | NewsRow.ticket_id.not_in(_OF_CASES))
    mine = select(NewsRow.seq, NewsRow.at).where(free).order_by(NewsRow.seq).limit(BITE)
    old = [seq for seq, at in turn.tx.conn.execute(mine) if at < turn.before(turn.kept.event_days)]
    if old:
        gone = free & (NewsRow.seq >= old[0]) & (NewsRow.seq <= old[-1])
        turn.tx.conn.execute(delete(NewsRow).where(gone))
    return len(old)


KINDS: dict[str, Callable[[Turn], int]] = {
    "persons": _persons, "notes": _notes, "leave_reasons": _leave_reasons, "contacts": _contacts,
    "case_words": _case_words, "events": _events,
}  # fmt: skip


def _clear(turn: Turn, model: Any, over: ColumnElement[bool], **empty: Any) -> int:
    return _change(turn, model, select(model.id).where(model.hall_id == turn.hall.id, over), **empty)


def _change(turn: Turn, model: type[Base], found: Select[Any], **empty: Any) -> int:
    ids = turn.tx.conn.execute(found.limit(BITE)).scalars().all()
    if ids:
        turn.tx.conn.execute(update(model).where(model.__table__.c.id.in_(ids)).values(**empty))
        turn.tx.erased = True
    return len(ids)


def _note(turn: Turn, what: str, rows: int) -> None:
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[turn.tx.conn.dialect.name]
    add = dialect.insert(PurgeTally).values(hall_id=turn.hall.id, day=turn.today, what=what, rows=rows)
    key = [PurgeTally.hall_id, PurgeTally.day, PurgeTally.what]
    turn.tx.conn.execute(add.on_conflict_do_update(index_elements=key, set_={"rows": PurgeTally.rows + rows}))


def _seal_days(turn: Turn) -> None:
    """Each day's counts as one entry, when no more can come to them."""
    over = (PurgeTally.hall_id == turn.hall.id) & (PurgeTally.day < turn.today)
    days: dict[date, dict[str, int]] = {}
    for row in turn.tx.conn.execute(select(PurgeTally).where(over).order_by(PurgeTally.day, PurgeTally.what)):
        days.setdefault(row.day, {})[row.what] = row.rows
    for day, rows in days.items():
        audit.record(turn.tx, turn.hall.id, "data.purged", {"day": day.isoformat(), "rows": rows})
    if days:
        turn.tx.conn.execute(delete(PurgeTally).where(over))

"""Alarms as supervisors see them: those that stand, those that were, and who acknowledged them; and a hall's limits.

Whoever served the citizen of a bad rating sees no alarm of its case, as they see nothing else of it.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from server.contract.alarms import AcknowledgeAlarm, Alarm, AlarmHistory, AlarmKind
from server.contract.problems import ProblemError, bad_field
from server.db import Record, Tx
from server.domain.alarms import ESCALATE_MINUTES, KINDS, Rules, sentence
from server.domain.service_day import day_over, hall_time, service_day
from server.models import Account, AlarmRow, Invitation, Rating, RectificationRow
from server.services.actors import Actor
from server.services.days import day_named
from server.services.halls import hall_of
from server.services.hands import went_through

MOST = 200
"""In one history; the latest."""
LONGEST = 366
"""Days of one history."""
MAX_NOTE = 200

_ALARMS: Select[Any] = (
    select(*AlarmRow.__table__.columns, Account.name, Account.username)
    .outerjoin(Account, Account.id == AlarmRow.acknowledged_by)
    .outerjoin(RectificationRow, RectificationRow.id == AlarmRow.rectification_id)
    .outerjoin(Rating, Rating.id == RectificationRow.rating_id)
    .outerjoin(Invitation, Invitation.id == Rating.invitation_id)
    .where(AlarmRow.raised_at.is_not(None))
)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Of `_ALARMS`: those of this hall but of cases whose service was this person's own."""
    own = AlarmRow.rectification_id.is_not(None) & went_through(Invitation.ticket_id, actor.name)
    return (AlarmRow.hall_id == actor.hall_id) & ~own


def standing_alarms(conn: Connection, actor: Actor, zone: str) -> tuple[Alarm, ...]:
    """Those that are not over: unacknowledged before acknowledged, escalated first, then the gravest, then the
    oldest."""
    rows = conn.execute(_ALARMS.where(seen_by(actor), AlarmRow.ended_at.is_(None))).all()
    return tuple(_alarm(row, zone) for row in sorted(rows, key=_gravity))


def _gravity(row: Record) -> tuple[bool, bool, int, datetime, int]:
    rank = KINDS[AlarmKind(row.kind)].rank
    return row.acknowledged_at is not None, row.escalated_at is None, rank, row.raised_at, row.id


def _alarm(row: Record, zone: str) -> Alarm:
    zh, en = sentence(AlarmKind(row.kind), row.subject, row.value, row.more, row.more_en)

    def at(moment: datetime | None) -> datetime | None:
        return moment and hall_time(moment, zone)

    return Alarm(
        row.code, AlarmKind(row.kind), row.subject, zh, en, tuple(row.faults), hall_time(row.raised_at, zone),
        at(row.escalated_at), at(row.acknowledged_at), row.name or row.username or "", row.note, at(row.ended_at),
    )  # fmt: skip


STATES: dict[str, ColumnElement[bool]] = {
    "all": AlarmRow.raised_at.is_not(None),
    "standing": AlarmRow.ended_at.is_(None),
    "unacknowledged": AlarmRow.acknowledged_at.is_(None),
    "escalated": AlarmRow.escalated_at.is_not(None),
}
"""Filters of the history."""


def history(conn: Connection, actor: Actor, asked: dict[str, str], now: datetime) -> AlarmHistory:
    """Alarms that were raised on service days, the latest first; `asked` may name `from`, `to`, `kind` and `state`.
    Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    first, last = _days(hall, asked, now)
    kind, state = _one_of("kind", asked, ("", *AlarmKind)), _one_of("state", asked, tuple(STATES))
    since = day_over(first - timedelta(days=1), hall.zone, hall.rollover_hour)
    until = day_over(last, hall.zone, hall.rollover_hour)
    wanted = _ALARMS.where(seen_by(actor), AlarmRow.raised_at >= since, AlarmRow.raised_at < until)
    wanted = wanted.where(STATES[state], *([AlarmRow.kind == kind] if kind else []))
    rows = conn.execute(wanted.order_by(AlarmRow.raised_at.desc(), AlarmRow.id.desc()).limit(MOST + 1)).all()
    alarms = tuple(_alarm(row, hall.zone) for row in rows[:MOST])
    return AlarmHistory(first.isoformat(), last.isoformat(), alarms, len(rows) > MOST)


def _days(hall: Record, asked: dict[str, str], now: datetime) -> tuple[date, date]:
    today = service_day(now, hall.zone, hall.rollover_hour)
    last = day_named(asked["to"]) if asked.get("to") else today
    first = day_named(asked["from"]) if asked.get("from") else min(last, today) - timedelta(days=6)
    if not first <= last:
        raise bad_field("to", "must not be before the first day", "不能早于开始日期", "结束日期")
    if (last - first).days >= LONGEST:
        raise bad_field("from", f"must be at most {LONGEST} days back", f"最多查询 {LONGEST} 天", "开始日期")
    return first, last


def _one_of(field: str, asked: dict[str, str], known: tuple[str, ...]) -> str:
    said = asked.get(field) or known[0]
    if said not in known:
        listed = [one for one in known if one]
        raise bad_field(field, f"must be one of: {', '.join(listed)}", f"只能是 {'、'.join(listed)} 之一")
    return said


def acknowledge(tx: Tx, actor: Actor, body: AcknowledgeAlarm, alarm: str) -> Alarm:
    """确认, once and by name; also of an alarm that is over. Raises alarm_not_found, alarm_acknowledged and
    bad_field."""
    if len(body.note) > MAX_NOTE or not body.note.isprintable():
        raise bad_field(
            "note", f"must have at most {MAX_NOTE} characters on one line", f"最多 {MAX_NOTE} 个字，且不换行", "备注"
        )
    row = _found(tx.conn, actor, alarm)
    if row.acknowledged_at is not None:
        raise ProblemError("alarm_acknowledged", name=row.name or row.username)
    tx.change(
        AlarmRow, row.id, acknowledged_at=tx.now, acknowledged_by=actor.account_id, note=body.note.strip()
    )  # fmt: skip
    return _alarm(_found(tx.conn, actor, alarm), hall_of(tx.conn, actor.hall_id).zone)


def _found(conn: Connection, actor: Actor, alarm: str) -> Record:
    row: Record | None = conn.execute(_ALARMS.where(seen_by(actor), AlarmRow.code == alarm)).one_or_none()
    if row is None:
        raise ProblemError("alarm_not_found")
    return row


def rules_of(hall: Record) -> Rules:
    """What the hall has set. A kind that a newer server knew and this one does not is passed over."""
    kept = hall.alarm_rules
    limits = {AlarmKind(kind): limit for kind, limit in kept.get("limits", {}).items() if kind in KINDS}
    off = frozenset(AlarmKind(kind) for kind in kept.get("off", ()) if kind in KINDS)
    return Rules(kept.get("escalate_minutes", ESCALATE_MINUTES), off, limits)


def settings(hall: Record) -> dict[str, Any]:
    """As the admin's page shows and sends them, with each kind's words and bounds."""
    rules = rules_of(hall)
    return {
        "escalate_minutes": rules.escalate_minutes,
        "rules": [
            {
                "kind": kind, "on": kind not in rules.off, "limit": rules.limit(kind) if of.limit else None,
                "zh": of.name[0], "en": of.name[1], "unit": of.limit and of.limit.zh,
                "unit_en": of.limit and of.limit.en,
            }
            for kind, of in KINDS.items()
        ],
    }  # fmt: skip

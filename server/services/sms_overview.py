"""Short messages as an admin sees them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from server.db import Record
from server.domain import sms, sms_text
from server.domain.service_day import hall_time
from server.models import SmsMessageRow
from server.services.halls import hall_of

SINCE = timedelta(days=7)


def settings(conn: Connection, hall_id: int, now: datetime) -> dict[str, Any]:
    """The settings, the message as people get it and in how many parts, and what became of those of the last days."""
    hall = hall_of(conn, hall_id)
    shown = sms_text.values(hall.name, "企业职工养老保险参保登记", hall_time(now, hall.zone).date())
    text = sms_text.invitation(hall.sms_text, hall.name, shown["事项"], hall_time(now, hall.zone).date())
    return {
        **{name: getattr(hall, name) for name in ("sms_on", "sms_delay_minutes", "sms_reply_hours")},
        "sms_text": hall.sms_text, "usual": sms_text.DEFAULT, "fields": _fields(shown), "text": text,
        "parts": sms.parts(text), "whole": sms.WHOLE, "part": sms.PART, "most_parts": sms_text.MOST_PARTS,
        "most_typed": sms_text.MOST_TYPED, "from_hour": sms.FROM_HOUR, "to_hour": sms.TO_HOUR,
        "counts": _counts(conn, hall_id, now), "trouble": _trouble(conn, hall, now),
    }  # fmt: skip


def _fields(shown: dict[str, str]) -> list[dict[str, Any]]:
    """The names that may stand in braces, what each is for, and what it is in the message that is shown."""
    words = {**sms_text.MUST, **sms_text.MAY}
    return [
        {"name": name, "zh": zh, "en": en, "must": name in sms_text.MUST, "value": shown[name]}
        for name, (zh, en) in words.items()
    ]


def _counts(conn: Connection, hall_id: int, now: datetime) -> dict[str, int]:
    mine = SmsMessageRow.__table__.c
    recent = (mine.hall_id == hall_id) & (mine.at > now - SINCE)
    found = conn.execute(select(mine.state, func.count()).where(recent).group_by(mine.state))
    return {state: count for state, count in found}  # noqa: C416 - rows, of which mypy knows no pair


def _trouble(conn: Connection, hall: Record, now: datetime) -> dict[str, str] | None:
    """The last message that did not go as it should, in words, and when by the hall's clock."""
    mine = SmsMessageRow.__table__.c
    bad = select(mine.detail, mine.detail_en, mine.at).where(
        mine.hall_id == hall.id, mine.state.in_(("waiting", "failed", "unknown")), mine.detail != "",
        mine.at > now - SINCE,
    )  # fmt: skip
    row = conn.execute(bad.order_by(mine.at.desc()).limit(1)).one_or_none()
    return row and {"zh": row.detail, "en": row.detail_en, "at": hall_time(row.at, hall.zone)}

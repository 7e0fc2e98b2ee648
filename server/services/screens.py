"""What the walls show beside calls: notices on their days, the duty leader of the day, the playlist."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.board import Leader, Slide, SlideKind
from server.db import Record, Tx
from server.domain.service_day import service_day
from server.domain.validity import Standing, standing
from server.models import Account, DutyDay, Hall, Notice, StaffPhoto, Window
from server.services.halls import hall_of
from server.statement import Statement

PAST_DUTIES = timedelta(days=14)
"""So far back an admin sees who was on duty: enough to write a week as the last one."""

_NOTICES = Statement(select(Notice).where(Notice.hall_id == bindparam("hall_id")).order_by(Notice.id))
_LEADER = Statement(
    select(DutyDay.name, DutyDay.position, DutyDay.tel).where(
        DutyDay.hall_id == bindparam("hall_id"), DutyDay.day == bindparam("day")
    )
)


@dataclass(frozen=True)
class Shown:
    """What the calendar alone decides."""

    notices: tuple[str, ...]
    leader: Leader | None

    @property
    def digest(self) -> str:
        """The same for the same; empty while there is nothing to show."""
        nothing = not self.notices and self.leader is None
        return "" if nothing else hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shown(conn: Connection, hall: Record, now: datetime) -> Shown:
    """On the service day of `now`."""
    today = service_day(now, hall.zone, hall.rollover_hour)
    notices = _NOTICES.all(conn, hall_id=hall.id)
    leader = _LEADER.one_or_none(conn, hall_id=hall.id, day=today)
    return Shown(
        tuple(n.text for n in notices if standing(n.from_day, n.to_day, today) is Standing.ON),
        None if leader is None else Leader(*leader),
    )


def playlist(hall: Record) -> tuple[Slide, ...]:
    return tuple(Slide(SlideKind(slide["kind"]), slide["seconds"], slide["zone"]) for slide in hall.playlist)


def note_told(tx: Tx, hall_id: int) -> None:
    """To be called with every change that is told anyway: the clock shall not tell it again."""
    hall = hall_of(tx.conn, hall_id)
    tx.change(Hall, hall_id, shown_told=shown(tx.conn, hall, tx.now).digest)


def settings(conn: Connection, hall_id: int, now: datetime) -> dict[str, Any]:
    """All that the admin's page shows of the walls. `today` is the service day."""
    hall = hall_of(conn, hall_id)
    today = service_day(now, hall.zone, hall.rollover_hour)
    zones = select(Window.zone).where(Window.hall_id == hall_id, Window.zone != "").distinct().order_by(Window.zone)
    return {
        "today": today.isoformat(),
        "notices": [_notice(row, today) for row in _NOTICES.all(conn, hall_id=hall_id)],
        "duty": _duty(conn, hall_id, today - PAST_DUTIES),
        "staff": _staff(conn, hall_id),
        "playlist": hall.playlist,
        "ticker": hall.ticker,
        "zones": list(conn.execute(zones).scalars()),
    }


def _notice(row: Record, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "from_day": row.from_day and row.from_day.isoformat(),
        "to_day": row.to_day and row.to_day.isoformat(),
        "standing": standing(row.from_day, row.to_day, today).value,
    }


def _duty(conn: Connection, hall_id: int, since: date) -> list[dict[str, Any]]:
    days = select(DutyDay).where(DutyDay.hall_id == hall_id, DutyDay.day >= since).order_by(DutyDay.day)
    return [
        {"day": row.day.isoformat(), "name": row.name, "position": row.position, "tel": row.tel}
        for row in conn.execute(days)
    ]


def _staff(conn: Connection, hall_id: int) -> list[dict[str, Any]]:
    """Everybody who can sign in at a window, with the window where they sit now."""
    people = (
        select(Account, Window.no.label("window"), StaffPhoto.digest.label("photo"))
        .outerjoin(Window, Window.staff_id == Account.id)
        .outerjoin(StaffPhoto, StaffPhoto.account_id == Account.id)
        .where(Account.hall_id == hall_id, Account.active.is_(True))
        .order_by(Account.id)
    )
    return [
        {"username": row.username, "full_name": row.name, "staff_no": row.staff_no, "window": row.window or "",
         "name": row.card_name, "position": row.position, "badges": row.badges, "photo": row.photo or ""}
        for row in conn.execute(people)
    ]  # fmt: skip

"""An admin's changes of what the walls show."""

from typing import Any

from sqlalchemy import delete, func, select

from server.contract.codec import to_json
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.screens import (
    DutyRoster,
    DutySettings,
    NoticeSettings,
    PlaylistSettings,
    StaffCardSettings,
    TickerSettings,
)
from server.contract.windows import WindowCommand
from server.db import Tx
from server.domain.settings import MAX_NOTICES
from server.models import Account, DutyDay, Hall, Notice, Window
from server.services import audit, staff_cards
from server.services.actors import Actor
from server.services.admin import overview, refuse_bad
from server.services.events import tell
from server.services.screens import note_told


def add_notice(tx: Tx, actor: Actor, body: NoticeSettings) -> dict[str, Any]:
    """Raises too_many_notices."""
    refuse_bad(body)
    there = select(func.count()).where(Notice.hall_id == actor.hall_id)
    if tx.conn.execute(there).scalar_one() >= MAX_NOTICES:
        raise ProblemError("too_many_notices", most=MAX_NOTICES)
    tx.add(Notice, hall_id=actor.hall_id, **_notice(body))
    return _changed(tx, actor, "notice added")


def change_notice(tx: Tx, actor: Actor, body: NoticeSettings, notice: str) -> dict[str, Any]:
    """Raises notice_not_found."""
    refuse_bad(body)
    tx.change(Notice, _notice_id(tx, actor, notice), **_notice(body))
    return _changed(tx, actor, f"notice {notice}")


def remove_notice(tx: Tx, actor: Actor, body: WindowCommand, notice: str) -> dict[str, Any]:
    """Raises notice_not_found."""
    tx.conn.execute(delete(Notice).where(Notice.id == _notice_id(tx, actor, notice)))
    return _changed(tx, actor, f"notice {notice} removed")


def _notice(body: NoticeSettings) -> dict[str, Any]:
    return {"text": body.text.strip(), "from_day": body.from_day, "to_day": body.to_day}


def _notice_id(tx: Tx, actor: Actor, notice: str) -> int:
    known = tx.conn.execute(select(Notice.id).where(Notice.hall_id == actor.hall_id)).scalars()
    found = next((key for key in known if str(key) == notice), None)
    if found is None:
        raise ProblemError("notice_not_found")
    return found


def change_duty(tx: Tx, actor: Actor, body: DutyRoster) -> dict[str, Any]:
    """The days named, and no others."""
    refuse_bad(body)
    changed = [duty for duty in body.days if _change_leader(tx, actor, duty)]
    if changed:  # their telephones are on the wall for a while; the chain is for ever
        leaders = {duty.day.isoformat(): duty.name.strip() for duty in changed}
        audit.record(tx, actor.hall_id, "staff.leaders", {"leaders": leaders, **actor.by})
    return _changed(tx, actor, "duty roster")


def _change_leader(tx: Tx, actor: Actor, duty: DutySettings) -> bool:
    mine = (DutyDay.hall_id == actor.hall_id) & (DutyDay.day == duty.day)
    told = tx.conn.execute(select(DutyDay.name, DutyDay.position, DutyDay.tel).where(mine)).one_or_none()
    wanted = _leader(duty) if duty.name.strip() else None
    if wanted == (told and told._asdict()):
        return False
    tx.conn.execute(delete(DutyDay).where(mine))
    if wanted:
        tx.add(DutyDay, hall_id=actor.hall_id, day=duty.day, **wanted)
    return True


def _leader(duty: DutySettings) -> dict[str, str]:
    return {"name": duty.name.strip(), "position": duty.position.strip(), "tel": duty.tel.strip()}


def change_card(tx: Tx, actor: Actor, body: StaffCardSettings, username: str) -> dict[str, Any]:
    """Raises user_not_found."""
    refuse_bad(body)
    values = {
        "card_name": body.name.strip(),
        "position": body.position.strip(),
        "badges": [badge.strip() for badge in body.badges],
    }
    mine = (Account.hall_id == actor.hall_id) & (Account.username == username)
    account = tx.conn.execute(select(Account).where(mine)).one_or_none()
    if account is None:
        raise ProblemError("user_not_found")
    staff_cards.write(tx, actor, account, values)
    return _changed(tx, actor, f"staff card of {username}")


def change_playlist(tx: Tx, actor: Actor, body: PlaylistSettings) -> dict[str, Any]:
    """Raises bad_field for a zone without any window."""
    refuse_bad(body)
    zones = {"", *tx.conn.execute(select(Window.zone).where(Window.hall_id == actor.hall_id)).scalars()}
    for i, slide in enumerate(body.slides):
        if slide.zone not in zones:
            raise bad_field(
                f"slides[{i}].zone", "must be a zone of a window", "没有窗口在这个区域", f"第 {i + 1} 项的区域"
            )
    tx.change(Hall, actor.hall_id, playlist=[to_json(slide) for slide in body.slides])
    return _changed(tx, actor, "playlist")


def change_ticker(tx: Tx, actor: Actor, body: TickerSettings) -> dict[str, Any]:
    refuse_bad(body)
    tx.change(Hall, actor.hall_id, ticker=body.ticker.strip())
    return _changed(tx, actor, "ticker")


def _changed(tx: Tx, actor: Actor, what: str) -> dict[str, Any]:
    note_told(tx, actor.hall_id)
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=what)
    return overview(tx.conn, actor, tx.now)

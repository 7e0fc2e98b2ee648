"""What an admin sees of the upload of ratings, and may do about dead letters. Never a level, a text or a name.

Counts are of ratings from before this hour: an admin may serve at a window too, and a count that moved would tell
that the last citizen rated. So it is in `services.figures`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from server.contract.problems import ProblemError
from server.contract.uploads import DeadLetter, ItemCodes, Retried, TaskCodes, Trouble, Uploads
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.sentence import Sentence
from server.domain.service_day import day_over, hall_time, service_day
from server.models import Hall, Invitation, Rating, ServiceItem, Upload
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.hands import went_through

SHOWN = 100


def overview(conn: Connection, actor: Actor, now: datetime, trouble: Iterable[Sentence] = ()) -> Uploads:
    hall = conn.execute(select(Hall).where(Hall.id == actor.hall_id)).one()
    hour = _hour(now)
    waiting = _waiting(conn, hall.id, hour)
    return Uploads(
        on=bool(hall.upload_code),
        trouble=tuple(Trouble(sentence.zh, sentence.en) for sentence in trouble),
        waiting=waiting.count,
        oldest_at=waiting.oldest and hall_time(waiting.oldest, hall.zone),
        fault=_fault(conn, hall.id, hour),
        sent_today=_sent_since(conn, hall.id, _today(hall, now), hour),
        dead=_dead(conn, actor, hour),
        letters=tuple(_letter(row, hall.zone) for row in _letters(conn, hall.id, actor.name)),
        items=tuple(ItemCodes(*row) for row in conn.execute(_ITEMS.where(ServiceItem.hall_id == hall.id))),
    )


def retry(tx: Tx, actor: Actor, body: WindowCommand, upload: str) -> Retried:
    """Send one dead letter again, as the rating and the item's codes are now. Raises upload_not_dead."""
    if not upload.isdecimal() or not _revive(tx, actor, Upload.id == int(upload[:18])):
        raise ProblemError("upload_not_dead")
    return Retried(1)


def retry_all(tx: Tx, actor: Actor, body: WindowCommand) -> Retried:
    """The count is of those that `overview` counts for this admin."""
    count = _dead(tx.conn, actor, _hour(tx.now))
    _revive(tx, actor, Upload.state == "dead")
    return Retried(count)


def change_codes(tx: Tx, actor: Actor, body: TaskCodes, code: str) -> ItemCodes:
    """Dead letters stay until they are retried. Raises item_not_found, bad_field."""
    refuse_bad(body)
    mine = (ServiceItem.hall_id == actor.hall_id, ServiceItem.code == code)
    codes = {"task_code": body.task_code, "task_handle_item": body.task_handle_item}
    if tx.conn.execute(update(ServiceItem).where(*mine).values(codes)).rowcount == 0:
        raise ProblemError("item_not_found")
    return ItemCodes(*tx.conn.execute(_ITEMS.where(*mine)).one())


def items_without_codes(conn: Connection) -> list[Sentence]:
    """Service items whose 实施编码 nobody has said. They are uploaded with empty codes."""
    lacking = select(ServiceItem.code, ServiceItem.name).where(ServiceItem.task_code == "").order_by(ServiceItem.id)
    return [
        Sentence(
            f"事项 {item.code} {item.name} 没有实施编码，请在“评价上报”页填写",
            f"item {item.code} has no task code; enter it on the page /uploads",
        )
        for item in conn.execute(lacking).all()
    ]


_ITEMS = select(
    ServiceItem.code, ServiceItem.name, ServiceItem.task_code, ServiceItem.task_handle_item
).order_by(ServiceItem.id)  # fmt: skip
_LETTERS = (
    select(*Upload.__table__.columns, ServiceItem.name)
    .join(Rating, Rating.id == Upload.rating_id)
    .join(Invitation, Invitation.id == Rating.invitation_id)
    .outerjoin(ServiceItem, ServiceItem.id == Invitation.item_id)
    .where(Upload.state == "dead", ~went_through(Invitation.ticket_id, bindparam("reader")))
    .order_by(Upload.ended_at.desc(), Upload.id.desc())
    .limit(SHOWN)
)


def _letters(conn: Connection, hall_id: int, reader: str) -> Sequence[Record]:
    """Without those of services that this reader had in hand: a province that refuses tells what was rated."""
    return conn.execute(_LETTERS.where(Upload.hall_id == hall_id), {"reader": reader}).all()


def _letter(row: Record, zone: str) -> DeadLetter:
    at = hall_time(row.ended_at, zone)
    return DeadLetter(row.id, row.project_no, row.service_number, row.name or "", row.reason, at, row.attempts)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _dead(conn: Connection, actor: Actor, hour: datetime) -> int:
    """Of this hour those that `_letters` shows this admin too."""
    known = or_(Upload.made_at < hour, ~went_through(Invitation.ticket_id, bindparam("reader")))
    dead = (
        select(func.count(Upload.id))
        .join(Rating, Rating.id == Upload.rating_id)
        .join(Invitation, Invitation.id == Rating.invitation_id)
        .where(Upload.hall_id == actor.hall_id, Upload.state == "dead", known)
    )
    return conn.execute(dead, {"reader": actor.name}).scalar_one()


def _waiting(conn: Connection, hall_id: int, hour: datetime) -> Record:
    counts = select(func.count().label("count"), func.min(Upload.made_at).label("oldest"))
    waiting = (Upload.hall_id == hall_id, Upload.state == "waiting", Upload.made_at < hour)
    return conn.execute(counts.where(*waiting)).one()


def _fault(conn: Connection, hall_id: int, hour: datetime) -> str:
    """Of the oldest row that was tried and has to wait."""
    waiting = (Upload.hall_id == hall_id, Upload.state == "waiting", Upload.made_at < hour)
    tried = select(Upload.reason).where(*waiting, Upload.reason != "")
    return conn.execute(tried.order_by(Upload.id).limit(1)).scalar_one_or_none() or ""


def _today(hall: Record, now: datetime) -> datetime:
    today = service_day(now, hall.zone, hall.rollover_hour)
    return day_over(today - timedelta(days=1), hall.zone, hall.rollover_hour)


def _sent_since(conn: Connection, hall_id: int, since: datetime, hour: datetime) -> int:
    sent = (Upload.hall_id == hall_id, Upload.state == "sent", Upload.ended_at >= since, Upload.made_at < hour)
    return conn.execute(select(func.count()).where(*sent)).scalar_one()


def _revive(tx: Tx, actor: Actor, which: ColumnElement[bool]) -> int:
    dead = update(Upload).where(Upload.hall_id == actor.hall_id, Upload.state == "dead", which)
    return tx.conn.execute(dead.values(state="waiting", due_at=tx.now, attempts=0, reason="", ended_at=None)).rowcount

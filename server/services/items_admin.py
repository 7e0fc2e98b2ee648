"""An admin's changes of service items. Every change is kept as a version, so that what was shown when can be told."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, func, select

from server.contract.codec import from_json, to_json
from server.contract.items import PUBLIC, Item, ItemFields, ItemRow, Items, ItemSettings, ItemVersion, ShownOn
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.service_day import hall_time, service_day
from server.domain.settings import BadSettingError, check_place
from server.models import ItemVersion as VersionRow
from server.models import Queue, ServiceItem
from server.services import audit
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.days import day_named
from server.services.events import tell
from server.services.halls import hall_of
from server.services.pinyin import pinyin

FIELDS = tuple(one.name for one in fields(ItemFields))
_STORED_BESIDE = ("name", "queue", "active")
"""Fields with a column of their own; the others stand in `public`."""
_ITEMS = select(ServiceItem, Queue.code.label("queue")).join(Queue, Queue.id == ServiceItem.queue_id)
_LATEST = (
    select(VersionRow.item_id, func.max(VersionRow.n).label("n"), func.max(VersionRow.at).label("at"))
    .group_by(VersionRow.item_id)
    .subquery()
)


def put_item(tx: Tx, actor: Actor, code: str, body: ItemSettings) -> bool:
    """Make the item as `body` says and tell the hall; False when it is so already. Raises bad_field, code_taken and
    item_moved."""
    changed = keep_item(tx, actor, code, body)
    if changed:
        told(tx, actor, f"item {code}")
    return changed


def keep_item(tx: Tx, actor: Actor, code: str, body: ItemSettings, copy_of: int | None = None) -> bool:
    """As `put_item`, but nobody is told: for who puts many at once and tells them with `told`."""
    refuse_bad(body)
    wanted = _tidy(body)
    queue_id = _queue_id(tx.conn, actor, wanted.queue)
    row = _row(tx.conn, actor, code)
    if row is None:
        _refuse_bad_code(code)
        item_id = tx.add(ServiceItem, hall_id=actor.hall_id, code=code, queue_id=queue_id, **_columns(wanted))
        _add_version(tx, actor, item_id, 1, wanted)
        return True
    if body.new:
        raise ProblemError("code_taken", name=code)
    known = _versions(tx.conn, row)
    if body.version not in (None, known[-1].n):
        raise ProblemError("item_moved", number=known[-1].n)
    if wanted == _shown(row):
        return False
    if known[-1].id is None:
        _add_first(tx, row)
    tx.change(ServiceItem, row.id, queue_id=queue_id, **_columns(wanted))
    _add_version(tx, actor, row.id, known[-1].n + 1, wanted, copy_of)
    return True


def told(tx: Tx, actor: Actor, why: str) -> None:
    """Walls, kiosks and telephones fetch the new text."""
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=why)


def change_item(tx: Tx, actor: Actor, body: ItemSettings, code: str) -> Item:
    put_item(tx, actor, code, body)
    return item(tx.conn, actor, code)


def bring_back(tx: Tx, actor: Actor, body: WindowCommand, code: str, version: str) -> Item:
    """The version as a new one. Raises item_not_found, item_version_not_found, and bad_field for a queue that is
    gone."""
    known = _versions(tx.conn, _found(tx.conn, actor, code))
    old = next((one for one in known if str(one.n) == version), None)
    if old is None:
        raise ProblemError("item_version_not_found", number=version[:9])
    if keep_item(tx, actor, code, ItemSettings(**vars(old.shown)), old.n):
        told(tx, actor, f"item {code} as in version {old.n}")
    return item(tx.conn, actor, code)


def items(conn: Connection, actor: Actor) -> Items:
    """Every item, also those out of use"""
    hall = hall_of(conn, actor.hall_id)
    mine = (
        _ITEMS.add_columns(_LATEST.c.n, _LATEST.c.at)
        .outerjoin(_LATEST, _LATEST.c.item_id == ServiceItem.id)
        .where(ServiceItem.hall_id == hall.id)
        .order_by(ServiceItem.code)
    )
    return Items(tuple(_line(row, hall.zone) for row in conn.execute(mine)))


def all_fields(conn: Connection, hall_id: int) -> dict[str, ItemFields]:
    """Every item by its code."""
    mine = _ITEMS.where(ServiceItem.hall_id == hall_id).order_by(ServiceItem.code)
    return {row.code: _shown(row) for row in conn.execute(mine)}


def item(conn: Connection, actor: Actor, code: str) -> Item:
    """An item with all its versions"""
    hall = hall_of(conn, actor.hall_id)
    return Item(code, tuple(reversed(_told(_versions(conn, _found(conn, actor, code)), hall.zone))))


def shown_on(conn: Connection, actor: Actor, code: str, day: str) -> ShownOn:
    """What was shown of an item on a service day"""
    asked, hall = day_named(day), hall_of(conn, actor.hall_id)
    known = _told(_versions(conn, _found(conn, actor, code)), hall.zone)
    return ShownOn(code, asked, tuple(one for one in known if _stood_on(one, asked, hall)))


def _stood_on(version: ItemVersion, day: date, hall: Record) -> bool:
    begun = version.at is None or service_day(version.at, hall.zone, hall.rollover_hour) <= day
    return begun and (version.until is None or day <= service_day(version.until, hall.zone, hall.rollover_hour))


def _tidy(body: ItemFields) -> ItemFields:
    """Without spaces at the ends, which nobody sees and which would make a version of nothing."""
    return ItemFields(**{name: _stripped(getattr(body, name)) for name in FIELDS})


def _stripped(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(one.strip() for one in value)
    return value.strip() if isinstance(value, str) else value


def _refuse_bad_code(code: str) -> None:
    try:
        check_place("item_code", code)
    except BadSettingError as bad:
        raise bad_field(bad.field, bad.problem, bad.problem_zh, bad.field_zh) from None


def _queue_id(conn: Connection, actor: Actor, code: str) -> int:
    known = select(Queue.id).where(Queue.hall_id == actor.hall_id, Queue.code == code)
    found = conn.execute(known).scalar_one_or_none()
    if found is None:
        raise bad_field("queue", "must be a queue of the hall", "没有这个队列", "办理队列")
    return found


def _row(conn: Connection, actor: Actor, code: str) -> Record | None:
    return conn.execute(
        _ITEMS.where(ServiceItem.hall_id == actor.hall_id, ServiceItem.code == code)
    ).one_or_none()  # fmt: skip


def _found(conn: Connection, actor: Actor, code: str) -> Record:
    row = _row(conn, actor, code)
    if row is None:
        raise ProblemError("item_not_found")
    return row


def _columns(shown: ItemFields) -> dict[str, Any]:
    said = to_json(shown)
    public = {name: value for name, value in said.items() if name not in _STORED_BESIDE}
    return {"name": shown.name, "active": shown.active, "public": public}


def _shown(row: Record) -> ItemFields:
    said = {"name": row.name, "queue": row.queue, "active": row.active, **row.public}
    return from_json(ItemFields, said, strict=False)


def _line(row: Record, zone: str) -> ItemRow:
    shown = _shown(row)
    lacking = tuple(name for name in PUBLIC if not getattr(shown, name))
    return ItemRow(
        row.code, row.name, row.queue, row.active, pinyin(row.name), row.n or 1, row.at and hall_time(row.at, zone),
        lacking,
    )  # fmt: skip


class _Version:
    """A row of `item_version`, or with no `id` how an item is that was never changed."""

    def __init__(self, shown: ItemFields, row: Record | None = None) -> None:
        self.shown = shown
        self.id: int | None = row and row.id
        self.n: int = row.n if row else 1
        self.at: datetime | None = row and row.at
        self.by: str = row.by if row else ""
        self.copy_of: int | None = row and row.copy_of


def _versions(conn: Connection, row: Record) -> list[_Version]:
    """Oldest first; never empty."""
    known = conn.execute(select(VersionRow).where(VersionRow.item_id == row.id).order_by(VersionRow.n))
    return [_Version(from_json(ItemFields, one.shown, strict=False), one) for one in known] or [_Version(_shown(row))]


def _told(known: Sequence[_Version], zone: str) -> list[ItemVersion]:
    """Oldest first."""
    ends = [after.at for _, after in pairwise(known)]
    before = [None, *(one.shown for one in known)]
    return [
        ItemVersion(
            one.n, one.at and hall_time(one.at, zone), until and hall_time(until, zone), one.by, one.copy_of,
            _differing(earlier, one.shown), one.shown,
        )
        for one, until, earlier in zip(known, [*ends, None], before, strict=False)
    ]  # fmt: skip


def _differing(before: ItemFields | None, after: ItemFields) -> tuple[str, ...]:
    return () if before is None else differing(before, after)


def differing(before: ItemFields, after: ItemFields) -> tuple[str, ...]:
    """The fields that are not the same."""
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


def _add_first(tx: Tx, row: Record) -> None:
    """How it was before anybody changed it: since when nobody wrote down."""
    said = to_json(_shown(row))
    _seal(tx, tx.add(VersionRow, hall_id=row.hall_id, item_id=row.id, n=1, at=None, copy_of=None, shown=said))


def _add_version(
    tx: Tx, actor: Actor, item_id: int, n: int, shown: ItemFields, copy_of: int | None = None
) -> None:  # fmt: skip
    key = tx.add(
        VersionRow, hall_id=actor.hall_id, item_id=item_id, n=n, at=tx.now, by=actor.name, copy_of=copy_of,
        shown=to_json(shown),
    )  # fmt: skip
    _seal(tx, key)


def _seal(tx: Tx, key: int) -> None:
    audit.record_row(tx, "item.shown", "item_version", key)

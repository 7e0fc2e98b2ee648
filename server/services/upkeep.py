"""Backups and verifications: when they are asked for, who does them, what came of them."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, literal, select, update

from server.backup.folder import refuse_data_folder
from server.contract.news import NewsKind
from server.contract.operations import AskRun, OperationsSettings, RunView, Upkeep
from server.contract.problems import ProblemError, bad_field
from server.db import Record, Tx
from server.domain.operations import newest_due, next_due, stale_since
from server.domain.sentence import Sentence
from server.domain.service_day import hall_time
from server.models import Hall, OperationRun, Operations
from server.services import audit
from server.services.actors import Actor
from server.services.events import tell

SHOWN = 20
KEPT_RUNS = 500
LONGEST = timedelta(days=1)
KINDS = ("backup", "verify")
STOPPED = Sentence("服务器在此期间停了，没有结果", "the server was stopped meanwhile, nothing came of it")
_NAMES = tuple(one.name for one in fields(OperationsSettings) if one.name != "request_id")
_DEFAULTS = {name: Operations.__table__.c[name].default.arg for name in _NAMES}


def settings(conn: Connection, hall_id: int) -> OperationsSettings:
    row = conn.execute(select(Operations).where(Operations.hall_id == hall_id)).one_or_none()
    held = {name: getattr(row, name) for name in _NAMES} if row is not None else _DEFAULTS
    return OperationsSettings("", **held)


def change_settings(tx: Tx, actor: Actor, body: OperationsSettings) -> Upkeep:
    """What changed is sealed: how long something is kept is asked about later. That the folder is there was looked at
    before. Raises bad_field."""
    sqlite = tx.conn.dialect.name == "sqlite"
    refuse_data_folder(body.backup_folder, tx.conn.engine.url.database if sqlite else None)
    before = settings(tx.conn, actor.hall_id)
    values = {name: getattr(body, name) for name in _NAMES}
    known = tx.conn.execute(select(Operations.hall_id).where(Operations.hall_id == actor.hall_id)).first()
    if known is None:
        tx.add(Operations, hall_id=actor.hall_id, **values)
    else:
        tx.conn.execute(update(Operations).where(Operations.hall_id == actor.hall_id).values(**values))
    changed = {name: value for name, value in values.items() if value != getattr(before, name)}
    if changed:
        audit.record(tx, actor.hall_id, "operations.changed", {**actor.by, **changed})
        tell(tx, actor, NewsKind.HALL_CHANGED, {}, why="operations")
    return overview(tx.conn, actor, tx.now)


def overview(conn: Connection, actor: Actor, now: datetime) -> Upkeep:
    hall = conn.execute(select(Hall.zone).where(Hall.id == actor.hall_id)).one()
    kept, good = settings(conn, actor.hall_id), last_good(conn, actor.hall_id)
    due = next_due(kept.backup_minute, hall.zone, now) if kept.backup_on else None
    runs = conn.execute(_newest(actor.hall_id).limit(SHOWN)).all()
    return Upkeep(
        settings=kept, stale=stale_since(good, kept.warn_days, now), good_at=good and hall_time(good, hall.zone),
        next_at=due, runs=tuple(_view(row, hall.zone) for row in runs),
    )  # fmt: skip


def _newest(hall_id: int) -> Select[Any]:
    return select(OperationRun).where(OperationRun.hall_id == hall_id).order_by(OperationRun.id.desc())


def _view(row: Record, zone: str) -> RunView:
    return RunView(
        row.kind, row.how, row.asked_by, row.state, hall_time(row.asked_at, zone),
        row.ended_at and hall_time(row.ended_at, zone), row.zh, row.en, row.file, row.size,
    )  # fmt: skip


def last_good(conn: Connection, hall_id: int) -> datetime | None:
    """When the newest backup that came to something was made, and proven where that was asked."""
    good = _newest(hall_id).where(OperationRun.kind == "backup", OperationRun.state == "done").limit(1)
    row = conn.execute(good).one_or_none()
    return row.ended_at if row else None


def newest(conn: Connection, hall_id: int, kind: str) -> Record | None:
    """The newest run of its kind, over or not."""
    return conn.execute(_newest(hall_id).where(OperationRun.kind == kind).limit(1)).one_or_none()


def ask(tx: Tx, actor: Actor, body: AskRun) -> Upkeep:
    """By hand. One that waits or runs already is enough. Raises bad_field, no_backup_folder."""
    if body.kind not in KINDS:
        raise bad_field("kind", f"must be one of: {', '.join(KINDS)}", "只能是备份或核验")
    if body.kind == "backup" and not settings(tx.conn, actor.hall_id).backup_folder:
        raise ProblemError("no_backup_folder", field="backup_folder")
    _ask_once(tx, actor, body.kind)
    return overview(tx.conn, actor, tx.now)


def ask_verify(tx: Tx, actor: Actor) -> None:
    _ask_once(tx, actor, "verify")


def _ask_once(tx: Tx, actor: Actor, kind: str) -> None:
    under_way = OperationRun.ended_at.is_(None) & (OperationRun.kind == kind)
    if tx.conn.execute(_newest(actor.hall_id).where(under_way)).first() is None:
        _ask(tx, actor.hall_id, kind, "hand", actor.signature)


def _ask(tx: Tx, hall_id: int, kind: str, how: str, by: str) -> None:
    tx.add(OperationRun, hall_id=hall_id, kind=kind, how=how, asked_by=by, asked_at=tx.now)


def due(conn: Connection, now: datetime) -> list[int]:
    """Halls whose backup the clock asks for and nobody has asked for yet."""
    on = select(Operations.hall_id, Operations.backup_minute, Hall.zone).join(Hall, Hall.id == Operations.hall_id)
    found = []
    for row in conn.execute(on.where(Operations.backup_on.is_(True), Operations.backup_folder != "")).all():
        since = OperationRun.asked_at >= newest_due(row.backup_minute, row.zone, now)
        asked = _newest(row.hall_id).where(OperationRun.kind == "backup", OperationRun.how == "schedule", since)
        if conn.execute(asked.limit(1)).first() is None:
            found.append(row.hall_id)
    return found


def waiting(conn: Connection) -> bool:
    return conn.execute(select(OperationRun.id).where(OperationRun.state == "waiting").limit(1)).first() is not None


def ask_due(tx: Tx) -> None:
    for hall_id in due(tx.conn, tx.now):
        _ask(tx, hall_id, "backup", "schedule", "system:system")


def claim(tx: Tx, holder: str) -> Record | None:
    """The next run, from now on this holder's, with the settings it is done by."""
    row = tx.conn.execute(
        select(OperationRun).where(OperationRun.state == "waiting").order_by(OperationRun.id).limit(1)
    ).one_or_none()
    if row is not None:
        tx.change(OperationRun, row.id, state="running", holder=holder)
    return row


def give_up(tx: Tx, holder: str) -> None:
    """What this holder was at when it was stopped, and what a holder that never came back was at. A file has one
    holder; what another was at came with a backup, in which its own run is under way for ever."""
    alone = tx.conn.dialect.name == "sqlite"
    lost = (OperationRun.holder == holder) | (OperationRun.asked_at < tx.now - LONGEST) | literal(alone)
    tx.conn.execute(
        update(OperationRun)
        .where(OperationRun.state == "running", lost)
        .values(state="failed", ended_at=tx.now, zh=STOPPED.zh, en=STOPPED.en)
    )


def end(tx: Tx, run: Record, ok: bool, said: Sentence, file: str = "", size: int = 0) -> None:
    """Backups are on the audit chain: which there were is asked when one is needed."""
    tx.change(
        OperationRun, run.id, state="done" if ok else "failed", ended_at=tx.now, zh=said.zh, en=said.en, file=file,
        size=size,
    )  # fmt: skip
    if run.kind == "backup":
        audit.record(tx, run.hall_id, f"backup.{'made' if ok else 'failed'}", {"by": run.asked_by, "file": file})
    old = _newest(run.hall_id).with_only_columns(OperationRun.id).offset(KEPT_RUNS).limit(KEPT_RUNS)
    tx.conn.execute(delete(OperationRun).where(OperationRun.id.in_(old.scalar_subquery())))

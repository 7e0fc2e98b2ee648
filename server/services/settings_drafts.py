"""The draft of a hall's settings: begun from what is live, changed as often as one likes, and live in one commit."""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.contract.codec import from_json, to_json
from server.contract.problems import ProblemError
from server.contract.settings_document import Applied, ImportDocument, SettingsDocument, Weight
from server.contract.settings_drafts import Draft, DraftCommand, DraftState, GoLive, KeepDraft
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.service_day import hall_time
from server.domain.settings_check import findings, tidy
from server.domain.settings_words import changes, merge
from server.models import SettingsDraftRow
from server.services.actors import Actor
from server.services.files import File
from server.services.halls import hall_of
from server.services.settings_document import apply, export, read_document


def settings_file(conn: Connection, actor: Actor) -> File:
    """All settings of the hall as a JSON file"""
    hall = hall_of(conn, actor.hall_id)
    document = to_json(export(conn, actor.hall_id))
    return File(
        f"jiaohao-{hall.code.lower()}.json", "application/json",
        lambda: json.dumps(document, ensure_ascii=False, indent=1).encode(),
    )  # fmt: skip


def state(conn: Connection, actor: Actor) -> DraftState:
    """The draft of the settings, with what is wrong in it and what it changes"""
    row = _row(conn, actor)
    return DraftState(None if row is None else _view(conn, actor, row))


def _row(conn: Connection, actor: Actor) -> Record | None:
    mine = select(SettingsDraftRow).where(SettingsDraftRow.hall_id == actor.hall_id)
    row: Record | None = conn.execute(mine).one_or_none()
    return row


def _view(conn: Connection, actor: Actor, row: Record) -> Draft:
    document, live = _read(row.document), export(conn, actor.hall_id)
    zone = hall_of(conn, actor.hall_id).zone
    return Draft(
        row.version, document, row.who, hall_time(row.at, zone), findings(document), changes(live, tidy(document)),
        changes(_read(row.base), live),
    )  # fmt: skip


def _read(data: dict[str, Any]) -> SettingsDocument:
    """Of our own keeping: written by this server, or by an older one."""
    return from_json(SettingsDocument, data, strict=False)


def begin(tx: Tx, actor: Actor, body: WindowCommand) -> DraftState:
    """A draft as the hall is now. One that is there already stays as it is."""
    if _row(tx.conn, actor) is None:
        live = to_json(export(tx.conn, actor.hall_id))
        tx.add(SettingsDraftRow, hall_id=actor.hall_id, version=1, document=live, base=live, **_now(tx, actor))
    return state(tx.conn, actor)


def bring(tx: Tx, actor: Actor, body: ImportDocument) -> DraftState:
    """A file of settings becomes the draft, in place of one that is there. Raises newer_format or bad_field."""
    document, live = to_json(tidy(read_document(body.document))), to_json(export(tx.conn, actor.hall_id))
    row = _row(tx.conn, actor)
    if row is None:
        tx.add(SettingsDraftRow, hall_id=actor.hall_id, version=1, document=document, base=live, **_now(tx, actor))
    else:
        _keep(tx, actor, row, document=document, base=live)
    return state(tx.conn, actor)


def keep(tx: Tx, actor: Actor, body: KeepDraft) -> DraftState:
    """The draft as it shall be; it may hold what is wrong. Raises no_draft, draft_moved, bad_field."""
    row = _current(tx, actor, body.version)
    _keep(tx, actor, row, document=to_json(read_document(body.document)))
    return state(tx.conn, actor)


def catch_up(tx: Tx, actor: Actor, body: DraftCommand) -> DraftState:
    """Take over what was changed live since the draft was begun; `said` is what both had changed."""
    row = _current(tx, actor, body.version)
    live = export(tx.conn, actor.hall_id)
    merged, clashes = merge(_read(row.base), live, _read(row.document))
    _keep(tx, actor, row, document=to_json(merged), base=to_json(live))
    return replace(state(tx.conn, actor), said=clashes)


def discard(tx: Tx, actor: Actor, body: DraftCommand) -> DraftState:
    _current(tx, actor, body.version)
    _forget(tx, actor)
    return DraftState(None)


def go_live(tx: Tx, actor: Actor, body: GoLive) -> Applied:
    """The whole draft at once. Raises no_draft, draft_moved, draft_behind, draft_warned, and as `apply`."""
    row = _current(tx, actor, body.version)
    document = _read(row.document)
    moved = changes(_read(row.base), export(tx.conn, actor.hall_id))
    if moved:
        raise ProblemError("draft_behind", first=moved[0].en, first_zh=moved[0].zh, count=len(moved))
    applied = _apply(tx, actor, document, body.warnings)
    _forget(tx, actor)
    return applied


def _apply(tx: Tx, actor: Actor, document: SettingsDocument, warned: bool) -> Applied:
    applied = apply(tx, actor, document, "draft of the settings")
    warnings = [one for one in findings(document) if one.weight is Weight.WARNING]
    if warnings and not warned:
        first: Any = warnings[0]
        raise ProblemError("draft_warned", count=len(warnings), first=first.en, first_zh=first.zh)
    return applied


def _current(tx: Tx, actor: Actor, version: int) -> Record:
    row = _row(tx.conn, actor)
    if row is None:
        raise ProblemError("no_draft")
    if row.version != version:
        raise ProblemError("draft_moved", who=row.who.partition(":")[2])
    return row


def _keep(tx: Tx, actor: Actor, row: Record, **values: Any) -> None:
    mine = SettingsDraftRow.hall_id == actor.hall_id
    new = {"version": row.version + 1, **_now(tx, actor), **values}
    tx.conn.execute(update(SettingsDraftRow).where(mine).values(**new))


def _forget(tx: Tx, actor: Actor) -> None:
    tx.conn.execute(delete(SettingsDraftRow).where(SettingsDraftRow.hall_id == actor.hall_id))


def _now(tx: Tx, actor: Actor) -> dict[str, Any]:
    return {"who": actor.signature, "at": tx.now}

"""The history of settings: each change keeps the document before it, to be undone; and so can the undoing be.

Who writes a service that changes settings need do nothing: whatever an admin's command changed of the document is
noted in the commit that changes it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from server.contract.codec import from_json, to_json
from server.contract.problems import ProblemError
from server.contract.settings_document import (
    Applied,
    Said,
    SettingsChange,
    SettingsDocument,
    SettingsHistory,
    Undo,
)
from server.db import Tx
from server.domain.service_day import hall_time
from server.domain.settings_words import changes
from server.models import SettingsChangeRow
from server.services import audit
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.settings_document import apply, export

KEPT = 100
"""Changes of a hall; older ones are forgotten."""
MOST_SAID = 12
"""Sentences of one change that its entry keeps."""
PLACES = ("/admin/", "/uploads/items/")
"""Where the commands that change settings stand in the API."""
HOWS = {"/admin/draft/go-live": "draft", "/admin/settings/undo": "undo"}
FIRST_RUN = "/admin/start/"

_TABLE = SettingsChangeRow.__table__.c
_NEWEST = (
    select(_TABLE.id, _TABLE.at, _TABLE.who, _TABLE.how, _TABLE.words, _TABLE.more)
    .where(_TABLE.hall_id == bindparam("hall_id"))
    .order_by(_TABLE.id.desc())
)
_ONE = select(_TABLE.before).where(_TABLE.hall_id == bindparam("hall_id"), _TABLE.id == bindparam("change"))


def noting(path: str, run: Callable[..., Any]) -> Callable[..., Any]:
    """`run` of the command at `path`; of an admin's command, one that notes what it changed of the settings."""
    if not path.startswith(PLACES):
        return run
    how = HOWS.get(path) or ("first_run" if path.startswith(FIRST_RUN) else "form")

    def noted(tx: Tx, actor: Actor, body: Any, **words: str) -> Any:
        before = export(tx.conn, actor.hall_id)
        answer = run(tx, actor, body, **words)
        _note(tx, actor, how, before, export(tx.conn, actor.hall_id))
        return answer

    return noted


def _note(tx: Tx, actor: Actor, how: str, before: SettingsDocument, after: SettingsDocument) -> None:
    said = changes(before, after)
    if not said:
        return
    words = to_json(said[:MOST_SAID])
    change = tx.add(
        SettingsChangeRow, hall_id=actor.hall_id, at=tx.now, who=actor.signature, how=how, words=words,
        more=max(0, len(said) - MOST_SAID), before=to_json(before),
    )  # fmt: skip
    audit.record(tx, actor.hall_id, "settings", {"change": change, **actor.by, "how": how, "words": words})
    old = tx.conn.execute(_NEWEST.offset(KEPT).limit(1), {"hall_id": actor.hall_id}).first()
    if old is not None:
        mine = SettingsChangeRow.hall_id == actor.hall_id
        tx.conn.execute(delete(SettingsChangeRow).where(mine, SettingsChangeRow.id <= old.id))


def history(conn: Connection, actor: Actor) -> SettingsHistory:
    """Changes of the settings, the newest first"""
    zone = hall_of(conn, actor.hall_id).zone
    return SettingsHistory(
        tuple(
            SettingsChange(
                row.id, hall_time(row.at, zone).isoformat(), row.who, row.how,
                tuple(Said(**one) for one in row.words), row.more,
            )
            for row in conn.execute(_NEWEST.limit(KEPT), {"hall_id": actor.hall_id})
        )
    )  # fmt: skip


def undo(tx: Tx, actor: Actor, body: Undo) -> Applied:
    """The hall as it was before a change, and so before all later ones. Raises change_not_found, and as `apply`."""
    row = tx.conn.execute(_ONE, {"hall_id": actor.hall_id, "change": body.change}).one_or_none()
    if row is None:
        raise ProblemError("change_not_found")
    return apply(tx, actor, from_json(SettingsDocument, row.before, strict=False), f"settings before {body.change}")

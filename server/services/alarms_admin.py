"""What an admin sets of alarms."""

from collections.abc import Iterator
from typing import Any

from server.contract.alarms import AlarmSettings
from server.contract.news import NewsKind
from server.db import Tx
from server.domain.alarms import KINDS, Rules
from server.models import Hall
from server.services import admin, audit
from server.services.actors import Actor
from server.services.events import tell
from server.services.hall_alarms import rules_of
from server.services.halls import hall_of


def change_settings(tx: Tx, actor: Actor, body: AlarmSettings) -> dict[str, Any]:
    """Kinds that the message leaves out stay as they are. Raises bad_field."""
    admin.refuse_bad(body)
    was = rules_of(hall_of(tx.conn, actor.hall_id))
    off = set(was.off) - {rule.kind for rule in body.rules if rule.on} | {r.kind for r in body.rules if not r.on}
    limits = {**was.limits, **{rule.kind: rule.limit for rule in body.rules if rule.limit is not None}}
    kept = {
        "escalate_minutes": body.escalate_minutes, "off": sorted(off),
        "limits": {kind.value: limit for kind, limit in sorted(limits.items())},
    }  # fmt: skip
    words = list(_words(was, Rules(body.escalate_minutes, frozenset(off), limits)))
    if words:
        tx.change(Hall, actor.hall_id, alarm_rules=kept)
        audit.record(tx, actor.hall_id, "alarms.changed", {"words": words, **actor.by})
        tell(tx, actor, NewsKind.HALL_CHANGED, {}, why="alarm limits")
    return admin.overview(tx.conn, actor, tx.now)


def _words(was: Rules, now: Rules) -> Iterator[dict[str, str]]:
    """One sentence for each change, as the history of settings has them."""
    if was.escalate_minutes != now.escalate_minutes:
        change = f"{was.escalate_minutes} → {now.escalate_minutes}"
        yield {"zh": f"几分钟无人确认就升级显示：{change}", "en": f"Minutes unacknowledged: {change}"}
    for kind, of in KINDS.items():
        if (kind in was.off) != (kind in now.off):
            zh, en = ("关闭", "off") if kind in now.off else ("开启", "on")
            yield {"zh": f"{of.name[0]}：{zh}", "en": f"{of.name[1]}: {en}"}
        if of.limit and was.limit(kind) != now.limit(kind):
            change = f"{was.limit(kind)} → {now.limit(kind)}"
            yield {"zh": f"{of.name[0]}（{of.limit.zh}）：{change}", "en": f"{of.name[1]} ({of.limit.en}): {change}"}

"""What the staff card (服务监督牌) of somebody says to everybody, changed and put on record."""

from typing import Any

from server.db import Record, Tx
from server.models import Account
from server.services import audit
from server.services.actors import Actor


def write(tx: Tx, actor: Actor, account: Record, values: dict[str, Any]) -> None:
    """`values`: `card_name`, `position` and `badges`. What changes nothing leaves no entry."""
    changed = {name: value for name, value in values.items() if value != getattr(account, name)}
    if changed:
        tx.change(Account, account.id, **changed)
        audit.record(tx, actor.hall_id, "staff.card", {"account": account.username, **changed, **actor.by})

"""What an admin sets of short messages."""

from typing import Any

from server.contract.news import NewsKind
from server.contract.sms import SmsSettings
from server.db import Tx
from server.domain.sms_text import DEFAULT
from server.models import Hall
from server.services import admin
from server.services.actors import Actor
from server.services.events import tell


def change_settings(tx: Tx, actor: Actor, body: SmsSettings) -> dict[str, Any]:
    """Whether, how soon and how long; numbers that wait are forgotten by the timer once it is off."""
    admin.refuse_bad(body)
    tx.change(
        Hall, actor.hall_id, sms_on=body.sms_on, sms_delay_minutes=body.sms_delay_minutes,
        sms_reply_hours=body.sms_reply_hours, **_worded(body.sms_text),
    )  # fmt: skip
    tell(tx, actor, NewsKind.HALL_CHANGED, {})
    return admin.overview(tx.conn, actor, tx.now)


def _worded(text: str | None) -> dict[str, str]:
    """A hall that sends the usual words has none of its own, and follows them."""
    if text is None:
        return {}
    return {"sms_text": "" if text.strip() == DEFAULT else text.strip()}

"""What a gateway with a modem does: it takes messages one at a time, and says what became of each.

Two gateways never send the same: a message is leased to one, and is offered again to that one alone. A lease that
nobody reported of ends as unknown, and what is unknown is never sent again by itself.
"""

from datetime import timedelta

from sqlalchemy import select

from server.contract.problems import ProblemError
from server.contract.sms import SmsReport, SmsResult, SmsTaken, SmsToSend, TakeSms
from server.db import Record, Tx
from server.domain import sms
from server.models import Invitation, SmsContactRow, SmsMessageRow
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.sms import end, not_asked, replies_until

LEASE = timedelta(minutes=10)
"""A modem says within three minutes what became of a message, or never."""

_MESSAGES = (
    select(*SmsMessageRow.__table__.c, Invitation.state.label("rating"))
    .outerjoin(SmsContactRow, SmsContactRow.id == SmsMessageRow.contact_id)
    .outerjoin(Invitation, Invitation.ticket_id == SmsContactRow.ticket_id)
    .order_by(SmsMessageRow.id)
    .limit(1)
)


def take(tx: Tx, actor: Actor, body: TakeSms) -> SmsTaken:
    """The next message for this gateway, if any: first the one that it has and has not reported of."""
    mine = _MESSAGES.where(
        SmsMessageRow.hall_id == actor.hall_id,
        SmsMessageRow.state == "leased",
        SmsMessageRow.device_id == actor.device_id,
    )
    leased = tx.conn.execute(mine.where(SmsMessageRow.lease_until > tx.now)).one_or_none()
    message = leased or _next(tx, actor)
    if message is None:
        return SmsTaken(())
    if leased is None:
        _lease(tx, actor, message)
    minutes = int((message.expires_at - tx.now) / timedelta(minutes=1))
    return SmsTaken((SmsToSend(message.code, message.number, message.text, max(minutes, 5)),))


def _next(tx: Tx, actor: Actor) -> Record | None:
    hall = hall_of(tx.conn, actor.hall_id)
    due = _MESSAGES.where(
        SmsMessageRow.hall_id == actor.hall_id,
        SmsMessageRow.state == "waiting",
        SmsMessageRow.not_before <= tx.now,
        SmsMessageRow.expires_at > tx.now,
    )
    asks = SmsMessageRow.kind == sms.Kind.INVITATION.value
    may_ask = hall.sms_on and sms.by_day(tx.now, hall.zone)
    wanted = due.where(~asks | (Invitation.state == "unrated")) if may_ask else due.where(~asks)
    found: Record | None = tx.conn.execute(wanted).one_or_none()
    return found


def _lease(tx: Tx, actor: Actor, message: Record) -> None:
    tx.change(
        SmsMessageRow, message.id, state="leased", device_id=actor.device_id, lease_until=tx.now + LEASE, at=tx.now,
        tries=message.tries + 1,
    )  # fmt: skip
    if message.kind == sms.Kind.INVITATION:
        replies_until(tx, message.contact_id, hall_of(tx.conn, actor.hall_id).sms_reply_hours)


def report(tx: Tx, actor: Actor, body: SmsReport, message: str) -> dict[str, str]:
    """What became of a message, in its words. A gateway that was cut off may still put "unknown" right. Raises
    sms_not_yours."""
    found = tx.conn.execute(
        select(SmsMessageRow).where(SmsMessageRow.code == message, SmsMessageRow.device_id == actor.device_id)
    ).one_or_none()
    if found is None:
        raise ProblemError("sms_not_yours")
    if found.state not in ("leased", "unknown"):
        return {}
    again = found.state == "leased" and _nothing_went_out(body) and found.tries < sms.MOST_TRIES
    if again:
        tx.change(
            SmsMessageRow, found.id, state="waiting", device_id=None, lease_until=None,
            not_before=tx.now + sms.TRY_AGAIN, detail=body.detail, detail_en=body.detail_en,
        )  # fmt: skip
    else:
        end(tx, found.id, body.result.value, body.detail, body.detail_en)
    if _nothing_went_out(body) and found.kind == sms.Kind.INVITATION:
        not_asked(tx, found.contact_id, again)
    return {}


def _nothing_went_out(body: SmsReport) -> bool:
    return body.result is SmsResult.FAILED and body.taken == 0

"""What phones write: one of five levels makes the rating of the service that was asked about last, "TD" ends it all,
everything else is kept as having come and makes no rating."""

import hashlib
import hmac

from sqlalchemy import select, update

from server.contract.ratings import Label, Source
from server.contract.sms import SmsKept, SmsReceived
from server.db import Record, Tx
from server.domain import sms
from server.domain.chain import canonical
from server.domain.rating import Opinion
from server.domain.sms import Asked, Kind, Outcome
from server.models import Invitation, Rating, SmsContactRow, SmsMessageRow, SmsOptOut, SmsReply
from server.services import audit, ratings
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.people import person_hash
from server.services.sms import end, forget, opted_out, post


def received(tx: Tx, actor: Actor, body: SmsReceived) -> SmsKept:
    """Take a message that came. The same one again (a gateway that was killed, a network that repeats) is nothing."""
    number = sms.phone(body.sender)
    who = number and person_hash(tx.conn, actor.hall_id, number)
    reply = sms.written(tx.now, body.sent_at, body.age_s)
    asked = _asked(tx, actor.hall_id, who) if who else {}
    possible = sms.about([_question(contact) for contact in asked.values()], reply)
    contact = asked[possible[0].id] if len(possible) == 1 else None
    key = _message_key(hall_of(tx.conn, actor.hall_id).secret, body, contact)
    if tx.conn.execute(select(SmsReply.id).where(SmsReply.message_key == key)).first() is not None:
        return SmsKept()
    if number and who and body.complete and sms.wants_no_more(body.text):
        _opt_out(tx, actor, contact, number, who)
        _keep(tx, actor, key, contact, Outcome.OPT_OUT)
        return SmsKept()
    label = sms.said(body.text) if body.complete else None
    came = sms.outcome(possible, label, reply.at or reply.latest)
    if came is Outcome.RATED and contact is not None and label is not None:
        _rate(tx, contact, label, body.text)
    if came is Outcome.UNREADABLE and contact is not None and number and who:
        _say_once_what_is_understood(tx, actor, contact, number, who)
    _keep(tx, actor, key, contact, came, body.text if label and contact is not None else "")
    return SmsKept()


def _message_key(secret: str, body: SmsReceived, contact: Record | None) -> str:
    """What makes two deliveries one message, as `devices.base.ReceivedSms` says it, under the hall's key. Of what has
    neither time nor reference, also what it is about: a phone may write the same digit about its next service."""
    sent_at = body.sent_at.isoformat() if body.sent_at else None
    text = body.text if body.reference is None else None
    facts = {"sender": body.sender, "sent_at": sent_at, "reference": body.reference, "text": text}
    if sent_at is None and body.reference is None and contact is not None:
        facts["about"] = contact.id
    return hmac.new(bytes.fromhex(secret), b"sms\0" + canonical(facts).encode(), hashlib.sha256).hexdigest()


def _asked(tx: Tx, hall_id: int, who: str) -> dict[int, Record]:
    """The services about which this phone was asked, as long as it is known."""
    contacts = (
        select(
            SmsContactRow.id, SmsContactRow.ticket_id, SmsContactRow.asked_at, SmsContactRow.reply_until,
            Invitation.id.label("invitation_id"), Rating.id.label("rating"), SmsMessageRow.state.label("message"),
        )
        .join(SmsMessageRow, SmsMessageRow.contact_id == SmsContactRow.id)
        .join(Invitation, Invitation.ticket_id == SmsContactRow.ticket_id)
        .outerjoin(Rating, Rating.invitation_id == Invitation.id)
        .where(
            SmsContactRow.hall_id == hall_id, SmsContactRow.phone_hash == who, SmsContactRow.asked_at.is_not(None),
            SmsMessageRow.kind == Kind.INVITATION.value,
        )
    )  # fmt: skip
    return {row.id: row for row in tx.conn.execute(contacts)}


def _question(contact: Record) -> Asked:
    rated, went_out = contact.rating is not None, contact.message == "sent"
    return Asked(contact.id, contact.asked_at, contact.reply_until, rated, went_out)


def _rate(tx: Tx, contact: Record, label: Label, text: str) -> None:
    """No reason was asked, so none is given and none declined."""
    invitation = ratings.invitation_of(tx.conn, contact.ticket_id)
    ratings.rate_unpressed(tx, invitation, Opinion(label), Source.SMS, text.encode().hex())


def _say_once_what_is_understood(tx: Tx, actor: Actor, contact: Record, number: str, who: str) -> None:
    said = select(SmsMessageRow.id).where(
        SmsMessageRow.contact_id == contact.id, SmsMessageRow.kind == Kind.UNREADABLE.value
    )
    if tx.conn.execute(said).first() is None and not opted_out(tx.conn, actor.hall_id, who):
        post(tx, actor.hall_id, contact.id, Kind.UNREADABLE, number, sms.UNREADABLE)


def _opt_out(tx: Tx, actor: Actor, contact: Record | None, number: str, who: str) -> None:
    """For good, and confirmed once. What was to go to this phone goes no more; of what a gateway has already, nobody
    knows unless it says."""
    if opted_out(tx.conn, actor.hall_id, who):
        return
    mine = (SmsContactRow.hall_id == actor.hall_id) & (SmsContactRow.phone_hash == who)
    under_way = (
        select(SmsMessageRow.id, SmsMessageRow.state)
        .join(SmsContactRow, SmsContactRow.id == SmsMessageRow.contact_id)
        .where(mine, SmsMessageRow.state.in_(("waiting", "leased")))
    )
    for message in tx.conn.execute(under_way).all():
        end(tx, message.id, "dropped" if message.state == "waiting" else "unknown", "已退订", "Opted out")
    waiting = select(SmsContactRow.id).where(mine, SmsContactRow.state == "waiting")
    for one in tx.conn.execute(waiting).scalars().all():
        forget(tx, one)
    tx.conn.execute(update(SmsContactRow).where(mine).values(state="over"))
    tx.add(SmsOptOut, hall_id=actor.hall_id, phone_hash=who, at=tx.now)
    post(tx, actor.hall_id, contact.id if contact else None, Kind.OPTED_OUT, number, sms.OPTED_OUT)


def _keep(tx: Tx, actor: Actor, key: str, contact: Record | None, came: Outcome, text: str = "") -> None:
    reply = tx.add(
        SmsReply, hall_id=actor.hall_id, invitation_id=contact.invitation_id if contact else None,
        device_id=actor.device_id, message_key=key, outcome=came.value, raw=text.encode().hex(), at=tx.now,
    )  # fmt: skip
    audit.record_row(tx, "reply.received", "reply", reply)

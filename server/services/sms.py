"""Numbers that people gave for a short message (短信评价), and the messages that ask about unrated services.

A number has one purpose: one message about one service. It stands in its contact until that message is made, then in
the message until a gateway says what became of it, and then nowhere. What stays for a while is its keyed hash, by
which a reply is known (`services.sms_replies`).
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, func, literal, select, true, update

from server.contract.problems import ProblemError
from server.contract.sms import SmsContact, SmsContactView
from server.contract.tickets import TicketState
from server.db import Record, Tx
from server.domain import sms, sms_text
from server.domain.paper import LIVE
from server.domain.people import masked
from server.domain.service_day import hall_time, service_day
from server.models import Hall, Invitation, ServiceItem, SmsContactRow, SmsMessageRow, SmsOptOut, SmsReply, TicketRow
from server.services import audit
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.people import person_hash
from server.services.tickets import row_by_code

KEY_GONE = "gone-"
"""In place of a reply's key, with its row's id: behind every key, which is hexadecimal, in any order of letters."""

ENDED = frozenset({TicketState.CANCELLED.value, TicketState.EXPIRED.value})
"""Without a service there is nothing to ask about. Who missed the call may be reinstated, until the day is over."""

_WAITING = (
    select(
        SmsContactRow.id, SmsContactRow.number, SmsContactRow.phone_hash, Invitation.state, Invitation.closed_at,
        Invitation.opened_at, ServiceItem.name.label("item"),
    )
    .join(TicketRow, TicketRow.id == SmsContactRow.ticket_id)
    .outerjoin(Invitation, Invitation.ticket_id == SmsContactRow.ticket_id)
    .outerjoin(ServiceItem, ServiceItem.id == Invitation.item_id)
    .where(SmsContactRow.state == "waiting")
)  # fmt: skip
_UNSENT = (
    select(SmsMessageRow.id, SmsMessageRow.kind, SmsMessageRow.expires_at, Invitation.state)
    .outerjoin(SmsContactRow, SmsContactRow.id == SmsMessageRow.contact_id)
    .outerjoin(Invitation, Invitation.ticket_id == SmsContactRow.ticket_id)
    .where(SmsMessageRow.state == "waiting")
)


def set_contact(tx: Tx, actor: Actor, body: SmsContact, ticket: str) -> SmsContactView:
    """Keep, change or take back the number of a ticket whose service is not over. Raises wrong_state, sms_off,
    bad_phone, sms_opted_out or sms_too_many. Who gave it is sealed, the number is not."""
    row = row_by_code(tx.conn, actor, ticket)
    if TicketState(row.state) not in LIVE:
        raise ProblemError("wrong_state", number=row.number)
    mine = select(SmsContactRow.id, SmsContactRow.asked_at).where(SmsContactRow.ticket_id == row.id)
    known = tx.conn.execute(mine).one_or_none()
    if known is not None and known.asked_at is not None:
        raise ProblemError("wrong_state", number=row.number)  # its one message has gone
    if body.phone.strip():
        _keep(tx, actor, row, known and known.id, body.phone)
    elif known is not None:
        forget(tx, known.id)
    done = "contact.given" if body.phone.strip() else "contact.removed"
    audit.record(tx, actor.hall_id, done, {"ticket": row.id, **actor.by})
    return contact_of(tx.conn, actor, ticket)


def contact_of(conn: Connection, actor: Actor, ticket: str) -> SmsContactView:
    """The ticket's telephone number, masked"""
    row = row_by_code(conn, actor, ticket)
    mine = select(SmsContactRow.masked).where(SmsContactRow.ticket_id == row.id)
    shown = conn.execute(mine).scalar_one_or_none() if TicketState(row.state) in LIVE else None
    return SmsContactView(shown or "")


def _keep(tx: Tx, actor: Actor, ticket: Record, known: int | None, said: str) -> None:
    number = sms.phone(said)
    if not hall_of(tx.conn, actor.hall_id).sms_on:
        raise ProblemError("sms_off")
    if number is None:
        raise ProblemError("bad_phone", field="phone")
    who = person_hash(tx.conn, actor.hall_id, number)
    if opted_out(tx.conn, actor.hall_id, who):
        raise ProblemError("sms_opted_out", field="phone")
    if _open_for(tx, actor.hall_id, who, ticket.id) >= sms.MOST_OPEN:
        raise ProblemError("sms_too_many", field="phone", most=sms.MOST_OPEN)
    values: dict[str, Any] = {
        "number": number, "masked": masked(number), "phone_hash": who, "state": "waiting", "given_at": tx.now,
        "asked_at": None, "reply_until": None, "forget_at": None,
    }  # fmt: skip
    if known is None:
        tx.add(SmsContactRow, hall_id=actor.hall_id, ticket_id=ticket.id, **values)
    else:
        tx.change(SmsContactRow, known, **values)
        tx.erased = True


def _open_for(tx: Tx, hall_id: int, who: str, but: int) -> int:
    """For how many other tickets this phone may be asked, or may still answer."""
    mine = SmsContactRow.__table__.c
    still_open = (mine.state == "waiting") | ((mine.state == "asked") & (mine.reply_until > tx.now))
    where = (mine.hall_id == hall_id) & (mine.phone_hash == who) & (mine.ticket_id != but) & still_open
    return int(tx.conn.execute(select(func.count()).where(where)).scalar_one())


def opted_out(conn: Connection, hall_id: int, who: str) -> bool:
    mine = select(SmsOptOut.at).where(SmsOptOut.hall_id == hall_id, SmsOptOut.phone_hash == who)
    return conn.execute(mine).first() is not None


def forget(tx: Tx, contact: int) -> None:
    """Its number and its hash, at once: nobody was asked."""
    tx.change(SmsContactRow, contact, number="", masked="", phone_hash=None, state="over", forget_at=None)
    tx.erased = True


def by_the_clock(tx: Tx) -> None:
    """Make the messages that are due, end those that are no use any more, forget numbers and hashes in time. Called
    by the timer."""
    for hall in tx.conn.execute(select(Hall.__table__)).all():
        mine = _WAITING.where(SmsContactRow.hall_id == hall.id, _worth_a_look(tx, hall))
        for contact in tx.conn.execute(mine).all():
            _look_at(tx, hall, contact)
        _end_messages(tx, hall)
    _forget_hashes(tx)


def _worth_a_look(tx: Tx, hall: Record) -> ColumnElement[bool]:
    """Not of a ticket that waits yet, of which a hall has hundreds."""
    today = service_day(tx.now, hall.zone, hall.rollover_hour)
    over = TicketRow.state.in_(ENDED) | (TicketRow.service_day < today)
    return over | Invitation.state.is_not(None) if hall.sms_on else true()


def _look_at(tx: Tx, hall: Record, contact: Record) -> None:
    """Without an invitation it was never served, and its day is over."""
    if not hall.sms_on or contact.state in (None, "rated"):
        forget(tx, contact.id)
    elif contact.state == "unrated":
        _look_at_unrated(tx, hall, contact)


def _look_at_unrated(tx: Tx, hall: Record, contact: Record) -> None:
    due = contact.closed_at + timedelta(minutes=hall.sms_delay_minutes)
    if tx.now > due + sms.GOOD_FOR or opted_out(tx.conn, hall.id, contact.phone_hash):
        forget(tx, contact.id)
    elif tx.now >= due and sms.by_day(tx.now, hall.zone):
        _ask(tx, hall, contact)


def _ask(tx: Tx, hall: Record, contact: Record) -> None:
    """The number goes from the contact into its message: it stands in one place."""
    day = hall_time(contact.opened_at, hall.zone).date()
    text = sms_text.invitation(hall.sms_text, hall.name, contact.item or "业务", day)
    post(tx, hall.id, contact.id, sms.Kind.INVITATION, contact.number, text)
    tx.change(SmsContactRow, contact.id, number="", masked="", state="asked", forget_at=tx.now + 2 * sms.HASH_KEPT)
    tx.erased = True


def post(tx: Tx, hall_id: int, contact: int | None, kind: sms.Kind, number: str, text: str) -> None:
    """Put a message out for the gateways. The database refuses a second one of its kind for a contact."""
    tx.add(
        SmsMessageRow, code=secrets.token_hex(8), hall_id=hall_id, contact_id=contact, kind=kind.value, number=number,
        text=text, state="waiting", not_before=tx.now, expires_at=tx.now + sms.GOOD_FOR, at=tx.now,
        device_id=None, lease_until=None,
    )  # fmt: skip


def end(tx: Tx, message: int, state: str, detail: str = "", detail_en: str = "") -> None:
    """`state` is a last one; the number goes."""
    tx.change(
        SmsMessageRow, message, state=state, number="", lease_until=None, at=tx.now, detail=detail,
        detail_en=detail_en,
    )  # fmt: skip
    tx.erased = True


def _end_messages(tx: Tx, hall: Record) -> None:
    for message in tx.conn.execute(_UNSENT.where(SmsMessageRow.hall_id == hall.id)).all():
        _look_at_unsent(tx, message, hall.sms_on)
    leased = (SmsMessageRow.hall_id == hall.id) & (SmsMessageRow.state == "leased")
    over = select(SmsMessageRow.id).where(leased, SmsMessageRow.lease_until < tx.now)
    for lost in tx.conn.execute(over).scalars().all():
        end(tx, lost, "unknown", "网关没有报告结果", "The gateway did not report")


def _look_at_unsent(tx: Tx, message: Record, sms_on: bool) -> None:
    asks = message.kind == sms.Kind.INVITATION
    if asks and message.state == "rated":
        end(tx, message.id, "dropped", "已用其他方式评价", "Rated in another way")
    elif asks and not sms_on:
        end(tx, message.id, "dropped", "短信评价已关闭", "Switched off")
    elif tx.now > message.expires_at:
        end(tx, message.id, "dropped", "一天内没有网关取走", "No gateway took it within a day")


def _forget_hashes(tx: Tx) -> None:
    due = SmsContactRow.__table__.c.forget_at <= tx.now
    gone = {"phone_hash": None, "forget_at": None, "state": "over"}
    if tx.conn.execute(update(SmsContactRow).where(due).values(**gone)).rowcount:
        tx.erased = True
    old = (SmsReply.message_key < KEY_GONE) & (SmsReply.at <= tx.now - sms.HASH_KEPT)
    nothing = literal(KEY_GONE) + cast(SmsReply.id, String)
    if tx.conn.execute(update(SmsReply).where(old).values(message_key=nothing)).rowcount:
        tx.erased = True


def replies_until(tx: Tx, contact: int, hours: int) -> None:
    """The phone is being asked now: replies count from here on."""
    until: datetime = tx.now + timedelta(hours=hours)
    tx.change(SmsContactRow, contact, asked_at=tx.now, reply_until=until, forget_at=until + sms.HASH_KEPT)


def not_asked(tx: Tx, contact: int, again: bool) -> None:
    """Nothing of its question went out, so that no reply is about it. `again`: it will be tried once more."""
    tx.change(SmsContactRow, contact, asked_at=None, reply_until=None)
    if not again:
        forget(tx, contact)

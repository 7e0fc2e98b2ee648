"""预约: booking a slot, what becomes of the booking, and the day's book of the desk.

A telephone number is known by its hash and shown masked; the number itself is stored nowhere. What tells a person
goes when its purpose ends (`purge`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from server.contract.appointments import Appointment, AppointmentState, BookAppointment, FindAppointment, Mode
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import Lane, TakeTicket, TicketState
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.appointments import (
    CITIZENS_NOTICE,
    CODE_DIGITS,
    CONTACT_KEPT,
    GUESSES_ALLOWED,
    GUESSES_WITHIN,
    LIVE_MOST,
    MISSES_ALLOWED,
    MISSES_WITHIN,
    PERSON_KEPT,
    STEPS,
    Step,
    is_code,
    is_late,
    may_be_marked,
)
from server.domain.hours_words import Words
from server.domain.people import masked, normalised
from server.domain.service_day import hall_time, service_day
from server.models import AppointmentRow, Hall, Queue, ServiceItem, TicketRow, WrongCode
from server.services.actors import Actor, system
from server.services.closures import why_closed
from server.services.days import day_named
from server.services.events import tell
from server.services.halls import hall_of
from server.services.people import person_hash
from server.services.slots import day_span, free_place, take_place

MOST_MARKED = 500
MAX_CONTACT = 120

_APPOINTMENTS = (
    select(
        *AppointmentRow.__table__.columns, Queue.code.label("queue"), Queue.name.label("queue_name"), Queue.name_en,
        Queue.location, ServiceItem.code.label("item"), ServiceItem.name.label("item_name"), TicketRow.number,
        TicketRow.state.label("ticket_state"), Hall.name.label("hall_name"), Hall.zone.label("zone"),
    )
    .join(Queue, Queue.id == AppointmentRow.queue_id)
    .join(Hall, Hall.id == AppointmentRow.hall_id)
    .outerjoin(ServiceItem, ServiceItem.id == AppointmentRow.item_id)
    .outerjoin(TicketRow, TicketRow.id == AppointmentRow.ticket_id)
)  # fmt: skip
_BY_KEY = _APPOINTMENTS.where(AppointmentRow.id == bindparam("key"))
_BY_REQUEST = _APPOINTMENTS.where(AppointmentRow.request_key == bindparam("request_key"))
_BY_PUBLIC_ID = _APPOINTMENTS.where(AppointmentRow.public_id == bindparam("public_id"))
_BY_CODE = _APPOINTMENTS.where(
    AppointmentRow.hall_id == bindparam("hall_id"), AppointmentRow.code == bindparam("code")
)
_OF_DAY = _APPOINTMENTS.where(
    AppointmentRow.hall_id == bindparam("hall_id"),
    AppointmentRow.starts_at >= bindparam("since"),
    AppointmentRow.starts_at < bindparam("until"),
).order_by(AppointmentRow.starts_at, AppointmentRow.id)
_GUESSES = select(func.count()).where(WrongCode.actor == bindparam("actor"), WrongCode.at > bindparam("since"))
_OF_PERSON = select(func.count()).where(
    AppointmentRow.person_hash == bindparam("person_hash"), AppointmentRow.state == bindparam("state"),
    AppointmentRow.starts_at > bindparam("since"),
)  # fmt: skip
_OVERDUE = (
    _APPOINTMENTS.where(
        AppointmentRow.state == AppointmentState.BOOKED.value,
        AppointmentRow.ends_at < bindparam("before"),
        # Whether a home visit took place is known to those who went: no clock puts a miss on record.
        AppointmentRow.mode != Mode.HOME_VISIT.value,
    )
    .order_by(AppointmentRow.ends_at)
    .limit(MOST_MARKED)
)
_TO_PURGE = select(AppointmentRow.id, AppointmentRow.ends_at, AppointmentRow.person_hash).where(
    AppointmentRow.purge_at <= bindparam("now")
)


# ── booking ──


def citizen(hall_id: int) -> Actor:
    """Whoever books on the public page: nobody signs in there."""
    return Actor(hall_id, "web", "citizen")


def book_at_desk(tx: Tx, actor: Actor, body: BookAppointment) -> Appointment:
    """For somebody who calls or stands there: until the slot begins, and whatever was missed before."""
    return view(_book(tx, actor, body, notice=timedelta()))


def book_by_citizen(tx: Tx, hall_id: int, body: BookAppointment) -> str:
    """From the public page; returns the public id. Raises booked_already and missed_too_often besides."""
    return str(_book(tx, citizen(hall_id), body, notice=CITIZENS_NOTICE).public_id)


def _book(tx: Tx, actor: Actor, body: BookAppointment, notice: timedelta) -> Record:
    """One place of one slot, at most once for a request_id. Raises slot_full, slot_closed, bad_phone, …"""
    request_key = f"{actor.signature}:{body.request_id}"
    known = tx.conn.execute(_BY_REQUEST, {"request_key": request_key}).one_or_none()
    if known is not None:
        return known
    contact = _contact(body)
    phone, who = _person(tx.conn, actor.hall_id, body)
    if who is not None and actor.role == "citizen":
        _refuse_hoarding(tx, who)
    queue_id, slot = take_place(tx, actor.hall_id, body.queue, body.mode, body.starts_at, notice)
    key = tx.add(
        AppointmentRow, public_id=secrets.token_hex(16), request_key=request_key, hall_id=actor.hall_id,
        code=_new_code(tx.conn, actor.hall_id), queue_id=queue_id, item_id=_item_id(tx.conn, actor.hall_id, body),
        mode=body.mode.value, starts_at=slot.starts_at, ends_at=slot.ends_at, phone_masked=phone, person_hash=who,
        contact=contact, state=AppointmentState.BOOKED.value, created_at=tx.now, created_by=actor.signature,
        purge_at=_purge_at(slot.ends_at, who, contact),
    )  # fmt: skip
    row = _row(tx.conn, key)
    _tell(tx, actor, row)
    return row


def _person(conn: Connection, hall_id: int, body: BookAppointment) -> tuple[str, str | None]:
    """The number masked, and its hash. Raises phone_needed, bad_phone."""
    visit = body.mode is Mode.HOME_VISIT
    if not body.phone.strip() and not visit:
        return "", None
    phone = normalised(body.phone)
    if phone is None or len(phone) != 11:
        raise ProblemError("phone_needed" if visit else "bad_phone", field="phone")
    return masked(phone), person_hash(conn, hall_id, phone)


def _contact(body: BookAppointment) -> str:
    """Where a home visit goes; for the other modes it is not even kept. Raises bad_contact."""
    if body.mode is not Mode.HOME_VISIT:
        return ""
    contact = body.contact.strip()
    if not 1 <= len(contact) <= MAX_CONTACT or not contact.isprintable():
        raise bad_contact()
    return contact


def bad_contact() -> ProblemError:
    return ProblemError("bad_contact", field="contact", most=MAX_CONTACT)


def _refuse_hoarding(tx: Tx, who: str) -> None:
    live = {"person_hash": who, "state": AppointmentState.BOOKED.value, "since": tx.now}
    if (open_now := tx.conn.execute(_OF_PERSON, live).scalar_one()) >= LIVE_MOST:
        raise ProblemError("booked_already", number=open_now)
    past = {"person_hash": who, "state": AppointmentState.MISSED.value, "since": tx.now - MISSES_WITHIN}
    if (missed := tx.conn.execute(_OF_PERSON, past).scalar_one()) >= MISSES_ALLOWED:
        raise ProblemError("missed_too_often", number=missed)


def _item_id(conn: Connection, hall_id: int, body: BookAppointment) -> int | None:
    if body.item is None:
        return None
    wanted = (
        select(ServiceItem.id)
        .join(Queue, Queue.id == ServiceItem.queue_id)
        .where(ServiceItem.hall_id == hall_id, ServiceItem.code == body.item, Queue.code == body.queue)
        .where(ServiceItem.active.is_(True))
    )
    item_id = conn.execute(wanted).scalar_one_or_none()
    if item_id is None:
        raise ProblemError("item_not_found")
    return item_id


def _new_code(conn: Connection, hall_id: int) -> str:
    """Unique among all that are on record, so that a code never means two bookings."""
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if conn.execute(_BY_CODE, {"hall_id": hall_id, "code": code}).first() is None:
            return code


def _purge_at(ends_at: datetime, who: str | None, contact: str) -> datetime | None:
    if contact:
        return ends_at + CONTACT_KEPT
    return None if who is None else ends_at + PERSON_KEPT


# ── check-in: the code becomes a ticket ──


@dataclass(frozen=True)
class Booking:
    """A code that may become a ticket now: what to take, and the time that was booked."""

    row: Record
    wish: TakeTicket
    due_at: datetime

    @property
    def mode(self) -> Mode:
        return Mode(self.row.mode)


def claim(tx: Tx, actor: Actor, hall: Record, body: TakeTicket) -> Booking | None:
    """What the ticket's wish comes to when it names an appointment; None when it names none.

    Too early on its day is no hindrance: the ticket waits for its time. Too late costs the precedence and nothing
    else, for nobody shall queue for a number twice. Raises appointment_… or too_many_codes, each saying what to do.
    """
    if body.appointment is None:
        return None
    if body.queue or body.item or body.lane is not Lane.NORMAL:
        raise bad_field(
            "appointment", "stands alone, without queue, item or lane", "不能与队列、事项、通道同时提供", "预约码"
        )
    _refuse_guessing(tx, actor)
    row = _named(tx.conn, actor, body.appointment.strip())
    _refuse_unusable(row, hall, tx.now)
    late = is_late(row.starts_at, tx.now, late_tolerance(hall))
    lane = Lane.NORMAL if late else Lane.APPOINTMENT
    return Booking(row, replace(body, queue=row.queue, item=row.item, lane=lane), row.starts_at)


def arrived(tx: Tx, actor: Actor, booking: Booking, ticket_id: int) -> None:
    """The code has become this ticket."""
    _step(tx, actor, booking.row, Step.ARRIVE, ticket_id=ticket_id)


def late_tolerance(hall: Record) -> timedelta:
    """How long after its time an appointment still goes ahead."""
    return timedelta(minutes=hall.appointment_late_minutes)


def _refuse_guessing(tx: Tx, actor: Actor) -> None:
    recent = {"actor": actor.signature, "since": tx.now - GUESSES_WITHIN}
    if tx.conn.execute(_GUESSES, recent).scalar_one() >= GUESSES_ALLOWED:
        raise ProblemError("too_many_codes")


def note_wrong_code(tx: Tx, actor: Actor, refusal: ProblemError) -> None:
    """Count a refused code, in a transaction of its own: that of the refusal left no trace."""
    if refusal.problem.code == "appointment_not_found":
        tx.add(WrongCode, actor=actor.signature, at=tx.now)


def _named(conn: Connection, actor: Actor, name: str) -> Record:
    """By code, or by the id in the citizen's link. Raises appointment_not_found."""
    if is_code(name):
        row = conn.execute(_BY_CODE, {"hall_id": actor.hall_id, "code": name}).one_or_none()
    else:
        row = conn.execute(_BY_PUBLIC_ID, {"public_id": name}).one_or_none()
    if row is None or row.hall_id != actor.hall_id:
        raise ProblemError("appointment_not_found")
    return row


def _refuse_unusable(row: Record, hall: Record, now: datetime) -> None:
    if row.state == AppointmentState.CANCELLED:
        raise ProblemError("appointment_cancelled")
    if row.mode == Mode.HOME_VISIT:
        raise ProblemError("appointment_home_visit")
    if row.state == AppointmentState.ARRIVED and row.ticket_state != TicketState.CANCELLED:
        raise ProblemError("appointment_used", number=row.number)
    day, today = (service_day(moment, hall.zone, hall.rollover_hour) for moment in (row.starts_at, now))
    if day != today:
        at = hall_time(row.starts_at, hall.zone)
        when = {"name": f"{at:%Y-%m-%d %H:%M}", "name_zh": f"{at:%Y年%-m月%-d日 %H:%M}"}
        raise ProblemError("appointment_not_today" if day > today else "appointment_past", **when)


# ── what else becomes of a booking ──


def cancel_appointment(tx: Tx, actor: Actor, body: WindowCommand, appointment: str) -> Appointment:
    """取消预约 at the desk; the place is free again."""
    return view(_cancel(tx, actor, _at_desk(tx.conn, actor, appointment)))


def cancel_by_citizen(tx: Tx, public_id: str) -> None:
    """From the link that only the citizen has. Cancelled already: nothing happens. Raises appointment_settled."""
    row = public_row(tx.conn, public_id)
    if row.state != AppointmentState.CANCELLED:
        _cancel(tx, citizen(row.hall_id), row)


def _cancel(tx: Tx, actor: Actor, row: Record, why: str = "") -> Record:
    after = _step(tx, actor, row, Step.CANCEL, why, contact="")
    free_place(tx, row)
    return after


def finish_visit(tx: Tx, actor: Actor, body: WindowCommand, appointment: str) -> Appointment:
    """上门服务 took place."""
    return _mark(tx, actor, appointment, Step.FINISH)


def miss_visit(tx: Tx, actor: Actor, body: WindowCommand, appointment: str) -> Appointment:
    """上门服务: nobody was at home."""
    return _mark(tx, actor, appointment, Step.MISS)


def _mark(tx: Tx, actor: Actor, appointment: str, step: Step) -> Appointment:
    row = _at_desk(tx.conn, actor, appointment)
    if not may_be_marked(Mode(row.mode), step):
        raise ProblemError("appointment_settled")
    return view(_step(tx, actor, row, step))


def _step(tx: Tx, actor: Actor, row: Record, step: Step, why: str = "", **changes: Any) -> Record:
    """Along one row of the domain's table, told to the hall. Raises appointment_settled."""
    state = STEPS.get((AppointmentState(row.state), step))
    if state is None:
        raise ProblemError("appointment_settled")
    # Checked again by the database: a row that was read before this transaction must never be moved.
    still = (AppointmentRow.id == row.id) & (AppointmentRow.state == row.state)
    moved = tx.conn.execute(update(AppointmentRow).where(still).values(state=state.value, **changes))
    if moved.rowcount != 1:
        raise ProblemError("appointment_settled")
    after = _row(tx.conn, row.id)
    _tell(tx, actor, after, why)
    return after


def _tell(tx: Tx, actor: Actor, row: Record, why: str = "") -> None:
    """Neither code nor link: the news reach every wall."""
    data = {"appointment": row.id, "state": row.state, "queue": row.queue}
    tell(tx, actor, NewsKind.APPOINTMENT_CHANGED, data, ticket_id=row.ticket_id, why=why)


# ── by the clock ──


def mark_missed(tx: Tx) -> None:
    """Who did not come by the end of the slot and the tolerance has missed it; coming later that day undoes it. What
    the hall could not keep is cancelled instead: nobody has missed that."""
    for hall in tx.conn.execute(select(Hall)).all():
        before = tx.now - late_tolerance(hall)
        overdue = tx.conn.execute(_OVERDUE.where(AppointmentRow.hall_id == hall.id), {"before": before}).all()
        closed = why_closed(tx.conn, hall, overdue)
        for row in overdue:
            if row.id in closed:
                _cancel(tx, system(hall.id), row, why=closed[row.id][0])
            else:
                _step(tx, system(hall.id), row, Step.MISS)


def purge(tx: Tx) -> None:
    """Forget addresses, then persons, when their time is over; and wrong codes."""
    for row in tx.conn.execute(_TO_PURGE.limit(MOST_MARKED), {"now": tx.now}).all():
        keeps_person = row.person_hash is not None and tx.now < row.ends_at + PERSON_KEPT
        forgotten: dict[str, Any] = {} if keeps_person else {"phone_masked": "", "person_hash": None}
        purge_at = row.ends_at + PERSON_KEPT if keeps_person else None
        tx.change(AppointmentRow, row.id, contact="", purge_at=purge_at, **forgotten)
        tx.erased = True
    tx.conn.execute(delete(WrongCode).where(WrongCode.at < tx.now - GUESSES_WITHIN))


# ── reading ──


def day_book(conn: Connection, actor: Actor, day: str, now: datetime) -> dict[str, Any]:
    """All bookings of one day ("today", or YYYY-MM-DD) in order of their times. Raises bad_field."""
    zone = conn.execute(select(Hall.zone).where(Hall.id == actor.hall_id)).scalar_one()
    today = hall_time(now, zone).date()
    since, until = day_span(today if day == "today" else day_named(day), zone)
    rows = conn.execute(_OF_DAY, {"hall_id": actor.hall_id, "since": since, "until": until}).all()
    return {"day": since.date(), "today": today, "appointments": views(conn, rows)}


def find_appointment(tx: Tx, actor: Actor, body: FindAppointment) -> Appointment:
    """By its code, of whatever day. A write, so that no code stands in an address; it is counted when it is wrong."""
    _refuse_guessing(tx, actor)
    (found,) = views(tx.conn, [_named(tx.conn, actor, "".join(body.code.split()))])
    return found


def public_row(conn: Connection, public_id: str) -> Record:
    """The appointment whose link somebody holds. Raises appointment_not_found."""
    row: Record | None = conn.execute(_BY_PUBLIC_ID, {"public_id": public_id}).one_or_none()
    if row is None:
        raise ProblemError("appointment_not_found")
    return row


def _at_desk(conn: Connection, actor: Actor, public_id: str) -> Record:
    row = public_row(conn, public_id)
    if row.hall_id != actor.hall_id:
        raise ProblemError("appointment_not_found")
    return row


def _row(conn: Connection, key: int) -> Record:
    row: Record = conn.execute(_BY_KEY, {"key": key}).one()
    return row


MAY_BE_CLOSED = frozenset({AppointmentState.BOOKED.value, AppointmentState.CANCELLED.value})


def views(conn: Connection, rows: Sequence[Record]) -> list[Appointment]:
    """Bookings of one hall, each with why it cannot be kept, or could not."""
    if not rows:
        return []
    hall = hall_of(conn, rows[0].hall_id)
    closed = why_closed(conn, hall, [row for row in rows if row.state in MAY_BE_CLOSED])
    return [view(row, closed.get(row.id, ("", ""))) for row in rows]


def view(row: Record, closed: Words = ("", "")) -> Appointment:
    return Appointment(
        id=row.public_id, code=row.code, queue=row.queue, queue_name=row.queue_name, item=row.item,
        item_name=row.item_name or "", mode=Mode(row.mode), state=AppointmentState(row.state),
        starts_at=hall_time(row.starts_at, row.zone), ends_at=hall_time(row.ends_at, row.zone),
        phone=row.phone_masked, contact=row.contact, number=row.number or "",
        created_at=hall_time(row.created_at, row.zone), created_by=row.created_by,
        closed=closed[0], closed_en=closed[1],
    )  # fmt: skip

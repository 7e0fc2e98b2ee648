"""Taking a number, its paper, and its end. The counter row is the only source of numbers."""

import functools
import secrets
from datetime import date, datetime
from types import ModuleType
from typing import Any

from sqlalchemy import and_, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.contract.admin import NoShowPolicy
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import (
    CancelTicket,
    Lane,
    PrintState,
    TakeTicket,
    Ticket,
    TicketState,
)
from server.contract.windows import HoldKind, WindowCommand, WindowState
from server.db import Record, Tx
from server.domain.numbers import number
from server.domain.service_day import hall_time, service_day
from server.domain.story import because, issued_because
from server.domain.ticket import (
    FINAL,
    NEWS,
    SPENT,
    Action,
    IllegalMoveError,
    after,
    after_no_show,
    place_behind,
    spent,
)
from server.models import Hall, Instant, Queue, SeriesCounter, ServiceItem, TicketRow, Window
from server.services import appointments, hours
from server.services.actors import Actor
from server.services.estimates import promise, ticket_wait
from server.services.events import Numbered, tell
from server.services.halls import hall_of
from server.services.people import person_hash
from server.statement import Statement

TICKET_COLUMNS = (
    *TicketRow.__table__.columns, Queue.code.label("queue"), Queue.name.label("queue_name"), Queue.location,
    ServiceItem.code.label("item"), ServiceItem.name.label("item_name"), Window.no.label("window"),
    Hall.name.label("hall_name"), Hall.zone.label("zone"), Queue.name_en.label("queue_name_en"),
    Hall.no_show_policy, Hall.no_show_limit, Hall.no_show_after, Hall.rollover_hour,
)  # fmt: skip

TICKETS = (
    select(*TICKET_COLUMNS)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .join(Hall, Hall.id == TicketRow.hall_id)
    .outerjoin(ServiceItem, ServiceItem.id == TicketRow.item_id)
    .outerjoin(Window, Window.id == TicketRow.window_id)
)
"""A ticket with the words around it; add a `where`."""

_BY_ID = Statement(TICKETS.where(TicketRow.id == bindparam("ticket_id")))
_BY_CODE = Statement(TICKETS.where(TicketRow.code == bindparam("code"), TicketRow.hall_id == bindparam("hall_id")))
_RELEASE = Statement(
    update(Window)
    .where(Window.ticket_id == bindparam("in_hand"))
    .values(
        ticket_id=None,
        # A pause that began with the citizen still there goes on; else the window is free from now on.
        since=case((Window.state == WindowState.PAUSED.value, Window.since), else_=bindparam("now", type_=Instant)),
    )
)
_QUEUE = Statement(select(Queue).where(Queue.hall_id == bindparam("hall_id"), Queue.code == bindparam("code")))
_ITEM = Statement(
    select(ServiceItem.id, ServiceItem.name, ServiceItem.active, Queue.code.label("queue"))
    .join(Queue, Queue.id == ServiceItem.queue_id)
    .where(ServiceItem.hall_id == bindparam("hall_id"), ServiceItem.code == bindparam("code"))
)
_BOUND_TO = select(Window.no).where(
    (Window.id == bindparam("window_id")) | (Window.staff_id == bindparam("staff_id"))
)
_COUNTED = select(func.count()).where(
    TicketRow.hall_id == bindparam("hall_id"),
    TicketRow.state == TicketState.WAITING.value,
    TicketRow.queue_id == bindparam("queue_id"),
)
_IN_QUEUE = Statement(_COUNTED)
_AHEAD = Statement(
    _COUNTED.where(
        (TicketRow.queued_at < bindparam("queued_at"))
        | and_(TicketRow.queued_at == bindparam("queued_at"), TicketRow.id < bindparam("ticket_id")),
    )
)


def take_ticket(tx: Tx, actor: Actor, body: TakeTicket) -> Ticket:
    """取号: counter, ticket and event in one commit. Raises queue_not_found, item_not_found, item_out_of_use,
    bad_field and as `hours.admit`."""
    if body.override and not body.override_reason.strip() and actor.role != "kiosk":
        problem = "must say why the desk makes an exception"
        raise bad_field("override_reason", problem, "不能为空，请写明破例原因", "破例原因")
    hall = hall_of(tx.conn, actor.hall_id)
    booking = appointments.claim(tx, actor, hall, body)
    wish = booking.wish if booking else body
    person = _person(tx, actor, body) if booking is None else booking.row.person_hash
    queue, item_id = _queue_for(tx, actor.hall_id, wish, booked=booking is not None)
    day = service_day(tx.now, hall.zone, hall.rollover_hour)
    n = next_number(tx, actor.hall_id, day, queue.series)
    passed = hours.admit(tx, actor, hall, queue, person, booking.mode if booking else None, body.override)
    code, text = secrets.token_hex(8), number(queue.series, n)
    before = people_in(tx.conn, actor.hall_id, queue.id)
    ticket_id = tx.add(
        TicketRow, code=code, hall_id=actor.hall_id, service_day=day, series=queue.series, n=n, number=text,
        queue_id=queue.id, item_id=item_id, lane=wish.lane.value, lane_reason=wish.lane_reason,
        state=TicketState.WAITING.value, device_id=actor.device_id, issued_at=tx.now, queued_at=tx.now, since=tx.now,
        person_hash=person, due_at=booking.due_at if booking else None,
        **({} if booking else promise(tx.conn, actor.hall_id, queue.code, wish.lane, before)),
    )  # fmt: skip
    if booking:
        appointments.arrived(tx, actor, booking, ticket_id)
    data = {"ticket_id": code, "number": text, "queue": queue.code, "window": None, "lane": wish.lane.value}
    why = issued_because(wish.lane_reason, passed, body.override_reason)
    tell(tx, actor, NewsKind.TICKET_ISSUED, data, ticket_id=ticket_id, why=why)
    return view(tx.conn, row_by_id(tx.conn, ticket_id), before)


def _person(tx: Tx, actor: Actor, body: TakeTicket) -> str | None:
    return None if body.person is None else person_hash(tx.conn, actor.hall_id, body.person)


def _queue_for(tx: Tx, hall_id: int, body: TakeTicket, *, booked: bool) -> tuple[Record, int | None]:
    """What was booked is kept, though the item went out of use since."""
    item = None
    if body.item is not None:
        item = _ITEM.one_or_none(tx.conn, hall_id=hall_id, code=body.item)
        if item is None:
            raise ProblemError("item_not_found")
        if not (item.active or booked):
            raise ProblemError("item_out_of_use", name=item.name)
    wanted = body.queue if body.queue is not None or item is None else item.queue
    queue = _QUEUE.one_or_none(tx.conn, hall_id=hall_id, code=wanted)
    if queue is None:
        raise ProblemError("queue_not_found")
    return queue, None if item is None else item.id


def next_number(tx: Tx, hall_id: int, day: date, series: str) -> int:
    """Counted up; on several servers this row's lock makes those of one series wait for one another."""
    count = _COUNT[tx.conn.dialect.name]
    return int(count.scalar(tx.conn, hall_id=hall_id, service_day=day, series=series))


def _counting(dialect: ModuleType) -> Statement:
    key = ["hall_id", "service_day", "series"]
    return Statement(
        dialect.insert(SeriesCounter)
        .values(last=1, **{name: bindparam(name) for name in key})
        .on_conflict_do_update(index_elements=key, set_={"last": SeriesCounter.last + 1})
        .returning(SeriesCounter.last)
    )


_COUNT = {"sqlite": _counting(sqlite), "postgresql": _counting(postgresql)}


def cancel_ticket(tx: Tx, actor: Actor, body: CancelTicket, ticket: str) -> Ticket:
    """弃号. A ticket in hand at a window is taken out of it."""
    row = row_by_code(tx.conn, actor, ticket)
    _must_own(actor, row)
    release_window(tx, row)
    move(tx, actor, row, Action.CANCEL, why=body.reason, window_id=None)
    return view(tx.conn, row_by_id(tx.conn, row.id))


def reinstate_ticket(tx: Tx, actor: Actor, body: WindowCommand, ticket: str) -> Ticket:
    """过号 put right at the desk: back behind as many others as the hall says, today. Raises ticket_void."""
    row = row_by_code(tx.conn, actor, ticket)
    hall = hall_of(tx.conn, actor.hall_id)
    over = row.service_day != service_day(tx.now, hall.zone, hall.rollover_hour)
    if row.state == TicketState.NO_SHOW and (over or no_show_fate(row, row.no_shows) is NoShowPolicy.VOID):
        raise ProblemError("ticket_void", number=row.number)
    bring_back(tx, actor, row, "reinstated")
    return view(tx.conn, row_by_id(tx.conn, row.id))


def release_ticket(tx: Tx, actor: Actor, body: WindowCommand, ticket: str) -> Ticket:
    """A ticket on hold waits again, in the place that it had. One held for the same window waits for that window,
    unless nobody sits there any more."""
    row = row_by_code(tx.conn, actor, ticket)
    bound = row.bound_window_id if row.hold_kind == HoldKind.SAME_WINDOW and _staffed(tx, row) else None
    move(tx, actor, row, Action.RELEASE, why="release", bound_window_id=bound, hold_kind="")
    return view(tx.conn, row_by_id(tx.conn, row.id))


def _staffed(tx: Tx, row: Record) -> bool:
    state = tx.conn.execute(select(Window.state).where(Window.id == row.bound_window_id)).scalar_one_or_none()
    return state is not None and state != WindowState.CLOSED


def no_show_fate(row: Record, times: int) -> NoShowPolicy:
    """What becomes of `row`, a row of `TICKETS`, after it missed its call for the `times`-th time."""
    bound = row.bound_window_id is not None or row.bound_staff_id is not None
    return after_no_show(NoShowPolicy(row.no_show_policy), times, row.no_show_limit, bound=bound)


def bring_back(tx: Tx, actor: Actor, row: Record, word: str) -> str:
    """A no-show waits again, behind as many others as its hall says of its queue and lane, or at the end when fewer
    wait; returns which, as `story.place` takes it. `word` says by which way
    it came back ("missed" by the hall's rule, "reinstated")."""
    others = row.no_show_after
    line = select(TicketRow.queued_at).where(
        TicketRow.hall_id == row.hall_id,
        TicketRow.state == TicketState.WAITING.value,
        TicketRow.queue_id == row.queue_id,
        TicketRow.lane == row.lane,
        TicketRow.bound_window_id.is_(None),
        TicketRow.bound_staff_id.is_(None),
    )
    places = tx.conn.execute(line.order_by(TicketRow.queued_at, TicketRow.id).limit(others)).scalars().all()
    behind = str(others) if len(places) == others else "end"
    move(
        tx, actor, row, Action.REINSTATE, why=because(word, behind), window_id=None,
        queued_at=place_behind(places, others, tx.now),
    )  # fmt: skip
    return behind


def _must_own(actor: Actor, row: Record) -> None:
    if actor.role == "kiosk" and row.device_id != actor.device_id:
        raise ProblemError("not_your_ticket")


def move(
    tx: Tx, actor: Actor, row: Record, action: Action, *, why: str = "", window: str | None = None,
    numbered: Numbered | None = None, **changes: Any,
) -> int:  # fmt: skip
    """Take a ticket along one row of the transition table and tell it; returns the event's seq.

    `row` is the ticket as just read in this transaction. Raises wrong_state when the table has no such move.
    """
    try:
        state = after(TicketState(row.state), action)
    except IllegalMoveError:
        raise ProblemError("wrong_state", number=row.number) from None
    changes = {"state": state.value, **_accounts(row, state, tx.now), **changes}
    from_ = {"ticket_id": row.id, "from_state": row.state, "from_since": row.since}
    if _moving(tuple(changes)).run(tx.conn, **changes, **from_) != 1:
        raise ProblemError("wrong_state", number=row.number)
    return tell(
        tx, actor, NEWS[action], {**news_data(row), "window": window or row.window},
        ticket_id=row.id, window_id=changes.get("window_id", row.window_id), why=why, numbered=numbered,
    )  # fmt: skip


def _accounts(row: Record, state: TicketState, now: datetime) -> dict[str, Any]:
    """What leaving the present state adds to the ticket's times."""
    account = SPENT.get(TicketState(row.state))
    added = {account: getattr(row, account) + spent(row.since, now)} if account else {}
    return {"since": now, "ended_at": now if state in FINAL else None, **added}


@functools.cache
def _moving(columns: tuple[str, ...]) -> Statement:
    # Checked again by the database: a row that was read before this transaction must never be moved.
    return Statement(
        update(TicketRow)
        .where(
            TicketRow.id == bindparam("ticket_id"),
            TicketRow.state == bindparam("from_state"),
            TicketRow.since == bindparam("from_since"),
        )
        .values({name: bindparam(name) for name in columns})
    )


def release_window(tx: Tx, row: Record) -> None:
    """Take the ticket out of the window that has it in hand, if any."""
    _RELEASE.run(tx.conn, in_hand=row.id, now=tx.now)


def news_data(row: Record) -> dict[str, Any]:
    """What every news of a ticket says of it."""
    return {"ticket_id": row.code, "number": row.number, "queue": row.queue, "window": row.window}


def row_by_id(conn: Any, ticket_id: int) -> Record:
    row: Record = _BY_ID.one(conn, ticket_id=ticket_id)
    return row


def row_by_code(conn: Any, actor: Actor, code: str) -> Record:
    """The ticket with this public id in the actor's hall, or ticket_not_found."""
    row: Record | None = _BY_CODE.one_or_none(conn, code=code, hall_id=actor.hall_id)
    if row is None:
        raise ProblemError("ticket_not_found")
    return row


def get_ticket(conn: Any, actor: Actor, ticket: str) -> Ticket:
    return view(conn, row_by_code(conn, actor, ticket))


def people_in(conn: Any, hall_id: int, queue_id: int) -> int:
    """People who wait in the queue."""
    return int(_IN_QUEUE.scalar(conn, hall_id=hall_id, queue_id=queue_id))


def ahead(conn: Any, row: Record) -> int:
    """People who joined the same queue before this ticket and still wait."""
    place = {"hall_id": row.hall_id, "queue_id": row.queue_id, "queued_at": row.queued_at, "ticket_id": row.id}
    return int(_AHEAD.scalar(conn, **place))


def _location(conn: Any, row: Record) -> str:
    """Where to wait; for one that only one window or person calls, that window."""
    if row.bound_window_id is None and row.bound_staff_id is None:
        return str(row.location)
    bound = {"window_id": row.bound_window_id, "staff_id": row.bound_staff_id}
    no = conn.execute(_BOUND_TO, bound).scalars().first()
    return row.location if no is None else f"{no} 号窗口"


def view(conn: Any, row: Record, ahead_count: int | None = None) -> Ticket:
    """The contract's ticket of a row of `TICKETS`."""
    waiting = row.state == TicketState.WAITING
    if ahead_count is None:
        ahead_count = ahead(conn, row) if waiting else 0
    return Ticket(
        id=row.code, number=row.number, queue=row.queue, queue_name=row.queue_name, item=row.item,
        item_name=row.item_name or "", lane=Lane(row.lane), state=TicketState(row.state), window=row.window,
        service_day=row.service_day, issued_at=hall_time(row.issued_at, row.zone),
        called_at=row.called_at and hall_time(row.called_at, row.zone), ahead=ahead_count,
        queue_name_en=row.queue_name_en, recalls=row.recalls, print_state=PrintState(row.print_state),
        print_count=row.print_count,
        hall_name=row.hall_name, location=_location(conn, row), wait=ticket_wait(conn, row),
        appointment_at=row.due_at and hall_time(row.due_at, row.zone),
    )  # fmt: skip

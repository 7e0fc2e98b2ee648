"""The paper of a ticket: what its printer said, and the copies that the guide desk asks a kiosk for (补打).

A wish is a row of its own. The desk writes it, one kiosk takes it, that kiosk tells what became of it; each step
happens once, whoever is killed or repeats. What nobody takes or tells in time ends by the clock (`close_due`).
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from server.contract.desk import AskReprint, DeskPrinter, Paper, PaperState, PrintWish, PrintWishes, Reprint
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.tickets import PrintResult, PrintState, Ticket, TicketState
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain import paper
from server.domain.service_day import hall_time
from server.domain.ticket import Action
from server.models import DeviceHealth, DeviceToken, PrintWishRow, TicketRow
from server.services.actors import Actor, system
from server.services.events import tell
from server.services.tickets import move, news_data, row_by_code, row_by_id, view

_PRINTERS = (
    select(DeviceToken.id, DeviceToken.name, DeviceHealth.state, DeviceHealth.faults, DeviceHealth.at)
    .outerjoin(DeviceHealth, (DeviceHealth.token_id == DeviceToken.id) & (DeviceHealth.kind == "printer"))
    .where(
        DeviceToken.hall_id == bindparam("hall_id"),
        DeviceToken.kind == "kiosk",
        DeviceToken.revoked_at.is_(None),
    )
    .order_by(DeviceToken.name)
)
_WISHES = (
    select(*PrintWishRow.__table__.columns, DeviceToken.name.label("device"))
    .join(DeviceToken, DeviceToken.id == PrintWishRow.device_id)
    .order_by(PrintWishRow.id)
)
_OF_TICKET = _WISHES.where(PrintWishRow.ticket_id == bindparam("ticket_id"))
_OF_KIOSK = (
    select(PrintWishRow.code, TicketRow.code.label("ticket"), TicketRow.number)
    .join(TicketRow, TicketRow.id == PrintWishRow.ticket_id)
    .where(PrintWishRow.device_id == bindparam("device_id"), PrintWishRow.state == PaperState.ASKED.value)
    .order_by(PrintWishRow.id)
)
_MINE = _WISHES.where(PrintWishRow.code == bindparam("code"), PrintWishRow.device_id == bindparam("device_id"))
_OPEN = _WISHES.where(PrintWishRow.state.in_([PaperState.ASKED.value, PaperState.TAKEN.value]))
_TAKE = (
    update(PrintWishRow)
    .where(PrintWishRow.id == bindparam("wish_id"), PrintWishRow.state == PaperState.ASKED.value)
    .values(state=PaperState.TAKEN.value, taken_at=bindparam("now"))
)


def record_print(tx: Tx, actor: Actor, body: PrintResult, ticket: str) -> Ticket:
    """Keep what the printer said, of a kiosk's own ticket or of one that the desk asked it to print. A later
    "printed" may follow "failed"; nothing un-prints a ticket."""
    row = row_by_code(tx.conn, actor, ticket)
    wish = _wish(tx.conn, actor, row, body.wish)
    if wish is None and row.device_id != actor.device_id:
        raise ProblemError("not_your_ticket")
    if body.result is PrintState.PENDING:
        raise bad_field("result", "must be printed, failed or unknown", "只能是 printed、failed 或 unknown")
    _note(tx, actor, row, wish, body)
    return view(tx.conn, row_by_id(tx.conn, row.id))


def _wish(conn: Connection, actor: Actor, row: Record, code: str | None) -> Record | None:
    if code is None:
        return None
    wish: Record | None = conn.execute(_MINE, {"code": code, "device_id": actor.device_id}).one_or_none()
    if wish is None or wish.ticket_id != row.id:
        raise ProblemError("not_your_ticket")
    return wish


def _note(tx: Tx, actor: Actor, row: Record, wish: Record | None, said: PrintResult) -> None:
    state = paper.print_state(PrintState(row.print_state), said.result, wish is not None)
    copies = row.print_count + (said.result is PrintState.PRINTED)
    tx.change(TicketRow, row.id, print_state=state.value, print_count=copies)
    data = {**news_data(row), "result": said.result.value, "confidence": said.confidence}
    if wish is not None:
        tx.change(PrintWishRow, wish.id, state=said.result.value, open_ticket_id=None)
        data |= {"wish": wish.code, "device": wish.device, "copy": wish.copy}
    tell(tx, actor, NewsKind.TICKET_PRINT, data, ticket_id=row.id, why=said.detail)
    if row.series == paper.TEST_SERIES and row.state == TicketState.CALLED:
        move(tx, actor, row, Action.CANCEL, why="test ticket")


def ask_reprint(tx: Tx, actor: Actor, body: AskReprint, ticket: str) -> PrintWish:
    """补打, or the first paper of a ticket issued at the desk. Raises wrong_state, device_not_found, printer_away,
    print_pending or print_under_way."""
    row = row_by_code(tx.conn, actor, ticket)
    if TicketState(row.state) not in paper.LIVE:
        raise ProblemError("wrong_state", number=row.number)
    earlier = tx.conn.execute(_OF_TICKET, {"ticket_id": row.id}).all()
    printer = _printer(tx, actor, body.device)
    state = PrintState(row.print_state)
    if any(wish.open_ticket_id for wish in earlier):
        raise ProblemError("print_under_way", number=row.number)
    if state is PrintState.PENDING and row.device_id is not None:
        raise ProblemError("print_pending", number=row.number)
    first = paper.is_first(state, row.print_count, row.device_id is not None)
    code = _add_wish(tx, row, printer, paper.next_copy([(w.copy, PaperState(w.state)) for w in earlier], first))
    if state is PrintState.FAILED:  # so that the kiosk which keeps it until there is paper lets go of it
        tx.change(TicketRow, row.id, print_state=PrintState.PENDING.value)
    data = {"ticket_id": row.code, "number": row.number, "device": printer.name, "wish": code}
    tell(tx, actor, NewsKind.PRINT_WANTED, data, ticket_id=row.id, why=body.reason.strip())
    return PrintWish(code, row.code, row.number)


def _printer(tx: Tx, actor: Actor, name: str) -> Record:
    printers: list[Record] = list(tx.conn.execute(_PRINTERS, {"hall_id": actor.hall_id}))
    named = [p for p in printers if p.name == name]
    if not named:
        raise ProblemError("device_not_found")
    if not any(_ready(p, tx.now) for p in named):
        raise ProblemError("printer_away", name=name)
    return named[0]


def _ready(printer: Record, now: datetime) -> bool:
    return paper.ready(printer.state or "", printer.faults or (), printer.at, now)


def _add_wish(tx: Tx, row: Record, printer: Record, copy: int) -> str:
    code = secrets.token_hex(8)
    try:
        tx.add(
            PrintWishRow, code=code, hall_id=row.hall_id, ticket_id=row.id, open_ticket_id=row.id,
            device_id=printer.id, copy=copy, state=PaperState.ASKED.value, asked_at=tx.now,
        )  # fmt: skip
    except IntegrityError:  # another server's desk was faster
        raise ProblemError("print_under_way", number=row.number) from None
    return code


def wishes(conn: Connection, actor: Actor) -> PrintWishes:
    """What this kiosk is asked to print and has not taken yet."""
    rows = conn.execute(_OF_KIOSK, {"device_id": actor.device_id})
    return PrintWishes(tuple(PrintWish(row.code, row.ticket, row.number) for row in rows))


def take_wish(tx: Tx, actor: Actor, body: WindowCommand, wish: str) -> Reprint:
    """The kiosk prints this one. Raises wish_over when it was taken, is too old, or nobody needs the number now."""
    row = tx.conn.execute(_MINE, {"code": wish, "device_id": actor.device_id}).one_or_none()
    if row is None or paper.is_over(PaperState(row.state), row.asked_at, row.taken_at, tx.now):
        raise ProblemError("wish_over")
    ticket = row_by_id(tx.conn, row.ticket_id)
    taken = tx.conn.execute(_TAKE, {"wish_id": row.id, "now": tx.now})
    if taken.rowcount != 1 or TicketState(ticket.state) not in paper.LIVE:
        raise ProblemError("wish_over")
    return Reprint(paper.as_printed(view(tx.conn, ticket)), row.copy)


def close_due(tx: Tx) -> None:
    """End every wish that no kiosk took, or of which none told, in time. Called by the timer."""
    for wish in tx.conn.execute(_OPEN).all():
        how = paper.is_over(PaperState(wish.state), wish.asked_at, wish.taken_at, tx.now)
        if how is not None:
            said = PrintResult("", how, "none", "kiosk did not answer")
            _note(tx, system(wish.hall_id), row_by_id(tx.conn, wish.ticket_id), wish, said)


def papers_of(conn: Connection, row: Record) -> tuple[Paper, ...]:
    """Every paper that the desk asked for, oldest first."""
    asked = conn.execute(_OF_TICKET, {"ticket_id": row.id})
    return tuple(
        Paper(wish.code, wish.device, wish.copy, PaperState(wish.state), hall_time(wish.asked_at, row.zone))
        for wish in asked
    )


def printers(conn: Connection, hall_id: int, now: datetime) -> tuple[DeskPrinter, ...]:
    """The hall's kiosks with their printers; one that never reported is there too, and not ready."""
    rows: list[Any] = list(conn.execute(_PRINTERS, {"hall_id": hall_id}))
    return tuple(DeskPrinter(p.name, _ready(p, now), p.state or "absent", tuple(p.faults or ())) for p in rows)

"""The hall's reply to a bad rating, read by whoever holds the paper, who may say once whether it satisfies
(整改再评).

A case takes days and a paper's link lives a day: here the link lives as long as the case does, and a day longer. The
key is asked for as for a rating (`services.paper_ratings`); without it nothing is told, nor that there is a case.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from server.contract.problems import ProblemError
from server.contract.rectifications import Outcome, RectificationState
from server.db import Record, Tx
from server.domain.paper_key import is_paper_key
from server.domain.rating import text_problem
from server.models import Hall, TicketRow
from server.services import rectifications
from server.services.follow import LINK_KEPT
from server.services.rectification_rows import CASES

ANSWERS = (Outcome.SATISFIED, Outcome.NOT_SATISFIED)
"""How a case ends with the citizen's answer; every other end is without one."""


@dataclass(frozen=True)
class Reply:
    """What the hall says it did. `open`: an answer is waited for. `answered`: this reply has one, so it is never true
    while `open`. `again`: it was no, and the hall is at it once more."""

    hall_name: str
    ticket: str
    item: str
    text: str
    open: bool
    answered: bool
    again: bool


def reply_to(conn: Connection, secret: bytes, code: str, key: str, now: datetime) -> Reply | None:
    """None while there is nothing to read. Raises ticket_not_found under a wrong key."""
    row = _found(conn, secret, code, key, now)
    if row is None:
        return None
    state = RectificationState(row.state)
    name = conn.execute(select(Hall.name).where(Hall.id == row.hall_id)).scalar_one()
    again = state in (RectificationState.TO_RECTIFY, RectificationState.TO_FEED_BACK)
    item = row.item_name or row.queue_name
    open_ = state is RectificationState.TO_RE_RATE
    return Reply(name, row.ticket, item, row.reply, open_, _is_answered(row), again)


def answer(tx: Tx, code: str, key: str, satisfied: bool, text: str) -> None:
    """Raises ticket_not_found under a wrong key, reply_not_there, answered_already or answer_too_late, and
    what `domain.rating.text_problem` names."""
    row = _found(tx.conn, tx.key, code, key, tx.now)
    if row is None:
        raise ProblemError("reply_not_there")
    if row.state != RectificationState.TO_RE_RATE:
        raise ProblemError("answered_already" if _is_answered(row) else "answer_too_late")
    problem = text_problem(text)
    if problem:
        raise ProblemError(problem)
    rectifications.answer(tx, row, satisfied, text)


def _is_answered(row: Record) -> bool:
    """Whether an answer to the reply that is shown was kept. A first no says nothing of the second reply."""
    if row.state == RectificationState.CLOSED:
        return row.outcome in ANSWERS
    return bool(row.answered) and row.state != RectificationState.TO_RE_RATE


def _found(conn: Connection, secret: bytes, code: str, key: str, now: datetime) -> Record | None:
    if not is_paper_key(secret, code, key):
        raise ProblemError("ticket_not_found")
    row: Record | None = conn.execute(CASES.where(TicketRow.code == code)).one_or_none()
    if row is None or not row.reply:
        return None
    over = row.closed_at is not None and now >= row.closed_at + LINK_KEPT
    return None if over else row

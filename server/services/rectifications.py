"""Rectifications (整改): opened by a bad rating in its own commit, and taken from step to step by whoever did not
serve.

Nothing of it is told to the hall: `news` reach every window, and that a case was opened would say what was rated.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from server.contract.problems import ProblemError
from server.contract.rectifications import Outcome, RectificationState, ReRatingSource, Step, StepTaken, TakeStep
from server.db import Record, Tx
from server.domain.rating import GOOD_LEVEL, text_problem
from server.domain.rectification import (
    OPEN,
    SAME_START,
    STAGES,
    STATE_WORDS,
    Move,
    Stage,
    StepError,
    Who,
    due_day,
    first_day,
    move,
)
from server.domain.work_calendar import local_day
from server.models import (
    Account,
    Hall,
    Invitation,
    Rating,
    RatingExclusion,
    RectificationEvent,
    RectificationRow,
    ReRating,
    TicketRow,
)
from server.services import audit
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.hands import went_through
from server.services.hours import calendar_of
from server.services.rectification_rows import CASES, case_of, facts, limits

OWNERS = ("supervisor", "admin")
REMINDED, ESCALATED, OPENED = "reminded", "escalated", "opened"
MOST_AT_ONCE = 500
"""Cases that one turn of the timer looks at; the next turn takes the rest."""

_RATED = (
    select(Rating.level, Invitation.hall_id, Invitation.ticket_id, TicketRow.service_day, TicketRow.number)
    .join(Invitation, Invitation.id == Rating.invitation_id)
    .join(TicketRow, TicketRow.id == Invitation.ticket_id)
)


# ── what the citizen's own hand does ──


def follow_rating(tx: Tx, rating_id: int) -> None:
    """A rating was made or changed: a bad one has a case, and one that was thought better of has none that is
    open."""
    rated = tx.conn.execute(_RATED.where(Rating.id == rating_id)).one()
    found = tx.conn.execute(CASES.where(RectificationRow.rating_id == rating_id)).one_or_none()
    bad = rated.level < GOOD_LEVEL
    if found is None and bad:
        _open(tx, rating_id, rated)
    elif found is not None and bad and found.outcome == Outcome.CHANGED:
        _go(tx, found, Step.RETURN, Who.CITIZEN)
    elif found is not None and not bad and found.state != RectificationState.CLOSED:
        _go(tx, found, Step.CHANGE, Who.CITIZEN)


def _open(tx: Tx, rating_id: int, rated: Record) -> None:
    hall = hall_of(tx.conn, rated.hall_id)
    counts_from, due = _deadline(tx, hall, Stage.CONTACT, "")
    opened = tx.add(
        RectificationRow,
        hall_id=hall.id, rating_id=rating_id, number=f"{rated.service_day:%Y%m%d}-{rated.number}",
        state=RectificationState.TO_VERIFY.value, owner_id=_next_owner(tx.conn, hall.id, rated.ticket_id),
        opened_at=tx.now, counts_from=counts_from, due=due, contact_due=due,
    )  # fmt: skip
    _note(tx, opened, OPENED, RectificationState.TO_VERIFY, due=due)


def _next_owner(conn: Connection, hall_id: int, ticket_id: int) -> int | None:
    """Whoever has the fewest open cases, supervisors before admins and never one who served; None when there is
    nobody else."""
    open_ = (RectificationRow.owner_id == Account.id) & (RectificationRow.state != RectificationState.CLOSED.value)
    supervisors_first = case((Account.role == "supervisor", 0), else_=1)
    fit = (
        select(Account.id)
        .outerjoin(RectificationRow, open_)
        .where(_may_own(hall_id, ticket_id))
        .group_by(Account.id, Account.role)
        .order_by(supervisors_first, func.count(RectificationRow.id), Account.id)
    )
    return conn.execute(fit.limit(1)).scalar_one_or_none()


def _may_own(hall_id: int, ticket_id: int) -> Any:
    mine = (Account.hall_id == hall_id) & Account.active & Account.role.in_(OWNERS)
    return mine & ~went_through(ticket_id, Account.username)


def answer(tx: Tx, row: Record, satisfied: bool, text: str) -> None:
    """The citizen's own answer by the paper's link, to a row of `CASES`. Raises step_not_possible."""
    _go(tx, row, Step.SATISFIED if satisfied else Step.DISSATISFIED, Who.CITIZEN, text=text)


# ── what staff do ──


def take_step(tx: Tx, actor: Actor, body: TakeStep, rectification: str) -> StepTaken:
    """One step of the case of this number. Raises rectification_not_found, rectification_moved when somebody was
    faster, and what the domain's table refuses."""
    row = case_of(tx.conn, actor, rectification)
    if row.version != body.version:
        raise _moved(row.state)
    text = body.text.strip()
    held = _row_of(tx, row, body.step, Who.STAFF, actor.account_id)
    _refuse_words(held, text)
    if body.step is Step.VERIFY and body.kind is None:
        raise ProblemError("kind_wanted", field="kind")
    more: dict[str, Any] = {"kind": body.kind.value} if body.step is Step.VERIFY and body.kind else {}
    if body.step is Step.ASSIGN:
        owner = _owner(tx.conn, row, body.owner)
        more, text = {"owner_id": owner.id}, owner.name or body.owner
    elif row.owner_id is None:
        more["owner_id"] = actor.account_id
    _do(tx, row, held, Who.STAFF, actor.account_id, text, more)
    after = case_of(tx.conn, actor, rectification)
    return StepTaken(row.number, after.version, RectificationState(after.state))


def _refuse_words(held: Move, text: str) -> None:
    problem = text_problem(text) or ("case_text_wanted" if held.said and not text else "")
    if problem:
        raise ProblemError(problem, field="text")


def _owner(conn: Connection, row: Record, username: str) -> Record:
    """Raises owner_not_fit."""
    fit = select(Account.id, Account.name).where(_may_own(row.hall_id, row.ticket_id), Account.username == username)
    found = conn.execute(fit).one_or_none()
    if found is None:
        raise ProblemError("owner_not_fit", field="owner")
    return found


def _moved(state: str) -> ProblemError:
    zh, en = STATE_WORDS[RectificationState(state)]
    return ProblemError("rectification_moved", state=en, state_zh=zh)


# ── along the table ──


def _row_of(tx: Tx, row: Record, step: Step, who: Who, account_id: int | None = None) -> Move:
    try:
        return move(RectificationState(row.state), step, who, facts(row, tx.now, account_id))
    except StepError as refusal:
        zh, en = STATE_WORDS[RectificationState(row.state)]
        raise ProblemError(refusal.code, state=en, state_zh=zh) from None


def _go(tx: Tx, row: Record, step: Step, who: Who, text: str = "") -> None:
    _do(tx, row, _row_of(tx, row, step, who), who, None, text, {})


def _do(tx: Tx, row: Record, held: Move, who: Who, account_id: int | None, text: str, more: dict[str, Any]) -> None:
    """One row of the table, with all that belongs to it, in this commit."""
    changes = {**_kept(tx, row, held, account_id, text), **more}
    changes |= _times(tx, row, held, changes.get("kind", row.kind))
    still = (RectificationRow.id == row.id) & (RectificationRow.version == row.version)
    moved = tx.conn.execute(
        update(RectificationRow).where(still).values(state=held.to.value, version=row.version + 1, **changes)
    )
    if moved.rowcount != 1:  # a row that was read before this transaction must never be moved
        raise _moved(row.state)
    reached = held.call if who is Who.STAFF else None
    _note(tx, row.id, held.step.value, held.to, account_id, text, reached=reached, due=changes.get("due"))
    _sealed(tx, row, held, account_id, text)


def _kept(tx: Tx, row: Record, held: Move, account_id: int | None, text: str) -> dict[str, Any]:
    """What the case keeps of this step."""
    tries = row.tries + (held.call is False) if held.to is held.state else 0
    over = held.to is RectificationState.CLOSED
    end = {"closed_at": tx.now if over else None, "outcome": held.outcome.value if held.outcome else ""}
    own: dict[Step, dict[str, Any]] = {
        Step.APPEAL: {"appealed_by": account_id},
        Step.REACH: {"contacted_at": tx.now},
        Step.FEED_BACK: {"reply": text},
        Step.DISSATISFIED: {"answered": True},
    }
    return {"tries": tries, **end, **own.get(held.step, {})}


def _times(tx: Tx, row: Record, held: Move, kind: str) -> dict[str, Any]:
    """The deadline, where a new stage begins. One that was set stays: a holiday that is entered later moves only
    those that are set after it."""
    stage = STAGES[held.to]
    if stage is STAGES[held.state]:
        return {}
    if stage is Stage.OVER:
        return {"due": None}
    same_start = (STAGES[held.state], stage) == SAME_START
    hall = hall_of(tx.conn, row.hall_id)
    counts_from, due = _deadline(tx, hall, stage, kind, row.counts_from if same_start else None)
    return {"counts_from": counts_from, "due": due}


def _deadline(
    tx: Tx, hall: Record, stage: Stage, kind: str, counts_from: date | None = None
) -> tuple[date | None, date | None]:
    """From which day it counts, now unless told, and its last day."""
    calendar = calendar_of(tx.conn, hall, counts_from or local_day(hall.zone, tx.now))
    start = counts_from or first_day(calendar, tx.now)
    days = limits(hall).of(stage, kind)
    return start, None if start is None or days is None else due_day(calendar, start, days)


def _sealed(tx: Tx, row: Record, held: Move, account_id: int | None, text: str) -> None:
    """The rows that are kept for ever beside the rating, each in the audit chain."""
    if held.step in (Step.SATISFIED, Step.DISSATISFIED):
        source = ReRatingSource.QR if account_id is None else ReRatingSource.PHONE
        made = tx.add(
            ReRating,
            rectification_id=row.id, n=1 + row.answered, satisfied=held.step is Step.SATISFIED, source=source.value,
            text=text, recorded_by=account_id, at=tx.now,
        )  # fmt: skip
        audit.record_row(tx, "re_rating.made", "re_rating", made)
    if held.step is Step.UPHOLD:
        made = tx.add(
            RatingExclusion,
            rating_id=row.rating_id, asked_by=row.appealed_by, decided_by=account_id, reason=_reason(tx.conn, row.id),
            decision=text, at=tx.now,
        )  # fmt: skip
        audit.record_row(tx, "rating.excluded", "exclusion", made)


def _reason(conn: Connection, rectification_id: int) -> str:
    said = select(RectificationEvent.text).where(
        RectificationEvent.rectification_id == rectification_id, RectificationEvent.what == Step.APPEAL.value
    )
    return str(conn.execute(said).scalar_one())


def _note(
    tx: Tx, rectification_id: int, what: str, state: RectificationState, account_id: int | None = None,
    text: str = "", *, reached: bool | None = None, due: date | None = None, once: str | None = None,
) -> None:  # fmt: skip
    tx.add(
        RectificationEvent,
        rectification_id=rectification_id, at=tx.now, what=what, state=state.value, account_id=account_id, text=text,
        reached=reached, due=due, once=once,
    )  # fmt: skip


# ── by the clock ──


def keep_deadlines(tx: Tx) -> None:
    """Remind of what is due by the next working day, escalate what is overdue, and end the wait for an answer whose
    time is over. Called by the timer; each deadline is told once."""
    for hall in tx.conn.execute(select(Hall)).all():
        today = local_day(hall.zone, tx.now)
        near = due_day(calendar_of(tx.conn, hall, today), today, 1) or today
        for row in tx.conn.execute(_pressing(hall.id, today, near).limit(MOST_AT_ONCE)).all():
            _press(tx, row, today)


def _pressing(hall_id: int, today: date, near: date) -> Any:
    table = RectificationRow
    over = (table.due < today) & table.escalated_for.is_distinct_from(table.due)
    soon = table.due.between(today, near) & table.reminded_for.is_distinct_from(table.due)
    waits = (table.due < today) & (table.state == RectificationState.TO_RE_RATE.value)
    mine = (table.hall_id == hall_id) & table.state.in_(OPEN)  # along the index, however many were closed
    return CASES.where(mine, over | soon | waits).order_by(table.due, table.id)


def _press(tx: Tx, row: Record, today: date) -> None:
    if row.due >= today:
        _tell_once(tx, row, REMINDED, reminded_for=row.due)
    elif row.state == RectificationState.TO_RE_RATE:
        _go(tx, row, Step.LAPSE, Who.CLOCK)
    else:
        _tell_once(tx, row, ESCALATED, escalated_for=row.due)


def _tell_once(tx: Tx, row: Record, what: str, **changes: date) -> None:
    """The version stays: whoever is acting on the case just then is not disturbed."""
    tx.change(RectificationRow, row.id, **changes)
    once = f"{row.id}:{what}:{row.due}:{row.version}"
    _note(tx, row.id, what, RectificationState(row.state), due=row.due, once=once)

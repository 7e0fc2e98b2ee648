"""Slots: the weekly plans that an admin makes, and the places left in each slot that they give."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.contract.appointments import Mode, PlannedSlot, Slot, SlotPlan, WeeklyTimes
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.appointments import CITIZENS_NOTICE, days_ahead, in_time, slots_of, week_of
from server.domain.hours_words import week
from server.domain.service_day import hall_time
from server.domain.settings import BadSettingError, check
from server.domain.work_calendar import Session
from server.models import Queue, ServiceItem, SlotPlanRow, SlotTaken
from server.services.actors import Actor
from server.services.events import tell
from server.services.halls import hall_of
from server.services.hours import binding, booked_days

_PLANS = (
    select(
        *SlotPlanRow.__table__.columns, Queue.code.label("queue"), Queue.name.label("queue_name"), Queue.name_en,
        Queue.open.label("queue_open"),
    )
    .join(Queue, Queue.id == SlotPlanRow.queue_id)
    .where(SlotPlanRow.hall_id == bindparam("hall_id"))
    .order_by(Queue.position, SlotPlanRow.mode, SlotPlanRow.start_minute, SlotPlanRow.id)
)  # fmt: skip
_ITEMS = (
    select(ServiceItem.code, ServiceItem.name)
    .join(Queue, Queue.id == ServiceItem.queue_id)
    .where(ServiceItem.hall_id == bindparam("hall_id"), Queue.code == bindparam("queue_code"))
    .where(ServiceItem.active.is_(True))
    .order_by(ServiceItem.code)
)
_TAKEN = select(SlotTaken.starts_at, SlotTaken.taken).where(
    SlotTaken.queue_id == bindparam("queue_id"), SlotTaken.mode == bindparam("mode"),
    SlotTaken.starts_at >= bindparam("since"), SlotTaken.starts_at <= bindparam("until"),
)  # fmt: skip
_FREE = (
    update(SlotTaken)
    .where(
        SlotTaken.queue_id == bindparam("queue_key"), SlotTaken.mode == bindparam("of_mode"),
        SlotTaken.starts_at == bindparam("at"), SlotTaken.taken > 0,
    )
    .values(taken=SlotTaken.taken - 1)
)  # fmt: skip


def _taking(dialect: ModuleType) -> Any:
    """One place more, unless as many as `capacity` are taken. The database itself compares and counts."""
    return (
        dialect.insert(SlotTaken)
        .values(queue_id=bindparam("queue_key"), mode=bindparam("of_mode"), starts_at=bindparam("at"), taken=1)
        .on_conflict_do_update(
            index_elements=["queue_id", "mode", "starts_at"],
            set_={"taken": SlotTaken.taken + 1},
            where=SlotTaken.taken < bindparam("capacity"),
        )
        .returning(SlotTaken.taken)
    )


_TAKE = {"sqlite": _taking(sqlite), "postgresql": _taking(postgresql)}


# ── plans ──


def plan_list(conn: Connection, actor: Actor) -> dict[str, Any]:
    """Every plan of the hall, in the order of its queues, each with the slots that it makes in a usual week and those
    of them that are offered: the others lie outside of the hall's `hours`."""
    hall = hall_of(conn, actor.hall_id)
    sessions = tuple(Session(*numbers) for numbers in hall.sessions)
    plans = [_plan_view(row, sessions) for row in conn.execute(_PLANS, {"hall_id": actor.hall_id})]
    return {"plans": plans, "hours": week(sessions)}


def _plan_view(row: Record, sessions: tuple[Session, ...]) -> dict[str, Any]:
    given = ("id", "queue", "queue_name", "mode", "start_minute", "end_minute", "slot_minutes", "capacity")
    days = {"weekdays": [int(day) for day in row.weekdays], "from_day": row.from_day, "to_day": row.to_day}
    slots, offered = week_of(_plan(row), binding(sessions, Mode(row.mode)))
    return {**{name: getattr(row, name) for name in given}, **days, "slots": slots, "offered": offered}


def add_plan(tx: Tx, actor: Actor, body: SlotPlan) -> dict[str, Any]:
    """Raises queue_not_found or bad_field. What is booked already keeps its place whatever the plans say. The answer
    names the `plan` beside the list."""
    key = tx.add(SlotPlanRow, hall_id=actor.hall_id, **_values(tx.conn, actor, body))
    return {**_changed(tx, actor), "plan": key}


def change_plan(tx: Tx, actor: Actor, body: SlotPlan, plan: str) -> dict[str, Any]:
    key = _plan_key(tx.conn, actor, plan)
    tx.change(SlotPlanRow, key, **_values(tx.conn, actor, body))
    return {**_changed(tx, actor), "plan": key}


def remove_plan(tx: Tx, actor: Actor, body: WindowCommand, plan: str) -> dict[str, Any]:
    tx.conn.execute(delete(SlotPlanRow).where(SlotPlanRow.id == _plan_key(tx.conn, actor, plan)))
    return _changed(tx, actor)


def _changed(tx: Tx, actor: Actor) -> dict[str, Any]:
    tell(tx, actor, NewsKind.HALL_CHANGED, {})
    return plan_list(tx.conn, actor)


def _plan_key(conn: Connection, actor: Actor, plan: str) -> int:
    mine = select(SlotPlanRow.id).where(SlotPlanRow.hall_id == actor.hall_id)
    for key in conn.execute(mine).scalars():
        if str(key) == plan:
            return key
    raise ProblemError("plan_not_found")


def _values(conn: Connection, actor: Actor, body: SlotPlan) -> dict[str, Any]:
    refuse_bad(body)
    given = ("start_minute", "end_minute", "slot_minutes", "capacity", "from_day", "to_day")
    return {
        "queue_id": queue_key(conn, actor.hall_id, body.queue),
        "mode": body.mode.value,
        "weekdays": "".join(str(day) for day in sorted(body.weekdays)),
        **{name: getattr(body, name) for name in given},
    }


def refuse_bad(body: Any) -> None:
    """Raises bad_field for the first field beyond the limits of `domain.settings`."""
    try:
        check(body)
    except BadSettingError as bad:
        raise bad_field(bad.field, bad.problem, bad.problem_zh, bad.field_zh) from None


def queue_key(conn: Connection, hall_id: int, code: str) -> int:
    """Raises queue_not_found."""
    key = conn.execute(select(Queue.id).where(Queue.hall_id == hall_id, Queue.code == code)).scalar_one_or_none()
    if key is None:
        raise ProblemError("queue_not_found")
    return key


# ── what may be booked ──


def offers(conn: Connection, hall_id: int, now: datetime) -> list[dict[str, Any]]:
    """Queues and modes with something planned in the days ahead that a citizen may book, full or not, in the order
    of the queues; `free` is the earliest slot with a place, or None."""
    offered = []
    places: dict[str, int] = {}
    for (queue, mode), rows in _by_queue(conn, hall_id).items():
        slots = _slots(conn, hall_id, rows, now, CITIZENS_NOTICE)
        if slots:
            free = next((slot for slot in slots if slot.left), None)
            first = rows[0]
            places.setdefault(queue, len(places))
            offered.append(
                {"queue": queue, "name": first.queue_name, "name_en": first.name_en, "mode": Mode(mode), "free": free}
            )
    order = list(Mode)
    return sorted(offered, key=lambda offer: (places[offer["queue"]], order.index(offer["mode"])))


def slots_ahead(
    conn: Connection, hall_id: int, queue: str, mode: str, now: datetime, notice: timedelta = CITIZENS_NOTICE
) -> list[Slot]:
    """The slots of a queue and mode that may still be booked, full ones too; empty when nothing is planned."""
    return _slots(conn, hall_id, _by_queue(conn, hall_id).get((queue, mode), []), now, notice)


def items_of(conn: Connection, hall_id: int, queue: str) -> list[Record]:
    """Code and name of the queue's items, for choosing one."""
    return list(conn.execute(_ITEMS, {"hall_id": hall_id, "queue_code": queue}))


def desk_slots(conn: Connection, actor: Actor, queue: str, mode: str, now: datetime) -> dict[str, Any]:
    """For booking on behalf of somebody: no notice is asked for."""
    return {"slots": slots_ahead(conn, actor.hall_id, queue, mode, now, timedelta())}


def _by_queue(conn: Connection, hall_id: int) -> dict[tuple[str, str], list[Record]]:
    plans: dict[tuple[str, str], list[Record]] = {}
    for row in conn.execute(_PLANS, {"hall_id": hall_id}):
        if row.queue_open:
            plans.setdefault((row.queue, row.mode), []).append(row)
    return plans


def _slots(conn: Connection, hall_id: int, rows: list[Record], now: datetime, notice: timedelta) -> list[Slot]:
    if not rows:
        return []
    times = _times(conn, hall_id, rows, now, notice)
    taken = _taken(conn, rows[0], times)
    return [Slot(t.starts_at, t.ends_at, t.capacity, max(0, t.capacity - taken.get(t.starts_at, 0))) for t in times]


def _times(conn: Connection, hall_id: int, rows: list[Record], now: datetime, notice: timedelta) -> list[PlannedSlot]:
    hall, mode = hall_of(conn, hall_id), Mode(rows[0].mode)
    plans = [_plan(row) for row in rows]
    today, *later = days_ahead(hall_time(now, hall.zone).date())
    # Nobody is told to come to a hall that was closed by hand; how long it will be, nobody knows but for today.
    comes_to_us = mode is not Mode.HOME_VISIT
    kept = booked_days(conn, hall, later if comes_to_us and not hall.open else (today, *later), mode)
    planned = (slots_of(plans, day, hall.zone) for day in kept)
    return [slot for slots in planned for slot in slots if in_time(slot, now, notice)]


def _plan(row: Record) -> WeeklyTimes:
    weekdays = tuple(int(day) for day in row.weekdays)
    return WeeklyTimes(
        weekdays, row.start_minute, row.end_minute, row.slot_minutes, row.capacity, row.from_day, row.to_day
    )  # fmt: skip


def _taken(conn: Connection, row: Record, times: Iterable[PlannedSlot]) -> dict[datetime, int]:
    starts = [slot.starts_at for slot in times]
    if not starts:
        return {}
    span = {"queue_id": row.queue_id, "mode": row.mode, "since": starts[0], "until": starts[-1]}
    return {taken.starts_at: taken.taken for taken in conn.execute(_TAKEN, span)}


# ── places ──


def take_place(
    tx: Tx, hall_id: int, queue: str, mode: Mode, starts_at: datetime, notice: timedelta
) -> tuple[int, Slot]:
    """Take one place; returns the queue's key and the slot. Raises queue_not_found, slot_closed, slot_full."""
    key = queue_key(tx.conn, hall_id, queue)
    ahead = slots_ahead(tx.conn, hall_id, queue, mode.value, tx.now, notice)
    slot = next((slot for slot in ahead if slot.starts_at == starts_at), None)
    if slot is None:
        raise ProblemError("slot_closed")
    place = {"queue_key": key, "of_mode": mode.value, "at": slot.starts_at, "capacity": slot.capacity}
    if tx.conn.execute(_TAKE[tx.conn.dialect.name], place).first() is None:
        raise ProblemError("slot_full")
    return key, slot


def free_place(tx: Tx, row: Record) -> None:
    """Give back the place of this appointment."""
    tx.conn.execute(_FREE, {"queue_key": row.queue_id, "of_mode": row.mode, "at": row.starts_at})


def day_span(day: date, zone: str) -> tuple[datetime, datetime]:
    """From midnight to midnight in the hall's zone."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return midnight, midnight + timedelta(days=1)

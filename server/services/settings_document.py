"""All settings of a hall, read into one document and made so from one: all of it, or nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from server.contract import settings_document as part
from server.contract.admin import NoShowPolicy, SessionSettings
from server.contract.appointments import AppointmentState, Mode
from server.contract.codec import ContractError, from_json, to_json
from server.contract.items import ItemSettings
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.settings_document import FORMAT, Applied, Said, SettingsDocument
from server.contract.tickets import TicketState
from server.db import Record, Tx
from server.domain.hours_words import Words
from server.domain.settings_check import errors, findings, item_words, queue_words, tidy, values_of, window_words
from server.domain.settings_words import changes
from server.models import (
    AppointmentRow,
    CalendarDay,
    Hall,
    Notice,
    Queue,
    ServiceItem,
    SlotPlanRow,
    TicketRow,
    Window,
    WindowQueue,
)
from server.services import items_admin
from server.services.actors import Actor
from server.services.admin import has_past
from server.services.events import tell
from server.services.halls import hall_of
from server.services.screens import note_told, playlist

_SERVES = (
    select(Window.no, Queue.code, WindowQueue.weight)
    .join(WindowQueue, WindowQueue.window_id == Window.id)
    .join(Queue, Queue.id == WindowQueue.queue_id)
    .where(Window.hall_id == bindparam("hall_id"))
    .order_by(Queue.position, Queue.id)
)
_WAITING = (
    select(Queue.code, func.count())
    .join(TicketRow, TicketRow.queue_id == Queue.id)
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.state.in_((TicketState.WAITING.value, TicketState.HELD.value)),
        TicketRow.bound_window_id.is_(None),
        TicketRow.bound_staff_id.is_(None),
    )
    .group_by(Queue.code)
)
_BOOKED = (
    select(Queue.code, func.count())
    .join(AppointmentRow, AppointmentRow.queue_id == Queue.id)
    .where(AppointmentRow.hall_id == bindparam("hall_id"), AppointmentRow.state == AppointmentState.BOOKED.value)
    .group_by(Queue.code)
)
ITEM_COLUMNS = ("code", "name", "queue", "active", "task_code", "task_handle_item")
"""Of an item what is no public field, and stands in columns of its own."""


# ── the hall as a document ──


def export(conn: Connection, hall_id: int) -> SettingsDocument:
    """As it is now. What is empty of an item's public fields is empty here."""
    hall = hall_of(conn, hall_id)
    return tidy(
        SettingsDocument(
            hall=_hall(hall), hours=_hours(hall), days=tuple(_days(conn, hall_id)),
            queues=tuple(_queues(conn, hall_id)), windows=tuple(_windows(conn, hall_id)),
            items=tuple(_items(conn, hall_id)), plans=tuple(_plans(conn, hall_id)),
            notices=tuple(_notices(conn, hall_id)), playlist=playlist(hall), ticker=hall.ticker,
            sms=part.SmsPart(hall.sms_on, hall.sms_delay_minutes, hall.sms_reply_hours, hall.sms_text),
        )
    )  # fmt: skip


def _hall(hall: Record) -> part.HallPart:
    values = {name: getattr(hall, name) for name in part.HallPart.__dataclass_fields__}
    return part.HallPart(**{**values, "no_show_policy": NoShowPolicy(hall.no_show_policy)})


def _hours(hall: Record) -> part.HoursPart:
    sessions = tuple(SessionSettings(*numbers) for numbers in hall.sessions)
    return part.HoursPart(sessions, hall.cutoff_minutes, hall.one_live_ticket)


def _of(conn: Connection, model: Any, hall_id: int, *order: Any) -> Iterable[Record]:
    rows: Iterable[Record] = conn.execute(select(model).where(model.hall_id == hall_id).order_by(*order))
    return rows


def _days(conn: Connection, hall_id: int) -> Iterator[part.DayPart]:
    for row in _of(conn, CalendarDay, hall_id, CalendarDay.day):
        yield part.DayPart(row.day, row.kind, row.name, row.as_weekday)


def _queues(conn: Connection, hall_id: int) -> Iterator[part.QueuePart]:
    for row in _of(conn, Queue, hall_id, Queue.position, Queue.id):
        yield part.QueuePart(**{name: getattr(row, name) for name in part.QueuePart.__dataclass_fields__})


def _windows(conn: Connection, hall_id: int) -> Iterator[part.WindowPart]:
    serves: dict[str, tuple[part.Serves, ...]] = {}
    for no, code, weight in conn.execute(_SERVES, {"hall_id": hall_id}):
        serves[no] = (*serves.get(no, ()), part.Serves(code, weight))
    for row in _of(conn, Window, hall_id, Window.no):
        yield part.WindowPart(row.no, row.name, row.zone, row.floor, row.kind, serves.get(row.no, ()))


def _items(conn: Connection, hall_id: int) -> Iterator[part.ItemPart]:
    rows = select(ServiceItem, Queue.code.label("queue")).join(Queue, Queue.id == ServiceItem.queue_id)
    for row in conn.execute(rows.where(ServiceItem.hall_id == hall_id).order_by(ServiceItem.code)):
        known = {name: row.public[name] for name in part.ItemPart.__dataclass_fields__ if name in row.public}
        lists = {name: tuple(known.get(name) or ()) for name in ("process", "materials")}
        own = {name: getattr(row, name) for name in ITEM_COLUMNS}
        yield part.ItemPart(**{**known, **lists, **own})


def _plans(conn: Connection, hall_id: int) -> Iterator[part.PlanPart]:
    rows = select(SlotPlanRow, Queue.code.label("queue")).join(Queue, Queue.id == SlotPlanRow.queue_id)
    for row in conn.execute(rows.where(SlotPlanRow.hall_id == hall_id)):
        given = ("queue", "start_minute", "end_minute", "slot_minutes", "capacity", "from_day", "to_day")
        days = tuple(int(day) for day in row.weekdays)
        yield part.PlanPart(weekdays=days, mode=Mode(row.mode), **{name: getattr(row, name) for name in given})


def _notices(conn: Connection, hall_id: int) -> Iterator[part.NoticePart]:
    for row in _of(conn, Notice, hall_id, Notice.id):
        yield part.NoticePart(row.text, row.from_day, row.to_day)


def read_document(data: dict[str, Any], field: str = "document") -> SettingsDocument:
    """A document from outside. Raises newer_format, or bad_field with the path of what is not as it must be."""
    written = data.get("format")
    if isinstance(written, int) and not isinstance(written, bool) and written > FORMAT:
        raise ProblemError("newer_format", format=written, known=FORMAT)
    try:
        document = from_json(SettingsDocument, data, field)
    except ContractError as error:
        raise bad_field(error.field, error.problem, error.problem_zh) from None
    if document.format != FORMAT:
        raise bad_field(f"{field}.format", f"must be {FORMAT}", f"应为 {FORMAT}")
    return document


# ── the document as the hall ──


def apply(tx: Tx, actor: Actor, wanted: SettingsDocument, why: str) -> Applied:
    """Make the hall as the document says. Raises settings_wrong, or queue_still_waiting or queue_still_booked where
    numbers that wait, or people who booked, would be served by no window any more; then nothing is changed."""
    before, wanted = export(tx.conn, actor.hall_id), tidy(wanted)
    refuse_wrong(wanted)
    _refuse_stranded(tx, actor, before, wanted)
    hall_id = actor.hall_id
    tx.change(Hall, hall_id, **_hall_values(wanted))
    _apply_days(tx, hall_id, before, wanted)
    queues = _apply_queues(tx, hall_id, wanted)
    _apply_windows(tx, hall_id, wanted, queues)
    _apply_items(tx, actor, wanted)
    _apply_plans(tx, hall_id, before, wanted, queues)
    _apply_notices(tx, hall_id, before, wanted)
    kept = tuple(Said(*words) for words in _let_go(tx, actor, before, wanted))
    note_told(tx, hall_id)
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=why)
    return Applied(changes(before, export(tx.conn, hall_id)), kept)


def refuse_wrong(wanted: SettingsDocument) -> None:
    """Raises settings_wrong with the first error and the count of them."""
    wrong = errors(findings(wanted))
    if wrong:
        raise ProblemError(
            "settings_wrong", count=len(wrong), first=wrong[0].en, first_zh=wrong[0].zh, field=wrong[0].path
        )


def _refuse_stranded(tx: Tx, actor: Actor, before: SettingsDocument, wanted: SettingsDocument) -> None:
    """Nobody who has a number or a booking learns of it by being left alone."""
    lost = _served(before) - _served(wanted) | {one.code for one in _gone(before.queues, wanted.queues, "code")}
    for who, problem in ((_WAITING, "queue_still_waiting"), (_BOOKED, "queue_still_booked")):
        for code, people in tx.conn.execute(who, {"hall_id": actor.hall_id}):
            if code in lost:
                raise ProblemError(problem, name=code, people=people)


def _served(doc: SettingsDocument) -> set[str]:
    return {one.queue for window in doc.windows for one in window.serves}


def _hall_values(doc: SettingsDocument) -> dict[str, Any]:
    sessions = [[s.weekday, s.opens, s.closes] for s in doc.hours.sessions]
    return {
        **values_of(doc.hall), **values_of(doc.sms), "no_show_policy": doc.hall.no_show_policy.value,
        "cutoff_minutes": doc.hours.cutoff_minutes, "one_live_ticket": doc.hours.one_live_ticket,
        "sessions": sessions, "playlist": to_json(doc.playlist), "ticker": doc.ticker,
    }  # fmt: skip


def _apply_days(tx: Tx, hall_id: int, before: SettingsDocument, wanted: SettingsDocument) -> None:
    for day in set(before.days) - set(wanted.days):
        tx.conn.execute(delete(CalendarDay).where(CalendarDay.hall_id == hall_id, CalendarDay.day == day.day))
    for day in set(wanted.days) - set(before.days):
        tx.add(CalendarDay, hall_id=hall_id, **{**values_of(day), "name": day.name.strip()})


def _keys(conn: Connection, model: Any, name: Any, hall_id: int) -> dict[str, int]:
    rows = conn.execute(select(name, model.id).where(model.hall_id == hall_id))
    return {str(row[0]): int(row[1]) for row in rows}


def _apply_queues(tx: Tx, hall_id: int, wanted: SettingsDocument) -> dict[str, int]:
    """The keys of all queues by code, also of those that the document no longer has: they go behind the others."""
    keys = _keys(tx.conn, Queue, Queue.code, hall_id)
    codes = [queue.code for queue in wanted.queues]
    for position, code in enumerate([*codes, *(code for code in keys if code not in codes)]):
        if code in keys:
            tx.change(Queue, keys[code], position=position)
    for position, queue in enumerate(wanted.queues):
        values = {**values_of(queue), "series": queue.series or queue.code, "position": position}
        keys[queue.code] = _put(tx, Queue, keys.get(queue.code), {"hall_id": hall_id, **values})
    return keys


def _put(tx: Tx, model: Any, key: int | None, values: dict[str, Any]) -> int:
    if key is None:
        return tx.add(model, **values)
    tx.change(model, key, **values)
    return key


def _apply_windows(tx: Tx, hall_id: int, wanted: SettingsDocument, queues: dict[str, int]) -> None:
    keys = _keys(tx.conn, Window, Window.no, hall_id)
    for window in wanted.windows:
        values = {name: value for name, value in values_of(window).items() if name != "serves"}
        key = _put(tx, Window, keys.get(window.no), {"hall_id": hall_id, **values})
        tx.conn.execute(delete(WindowQueue).where(WindowQueue.window_id == key))
        for one in window.serves:
            link = {"window_id": key, "queue_id": queues[one.queue], "weight": one.weight}
            tx.conn.execute(insert(WindowQueue).values(**link))


def _apply_items(tx: Tx, actor: Actor, wanted: SettingsDocument) -> None:
    """By the road of the item's own page, so that each change is a version."""
    for item in wanted.items:
        shown = {name: getattr(item, name) for name in items_admin.FIELDS}
        items_admin.keep_item(tx, actor, item.code, ItemSettings(**shown))
        mine = (ServiceItem.hall_id == actor.hall_id) & (ServiceItem.code == item.code)
        codes = {"task_code": item.task_code, "task_handle_item": item.task_handle_item}
        tx.conn.execute(update(ServiceItem).where(mine).values(**codes))


def _apply_plans(
    tx: Tx, hall_id: int, before: SettingsDocument, wanted: SettingsDocument, queues: dict[str, int]
) -> None:
    if before.plans == wanted.plans:
        return
    tx.conn.execute(delete(SlotPlanRow).where(SlotPlanRow.hall_id == hall_id))  # bookings are of slots, not of plans
    for plan in wanted.plans:
        values = {name: value for name, value in values_of(plan).items() if name != "queue"}
        days = "".join(str(day) for day in sorted(plan.weekdays))
        values |= {"weekdays": days, "mode": plan.mode.value, "queue_id": queues[plan.queue]}
        tx.add(SlotPlanRow, hall_id=hall_id, **values)


def _apply_notices(tx: Tx, hall_id: int, before: SettingsDocument, wanted: SettingsDocument) -> None:
    if before.notices == wanted.notices:
        return
    tx.conn.execute(delete(Notice).where(Notice.hall_id == hall_id))
    for notice in wanted.notices:
        tx.add(Notice, hall_id=hall_id, **values_of(notice))


def _let_go(tx: Tx, actor: Actor, before: SettingsDocument, wanted: SettingsDocument) -> Iterator[Words]:
    """Items, windows and queues that the document has no more: deleted, or closed where the past names them. Of an
    item its versions are a past."""
    hall_id = actor.hall_id
    for item in _gone(before.items, wanted.items, "code"):
        if not _deleted(tx, ServiceItem, ServiceItem.code, hall_id, item.code):
            shown = items_admin.all_fields(tx.conn, hall_id)[item.code]
            items_admin.keep_item(tx, actor, item.code, ItemSettings(**{**vars(shown), "active": False}))
            zh, en = item_words(item)
            yield f"{zh}有过记录，改为停用：不再公示和取号。", f"{en} has a past: it stays and is out of use."
    for window in _gone(before.windows, wanted.windows, "no"):
        _unlink(tx, WindowQueue.window_id, _keys(tx.conn, Window, Window.no, hall_id)[window.no])
        if not _deleted(tx, Window, Window.no, hall_id, window.no):
            zh, en = window_words(window)
            yield f"{zh}有过记录，改为停用：不再办理任何队列。", f"{en} has a past: it stays and serves no queue."
    for queue in _gone(before.queues, wanted.queues, "code"):
        key = _keys(tx.conn, Queue, Queue.code, hall_id)[queue.code]
        _unlink(tx, WindowQueue.queue_id, key)
        if not _deleted(tx, Queue, Queue.code, hall_id, queue.code):
            tx.change(Queue, key, open=False)
            zh, en = queue_words(queue)
            yield f"{zh}有过记录，改为关闭：不再取号。", f"{en} has a past: it stays and is closed."


def _gone(before: tuple[Any, ...], wanted: tuple[Any, ...], name: str) -> list[Any]:
    there = {getattr(one, name) for one in wanted}
    return [one for one in before if getattr(one, name) not in there]


def _unlink(tx: Tx, column: Any, key: int) -> None:
    tx.conn.execute(delete(WindowQueue).where(column == key))


def _deleted(tx: Tx, model: Any, column: Any, hall_id: int, name: str) -> bool:
    """False for one that something refers to."""
    key = _keys(tx.conn, model, column, hall_id)[name]
    if has_past(tx.conn, model, key):
        return False
    tx.conn.execute(delete(model).where(model.id == key))
    return True

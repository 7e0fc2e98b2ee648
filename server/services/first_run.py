"""The first-run guide: from an empty database to a hall with a paper in hand. How far it has come is seen from the
hall itself, so it can be left and taken up again at any step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.desk import DeskPrinter, PaperState
from server.contract.first_run import (
    ChooseItems,
    FirstRun,
    FoundWindows,
    NameHall,
    QueueRow,
    SkipStep,
    Step,
    StepState,
    StepView,
    TestPrint,
)
from server.contract.problems import ProblemError, bad_field
from server.contract.settings_document import SettingsDocument
from server.contract.windows import WindowCommand
from server.db import Tx
from server.domain.hall_templates import HOURS, ITEMS, TEMPLATES, Founded, found, with_items
from server.domain.hours_words import Words
from server.domain.paper import TEST_DAY
from server.domain.settings_check import errors, findings
from server.models import Account, Hall, TicketRow
from server.services import settings_document
from server.services.actors import Actor
from server.services.halls import hall_of
from server.services.papers import printers
from server.services.test_prints import last_test

UNNAMED = "服务大厅"
"""What a new database calls its hall."""

TEST_OUT: Words = "测试票已打出", "The test ticket is out"

_CLERKS = select(Account.username).where(
    Account.hall_id == bindparam("hall_id"), Account.role == "clerk", Account.active.is_(True)
)
_TAKEN = (
    select(TicketRow.id).where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.service_day != TEST_DAY).limit(1)
)


def first_run(conn: Connection, actor: Actor, now: datetime) -> FirstRun:
    """How far the hall is set up, and what the guide offers for the next steps"""
    hall, doc = hall_of(conn, actor.hall_id), settings_document.export(conn, actor.hall_id)
    clerks = tuple(conn.execute(_CLERKS, {"hall_id": actor.hall_id}).scalars())
    kiosks, test = printers(conn, actor.hall_id, now), last_test(conn, actor.hall_id)
    skipped = set(hall.first_run.get("skipped", ()))
    steps = tuple(_step(step, told, skipped) for step, told in _facts(doc, clerks, kiosks, test).items())
    return FirstRun(
        done=bool(hall.first_run.get("done")), steps=steps, hall="" if hall.name == UNNAMED else hall.name,
        sessions=doc.hours.sessions, cutoff_minutes=doc.hours.cutoff_minutes,
        queues=tuple(QueueRow(queue.code, queue.name, queue.name_en) for queue in doc.queues),
        windows=len(doc.windows), items=tuple(item.code for item in doc.items), clerks=clerks, kiosks=kiosks,
        test=test, hours_offered=HOURS, templates=TEMPLATES, items_offered=ITEMS,
    )  # fmt: skip


Told = tuple[bool, Words]
"""Whether a step is done, and what is missing or there."""


def _facts(
    doc: SettingsDocument, clerks: tuple[str, ...], kiosks: tuple[DeskPrinter, ...], test: TestPrint | None
) -> dict[Step, Told]:
    ready = [kiosk.device for kiosk in kiosks if kiosk.ready]
    printed = test is not None and test.state == PaperState.PRINTED
    named, items = doc.hall.name != UNNAMED, len(doc.items)
    return {
        Step.HALL: _told(named, (doc.hall.name, doc.hall.name), ("大厅还没有名称", "The hall has no name")),
        Step.WINDOWS: _windows(doc),
        Step.ITEMS: _told(bool(items), (f"{items} 个事项", f"{items} items"), ("还没有事项", "No service items yet")),
        Step.PEOPLE: _told(bool(clerks), ("、".join(clerks), ", ".join(clerks)), ("还没有窗口人员", "No clerk yet")),
        Step.KIOSK: _kiosk(ready, kiosks),
        Step.TEST: _told(printed, TEST_OUT, ("还没有打出测试票", "No test ticket yet")),
    }


def _told(done: bool, there: Words, missing: Words) -> Told:
    return done, there if done else missing


def _windows(doc: SettingsDocument) -> Told:
    """Every queue must be served somewhere, and every window must serve one."""
    queues, windows = len(doc.queues), len(doc.windows)
    if not queues or not windows:
        return False, ("还没有队列和窗口", "No queues and windows yet")
    served = {one.queue for window in doc.windows for one in window.serves}
    alone = [queue.code for queue in doc.queues if queue.open and queue.code not in served]
    if alone:
        return False, (f"队列 {'、'.join(alone)} 没有窗口办理", f"No window serves {', '.join(alone)}")
    return True, (f"{queues} 个队列，{windows} 个窗口", f"{queues} queues, {windows} windows")


def _kiosk(ready: list[str], kiosks: tuple[DeskPrinter, ...]) -> Told:
    if ready:
        return True, (f"{'、'.join(ready)} 已连上，打印机正常", f"{', '.join(ready)}: connected, printer ready")
    heard = [kiosk for kiosk in kiosks if kiosk.state != "absent"]
    if heard:
        return False, ("取号机已连上，打印机还不能打印", "The kiosk is here, its printer cannot print yet")
    return False, ("还没有取号机连上", "No kiosk is connected yet")


def _step(step: Step, told: Told, skipped: set[str]) -> StepView:
    done, (zh, en) = told
    state = StepState.DONE if done else StepState.SKIPPED if step.value in skipped else StepState.OPEN
    return StepView(step, state, zh, en)


# ── the answers ──


def name_hall(tx: Tx, actor: Actor, body: NameHall) -> FirstRun:
    """Name and hours. Raises bad_field."""

    def change(doc: SettingsDocument) -> SettingsDocument:
        hours = replace(doc.hours, sessions=body.sessions, cutoff_minutes=body.cutoff_minutes)
        return replace(doc, hall=replace(doc.hall, name=body.name), hours=hours)

    return _apply(tx, actor, change)


def found_windows(tx: Tx, actor: Actor, body: FoundWindows) -> FirstRun:
    """Queues and windows, in place of what there is: only while no number was ever taken. Raises founded_late, or
    bad_field."""

    def change(doc: SettingsDocument) -> SettingsDocument:
        made = found(doc, body.queues, body.windows)
        if isinstance(made, Founded):
            raise bad_field(made.row, made.en, made.zh, "窗口")
        return made

    if tx.conn.execute(_TAKEN, {"hall_id": actor.hall_id}).first() is not None:
        raise ProblemError("founded_late")
    return _apply(tx, actor, change)


def choose_items(tx: Tx, actor: Actor, body: ChooseItems) -> FirstRun:
    """Items from the templates, beside those that there are."""
    return _apply(tx, actor, lambda doc: with_items(doc, body.codes))


def _apply(tx: Tx, actor: Actor, change: Callable[[SettingsDocument], SettingsDocument]) -> FirstRun:
    wanted = change(settings_document.export(tx.conn, actor.hall_id))
    wrong = errors(findings(wanted))
    if wrong:
        raise ProblemError("setting_wrong", field=wrong[0].path, said=wrong[0].en, said_zh=wrong[0].zh)
    settings_document.apply(tx, actor, wanted, "first-run guide")
    return first_run(tx.conn, actor, tx.now)


def skip(tx: Tx, actor: Actor, body: SkipStep) -> FirstRun:
    """Later, on the admin page. The guide goes on naming what is missing."""
    known = hall_of(tx.conn, actor.hall_id).first_run
    skipped = sorted({*known.get("skipped", ()), body.step.value})
    return _note(tx, actor, {**known, "skipped": skipped})


def finish(tx: Tx, actor: Actor, body: WindowCommand) -> FirstRun:
    """Nobody is sent to the guide any more; it stays where it is."""
    return _note(tx, actor, {**hall_of(tx.conn, actor.hall_id).first_run, "done": True})


def _note(tx: Tx, actor: Actor, state: dict[str, Any]) -> FirstRun:
    tx.change(Hall, actor.hall_id, first_run=state)
    return first_run(tx.conn, actor, tx.now)

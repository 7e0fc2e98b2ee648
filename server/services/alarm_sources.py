"""Who looks for what: each source gives what it finds wrong now. To have a further alarm, give it a row in
`domain.alarms.KINDS` and a source in SOURCES."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from server.contract.alarms import AlarmKind
from server.contract.devices import NO_PAPER_FAULTS
from server.contract.rectifications import RectificationState
from server.contract.windows import WindowState
from server.db import Record
from server.domain.alarms import Finding, Rules
from server.domain.policy import SPECIFIC
from server.domain.service_day import service_day
from server.domain.work_calendar import local_day
from server.models import CallRow, RectificationRow, Upload, Window
from server.services.cover import empty_posts
from server.services.monitor import Scene

K = AlarmKind
HOUR = timedelta(hours=1)
STATES = {"absent": ("未连接", "is not connected"), "fault": ("故障", "is faulty")}
UNWELL = ("报告故障", "reports a fault")


@dataclass(frozen=True)
class Look:
    """What sources look at. `awake`: the hall issues tickets or somebody waits; machines that were switched off for
    the night are no alarm. `disk_free`: percent, None where nobody knows. `patterns`: whether ratings of today look
    unusual, as of the last full hour."""

    conn: Connection
    hall: Record
    now: datetime
    rules: Rules
    scene: Scene
    awake: bool
    disk_free: int | None
    patterns: Callable[[], bool]

    def minutes_since(self, moment: datetime | None) -> int:
        """Whole minutes; none since a moment that is not known or lies ahead."""
        return 0 if moment is None else max(0, (self.now - moment) // timedelta(minutes=1))

    def people_for(self, window: Record) -> int:
        """Who waits for this window: in its queues, or for it or its clerk alone."""
        codes = self.scene.serves.get(window.id, ())
        return self.scene.bound[window.no] + sum(self.scene.free[code] for code in codes)


def long_waits(look: Look) -> Iterator[Finding]:
    for code, cell in look.scene.picture.queues.items():
        minutes = look.minutes_since(cell.oldest_from)
        if cell.waiting and minutes >= look.rules.limit(K.LONGEST_WAIT):
            yield Finding(K.LONGEST_WAIT, code, minutes, cell.oldest, cell.oldest)


def unserved_queues(look: Look) -> Iterator[Finding]:
    scene = look.scene
    served = {
        code
        for window in scene.windows
        if window.state == WindowState.OPEN
        for code in scene.serves.get(window.id, ())
    }
    for code, people in scene.free.items():
        if people and code not in served:
            yield Finding(K.QUEUE_UNSERVED, code, people)


def paused_windows(look: Look) -> Iterator[Finding]:
    for window in look.scene.windows:
        minutes = look.minutes_since(window.since)
        stands = window.state == WindowState.PAUSED and window.number is None
        if stands and minutes >= look.rules.limit(K.WINDOW_PAUSED) and look.people_for(window):
            yield Finding(K.WINDOW_PAUSED, window.no, minutes, window.pause_reason, window.pause_reason)


def idle_windows(look: Look) -> Iterator[Finding]:
    """Since the window is free, and since somebody waits: who has only just come makes no idle window."""
    for window in look.scene.windows:
        if window.state == WindowState.OPEN and window.number is None and look.people_for(window):
            cells = [look.scene.picture.queues[code] for code in look.scene.serves.get(window.id, ())]
            waited = max((look.minutes_since(cell.oldest_from) for cell in cells), default=0)
            minutes = min(look.minutes_since(window.since), waited)
            if minutes >= look.rules.limit(K.WINDOW_IDLE):
                yield Finding(K.WINDOW_IDLE, window.no, minutes)


def empty_windows(look: Look) -> Iterator[Finding]:
    """As the duty page has them, whether somebody waits or not."""
    for post in empty_posts(look.conn, look.hall.id, look.now):
        yield Finding(K.WINDOW_EMPTY, post.window, look.minutes_since(post.since), post.post, post.post)


def calls_out_of_order(look: Look) -> Iterator[Finding]:
    today = service_day(look.now, look.hall.zone, look.hall.rollover_hour)
    lately = CallRow.at > look.now - HOUR
    calls = (
        select(Window.no, func.count())
        .select_from(CallRow)
        .join(Window, Window.id == CallRow.window_id)
        .where(CallRow.hall_id == look.hall.id, CallRow.service_day == today, CallRow.rule == SPECIFIC)
        .where(lately, CallRow.undone.is_(False))
        .group_by(Window.no)
    )
    for no, count in look.conn.execute(calls):
        if count > look.rules.limit(K.OUT_OF_ORDER):
            yield Finding(K.OUT_OF_ORDER, no, count)


def devices(look: Look) -> Iterator[Finding]:
    """Printers apart from the rest: without one nobody gets a number."""
    for row in look.scene.devices if look.awake else ():
        faults = tuple(row.faults)
        if row.kind == "printer" and (row.state in STATES or NO_PAPER_FAULTS & set(faults)):
            yield Finding(K.PRINTER_STOPPED, row.name, faults=faults)
        elif row.kind == "printer" and "paper_low" in faults:
            yield Finding(K.PAPER_LOW, row.name)
        elif row.state in STATES or faults:
            zh, en = STATES.get(row.state, UNWELL)
            yield Finding(K.DEVICE_FAULT, f"{row.name} · {row.device}", 0, zh, en, faults)


def silent_machines(look: Look) -> Iterator[Finding]:
    for machine in look.scene.machines if look.awake else ():
        minutes = look.minutes_since(machine.at)
        if minutes >= look.rules.limit(K.MACHINE_SILENT):
            yield Finding(K.MACHINE_SILENT, machine.name, minutes)


def rating_patterns(look: Look) -> Iterator[Finding]:
    """Once a day and hall, and by the hour: no window and no moment, from which somebody could be guessed."""
    if look.patterns():
        yield Finding(K.RATING_PATTERN, f"{service_day(look.now, look.hall.zone, look.hall.rollover_hour)}")


def overdue_rectifications(look: Look) -> Iterator[Finding]:
    overdue = select(RectificationRow.id, RectificationRow.number).where(
        RectificationRow.hall_id == look.hall.id,
        RectificationRow.state != RectificationState.CLOSED.value,
        RectificationRow.due < local_day(look.hall.zone, look.now),
    )
    for row in look.conn.execute(overdue.order_by(RectificationRow.id)):
        yield Finding(K.RECTIFICATION_OVERDUE, row.number, case=row.id)


def stuck_uploads(look: Look) -> Iterator[Finding]:
    """Of ratings from before this hour, as on the page of the upload."""
    hour = look.now.replace(minute=0, second=0, microsecond=0)
    waiting = (Upload.hall_id == look.hall.id, Upload.state == "waiting", Upload.made_at < hour)
    oldest = look.conn.execute(select(func.min(Upload.made_at)).where(*waiting)).scalar_one()
    hours = 0 if oldest is None else (hour - oldest) // HOUR
    if look.hall.upload_code and oldest is not None and hours >= look.rules.limit(K.UPLOADS_STUCK):
        yield Finding(K.UPLOADS_STUCK, "", hours)


def full_disk(look: Look) -> Iterator[Finding]:
    if look.disk_free is not None and look.disk_free <= look.rules.limit(K.DISK_LOW):
        yield Finding(K.DISK_LOW, "", look.disk_free)


SOURCES: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    long_waits, unserved_queues, empty_windows, paused_windows, idle_windows, calls_out_of_order, devices,
    silent_machines, rating_patterns, overdue_rectifications, stuck_uploads, full_disk,
)  # fmt: skip

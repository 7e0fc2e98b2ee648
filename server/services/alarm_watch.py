"""The watch: by the clock it looks at every hall and raises, ends and escalates alarms. It looks beside the writer,
and writes only where something is to be done."""

import secrets
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select

from server.contract.alarms import AlarmKind
from server.db import Record, Store, Tx
from server.domain.alarms import KINDS, Finding, Move, Rules, Standing, Turn, turns
from server.domain.service_day import service_day
from server.models import AlarmRow, Hall
from server.services import hours
from server.services.alarm_sources import SOURCES, Look
from server.services.hall_alarms import rules_of
from server.services.monitor import scene
from server.services.reports import patterns_of_day


class Watch:
    """`folder` is where the data lies, whose disk must not be full. Keeps nothing but what it would reckon again."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder
        self._patterns: dict[int, tuple[datetime, bool]] = {}

    def look(self) -> None:
        """One look at every hall."""
        now = self._store.clock()
        with self._store.read() as conn:
            works = [self._hall(conn, hall, now) for hall in conn.execute(select(Hall)).all()]
        for work in works:
            if work is not None:
                self._store.write(work)

    def _hall(self, conn: Connection, hall: Record, now: datetime) -> Callable[[Tx], None] | None:
        """What is to be written of a hall, if anything."""
        rules = rules_of(hall)
        shown = scene(conn, hall, now)
        awake = any(cell.waiting for cell in shown.picture.queues.values()) or hours.doors(conn, hall, now).open
        look = Look(
            conn, hall, now, rules, shown, awake, self._disk_free(), lambda: self._unusual(conn, hall, now)
        )  # fmt: skip
        findings = [finding for source in SOURCES for finding in source(look)]
        if not turns(standing(conn, hall.id), findings, rules, now):
            return None
        return lambda tx: take_turns(tx, hall.id, rules, findings, now)

    def _disk_free(self) -> int | None:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            return None
        return usage.free * 100 // usage.total if usage.total else None

    def _unusual(self, conn: Connection, hall: Record, now: datetime) -> bool:
        """Whether ratings given before this hour look unusual; reckoned once an hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        known = self._patterns.get(hall.id)
        if known is None or known[0] != hour:
            today = service_day(now, hall.zone, hall.rollover_hour)
            known = hour, bool(patterns_of_day(conn, hall, today, before=hour).found)
            self._patterns[hall.id] = known
        return known[1]


def standing(conn: Connection, hall_id: int) -> list[Standing]:
    """What is not over, alarms and what may become one."""
    mine = select(AlarmRow).where(AlarmRow.hall_id == hall_id, AlarmRow.standing.is_not(None))
    return [
        Standing(
            row.id, AlarmKind(row.kind), row.subject, row.seen_at, row.raised_at, row.gone_at,
            row.acknowledged_at is not None, row.escalated_at is not None,
        )
        for row in conn.execute(mine.order_by(AlarmRow.id))
        if row.kind in KINDS
    ]  # fmt: skip


def take_turns(tx: Tx, hall_id: int, rules: Rules, findings: Iterable[Finding], now: datetime) -> None:
    """Decided anew by what stands within this transaction: another server may have been here since."""
    for turn in turns(standing(tx.conn, hall_id), findings, rules, now):
        _take(tx, hall_id, turn, now)


def _take(tx: Tx, hall_id: int, turn: Turn, now: datetime) -> None:
    one, finding = turn.standing, turn.finding
    if one is None:
        if finding is not None:
            _see(tx, hall_id, finding, now)
    elif turn.move is Move.FORGET:
        tx.conn.execute(delete(AlarmRow).where(AlarmRow.id == one.key))
    elif turn.move is Move.RAISE and finding is not None:
        tx.change(
            AlarmRow, one.key, raised_at=now, value=finding.value, more=finding.more, more_en=finding.more_en,
            faults=list(finding.faults),
        )  # fmt: skip
    elif turn.move is Move.END:
        tx.change(AlarmRow, one.key, ended_at=one.gone_at, standing=None)
    elif turn.move is Move.ESCALATE:
        tx.change(AlarmRow, one.key, escalated_at=now)
    else:
        tx.change(AlarmRow, one.key, gone_at=now if turn.move is Move.GONE else None)


def _see(tx: Tx, hall_id: int, finding: Finding, now: datetime) -> None:
    tx.add(
        AlarmRow, code=secrets.token_hex(8), hall_id=hall_id, kind=finding.kind.value, subject=finding.subject,
        seen_at=now, standing=f"{hall_id} {finding.kind.value} {finding.subject}", rectification_id=finding.case,
    )  # fmt: skip

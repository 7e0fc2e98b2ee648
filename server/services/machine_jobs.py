"""Tests and learning at a machine: asked for by an admin, fetched and done by the machine, shown while they go on.

A job is no ticket: it waits behind all of them, and ends by the clock whatever the machine does (`close_due`). What
an evaluator's keys say in a test goes to this job and nowhere else; while a citizen is called, served or asked to
rate at the window, no test of its keys or its bar begins.
"""

import re
import secrets
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from server.contract.codec import to_json
from server.contract.machines import (
    AskJob,
    JobGoes,
    JobKind,
    JobLine,
    JobProgress,
    JobResult,
    JobState,
    JobView,
    KeepProfile,
)
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.machine_job import AWAY, MOST_LINES, OPEN, SILENT, lost
from server.models import DeviceProfile, DeviceToken, Invitation, MachineJobRow, MachineReportRow, Window
from server.services import audit
from server.services.actors import Actor
from server.services.events import tell
from server.services.machines import judged_end, machine_of, overview, refuse_kind, report_of, taken_by

DEVICES_OF = {JobKind.PRINT: ("printer",), JobKind.LIGHT: ("evaluator",), JobKind.KEYS: ("evaluator", "call_pad"),
              JobKind.SHOW: ("ledbar",)}  # fmt: skip
MOST_HEX = 256
MOST_PROFILE = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_JOBS = select(*MachineJobRow.__table__.c, DeviceToken.name.label("machine")).join(
    DeviceToken, DeviceToken.id == MachineJobRow.machine_id
)


def ask(tx: Tx, actor: Actor, body: AskJob, machine: str) -> JobView:
    """Raises device_not_found, machine_not_seen, bad_field, window_not_free or job_under_way."""
    at = machine_of(tx.conn, actor.hall_id, machine)
    report = report_of(tx.conn, at.id)
    if report is None:
        raise ProblemError("machine_not_seen", name=at.name)
    _refuse_unfit(tx, actor, body, report, at)
    close_due(tx)
    code = secrets.token_hex(8)
    try:
        tx.add(
            MachineJobRow, code=code, hall_id=actor.hall_id, machine_id=at.id, open_machine_id=at.id,
            kind=body.kind.value, device=body.device, url=body.url, title=body.title.strip(),
            state=JobState.ASKED.value, asked_at=tx.now, asked_by=actor.signature, seen=[], profile=[],
        )  # fmt: skip
    except IntegrityError:
        raise ProblemError("job_under_way", name=at.name) from None
    tell(tx, actor, NewsKind.MACHINE_WANTED, {"device": at.name}, why=f"{body.kind.value} {body.device}".strip())
    return _view(_job(tx.conn, actor, code))


def _refuse_unfit(tx: Tx, actor: Actor, body: AskJob, report: Record, at: Record) -> None:
    if body.kind is JobKind.LEARN:
        _refuse_learning(tx.conn, body, report, at)
        return
    one = next((one for one in report.devices if one["name"] == body.device), None)
    if one is None or one["kind"] not in DEVICES_OF[body.kind]:
        raise bad_field("device", "names no such device of this machine", "这台机器没有这个设备", "设备")
    if one["window"] and _in_use(tx.conn, actor, one["window"]):
        raise ProblemError("window_not_free", name=one["window"])


def _refuse_learning(conn: Connection, body: AskJob, report: Record, at: Record) -> None:
    refuse_kind(at, "evaluator")
    end = judged_end(body.url, "evaluator", report)
    if not 1 <= len(body.title.strip()) <= 60 or not body.title.isprintable():
        raise bad_field(
            "title", "must have 1 to 60 characters on one line", "应为 1 到 60 个字，且不换行", "型号名称"
        )
    zh, en = taken_by(conn, at, report, end)
    if zh:
        raise bad_field(
            "url",
            f"is in use by {en}; take that away first, then learn",
            f"正由{zh}使用，请先解除那个设备再学习",
            "端口",
        )


def _in_use(conn: Connection, actor: Actor, window: str) -> bool:
    """Somebody is served or called there, or asked to rate."""
    row = conn.execute(
        select(Window.id, Window.ticket_id).where(Window.hall_id == actor.hall_id, Window.no == window)
    ).one_or_none()
    if row is None:
        return False
    asked = select(Invitation.id).where(Invitation.window_id == row.id, Invitation.state == "open").limit(1)
    return row.ticket_id is not None or conn.execute(asked).first() is not None


def view(conn: Connection, actor: Actor, job: str) -> JobView:
    return _view(_job(conn, actor, job))


def stop(tx: Tx, actor: Actor, body: WindowCommand, job: str) -> JobView:
    """Nobody looks any more. The machine hears it with the next that it tells."""
    row = _job(tx.conn, actor, job)
    if JobState(row.state) in OPEN:
        _end(tx, row, JobState.STOPPED, ("已停止。", "Stopped."))
    return _view(_job(tx.conn, actor, job))


def keep_profile(tx: Tx, actor: Actor, body: KeepProfile) -> dict[str, Any]:
    """Store what was learned; every machine of the hall has it from now on. Raises nothing_learned or bad_field."""
    job = _job(tx.conn, actor, body.job)
    if not job.profile:
        raise ProblemError("nothing_learned")
    if not _NAME.fullmatch(body.name):
        raise bad_field(
            "name",
            "must have 1 to 40 of a–z, 0–9, - and _, a letter or digit first",
            "应为 1 到 40 个小写字母、数字、短横或下划线，以字母或数字开头",
            "配置名",
        )
    if body.name in _taken_names(tx.conn, actor):
        raise bad_field("name", "is a profile's already; choose another", "已有同名配置，请换一个", "配置名")
    made = tx.add(
        DeviceProfile, hall_id=actor.hall_id, name=body.name, lines=job.profile, made_at=tx.now,
        made_by=actor.signature,
    )  # fmt: skip
    audit.record_row(tx, "profile.kept", "profile", made, **actor.by)
    tell(tx, actor, NewsKind.MACHINE_WANTED, {"device": job.machine}, why=f"profile {body.name}")
    return {"machines": overview(tx.conn, actor.hall_id, tx.now)}


def _taken_names(conn: Connection, actor: Actor) -> set[str]:
    """Of this hall, and of what any of its machines has on its own."""
    own = select(DeviceProfile.name).where(DeviceProfile.hall_id == actor.hall_id)
    reports = (
        select(MachineReportRow.pads)
        .join(DeviceToken, DeviceToken.id == MachineReportRow.machine_id)
        .where(DeviceToken.hall_id == actor.hall_id)
    )
    return {*conn.execute(own).scalars(), *(name for pads in conn.execute(reports).scalars() for name in pads)}


# ── the machine's side ──


def take(tx: Tx, actor: Actor, body: WindowCommand, job: str) -> JobGoes:
    """Once, by the machine itself. Raises job_over."""
    row = _mine(tx.conn, actor, job)
    if row.state != JobState.ASKED or _is_lost(row, tx):
        raise ProblemError("job_over")
    tx.change(MachineJobRow, row.id, state=JobState.TAKEN.value, taken_at=tx.now)
    return JobGoes(True)


def progress(tx: Tx, actor: Actor, body: JobProgress, job: str) -> JobGoes:
    """What a device said. An empty one only asks whether anybody still looks."""
    row = _mine(tx.conn, actor, job)
    if row.state != JobState.TAKEN or _is_lost(row, tx):
        return JobGoes(False)
    for i, line in enumerate(body.lines):
        if len(line.raw) > MOST_HEX or not _HEX.fullmatch(line.raw):
            raise bad_field(
                f"lines[{i}].raw", f"must be at most {MOST_HEX} signs of hex", f"最多 {MOST_HEX} 位十六进制"
            )
    if body.lines:
        tx.change(MachineJobRow, row.id, seen=[*row.seen, *to_json(body.lines)][-MOST_LINES:])
    return JobGoes(True)


def finish(tx: Tx, actor: Actor, body: JobResult, job: str) -> dict[str, Any]:
    """The machine's last word. One that comes after the end changes nothing."""
    row = _mine(tx.conn, actor, job)
    if len(body.lines) > MOST_PROFILE:
        raise bad_field("lines", f"must be at most {MOST_PROFILE}", f"最多 {MOST_PROFILE} 行")
    if row.state == JobState.TAKEN and not _is_lost(row, tx):
        learned = list(body.lines) if row.kind == JobKind.LEARN and body.well else []
        tx.change(MachineJobRow, row.id, profile=learned)
        _end(tx, row, JobState.DONE if body.well else JobState.FAILED, (body.zh, body.en))
    return {}


def close_due(tx: Tx) -> None:
    """End every job that no machine took, or of which none told, in time. Called by the timer."""
    for row in tx.conn.execute(_JOBS.where(MachineJobRow.open_machine_id.is_not(None))).all():
        if _is_lost(row, tx):
            _end(tx, row, JobState.LOST, AWAY if row.state == JobState.ASKED else SILENT)


def _is_lost(row: Record, tx: Tx) -> bool:
    return lost(JobState(row.state), JobKind(row.kind), row.asked_at, row.taken_at, tx.now)


def _end(tx: Tx, row: Record, state: JobState, words: tuple[str, str]) -> None:
    tx.change(
        MachineJobRow, row.id, state=state.value, ended_at=tx.now, open_machine_id=None, zh=words[0], en=words[1]
    )  # fmt: skip


def _job(conn: Connection, actor: Actor, code: str) -> Record:
    """Raises job_over for one that is not there."""
    mine = _JOBS.where(MachineJobRow.code == code, MachineJobRow.hall_id == actor.hall_id)
    row: Record | None = conn.execute(mine).one_or_none()
    if row is None:
        raise ProblemError("job_over")
    return row


def _mine(conn: Connection, actor: Actor, code: str) -> Record:
    """Another machine's job is none of this one's."""
    row = _job(conn, actor, code)
    if row.machine_id != actor.device_id:
        raise ProblemError("job_over")
    return row


def _view(row: Record) -> JobView:
    seen = tuple(JobLine(one["word"], one["raw"]) for one in row.seen)
    return JobView(
        row.code, row.machine, JobKind(row.kind), row.device, JobState(row.state), seen, row.zh, row.en,
        tuple(row.profile),
    )  # fmt: skip

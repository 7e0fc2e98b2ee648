"""Kiosks, displays and what hangs at them: bindings by the page, what a machine is told, and what it says of itself.

A binding is judged as a whole before anything is written; what cannot be is refused at the field that would have to
change. See `contract.device_address` for the addresses that a machine may be told to open.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from server.contract.codec import to_json
from server.contract.device_address import FORMS, AddressError, end_of
from server.contract.devices import COUNTS
from server.contract.machines import (
    HANGS,
    BindDevice,
    Bound,
    DeviceSecret,
    JobKind,
    MachineJob,
    MachineReport,
    Orders,
    OwnProfile,
)
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.machine_job import LIMITS
from server.domain.service_day import hall_time
from server.models import (
    DeviceBinding,
    DeviceHealth,
    DeviceProfile,
    DeviceToken,
    MachineJobRow,
    MachineReportRow,
    Queue,
    Window,
)
from server.services import accounts, audit
from server.services.actors import Actor
from server.services.events import tell
from server.services.halls import hall_of

HEARD_WITHIN = timedelta(seconds=90)
"""A machine reports every half minute."""
MOST_ADDRESS = 2**32 - 1
MOST_LISTED = 64
MOST_PAST = 20
COLUMNS = range(16, 81)
SCAN_ENDS = ("line", "gap")
AT_WINDOW = frozenset({"evaluator", "call_pad", "ledbar"})
"""Of these, several may share a line."""
OWN_TOKEN = AT_WINDOW - {"ledbar"}
KINDS_ZH = {
    "printer": "打印机", "evaluator": "评价器", "call_pad": "呼叫器", "scanner": "扫码器", "ledbar": "条屏",
}  # fmt: skip
LIVE = DeviceBinding.ended_at.is_(None)

_BOUND = (
    select(*DeviceBinding.__table__.c, Window.no, DeviceToken.name.label("machine"))
    .join(DeviceToken, DeviceToken.id == DeviceBinding.machine_id)
    .outerjoin(Window, Window.id == DeviceBinding.window_id)
    .order_by(DeviceBinding.id)
)


def machine_of(conn: Connection, hall_id: int, name: str) -> Record:
    """The machine of this name that may speak. Raises device_not_found."""
    mine = select(DeviceToken.id, DeviceToken.name, DeviceToken.kind).where(
        DeviceToken.hall_id == hall_id,
        DeviceToken.kind.in_(HANGS),
        DeviceToken.name == name,
        DeviceToken.revoked_at.is_(None),
    )
    found: Record | None = conn.execute(mine).one_or_none()
    if found is None:
        raise ProblemError("device_not_found")
    return found


def report_of(conn: Connection, machine_id: int) -> Record | None:
    row: Record | None = conn.execute(
        select(MachineReportRow).where(MachineReportRow.machine_id == machine_id)
    ).one_or_none()
    return row


# ── binding, by an admin ──


def bind(tx: Tx, actor: Actor, body: BindDevice, machine: str) -> dict[str, Any]:
    """Raises bad_field, set_on_machine, machine_not_seen or device_not_found; then nothing is changed."""
    at = machine_of(tx.conn, actor.hall_id, machine)
    _make(tx, actor, at, body, token_id=None)
    return _changed(tx, actor, at, f"bound {body.kind} {body.url}")


def replace(tx: Tx, actor: Actor, body: BindDevice, machine: str, binding: str) -> dict[str, Any]:
    """Another device, port or setting in this one's place. The old row stays as the place's past."""
    at, old = _binding(tx, actor, machine, binding)
    _end(tx, actor, old, "binding.replaced")
    same = (old.kind, old.no) == (body.kind, body.window)
    if not same:
        _forget(tx, actor, at, old)
    _make(tx, actor, at, body, token_id=old.token_id if same else None)
    return _changed(tx, actor, at, f"replaced {old.kind} {old.url} by {body.url}")


def unbind(tx: Tx, actor: Actor, body: WindowCommand, machine: str, binding: str) -> dict[str, Any]:
    at, old = _binding(tx, actor, machine, binding)
    _end(tx, actor, old, "binding.removed")
    _forget(tx, actor, at, old)
    return _changed(tx, actor, at, f"unbound {old.kind} {old.url}")


def _binding(tx: Tx, actor: Actor, machine: str, code: str) -> tuple[Record, Record]:
    at = machine_of(tx.conn, actor.hall_id, machine)
    mine = _BOUND.where(DeviceBinding.machine_id == at.id, DeviceBinding.code == code, LIVE)
    row = tx.conn.execute(mine).one_or_none()
    if row is None:
        raise ProblemError("device_not_found")
    return at, row


def _changed(tx: Tx, actor: Actor, at: Record, how: str) -> dict[str, Any]:
    tell(tx, actor, NewsKind.MACHINE_WANTED, {"device": at.name}, why=how)
    return {"machines": overview(tx.conn, actor.hall_id, tx.now)}


def _end(tx: Tx, actor: Actor, row: Record, kind: str) -> None:
    tx.change(
        DeviceBinding, row.id, ended_at=tx.now, ended_by=actor.signature, live_place=None, live_role=None
    )  # fmt: skip
    audit.record_row(tx, kind, "binding", row.id, **actor.by)


def _forget(tx: Tx, actor: Actor, at: Record, old: Record) -> None:
    """What is told of it no more: its own token, or its health under the machine's, which goes on."""
    _revoke(tx, actor, old)
    if old.kind not in OWN_TOKEN:
        tx.conn.execute(
            delete(DeviceHealth).where(DeviceHealth.token_id == at.id, DeviceHealth.kind == old.kind)
        )  # fmt: skip


def _revoke(tx: Tx, actor: Actor, row: Record) -> None:
    live = select(DeviceToken.id).where(DeviceToken.id == row.token_id, DeviceToken.revoked_at.is_(None))
    if tx.conn.execute(live).first() is not None:
        tx.change(DeviceToken, row.token_id, revoked_at=tx.now)
        audit.record_row(tx, "device.revoked", "device", row.token_id, **actor.by)


def _make(tx: Tx, actor: Actor, at: Record, body: BindDevice, token_id: int | None) -> None:
    report = _fit_to_bind(tx.conn, at)
    refuse_kind(at, body.kind)
    end = judged_end(body.url, body.kind, report)
    window_id = _window(tx.conn, actor, body)
    _refuse_bad_fields(tx.conn, actor, body, report)
    _refuse_taken(tx.conn, actor, at, body, end, window_id, report)
    try:
        made = tx.add(
            DeviceBinding, code=secrets.token_hex(4), hall_id=actor.hall_id, machine_id=at.id, kind=body.kind,
            name=body.name.strip(), url=body.url, end=end, profile=body.profile, window_id=window_id,
            address=body.address, columns=body.columns, scan_end=body.scan_end,
            transfer_queue=body.transfer_queue or None, transfer_window=body.transfer_window or None,
            token_id=token_id, live_place=_place(actor, at, body, end), live_role=_role(at, body.kind, window_id),
            made_at=tx.now, made_by=actor.signature,
        )  # fmt: skip
    except IntegrityError:  # another server's admin was faster
        raise bad_field("url", "was taken just now", "刚刚被占用", "端口") from None
    audit.record_row(tx, "binding.made", "binding", made, **actor.by)


def _place(actor: Actor, at: Record, body: BindDevice, end: str) -> str:
    """A port of this machine, or an address of the whole network; of what shares a line, each address and role."""
    where = f"hall {actor.hall_id} {end}" if body.url.startswith("tcp:") else f"machine {at.id} {end}"
    return f"{where} {body.address} {body.kind}" if body.kind in AT_WINDOW else where


def _role(at: Record, kind: str, window_id: int | None) -> str | None:
    """What there is once: a pad of a window, a bar of a window at each machine, a printer of a machine."""
    if kind in AT_WINDOW:
        once = f"window {window_id} {kind}"
        return once if kind in OWN_TOKEN else f"machine {at.id} {once}"
    return f"machine {at.id} printer" if kind == "printer" else None


def _fit_to_bind(conn: Connection, at: Record) -> Record:
    report = report_of(conn, at.id)
    if report is None:
        raise ProblemError("machine_not_seen", name=at.name)
    if report.source == "machine":
        raise ProblemError("set_on_machine", name=at.name)
    return report


def refuse_kind(at: Record, kind: str) -> None:
    """What does not hang at such a machine. Raises bad_field."""
    if kind not in HANGS[at.kind]:
        known = HANGS[at.kind]
        words = "、".join(KINDS_ZH[one] for one in known)
        raise bad_field("kind", f"must be one of: {', '.join(known)}", f"只能是 {words}", "类型")


def judged_end(url: str, kind: str, report: Record) -> str:
    """What `url` reaches, by the port's own name where the machine told one. Raises bad_field."""
    try:
        end = end_of(url, kind, report.allow_hosts)
    except AddressError as wrong:
        raise bad_field("url", wrong.en, wrong.zh, "端口") from None
    same = {port["node"]: port["url"] for port in report.ports}
    return end_of(same[end], kind, report.allow_hosts) if same.get(end, "").startswith(url.partition(":")[0]) else end


def _window(conn: Connection, actor: Actor, body: BindDevice) -> int | None:
    if (body.kind in AT_WINDOW) != bool(body.window):
        raise bad_field(
            "window",
            "must be given for an evaluator, a call pad or a bar, and only for these",
            "评价器、呼叫器和条屏必须指定窗口，其他设备不能指定",
            "窗口",
        )
    if not body.window:
        return None
    mine = select(Window.id).where(Window.hall_id == actor.hall_id, Window.no == body.window)
    found = conn.execute(mine).scalar_one_or_none()
    if found is None:
        raise bad_field("window", f"names no window: {body.window}", f"没有 {body.window} 号窗口", "窗口")
    return int(found)


def _refuse_bad_fields(conn: Connection, actor: Actor, body: BindDevice, report: Record) -> None:
    _refuse_profile(conn, actor, body, report)
    if len(body.name) > 60 or not body.name.isprintable():
        raise bad_field("name", "must have at most 60 characters on one line", "最多 60 个字，且不换行", "名称")
    _refuse_address(body, report)
    if body.columns is not None and (body.kind != "printer" or body.columns not in COLUMNS):
        raise bad_field(
            "columns",
            "must be 16 to 80, of a printer",
            "应为 16 到 80，如 32（58 毫米纸）或 48（80 毫米纸）",
            "每行字数",
        )
    if body.scan_end not in SCAN_ENDS:
        raise bad_field("scan_end", "must be line or gap", "只能是回车换行或停顿", "扫码结束")
    _refuse_transfer(conn, actor, body)


def _refuse_address(body: BindDevice, report: Record) -> None:
    bar = _bar(report, body.profile) if body.kind == "ledbar" else None
    most = bar["highest"] if bar and bar["highest"] else MOST_ADDRESS
    if not 0 <= body.address <= most:
        raise bad_field("address", f"must be 0 to {most}", f"应为 0 到 {most}", "地址")
    if bar and body.address in bar["never"]:
        raise bad_field("address", "is a delimiter of this make", "与这种条屏的起止字节相同，请换一个", "地址")


def _bar(report: Record, profile: str) -> dict[str, Any] | None:
    return next((one for one in report.bars if one["name"] == profile), None)


def _refuse_profile(conn: Connection, actor: Actor, body: BindDevice, report: Record) -> None:
    known = {
        "printer": report.printers,
        "scanner": [""],
        "ledbar": [bar["name"] for bar in report.bars],
    }.get(body.kind, [*report.pads, *(profile.name for profile in own_profiles(conn, actor.hall_id))])
    if body.profile not in known:
        raise bad_field(
            "profile",
            f"is unknown to this machine; it has {', '.join(known)}",
            f"这台机器没有这个型号配置，可选 {'、'.join(known)}",
            "型号配置",
        )


def _refuse_transfer(conn: Connection, actor: Actor, body: BindDevice) -> None:
    if body.transfer_queue and body.transfer_window:
        raise bad_field("transfer_window", "and the queue exclude each other", "与转移到队列只能填一个", "转移到窗口")
    for field, zh, model, column, said in (
        ("transfer_queue", "转移到队列", Queue, Queue.code, body.transfer_queue),
        ("transfer_window", "转移到窗口", Window, Window.no, body.transfer_window),
    ):
        there = select(column).where(column == said, model.__table__.c.hall_id == actor.hall_id)
        if said and (body.kind != "call_pad" or conn.execute(there).first() is None):
            raise bad_field(field, f"names nothing in this hall: {said}", f"本厅没有 {said}", zh)


class Fixed(NamedTuple):
    """A bar that a display's own file names, as a binding is."""

    machine_id: int
    machine: str
    kind: str
    url: str
    end: str
    profile: str
    no: str
    address: int
    live_role: str | None
    live_place: str | None = None
    name: str = "写在本机"


def _refuse_taken(
    conn: Connection, actor: Actor, at: Record, body: BindDevice, end: str, window_id: int | None, report: Record
) -> None:
    place, role = _place(actor, at, body, end), _role(at, body.kind, window_id)
    bound = conn.execute(_BOUND.where(DeviceBinding.hall_id == actor.hall_id, LIVE)).all()
    others: list[Any] = [*bound, *_fixed(at, report, body, role)]
    for other in others:
        if role is not None and other.live_role == role:
            field, field_zh = ("window", "窗口") if window_id else ("kind", "类型")
            zh, en = called(other)
            raise bad_field(field, f"has one already: {en}; replace that", f"已经有{zh}，请在那里更换设备", field_zh)
        near = other.machine_id == at.id or body.url.startswith("tcp:")
        if near and other.end == end and (other.live_place == place or not _may_share(at, other, body, report)):
            zh, en = called(other)
            raise bad_field("url", f"is taken by {en}", f"已由{zh}占用", "端口")


def _fixed(at: Record, report: Record, body: BindDevice, role: str | None) -> list[Fixed]:
    return [
        Fixed(
            at.id, at.name, one["kind"], one["url"], _end_or_none(one, report), one["profile"], one["window"],
            one["address"], role if (one["kind"], one["window"]) == (body.kind, body.window) else None,
        )
        for one in report.devices if one.get("fixed")
    ]  # fmt: skip


def _may_share(at: Record, other: Record | Fixed, body: BindDevice, report: Record) -> bool:
    """Pads share a line that is written alike: at addresses of their own, or one device that is both. So do bars of
    one machine whose makes know addresses."""
    if not {other.kind, body.kind} <= AT_WINDOW or other.url != body.url:
        return False
    if "ledbar" in (other.kind, body.kind):
        apart = (other.kind, other.machine_id) == (body.kind, at.id) and other.address != body.address
        return apart and all((_bar(report, one) or {}).get("highest") for one in (other.profile, body.profile))
    one = (other.kind != body.kind) and (other.no, other.profile) == (body.window, body.profile)
    return bool(other.address != body.address or one)


def taken_by(conn: Connection, at: Record, report: Record, end: str) -> tuple[str, str]:
    """What hangs at `end` of a machine, by binding or by its own file, as people call it; empty words for nothing."""
    for row in conn.execute(_BOUND.where(DeviceBinding.machine_id == at.id, LIVE)).all():
        if row.end == end:
            return called(row)
    for one in report.devices:
        if one["kind"] in FORMS and _end_or_none(one, report) == end:
            return f" {at.name} 的 {one['name']} ", f"{one['name']} at {at.name}"
    return "", ""


def _end_or_none(one: dict[str, Any], report: Record) -> str:
    try:
        return judged_end(one["url"], one["kind"], report)
    except ProblemError:  # its own file may name what we would not
        return ""


def called(row: Record | Fixed) -> tuple[str, str]:
    """A binding as people call it, in Chinese and English."""
    window = (f"（{row.no} 号窗口）", f" of window {row.no}") if row.no else ("", "")
    name = f"“{row.name}”" if row.name else ""
    return f" {row.machine} 的{KINDS_ZH[row.kind]}{name}{window[0]}", f"the {row.kind}{window[1]} at {row.machine}"


# ── what a machine is told, and says ──


def orders(conn: Connection, actor: Actor) -> Orders:
    """Everything that this machine is to have and to do; nothing of any other."""
    bound = conn.execute(_BOUND.where(DeviceBinding.machine_id == actor.device_id, LIVE)).all()
    jobs = conn.execute(
        select(MachineJobRow).where(MachineJobRow.open_machine_id == actor.device_id, MachineJobRow.state == "asked")
    ).all()
    return Orders(
        tuple(
            Bound(
                row.code, row.kind, row.url, row.profile, row.no, row.address, row.columns, row.scan_end,
                row.transfer_queue, row.transfer_window, row.token_id is not None,
            )
            for row in bound
        ),
        tuple(OwnProfile(row.name, tuple(row.lines)) for row in own_profiles(conn, actor.hall_id)),
        tuple(_job(job) for job in jobs),
    )  # fmt: skip


def _job(job: Any) -> MachineJob:
    kind = JobKind(job.kind)
    return MachineJob(job.code, kind, LIMITS[kind], job.device, job.url, job.title)


def own_profiles(conn: Connection, hall_id: int) -> list[Any]:
    mine = select(DeviceProfile).where(DeviceProfile.hall_id == hall_id).order_by(DeviceProfile.name)
    return list(conn.execute(mine))


def claim(tx: Tx, actor: Actor, body: WindowCommand, binding: str) -> DeviceSecret:
    """The token of an evaluator or call pad that is bound at this machine: only that rates and calls at its window.
    It is kept nowhere, and asking again ends the one before."""
    mine = _BOUND.where(DeviceBinding.machine_id == actor.device_id, DeviceBinding.code == binding, LIVE)
    row = tx.conn.execute(mine).one_or_none()
    if row is None or row.kind not in OWN_TOKEN:
        raise ProblemError("device_not_found")
    name = f"{actor.name}:{row.kind}:{row.no}"
    known = tx.conn.execute(
        select(DeviceToken.id, DeviceToken.revoked_at).where(DeviceToken.name == name)
    ).one_or_none()
    if known is not None and known.id == row.token_id and known.revoked_at is not None:
        raise ProblemError("forbidden")  # an admin took this very token away
    if known is not None and known.revoked_at is None and not _was_ours(tx.conn, actor, known.id):
        raise ProblemError("code_taken", name=name)
    token = accounts.new_device_token(tx, actor.hall_id, name, row.kind, row.no)
    token_id = tx.conn.execute(select(DeviceToken.id).where(DeviceToken.name == name)).scalar_one()
    tx.change(DeviceBinding, row.id, token_id=token_id)
    if known is None or known.revoked_at is not None:  # fetched again, it is good for the same as before
        audit.record_row(tx, "device.claimed", "device", token_id, **actor.by)
    return DeviceSecret(token)


def _was_ours(conn: Connection, actor: Actor, token_id: int) -> bool:
    """A token in use of this name that somebody made by hand is not taken over."""
    ours = select(DeviceBinding.id).where(
        DeviceBinding.token_id == token_id, DeviceBinding.machine_id == actor.device_id
    )
    return conn.execute(ours.limit(1)).first() is not None


def fetched(conn: Connection, token_id: int) -> bool:
    """Whether a machine keeps this token for a device bound there, so that no person could bring it another."""
    mine = select(DeviceBinding.id).where(DeviceBinding.token_id == token_id, LIVE)
    return conn.execute(mine.limit(1)).first() is not None


def revoked(tx: Tx, actor: Actor, machine: str) -> None:
    """A machine whose token is worth nothing now takes those of its devices along. With a new one it fetches theirs
    again, but for those that an admin had taken away before."""
    own = aliased(DeviceToken)
    mine = (
        select(DeviceBinding.id, DeviceBinding.token_id)
        .join(DeviceToken, DeviceToken.id == DeviceBinding.machine_id)
        .join(own, own.id == DeviceBinding.token_id)
        .where(DeviceToken.name == machine, own.revoked_at.is_(None), LIVE)
    )
    for row in tx.conn.execute(mine).all():
        _revoke(tx, actor, row)
        tx.change(DeviceBinding, row.id, token_id=None)


def report(tx: Tx, actor: Actor, body: MachineReport) -> dict[str, Any]:
    """Keep what a machine says of itself; only changes are told to the hall. Raises bad_field."""
    _refuse_bad_report(body)
    values = {
        name: to_json(getattr(body, name))
        for name in ("version", "source", "ports", "devices", "printers", "pads", "allow_hosts", "trouble", "bars")
    }
    mine = MachineReportRow.machine_id == actor.device_id
    known = report_of(tx.conn, actor.device_id or 0)
    if known is None:
        tx.conn.execute(insert(MachineReportRow).values(machine_id=actor.device_id, at=tx.now, **values))
    else:
        tx.conn.execute(update(MachineReportRow).where(mine).values(at=tx.now, **values))
    if known is None or any(getattr(known, name) != value for name, value in values.items()):
        tell(tx, actor, NewsKind.DEVICE_CHANGED, {"device": actor.name, "state": "ports"})
    return {}


def _refuse_bad_report(body: MachineReport) -> None:
    if body.source not in ("machine", "server"):
        raise bad_field("source", "must be machine or server", "只能是 machine 或 server")
    for name in ("ports", "devices", "printers", "pads", "allow_hosts", "trouble", "bars"):
        if len(getattr(body, name)) > MOST_LISTED:
            raise bad_field(name, f"must be at most {MOST_LISTED}", f"最多 {MOST_LISTED} 个")


# ── the page ──


def overview(conn: Connection, hall_id: int, now: datetime) -> list[dict[str, Any]]:
    """Each kiosk and display with its ports, its devices and how they are, and what hung there before."""
    mine = select(DeviceToken.id, DeviceToken.name, DeviceToken.kind).where(
        DeviceToken.hall_id == hall_id, DeviceToken.kind.in_(HANGS), DeviceToken.revoked_at.is_(None)
    )
    own, zone = [profile.name for profile in own_profiles(conn, hall_id)], hall_of(conn, hall_id).zone
    return [
        _machine(conn, row, report_of(conn, row.id), own, now, zone)
        for row in conn.execute(mine.order_by(DeviceToken.name)).all()
    ]


def _machine(
    conn: Connection, at: Record, report: Record | None, own: list[str], now: datetime, zone: str
) -> dict[str, Any]:
    rows = conn.execute(_BOUND.where(DeviceBinding.machine_id == at.id)).all()
    live = [row for row in rows if row.ended_at is None]
    past = sorted((row for row in rows if row.ended_at is not None), key=lambda row: row.ended_at, reverse=True)
    if report is None:
        return {"name": at.name, "kind": at.kind, "heard": False, "at": None, "version": "", "source": "",
                "ports": [], "devices": [], "printers": [], "pads": [], "bars": [], "past": []}  # fmt: skip
    return {
        "name": at.name,
        "kind": at.kind,
        "heard": now - report.at <= HEARD_WITHIN,
        "at": hall_time(report.at, zone),
        "version": report.version,
        "source": report.source,
        "ports": [{**port, "taken": _taken(port, report, live)} for port in report.ports],
        "devices": _hanging(conn, at, report, live),
        "printers": report.printers,
        "pads": sorted({*report.pads, *own}),
        "bars": report.bars,
        "past": [
            {**_told(row), "until": hall_time(row.ended_at, zone), "by": row.ended_by} for row in past[:MOST_PAST]
        ],
    }


def _taken(port: dict[str, Any], report: Record, live: list[Any]) -> str:
    """The name of the device that hangs at a port, "" for a free one."""
    bound = (called(row)[0].strip() for row in live if port["url"].partition("?")[0] == row.url.partition("?")[0])
    hung = (one["name"] for one in report.devices if one["url"].partition("?")[0] == port["url"].partition("?")[0])
    return next(bound, next(hung, ""))


def _told(row: Record) -> dict[str, Any]:
    told = ("code", "kind", "name", "url", "profile", "address", "columns", "scan_end", "transfer_queue",
            "transfer_window")  # fmt: skip
    return {**{name: getattr(row, name) for name in told}, "window": row.no or ""}


def _hanging(conn: Connection, at: Record, report: Record, live: list[Any]) -> list[dict[str, Any]]:
    """Each binding with the device that the machine runs for it, then all that the machine's own file names."""
    trouble = {one["code"]: one for one in report.trouble}
    fixed = [one for one in report.devices if one.get("fixed")]
    running = {(one["kind"], one["window"], one["url"]): one for one in report.devices if one not in fixed}
    told = []
    for row in live:
        device = running.pop((row.kind, row.no or "", row.url), None)
        told.append({**_told(row), "device": device["name"] if device else "", "trouble": trouble.get(row.code),
                     "health": _health(conn, at, row.kind, row.no, device)})  # fmt: skip
    for device in (*fixed, *(running.values() if report.source == "machine" else ())):
        told.append({"code": "", "name": "", **{name: device[name] for name in ("kind", "url", "profile", "window")},
                     "address": device.get("address", 0), "fixed": device.get("fixed", False),
                     "device": device["name"], "trouble": None,
                     "health": _health(conn, at, device["kind"], device["window"], device)})  # fmt: skip
    return told


def _health(conn: Connection, at: Record, kind: str, window: str, device: Any) -> dict[str, Any] | None:
    """What was last reported of it: under the machine's token, or under its own of that window."""
    if device is None:
        return None
    own = (DeviceToken.kind == kind) & (Window.no == window) if kind in OWN_TOKEN else DeviceToken.id == at.id
    last = (
        select(DeviceHealth)
        .join(DeviceToken, DeviceToken.id == DeviceHealth.token_id)
        .outerjoin(Window, Window.id == DeviceToken.window_id)
        .where(own, DeviceToken.revoked_at.is_(None), DeviceHealth.name == device["name"])
        .order_by(DeviceHealth.at.desc())
        .limit(1)
    )
    row = conn.execute(last).one_or_none()
    told = ("name", "kind", "state", "faults", "detail", "at", "seen_at", *COUNTS)
    return None if row is None else {name: getattr(row, name) for name in told}

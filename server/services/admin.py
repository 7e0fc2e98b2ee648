"""What an admin sees and changes: the hall, its queues and windows, devices and people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server.contract.admin import (
    HallSettings,
    NewDevice,
    NewDeviceToken,
    NewUser,
    QueueSettings,
    UserSettings,
    WindowSettings,
)  # fmt: skip
from server.contract.devices import COUNTS, HealthReport
from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.service_day import hall_time
from server.domain.settings import BadSettingError, check, check_place
from server.models import Account, Base, DeviceHealth, DeviceToken, Hall, Queue, WebSession, Window, WindowQueue
from server.services import accounts, audit, closures, grants, hall_alarms, hours, machines, screens, sms_overview
from server.services.actors import Actor
from server.services.events import tell
from server.services.halls import hall_of
from server.services.windows import queue_codes

REVOKED = "revoked"
"""In the news of a device: its token is worth nothing now. No machine can report this of its devices."""

DEVICE_STATES = ("starting", "online", "absent", "fault")
MAX_DEVICES = 64
MOST_COUNTED = 2**53
"""As far as a browser counts exactly."""
LONGEST_SILENCE_S = 10 * 366 * 86400
"""More than any machine has cables for."""


def overview(conn: Connection, actor: Actor, now: datetime) -> dict[str, Any]:
    """All settings on one page: hall, queues, windows, devices with health, users, hours, the bookings that these
    hours leave stranded, what the walls show, short messages, and the limits of alarms."""
    hall_id = actor.hall_id
    hall = hall_of(conn, hall_id)
    return {
        "hall": {f: getattr(hall, f) for f in HallSettings.__dataclass_fields__ if f != "request_id"},
        "queues": [
            {"code": q.code, "name": q.name, "name_en": q.name_en, "location": q.location, "open": q.open}
            for q in conn.execute(select(Queue).where(Queue.hall_id == hall_id).order_by(Queue.position))
        ],
        "windows": _windows(conn, hall_id),
        "devices": _devices(conn, hall, now),
        "machines": machines.overview(conn, hall_id, now),
        "users": [
            {
                "username": u.username,
                "name": u.name,
                "staff_no": u.staff_no,
                "role": u.role,
                "active": u.active,
            }
            for u in conn.execute(select(Account).where(Account.hall_id == hall_id).order_by(Account.id))
        ],
        "hours": {**hours.settings(conn, hall_id), "unkept": closures.closed_days(conn, hall_id, now)},
        "screens": screens.settings(conn, hall_id, now),
        "sms": sms_overview.settings(conn, hall_id, now),
        "alarms": hall_alarms.settings(hall),
    }


def _windows(conn: Connection, hall_id: int) -> list[dict[str, Any]]:
    queues = queue_codes(conn, hall_id)
    links = (
        select(WindowQueue, Queue.code).join(Queue, Queue.id == WindowQueue.queue_id).where(Queue.hall_id == hall_id)
    )
    weights = {(link.window_id, link.code): link.weight for link in conn.execute(links)}
    rows = conn.execute(select(Window).where(Window.hall_id == hall_id).order_by(Window.no))
    return [
        {"no": w.no, "name": w.name, "zone": w.zone, "floor": w.floor, "state": w.state,
         "queues": queues.get(w.id, ()), "weights": [weights[w.id, code] for code in queues.get(w.id, ())]}
        for w in rows
    ]  # fmt: skip


def _devices(conn: Connection, hall: Record, now: datetime) -> list[dict[str, Any]]:
    hall_id, zone = hall.id, hall.zone
    health: dict[int, list[dict[str, Any]]] = {}
    for h in conn.execute(select(DeviceHealth).order_by(DeviceHealth.name)):
        health.setdefault(h.token_id, []).append(
            {
                "name": h.name,
                "kind": h.kind,
                "state": h.state,
                "faults": h.faults,
                "detail": h.detail,
                "at": h.at,
                "seen_at": h.seen_at,
                **{count: getattr(h, count) for count in COUNTS},
            }
        )
    rows = conn.execute(
        select(DeviceToken, Window.no)
        .outerjoin(Window, Window.id == DeviceToken.window_id)
        .where(DeviceToken.hall_id == hall_id)
        .order_by(DeviceToken.name)
    )
    return [
        {"name": d.name, "kind": d.kind, "window": d.no, "revoked": d.revoked_at is not None,
         "used_at": None if d.seen_at is None else hall_time(d.seen_at, zone), "used_from": d.seen_from,
         "rotating": d.old_until is not None and now < d.old_until, "health": health.get(d.id, [])}
        for d in rows
    ]  # fmt: skip


def change_hall(tx: Tx, actor: Actor, body: HallSettings) -> dict[str, Any]:
    refuse_bad(body)
    values = {f: getattr(body, f) for f in HallSettings.__dataclass_fields__ if f != "request_id"}
    values["no_show_policy"] = body.no_show_policy.value
    tx.conn.execute(update(Hall).where(Hall.id == actor.hall_id).values(**values))
    tell(tx, actor, NewsKind.HALL_CHANGED, {})
    return overview(tx.conn, actor, tx.now)


def refuse_bad(body: Any) -> None:
    """Raises bad_field for the first field that `domain.settings` does not allow."""
    with _refusing():
        check(body)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except BadSettingError as bad:
        raise bad_field(bad.field, bad.problem, bad.problem_zh, bad.field_zh) from None


def change_queue(tx: Tx, actor: Actor, body: QueueSettings, code: str) -> dict[str, Any]:
    """A queue that is not there is made, behind the others; its code is the series of its tickets."""
    refuse_bad(body)
    queue_id = _queue_id(tx.conn, actor, code)
    values = _given(name=body.name, open=body.open, name_en=body.name_en, location=body.location)
    if queue_id is None:
        with _refusing():
            check_place("code", code)
        last = select(func.coalesce(func.max(Queue.position), -1)).where(Queue.hall_id == actor.hall_id)
        position = tx.conn.execute(last).scalar_one() + 1
        tx.add(Queue, hall_id=actor.hall_id, code=code, series=code, position=position, **values)
    elif body.new:
        raise ProblemError("code_taken", name=code, field="code")
    else:
        tx.change(Queue, queue_id, **values)
    tell(tx, actor, NewsKind.HALL_CHANGED, {"queue": code})
    return overview(tx.conn, actor, tx.now)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _queue_id(conn: Connection, actor: Actor, code: str) -> int | None:
    mine = select(Queue.id).where(Queue.hall_id == actor.hall_id, Queue.code == code)
    return conn.execute(mine).scalar_one_or_none()


def _window_id(conn: Connection, actor: Actor, no: str) -> int | None:
    mine = select(Window.id).where(Window.hall_id == actor.hall_id, Window.no == no)
    return conn.execute(mine).scalar_one_or_none()


def remove_queue(tx: Tx, actor: Actor, body: WindowCommand, code: str) -> dict[str, Any]:
    """For a queue made by mistake. One with tickets or items is refused: their record stays."""
    _remove(tx, Queue, _queue_id(tx.conn, actor, code), "queue", code)
    tell(tx, actor, NewsKind.HALL_CHANGED, {"queue": code})
    return overview(tx.conn, actor, tx.now)


def remove_window(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> dict[str, Any]:
    """For a window made by mistake. Whatever names it (a sign-in, a call, an evaluator) keeps it there."""
    _remove(tx, Window, _window_id(tx.conn, actor, no), "window", no)
    tell(tx, actor, NewsKind.HALL_CHANGED, {"window": no})
    return overview(tx.conn, actor, tx.now)


def _remove(tx: Tx, model: type[Queue] | type[Window], key: int | None, what: str, name: str) -> None:
    """Raises queue_not_found, window_not_found, queue_in_use or window_in_use."""
    if key is None:
        raise ProblemError(f"{what}_not_found")
    if has_past(tx.conn, model, key):
        raise ProblemError(f"{what}_in_use", name=name)
    tx.conn.execute(delete(WindowQueue).where(WindowQueue.__table__.c[f"{what}_id"] == key))
    tx.conn.execute(delete(model).where(model.id == key))


def has_past(conn: Connection, model: type[Base], key: int) -> bool:
    """Whether any row refers to this one, but for which window serves which queue. Asked of the tables' foreign
    keys, so that a table added later counts as well."""
    referring = (
        fk.parent
        for table in Base.metadata.sorted_tables
        for fk in table.foreign_keys
        if table is not WindowQueue.__table__ and fk.column.table is model.__table__
    )
    return any(conn.execute(select(column).where(column == key).limit(1)).first() for column in referring)


def change_window(tx: Tx, actor: Actor, body: WindowSettings, no: str) -> dict[str, Any]:
    """The window as it shall be, made when it is not there; `queues` stand in place of those before."""
    refuse_bad(body)
    known = {q.code: q.id for q in tx.conn.execute(select(Queue).where(Queue.hall_id == actor.hall_id))}
    if not set(body.queues) <= set(known):
        raise ProblemError("queue_not_found")
    if body.weights is not None and len(body.weights) != len(body.queues):
        raise bad_field("weights", "must be one for each queue", "应每个队列一个", "队列权重")
    window_id = _window_id(tx.conn, actor, no)
    values = _given(name=body.name, zone=body.zone, floor=body.floor)
    if window_id is None:
        with _refusing():
            check_place("no", no)
        window_id = tx.add(Window, hall_id=actor.hall_id, no=no, **values)
    elif body.new:
        raise ProblemError("code_taken", name=no, field="no")
    else:
        tx.change(Window, window_id, **values)
    weights = dict(zip((known[code] for code in body.queues), body.weights or (), strict=False))
    _serve(tx.conn, window_id, [known[code] for code in sorted(set(body.queues))], weights)
    tell(tx, actor, NewsKind.HALL_CHANGED, {"window": no})
    return overview(tx.conn, actor, tx.now)


def _serve(conn: Connection, window_id: int, queue_ids: list[int], given: dict[int, int]) -> None:
    """The window's queues from now on; a queue that stays keeps its weight unless a new one is given."""
    here = WindowQueue.window_id == window_id
    weights = {row.queue_id: row.weight for row in conn.execute(select(WindowQueue).where(here))} | given
    conn.execute(delete(WindowQueue).where(here))
    for queue_id in queue_ids:
        link = {"window_id": window_id, "queue_id": queue_id, "weight": weights.get(queue_id, 1)}
        conn.execute(insert(WindowQueue).values(**link))


def add_device(tx: Tx, actor: Actor, body: NewDevice) -> NewDeviceToken:
    """The answer is the only time that the token is seen; it is not kept for repeats of the request."""
    refuse_bad(body)
    known = _device(tx.conn, actor, body.name)
    token = accounts.new_device_token(tx, actor.hall_id, body.name, body.kind, body.window)
    made = _device(tx.conn, actor, body.name)
    audit.record_row(tx, "device.renewed" if known else "device.added", "device", made.id, **actor.by)
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"device {body.name}")  # other admins' pages show it
    return NewDeviceToken(body.name, token)


def revoke_device(tx: Tx, actor: Actor, body: WindowCommand, name: str) -> dict[str, Any]:
    """Raises device_not_found. One that is revoked already stays as it is."""
    row = _device(tx.conn, actor, name)
    if row is None:
        raise ProblemError("device_not_found")
    if row.revoked_at is None:
        tx.change(DeviceToken, row.id, revoked_at=tx.now)
        audit.record_row(tx, "device.revoked", "device", row.id, **actor.by)
        machines.revoked(tx, actor, name)
        tell(tx, actor, NewsKind.DEVICE_CHANGED, {"device": name, "state": REVOKED})
    return overview(tx.conn, actor, tx.now)


def _device(conn: Connection, actor: Actor, name: str) -> Any:
    mine = select(DeviceToken).where(DeviceToken.hall_id == actor.hall_id, DeviceToken.name == name)
    return conn.execute(mine).one_or_none()


@dataclass(frozen=True)
class HashedUser:
    """A new account whose password is hashed already."""

    form: NewUser
    password_hash: str


def hashed(body: NewUser) -> HashedUser:
    """The slow part of adding an account, done before the writer's turn. Raises bad_field."""
    refuse_bad(body)
    return HashedUser(body, accounts.hash_password(body.password))


def add_user(tx: Tx, actor: Actor, user: HashedUser) -> dict[str, Any]:
    form = user.form
    if actor.grant:  # what was lent makes nobody's power lasting
        raise ProblemError("forbidden")
    accounts.refuse_weak(tx.conn, actor.hall_id, form.password, form.username, form.name)
    key = accounts.add_user(
        tx, actor.hall_id, form.username, form.role, user.password_hash, form.name, form.staff_no
    )  # fmt: skip
    audit.record_row(tx, "account.added", "account", key, **actor.by)
    return overview(tx.conn, actor, tx.now)


def change_user(tx: Tx, actor: Actor, body: UserSettings, username: str) -> dict[str, Any]:
    """Switch an account on or off; off ends its sessions at once, and its grants. The last admin stays."""
    account = accounts.find_account(tx.conn, username)
    if account is None or account.hall_id != actor.hall_id:
        raise ProblemError("user_not_found")
    if account.id == actor.account_id and not body.active:
        raise ProblemError("forbidden")
    if body.active != account.active:
        switch(tx, actor, account, body.active)
        tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"account {username}")  # a staff card may come or go
    return overview(tx.conn, actor, tx.now)


def switch(tx: Tx, actor: Actor, account: Any, active: bool) -> None:
    """Otherwise than before. Tells nobody: an import switches many. Raises last_admin, and forbidden to who acts
    under a grant."""
    if actor.grant:
        raise ProblemError("forbidden")
    tx.conn.execute(update(Account).where(Account.id == account.id).values(active=active))
    audit.record_row(tx, f"account.{'on' if active else 'off'}", "account", account.id, **actor.by)
    if not active:
        accounts.refuse_no_admin(tx.conn, actor.hall_id)
        tx.conn.execute(delete(WebSession).where(WebSession.account_id == account.id))
        grants.end_with(tx, actor, account, "账号停用 account off")


def _refuse_bad_report(body: HealthReport) -> None:
    if len(body.devices) > MAX_DEVICES:
        raise bad_field("devices", f"must be at most {MAX_DEVICES}", f"最多 {MAX_DEVICES} 个")
    for i, d in enumerate(body.devices):
        if d.state not in DEVICE_STATES:
            field = f"devices[{i}].state"
            raise bad_field(
                field, f"must be one of: {', '.join(DEVICE_STATES)}", f"只能是 {'、'.join(DEVICE_STATES)} 之一"
            )
        for count in COUNTS:
            _refuse_beyond(f"devices[{i}].{count}", getattr(d, count), MOST_COUNTED)
        _refuse_beyond(f"devices[{i}].silent_s", d.silent_s or 0, LONGEST_SILENCE_S)


def _refuse_beyond(field: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise bad_field(field, f"must be from 0 to {most}", f"应为 0 到 {most}")


def report_health(tx: Tx, actor: Actor, body: HealthReport) -> dict[str, Any]:
    """Keep what a machine says of its devices; only changes are told to the hall. Raises bad_field."""
    _refuse_bad_report(body)
    known = {
        row.name: (row.state, list(row.faults))
        for row in tx.conn.execute(select(DeviceHealth).where(DeviceHealth.token_id == actor.device_id))
    }
    for d in body.devices:
        seen_at = None if d.silent_s is None else tx.now - timedelta(seconds=d.silent_s)
        values = {
            **{name: getattr(d, name) for name in ("kind", "state", "detail", *COUNTS)},
            "faults": list(d.faults), "seen_at": seen_at, "at": tx.now,
        }  # fmt: skip
        if d.name in known:
            same = (DeviceHealth.token_id == actor.device_id) & (DeviceHealth.name == d.name)
            tx.conn.execute(update(DeviceHealth).where(same).values(**values))
        else:
            tx.conn.execute(insert(DeviceHealth).values(token_id=actor.device_id, name=d.name, **values))
        if known.get(d.name) != (d.state, list(d.faults)):
            data = {"device": d.name, "state": d.state, "faults": list(d.faults)}
            tell(tx, actor, NewsKind.DEVICE_CHANGED, data, why=d.detail)
        known[d.name] = (d.state, list(d.faults))
    return {}

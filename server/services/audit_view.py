"""The audit chain as supervisors and admins see it: who set what and when, what was backed up and purged.

Whoever reads this may serve at a window, too. So nothing of a rating is shown, and nothing from which one could be
counted: neither those entries nor their numbers nor how many there are this week. What is not in `SHOWN` is of
ratings until somebody says that it is not.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, text

from server.contract.operations import AuditLine, AuditPage, AuditVerdict
from server.contract.problems import bad_field
from server.contract.windows import WindowCommand
from server.db import Record, Tx
from server.domain.rating_figures import closed_week
from server.domain.service_day import day_over, hall_time, service_day
from server.models import NOT_OF_RATINGS, AuditEntry
from server.services import upkeep
from server.services.actors import Actor
from server.services.days import day_named
from server.services.halls import hall_of

SHOWN: dict[str, tuple[str, str]] = {
    "operations.changed": ("运维设置", "operations changed"),
    "backup.made": ("备份", "backup made"),
    "backup.failed": ("备份失败", "backup failed"),
    "data.purged": ("到期清除", "data purged"),
    "figures.published": ("公示数据", "figures published"),
    "settings": ("大厅设置", "settings changed"),
    "item.shown": ("事项版本", "service item changed"),
    "account.added": ("新增人员", "account added"),
    "account.role": ("角色变动", "role changed"),
    "account.password": ("重置密码", "password reset"),
    "account.own_password": ("本人改密码", "own password changed"),
    "account.sessions": ("结束登录", "sessions ended"),
    "account.totp_on": ("启用动态口令", "second factor on"),
    "account.totp_off": ("停用动态口令", "second factor off"),
    "account.rescued": ("应急恢复账号", "account rescued"),
    "rule.totp": ("动态口令规定", "rule of the second factor"),
    "grant.given": ("授权", "power granted"),
    "grant.revoked": ("收回授权", "grant revoked"),
    "device.rotated": ("更换设备令牌", "device token renewed"),
    "account.on": ("启用账号", "account switched on"),
    "account.off": ("停用账号", "account switched off"),
    "account.renamed": ("改姓名", "person renamed"),
    "staff.card": ("监督牌", "staff card changed"),
    "staff.photo": ("监督牌照片", "staff photo changed"),
    "staff.photo_removed": ("移除监督牌照片", "staff photo removed"),
    "staff.leaders": ("带班领导", "leaders on duty changed"),
    "device.added": ("新增设备", "device added"),
    "device.renewed": ("重做设备令牌", "device token made anew"),
    "device.claimed": ("机器领取设备令牌", "device token fetched by its machine"),
    "device.revoked": ("吊销设备令牌", "device token revoked"),
    "binding.made": ("接入设备", "device bound"),
    "binding.replaced": ("换下设备", "device replaced"),
    "binding.removed": ("解除设备", "device unbound"),
    "profile.kept": ("自学设备配置", "device profile learned"),
    "alarms.changed": ("报警设置", "alarms set"),
    "cover.cover_settings": ("空岗设置", "empty windows set"),
    "cover.post": ("岗位", "post changed"),
    "cover.post_removed": ("移除岗位", "post removed"),
    "cover.leave": ("请假", "leave recorded"),
    "cover.leave_withdrawn": ("销假", "leave withdrawn"),
    "cover.cover": ("指定顶岗", "cover named"),
    "cover.cover_withdrawn": ("取消顶岗", "cover withdrawn"),
    "cover.rota": ("值班表", "rota changed"),
    "cover.handover": ("交接", "handover"),
}
"""Kinds that tell nothing of a rating, or what everybody may read, with their names."""
WITHOUT_BODY = frozenset({"figures.published", "item.shown"})
"""Longer than a line; the item's page has all its versions."""
OF_ROWS = ("of", "hall_id")
"""What says to `audit verify` which row an entry is of, and nothing to a reader."""
PAGE = 50
MOST_PAGES = 10_000
LONGEST_ACTOR = 60


def page(conn: Connection, actor: Actor, asked: dict[str, str], now: datetime) -> AuditPage:
    """`asked` may have kind, day, actor and page. Raises bad_field."""
    hall = hall_of(conn, actor.hall_id)
    number = _page_number(asked.get("page", ""))
    found = conn.execute(_chosen(hall, asked).offset(number * PAGE).limit(PAGE + 1)).all()
    return AuditPage(
        lines=tuple(_line(row, hall.zone) for row in found[:PAGE]), page=number, more=len(found) > PAGE,
        kinds={kind: list(names) for kind, names in SHOWN.items()},
        sealed=_sealed_until(conn, hall, now), verdict=_verdict(conn, hall),
    )  # fmt: skip


def ask_to_verify(tx: Tx, actor: Actor, body: WindowCommand) -> None:
    """What it comes to is shown once it is done: a long chain takes minutes."""
    upkeep.ask_verify(tx, actor)


def _chosen(hall: Record, asked: dict[str, str]) -> Select[datetime, str, str]:
    # As the index has it, word for word, so that a past of millions of ratings is not read.
    mine = [AuditEntry.hall_id == hall.id, text(NOT_OF_RATINGS), AuditEntry.kind.in_(_kinds(asked.get("kind", "")))]
    if asked.get("day"):
        mine += _within(hall, day_named(asked["day"]))
    if asked.get("actor"):
        by = json.dumps(asked["actor"][:LONGEST_ACTOR], ensure_ascii=False)[1:-1]
        mine.append(AuditEntry.body.contains(f'"by":"{by}', autoescape=True))
    return select(AuditEntry.at, AuditEntry.kind, AuditEntry.body).where(*mine).order_by(AuditEntry.n.desc())


def _kinds(kind: str) -> list[str]:
    if kind and kind not in SHOWN:
        raise bad_field("kind", "must be one of those listed", "应为列出的类型之一", "类型")
    return [kind] if kind else list(SHOWN)


def _within(hall: Record, day: date) -> list[ColumnElement[bool]]:
    begins = day_over(day - timedelta(days=1), hall.zone, hall.rollover_hour)
    return [AuditEntry.at >= begins, AuditEntry.at < day_over(day, hall.zone, hall.rollover_hour)]


def _page_number(said: str) -> int:
    if not said:
        return 0
    if not (said.isdecimal() and said.isascii() and len(said) <= len(str(MOST_PAGES)) and int(said) <= MOST_PAGES):
        raise bad_field("page", f"must be 0 to {MOST_PAGES}", f"应为 0 到 {MOST_PAGES}", "页")
    return int(said)


def _line(row: Record, zone: str) -> AuditLine:
    try:
        facts: dict[str, Any] = dict(json.loads(row.body))
    except (ValueError, TypeError):
        facts = {}  # somebody changed it; verifying says so
    by = str(facts.pop("by", "system:system"))
    told = {} if row.kind in WITHOUT_BODY else facts
    shown = {name: _plain(value) for name, value in told.items() if name not in OF_ROWS}
    return AuditLine(hall_time(row.at, zone), row.kind, *SHOWN[row.kind], by, shown)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sealed_until(conn: Connection, hall: Record, now: datetime) -> int:
    """How long the chain was at the end of the last whole week: as a count that moves with each service would tell
    who rated."""
    last = closed_week(service_day(now, hall.zone, hall.rollover_hour)) + timedelta(days=6)
    ended = day_over(last, hall.zone, hall.rollover_hour)
    query = select(AuditEntry.n).where(AuditEntry.hall_id == hall.id, AuditEntry.at < ended)
    return int(conn.execute(query.order_by(AuditEntry.n.desc()).limit(1)).scalar() or 0)


def _verdict(conn: Connection, hall: Record) -> AuditVerdict | None:
    run = upkeep.newest(conn, hall.id, "verify")
    if run is None:
        return None
    return AuditVerdict(run.state, hall_time(run.ended_at or run.asked_at, hall.zone), run.zh, run.en)

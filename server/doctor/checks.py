"""Every look at a hall, each on its own: one that cannot be had is said and the others go on."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from server.audit_heads import noted
from server.audit_key import BadKeyError, audit_key
from server.backup.facts import known_schema, newest_schema
from server.backup.make import sqlite_file
from server.backup.whole import whats_wrong
from server.config import Config
from server.db import make_engine
from server.doctor.line import Level, Line, fail, ok, warn
from server.doctor.rules import RULES, broken
from server.domain.operations import stale_since
from server.models import Account, AuditEntry, Hall, NewsRow, Queue, Window, WindowQueue
from server.services import audit, upkeep

LEAST_FREE = 200_000_000
ENOUGH_FREE = 2_000_000_000
"""Bytes: below the first a day may fill the disk, below the second a month may."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""No hall of ours is older: a clock that says less has lost its battery."""
AHEAD = timedelta(minutes=1)
SECRETS = ("audit.key", "upload-keys.toml")


@dataclass(frozen=True)
class Look:
    """What a check sees. `thorough`: with the whole chain and database, which takes minutes in a long past."""

    config: Config
    conn: Connection
    now: datetime
    thorough: bool


def examine(config: Config, now: datetime, thorough: bool) -> Iterator[Line]:
    yield from _folder(config)
    yield from _space(config)
    if now < BEGAN:
        yield fail(f"时钟是 {now:%Y-%m-%d}", f"the clock says {now:%Y-%m-%d}", *_SET_CLOCK)
    try:
        with _reading(config) as conn:
            there = _schema(conn)
            yield there
            if there.level is Level.FAIL or there.do is not None:
                return  # the rest is written for this release's tables
            for check in CHECKS:
                yield from check(Look(config, conn, now, thorough))
    except SQLAlchemyError as error:
        yield fail(
            f"数据库读不出来：{getattr(error, 'orig', error)}",
            f"the database cannot be read: {getattr(error, 'orig', error)}",
            "检查磁盘；用 restore 恢复最近的备份到新的目录",
            "look at the disk; restore the newest backup into a new folder",
        )


_SET_CLOCK = ("校准本机时钟（NTP）后重启服务器", "set the machine's clock (NTP) and restart the server")


@contextmanager
def _reading(config: Config) -> Iterator[Connection]:
    """One moment, and nothing is written: of a file not even its mode."""
    engine = make_engine(config.url)
    try:
        with engine.connect().execution_options(isolation_level=_ISOLATION[engine.dialect.name]) as conn:
            if engine.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN")
            yield conn
    finally:
        engine.dispose()


_ISOLATION = {"sqlite": "SERIALIZABLE", "postgresql": "REPEATABLE READ"}


def _folder(config: Config) -> Iterator[Line]:
    folder = config.data_dir
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fail(
            f"{folder} 不可写",
            f"{folder} cannot be written",
            "用运行服务器的账号执行本命令，或改正目录的属主",
            "run this as the server's account, or give the folder back to it",
        )
    held = [file for file in (folder, *(folder / name for name in SECRETS), folder / "jiaohao.db") if file.exists()]
    loose = [file for file in held if _is_loose(file)]
    for file in loose:
        yield warn(
            f"{file} 其他账号也能读",
            f"{file} can be read by other accounts",
            f"chmod go= {file}",
            f"chmod go= {file}",
        )
    if not loose:
        yield ok("数据目录只有本账号能读", "nobody else can read the data")


def _is_loose(file: Path) -> bool:
    """A file in a folder that nobody else can enter needs no more."""
    inside = file.is_file() and not stat.S_IMODE(file.parent.stat().st_mode) & 0o077
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077) and not inside


def _space(config: Config) -> Iterator[Line]:
    free = shutil.disk_usage(config.data_dir).free
    said = (f"磁盘剩余 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free on the disk")
    do = ("清理磁盘或换大的磁盘，满了就取不了号", "make room: no number can be given on a full disk")
    if free < LEAST_FREE:
        yield fail(*said, *do)
    elif free < ENOUGH_FREE:
        yield warn(*said, *do)
    else:
        yield ok(*said)


def _schema(conn: Connection) -> Line:
    there = str(conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    if there == newest_schema():
        return ok(f"数据库版本 {there}", f"schema {there}")
    said = (f"数据库版本 {there}，程序是 {newest_schema()}", f"schema {there}, the program's is {newest_schema()}")
    if known_schema(there):
        return warn(
            *said, "启动服务器即自动升级，之前会自动备份", "start the server: it upgrades, and makes a copy first"
        )
    return fail(
        *said, "安装更新的版本，或恢复升级前的备份", "install the newer release, or restore the backup of before"
    )


def _inside(look: Look) -> Iterator[Line]:
    database = sqlite_file(look.config)
    if database is None:
        return
    wrong = whats_wrong(database, thorough=look.thorough)
    if not wrong:
        yield ok("数据库结构完整", "the database is whole")
    else:
        yield fail(
            f"数据库结构损坏：{wrong}",
            f"the database is damaged: {wrong}",
            "停服务器，恢复最近的备份，检查磁盘",
            "stop the server, restore the newest backup, look at the disk",
        )


def _clock(look: Look) -> Iterator[Line]:
    newest = look.conn.execute(select(NewsRow.at).order_by(NewsRow.at.desc()).limit(1)).scalar()
    newest = newest or look.now
    if newest > look.now + AHEAD:
        yield fail(
            f"已记录到 {newest:%Y-%m-%d %H:%M}，现在却是 {look.now:%Y-%m-%d %H:%M}（UTC）：时钟倒退了",
            f"the clock went back: events up to {newest:%Y-%m-%d %H:%M}, and it is {look.now:%Y-%m-%d %H:%M} (UTC)",
            *_SET_CLOCK,
        )
    else:
        yield ok("时钟晚于全部记录", "the clock is later than everything on record")


def _key(look: Look) -> Iterator[Line]:
    restore = ("从 .keys 文件恢复 audit.key", "restore audit.key from its .keys file")
    if not look.config.audit_key.exists():
        if look.conn.execute(select(AuditEntry.n).limit(1)).first():
            yield fail("没有 audit.key", "there is no audit.key", *restore)
        return
    try:
        key = audit_key(look.config.audit_key)
    except (BadKeyError, OSError) as error:
        yield fail(str(error), str(error), *restore)
        return
    halls = look.conn.execute(select(Hall.id, Hall.code).order_by(Hall.id)).all()
    others = [code for hall, code in halls if not audit.key_fits(look.conn, key, hall)]
    for code in others:
        yield fail(f"{code}：密钥不是封印记录的那一把", f"{code}: this key did not seal the chain", *restore)
    if not others:
        yield ok("密钥与审计链相符", "the key fits the audit chain")
    yield from _heads(look)
    if look.thorough:
        for hall, code in halls:
            yield _verified(look, key, hall, code)


def _heads(look: Look) -> Iterator[Line]:
    """The last that was noted of each hall, which is quick; `--verify` holds all of them."""
    last = dict(noted(look.config.audit_heads))
    for hall, head in last.items():
        here = (AuditEntry.hall_id == hall) & (AuditEntry.n == head.n)
        if look.conn.execute(select(AuditEntry.seal).where(here)).scalar() != head.seal:
            yield fail(
                f"第 {head.n} 条审计记录曾登记，现在没有了或不同",
                f"audit entry {head.n} was noted and is not so now",
                "如果刚恢复过备份，这是正常的；否则请查明谁动过数据库",
                "after a restore that is as it must be; else find out who was at the database",
            )
            return
    if last:
        yield ok("审计链与外面登记的一致", "the chain is as it was noted outside")


def _verified(look: Look, key: bytes, hall: int, code: str) -> Line:
    known = [head for of, head in noted(look.config.audit_heads) if of == hall]
    findings = list(audit.verify(look.conn, key, hall, known))
    if not findings:
        return ok(f"{code}：评价与审计记录全部相符", f"{code}: all ratings are as sealed")
    first, more = findings[0], len(findings)
    return fail(
        f"{code}：{first.zh}（共 {more} 处）",
        f"{code}: {first.en} ({more} in all)",
        "运行 audit verify 看全部",
        "audit verify shows all of them",
    )


def _rows(look: Look) -> Iterator[Line]:
    whole = True
    for rule in RULES:
        count, first = broken(look.conn, rule)
        whole = whole and not count
        if count:
            say = fail if rule.fails else warn
            named = "、".join(first) + ("……" if count > len(first) else "")
            yield say(
                f"不符合“{rule.zh}”：{count} 处，{named}",
                f"not so: {rule.en} ({count}: {', '.join(first)})",
                "保留现场，先备份，再请维护人员查看",
                "leave it as it is, make a backup, call whoever maintains this",
            )
    if whole:
        yield ok(
            f"{len(RULES)} 条规则全部成立：没有重号、没有重叫、没有凭空的评价",
            f"{len(RULES)} rules hold: no number and no call twice, no invented rating",
        )


def _backups(look: Look) -> Iterator[Line]:
    for hall in look.conn.execute(select(Hall).order_by(Hall.id)).all():
        kept, last = upkeep.settings(look.conn, hall.id), upkeep.last_good(look.conn, hall.id)
        do = ("在“系统管理 › 运维”设置自动备份", "set backups under Administration › Operations")
        if last is None and not kept.backup_on:
            yield warn(f"{hall.code}：从未备份", f"{hall.code}: there never was a backup", *do)
        elif last is None or stale_since(last, kept.warn_days, look.now):
            when = f"{last:%Y-%m-%d}" if last else "–"
            yield fail(
                f"{hall.code}：最近一次成功的备份：{when}",
                f"{hall.code}: newest good backup: {when}",
                "看运维页上失败的原因，马上手动备份一次",
                "see why on the page Operations, and make one by hand now",
            )
        else:
            yield ok(
                f"{hall.code}：最近备份 {last:%Y-%m-%d %H:%M} UTC",
                f"{hall.code}: backup of {last:%Y-%m-%d %H:%M} UTC",
            )


def _settings(look: Look) -> Iterator[Line]:
    lacking = list(_lacking(look.conn))
    yield from lacking
    if not lacking:
        yield ok("设置齐全", "the settings are complete")


def _lacking(conn: Connection) -> Iterator[Line]:
    do = ("在“系统管理”里改正", "mend it under Administration")
    if not conn.execute(select(Account.id).where(Account.role == "admin", Account.active.is_(True)).limit(1)).first():
        yield fail(
            "没有可用的管理员",
            "there is no active admin",
            "jiaohao-server user-add 名称 --role admin",
            "jiaohao-server user-add NAME --role admin",
        )
    served = select(WindowQueue.queue_id)
    for code in conn.execute(select(Queue.code).where(Queue.open.is_(True), Queue.id.not_in(served))).scalars():
        yield warn(
            f"队列 {code} 开放取号，却没有窗口办理", f"queue {code} gives numbers and no window serves it", *do
        )
    serving = select(WindowQueue.window_id)
    idle = conn.execute(select(func.count()).where(Window.id.not_in(serving))).scalar_one()
    if idle:
        yield warn(f"{idle} 个窗口没有队列", f"{idle} windows serve no queue", *do)


CHECKS: tuple[Callable[[Look], Iterator[Line]], ...] = (_inside, _clock, _key, _rows, _backups, _settings)

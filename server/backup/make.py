"""Make a backup while the hall works: nobody is waited for and nobody waits.

SQLite's own backup reads one moment in one transaction, as any reader of WAL does. It is read through a connection
that can write nothing: such a one carries no log, so the fault that a log carried twice may lose a commit
(`Store.checkpoint`) cannot come from here.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from server.backup.archive import Manifest, part_of, write
from server.backup.facts import Facts, facts
from server.backup.keys import fingerprint, release, save_keys
from server.backup.postgresql import dump
from server.backup.refusal import RefusedError
from server.config import Config
from server.db import make_engine

SUFFIX = ".backup"
BESIDE = ("audit-heads.log", "upload.toml")
"""What else of the data folder is no key: how far the chain had come, and how ratings are uploaded."""
DATABASE = "jiaohao.db"
DUMP = "jiaohao.pgdump"


@dataclass(frozen=True)
class Made:
    """`keys` is the file of the keys that belong to it, None where none was asked for."""

    file: Path
    size: int
    manifest: Manifest
    keys: Path | None


def back_up(config: Config, to: Path, now: datetime, *, keys: bool = True) -> Made:
    """One moment of the hall as one file: `to`, or a name by the hour in the folder `to`. Whole, or nothing.

    Raises RefusedError.
    """
    _refuse_without_database(config)
    folder = to if to.is_dir() else to.parent
    _refuse_no_folder(folder)
    try:
        with _alone(config), _place(config, folder) as place:
            return _made(config, to, folder, place, now, keys)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise RefusedError(
            f"备份写不进 {folder}，没有留下不完整的文件；请检查磁盘空间和权限：{why}",
            f"no backup can be written into {folder} and nothing half is left; check space and rights: {why}",
        ) from None
    except SQLAlchemyError as error:
        why = getattr(error, "orig", error)
        raise RefusedError(f"数据库读不出来：{why}", f"the database cannot be read: {why}") from None


def _made(config: Config, to: Path, folder: Path, place: Path, now: datetime, keys: bool) -> Made:
    # The heads before the database: a head that is not in it yet would say that it was cut off.
    there = [config.data_dir / name for name in BESIDE if (config.data_dir / name).exists()]
    beside = [Path(shutil.copy(source, place / source.name)) for source in there]
    copied, found, zone = _copied(config, place)
    file = to if to != folder else folder / _name(config.data_dir, now.astimezone(ZoneInfo(zone)))
    if file.exists():
        raise RefusedError(f"{file} 已经存在，请换一个文件名", f"{file} is there already; choose another name")
    held = [copied, *beside]
    manifest = Manifest(
        "backup", now, release(), tuple(part_of(source, source.name) for source in held),
        fingerprint(config.data_dir), make_url(config.url).get_backend_name(),
        found.schema, found.counts, found.seqs, found.heads,
    )  # fmt: skip
    write(place / "whole", manifest, held)
    saved = save_keys(config.data_dir, folder, place, now) if keys else None
    (place / "whole").replace(file)
    _settle(folder)
    return Made(file, file.stat().st_size, manifest, saved)


def _name(data_dir: Path, local: datetime) -> str:
    return f"jiaohao-{hall_mark(data_dir)}-{local:%Y%m%d-%H%M%S}{SUFFIX}"


def hall_mark(data_dir: Path) -> str:
    """Tells halls apart that lay their backups into one folder."""
    return hashlib.sha256(f"{socket.gethostname()}:{data_dir.resolve()}".encode()).hexdigest()[:8]


def _copied(config: Config, place: Path) -> tuple[Path, Facts, str]:
    """The database of one moment, what it comes to, and the zone of its first hall."""
    database = sqlite_file(config)
    if database is None:
        return _dumped(config, place)
    copied = place / DATABASE
    copy_sqlite(database, copied)
    engine = create_engine(f"sqlite:///{copied}")
    return copied, *_known(engine)


def _known(engine: Engine) -> tuple[Facts, str]:
    try:
        with engine.connect() as conn:
            zone = conn.exec_driver_sql("SELECT zone FROM hall ORDER BY id LIMIT 1").scalar()
            return facts(conn), zone or "Asia/Shanghai"
    finally:
        engine.dispose()


def _dumped(config: Config, place: Path) -> tuple[Path, Facts, str]:
    engine = make_engine(config.url).execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as conn:
            zone = conn.exec_driver_sql("SELECT zone FROM hall ORDER BY id LIMIT 1").scalar()
            dump(conn, place / DUMP)
            return place / DUMP, facts(conn), zone or "Asia/Shanghai"
    finally:
        engine.dispose()


def copy_sqlite(source: Path, to: Path) -> None:
    """One moment of `source`, which may be in use, as a new file. Raises sqlite3.Error."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(to)) as there,
    ):
        here.backup(there, pages=-1)  # all in one step, which is one transaction: one moment


def sqlite_file(config: Config) -> Path | None:
    """None where the database is another one than SQLite."""
    url = make_url(config.url)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _refuse_without_database(config: Config) -> None:
    database = sqlite_file(config)
    if database is not None and not database.exists():
        raise RefusedError(
            f"{config.data_dir} 里没有叫号系统的数据库，请检查 --data",
            f"there is no database of this system in {config.data_dir}; check --data",
        )


def _refuse_no_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise RefusedError(
            f"{folder} 不是目录，请先建好备份目录", f"{folder} is no folder; make the folder for backups first"
        )


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Two backups of one hall at once would each remove what the other is making."""
    with (config.data_dir / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError(
                "另一个备份正在进行，请稍后再试", "another backup is under way; try again later"
            ) from None
        yield


@contextmanager
def _place(config: Config, folder: Path) -> Iterator[Path]:
    """A folder on the disk of `folder`, ours alone, gone at the end. What a power cut left of an earlier one goes
    too; other halls may use the same disk, so it is named after this one."""
    prefix = f".jiaohao-part-{hall_mark(config.data_dir)}-"
    for left in folder.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as place:
        yield Path(place)


def _settle(folder: Path) -> None:
    """The name itself is on the disk."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

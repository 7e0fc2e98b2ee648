"""Lay a backup into an empty folder. The database comes last and under its own name only when all else is there: a
folder in which there is one was restored whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from server.backup import postgresql
from server.backup.archive import Manifest, newer, opened, unpack
from server.backup.facts import known_schema
from server.backup.keys import KEY_FILES, keys_name, restore_keys
from server.backup.make import BESIDE, DATABASE, DUMP
from server.backup.refusal import RefusedError
from server.db import make_engine


def restore(file: Path, data_dir: Path, keys: Path | None, *, without_keys: bool = False, url: str = "") -> Manifest:
    """Make `data_dir`, which is empty or not there, the hall of the backup. `keys` is their file; without it, it is
    looked for beside the backup. `url` is an empty PostgreSQL database for a backup of one.

    Raises RefusedError; then the folder is as it was.
    """
    with opened(file, "backup") as (manifest, packed):
        if not known_schema(manifest.schema):
            raise newer(file, manifest.release)
        _refuse_other_database(manifest, url)
        found = None if without_keys or not manifest.keys else _keys_of(file, manifest, keys)
        with _empty(data_dir):
            _lay(file, manifest, packed, data_dir)
            if found:
                restore_keys(found, manifest.keys, data_dir)
            if url:
                postgresql.load(make_engine(url).url, data_dir / DUMP)
                (data_dir / DUMP).unlink()
            else:
                (data_dir / f"{DATABASE}.new").replace(data_dir / DATABASE)
    return manifest


def _lay(file: Path, manifest: Manifest, packed: ZipFile, data_dir: Path) -> None:
    for part in manifest.parts:
        if part.name in (*BESIDE, DUMP):
            unpack(file, packed, part, data_dir / part.name)
        elif part.name == DATABASE:
            unpack(file, packed, part, data_dir / f"{DATABASE}.new")


def _refuse_other_database(manifest: Manifest, url: str) -> None:
    if manifest.database == "sqlite" and url:
        raise RefusedError(
            "这是 SQLite 的备份，恢复时不要写 --database-url",
            "this is a backup of SQLite; leave --database-url out",
        )
    if manifest.database != "sqlite" and not url:
        raise RefusedError(
            "这是 PostgreSQL 的备份，请用 --database-url 指定一个空的数据库",
            "this is a backup of PostgreSQL; name an empty database by --database-url",
        )
    if url:
        _refuse_full(url)


def _refuse_full(url: str) -> None:
    engine = make_engine(url)
    try:
        with engine.connect() as conn:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            held = conn.exec_driver_sql(tables).scalar_one()
    except SQLAlchemyError as error:
        why = getattr(error, "orig", error)
        raise RefusedError(f"数据库连接不上：{why}", f"the database cannot be reached: {why}") from None
    finally:
        engine.dispose()
    if held:
        raise RefusedError(
            f"数据库 {make_url(url).database} 里已有数据，请建一个空的数据库",
            f"the database {make_url(url).database} is not empty; make an empty one",
        )


def _keys_of(file: Path, manifest: Manifest, said: Path | None) -> Path:
    keys = said or file.parent / keys_name(manifest.keys)
    if not keys.exists():
        raise RefusedError(
            f"没有找到密钥文件 {keys_name(manifest.keys)}，请放在备份旁边或用 --keys 指定；"
            "确实遗失时用 --without-keys，之前的评价将无法核验",
            f"the keys, {keys_name(manifest.keys)}, are not there: lay them beside the backup or name them by "
            "--keys; where they are lost, --without-keys goes on, and the ratings so far can never be verified",
        )
    return keys


@contextmanager
def _empty(data_dir: Path) -> Iterator[None]:
    """The folder is there and empty; after a failure it is so again."""
    made = not data_dir.exists()
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(data_dir.iterdir()):
            raise RefusedError(
                f"{data_dir} 不是空目录，恢复不会覆盖任何数据；请换一个空目录",
                f"{data_dir} is not empty, and a restore writes over nothing; choose an empty folder",
            )
    except OSError as error:
        raise _unwritable(data_dir, error) from None
    try:
        yield
    except BaseException as error:
        for name in (*BESIDE, *KEY_FILES, DUMP, DATABASE, f"{DATABASE}.new"):
            (data_dir / name).unlink(missing_ok=True)
        if made:
            data_dir.rmdir()
        if isinstance(error, OSError):
            raise _unwritable(data_dir, error) from None
        raise
    _settle(data_dir)


def _unwritable(data_dir: Path, error: OSError) -> RefusedError:
    return RefusedError(
        f"恢复写不进 {data_dir}，没有留下不完整的数据；请检查磁盘空间和权限：{error.strerror}",
        f"nothing can be restored into {data_dir} and nothing half is left; check space and permissions: "
        f"{error.strerror}",
    )


def _settle(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

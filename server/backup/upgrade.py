"""Before a newer release changes the tables, the hall of before is kept: the way back needs no tape."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect

from server.backup.facts import known_schema, newest_schema
from server.backup.make import SUFFIX, back_up, sqlite_file
from server.backup.refusal import RefusedError
from server.config import Config

FOLDER = "before-upgrade"
KEPT = 3


def copy_before_upgrade(config: Config, engine: Engine, now: datetime) -> None:
    """Nothing where there is nothing to upgrade. PostgreSQL is the care of who runs it: see docs/operations.md.

    Raises RefusedError where no copy can be made, or where the database is of a newer release than this.
    """
    there = _revision(engine)
    if there in (None, newest_schema()):
        return
    if not known_schema(str(there)):
        raise RefusedError(
            f"数据库来自更新的版本（{there}），请安装该版本，或恢复升级前的备份",
            f"the database is of a newer release ({there}); install that, or restore the backup from before it",
        )
    if sqlite_file(config) is not None:
        folder = config.data_dir / FOLDER
        if not folder.exists():
            folder.mkdir(mode=0o700)
        back_up(config, folder, now)
        _keep_newest(folder)


def _revision(engine: Engine) -> str | None:
    with engine.connect() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        revision = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return str(revision) if revision else None


def _keep_newest(folder: Path) -> None:
    for old in sorted(folder.glob(f"jiaohao-*{SUFFIX}"), key=_time_in_name)[:-KEPT]:
        old.unlink()


def _time_in_name(file: Path) -> str:
    """What a name ends with: before it stands the mark of the hall, which is any letter or digit."""
    return file.stem[-len("20260302-090000") :]

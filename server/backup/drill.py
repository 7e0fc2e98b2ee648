"""The restore drill: a backup is worth what was once restored from it. Everything happens in a folder of its own that
is gone afterwards."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from server.app import migrate
from server.audit_heads import noted
from server.audit_key import BadKeyError, audit_key
from server.backup.archive import Manifest
from server.backup.facts import Facts, facts, newest_schema
from server.backup.make import DATABASE
from server.backup.restore import restore
from server.backup.whole import whats_wrong
from server.config import Config
from server.db import make_engine
from server.domain.sentence import Sentence
from server.models import Hall
from server.services import audit


@dataclass(frozen=True)
class Check:
    """One thing that was tried. `said` is what to know, or what is wrong."""

    ok: bool
    said: Sentence


def drill(
    file: Path, keys: Path | None = None, *, folder: Path | None = None, url: str = ""
) -> tuple[Manifest, list[Check]]:
    """Restore, look, bring up to date and verify. `folder` is where there is space for it, the system's own else;
    `url` is an empty PostgreSQL database, which is full afterwards. Raises RefusedError if nothing was restored."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-drill-", dir=folder) as place:
        data = Path(place) / "data"
        manifest = restore(file, data, keys, url=url)
        return manifest, list(_checks(Config(data, url), manifest))


def _checks(config: Config, manifest: Manifest) -> Iterator[Check]:
    if not config.database_url:
        yield _whole(config.data_dir / DATABASE)
    try:
        yield from _same(config, manifest)
        engine = make_engine(config.url)
        try:
            migrate(engine)
            yield Check(True, Sentence(f"升级到 {newest_schema()} 成功", f"brought up to {newest_schema()}"))
            yield from _verified(engine, config)
        finally:
            engine.dispose()
    except (SQLAlchemyError, BadKeyError) as error:
        why = getattr(error, "orig", error)
        yield Check(False, Sentence(f"恢复后的数据库不能用：{why}", f"the restored database is of no use: {why}"))


def _whole(database: Path) -> Check:
    wrong = whats_wrong(database)
    if not wrong:
        return Check(True, Sentence("数据库结构完整", "the database is whole"))
    return Check(False, Sentence(f"数据库结构损坏：{wrong}", f"the database is damaged: {wrong}"))


def _same(config: Config, manifest: Manifest) -> Iterator[Check]:
    """Row for row as many as on the day of the backup, and the chains as long."""
    engine = create_engine(config.url) if not config.database_url else make_engine(config.url)
    try:
        with engine.connect() as conn:
            found = facts(conn)
    finally:
        engine.dispose()
    wanted = Facts(manifest.schema, manifest.counts, manifest.seqs, manifest.heads)
    rows = sum(found.counts.values())
    if found == wanted:
        yield Check(True, Sentence(
            f"{len(found.counts)} 张表共 {rows} 行，事件号、审计链末与备份时相同",
            f"{rows} rows in {len(found.counts)} tables, events and heads of the chain are as at the backup",
        ))  # fmt: skip
    for name in sorted(wanted.counts.keys() | found.counts.keys()):
        was, is_ = wanted.counts.get(name), found.counts.get(name)
        if was != is_:
            yield Check(
                False, Sentence(f"{name}：备份时 {was} 行，现在 {is_} 行", f"{name}: {was} rows then, {is_} now")
            )
    for what, zh in (("schema", "版本"), ("seqs", "事件号"), ("heads", "审计链末")):
        if getattr(wanted, what) != getattr(found, what):
            yield Check(False, Sentence(f"{zh}与备份时不同", f"{what} differ from those of the backup"))


def _verified(engine: Engine, config: Config) -> Iterator[Check]:
    if not config.audit_key.exists():
        yield Check(False, Sentence("没有审计密钥，评价未核验", "without the audit key no rating was verified"))
        return
    key, known = audit_key(config.audit_key), noted(config.audit_heads)
    with engine.connect() as conn:
        for hall in conn.execute(select(Hall.id, Hall.code).order_by(Hall.id)).all():
            found = list(audit.verify(conn, key, hall.id, [head for of, head in known if of == hall.id]))
            for finding in found[:3]:
                yield Check(False, Sentence(f"{hall.code}：{finding.zh}", f"{hall.code}: {finding.en}"))
            if not found:
                yield Check(True, Sentence(
                    f"{hall.code}：评价与审计记录全部相符", f"{hall.code}: all ratings are as sealed"
                ))  # fmt: skip

"""What a database comes to: enough to see that a copy is the same, cheap enough to be counted in every backup. In
plain SQL, for the database may be of an older release."""

from dataclasses import dataclass

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, inspect


@dataclass(frozen=True)
class Facts:
    """`schema` is the revision; `counts` are rows by table; `seqs` and `heads` are by the hall's code."""

    schema: str
    counts: dict[str, int]
    seqs: dict[str, int]
    heads: dict[str, str]


def facts(conn: Connection) -> Facts:
    """Raises SQLAlchemyError for a database that is not ours."""
    tables = sorted(inspect(conn).get_table_names())
    counts = {name: _number(conn, f'SELECT count(*) FROM "{name}"') for name in tables}  # noqa: S608 - our own names
    schema = str(conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    halls = conn.exec_driver_sql("SELECT code, id, seq FROM hall ORDER BY id").all()
    heads = {code: _head(conn, hall) for code, hall, _ in halls} if "audit_entry" in tables else {}
    return Facts(schema, counts, {code: seq for code, _, seq in halls}, heads)


def _number(conn: Connection, sql: str) -> int:
    return int(conn.exec_driver_sql(sql).scalar_one())


def _head(conn: Connection, hall: int) -> str:
    last = "SELECT n, seal FROM audit_entry WHERE hall_id = %d ORDER BY n DESC LIMIT 1"
    row = conn.exec_driver_sql(last % hall).one_or_none()
    return f"{row.n} {row.seal}" if row else "0"


def known_schema(revision: str) -> bool:
    """Whether this release can bring a database of that revision up to date."""
    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def newest_schema() -> str:
    return str(_scripts().get_current_head())


def _scripts() -> ScriptDirectory:
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", "server:migrations")
    return ScriptDirectory.from_config(alembic)

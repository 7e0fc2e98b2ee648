"""A hall with a long past: real visits, made through HTTP, copied a million times into the days before."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Date

import server
from bench.hall import BenchHall, bench_hall
from server.models import Base, CallRow, Instant, Invitation, NewsRow, TicketRow

A_DAY = 2500
"""Visitors of a busy hall in a day."""

MIX = {"finished": 85, "no_show": 10, "cancelled": 5}
"""How a hundred visits end."""

# i counts the copies, `ticket` is the visit that is copied, `back` how many days before today it lies.
_COPIES = """
    CREATE TEMP TABLE copy AS
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :past)
    SELECT i, visit.ticket, 1 + (:past - i) / :a_day AS back FROM n JOIN visit ON visit.part = i % 100"""


def database_with(past: int) -> Path:
    """A SQLite database of the demo hall with `past` tickets in it, made once for each schema and then kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "jiaohao-bench"
    kept = cache / f"{past}-past-{schema(Path(__file__))}.db"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            data = Path(name)
            with bench_hall(data) as hall:
                visits = _visits(hall)
            _copy(data / "jiaohao.db", visits, past)
            (data / "jiaohao.db").rename(kept)
    return kept


def copied_to(data: Path, past: int) -> Path:
    """A data folder of its own with that past."""
    data.mkdir()
    shutil.copy(database_with(past), data / "jiaohao.db")
    return data


def schema(maker: Path) -> str:
    """Names the schema and who fills it."""
    folder = Path(server.__file__).parent
    sources = sorted((folder / "migrations/versions").glob("*.py"))
    return hashlib.sha256(b"".join(s.read_bytes() for s in [*sources, maker])).hexdigest()[:12]


def _visits(hall: BenchHall) -> dict[str, str]:
    """One visit for each end in MIX: the public id of its ticket."""
    kiosk, clerk = hall.kiosk("kiosk"), hall.clerk("01")

    def visit(*actions: str) -> str:
        code = str(kiosk.command("/api/v1/tickets", queue="A")[1]["id"])
        for action in actions:
            status, answer = clerk.command(f"/api/v1/windows/01/{action}")
            if status != 200:
                raise RuntimeError(f"{action}: {answer}")
        return code

    visits = {"finished": visit("call-next", "begin", "finish"), "no_show": visit("call-next", "no-show")}
    visits["cancelled"] = visit()
    kiosk.command(f"/api/v1/tickets/{visits['cancelled']}/cancel", reason="bench")
    visit("call-next", "begin", "finish")  # its begin ends the first visit's rating invitation
    clerk.command("/api/v1/windows/01/sign-out")
    return visits


def _copy(database: Path, visits: dict[str, str], past: int) -> None:
    with sqlite3.connect(database, isolation_level=None) as conn:
        conn.execute("PRAGMA synchronous=OFF")
        conn.execute("PRAGMA cache_size=-1000000")
        conn.execute("BEGIN")
        ids = {end: _one(conn, "SELECT id FROM ticket WHERE code = ?", code) for end, code in visits.items()}
        conn.execute("CREATE TEMP TABLE visit (part INTEGER PRIMARY KEY, ticket INTEGER)")
        parts = [ids[end] for end, parts in MIX.items() for _ in range(parts)]
        conn.executemany("INSERT INTO visit VALUES (?, ?)", enumerate(parts))
        conn.execute(_COPIES, {"past": past, "a_day": A_DAY})
        seq = _one(conn, "SELECT seq FROM hall")
        each = 1 + _one(conn, "SELECT max(c) FROM (SELECT count(*) c FROM news GROUP BY ticket_id)")
        before = "(SELECT count(*) FROM news b WHERE b.ticket_id = o.ticket_id AND b.seq < o.seq)"
        seq_of = f"{seq} + copy.i * {each} + {before}"
        later = _one(conn, "SELECT max(id) FROM ticket")
        invited = _one(conn, "SELECT max(id) FROM invitation")
        ticket = f"{later} + copy.i"
        _multiply(conn, TicketRow, "o.id", id=ticket, code="lower(hex(randomblob(8)))",
                  n=f"1 + (copy.i - 1) % {A_DAY}")  # fmt: skip
        _multiply(conn, NewsRow, "o.ticket_id", seq=seq_of, ticket_id=ticket)
        _multiply(conn, CallRow, "o.ticket_id", seq=seq_of, ticket_id=ticket)
        _multiply(conn, Invitation, "o.ticket_id", id=f"{invited} + copy.i", ticket_id=ticket)
        conn.execute("UPDATE hall SET seq = (SELECT max(seq) FROM news)")
        conn.execute("COMMIT")
    conn.close()


def _one(conn: sqlite3.Connection, statement: str, *parameters: str) -> int:
    return int(conn.execute(statement, parameters).fetchone()[0])


def _multiply(conn: sqlite3.Connection, model: type[Base], visit: str, **new: str) -> None:
    """Copy the rows of each visit, with `new` expressions for some columns and every moment set back."""
    values = [new.get(column.name) or _set_back(column) for column in model.__table__.columns]
    names = ", ".join(column.name for column in model.__table__.columns)
    conn.execute(
        f"INSERT INTO {model.__tablename__} ({names}) SELECT {', '.join(values)} "  # noqa: S608 - our own words
        f"FROM copy JOIN {model.__tablename__} o ON {visit} = copy.ticket ORDER BY copy.i"
    )


def _set_back(column: ColumnElement[Any]) -> str:
    if isinstance(column.type, Instant):
        return f"o.{column.key} - copy.back * 86400000000 + (copy.i % {A_DAY}) * 10000000"
    if isinstance(column.type, Date):
        return f"date(o.{column.name}, '-' || copy.back || ' days')"
    return f"o.{column.name}"

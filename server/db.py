"""The database's one door: many readers, one fair writer with group commit.

All writes of a process go through one thread in order of arrival. It takes whatever is waiting, runs each piece of
work in its own savepoint and commits them together: every caller returns only after its work is durable, and
32 callers share one disk flush. Without this the writers meet in SQLite's busy handler, which sleeps and
retries unfairly; that, not Flask, makes the long tail.

Writers of other processes wait at the begin of the transaction: SQLite's BEGIN IMMEDIATE, PostgreSQL's advisory lock.
One lock, taken first and held until the commit; so no rule of a service needs a lock of its own, and what it read
stays true until it has written, on both databases alike.
"""

import functools
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    insert,
    make_url,
    update,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from server.clock import Clock
from server.contract.news import News
from server.contract.problems import ProblemError
from server.models import Base
from server.statement import Statement

T = TypeVar("T")
log = structlog.get_logger()

Record = Any
"""A row, columns by name: SQLAlchemy's own, or that of a `Statement`."""

MAX_GROUP = 32
"""Most pieces of work in one commit; bounds how long the first of them waits for the last."""

LOCK_TIMEOUT_MS = 5000
"""How long a group waits for the writer of another process before everyone in it is told "storage"."""

LOG_PAGES = 50_000
"""From 200 MB on SQLite's log is carried into its file by the writer itself. Under load that never pauses, this is
what lets the log begin anew, and little is left to carry by then."""

_BEGIN_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(27240)",  # "jh"; any number that nobody else uses in this database
}

STORAGE_IS_LOST = ("full", "readonly", "read-only", "locked", "disk i/o", "unable to open")
"""Signs that the whole group is lost."""


@dataclass
class Tx:
    """What a piece of work gets: a connection inside the transaction, the moment, the key of the audit chain, and
    where its news go. Work that clears something personal sets `erased`: see `Store.checkpoint`."""

    conn: Connection
    now: datetime
    key: bytes
    news: list[News] = field(default_factory=list)
    erased: bool = False

    def add(self, model: type[Base], **values: Any) -> int:
        """Insert a row; returns its key when that is a number the database gave, else 0."""
        for name, make in _makers(model).items():
            if name not in values:
                values[name] = make(None)
        key = _insert(model, tuple(values)).scalar(self.conn, **values)
        return key if isinstance(key, int) else 0

    def change(self, model: type[Base], key: int, **values: Any) -> None:
        """Set columns of the row whose `id` is `key`."""
        _update(model, tuple(values)).run(self.conn, row_id=key, **values)


@functools.cache
def _insert(model: type[Base], columns: tuple[str, ...]) -> Statement:
    table = model.__table__
    given: dict[str, Any] = {name: bindparam(name) for name in columns}
    fixed = {c.name: c.default.arg for c in table.c if c.default is not None and c.default.is_scalar}
    return Statement(insert(model).values(fixed | given).returning(next(iter(table.primary_key))))


@functools.cache
def _makers(model: type[Base]) -> dict[str, Callable[[Any], Any]]:
    """Of columns that start with a value of their own in each row."""
    return {
        c.name: c.default.arg for c in model.__table__.c if c.default is not None and c.default.is_callable
    }  # fmt: skip


@functools.cache
def _update(model: type[Base], columns: tuple[str, ...]) -> Statement:
    table = model.__table__
    return Statement(
        update(model).where(table.c.id == bindparam("row_id")).values({name: bindparam(name) for name in columns})
    )


Work = Callable[[Tx], Any]
OnCommit = Callable[[list[News]], None]


class Store:
    """Reads and writes. `on_commit` hears the news of each commit, in order, from the writer's thread."""

    def __init__(
        self, url: str, clock: Clock, on_commit: OnCommit = lambda news: None, key: bytes | None = None
    ) -> None:  # fmt: skip
        """Without `key` the audit chain is sealed with one that is thrown away: nobody can ever verify it."""
        self._key = secrets.token_bytes(32) if key is None else key
        self.engine = make_engine(url)
        self._snapshots = _reading(self.engine, "REPEATABLE READ")
        self._glances = _reading(self.engine, "AUTOCOMMIT")
        self._at_hand: list[Connection] = []
        self._erasures, self._scrubbed = 1, 0  # what an earlier run has cleared may still stand in its log
        self._commits, self._carried = 1, 0
        self._carrying = threading.Lock()
        self._log_is_long = False
        self.clock = clock
        self.on_commit = on_commit
        self.timed: Callable[[float, int], None] = lambda seconds, works: None
        """Hears how long each commit took, and how many pieces of work shared it."""
        self._jobs: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` alone in a transaction and return its value once that is durable.

        Whatever `work` raises comes back here and leaves no trace in the database. A database that cannot
        commit (full, read-only, locked) gives `ProblemError("storage")`.
        """
        answer: Future[T] = Future()
        self._jobs.put((work, answer))
        return answer.result()

    @property
    def key(self) -> bytes:
        """What seals the audit chain, and from which the keys of papers are made."""
        return self._key

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent picture: everything read inside belongs to one moment."""
        with self._snapshots.connect() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN")
            yield conn

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For one statement that only reads, and is read to its end: alone it needs no transaction and no connection
        fresh from the pool, which together would cost twice as much as itself."""
        conn = self._at_hand.pop() if self._at_hand else self._glances.connect()
        try:
            yield conn
        except BaseException:
            conn.close()
            self._let_go()  # a database that was restarted has closed these too
            raise
        self._at_hand.append(conn)

    def _let_go(self) -> None:
        while self._at_hand:
            self._at_hand.pop().close()

    def checkpoint(self) -> bool:
        """Carry what stands in SQLite's log into its file, beside the writer; PostgreSQL does so by itself.

        Left alone, SQLite does it within the commit that finds enough pages in the log, and whoever waits for that
        commit waits for them too: the longer the past, the further apart they lie. After something personal was
        cleared the log is emptied as well, which else holds the pages of before until it is written over: by this
        call or, with somebody reading or writing, by one of the next. Nobody is waited for.

        Returns whether there was anything to carry. A log that was carried whole is not touched before the next
        commit: SQLite before 3.51.3 may lose a commit that begins such a log anew while somebody looks through it to
        carry it once more (sqlite.org/wal.html, "the WAL-reset bug").
        """
        if self.engine.dialect.name != "sqlite" or not self.engine.url.database:
            return False
        with self._carrying:
            erasures = self._erasures
            to_do = self._commits != self._carried or erasures != self._scrubbed
            if to_do and self._carry("PASSIVE" if erasures == self._scrubbed else "TRUNCATE"):
                self._scrubbed = erasures
            return to_do

    def _carry(self, mode: str) -> bool:
        """Whether `mode` was done to its end."""
        with closing(sqlite3.connect(str(self.engine.url.database), timeout=0)) as conn:
            busy, logged, carried = conn.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        whole = not busy and logged == carried
        if whole:
            self._carried = self._commits
        self._log_is_long = not whole and logged > LOG_PAGES
        return not busy

    def _begin_log_anew(self) -> None:
        """By the writer, who commits nothing meanwhile: all is carried, and its next commit begins at the top."""
        if self._log_is_long and self._carrying.acquire(blocking=False):
            try:
                self._carry("PASSIVE")
            except sqlite3.Error as error:  # of a full disk, say; what was committed stands in the log
                log.error("log not carried", error=str(error))
            finally:
                self._carrying.release()

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._let_go()
        self.engine.dispose()

    def _serve(self) -> None:
        while True:
            group = self._next_group()
            jobs = [job for job in group if job is not None]
            if jobs:
                began = time.monotonic()
                self._commit_group(jobs)
                self.timed(time.monotonic() - began, len(jobs))
                self._begin_log_anew()
            if len(jobs) < len(group):
                return

    def _next_group(self) -> list[tuple[Work, Future[Any]] | None]:
        group = [self._jobs.get()]
        while group[-1] is not None and len(group) < MAX_GROUP:
            try:
                group.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit_group(self, jobs: list[tuple[Work, Future[Any]]]) -> None:
        news: list[News] = []
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with writing(self.engine) as conn:
                before = _changes(conn)
                for work, answer in jobs:
                    outcomes.append((answer, *self._attempt(conn, work, news)))
                # Before the commit: a log that is carried whole meanwhile is taken to hold it.
                self._commits += _changes(conn) != before
        except Exception as error:  # noqa: BLE001 - a writer that dies of any surprise would leave all later writes hanging
            log.error("commit failed", error=str(error), works=len(jobs))
            outcomes = [(answer, None, ProblemError("storage")) for _, answer in jobs]
            news = []
        if news:
            self.on_commit(news)
        for answer, value, error_or_none in outcomes:
            _resolve(answer, value, error_or_none)

    def _attempt(self, conn: Connection, work: Work, news: list[News]) -> tuple[Any, BaseException | None]:
        tx = Tx(conn, self.clock(), self._key)
        try:
            with _savepoint(conn):
                value = work(tx)
        except DBAPIError as error:
            if _storage_is_lost(error):
                raise
            return None, error
        except self.engine.dialect.loaded_dbapi.Error:
            # About the savepoint: SQLite may undo the transaction by itself when the disk is full, and what the group
            # did before is gone although nothing was said about it.
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it whole
            return None, error
        news += tx.news
        self._erasures += tx.erased  # before the commit: nobody scrubs while it is under way
        return value, None


def _changes(conn: Connection) -> int:
    """Rows that SQLite has changed on this connection so far."""
    return getattr(conn.connection.driver_connection, "total_changes", 0)


@contextmanager
def _savepoint(conn: Connection) -> Iterator[None]:
    """As `conn.begin_nested()`, but by the driver itself, to whom it costs a tenth of what it costs SQLAlchemy."""
    run = conn.connection.driver_connection.execute  # type: ignore[union-attr]  # sqlite3 and psycopg both have it
    run("SAVEPOINT work")
    try:
        yield
    except BaseException:
        run("ROLLBACK TO work")
        raise
    finally:
        run("RELEASE work")


def _resolve(answer: "Future[Any]", value: Any, error: BaseException | None) -> None:
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(error)


def _storage_is_lost(error: DBAPIError) -> bool:
    words = str(error.orig).lower()
    lost = isinstance(error, OperationalError) and any(sign in words for sign in STORAGE_IS_LOST)
    return lost or error.connection_invalidated


def make_engine(url: str) -> Engine:
    """An engine whose commits survive a power cut (SQLite: WAL, synchronous=FULL; PostgreSQL: as it is set up by
    default) and whose writers queue. `postgresql://` means psycopg, the driver that we bring."""
    place = make_url(url)
    if place.drivername == "postgresql":
        place = place.set(drivername="postgresql+psycopg")
    if place.get_backend_name() == "postgresql" and "options" not in place.query:
        place = place.update_query_dict({"options": f"-c lock_timeout={LOCK_TIMEOUT_MS}"})
    # Among the parameters are keys that citizens hold: no error may carry them into a log.
    engine = create_engine(place, pool_size=40, max_overflow=20, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other writer is in, of this process or another; committed at the end.

    Begun by hand: with a listener for "begin" SQLAlchemy calls its listeners of everything at each statement, which
    costs a tenth of its time.
    """
    with engine.connect() as conn, conn.begin():
        conn.exec_driver_sql(_BEGIN_ALONE[engine.dialect.name])
        yield conn


def _reading(engine: Engine, isolation: str) -> Engine:
    """The same engine for readers. To SQLite, whose isolation never changes, the BEGIN says all."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level=isolation)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # pysqlite must not begin by itself; we do
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": LOCK_TIMEOUT_MS,
    "wal_autocheckpoint": 0,  # see Store.checkpoint
    "secure_delete": "ON",  # a number that was cleared is gone from the file, and not only from view
}

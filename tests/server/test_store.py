"""The fair writer: grouped, durable, isolated, and honest when the disk is not there."""

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server import background
from server.contract.problems import ProblemError
from server.models import Base


def test_a_failing_work_undoes_only_itself(hall):
    started, release = threading.Event(), threading.Event()

    def slow(tx):
        started.set()
        release.wait(5)

    def good(tx):
        tx.conn.execute(text("UPDATE hall SET closed_reason = closed_reason || 'x'"))

    def bad(tx):
        tx.conn.execute(text("UPDATE hall SET closed_reason = 'broken'"))
        raise ValueError("no")

    outcomes = []

    def run(work):
        try:
            hall.store.write(work)
            outcomes.append("done")
        except ValueError:
            outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(work,)) for work in (slow, good, bad, good)]
    threads[0].start()
    started.wait(5)
    for thread in threads[1:]:  # these three share one commit
        thread.start()
    release.set()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "done", "done", "refused"]
    assert hall.rows("SELECT closed_reason FROM hall") == [("xx",)]


def together(hall, *works):
    """Let the works share one commit; returns what each of them came to: None or the problem's code."""
    entered, release = threading.Event(), threading.Event()

    def first(tx):
        entered.set()
        release.wait(5)

    outcomes = [None] * len(works)

    def run(i):
        try:
            hall.store.write(works[i])
        except ProblemError as error:
            outcomes[i] = error.problem.code

    head = threading.Thread(target=hall.store.write, args=(first,))
    head.start()
    assert entered.wait(5)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for n, thread in enumerate(threads, 1):
        thread.start()
        while hall.store._jobs.qsize() < n:
            pass
    release.set()
    for thread in [head, *threads]:
        thread.join(5)
        assert not thread.is_alive()
    return outcomes


def test_a_transaction_lost_under_the_group_is_told_to_everyone_in_it(hall):
    def good(tx):
        tx.conn.execute(text("UPDATE hall SET closed_reason = closed_reason || 'x'"))

    def undone_by_sqlite(tx):
        tx.conn.exec_driver_sql("ROLLBACK")  # what SQLite may do by itself when the disk is full

    assert together(hall, good, undone_by_sqlite, good) == ["storage"] * 3
    assert hall.rows("SELECT closed_reason FROM hall") == [("",)]


def test_the_writer_outlives_any_surprise(hall, monkeypatch):
    def no_connection():
        raise PoolTimeoutError("all connections are in use")

    with monkeypatch.context() as patched:
        patched.setattr(hall.store.engine, "connect", no_connection)
        assert write_alone(hall) == "storage"
    assert hall.device("kiosk").take()["number"] == "A001"


def write_alone(hall):
    outcome = []

    def run():
        try:
            hall.store.write(lambda tx: None)
        except ProblemError as error:
            outcome.append(error.problem.code)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "the writer is dead and its caller waits for ever"
    return outcome[0]


def test_a_read_that_fails_says_try_again(hall, monkeypatch):
    kiosk = hall.device("kiosk")

    def broken(*_args):
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("server.services.accounts.device_of", broken)
    status, problem = kiosk.get("/board")
    assert (status, problem["code"]) == (503, "storage")


def test_news_of_an_undone_work_are_never_told(hall):
    told = []
    hall.store.on_commit = lambda news: told.extend(n.seq for n in news)
    kiosk = hall.device("kiosk")
    kiosk.do("/tickets", queue="Q")
    kiosk.take()
    assert told == [1]


def test_a_locked_database_is_said_and_nothing_is_half_done(hall, tmp_path):
    import sqlite3

    hall.store.engine.dispose()
    kiosk = hall.device("kiosk")
    with hall.store.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout=50")
    blocker = sqlite3.connect(tmp_path / "jiaohao.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    status, problem = kiosk.do("/tickets", queue="A")
    blocker.execute("ROLLBACK")
    blocker.close()
    assert (status, problem["code"]) == (503, "storage")
    assert kiosk.take()["number"] == "A001"


def test_storage_errors_come_back_as_a_problem(hall):
    def full(tx):
        tx.conn.execute(text("PRAGMA max_page_count=1"))
        tx.conn.execute(text("CREATE TABLE big AS SELECT zeroblob(1000000)"))

    with pytest.raises(ProblemError):
        hall.store.write(full)


def test_the_migrations_lead_to_the_models(hall):
    with hall.store.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn), Base.metadata) == []


def test_commits_are_durable_and_readers_do_not_wait(hall):
    with hall.store.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_no_statement_of_every_day_reads_the_whole_history(hall):
    """Asked of SQLite's own planner for each statement of a round at a window and of the timers."""
    sent = set()

    def note(connection, *_):
        connection.set_trace_callback(sent.add)

    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    event.listen(hall.store.engine, "checkout", note)
    kiosk.take()
    for action in ("call-next", "recall", "begin", "finish"):
        hall.clock.forward(seconds=10)
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    assert clerk.get("/windows/01/queue")[0] == kiosk.get("/board")[0] == 200
    assert clerk.client.get("/metrics").status_code == 200
    background.tick(hall.store)
    hall.server.waits.refresh()
    event.remove(hall.store.engine, "checkout", note)
    assert any(statement.startswith("UPDATE ticket") for statement in sent)
    slow = re.compile(r"(SCAN|AUTOMATIC.*) (ticket|call|news|invitation)\b|ticket USING INDEX sqlite_autoindex.*day<")
    everything = ""
    with hall.store.engine.connect() as conn:
        conn.connection.driver_connection.set_trace_callback(None)
        for statement in sent:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
                steps = " | ".join(row[3] for row in plan)
                everything += steps
                assert not slow.search(steps), (steps, statement)
                assert "FROM call" not in statement or "TEMP B-TREE" not in steps, (steps, statement)
    for few in ("ix_ticket_bound", "ix_ticket_bound_staff"):
        assert f"INDEX {few} " in everything, few


def test_what_was_committed_goes_into_the_file_beside_the_commits(hall, tmp_path):
    place = Path(hall.store.engine.url.database)
    hall.store.checkpoint()
    hall.device("kiosk").take()
    assert tickets_in_the_file_alone(place, tmp_path) == 0, "carried in a commit: what comes next proves nothing"
    hall.store.checkpoint()
    assert tickets_in_the_file_alone(place, tmp_path) == 1
    with hall.store.read() as reader:  # a reader in the midst of an old picture is waited for by nobody
        reader.execute(text("SELECT count(*) FROM ticket"))
        hall.device("kiosk").take()
        hall.store.checkpoint()
    hall.store.checkpoint()
    assert tickets_in_the_file_alone(place, tmp_path) == 2


def test_a_log_that_was_carried_whole_is_left_alone_until_something_is_changed(hall):
    background.tick(hall.store)
    assert hall.store.checkpoint()
    background.tick(hall.store)  # finds nothing to do
    assert not hall.store.checkpoint()
    hall.device("kiosk").take()
    assert hall.store.checkpoint()
    with hall.store.read() as reader:
        reader.execute(text("SELECT count(*) FROM ticket"))
        hall.device("kiosk").take()
        assert hall.store.checkpoint() and hall.store.checkpoint(), "not whole while the reader stands in the way"
    assert hall.store.checkpoint() and not hall.store.checkpoint()


def test_a_log_that_grew_long_is_begun_anew_by_the_writer(hall, monkeypatch):
    log = Path(f"{hall.store.engine.url.database}-wal")
    kiosk = hall.device("kiosk")
    with hall.store.read() as reader:
        reader.execute(text("SELECT count(*) FROM ticket"))
        kiosk.take()
        hall.store.checkpoint()
        kiosk.take()
    began = salt(log)
    kiosk.take()
    assert salt(log) == began, "not long yet"
    monkeypatch.setattr("server.db.LOG_PAGES", 1)
    with hall.store.read() as reader:
        reader.execute(text("SELECT count(*) FROM ticket"))
        kiosk.take()
        hall.store.checkpoint()
    kiosk.take()
    kiosk.take()
    assert salt(log) != began


def test_a_log_that_cannot_be_carried_holds_up_no_later_write(hall, monkeypatch):
    kiosk = hall.device("kiosk")
    with hall.store.read() as reader:
        reader.execute(text("SELECT count(*) FROM ticket"))
        monkeypatch.setattr("server.db.LOG_PAGES", 1)
        kiosk.take()
        hall.store.checkpoint()
    with monkeypatch.context() as broken:  # a disk that is full at that moment cannot be had in a test
        broken.setattr("server.db.sqlite3.connect", fails)
        assert kiosk.take()["number"] == "A002"
    assert kiosk.take()["number"] == "A003"


def fails(*_args, **_how):
    raise sqlite3.OperationalError("database or disk is full")


def salt(log):
    """Another one in each round of the log (sqlite.org/fileformat2.html#walformat)."""
    return log.read_bytes()[16:24]


def tickets_in_the_file_alone(place, folder):
    """As a machine would find them that has the database's file and not its log."""
    copy = folder / "copy.db"
    copy.write_bytes(place.read_bytes())
    with closing(sqlite3.connect(copy)) as conn:
        return conn.execute("SELECT count(*) FROM ticket").fetchone()[0]

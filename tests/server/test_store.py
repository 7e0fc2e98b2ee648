"""The fair writer: grouped, durable, isolated, and honest when the disk is not there."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

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

"""The same server on PostgreSQL: every test of tickets and calls once more, and what is different there."""

import threading
from collections import Counter
from contextlib import ExitStack

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from server import background
from server.contract.problems import ProblemError
from server.db import Store
from server.models import Base
from tests.server.conftest import Hall
from tests.server.test_audit import rated, test_direct_edits_are_found  # noqa: F401 - as above
from tests.server.test_calls import *  # noqa: F403 - they ask for `hall`, which here is the one below
from tests.server.test_paper_ratings import (  # noqa: F401
    phone,
    served,
    test_after_the_evaluators_time_the_paper_still_rates,
    test_one_comment_later_and_the_rating_stays,
)
from tests.server.test_tickets import *  # noqa: F403


@pytest.fixture
def hall(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr("server.db.LOCK_TIMEOUT_MS", 60_000)  # a busy machine is not a failure
    hall = Hall(tmp_path, cluster.new_database())
    try:
        yield hall
    finally:
        hall.server.close()


def url_of(hall):
    """Without the options that a store adds: the next one has its own."""
    return hall.store.engine.url.difference_update_query(["options"]).render_as_string(hide_password=False)


@pytest.fixture
def other(hall, tmp_path):
    """A second server on the same database."""
    other = Hall(tmp_path, url_of(hall))
    try:
        yield other
    finally:
        other.server.close()


def test_the_migrations_lead_to_the_models_here_too(hall):
    with hall.store.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn), Base.metadata) == []


def test_every_part_of_a_visit_speaks_both_dialects(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    evaluator = hall.device("evaluator", "ev01", "01")
    ticket = kiosk.take(item="SB-01", queue="A")
    assert kiosk.do(f"/tickets/{ticket['id']}/print-result", result="printed")[0] == 200
    for action in ("call-next", "recall", "begin", "finish"):
        hall.clock.forward(seconds=10)
        assert clerk.do(f"/windows/01/{action}")[0] == 200, action
    assert evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    assert clerk.get("/windows/01/queue")[0] == 200
    assert kiosk.get("/board")[1]["calls"][0]["number"] == "A001"
    assert clerk.client.get("/metrics").status_code == clerk.client.get("/readyz").status_code == 200
    hall.clock.forward(days=4)
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM client_request") == [(0,)]


def test_a_reader_sees_one_moment(hall):
    kiosk = hall.device("kiosk")
    with hall.store.read() as conn:
        before = conn.exec_driver_sql("SELECT seq FROM hall").scalar_one()
        kiosk.take()
        assert conn.exec_driver_sql("SELECT seq FROM hall").scalar_one() == before


def test_a_path_that_no_column_can_hold_is_refused(hall):
    status, problem = hall.clerk_at("01").do("/windows/%00/call-next")
    assert (status, problem["code"]) == (400, "bad_request")


def test_two_servers_on_one_database_give_no_number_and_no_call_twice(hall, other):
    heard = Counter()
    hall.device("kiosk")
    for window in ("01", "02"):
        hall.clerk_at(window)

    def work(server, window):
        kiosk, clerk = server.device("kiosk", f"kiosk{window}"), server.sign_in(f"clerk-{window}")
        for _ in range(15):
            heard[kiosk.take()["number"]] += 1
            heard[clerk.do(f"/windows/{window}/call-next")[1]["ticket"]["number"]] += 1
            for action in ("begin", "finish"):
                assert clerk.do(f"/windows/{window}/{action}")[0] == 200

    threads = [threading.Thread(target=work, args=args) for args in ((hall, "01"), (other, "02"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {f"A{n:03}": 2 for n in range(1, 31)}  # once taken, once called
    told = [row[0] for row in hall.rows("SELECT seq FROM news ORDER BY seq")]
    assert told == list(range(1, len(told) + 1)) and len(told) > 30 * 4


def test_a_writer_that_waits_too_long_says_try_again(hall, monkeypatch):
    monkeypatch.setattr("server.db.LOCK_TIMEOUT_MS", 100)
    impatient = Store(url_of(hall), hall.clock)
    try:
        with pytest.raises(ProblemError) as refused:
            hall.store.write(lambda tx: impatient.write(lambda tx: None))
        assert refused.value.problem.code == "storage"
        assert impatient.write(lambda tx: "again") == "again"
    finally:
        impatient.close()


def test_a_connection_that_was_cut_is_told_to_everyone_and_made_anew(hall):
    def cut(tx):
        tx.conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(ProblemError) as refused:
        hall.store.write(cut)
    assert refused.value.problem.code == "storage"
    assert hall.device("kiosk").take()["number"] == "A001"


def test_a_database_that_was_restarted_fails_one_look_and_no_more(hall):
    store = hall.store
    with ExitStack() as stack:
        for _ in range(3):  # as many connections as look at once
            stack.enter_context(store.glance()).exec_driver_sql("SELECT 1")
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    with store.engine.connect() as conn:
        conn.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")
    with pytest.raises(DBAPIError), store.glance() as conn:
        conn.exec_driver_sql("SELECT 1")
    for _ in range(3):
        with store.glance() as conn:
            assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1

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
from tests.server.test_admin_records import (  # noqa: F401
    left,
    test_what_hangs_at_a_machine,
    test_what_somebody_did_in_the_database_itself_is_found,
)
from tests.server.test_audit import rated, test_direct_edits_are_found  # noqa: F401 - as above
from tests.server.test_books import test_a_book_is_checked_then_applied_and_each_change_is_a_version  # noqa: F401
from tests.server.test_calls import *  # noqa: F403 - they ask for `hall`, which here is the one below
from tests.server.test_entered_ratings import (  # noqa: F401
    bureau,
    test_by_all_ways_at_the_same_instant_one_rating_comes_of_it,
    test_entered_ratings_are_sealed_and_older_seals_still_hold,
    test_how_many_somebody_entered_is_there_for_all_supervisors,
)
from tests.server.test_hall_alarms import (  # noqa: F401
    boss,
    test_a_rectification_that_is_overdue_but_not_to_who_served,
    test_an_alarm_is_raised_acknowledged_and_ends,
    test_calls_out_of_order_more_than_so_many_in_an_hour,
    test_two_servers_that_watch_one_hall_raise_it_once,
)
from tests.server.test_hands import *  # noqa: F403 - all of them, and their fixtures
from tests.server.test_items_admin import test_what_was_shown_when_is_told_by_day_and_by_version  # noqa: F401
from tests.server.test_monitor import (  # noqa: F401
    su,
    test_an_hour_is_that_hour_and_an_earlier_days_windows_are_where_they_were,
    test_queues_windows_and_people,
)
from tests.server.test_paper_ratings import (  # noqa: F401
    phone,
    served,
    test_after_the_evaluators_time_the_paper_still_rates,
    test_one_comment_later_and_the_rating_stays,
)
from tests.server.test_photos import seated, test_a_photo_is_on_the_card_of_walls_and_tablet_until_it_is_removed  # noqa: F401
from tests.server.test_published import (  # noqa: F401
    desk,
    test_a_rating_that_comes_after_its_week_changes_nothing_that_was_published,
    test_weeks_are_published_by_window_and_by_item_in_turn,
    wall,
)
from tests.server.test_rating_report import (  # noqa: F401
    test_channels_share_whom_they_ask,
    test_how_the_evaluators_were_used,
    test_items_queues_days_and_months,
    test_small_groups_are_counted_but_their_levels_are_not_told_nor_found_by_subtraction,
    test_the_workbook_has_the_right_types_and_nothing_runs_in_it,
)
from tests.server.test_rectifications import (  # noqa: F401
    people,
    test_a_second_supervisor_at_the_same_step_is_told_so,
    test_an_appeal_that_is_upheld_keeps_the_rating_and_takes_it_out_of_the_figures,
    test_each_deadline_is_reminded_of_once_and_escalated_once,
    test_not_satisfied_reopens_once_with_a_new_deadline_and_then_it_stays_so,
    test_the_counts_for_figures,
    test_the_supervisor_with_the_fewest_cases_owns_the_next_and_never_who_served,
    test_the_wait_for_an_answer_ends_too_where_a_number_is_only_a_mask,
)
from tests.server.test_settings_document import (  # noqa: F401
    test_a_change_is_undone_and_the_undoing_too,
    test_a_file_brings_a_hall_back_as_it_was,
    test_what_changes_nothing_is_no_change_and_a_hundred_are_kept,
    test_what_has_a_past_is_closed_and_said,
)
from tests.server.test_sms import (  # noqa: F401
    office,
    test_a_reply_from_the_phone_that_was_asked_is_one_rating_and_sealed,
    test_a_week_later_nothing_in_the_database_ties_a_reply_to_its_phone,
    test_many_gateways_at_one_instant_get_each_message_once,
    test_paper_and_message_at_one_instant_make_one_rating,
    test_the_same_message_from_the_network_twice_is_one,
    test_who_opts_out_is_told_once_and_never_asked_again,
)
from tests.server.test_statistics import (  # noqa: F401
    test_a_day_with_somebody_still_served_is_not_kept,
    test_figures_are_what_a_recount_finds_and_kept_days_say_the_same,
    test_one_day_in_exact_words,
    told_day,
)
from tests.server.test_statistics_files import (  # noqa: F401
    reader,
    test_the_ledger_has_one_line_for_each_piece_of_business,
)
from tests.server.test_tablet import (  # noqa: F401
    stand,
    test_a_code_pairs_once_and_the_token_is_in_a_cookie_alone,
    test_reasons_may_follow_once_and_are_sealed,
    test_the_card_is_as_the_walls_have_it,
)
from tests.server.test_thousand_services import test_exactly_the_right_ratings_and_the_rest_unrated as of_many
from tests.server.test_tickets import *  # noqa: F403
from tests.server.test_upload import (  # noqa: F401
    far,
    test_a_row_in_a_dead_servers_hands_is_due_when_its_lease_is_over,
    test_figures_for_watchers_do_not_move_with_each_rating,
    test_two_servers_on_one_database_send_nothing_twice,
    test_what_the_province_refuses_holds_up_only_its_own_case,
)


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


def test_the_right_ratings_and_figures_come_of_some_services_here_too(hall, monkeypatch):
    monkeypatch.setattr("tests.server.test_thousand_services.SERVICES", 200)
    of_many(hall, 1)

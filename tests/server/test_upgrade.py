"""A release that changes the tables in the middle of a day: who waits still waits, and the hall of before is kept."""

from alembic import command
from sqlalchemy import text

from server.backup.upgrade import FOLDER, KEPT
from server.db import make_engine
from tests.server.conftest import Hall
from tests.server.test_backup import run
from tests.server.test_migrations import to

BEFORE = "0018"
"""The last revision of the release before this one."""


def at_work(hall):
    """Tickets waiting, called, being served, held, missed, served and rated; what everybody sees of them."""
    kiosk, evaluator = hall.device("kiosk", "k1"), hall.device("evaluator", "ev01", "01")
    first, second = hall.clerk_at("01"), hall.clerk_at("02")
    for _ in range(8):
        kiosk.take()
    for action in ("call-next", "begin", "finish", "call-next", "no-show", "call-next", "begin"):
        assert first.do(f"/windows/01/{action}")[0] == 200
        if action == "finish":
            assert evaluator.do("/ratings", label="satisfied", raw_key="02")[1]["accepted"]
    assert second.do("/windows/02/call-next")[0] == 200
    assert second.do("/windows/02/hold", kind="any_window")[0] == 200
    assert second.do("/windows/02/call-next")[0] == 200


def picture(hall):
    return {
        "tickets": hall.rows("SELECT number, state, window_id, rating_state, issued_at FROM ticket ORDER BY n"),
        "windows": hall.rows("SELECT no, state, ticket_id, staff_id FROM window ORDER BY no"),
        "seq": hall.rows("SELECT seq FROM hall"),
        "chain": hall.rows("SELECT n, seal FROM audit_entry ORDER BY n"),
    }


def back_to(data_dir, revision):
    """The tables as the release before had them, with the rows of this day in them."""
    engine = make_engine(f"sqlite:///{data_dir / 'jiaohao.db'}")
    to(engine, revision, command.downgrade)
    engine.dispose()


def test_a_day_goes_on_over_an_upgrade(tmp_path):
    hall = Hall(tmp_path)
    at_work(hall)
    seen = picture(hall)
    hall.server.close()
    back_to(tmp_path, BEFORE)

    hall = Hall(tmp_path)
    try:
        assert picture(hall) == seen
        assert {row[1] for row in seen["tickets"]} >= {"waiting", "called", "serving", "held", "finished", "no_show"}
        first, second = hall.sign_in("clerk-01"), hall.sign_in("clerk-02")
        assert first.do("/windows/01/finish")[0] == 200
        assert first.do("/windows/01/call-next")[1]["ticket"]["number"] == "A006"
        assert second.do("/windows/02/begin")[0] == 200
        assert hall.device("kiosk", "k2").take()["number"] == "A009"
    finally:
        hall.server.close()
    assert run("audit", "verify", "--data", tmp_path).exit_code == 0


def test_the_hall_of_before_is_kept_and_can_be_gone_back_to(tmp_path):
    (tmp_path / "hall").mkdir()
    hall = Hall(tmp_path / "hall")
    at_work(hall)
    hall.server.close()
    back_to(tmp_path / "hall", BEFORE)
    Hall(tmp_path / "hall").server.close()
    (kept,) = (tmp_path / "hall" / FOLDER).glob("*.backup")
    assert run("restore-drill", kept).exit_code == 0
    assert run("restore", kept, "--data", tmp_path / "back").exit_code == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'back' / 'jiaohao.db'}")
    with engine.connect() as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == BEFORE
        assert conn.execute(text("SELECT count(*) FROM ticket")).scalar_one() == 8
    engine.dispose()


def test_nothing_is_copied_where_nothing_changes(tmp_path):
    Hall(tmp_path).server.close()
    Hall(tmp_path).server.close()
    assert not (tmp_path / FOLDER).exists()


def test_of_many_upgrades_the_newest_copies_are_kept(tmp_path):
    Hall(tmp_path).server.close()
    back_to(tmp_path, BEFORE)
    (tmp_path / FOLDER).mkdir()
    old = [tmp_path / FOLDER / f"jiaohao-{mark}-2020010{n}-000000.backup" for n, mark in enumerate("ffff0z", 1)]
    for file in old:
        file.write_bytes(b"")
    Hall(tmp_path).server.close()
    kept = set((tmp_path / FOLDER).glob("*.backup"))
    assert len(kept) == KEPT and kept > set(old[1 - KEPT :])  # whatever the marks of halls begin with


def test_a_database_of_a_newer_release_is_left_alone(tmp_path):
    Hall(tmp_path).server.close()
    engine = make_engine(f"sqlite:///{tmp_path / 'jiaohao.db'}")
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    refused = run("device-token", "k1", "--kind", "kiosk", "--data", tmp_path)
    assert refused.exit_code == 3 and "更新的版本" in refused.output and "newer release" in refused.output


def test_a_hall_of_the_first_release_comes_up(tmp_path):
    """From the first revision through every one since; where no copy can be made, nothing is changed."""
    engine = make_engine(f"sqlite:///{tmp_path / 'jiaohao.db'}")
    to(engine, "0001")
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO hall (id, code, name, zone, rollover_hour, open, closed_reason, recall_limit,"
            " recall_seconds, invitation_seconds, notices, seq) VALUES (1, 'HQ', '厅', 'Asia/Shanghai', 0, 1, '', 3,"
            " 5, 60, '[]', 0)"))  # fmt: skip
    engine.dispose()
    (tmp_path / FOLDER).write_text("in the way")
    assert run("device-token", "k1", "--kind", "kiosk", "--data", tmp_path).exit_code == 3
    (tmp_path / FOLDER).unlink()
    assert run("device-token", "k1", "--kind", "kiosk", "--data", tmp_path).exit_code == 0
    assert len(list((tmp_path / FOLDER).glob("*.backup"))) == 1

"""Backups by the clock and by hand as an admin sets them, and what is purged when."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from server import background
from server.backup.make import hall_mark
from server.backup.restore import restore
from server.config import Config
from server.db import writing
from server.domain.operations import newest_due, staying
from server.keeper import Keeper
from server.models import (
    AppointmentRow,
    AuditEntry,
    HandoverRow,
    LeaveRow,
    Operations,
    RectificationEvent,
    RectificationRow,
    TicketRow,
)
from server.services import audit, upkeep
from tests.server.conftest import Hall
from tests.server.test_audit import rated  # noqa: F401 - a fixture
from tests.server.test_backup import run

WHOLE = {
    "backup_on": True, "backup_minute": 120, "backup_folder": "/", "backup_keys": True, "backup_drill": True,
    "keep_days": 7, "keep_weeks": 4, "keep_months": 6, "warn_days": 2, "contact_days": 30, "note_days": 90,
    "case_days": 730, "event_days": 0,
}  # fmt: skip


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def copies(tmp_path_factory):
    return tmp_path_factory.mktemp("copies")


@pytest.fixture
def keeper(hall):
    return Keeper(hall.store, Config(hall.data_dir))


def put(boss, **changed):
    return boss.do("/operations", method="PUT", **{**WHOLE, **changed})


def test_a_hall_that_set_nothing_has_sane_settings(boss):
    status, said = boss.get("/operations")
    assert status == 200 and said["stale"] and said["next_at"] is None and said["runs"] == []
    assert not said["settings"]["backup_on"] and said["settings"]["event_days"] == 0


def test_by_hand_made_drilled_and_on_the_chain(hall, boss, copies, keeper):
    assert boss.do("/operations/runs", kind="backup")[1]["code"] == "no_backup_folder"
    assert put(boss, backup_on=False, backup_folder=str(copies))[0] == 200
    status, said = boss.do("/operations/runs", kind="backup")
    assert status == 201 and said["runs"][0]["state"] == "waiting"
    assert len(boss.do("/operations/runs", kind="backup")[1]["runs"]) == 1  # one is enough
    keeper.turn()
    said = boss.get("/operations")[1]
    last = said["runs"][0]
    assert last["state"] == "done" and "已经试过" in last["zh"] and "was tried" in last["en"], last
    assert not said["stale"] and said["good_at"] and stat.S_IMODE(Path(last["file"]).stat().st_mode) == 0o600
    assert last["size"] == Path(last["file"]).stat().st_size
    kinds = hall.rows("SELECT kind FROM audit_entry ORDER BY n")
    assert kinds == [("operations.changed",), ("backup.made",)]
    assert run("restore-drill", last["file"]).exit_code == 0
    keeper.turn()
    assert len(boss.get("/operations")[1]["runs"]) == 1


def test_by_the_clock_once_a_day_and_after_a_night_without_power(hall, boss, copies, keeper):
    put(boss, backup_minute=10 * 60, backup_folder=str(copies), backup_drill=False)  # it is 9:00
    keeper.turn()  # yesterday's is due: nobody made it
    assert len(list(copies.glob("*.backup"))) == 1
    keeper.turn()
    hall.clock.forward(minutes=59)
    keeper.turn()
    assert len(boss.get("/operations")[1]["runs"]) == 1
    hall.clock.forward(minutes=1)
    keeper.turn()
    keeper.turn()
    runs = boss.get("/operations")[1]["runs"]
    assert [(one["state"], one["how"]) for one in runs] == [("done", "schedule")] * 2
    assert boss.get("/operations")[1]["next_at"] == "2026-03-03T10:00:00+08:00"


def test_a_backup_that_fails_is_said_with_its_reason_and_makes_the_hall_stale(hall, boss, copies, keeper):
    put(boss, backup_folder=str(copies))
    copies.rmdir()  # the disk is gone
    keeper.turn()
    said = boss.get("/operations")[1]
    assert said["stale"] and said["runs"][0]["state"] == "failed" and "没有这个目录" in said["runs"][0]["zh"]
    assert hall.rows("SELECT kind FROM audit_entry ORDER BY n DESC LIMIT 1") == [("backup.failed",)]


def test_a_drill_that_finds_something_is_no_good_backup(rated, copies):  # noqa: F811
    boss = rated.person("boss", "admin")
    put(boss, backup_folder=str(copies))
    with writing(rated.store.engine) as conn:
        conn.execute(text("UPDATE rating SET level = 5 WHERE id = 1"))
    Keeper(rated.store, Config(rated.data_dir)).turn()
    said = boss.get("/operations")[1]
    assert said["runs"][0]["state"] == "failed" and said["good_at"] is None and "被改动过" in said["runs"][0]["zh"]


def test_verifying_by_hand_says_whether_all_is_as_sealed_and_no_more(rated):  # noqa: F811
    boss, keeper = rated.person("boss", "admin"), Keeper(rated.store, Config(rated.data_dir))
    for forgery, state, word in (
        (None, "done", "全部相符"),
        ("UPDATE rating SET level = 5", "failed", "audit verify"),
    ):
        if forgery:
            with writing(rated.store.engine) as conn:
                conn.execute(text(forgery))
        assert boss.do("/operations/runs", kind="verify")[0] == 201
        keeper.turn()
        last = boss.get("/operations")[1]["runs"][0]
        assert (last["kind"], last["state"]) == ("verify", state) and word in last["zh"]
        assert "评价 1" not in last["zh"]


def test_what_a_stopped_server_was_at_is_said_at_its_next_start(hall, boss, copies):
    put(boss, backup_on=False, backup_folder=str(copies))
    boss.do("/operations/runs", kind="backup")
    holder = Keeper(hall.store, Config(hall.data_dir))._holder
    hall.store.write(lambda tx: upkeep.claim(tx, holder))
    Keeper(hall.store, Config(hall.data_dir))
    last = boss.get("/operations")[1]["runs"][0]
    assert last["state"] == "failed" and "服务器" in last["zh"]


def test_a_hall_that_was_restored_can_be_backed_up_at_once(hall, boss, copies, keeper, tmp_path_factory):
    put(boss, backup_on=False, backup_folder=str(copies), backup_drill=False)
    boss.do("/operations/runs", kind="backup")
    keeper.turn()
    made = Path(boss.get("/operations")[1]["runs"][0]["file"])
    restore(made, place := tmp_path_factory.mktemp("restored"), None)
    again = Hall(place)
    try:
        boss, keeper = again.sign_in("boss"), Keeper(again.store, Config(place))
        assert [one["state"] for one in boss.get("/operations")[1]["runs"]] == ["failed"]
        again.clock.forward(minutes=1)
        assert boss.do("/operations/runs", kind="backup")[0] == 201
        keeper.turn()
        assert boss.get("/operations")[1]["runs"][0]["state"] == "done"
    finally:
        again.server.close()


def test_old_backups_go_and_what_is_not_ours_stays(hall, boss, copies, keeper):
    mark = hall_mark(hall.data_dir)
    ours = [copies / f"jiaohao-{mark}-202602{day:02d}-020000.backup" for day in range(1, 29)]
    others = [copies / "jiaohao-00000000-20260201-020000.backup", copies / "holiday.jpg", copies / "jiaohao-1.keys"]
    for file in (*ours, *others):
        file.write_bytes(b"")
    put(boss, backup_folder=str(copies), keep_days=3, keep_weeks=2, keep_months=1, backup_drill=False)
    keeper.turn()
    left = sorted(file.name for file in copies.iterdir() if mark in file.name)
    assert all(file.exists() for file in others)
    assert left[:-1] == [f"jiaohao-{mark}-202602{day}-020000.backup" for day in (27, 28)] and len(left) == 3


def test_the_rule_of_what_stays_by_day_week_and_month():
    made = {f"{day:%m-%d}": day for day in (datetime(2026, 1, 1) + timedelta(days=n) for n in range(90))}  # noqa: DTZ001
    stay = staying(made, 3, 3, 3)
    assert stay == {"03-31", "03-30", "03-29", "03-22", "02-28", "01-31"}
    assert staying(made, 0, 0, 0) == {"03-31"} and staying({}, 7, 4, 6) == set()
    twice = {"a": datetime(2026, 1, 1, 2), "b": datetime(2026, 1, 1, 9)}  # noqa: DTZ001
    assert staying(twice, 1, 0, 0) == {"b"}


def test_the_newest_moment_that_was_due():
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9:00 in Shanghai
    assert newest_due(9 * 60, "Asia/Shanghai", now) == now
    assert newest_due(9 * 60 + 1, "Asia/Shanghai", now) == now + timedelta(minutes=1, days=-1)


FIELDS = {
    "backup_minute": (-1, 1440), "keep_days": (0, 367), "keep_weeks": (-1, 105), "keep_months": (-1, 121),
    "warn_days": (0, 61), "contact_days": (0, 31), "note_days": (0, 3651), "case_days": (182, 3651),
    "event_days": (1, 182, 36501, -1),
}  # fmt: skip


def test_bounds_are_checked_at_the_field_and_nothing_is_half_saved(hall, boss, copies):
    for field, values in FIELDS.items():
        for value in values:
            status, said = put(boss, backup_folder=str(copies), **{field: value})
            assert (status, said["code"], said["field"]) == (422, "bad_field", field), (field, value)
    assert hall.rows("SELECT count(*) FROM operations") == [(0,)]
    for field, least, most in (("event_days", 183, 36500), ("case_days", 183, 3650), ("keep_weeks", 0, 104)):
        for value in (least, most):
            assert put(boss, backup_folder=str(copies), **{field: value})[0] == 200


def test_folders_that_cannot_be_are_refused_at_the_field(hall, boss, copies, tmp_path):
    (copies / "link").symlink_to(Path(audit.__file__).parents[1] / "static")
    (copies / "file").write_text("")
    static = Path(audit.__file__).parents[1] / "static"
    folders = [
        "", "copies", "../copies", f"{copies}/../{copies.name}", f"{copies}/no", f"{copies}/file", str(static),
        f"{copies}/link", str(hall.data_dir), "/proc", "/a\nb", "/" + "x" * 500, "/\x00",
    ]  # fmt: skip
    for folder in folders:
        status, said = put(boss, backup_folder=folder)
        assert (status, said["code"], said["field"]) == (422, "bad_field", "backup_folder"), folder
        assert "备份目录" in said["detail"]
    assert hall.rows("SELECT count(*) FROM operations") == [(0,)]
    assert put(boss, backup_on=False, backup_folder="")[0] == 200


def test_what_an_admin_changes_is_sealed_and_only_what_changed(hall, boss, copies):
    put(boss, backup_on=False, backup_folder="", note_days=30)
    put(boss, backup_on=False, backup_folder="", note_days=30)
    bodies = [body for (body,) in hall.rows("SELECT body FROM audit_entry")]
    assert bodies == ['{"by":"admin:boss","note_days":30}']


# ── retention ──


def keep(hall, **settings):
    hall.store.write(lambda tx: tx.add(Operations, hall_id=1, **settings))


def test_whose_ticket_it_was_is_forgotten_after_its_day_in_bites(hall):
    kiosk = hall.device("kiosk")
    for _ in range(3):
        kiosk.take()
    with hall.store.read() as conn:
        row = conn.execute(select(TicketRow.__table__).limit(1)).one()._asdict()

    def many(tx):
        tx.conn.execute(update(TicketRow).values(person_hash="h"))
        rows = [{**row, "id": 1000 + n, "n": 1000 + n, "code": f"c{n}", "person_hash": "h"} for n in range(1200)]
        tx.conn.execute(insert(TicketRow), rows)

    hall.store.write(many)
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM ticket WHERE person_hash IS NULL") == [(0,)]
    hall.clock.forward(days=1)
    left = []
    for _ in range(4):
        background.tick(hall.store)
        left += hall.rows("SELECT count(*) FROM ticket WHERE person_hash IS NOT NULL")
    assert left == [(703,), (203,), (0,), (0,)]
    assert hall.rows("SELECT what, rows FROM purge_tally") == [("persons", 1203)]
    assert hall.rows("SELECT count(*) FROM audit_entry WHERE kind = 'data.purged'") == [(0,)]
    hall.clock.forward(days=1)
    background.tick(hall.store)
    sealed = '{"day":"2026-03-03","rows":{"persons":1203}}'
    assert hall.rows("SELECT body FROM audit_entry WHERE kind = 'data.purged'") == [(sealed,)]
    assert hall.rows("SELECT count(*) FROM purge_tally") == [(0,)]


def test_what_was_cleared_is_gone_from_the_file_itself(hall):
    kiosk = hall.device("kiosk")
    kiosk.take()
    mark = "f00dfeed" * 8
    hall.store.write(lambda tx: tx.conn.execute(update(TicketRow).values(person_hash=mark)))
    hall.store.checkpoint()
    assert mark.encode() in b"".join(file.read_bytes() for file in hall.data_dir.glob("jiaohao.db*"))
    hall.clock.forward(days=1)
    background.tick(hall.store)
    hall.store.checkpoint()
    assert mark.encode() not in b"".join(file.read_bytes() for file in hall.data_dir.glob("jiaohao.db*"))


def test_notes_and_sessions_and_events_go_when_their_time_is_over(hall):
    kiosk = hall.device("kiosk")
    kiosk.take()
    hall.person("clerk")
    hall.store.write(lambda tx: tx.conn.execute(update(TicketRow).values(note="带了户口本")))
    keep(hall, note_days=10, event_days=200)
    before = hall.rows("SELECT max(seq) FROM news")[0][0]
    hall.clock.forward(days=10)
    background.tick(hall.store)
    assert hall.rows("SELECT note FROM ticket") == [("带了户口本",)]
    assert hall.rows("SELECT count(*) FROM web_session") == [(0,)]
    hall.clock.forward(days=1)
    background.tick(hall.store)
    assert hall.rows("SELECT note FROM ticket") == [("",)]
    hall.clock.forward(days=188)
    background.tick(hall.store)
    assert hall.rows("SELECT min(seq) FROM news") == [(1,)]
    hall.clock.forward(days=2)
    background.tick(hall.store)
    (least,), (seq,) = hall.rows("SELECT min(seq) FROM news")[0], hall.rows("SELECT seq FROM hall")[0]
    assert least > before and hall.rows("SELECT max(seq) FROM news") == [(seq,)]
    assert hall.device("kiosk", "k2").take()["number"] == "A001"


def test_why_somebody_was_away_and_what_was_handed_over_go_too(hall):
    hall.person("a"), hall.person("b")
    now, day = hall.clock.now, hall.clock.now.date()

    def wrote(tx):
        tx.add(LeaveRow, hall_id=1, account_id=1, from_day=day, to_day=day, reason="住院", by_id=2, at=now)
        tx.add(
            HandoverRow, hall_id=1, window_id=1, from_id=1, to_id=2, kind="out", note="张三的材料", offered_at=now
        )  # fmt: skip

    hall.store.write(wrote)
    keep(hall, note_days=10)
    for days, left in ((10, ("住院", "张三的材料")), (1, ("", ""))):
        hall.clock.forward(days=days)
        background.tick(hall.store)
        assert hall.rows("SELECT reason, note FROM staff_leave, handover") == [left]
    assert hall.rows("SELECT what, rows FROM purge_tally ORDER BY what") == [("leave_reasons", 1), ("notes", 1)]


def test_events_stay_for_ever_unless_told(hall):
    hall.device("kiosk").take()
    hall.clock.forward(days=4000)
    background.tick(hall.store)
    assert hall.rows("SELECT min(seq) FROM news") == [(1,)]


def test_where_a_visit_went_is_forgotten_as_soon_as_the_hall_says(hall):
    now = hall.clock.now
    row = {
        "public_id": "p", "request_key": "r", "hall_id": 1, "code": "1", "queue_id": 1, "mode": "home_visit",
        "starts_at": now, "ends_at": now, "phone_masked": "138****5678", "person_hash": "h", "contact": "某路 1 号",
        "state": "done", "created_at": now, "created_by": "", "purge_at": now + timedelta(days=30),
    }  # fmt: skip
    hall.store.write(lambda tx: tx.conn.execute(insert(AppointmentRow).values(**row)))
    keep(hall, contact_days=3)
    for days, left in ((2, "某路 1 号"), (1, "")):
        hall.clock.forward(days=days)
        background.tick(hall.store)
        assert hall.rows("SELECT contact FROM appointment") == [(left,)]


def test_what_staff_wrote_of_a_case_goes_and_the_rating_stays(rated):  # noqa: F811
    with rated.store.read() as conn:
        case = conn.execute(select(RectificationRow.id, RectificationRow.rating_id)).first()
    now = rated.clock.now

    def closed(tx):
        tx.change(RectificationRow, case.id, closed_at=now, state="closed", reply="已改进")
        tx.add(RectificationEvent, rectification_id=case.id, at=now, what="verify", state="closed", text="张三说")

    rated.store.write(closed)
    keep(rated, case_days=200)
    stays = ("SELECT * FROM rating ORDER BY id", "SELECT count(*) FROM rectification_event")
    before = [rated.rows(sql) for sql in stays]
    for days, left in ((199, "张三说"), (1, "")):
        rated.clock.forward(days=days)
        background.tick(rated.store)
        assert rated.rows("SELECT text FROM rectification_event ORDER BY id DESC LIMIT 1") == [(left,)]
    assert rated.rows("SELECT reply FROM rectification") == [("",)]
    assert before == [rated.rows(sql) for sql in stays]
    rated.server.note_heads()
    assert run("audit", "verify", "--data", rated.data_dir).exit_code == 0


def test_whoever_served_sees_no_case_when_its_events_are_old(hall):
    server = hall.person("su", "supervisor")
    hall.person("other", "supervisor")
    assert server.do("/windows/01/sign-in")[0] == 200
    hall.device("kiosk").take()
    for action in ("call-next", "begin", "finish"):
        assert server.do(f"/windows/01/{action}")[0] == 200
    assert hall.device("evaluator", "ev", "01").do("/ratings", label="dissatisfied")[1]["accepted"]
    background.tick(hall.store)
    keep(hall, event_days=183)
    hall.clock.forward(days=190)
    background.tick(hall.store)
    server, other = hall.sign_in("su"), hall.sign_in("other")
    assert other.get("/rectifications/20260302-A001")[0] == 200
    assert server.get("/rectifications/20260302-A001")[0] == 404


def test_the_chain_is_never_purged(rated):  # noqa: F811
    (before,) = rated.rows("SELECT count(*) FROM audit_entry")[0]
    keep(rated, event_days=183, case_days=183, note_days=1, contact_days=1)
    for _ in range(5):
        rated.clock.forward(days=800)
        background.tick(rated.store)
    with rated.store.read() as conn:
        held = conn.execute(select(AuditEntry.n).order_by(AuditEntry.n)).scalars().all()
        assert list(held)[:before] == list(range(1, before + 1))
        assert list(audit.verify(conn, rated.store.key, 1)) == []

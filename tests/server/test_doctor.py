"""`jiaohao-server doctor`: a sound hall is called sound, and whatever is wrong is named with what to do."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from server.config import Config
from server.doctor.checks import examine
from server.doctor.line import Level
from server.doctor.rules import RULES
from server.models import OperationRun
from tests.server.test_backup import run


@pytest.fixture
def worked(hall):
    """Tickets waiting, called, finished and rated; the server is stopped."""
    hall.clock.now = datetime.now(UTC).replace(hour=1, minute=0)
    if hall.clock.now > datetime.now(UTC):
        hall.clock.forward(days=-1)
    kiosk, evaluator = hall.device("kiosk"), hall.device("evaluator", "ev01", "01")
    first, second = hall.clerk_at("01"), hall.clerk_at("02")
    hall.person("boss", "admin")
    for _ in range(5):
        kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert first.do(f"/windows/01/{action}")[0] == 200
    assert evaluator.do("/ratings", label="satisfied", raw_key="02")[1]["accepted"]
    assert first.do("/windows/01/call-next")[0] == 200 and second.do("/windows/02/call-next")[0] == 200
    hall.server.note_heads()
    return hall


def lines(hall, thorough=True, now=None):
    return list(examine(Config(hall.data_dir), now or datetime.now(UTC), thorough))


def failed(hall, **more):
    return [line for line in lines(hall, **more) if line.level is Level.FAIL]


def edit(hall, *statements):
    with closing(sqlite3.connect(hall.data_dir / "jiaohao.db")) as conn:
        for statement in statements:
            conn.execute(statement)
        conn.commit()


def test_a_sound_hall_has_nothing_to_fail(worked):
    found = lines(worked)
    assert [line for line in found if line.level is Level.FAIL] == []
    assert any("没有重号" in line.said.zh and line.level is Level.OK for line in found)
    assert any("相符" in line.said.zh for line in found)
    for option in ([], ["--verify"], ["--json"]):
        done = run("doctor", "--data", worked.data_dir, *option)
        assert done.exit_code == 0, done.output
    assert all(json.loads(line)["level"] in ("ok", "warn", "fail") for line in done.output.splitlines())


def loosened(hall):
    """The same rows in tables that forbid nothing, as a file is that somebody mended by hand."""
    with closing(sqlite3.connect(hall.data_dir / "jiaohao.db", isolation_level=None)) as conn:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            conn.execute(f'CREATE TABLE loose AS SELECT * FROM "{name}"')
            conn.execute(f'DROP TABLE "{name}"')
            conn.execute(f'ALTER TABLE loose RENAME TO "{name}"')


COPY = "CREATE TEMP TABLE c AS SELECT * FROM {0} WHERE {1}; UPDATE c SET {2}; INSERT INTO {0} SELECT * FROM c"
BROKEN = {
    "没有重号": COPY.format("ticket", "n = 4", "id = 99, n = 40, code = 'x'"),
    "号码与号段一致": COPY.format("ticket", "n = 4", "id = 99, number = 'A900', code = 'x'"),
    "号段计数不小于已发的号": "UPDATE series_counter SET last = 3",
    "没有丢号": "DELETE FROM ticket WHERE n = 4",
    "每张取号都有记录": "DELETE FROM news WHERE seq > 0 AND kind = 'ticket.issued' AND ticket_id = 5",
    "叫到的号都在一个窗口手里": "UPDATE \"window\" SET ticket_id = NULL WHERE no = '02'",
    "窗口手里的号都叫到该窗口": "UPDATE ticket SET state = 'waiting' WHERE n = 3",
    "没有号同时在两个窗口": "UPDATE \"window\" SET ticket_id = 2 WHERE no = '03'",
    "没有人同时在两个窗口": "UPDATE \"window\" SET staff_id = 1 WHERE no IN ('03', '04')",
    "一次服务只有一次评价": COPY.format("rating", "id = 1", "id = 2"),
    "评价都有邀请": "UPDATE rating SET invitation_id = 77",
    "没有凭空的评价": "UPDATE invitation SET state = 'unrated'",
    "邀请评价的号都已办结": "UPDATE ticket SET state = 'cancelled' WHERE n = 1",
    "每个号只有一个状态": "UPDATE ticket SET state = 'lost' WHERE n = 4",
    "结束的号有结束时间，其余没有": "UPDATE ticket SET ended_at = NULL WHERE n = 1",
    "事件连续": "DELETE FROM news WHERE seq = 3",
    "每条评价上报一次": "INSERT INTO upload (id, rating_id) VALUES (1, 5), (2, 5)",
    "每次预约只取一个号": "INSERT INTO appointment (id, ticket_id, code) VALUES (1, 5, 'a'), (2, 5, 'b')",
}


def test_each_rule_between_rows_is_seen_to_be_broken(worked):
    assert set(BROKEN) == {rule.zh for rule in RULES}
    worked.server.close()
    loosened(worked)
    whole = (worked.data_dir / "jiaohao.db").read_bytes()
    for name, statements in BROKEN.items():
        (worked.data_dir / "jiaohao.db").write_bytes(whole)
        assert not any("不符合" in line.said.zh for line in lines(worked, thorough=False))
        edit(worked, *statements.split(";"))
        said = [line for line in lines(worked, thorough=False) if f"不符合“{name}”" in line.said.zh]
        assert len(said) == 1 and said[0].do is not None, name
        assert said[0].level is (Level.WARN if name == "没有丢号" else Level.FAIL)


def test_a_forged_rating_is_found_by_verify_alone(worked):
    edit(worked, "UPDATE rating SET level = 5")
    assert failed(worked, thorough=False) == []
    assert any("被改动过" in line.said.zh for line in failed(worked))
    assert run("doctor", "--data", worked.data_dir, "--verify").exit_code == 1


def test_a_damaged_file_is_found(worked):
    worked.server.close()
    file = worked.data_dir / "jiaohao.db"
    data = bytearray(file.read_bytes())
    for page in range(12, len(data) // 4096, 5):
        data[page * 4096 : page * 4096 + 200] = bytes(200)
    file.write_bytes(bytes(data))
    assert failed(worked)
    file.write_bytes(b"no database at all" * 500)
    assert run("doctor", "--data", worked.data_dir).exit_code == 1


def test_keys_that_do_not_fit_or_are_lost_are_found(worked):
    key = worked.data_dir / "audit.key"
    held = key.read_bytes()
    for spoilt in (b"nonsense", b"00" * 32, None):
        key.unlink(missing_ok=True)
        if spoilt is not None:
            key.write_bytes(spoilt)
        assert any(".keys" in line.do.zh for line in failed(worked)), spoilt
    key.write_bytes(held)


def test_a_chain_that_was_cut_is_seen_without_reading_it(worked):
    edit(worked, "DELETE FROM audit_entry WHERE n = (SELECT max(n) FROM audit_entry)")
    assert any("曾登记" in line.said.zh for line in failed(worked, thorough=False))


def test_a_clock_that_went_back_is_seen(worked):
    assert any("时钟" in line.said.zh for line in failed(worked, now=worked.clock.now - timedelta(hours=2)))
    assert any("时钟" in line.said.zh for line in failed(worked, now=datetime(2000, 1, 1, tzinfo=UTC)))


def test_data_that_others_can_read_is_seen(worked):
    worked.data_dir.chmod(0o755)
    (worked.data_dir / "audit.key").chmod(0o644)
    loose = [line for line in lines(worked) if line.level is Level.WARN and "chmod" in str(line)]
    assert any("audit.key" in line.said.zh for line in loose)
    worked.data_dir.chmod(0o700)
    assert not any("audit.key" in str(line) for line in lines(worked))


def test_an_older_schema_is_a_warning_and_a_newer_one_a_failure(worked):
    edit(worked, "UPDATE alembic_version SET version_num = '0017'")
    assert failed(worked) == [] and "自动升级" in str(lines(worked)[-1])
    edit(worked, "UPDATE alembic_version SET version_num = '9999'")
    assert "更新的版本" in str(failed(worked)[0])


def backed_up(hall, state, ended):
    row = {"hall_id": 1, "kind": "backup", "how": "schedule", "asked_by": "", "asked_at": ended, "ended_at": ended}
    hall.store.write(lambda tx: tx.conn.execute(insert(OperationRun).values(**row, state=state)))


def test_backups_that_stay_away_fail_and_are_told_by_age(worked):
    now = datetime.now(UTC)

    def said():
        return next(line for line in lines(worked, thorough=False) if "备份" in line.said.zh and "HQ" in line.said.zh)

    assert said().level is Level.WARN
    backed_up(worked, "done", now - timedelta(days=3))
    backed_up(worked, "failed", now)
    assert said().level is Level.FAIL
    backed_up(worked, "done", now - timedelta(hours=3))
    assert said().level is Level.OK


def test_settings_that_leave_somebody_waiting_for_nobody_are_said(worked):
    queue = "INSERT INTO queue (hall_id, code, name, name_en, series, location, open, position)"
    edit(
        worked, "DELETE FROM window_queue WHERE window_id = 1", f"{queue} VALUES (1, 'ZZ', 'z', '', 'ZZ', '', 1, 9)",
        "UPDATE account SET active = 0",
    )  # fmt: skip
    said = [str(line) for line in lines(worked) if line.level is not Level.OK]
    assert any("队列 ZZ" in line for line in said) and any("1 个窗口" in line for line in said)
    assert any("没有可用的管理员" in line for line in said)

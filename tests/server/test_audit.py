"""`jiaohao-server audit verify`: whatever somebody does to ratings in the database itself is found."""

import json
import stat
from contextlib import suppress

import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import text

from server import background
from server.app import OTHER_KEY
from server.audit_heads import noted
from server.audit_key import audit_key
from server.cli import cli
from server.db import writing
from server.domain.chain import Head
from server.services import audit

LABELS = ("dissatisfied", "satisfied", None, "basically_satisfied")
"""What the citizens of the hall below press; None: nothing."""


@pytest.fixture
def rated(hall):
    """A hall of four services, one unrated, and a stray press."""
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    evaluator.do("/ratings", label="satisfied", raw_key="01")
    for label in LABELS:
        kiosk.take()
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        if label:
            assert evaluator.do("/ratings", label=label, raw_key="02")[1]["accepted"]
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    hall.server.note_heads()
    return hall


def edit(hall, *statements):
    """As somebody with the database's own tools does it."""
    with writing(hall.store.engine) as conn:
        for statement in statements:
            conn.execute(text(statement))


def verify(hall, *more):
    return run(hall, "verify", *more)


def run(hall, command, *more):
    url = hall.store.engine.url.difference_update_query(["options"]).render_as_string(hide_password=False)
    return CliRunner().invoke(
        cli, ["audit", command, "--data", str(hall.data_dir), "--database-url", url, *more]
    )  # fmt: skip


def test_ratings_as_they_were_given_are_verified(rated):
    result = verify(rated)
    assert result.exit_code == 0, result.output
    assert "全部相符" in result.output and rated.rows("SELECT max(n) FROM audit_entry") == [(9,)]


def test_a_hall_without_a_rating_is_verified(hall):
    assert verify(hall).exit_code == 0


FORGERIES = {
    "a bad rating made a good one": "UPDATE rating SET level = 5, label = 'very_satisfied' WHERE id = 1",
    "a rating moved in time": "UPDATE rating SET at = at - 86400000000 WHERE id = 1",
    "a rating laid upon a colleague": "UPDATE invitation SET staff_id = NULL WHERE id = 1",
    "a rating moved to another window": "UPDATE invitation SET window_id = 2 WHERE id = 1",
    "a reason written into it": "UPDATE rating SET text = '服务很好' WHERE id = 1",
    "a stray press made away with": "DELETE FROM stray_press",
    "a bad rating made away with": "DELETE FROM rating WHERE id = 1",
    "a bad rating made away with in all tables": (
        "DELETE FROM rating WHERE id = 1; UPDATE invitation SET state = 'unrated' WHERE id = 1;"
        "UPDATE ticket SET rating_state = 'unrated' WHERE rating_state = 'rated' AND n = 1"
    ),
    "silence made a good rating": (
        "INSERT INTO rating"
        " (invitation_id, level, label, raw_key, source, device_id, tags, text, reason_declined, at)"
        " SELECT i.id, 4, 'satisfied', '01', 'evaluator', r.device_id, '[]', '', r.reason_declined, r.at"
        " FROM invitation i, rating r WHERE i.state = 'unrated' AND r.id = 1;"
        "UPDATE invitation SET state = 'rated'; UPDATE ticket SET rating_state = 'rated'"
    ),
    "better figures published": """UPDATE hall SET published = '{"asked"\\:9,"rated"\\:9,"good"\\:9}'""",
    "no figures published": "UPDATE hall SET published = '{}'",
    "an entry with its rating": "DELETE FROM rating WHERE id = 1; DELETE FROM audit_entry WHERE n = 3",
    "the end of the chain with its rating": (
        "DELETE FROM rating WHERE id = 3; DELETE FROM audit_entry WHERE n >= 8; UPDATE hall SET published = '{}';"
        "UPDATE invitation SET state = 'unrated' WHERE id = 4; UPDATE ticket SET rating_state = 'unrated' WHERE n = 4"
    ),
    "the whole chain with all ratings": (
        "DELETE FROM rating; DELETE FROM stray_press; DELETE FROM audit_entry; UPDATE hall SET published = '{}';"
        "UPDATE invitation SET state = 'unrated'; UPDATE ticket SET rating_state = 'unrated'"
    ),
    "an entry changed with its rating": (
        "UPDATE rating SET level = 4 WHERE id = 1;"
        """UPDATE audit_entry SET body = replace(body, '"level"\\:2', '"level"\\:4') WHERE n = 3"""
    ),
    "an unrated service made away with": (
        "DELETE FROM invitation WHERE state = 'unrated'; UPDATE ticket SET rating_state = 'not_invited' WHERE n = 3"
    ),
    "an unrated service laid upon a colleague": "UPDATE invitation SET staff_id = NULL WHERE state = 'unrated'",
    "a service said to be another number's": "UPDATE ticket SET number = 'A009' WHERE n = 3",
    "nonsense in the chain": "UPDATE audit_entry SET body = 'x' WHERE n = 3",
    "a service said to be unrated": "UPDATE ticket SET rating_state = 'unrated' WHERE n = 1",
    "an invitation said to be rated": "UPDATE invitation SET state = 'rated' WHERE state = 'unrated'",
}


CASES_GONE = ("DELETE FROM rectification_event", "DELETE FROM rectification")
"""The database itself keeps a bad rating that has a case: who makes away with one makes away with that first."""


def test_direct_edits_are_found(rated):
    unseen = [name for name, forgery in FORGERIES.items() if not findings(rated, forgery)]
    assert unseen == []
    assert verify(rated).exit_code == 0  # each was undone


def findings(hall, forgery):
    """What is found of statements that are never committed."""
    key = audit_key(hall.data_dir / "audit.key")
    heads = [head for _, head in noted(hall.data_dir / "audit-heads.log")]
    with suppress(NothingCameOfItError), writing(hall.store.engine) as conn:
        for statement in (*CASES_GONE, *forgery.split(";")):
            conn.execute(text(statement))
        found = list(audit.verify(conn, key, 1, heads))
        raise NothingCameOfItError
    return found


class NothingCameOfItError(Exception):
    """Undoes what was written."""


@pytest.mark.parametrize("name", ["a bad rating made a good one", "nonsense in the chain"])
def test_the_command_says_what_does_not_hold(rated, name):
    edit(rated, *FORGERIES[name].split(";"))
    result = verify(rated)
    assert result.exit_code == 1 and "全部相符" not in result.output
    assert "第 3 条" in result.output and "audit entry 3" in result.output


def test_who_copies_a_seal_or_makes_one_with_another_key_is_found(rated, tmp_path):
    with writing(rated.store.engine) as conn:
        tx = type("Forger", (), {"conn": conn, "key": b"guess" * 8, "now": rated.clock.now, "add": add})()
        audit.record(tx, 1, "rating.made", {"of": "rating", "id": 99})
    assert verify(rated).exit_code == 1


def add(self, model, **values):
    self.conn.execute(model.__table__.insert().values(**values))


def test_a_copy_of_the_heads_tells_what_was_cut_off_here_and_in_the_file(rated, tmp_path):
    kept = tmp_path / "kept-elsewhere.log"
    heads = rated.data_dir / "audit-heads.log"
    kept.write_bytes(heads.read_bytes())
    edit(rated, *FORGERIES["the end of the chain with its rating"].split(";"))
    heads.unlink()
    assert verify(rated).exit_code == 0  # who owns the machine can do that
    result = verify(rated, "--heads", str(kept))
    assert result.exit_code == 1 and "第 9 条" in result.output


def test_what_is_noted_is_noted_once_and_survives_a_torn_line(rated):
    heads = rated.data_dir / "audit-heads.log"
    before = heads.read_text()
    rated.server.note_heads()
    assert heads.read_text() == before and before.count("\n") == 1
    heads.write_text(before + before[:30])
    assert verify(rated).exit_code == 0
    rated.device("evaluator", "ev02", "02").do("/ratings", label="satisfied")
    rated.server.note_heads()
    assert noted(heads)[-1] == (1, Head(*rated.rows("SELECT n, seal FROM audit_entry ORDER BY n DESC LIMIT 1")[0]))


def test_the_head_is_printed_for_keeping(rated):
    result = run(rated, "head")
    assert result.exit_code == 0
    ((n, seal),) = rated.rows("SELECT n, seal FROM audit_entry ORDER BY n DESC LIMIT 1")
    assert result.output.split() == ["HQ", str(n), seal]


def test_the_key_lies_outside_the_database_and_is_its_owners_alone(rated):
    key = rated.data_dir / "audit.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    rated.restart()
    assert verify(rated).exit_code == 0  # the same key again
    key.write_text("not a key\n")
    assert verify(rated).exit_code == 3
    key.unlink()
    assert verify(rated).exit_code == 3 and not key.exists()


def test_a_start_with_another_key_is_said_and_the_hall_opens(rated):
    for key, said in ((None, []), ("ab" * 32, [OTHER_KEY])):
        if key:
            (rated.data_dir / "audit.key").write_text(key)
        with structlog.testing.capture_logs() as logs:
            rated.restart()
        assert [line["event"] for line in logs if line["log_level"] == "error"] == said
    assert rated.device("kiosk").take()["number"] == "A005"


def test_entries_say_all_that_a_quarrel_needs(rated):
    (body,) = rated.rows("SELECT body FROM audit_entry WHERE n = 3")[0]
    facts = json.loads(body)
    assert (facts["level"], facts["raw_key"], facts["source"]) == (2, "02", "evaluator")
    assert facts["ticket_id"] and facts["window_id"] and facts["staff_id"] and facts["at"]


def test_a_box_that_presses_by_itself_is_named(hall):
    """What is pressed during an open invitation is a press like any other; verify says where to look, and no more."""
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    for _ in range(3):
        kiosk.take()
        for action in ("call-next", "begin", "finish"):
            clerk.do(f"/windows/01/{action}")
        assert evaluator.do("/ratings", label="satisfied", raw_key="ff680303680111011316")[1]["accepted"]
        hall.clock.forward(minutes=5)
    result = verify(hall)
    assert result.exit_code == 0 and "全部相符" in result.output
    assert "请查看 2026-03-02" in result.output and "01 窗口：办结后一秒内的评价 3 次" in result.output

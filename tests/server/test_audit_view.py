"""The audit records as supervisors see them: what was set, backed up and purged; of ratings nothing, not even how
many."""

import json

import pytest
from sqlalchemy import event, text

from server import background
from server.config import Config
from server.db import writing
from server.keeper import Keeper
from server.services import audit
from server.services.audit_view import PAGE, SHOWN
from server.web.api import ROUTES, SUPERVISORS
from tests.server.test_audit import rated  # noqa: F401 - a fixture
from tests.server.test_operations import put


def kinds(said):
    return [line["kind"] for line in said["lines"]]


def test_what_was_set_is_shown_with_who_and_when(hall):
    boss, supervisor = hall.person("boss", "admin"), hall.person("su", "supervisor")
    put(boss, backup_on=False, backup_folder="", note_days=30)
    status, said = supervisor.get("/audit")
    (line,) = said["lines"]
    assert status == 200 and line["by"] == "admin:boss" and line["facts"] == {"note_days": "30"}
    assert line["at"].startswith("2026-03-02T09:00") and line["zh"] == "运维设置"
    assert said["verdict"] is None and not said["more"]


def test_kind_day_actor_and_pages_narrow_what_is_shown(hall):
    boss = hall.person("boss", "admin")

    def many(tx):
        for n in range(PAGE + 5):
            audit.record(tx, 1, "operations.changed", {"by": f"admin:{'ann' if n % 2 else '鲍勃'}", "n": n})

    hall.store.write(many)
    hall.clock.forward(days=1)
    hall.store.write(lambda tx: audit.record(tx, 1, "backup.made", {"by": "system:system", "file": "x"}))
    boss = hall.sign_in("boss")
    first = boss.get("/audit")[1]
    assert len(first["lines"]) == PAGE and first["more"] and kinds(first)[0] == "backup.made"
    second = boss.get("/audit?page=1")[1]
    assert len(second["lines"]) == 6 and not second["more"]
    assert kinds(boss.get("/audit?kind=backup.made")[1]) == ["backup.made"]
    assert len(boss.get("/audit?day=2026-03-03")[1]["lines"]) == 1
    assert len(boss.get("/audit?day=2026-03-02&page=1")[1]["lines"]) == 5
    assert len(boss.get("/audit?actor=admin:鲍勃")[1]["lines"]) == 28
    assert boss.get("/audit?actor=%25")[1]["lines"] == [] and boss.get('/audit?actor="')[1]["lines"] == []


@pytest.mark.parametrize(
    "asked", ["kind=rating.made", "kind=x", "day=x", "day=1999-01-01", "page=-1", "page=x", "page=99999"]
)
def test_what_cannot_be_asked_is_refused_at_its_field(hall, asked):
    status, said = hall.person("boss", "admin").get(f"/audit?{asked}")
    assert (status, said["field"]) == (422, asked.partition("=")[0])


def test_nothing_of_ratings_is_shown_and_none_can_be_counted(rated):  # noqa: F811
    """Whatever happened at the windows this week, the records are the same to the letter."""
    boss = rated.person("boss", "admin")
    put(boss, backup_on=False, backup_folder="", note_days=30)
    before = boss.get("/audit")
    assert {"operations.changed"} <= {*kinds(before[1])} <= {"operations.changed", "figures.published", "settings"}
    kiosk, clerk = rated.device("kiosk", "k2"), rated.sign_in("clerk-01")
    evaluator = rated.device("evaluator", "ev2", "01")
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    assert evaluator.do("/ratings", label="dissatisfied", raw_key="03")[1]["accepted"]
    assert boss.get("/audit") == before
    words = json.dumps(before[1], ensure_ascii=False)
    assert not any(kind.startswith(("rating", "service", "press", "comment", "reply", "re_")) for kind in SHOWN)
    assert "seal" not in {*before[1]["lines"][0]} and '"n"' not in words


def test_a_kind_that_nobody_listed_is_not_shown(hall):
    boss = hall.person("boss", "admin")
    hall.store.write(lambda tx: audit.record(tx, 1, "something.new", {"by": "admin:boss"}))
    assert boss.get("/audit")[1]["lines"] == []


def test_the_count_is_of_whole_weeks(rated):  # noqa: F811
    boss = rated.person("boss", "admin")
    assert boss.get("/audit")[1]["sealed"] == 0
    rated.clock.forward(days=7)
    background.tick(rated.store)
    assert boss.get("/session")[0] == 401
    assert rated.sign_in("boss").get("/audit")[1]["sealed"] == 9


def test_an_entry_that_somebody_changed_is_still_shown_and_the_verdict_says_so(hall):
    supervisor = hall.person("su", "supervisor")
    put(hall.person("boss", "admin"), backup_on=False, backup_folder="", note_days=30)
    with writing(hall.store.engine) as conn:
        conn.execute(text("UPDATE audit_entry SET body = 'nonsense'"))
    assert supervisor.get("/audit")[1]["lines"][0]["facts"] == {}
    assert supervisor.do("/audit/verify")[0] == 201
    assert supervisor.get("/audit")[1]["verdict"]["state"] == "waiting"
    hall.server.note_heads()
    Keeper(hall.store, Config(hall.data_dir)).turn()
    said = supervisor.get("/audit")[1]["verdict"]
    assert said["state"] == "failed" and "audit verify" in said["zh"] and said["en"]


def test_only_supervisors_and_admins_may(hall):
    assert {route.who for route in ROUTES if route.path.startswith("/audit")} == {SUPERVISORS}
    for role in ("clerk", "guide"):
        assert hall.person(role, role).get("/audit")[0] == 403


def test_a_past_of_many_ratings_is_not_read(hall):
    boss, seen = hall.person("boss", "admin"), []
    event.listen(hall.store.engine, "before_cursor_execute", lambda *a: seen.append((a[2], a[3])))
    boss.get("/audit")
    (asked,) = [one for one in seen if "audit_entry.body" in one[0]]
    with hall.store.read() as conn:
        plan = conn.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[0], asked[1]).all()
    assert "ix_audit_of_settings" in str(plan)

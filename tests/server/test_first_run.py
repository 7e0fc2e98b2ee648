"""The first-run guide on the server's side: what is missing, what a template makes, and a test ticket that is in no
figure and in no line."""

from pathlib import Path

import pytest

from server import background
from server.doctor.rules import RULES, broken
from tests.server.conftest import Hall

PRINTER = {"name": "printer", "kind": "printer", "state": "online"}
WEEK = [{"weekday": day, "opens": 510, "closes": 1050} for day in range(1, 6)]


class EmptyHall(Hall):
    """A new database."""

    demo = False


@pytest.fixture
def new(tmp_path: Path):
    hall = EmptyHall(tmp_path)
    yield hall
    hall.server.close()


@pytest.fixture
def boss(new):
    return new.person("boss", "admin")


def states(told):
    return {one["step"]: one["state"] for one in told["steps"]}


def found(boss, name="small"):
    offered = boss.get("/admin/start")[1]["templates"]
    template = next(one for one in offered if one["name"] == name)
    return boss.do("/admin/start/windows", method="PUT", queues=template["queues"], windows=template["windows"])


def printing_kiosk(hall):
    kiosk = hall.device("kiosk", "k1")
    assert kiosk.do("/devices/health", devices=[PRINTER])[0] == 200
    return kiosk


def test_step_by_step_to_a_hall_and_back_to_any_step_after_a_restart(new, boss):
    told = boss.get("/admin/start")[1]
    assert set(states(told).values()) == {"open"} and not told["done"] and told["hall"] == ""
    hours = {"sessions": WEEK, "cutoff_minutes": 15}
    assert boss.do("/admin/start/hall", method="PUT", name="青禾大厅", **hours)[0] == 200
    status, told = found(boss, "large")
    assert status == 200 and told["windows"] == 40
    assert boss.do("/admin/start/items", codes=["SB-01", "SB-12"])[0] == 200
    assert boss.do("/admin/start/skip", step="kiosk")[0] == 200
    new.restart()
    boss = new.sign_in("boss")
    told = boss.get("/admin/start")[1]
    assert states(told) == {
        "hall": "done", "windows": "done", "items": "done", "people": "open", "kiosk": "skipped", "test": "open",
    }  # fmt: skip
    assert told["items"] == ["SB-01", "SB-12"] and told["hall"] == "青禾大厅"
    assert boss.do("/admin/users", username="zhang", role="clerk", password="long enough 1")[0] == 201
    assert states(boss.get("/admin/start")[1])["people"] == "done"
    assert boss.do("/admin/start/finish")[1]["done"]
    assert [one["how"] for one in boss.get("/admin/settings/history")[1]["changes"]] == ["first_run"] * 3


def test_a_wrong_answer_is_refused_at_its_field_and_nothing_is_half_saved(new, boss):
    wrong = boss.do("/admin/start/hall", method="PUT", name="厅", sessions=[*WEEK, WEEK[0]], cutoff_minutes=15)[1]
    assert (wrong["field"], wrong["code"]) == ("hours.sessions[5]", "setting_wrong") and "重叠" in wrong["detail"]
    assert (
        boss.do("/admin/start/hall", method="PUT", name=" ", sessions=[], cutoff_minutes=0)[1]["field"] == "hall.name"
    )
    queues = [{"code": "A", "name": "甲"}, {"code": "A", "name": "乙"}]
    rows = [{"first": 1, "last": 3, "queues": ["A"]}]
    twice = boss.do("/admin/start/windows", method="PUT", queues=queues, windows=rows)[1]
    assert twice["field"] == "queues[1].code" and "用了两次" in twice["detail"]
    overlap = boss.do("/admin/start/windows", method="PUT", queues=queues[:1], windows=rows * 2)[1]
    assert (overlap["field"], overlap["code"]) == ("windows[1].first", "bad_field")
    told = boss.get("/admin/start")[1]
    assert told["queues"] == [] and told["windows"] == 0 and told["hall"] == "" and told["sessions"] == []


def test_a_hall_that_has_taken_numbers_is_not_founded_anew(new, boss):
    assert found(boss)[0] == 200 and found(boss, "medium")[1]["windows"] == 12
    new.device("kiosk").take("A")
    assert found(boss)[1]["code"] == "founded_late"


def test_a_demo_hall_needs_no_guide(hall):
    assert hall.person("boss", "admin").get("/admin/start")[1]["done"]


# ── the test ticket ──


def test_a_test_ticket_is_printed_and_nobody_waits_with_it(new, boss):
    assert boss.do("/admin/start/test", device="k1")[1]["code"] == "queues_first"
    found(boss)
    assert boss.do("/admin/start/test", device="k1")[1]["code"] == "device_not_found"
    kiosk, clerk = printing_kiosk(new), new.clerk_at("01")
    status, asked = boss.do("/admin/start/test", device="k1")
    assert (status, asked["number"]) == (201, "TEST001")
    assert boss.get("/admin/start")[1]["test"]["state"] == "asked"
    (wish,) = kiosk.get("/tickets/reprints")[1]["wishes"]
    paper = kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]["ticket"]
    assert (paper["number"], paper["queue_name"]) == ("TEST001", "测试票，不用排队")
    line = clerk.get("/windows/01/queue")[1]
    assert line["waiting"] == line["held"] == [] and clerk.do("/windows/01/call-next")[1]["ticket"] is None
    assert kiosk.do(f"/tickets/{paper['id']}/print-result", result="printed", wish=wish["id"])[0] == 200
    assert new.rows("SELECT number, state, print_state FROM ticket") == [("TEST001", "cancelled", "printed")]
    assert states(boss.get("/admin/start")[1])["test"] == "done"
    background.tick(new.store)
    assert new.app.test_client().get(f"/t/{paper['id']}").status_code in (200, 410)
    assert new.device("kiosk", "k2").take("A")["number"] == "A001"
    board = boss.get("/board")[1]
    assert [queue["waiting"] for queue in board["queues"]] == [1, 0, 0] and board["calls"] == []


def test_a_test_ticket_that_no_kiosk_takes_ends_too_and_may_be_asked_again(new, boss):
    found(boss)
    kiosk = printing_kiosk(new)
    boss.do("/admin/start/test", device="k1")
    new.clock.forward(seconds=61)
    background.tick(new.store)
    assert new.rows("SELECT state FROM ticket") == [("cancelled",)]
    assert boss.get("/admin/start")[1]["test"]["state"] == "failed"
    kiosk.do("/devices/health", devices=[PRINTER])
    assert boss.do("/admin/start/test", device="k1")[1]["number"] == "TEST002"
    kiosk.do("/devices/health", devices=[{**PRINTER, "state": "fault", "faults": ["paper_out"]}])
    assert boss.do("/admin/start/test", device="k1")[1]["code"] == "printer_away"


def test_a_test_ticket_breaks_no_rule_of_the_doctor(new, boss):
    found(boss)
    printing_kiosk(new)
    assert boss.do("/admin/start/test", device="k1")[0] == 201
    for state in ("called", "cancelled"):
        assert new.rows("SELECT state FROM ticket") == [(state,)]
        with new.store.read() as conn:
            assert [rule.zh for rule in RULES if broken(conn, rule)[0]] == []
        new.clock.forward(seconds=61)
        background.tick(new.store)

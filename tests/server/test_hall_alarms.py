"""Alarms through the front door: found by the watch, seen by supervisors alone, acknowledged by name, kept."""

import pytest

from server import background
from server.services.alarm_watch import Watch


def look(hall, times=1, seconds=5):
    for _ in range(times):
        hall.clock.forward(seconds=seconds)
        hall.server.watch.look()


def settle(hall):
    """Long enough for anything that is so to be an alarm, and for anything that is gone to be over."""
    look(hall, 15, 10)


def standing(person):
    status, seen = person.get("/monitor")
    assert status == 200, seen
    return seen["alarms"]


def kinds(person):
    return [(alarm["kind"], alarm["subject"]) for alarm in standing(person)]


def only(person, kind):
    found = [alarm for alarm in standing(person) if alarm["kind"] == kind]
    assert len(found) == 1, standing(person)
    return found[0]


def rules(hall, boss, escalate_minutes=10, **limits):
    """Everything off but these."""
    all_kinds = [rule["kind"] for rule in boss.get("/admin")[1]["alarms"]["rules"]]
    said = [
        {"kind": kind, "on": kind in limits, **({"limit": limits[kind]} if limits.get(kind) else {})}
        for kind in all_kinds
    ]
    status, answer = boss.do("/admin/alarms", method="PUT", escalate_minutes=escalate_minutes, rules=said)
    assert status == 200, answer


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


def test_an_alarm_is_raised_acknowledged_and_ends(hall, boss):
    rules(hall, boss, longest_wait=5)
    clerk, kiosk = hall.clerk_at("01"), hall.device("kiosk")
    kiosk.take()
    settle(hall)
    assert standing(boss) == []
    hall.clock.forward(minutes=5)
    settle(hall)
    alarm = only(boss, "longest_wait")
    assert alarm["subject"] == "A" and "A001" in alarm["zh"] and "A001" in alarm["en"]
    assert (alarm["acknowledged_at"], alarm["escalated_at"], alarm["ended_at"]) == (None, None, None)
    status, answer = boss.do(f"/alarms/{alarm['id']}/acknowledge", note="已加开窗口")
    assert status == 200 and (answer["by"], answer["note"]) == ("boss", "已加开窗口")
    assert only(boss, "longest_wait")["by"] == "boss"
    other = hall.person("su", "supervisor")
    status, refused = other.do(f"/alarms/{alarm['id']}/acknowledge")
    assert (status, refused["code"]) == (409, "alarm_acknowledged") and "boss" in refused["detail"]
    assert clerk.do("/windows/01/call-next")[0] == 200
    settle(hall)
    assert standing(boss) == []
    (past,) = boss.get("/alarms")[1]["alarms"]
    assert past["id"] == alarm["id"] and past["ended_at"] > past["acknowledged_at"]
    assert hall.rows("SELECT count(*) FROM alarm") == [(1,)]


def test_it_survives_a_restart_and_is_not_raised_again(hall, boss):
    rules(hall, boss, longest_wait=5)
    hall.device("kiosk").take()
    hall.clock.forward(minutes=6)
    look(hall)  # found, and no alarm yet
    hall.restart()
    settle(hall)
    hall.restart()
    settle(hall)
    assert kinds(hall.sign_in("boss")) == [("longest_wait", "A")]
    assert hall.rows("SELECT count(*) FROM alarm") == [(1,)]


def test_two_servers_that_watch_one_hall_raise_it_once(hall, boss):
    rules(hall, boss, longest_wait=5)
    hall.device("kiosk").take()
    hall.clock.forward(minutes=6)
    second = Watch(hall.store, hall.data_dir)
    for _ in range(20):
        hall.clock.forward(seconds=5)
        hall.server.watch.look()
        second.look()
    assert hall.rows("SELECT count(*), count(raised_at) FROM alarm") == [(1, 1)]


def test_who_nobody_acknowledges_is_escalated(hall, boss):
    rules(hall, boss, escalate_minutes=3, longest_wait=5)
    hall.device("kiosk").take()
    hall.clock.forward(minutes=5)
    settle(hall)
    assert only(boss, "longest_wait")["escalated_at"] is None
    look(hall, 5, 60)
    alarm = only(boss, "longest_wait")
    assert alarm["escalated_at"] > alarm["raised_at"]
    assert [a["id"] for a in boss.get("/alarms?state=escalated")[1]["alarms"]] == [alarm["id"]]


def test_a_queue_that_nobody_serves(hall, boss):
    rules(hall, boss, queue_unserved=2)
    hall.device("kiosk").take("C")
    look(hall, 12, 5)
    assert standing(boss) == []
    look(hall, 20, 5)
    assert only(boss, "queue_unserved")["subject"] == "C"
    no = next(w["no"] for w in boss.get("/admin")[1]["windows"] if "C" in w["queues"])
    hall.clerk_at(no)
    settle(hall)
    assert standing(boss) == []


def test_a_window_that_pauses_or_calls_nobody_while_people_wait(hall, boss):
    rules(hall, boss, window_paused=10, window_idle=4)
    clerk = hall.clerk_at("01")
    queue = next(w["queues"][0] for w in boss.get("/admin")[1]["windows"] if w["no"] == "01")
    hall.clock.forward(minutes=30)
    hall.device("kiosk").take(queue)
    settle(hall)
    assert standing(boss) == [], "nobody waited while it was free for half an hour"
    look(hall, 24, 10)
    assert kinds(boss) == [("window_idle", "01")]
    assert clerk.do("/windows/01/pause", reason="会议")[0] == 200
    settle(hall)
    assert standing(boss) == []
    hall.clock.forward(minutes=10)
    settle(hall)
    assert "会议" in only(boss, "window_paused")["zh"]


def test_calls_out_of_order_more_than_so_many_in_an_hour(hall, boss):
    rules(hall, boss, out_of_order=2)
    clerk, kiosk = hall.clerk_at("01"), hall.device("kiosk")
    codes = [kiosk.take()["id"] for _ in range(5)]
    for n, code in enumerate(reversed(codes[1:])):
        assert clerk.do(f"/windows/01/call/{code}", reason="x")[0] == 200
        if n == 0:
            assert clerk.do("/windows/01/undo")[0] == 200  # taken back, and so none
        else:
            clerk.do("/windows/01/begin")
            clerk.do("/windows/01/finish")
            settle(hall)
            # A002 is the second of the line, and its call is out of order as well
            assert len(standing(boss)) == (n == 3)
    hall.clock.forward(minutes=61)
    settle(hall)
    assert standing(boss) == []


def report(machine, *devices):
    said = [{"name": name, "kind": kind, "state": state, "faults": faults} for name, kind, state, faults in devices]
    assert machine.do("/devices/health", devices=said)[0] == 200


def test_printers_paper_devices_and_silent_machines(hall, boss):
    rules(hall, boss, printer_stopped=1, paper_low=None, device_fault=2, machine_silent=3)
    kiosk = hall.device("kiosk", "k1")
    broken = [("p", "printer", "online", ["paper_out"]), ("bar", "evaluator", "absent", [])]
    for _ in range(20):
        report(kiosk, *broken)
        look(hall, 1, 10)
    assert kinds(boss) == [("printer_stopped", "k1"), ("device_fault", "k1 · bar")]
    assert only(boss, "printer_stopped")["faults"] == ["paper_out"]
    for _ in range(20):
        report(kiosk, ("p", "printer", "online", ["paper_low"]), ("bar", "evaluator", "online", []))
        look(hall, 1, 10)
    assert kinds(boss) == [("paper_low", "k1")]
    report(kiosk, ("p", "printer", "online", []))
    look(hall, 40, 10)
    assert kinds(boss) == [("machine_silent", "k1")]
    assert boss.get("/monitor")[1]["silent"] == ["k1"]
    boss.do("/admin/devices/k1/revoke")
    settle(hall)
    assert standing(boss) == []


def test_machines_that_are_off_while_the_hall_is_closed_are_no_alarm(hall, boss):
    rules(hall, boss, machine_silent=3)
    report(hall.device("kiosk", "k1"), ("p", "printer", "online", []))
    week = [{"weekday": day, "opens": 9 * 60, "closes": 10 * 60} for day in range(1, 6)]
    assert boss.do("/admin/hours", method="PUT", cutoff_minutes=0, sessions=week)[0] == 200
    hall.clock.forward(hours=3)
    boss = hall.sign_in("boss")
    settle(hall)
    assert standing(boss) == []


def test_unusual_ratings_are_told_by_the_hour_without_saying_where(hall, boss):
    rules(hall, boss, rating_pattern=None)
    clerk, evaluator, kiosk = hall.clerk_at("01"), hall.device("evaluator", "ev", "01"), hall.device("kiosk")
    for _ in range(4):
        kiosk.take()
        for action in ("call-next", "begin", "finish"):
            clerk.do(f"/windows/01/{action}")
        assert evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    settle(hall)
    assert standing(boss) == [], "within the hour nobody is told"
    hall.clock.forward(hours=1)
    settle(hall)
    alarm = only(boss, "rating_pattern")
    assert "01" not in alarm["zh"] + alarm["en"] and alarm["subject"] == "2026-03-02"
    hall.clock.forward(hours=24)
    boss = hall.sign_in("boss")
    settle(hall)
    assert standing(boss) == []


def test_a_rectification_that_is_overdue_but_not_to_who_served(hall, boss):
    rules(hall, boss, rectification_overdue=None)
    server = hall.person("su", "supervisor")
    hall.person("other", "supervisor")
    assert server.do("/windows/01/sign-in")[0] == 200
    hall.device("kiosk").take()
    for action in ("call-next", "begin", "finish"):
        assert server.do(f"/windows/01/{action}")[0] == 200
    assert hall.device("evaluator", "ev", "01").do("/ratings", label="dissatisfied")[1]["accepted"]
    background.tick(hall.store)
    hall.clock.forward(days=7)
    settle(hall)
    server, other = hall.sign_in("su"), hall.sign_in("other")
    alarm = only(other, "rectification_overdue")
    assert alarm["subject"] == "20260302-A001"
    assert standing(server) == [] and server.get("/alarms?from=2026-03-01&to=2026-03-31")[1]["alarms"] == []
    assert server.do(f"/alarms/{alarm['id']}/acknowledge")[1]["code"] == "alarm_not_found"
    assert other.do(f"/alarms/{alarm['id']}/acknowledge")[0] == 200


def test_nothing_of_an_alarm_is_told_to_the_windows(hall, boss):
    rules(hall, boss, longest_wait=5)
    hall.device("kiosk").take()
    before = hall.rows("SELECT count(*) FROM news")
    hall.clock.forward(minutes=6)
    settle(hall)
    boss.do(f"/alarms/{only(boss, 'longest_wait')['id']}/acknowledge")
    assert hall.rows("SELECT count(*) FROM news") == before


def test_a_disk_that_is_almost_full_and_one_that_nobody_knows(hall, boss, tmp_path, monkeypatch):
    rules(hall, boss, disk_low=50)
    usage = type("Usage", (), {"total": 1000, "free": 70})
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)  # a disk cannot be filled in a test
    settle(hall)
    assert "7%" in only(boss, "disk_low")["zh"]
    monkeypatch.undo()
    hall.server.watch._folder = tmp_path / "away"
    settle(hall)
    assert standing(boss) == []


def test_uploads_that_wait_for_hours(hall, boss):
    rules(hall, boss, uploads_stuck=2)
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET upload_code = 'QH01'"))
    clerk, evaluator = hall.clerk_at("01"), hall.device("evaluator", "ev", "01")
    hall.device("kiosk").take()
    for action in ("call-next", "begin", "finish"):
        clerk.do(f"/windows/01/{action}")
    assert evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    hall.clock.forward(hours=1, minutes=50)
    settle(hall)
    assert standing(boss) == []
    hall.clock.forward(hours=2)
    settle(hall)
    assert only(boss, "uploads_stuck")["subject"] == ""


@pytest.mark.parametrize(
    ("path", "field"),
    [("kind=nonsense", "kind"), ("state=x", "state"), ("from=yesterday", "day"), ("to=9999-01-01", "day"),
     ("from=2026-03-05&to=2026-03-02", "to"), ("from=2020-01-01&to=2026-01-01", "from")],
)  # fmt: skip
def test_a_history_that_cannot_be_is_refused_at_its_field(hall, boss, path, field):
    status, refused = boss.get(f"/alarms?{path}")
    assert (status, refused["code"], refused["field"]) == (422, "bad_field", field)


def test_the_history_by_kind_state_and_day(hall, boss):
    rules(hall, boss, longest_wait=5, queue_unserved=1)
    hall.device("kiosk").take("C")
    hall.clock.forward(minutes=6)
    settle(hall)
    one = only(boss, "longest_wait")
    boss.do(f"/alarms/{one['id']}/acknowledge")
    said = {path: [a["kind"] for a in boss.get(f"/alarms?{path}")[1]["alarms"]] for path in (
        "", "kind=longest_wait", "state=unacknowledged", "state=standing", "from=2026-03-01&to=2026-03-01",
    )}  # fmt: skip
    assert sorted(said[""]) == sorted(said["state=standing"]) == ["longest_wait", "queue_unserved"]
    assert said["kind=longest_wait"] == ["longest_wait"] and said["state=unacknowledged"] == ["queue_unserved"]
    assert said["from=2026-03-01&to=2026-03-01"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({"escalate_minutes": 0}, "escalate_minutes"), ({"escalate_minutes": 241}, "escalate_minutes"),
     ({"rules": [{"kind": "longest_wait", "on": True, "limit": 4}]}, "rules[0].limit"),
     ({"rules": [{"kind": "disk_low", "on": True, "limit": 51}]}, "rules[0].limit"),
     ({"rules": [{"kind": "disk_low", "on": True}, {"kind": "paper_low", "on": True, "limit": 3}]}, "rules[1].limit"),
     ({"rules": [{"kind": "nonsense", "on": True}]}, "rules[0].kind"),
     ({"rules": [{"kind": "disk_low", "on": True, "limit": "ten"}]}, "rules[0].limit")],
)  # fmt: skip
def test_a_wrong_limit_is_refused_at_its_field_and_nothing_is_saved(hall, boss, body, field):
    before = boss.get("/admin")[1]["alarms"]
    status, refused = boss.do("/admin/alarms", method="PUT", **{"escalate_minutes": 5, "rules": [], **body})
    assert (status, refused["code"], refused["field"]) == (422, "bad_field", field)
    assert "不正确" in refused["detail"] and boss.get("/admin")[1]["alarms"] == before


def test_limits_are_kept_and_those_left_out_stay(hall, boss):
    rule = {"kind": "longest_wait", "on": True, "limit": 12}
    assert boss.do("/admin/alarms", method="PUT", escalate_minutes=5, rules=[rule])[0] == 200
    off = {"kind": "disk_low", "on": False}
    assert boss.do("/admin/alarms", method="PUT", escalate_minutes=6, rules=[off])[0] == 200
    hall.restart()
    kept = hall.sign_in("boss").get("/admin")[1]["alarms"]
    by_kind = {rule["kind"]: rule for rule in kept["rules"]}
    assert kept["escalate_minutes"] == 6 and by_kind["longest_wait"]["limit"] == 12
    assert not by_kind["disk_low"]["on"] and by_kind["disk_low"]["limit"] == 10 and by_kind["window_idle"]["on"]


@pytest.mark.parametrize("note", ["x" * 201, "two\nlines"])
def test_a_note_that_is_no_line_is_refused(hall, boss, note):
    rules(hall, boss, longest_wait=5)
    hall.device("kiosk").take()
    hall.clock.forward(minutes=6)
    settle(hall)
    alarm = only(boss, "longest_wait")
    status, refused = boss.do(f"/alarms/{alarm['id']}/acknowledge", note=note)
    assert (status, refused["field"]) == (422, "note")
    assert only(boss, "longest_wait")["acknowledged_at"] is None


@pytest.mark.parametrize("alarm", ["999", "0", "x", "1" * 40])
def test_an_alarm_that_is_not_there(hall, boss, alarm):
    assert boss.do(f"/alarms/{alarm}/acknowledge")[1]["code"] == "alarm_not_found"


def test_one_acknowledgement_sent_twice_is_one(hall, boss):
    rules(hall, boss, longest_wait=5)
    hall.device("kiosk").take()
    hall.clock.forward(minutes=6)
    settle(hall)
    path = f"/alarms/{only(boss, 'longest_wait')['id']}/acknowledge"
    assert boss.do(path, request_id="request-0001") == boss.do(path, request_id="request-0001")


def test_a_window_that_should_be_staffed_and_is_not(hall, boss):
    """As the duty page has it, and over once somebody sits there."""
    rules(hall, boss, window_empty=0)
    sessions = [{"weekday": 1, "opens": 510, "closes": 1050}]
    boss.do("/admin/hours", method="PUT", sessions=sessions, cutoff_minutes=0)
    boss.do("/admin/cover/settings", method="PUT", empty_minutes=10, late_minutes=5)
    clerk = hall.person("lina")
    post = {"kind": "window", "window": "09", "name": "养老", "weekdays": [1], "primary": "lina"}
    status, answer = boss.do("/admin/cover/posts", **post)
    assert status == 201, answer
    settle(hall)
    assert kinds(boss) == [("window_empty", "09")] and "应有人在岗" in only(boss, "window_empty")["zh"]
    assert clerk.do("/windows/09/sign-in")[0] == 200
    settle(hall)
    assert standing(boss) == []

"""Admin and page behaviour that needs no browser."""

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.services import accounts

HALL = {"name": "大厅", "open": True}


def test_a_wrong_setting_is_refused_in_both_languages(hall: Any) -> None:
    status, body = hall.person("boss", "admin").do("/admin/hall", method="PUT", **HALL, recall_limit=21)
    assert (status, body["code"], body["field"]) == (422, "bad_field", "recall_limit")
    assert "重呼上限" in body["detail"] and "0 到 20 次" in body["detail"]
    assert "recall_limit" in body["detail_en"] and "0 to 20" in body["detail_en"]


def test_a_window_keeps_the_weights_of_queues_that_stay(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    assert boss.do("/admin/windows/07", method="PUT", name="养老", queues=["B", "C"])[0] == 200
    weights = "SELECT q.code, l.weight FROM window_queue l JOIN queue q ON q.id = l.queue_id JOIN window w"
    rows = hall.rows(f"{weights} ON w.id = l.window_id WHERE w.no = '07' ORDER BY q.code")
    assert [tuple(row) for row in rows] == [("B", 2), ("C", 1)]


def test_an_empty_place_is_made_by_the_same_form(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    form = {"name": "婚姻登记", "open": True, "name_en": "Marriage", "location": "三楼"}
    assert boss.do("/admin/queues/MM", method="PUT", **form, new=True)[0] == 200
    status, body = boss.do("/admin/windows/B1", method="PUT", name="登记", queues=["MM"], zone="东区", floor=-1)
    assert status == 200 and body["queues"][-1] == {**form, "code": "MM"}
    window = next(w for w in body["windows"] if w["no"] == "B1")
    assert (window["zone"], window["floor"], window["queues"]) == ("东区", -1, ["MM"])
    ticket = hall.device("kiosk").take("MM")
    assert (ticket["number"], ticket["location"]) == ("MM001", "三楼")
    clerk = hall.clerk_at("B1")
    assert clerk.do("/windows/B1/call-next")[1]["ticket"]["number"] == "MM001"


def test_a_short_form_keeps_what_it_does_not_name(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    before = next(q for q in boss.get("/admin")[1]["queues"] if q["code"] == "A")
    after = boss.do("/admin/queues/A", method="PUT", name="改名", open=False)[1]["queues"][0]
    assert after == {**before, "name": "改名", "open": False} and after["name_en"]
    window = boss.get("/admin")[1]["windows"][0]
    changed = boss.do("/admin/windows/01", method="PUT", name="改名", queues=["A"])[1]["windows"][0]
    assert (changed["zone"], changed["floor"]) == (window["zone"], window["floor"]) and window["zone"]


@pytest.mark.parametrize(
    ("path", "field", "zh"),
    [
        *((f"/admin/queues/{code}", "code", "A–Z") for code in ("a", "ABC", "A1", "号")),
        *((f"/admin/windows/{no}", "no", "1 到 4") for no in ("12345", "1-2", "一")),
    ],
)
def test_a_new_place_has_a_short_plain_name(hall: Any, path: str, field: str, zh: str) -> None:
    form = {"open": True} if "queues" in path else {"queues": []}
    status, body = hall.person("boss", "admin").do(path, method="PUT", name="新", **form)
    assert (status, body["code"], body["field"]) == (422, "bad_field", field) and zh in body["detail"]


def test_adding_never_overwrites(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    for path, form in (("queues/A", {"open": False}), ("windows/01", {"queues": []})):
        status, body = boss.do(f"/admin/{path}", method="PUT", name="新", new=True, **form)
        assert (status, body["code"]) == (409, "code_taken") and "已经有了" in body["detail"]


def test_a_place_made_by_mistake_is_removed(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    boss.do("/admin/queues/ZZ", method="PUT", name="错", open=True)
    boss.do("/admin/windows/99", method="PUT", name="错", queues=["ZZ", "A"])
    body = boss.do("/admin/queues/ZZ/remove")[1]
    assert "ZZ" not in [q["code"] for q in body["queues"]]
    assert next(w for w in body["windows"] if w["no"] == "99")["queues"] == ["A"]
    body = boss.do("/admin/windows/99/remove")[1]
    assert "99" not in [w["no"] for w in body["windows"]]
    assert boss.do("/admin/queues/ZZ/remove")[1]["code"] == "queue_not_found"
    assert boss.do("/admin/windows/99/remove")[1]["code"] == "window_not_found"


def test_a_queue_with_tickets_or_items_stays(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    status, body = boss.do("/admin/queues/A/remove")
    assert (status, body["code"]) == (409, "queue_in_use") and "改为关闭" in body["detail"]
    assert "Close it instead" in body["detail_en"]
    boss.do("/admin/queues/ZZ", method="PUT", name="新", open=True)
    ticket = boss.take("ZZ")
    assert boss.do(f"/tickets/{ticket['id']}/cancel")[0] == 200
    assert boss.do("/admin/queues/ZZ/remove")[1]["code"] == "queue_in_use"


def test_a_window_someone_used_stays(hall: Any) -> None:
    boss = hall.person("boss", "admin")
    hall.clerk_at("01").do("/windows/01/sign-out")
    hall.token("evaluator", "ev", "02")
    hall.clerk_at("03")
    for no in ("01", "02", "03"):
        status, body = boss.do(f"/admin/windows/{no}/remove")
        assert (status, body["code"]) == (409, "window_in_use") and "改为停用" in body["detail"]
    assert boss.do("/admin/windows/04/remove")[0] == 200


def test_a_clerk_sees_how_the_evaluator_is(hall: Any) -> None:
    clerk = hall.clerk_at("01")
    assert clerk.get("/windows/01")[1]["evaluator"] == ""
    evaluator = hall.device("evaluator", "ev", "01")
    for state in ("absent", "fault", "online"):
        report = [{"name": "评价器 01", "kind": "evaluator", "state": state}]
        assert evaluator.do("/devices/health", devices=report)[0] == 200
        assert clerk.get("/windows/01")[1]["evaluator"] == state
    hall.person("boss", "admin").do("/admin/devices/ev/revoke")
    assert clerk.get("/windows/01")[1]["evaluator"] == ""


def test_clerks_see_who_sits_where(hall: Any) -> None:
    clerk = hall.clerk_at("07")
    seats = {seat["no"]: seat for seat in clerk.get("/windows")[1]["windows"]}
    assert seats["07"]["staff_name"] == "clerk-07" and seats["07"]["state"] == "open"
    assert seats["07"]["queues"] == ["A", "B"] and seats["01"]["staff_name"] == ""


def test_a_takeover_does_not_inherit_the_pause(hall: Any) -> None:
    assert hall.clerk_at("01").do("/windows/01/pause", reason="用餐")[0] == 200
    status, view = hall.person("other").do("/windows/01/sign-in", take_over=True)
    assert status == 200 and (view["state"], view["pause_reason"]) == ("open", "")


def test_a_password_is_hashed_outside_of_the_writer(hall: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    hash_password = accounts.hash_password

    def spy(password: str) -> str:
        threads.append(threading.current_thread().name)
        return hash_password(password)

    boss = hall.person("boss", "admin")
    monkeypatch.setattr(accounts, "hash_password", spy)
    assert boss.do("/admin/users", username="new", role="clerk", password="long enough 1")[0] == 201
    assert threads and "writer" not in threads


def test_a_csrf_header_of_any_bytes_is_refused_politely(hall: Any) -> None:
    clerk = hall.person("clerk")
    clerk.headers["X-CSRF-Token"] = "é"
    assert clerk.do("/windows/01/sign-in")[1]["code"] == "bad_csrf"


def test_before_there_is_an_admin_every_page_of_staff_leads_to_where_one_is_made(hall: Any) -> None:
    somebody = hall.app.test_client()
    for path in ("/admin", "/console", "/start"):
        sent = somebody.get(path)
        assert (sent.status_code, sent.headers["Location"]) == (302, "/setup")
    assert somebody.get("/").status_code == somebody.get("/setup").status_code == 200
    hall.person("boss", "admin")  # not by the code that this server printed, which it keeps
    assert somebody.get("/admin").status_code == 200


@pytest.mark.parametrize("path", ["/", "/setup", "/console", "/admin"])
def test_pages_hold_nothing_inline(hall: Any, path: str) -> None:
    hall.person("boss", "admin")
    answer = hall.app.test_client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert '<html lang="zh-CN">' in answer.text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?://", answer.text)


@pytest.mark.parametrize(
    "devices",
    [
        [{"name": "p", "kind": "printer", "state": "revoked"}],
        [{"name": "p", "kind": "printer", "state": 'x"} 1\nforged{a="b'}],
        [{"name": f"p{n}", "kind": "printer", "state": "online"} for n in range(65)],
    ],
)
def test_a_report_that_cannot_be_kept_whole_is_refused(hall: Any, devices: Any) -> None:
    status, problem = hall.device("kiosk").do("/devices/health", devices=devices)
    assert (status, problem["code"]) == (422, "bad_field") and problem["field"].startswith("devices")
    assert hall.rows("SELECT count(*) FROM device_health") == [(0,)]


def test_every_write_asks_for_a_proper_request_id(hall: Any) -> None:
    admin = hall.person("boss", "admin")
    for path, form in (("devices", {"name": "k", "kind": "kiosk"}), ("users", {"username": "u", "role": "clerk"})):
        body = {**form, "request_id": "short"} | ({"password": "long enough one"} if path == "users" else {})
        assert admin.do(f"/admin/{path}", **body)[1]["field"] == "request_id"


COUNTED = {"bytes_in": 1234, "bytes_out": 20, "frames": 34, "resyncs": 1, "reconnects": 2}


def test_what_devices_count_is_on_the_page_and_in_the_metrics(hall: Any) -> None:
    evaluator = hall.device("evaluator", 'ev "1"', "01")
    pad = {"name": "pad", "kind": "evaluator", "state": "online", **COUNTED, "silent_s": 12}
    assert evaluator.do("/devices/health", devices=[pad, {**pad, "name": "new", "silent_s": None}])[0] == 200
    devices = hall.person("boss", "admin").get("/admin")[1]["devices"]
    new, shown = next(device["health"] for device in devices if device["window"] == "01")
    assert {name: shown[name] for name in COUNTED} == COUNTED and new["seen_at"] is None
    reported, seen = (datetime.fromisoformat(shown[name]) for name in ("at", "seen_at"))
    assert reported - seen == timedelta(seconds=12)
    text = hall.app.test_client().get("/metrics").text
    labels = r'{machine="ev \"1\"",device="pad",kind="evaluator",window="01"}'
    assert f"jiaohao_device_up{labels} 1\n" in text
    assert f"jiaohao_device_received_bytes_total{labels} 1234\n" in text
    assert f"jiaohao_device_last_seen_timestamp_seconds{labels} {seen.timestamp():.16g}\n" in text
    assert "# TYPE jiaohao_device_reconnects_total counter" in text
    assert text.count("jiaohao_device_last_seen_timestamp_seconds{") == 1


@pytest.mark.parametrize("wrong", [{"frames": -1}, {"bytes_in": 2**63}, {"silent_s": 10**12}, {"silent_s": -5}])
def test_counts_that_no_device_can_have_are_refused(hall: Any, wrong: dict[str, int]) -> None:
    pad = {"name": "pad", "kind": "evaluator", "state": "online", **wrong}
    status, body = hall.device("evaluator", "ev", "01").do("/devices/health", devices=[pad])
    assert (status, body["field"]) == (422, f"devices[0].{next(iter(wrong))}")

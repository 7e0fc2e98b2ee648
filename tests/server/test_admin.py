"""Admin and page behaviour that needs no browser."""

import re
import threading
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


@pytest.mark.parametrize("path", ["/", "/setup", "/console", "/admin"])
def test_pages_hold_nothing_inline(hall: Any, path: str) -> None:
    answer = hall.app.test_client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert '<html lang="zh-CN">' in answer.text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?://", answer.text)

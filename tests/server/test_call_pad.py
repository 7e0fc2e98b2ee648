"""The keys of a window's call pad: for its clerk, at its window, once, and on the record as such."""

from uuid import uuid4

import pytest


@pytest.fixture
def pad(hall):
    return hall.device("call_pad", "pad-01", "01")


def key(pad, command, window="01", **body):
    return pad.do(f"/windows/{window}/{command}", **body)


def record(hall, kind):
    return [row[0] for row in hall.rows(f"SELECT actor FROM news WHERE kind = '{kind}' ORDER BY seq")]


def test_a_pad_serves_a_citizen_for_the_clerk_who_sits_there(hall, pad):
    hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    assert key(pad, "call-next")[1]["ticket"]["number"] == "A001"
    hall.clock.forward(seconds=6)
    assert key(pad, "recall")[1]["ticket"]["recalls"] == 1
    assert key(pad, "begin")[1]["ticket"]["state"] == "serving"
    assert clerk.get("/windows/01")[1] == pad.get("/windows/01")[1]
    assert key(pad, "finish")[1]["ticket"] is None
    for kind in ("ticket.called", "ticket.recalled", "ticket.serving", "ticket.finished"):
        assert record(hall, kind) == ["clerk:clerk-01 via call pad pad-01"]
    staff = hall.rows("SELECT username FROM account JOIN invitation ON invitation.staff_id = account.id")
    assert staff == [("clerk-01",)]


def test_pause_resume_and_transfer(hall, pad):
    hall.device("kiosk").take()
    hall.clerk_at("01")
    assert key(pad, "pause", reason="暂停服务")[1]["state"] == "paused"
    assert key(pad, "resume")[1]["state"] == "open"
    key(pad, "call-next")
    assert key(pad, "transfer", queue="C")[1]["ticket"] is None


@pytest.mark.parametrize("command", ["call-next", "recall", "begin", "finish", "resume"])
def test_with_nobody_signed_in_nothing_happens(hall, pad, command):
    hall.device("kiosk").take()
    before = hall.rows("SELECT max(seq) FROM news")
    status, problem = key(pad, command)
    assert (status, problem["code"]) == (409, "nobody_signed_in") and "无人登录" in problem["detail"]
    assert hall.rows("SELECT max(seq) FROM news") == before


def test_a_pad_works_at_its_own_window_only(hall, pad):
    hall.clerk_at("01"), hall.clerk_at("02")
    assert key(pad, "call-next", "02")[1]["code"] == "not_this_pads_window"
    assert pad.get("/windows/02")[1]["code"] == "not_this_pads_window"
    assert key(pad, "call-next", "99")[1]["code"] == "window_not_found"


def test_a_repeated_key_calls_once_though_the_clerk_has_left(hall, pad):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take(), kiosk.take()
    request_id = uuid4().hex
    first = key(pad, "call-next", request_id=request_id)
    assert key(pad, "call-next", request_id=request_id) == first
    for command in ("no-show", "sign-out"):
        clerk.do(f"/windows/01/{command}")
    assert key(pad, "call-next", request_id=request_id) == first
    assert hall.rows("SELECT count(*) FROM call") == [(1,)]


def test_a_pad_belongs_to_a_window(hall):
    admin = hall.person("boss", "admin")
    assert admin.do("/admin/devices", name="p", kind="call_pad")[1]["field"] == "window"
    assert admin.do("/admin/devices", name="p", kind="call_pad", window="01")[0] == 201

"""The QR on the paper leads to a page that says my turn, without JavaScript and without signing in."""

import re
import threading
from html import unescape
from io import StringIO

import pytest
import structlog
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from server import background
from server.cli import LOG
from server.models import TicketRow
from server.services import follow
from server.web.phone import WRONG_LINKS

OURS = {"Origin": "http://localhost"}
UNKNOWN = "0" * 16


@pytest.fixture
def phone(hall):
    return hall.app.test_client()


def text_of(phone, code, **query):
    return phone.get(f"/t/{code}", query_string=query).text


def cancel(phone, code, headers=OURS):
    return phone.post(f"/t/{code}/cancel", headers=headers)


def states(hall):
    return [state for (state,) in hall.rows("SELECT state FROM ticket ORDER BY id")]


def test_my_turn_from_waiting_to_done(hall, phone):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    code = kiosk.take()["id"]
    text = text_of(phone, code)
    assert "A002" in text and "前面还有 <b>1</b> 人" in text and "请等候叫号" in text and "1楼 01–06 窗 等候" in text
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show")
    assert "前面没有人了" in text_of(phone, code)
    clerk.do("/windows/01/call-next")
    text = text_of(phone, code)
    assert "请到 01 号窗口" in text and "1 楼" in text and "现在就去" in text and "clerk" not in text
    clerk.do("/windows/01/begin")
    assert "正在 01 号窗口办理" in text_of(phone, code)
    clerk.do("/windows/01/finish")
    text = text_of(phone, code)
    assert "已办结" in text and "refresh" not in text.split("</head>")[0]


def test_who_waits_for_a_window_that_is_not_open_is_told_so(hall, phone):
    code = hall.device("kiosk").take()["id"]
    text = text_of(phone, code)
    assert "窗口还没有开放" in text and "请做好准备" not in text and "估计" not in text
    hall.clerk_at("01").do("/windows/01/open")
    assert "窗口还没有开放" not in text_of(phone, code) and "请做好准备" in text_of(phone, code)


def test_the_other_language_is_one_touch_away_and_stays(hall, phone):
    code = hall.device("kiosk").take()["id"]
    (there,) = re.findall(r'class="language" href="([^"]+)"', text_of(phone, code))
    text = phone.get(unescape(there)).text
    assert '<html lang="en">' in text and "Please wait to be called" in text and "Personal" in text
    assert "lang=en" in re.search(r'id="renew" href="([^"]+)"', text)[1]
    assert 'lang="zh-CN">中文' in text


def test_the_page_renews_itself_as_long_as_something_may_still_happen_and_says_so_only_then(hall, phone):
    def renews(code, **query):
        text = text_of(phone, code, **query)
        assert ("秒自动更新" in text) == ("http-equiv" in text) == ("phone.mjs" in text)
        return "http-equiv" in text

    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    missed, done = kiosk.take()["id"], kiosk.take()["id"]
    assert renews(missed) and not renews(missed, still=1)  # who needs time to read can stop it
    assert "开启自动更新" in text_of(phone, missed, still=1)
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show")
    assert renews(missed)  # the guide desk may put it back into the line
    assert "请到导办台" in text_of(phone, missed)
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/begin"), clerk.do("/windows/01/finish")
    assert not renews(done)


def test_far_from_the_front_it_asks_less_often(hall, phone):
    kiosk = hall.device("kiosk")
    codes = [kiosk.take()["id"] for _ in range(22)]
    assert 'content="15"' in text_of(phone, codes[0]) and 'content="30"' in text_of(phone, codes[-1])


def test_a_void_number_is_told_so(hall, phone):
    hall.person("boss", "admin").do("/admin/hall", method="PUT", no_show_policy="void")
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    code = kiosk.take()["id"]
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET no_show_policy = 'void'"))
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show")
    text = text_of(phone, code)
    assert "已作废" in text and "导办台" not in text and "http-equiv" not in text


def test_cancelling_asks_first_and_twice_is_once(hall, phone):
    code = hall.device("kiosk").take()["id"]
    (way,) = re.findall(r'id="cancel" href="([^"]+)"', text_of(phone, code))
    asked = phone.get(unescape(way)).text
    assert "确实要取消" in asked and "http-equiv" not in asked and states(hall) == ["waiting"]
    for _ in range(2):
        answer = cancel(phone, code)
        assert answer.status_code == 303 and answer.location.startswith(f"/t/{code}?")
    text = phone.get(answer.location).text
    assert "此号已取消" in text and 'id="cancel"' not in text and states(hall) == ["cancelled"]
    told = hall.rows("SELECT actor, why FROM news WHERE kind = 'ticket.cancelled'")
    assert [tuple(one) for one in told] == [("citizen:phone", "phone")]
    story = hall.person("guide", "guide").get(f"/tickets/{code}/story")[1]
    assert "弃号，本人在手机上取消" in str(story) and "群众" in str(story)


def test_many_presses_at_once_cancel_once(hall):
    code = hall.device("kiosk").take()["id"]
    answers = []
    presses = [
        threading.Thread(target=lambda: answers.append(cancel(hall.app.test_client(), code).status_code))
        for _ in range(8)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    assert answers == [303] * 8
    assert len(hall.rows("SELECT * FROM news WHERE kind = 'ticket.cancelled'")) == 1


@pytest.mark.parametrize("steps", [["call-next"], ["call-next", "begin"], ["call-next", "hold"]])
def test_who_was_called_cannot_cancel_and_is_told_what_to_do(hall, phone, steps):
    code, clerk = hall.device("kiosk").take()["id"], hall.clerk_at("01")
    for step in steps:
        assert clerk.do(f"/windows/01/{step}")[0] == 200
    before = states(hall)
    assert "确实要取消" not in phone.get(f"/t/{code}/cancel").text
    answer = cancel(phone, code)
    assert answer.status_code == 409 and "请告诉窗口或导办台" in answer.text and "A001" in answer.text
    assert states(hall) == before


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_a_foreign_page_cancels_nothing(hall, phone, headers):
    code = hall.device("kiosk").take()["id"]
    answer = cancel(phone, code, headers)
    assert answer.status_code == 403 and "请刷新后再操作" in answer.text and states(hall) == ["waiting"]


def test_an_unknown_code_gets_a_page_in_words(phone):
    answer = phone.get(f"/t/{UNKNOWN}")
    assert answer.status_code == 404 and "没有找到这张号票" in answer.text and "导办台" in answer.text
    assert "No such number" in phone.get(f"/t/{UNKNOWN}?lang=en").text
    assert cancel(phone, UNKNOWN).status_code == 404


def test_the_link_expires_a_day_after_its_service_day_and_then_tells_nothing(hall, phone):
    code = hall.device("kiosk").take()["id"]
    over = follow.LINK_KEPT.total_seconds() / 3600 + 15  # the clock stands at nine in the morning
    hall.clock.forward(hours=over - 0.01)
    assert "A001" in text_of(phone, code)
    hall.clock.forward(hours=0.02)
    for answer in (phone.get(f"/t/{code}"), phone.get(f"/t/{code}/qr.svg"), cancel(phone, code)):
        assert answer.status_code == 410 and "已经过期" in answer.text
        assert "A001" not in answer.text and "个人综合" not in answer.text
    assert "has expired" in phone.get(f"/t/{code}?lang=en").text


def test_who_tries_wrong_links_is_told_nothing_for_a_minute(hall, phone):
    code = hall.device("kiosk").take()["id"]
    tried = [phone.get(f"/t/{n:016x}").status_code for n in range(WRONG_LINKS[0] + 1)]
    assert tried == [404] * WRONG_LINKS[0] + [429]
    answer = phone.get(f"/t/{code}")
    assert answer.status_code == 429 and "请等 1 分钟" in answer.text and "A001" not in answer.text
    assert cancel(phone, code).status_code == 429 and states(hall) == ["waiting"]
    assert phone.get(f"/t/{code}", environ_base={"REMOTE_ADDR": "192.168.1.9"}).status_code == 200
    hall.clock.forward(seconds=61)
    assert phone.get(f"/t/{code}").status_code == 200


def test_following_ones_turn_is_never_too_often(hall, phone):
    code = hall.device("kiosk").take()["id"]
    assert {phone.get(f"/t/{code}").status_code for _ in range(WRONG_LINKS[0] * 3)} == {200}


def test_nothing_is_kept_and_no_stranger_learns_the_link(hall, phone):
    code = hall.device("kiosk").take()["id"]
    for path in (f"/t/{code}", f"/t/{code}/cancel", f"/t/{code}/qr.svg", f"/t/{UNKNOWN}"):
        answer = phone.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "script-src" not in policy
        assert "Set-Cookie" not in answer.headers
        assert not re.search(r"<script>|<style|style=|\son\w+=|https?://", re.sub(r"<svg.*", "", answer.text))


def test_a_missed_call_of_yesterday_leads_to_no_desk(hall, phone):
    """Nobody can put it back then: neither who missed it, nor whom the day's end left called."""
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    codes = [kiosk.take()["id"] for _ in range(2)]
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show"), clerk.do("/windows/01/call-next")
    assert "可以重新排队" in text_of(phone, codes[0])
    hall.clock.forward(hours=17)
    background.tick(hall.store)
    for code in codes:
        text = text_of(phone, code)
        assert (
            "过号已作废，请重新取号" in text
            and "可以重新排队" not in text
            and "refresh" not in text.split("</head>")[0]
        )


def test_who_is_sent_to_a_window_waits_for_that_window(hall, phone):
    kiosk, sender, other = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("10")
    code = kiosk.take()["id"]
    sender.do("/windows/01/call-next"), sender.do("/windows/01/transfer", window="10")
    sender.do("/windows/01/sign-out")  # nobody calls its queue any more
    assert "窗口还没有开放" not in text_of(phone, code)
    sender.do("/windows/01/sign-in"), other.do("/windows/10/sign-out")
    assert "窗口还没有开放" in text_of(phone, code) and "请做好准备" not in text_of(phone, code)


def test_a_time_that_is_over_promises_nothing(hall, phone):
    code = hall.device("kiosk").take()["id"]
    hall.clerk_at("01")
    booked = update(TicketRow).values(lane="appointment", due_at=hall.clock.now)
    hall.store.write(lambda tx: tx.conn.execute(booked).rowcount)
    assert "到时优先叫号" in text_of(phone, code) and "无法估计" not in text_of(phone, code)
    hall.clock.forward(minutes=16)
    assert "到时优先叫号" not in text_of(phone, code) and "已过，按现在的顺序叫号" in text_of(phone, code)


def test_an_address_that_asks_to_cancel_never_turns_into_the_question_by_itself(hall, phone):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    code = kiosk.take()["id"]
    clerk.do("/windows/01/call-next")
    sent_on = phone.get(f"/t/{code}/cancel")
    assert sent_on.status_code == 303 and sent_on.location.split("?")[0] == f"/t/{code}"


@pytest.mark.parametrize("origin", ["http://[", "http://\u2100", "null", ""])
def test_an_origin_that_is_none_cancels_nothing(hall, phone, origin):
    code = hall.device("kiosk").take()["id"]
    assert cancel(phone, code, {"Origin": origin.encode().decode("latin-1")}).status_code == 403
    assert states(hall) == ["waiting"]


def test_no_log_holds_a_link(hall, phone, monkeypatch):
    code = hall.device("kiosk").take()["id"]

    def broken(conn, code, now):
        raise OperationalError("SELECT …", {"code": code}, Exception("database is locked"), hide_parameters=True)

    monkeypatch.setattr("server.web.phone.follow", broken)
    said = StringIO()
    before = structlog.get_config()
    structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(said))
    try:
        answer = phone.get(f"/t/{code}")
        assert answer.status_code == 503 and "暂时连接不上" in answer.text and "号码仍然有效" in answer.text
        monkeypatch.setattr("server.web.phone.follow", lambda *_: 1 / 0)
        assert phone.get(f"/t/{code}").status_code == 500
    finally:
        structlog.configure(**before)
    assert "read failed" in said.getvalue() and "ZeroDivisionError" in said.getvalue() and code not in said.getvalue()


def test_the_database_tells_no_parameters(hall):
    with hall.store.read() as conn, pytest.raises(OperationalError) as error:
        conn.exec_driver_sql("SELECT * FROM nowhere WHERE code = ?", ("0123456789abcdef",))
    assert "0123456789abcdef" not in str(error.value)


@pytest.mark.parametrize("path", ["/t/{}/cancel", "/book"])
def test_a_form_too_large_gets_a_page_in_words(hall, phone, path):
    code = hall.device("kiosk").take()["id"]
    answer = phone.post(f"{path.format(code)}?lang=en", headers=OURS, data={"lang": "zh" * 40_000})
    assert answer.status_code == 413 and '<html lang="en">' in answer.text and "too large" in answer.text
    assert states(hall) == ["waiting"]


HOSTILE = ("<script>alert(1)</script>", "号" * 200, "‮反向文字", "a" * 200, "😀" * 30, "{{ 7 * 7 }}{0}{ahead}%s")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_break_the_page(hall, phone, name):
    code = hall.device("kiosk").take()["id"]
    hall.store.write(
        lambda tx: tx.conn.exec_driver_sql("UPDATE queue SET name = ?, location = ?, name_en = ?", (name,) * 3)
    )
    for language in ("zh", "en"):
        text = text_of(phone, code, lang=language)
        assert name in unescape(text) and "<script>alert" not in text

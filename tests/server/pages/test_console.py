"""A clerk's day at the console, by keyboard, in real Chromium against the real server."""

import dataclasses
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from server.contract.admin import HallSettings

Sit = Callable[..., Page]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>粗</b>"


def number(page: Page) -> Any:
    return page.locator("#number")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def call_and_begin(page: Page, ticket: str) -> None:
    press(page, "F2")
    expect(number(page)).to_have_text(ticket)
    press(page, "b")
    expect(page.locator(".hand.serving")).to_be_visible()


def free(page: Page) -> None:
    expect(page.locator(".hand.open")).to_be_visible()


def test_own_words_for_a_pause(live: Any, at_window: Sit) -> None:
    page = at_window("12")
    press(page, "p")
    page.get_by_role("textbox").focus()
    page.keyboard.type("接待来访 30 分钟")
    press(page, "Enter")
    expect(page.locator(".hand.paused")).to_contain_text("接待来访 30 分钟")


def test_a_ticket_is_picked_from_the_list(live: Any, at_window: Sit) -> None:
    first, second = live.take("G"), live.take("G")
    page = at_window("15")
    expect(page.locator("aside li")).to_have_count(2)
    press(page, "l", "ArrowDown", "Enter")
    expect(page.get_by_role("dialog")).to_contain_text(second)
    press(page, "Enter")
    expect(number(page)).to_have_text(second)
    expect(page.locator(".reason")).to_contain_text("特呼")
    expect(page.locator("aside li")).to_have_count(1)
    expect(page.locator("aside li")).to_contain_text(first)


def test_the_no_show_dialog_says_what_becomes_of_this_number(live: Any, at_window: Sit) -> None:
    known = {field.name for field in dataclasses.fields(HallSettings)}
    hall = {name: value for name, value in live.get("/admin")["hall"].items() if name in known}
    live.do("/admin/hall", method="PUT", **hall | {"no_show_policy": "requeue", "no_show_after": 2})
    try:
        ticket = live.take("C")
        page = at_window("11")
        expect(page.locator("aside")).to_contain_text(ticket)
        press(page, "F2")
        expect(page.locator(".hand.called")).to_be_visible()
        press(page, "m")
        expect(page.get_by_role("dialog")).to_contain_text("自动回到队列，排到 2 位之后")
        press(page, "Escape")
    finally:
        live.do("/admin/hall", method="PUT", **hall)
    press(page, "m")
    expect(page.get_by_role("dialog")).to_contain_text("导办台可恢复排队，排到 3 位之后")


def test_news_arrive_without_a_reload(live: Any, at_window: Sit) -> None:
    page = at_window("20")
    ticket = live.take("Z")
    expect(page.locator("aside")).to_contain_text(ticket)
    expect(page.locator(".link.live")).to_be_visible()


def test_presses_while_a_call_is_under_way_are_ignored(live: Any, at_window: Sit) -> None:
    ticket, _ = live.take("N"), live.take("N")
    page = at_window("32")
    expect(page.locator("aside li")).to_have_count(2)
    held: list[Route] = []
    page.route("**/call-next", lambda route: held.append(route))
    press(page, "F2", "F2", "F2")
    page.locator("[data-action=next]").click(force=True)
    expect(page.locator(".said")).to_contain_text("请稍候")
    assert len(held) == 1
    held[0].continue_()
    expect(number(page)).to_have_text(ticket)


def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(live: Any, at_window: Sit) -> None:
    first, second = live.take("D"), live.take("D")
    page = at_window("21")
    expect(page.locator("aside li")).to_have_count(2)
    bodies: list[str | None] = []

    def lose_the_first(route: Route) -> None:
        bodies.append(route.request.post_data)
        answer = route.fetch()
        if len(bodies) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/call-next", lose_the_first)
    with page.expect_response("**/call-next"):  # the news may show the call before it is asked for again
        press(page, "F2")
    expect(number(page)).to_have_text(first)
    expect(page.locator("aside li")).to_have_count(1)
    expect(page.locator("aside li")).to_contain_text(second)
    assert len(bodies) == 2 and bodies[0] == bodies[1]
    press(page, "u")


def test_two_tabs_call_one_ticket(live: Any, at_window: Sit, tab: Callable[..., Page]) -> None:
    for _ in range(3):
        live.take("E")
    one = at_window("27")
    two = tab(one.url, beside=one)
    expect(two.locator("aside li")).to_have_count(3)
    for page in (one, two):
        page.evaluate("dispatchEvent(new KeyboardEvent('keydown', {code: 'Space', key: ' ', bubbles: true}))")
    ticket = number(one)
    expect(ticket).to_be_visible()
    expect(number(two)).to_have_text(ticket.inner_text())
    waiting = next(q["waiting"] for q in live.get("/board")["queues"] if q["code"] == "E")
    assert waiting == 2


def test_a_window_taken_over_is_lost_to_the_first_clerk(live: Any, at_window: Sit) -> None:
    ticket = live.take("C")
    first = at_window("13", name="甲")
    press(first, "Space")
    expect(number(first)).to_have_text(ticket)
    second = at_window("14", name="乙")
    press(second, "q", "Enter")
    expect(second.locator(".seat").first).to_be_focused()
    second.keyboard.type("13")
    press(second, "Enter")
    expect(second.get_by_role("dialog")).to_contain_text("甲")
    press(second, "Escape")
    expect(second.get_by_role("dialog")).to_have_count(0)
    assert live.get("/windows")["windows"][12]["staff_name"] == "甲"
    press(second, "Enter", "Enter")
    expect(second.locator(".hand.called")).to_contain_text(ticket)
    expect(first.get_by_role("alert")).to_contain_text("13 号窗口已被 乙 接管")
    sent: list[str] = []
    first.on("request", lambda request: sent.append(request.method) if "/api/v1/" in request.url else None)
    press(first, "Space", "F2", "r", "m", "p", "q")
    expect(first.get_by_role("alert")).to_contain_text("按键已停用")
    assert "POST" not in sent
    press(first, "Enter")
    expect(first.locator(".seat").first).to_be_focused()


def test_the_choice_of_windows_shows_whole_names(at_window: Sit) -> None:
    at_window("29", name="欧阳建国")
    page = at_window("14", name="乙")
    press(page, "q", "Enter")
    seat = page.locator(".seat[data-no='29']")
    expect(seat.locator("b")).to_have_text("欧阳建国")
    right = "(e) => e.getBoundingClientRect().right"
    assert seat.locator("b").evaluate(right) <= seat.locator(".seat-who > span").evaluate(right)


def test_the_clerk_sees_the_invitation_and_never_whether_somebody_rated(live: Any, at_window: Sit) -> None:
    token = live.do("/admin/devices", name=f"ev-{uuid4().hex[:6]}", kind="evaluator", window="31")["token"]
    live.take("V")
    page = at_window("31")
    press(page, "F2")
    expect(number(page)).to_be_visible()
    press(page, "b")
    expect(page.locator(".hand.serving")).to_be_visible()
    press(page, "f")
    expect(page.get_by_text("等待评价")).to_be_visible()
    answer = requests.post(
        f"{live.url}/api/v1/ratings", json={"request_id": uuid4().hex, "label": "dissatisfied"},
        headers={"Authorization": f"Bearer {token}"}, timeout=20,
    )  # fmt: skip
    assert answer.json()["accepted"]
    expect(page.locator(".chip.rating")).to_have_count(0)
    said = page.locator("body").inner_text()
    assert "不满意" not in said and "已评" not in said and "未评" not in said


def test_devices_that_are_absent_are_a_notice_and_no_more(live: Any, at_window: Sit) -> None:
    ticket = live.take("B")
    evaluator = live.do("/admin/devices", name=f"ev-{uuid4().hex[:6]}", kind="evaluator", window="09")["token"]
    display = live.do("/admin/devices", name=f"wall-{uuid4().hex[:6]}", kind="display")["token"]
    page = at_window("09")
    for token, name, kind in ((evaluator, "pad", "evaluator"), (display, "led-09-0", "ledbar")):
        requests.post(
            f"{live.url}/api/v1/devices/health", headers={"Authorization": f"Bearer {token}"}, timeout=20,
            json={"request_id": uuid4().hex, "devices": [{"name": name, "kind": kind, "state": "absent"}]},
        ).raise_for_status()  # fmt: skip
    expect(page.locator(".devices")).to_contain_text("评价器未连接")
    expect(page.locator(".devices")).to_contain_text("条屏未连接")
    expect(page.get_by_role("dialog")).to_have_count(0)
    call_and_begin(page, ticket)
    press(page, "f")
    free(page)


def test_a_printer_without_paper_is_told_to_every_clerk(live: Any, at_window: Sit) -> None:
    token = live.do("/admin/devices", name="大门取号机", kind="kiosk")["token"]

    def report(state: str, *faults: str) -> None:
        printer = {"name": "printer", "kind": "printer", "state": state, "faults": faults}
        requests.post(
            f"{live.url}/api/v1/devices/health", json={"request_id": uuid4().hex, "devices": [printer]},
            headers={"Authorization": f"Bearer {token}"}, timeout=20,
        ).raise_for_status()  # fmt: skip

    page = at_window("30")
    report("fault", "paper_out")
    expect(page.locator(".chip.alarm")).to_have_text("! 号票打印机 大门取号机 缺纸")
    report("absent")
    expect(page.locator(".chip.alarm")).to_have_text("! 号票打印机 大门取号机 未连接")
    report("online")
    expect(page.locator(".chip.alarm")).to_have_count(0)


def test_wrong_passwords_are_refused_then_locked_out(
    live: Any, tab: Callable[..., Page], signing_in: Callable[..., None]
) -> None:
    page = tab(f"{live.url}/console")
    username = live.clerk()
    signing_in(page, username, "not this one")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    expect(page.get_by_role("alert")).to_contain_text("The user name or password is wrong")
    expect(page.locator("input[name=password]")).to_be_focused()
    for _ in range(5):
        with page.expect_response("**/api/v1/session"):
            press(page, "Enter")
        expect(page.locator("button[aria-disabled=true]")).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("账号已锁定")


def test_a_session_that_ended_leads_to_sign_in_and_back(
    live: Any, at_window: Sit, signing_in: Callable[..., None]
) -> None:
    page = at_window("22")
    username = page.evaluate("fetch('/api/v1/session').then((r) => r.json())")["username"]
    page.context.clear_cookies()
    press(page, "F2")
    expect(page.get_by_text("登录已失效")).to_be_visible()
    signing_in(page, username)
    expect(page.locator(".plate")).to_contain_text("22")


def test_hostile_names_are_shown_as_text(live: Any, at_window: Sit) -> None:
    with closing(sqlite3.connect(live.folder / "jiaohao.db")) as database, database:
        database.execute("UPDATE service_item SET name = ? WHERE code = 'SB-10'", (HOSTILE,))
    ticket = live.do("/tickets", item="SB-10", lane="priority")["number"]
    page = at_window("28", name=HOSTILE[:40])
    expect(page.locator("aside")).to_contain_text(HOSTILE)
    expect(page.locator(".who")).to_contain_text("<img src=x")
    press(page, "F2")
    expect(number(page)).to_have_text(ticket)
    expect(page.locator(".item")).to_have_text(HOSTILE)
    assert page.locator("main img, main b b, header img").count() == 0
    assert "owned" not in page.title()


def test_the_language_can_be_switched(at_window: Sit) -> None:
    page = at_window("23")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Call next")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.get_by_role("button", name="Call next")).to_be_visible()


@pytest.mark.parametrize("size", [(900, 600), (1366, 768), (1920, 1080)])
def test_everything_fits(live: Any, at_window: Sit, size: tuple[int, int]) -> None:
    page = at_window({900: "24", 1366: "25", 1920: "26"}[size[0]])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    script = """() => [
      document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight,
      ...[...document.querySelectorAll(".actions button")].map((b) => b.scrollWidth - b.clientWidth)]"""
    assert max(page.evaluate(script)) <= 0
    small = """[...document.querySelectorAll("body *")].filter((e) => e.children.length === 0 && e.textContent.trim()
      && e.tagName !== "KBD" && parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.outerHTML)"""
    assert page.evaluate(small) == []


def test_twice_the_size_is_one_column_that_scrolls_down_only(live: Any, at_window: Sit) -> None:
    live.take("B")
    page = at_window("10", name="欧阳一二三四五六七八九十")
    press(page, "Space")
    expect(page.locator(".hand.called")).to_be_visible()
    for width, height in ((683, 384), (960, 540)):  # 1366x768 and 1920x1080 at 200 %
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.locator("[data-action=begin]").scroll_into_view_if_needed()
        expect(page.locator("[data-action=begin]")).to_be_in_viewport(ratio=1)
        page.locator(".today").scroll_into_view_if_needed()
        expect(page.locator(".today")).to_be_in_viewport(ratio=1)
    press(page, "m", "Enter")
    free(page)


def test_a_stopped_server_is_told_and_a_restarted_one_found(fresh: Any, at_window: Sit) -> None:
    fresh.set_up()
    page = at_window("01", server=fresh)
    fresh.take("A")
    expect(page.locator("aside li")).to_have_count(1)
    port = fresh.port
    fresh.stop()
    expect(page.locator(".banner")).to_contain_text("连接中断")
    expect(page.locator(".link.offline")).to_be_visible()
    press(page, "F2")
    expect(page.locator(".said")).to_contain_text("恢复后再操作")
    expect(page.locator("aside li")).to_have_count(1)
    fresh.start(port)
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator(".said")).not_to_contain_text("连接中断")
    ticket = fresh.take("A")
    expect(page.locator("aside")).to_contain_text(ticket)
    press(page, "F2")
    expect(number(page)).to_be_visible()


def test_a_frozen_server_is_told_and_a_call_made_meanwhile_happens_once(fresh: Any, at_window: Sit) -> None:
    fresh.set_up()
    tickets = [fresh.take("A") for _ in range(3)]
    page = at_window("01", server=fresh)
    expect(page.locator("aside li")).to_have_count(3)
    sent: list[str | None] = []
    page.on("request", lambda r: sent.append(r.post_data) if r.url.endswith("/call-next") else None)
    fresh.freeze()
    try:
        press(page, "Space")
        expect(page.locator(".said")).to_contain_text("正在处理")
        press(page, "Space", "F2")
        expect(page.locator(".said")).to_contain_text("上一步还在处理")
        expect(page.locator(".banner")).to_contain_text("连接中断", timeout=40_000)
        expect(page.locator(".said")).to_contain_text("操作可能没有完成", timeout=40_000)
        before = len(sent)
        press(page, "Space", "F2", "p")
        expect(page.locator(".said")).to_contain_text("恢复后再操作")
        assert len(sent) == before and len(set(sent)) == 1, "one request_id, and nothing after the page gave up"
    finally:
        fresh.thaw()
    expect(page.locator(".banner")).to_have_count(0)
    # The frozen server had the request in its hands all the time: it did it, once, and the page shows so.
    expect(number(page)).to_have_text(tickets[0])
    expect(page.locator("aside li")).to_have_count(2)
    assert next(q["waiting"] for q in fresh.get("/board")["queues"] if q["code"] == "A") == 2

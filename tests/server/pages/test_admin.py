"""The first admin's link and the admin page, in real Chromium."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import requests
from playwright.sync_api import Page, expect

ADMIN = ("boss", "a boss's long password")
Tab = Callable[..., Page]


def open_admin(live: Any, tab: Tab, signing_in: Callable[..., None], part: str) -> Page:
    page = tab(f"{live.url}/admin#{part}")
    signing_in(page, *ADMIN)
    expect(page.locator(".admin form").first).to_be_visible()
    return page


def test_the_setup_link_makes_the_first_admin_once(fresh: Any, tab: Tab) -> None:
    asked: list[str] = []
    page = tab(f"{fresh.url}/")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(fresh.setup_link)
    code = fresh.setup_link.partition("#")[2]
    expect(page.locator("input[name=code]")).to_have_value(code)
    assert "#" not in page.url
    expect(page.locator("input[name=username]")).to_be_focused()
    for words in ("boss", "李主任", "long enough 1", "long enough 2"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("两次输入的密码不一致")
    page.fill("input[name=again]", "long enough 1")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=recall_limit]")).to_be_visible()
    assert page.url.endswith("/admin")
    assert not any(code in url.partition("#")[0] for url in asked)

    again = tab(fresh.setup_link)
    for name, words in (
        ("username", "other"),
        ("name", "x"),
        ("password", "long enough 1"),
        ("again", "long enough 1"),
    ):
        again.fill(f"input[name={name}]", words)
    again.keyboard.press("Enter")
    expect(again.get_by_role("alert")).to_contain_text("初始化已完成")


def test_the_hall_is_changed_and_a_wrong_setting_refused(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    page = open_admin(live, tab, signing_in, "hall")
    page.fill("input[name=recall_limit]", "21")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“重呼上限”不正确：应为 0 到 20 次")
    expect(page.locator("input[name=recall_limit]")).to_be_focused()
    page.fill("input[name=recall_limit]", "4")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".done")).to_have_text("已保存")
    assert live.get("/admin")["hall"]["recall_limit"] == 4


def test_a_queue_is_renamed_and_closed(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(live, tab, signing_in, "queues")
    row = page.locator("form.row").filter(has=page.get_by_text("B", exact=True))
    row.locator("input[name=name]").fill("养老")
    row.get_by_role("checkbox").uncheck()
    row.get_by_role("button", name="保存").click()
    expect(row.locator(".done")).to_have_text("已保存")
    queue = next(q for q in live.get("/board")["queues"] if q["code"] == "B")
    assert (queue["name"], queue["open"]) == ("养老", False)


def test_a_window_gets_other_queues(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(live, tab, signing_in, "windows")
    row = page.locator("form.row").filter(has=page.get_by_text("02", exact=True))
    row.locator("input[value=C]").check()
    row.get_by_role("button", name="保存").click()
    expect(row.locator(".done")).to_have_text("已保存")
    seats = {seat["no"]: seat["queues"] for seat in live.get("/windows")["windows"]}
    assert seats["02"] == ["A", "C"]


def test_an_empty_hall_is_set_up_by_hand(empty: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(empty, tab, signing_in, "queues")
    expect(page.locator(".note")).to_contain_text("还没有队列")
    page.fill(".add input[name=code]", "a1")
    page.fill(".add input[name=name]", "综合业务")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("一或两个大写字母")
    expect(page.locator(".add input[name=code]")).to_be_focused()
    page.fill(".add input[name=code]", "a")
    page.fill(".add input[name=name_en]", "General")
    page.keyboard.press("Enter")
    expect(page.locator("form.queue .code")).to_have_text(["A"])
    page.fill(".add input[name=code]", "A")
    page.fill(".add input[name=name]", "另一个")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("已经有了")

    page.get_by_role("link", name="窗口").click()
    expect(page.locator(".note")).to_contain_text("还没有窗口")
    for no in ("01", "02"):
        page.fill(".add input[name=no]", no)
        page.fill(".add input[name=name]", "综合窗口")
        page.fill(".add input[name=zone]", "东区")
        page.locator(".add input[value=A]").check()
        page.get_by_role("button", name="新增窗口").click()
        expect(page.locator("form.window .code").last).to_have_text(no)
    page.get_by_role("button", name="移除 02").click()
    expect(page.locator("dialog")).to_contain_text("移除这个窗口？")
    page.keyboard.press("Enter")
    expect(page.locator("form.window .code")).to_have_text(["01"])
    board = empty.get("/board")
    assert [(q["code"], q["name"], q["name_en"]) for q in board["queues"]] == [("A", "综合业务", "General")]
    assert [(w["no"], w["zone"], w["floor"]) for w in board["windows"]] == [("01", "东区", 1)]


def test_a_used_queue_says_how_to_retire_it(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(live, tab, signing_in, "queues")
    page.get_by_role("button", name="移除 C").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("请改为关闭")
    expect(page.locator("form.queue .code").filter(has_text="C")).to_be_visible()


def test_a_device_gets_a_token_once_and_loses_it(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(live, tab, signing_in, "devices")
    name = f"评价器 {uuid4().hex[:6]}"
    page.fill("input[name=name]", name)
    page.select_option("select[name=kind]", "evaluator")
    page.select_option("select[name=window]", "03")
    page.locator("section.add button").click()
    token = page.locator("dialog input").input_value()
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{live.url}/api/v1/board", headers=bearer, timeout=20).ok
    page.keyboard.press("Escape")
    assert token not in page.content()
    report = {"request_id": uuid4().hex, "devices": [{"name": "串口", "kind": "evaluator", "state": "absent"}]}
    requests.post(f"{live.url}/api/v1/devices/health", json=report, headers=bearer, timeout=20)
    row = page.locator("tbody tr").filter(has_text=name)
    expect(row).to_contain_text("未连接")
    printer = {"name": "打印机", "kind": "printer", "state": "fault", "faults": ["offline", "paper_out"]}
    report = {"request_id": uuid4().hex, "devices": [printer]}
    requests.post(f"{live.url}/api/v1/devices/health", json=report, headers=bearer, timeout=20)
    expect(row).to_contain_text("故障 脱机、缺纸")
    counted = {"bytes_in": 1234, "frames": 34, "reconnects": 2, "silent_s": 125}
    report = {"request_id": uuid4().hex, "devices": [{**printer, "state": "online", "faults": [], **counted}]}
    requests.post(f"{live.url}/api/v1/devices/health", json=report, headers=bearer, timeout=20)
    expect(row).to_contain_text("上次收到 2 分钟前 · 收 1.2 KB · 帧 34 · 重连 2")
    row.get_by_role("button", name="吊销").click()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("已吊销")
    assert requests.get(f"{live.url}/api/v1/board", headers=bearer, timeout=20).status_code == 401


def test_a_person_is_added_and_switched_off(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = open_admin(live, tab, signing_in, "users")
    username = f"u{uuid4().hex[:8]}"
    page.fill("input[name=username]", username)
    page.fill("input[name=name]", "<i>张三</i>")
    page.keyboard.press("Enter")
    start = page.locator("dialog input.token").input_value()
    page.keyboard.press("Escape")
    row = page.locator("tbody tr").filter(has_text=username)
    expect(row).to_contain_text("<i>张三</i>")
    row.get_by_role("button", name="停用").click()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="启用")).to_be_visible()
    form = {"username": username, "password": start}
    assert requests.post(f"{live.url}/api/v1/session", json=form, timeout=20).status_code == 401


def test_a_clerk_is_no_admin(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = tab(f"{live.url}/admin")
    signing_in(page, live.clerk())
    expect(page.get_by_text("当前账号不是管理员")).to_be_visible()


def test_the_landing_page_leads_to_both(live: Any, tab: Tab) -> None:
    page = tab(live.url)
    page.get_by_role("link", name="系统管理").click()
    expect(page.locator("input[name=username]")).to_be_focused()
    page.go_back()
    page.get_by_role("link", name="窗口叫号台").click()
    expect(page.locator("input[name=username]")).to_be_focused()


def test_signing_out_waits_for_a_server_that_is_away(fresh: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    """Who has signed out must not be let in again by a reload once the server is back."""
    fresh.set_up()
    page = open_admin(fresh, tab, signing_in, "hall")
    port = fresh.port
    fresh.stop()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator(".plain")).to_contain_text("正在退出登录")
    expect(page.get_by_role("alert")).to_be_visible()
    fresh.start(port)
    expect(page.locator("input[name=username]")).to_be_focused()
    page.reload()
    expect(page.locator("input[name=username]")).to_be_focused()

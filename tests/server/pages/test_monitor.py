"""The hall monitor in real Chromium: an alarm's whole way, the live picture, a story, and the replay's slider."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.test_tablet import Clerk

ADMIN = ("boss", "a boss's long password")
Tab = Callable[..., Page]
SOON = 40_000
"""An alarm waits twenty seconds and is over after sixty; the watch looks every five."""


def only(live: Any, **limits: int | None) -> None:
    rules = [
        {"kind": rule["kind"], "on": rule["kind"] in limits, "limit": limits.get(rule["kind"])}
        for rule in live.get("/admin")["alarms"]["rules"]
    ]
    live.do("/admin/alarms", method="PUT", escalate_minutes=60, rules=rules)


def waited(live: Any, minutes: int) -> None:
    """Everybody who waits now has done so for so many minutes more."""
    with closing(sqlite3.connect(live.folder / "jiaohao.db", isolation_level=None)) as db:
        db.execute("UPDATE ticket SET since = since - ? WHERE state = 'waiting'", (minutes * 60_000_000,))


def pause(live: Any, clerk: Clerk) -> None:
    body = {"request_id": uuid4().hex, "reason": "会议"}
    answer = clerk._http.post(f"{live.url}/api/v1/windows/{clerk._no}/pause", json=body, timeout=20)
    assert answer.ok, answer.text


@pytest.fixture
def page(live: Any, tab: Tab, signing_in: Callable[..., None]) -> Page:
    page = tab(f"{live.url}/monitor")
    page.set_viewport_size({"width": 1920, "height": 1080})
    signing_in(page, *ADMIN)
    expect(page.locator(".picture")).to_be_visible()
    return page


def test_an_alarm_is_raised_acknowledged_and_over(live: Any, page: Page) -> None:
    only(live, longest_wait=5)
    clerk = Clerk(live, "01")
    number = live.take("A")
    expect(page.locator("[data-queue=A] .waiting")).to_have_text("1")
    waited(live, 6)
    alarm = page.locator("[data-kind=longest_wait]")
    expect(alarm).to_contain_text(f"已等 6 分钟（{number}）", timeout=SOON)
    expect(page).to_have_title("(1) 大厅监控")
    alarm.get_by_role("button", name="确认").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("input[name=note]")).to_be_focused()
    page.keyboard.type("已请二楼支援")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(alarm).to_contain_text("boss")
    expect(alarm).to_contain_text("已请二楼支援")
    expect(alarm.get_by_role("button")).to_have_count(0)
    expect(page).to_have_title("大厅监控")
    clerk.do("call-next")
    expect(page.locator("[data-window='01']")).to_contain_text(number)
    expect(page.get_by_text("没有报警")).to_be_visible(timeout=100_000)
    page.get_by_role("link", name="报警记录").click()
    row = page.locator(".history tbody tr").first
    expect(row).to_contain_text(number)
    expect(row).not_to_contain_text("还在")
    clerk.do("begin")
    clerk.do("finish")
    clerk.do("sign-out")


def test_a_number_opens_its_whole_story(live: Any, page: Page) -> None:
    only(live)
    clerk = Clerk(live, "02")
    number = live.take("A")
    clerk.do("call-next")
    page.locator("[data-window='02']").get_by_role("button", name=number).click()
    story = page.get_by_role("dialog")
    expect(story.locator("h2")).to_have_text(number)
    expect(story.locator(".subject")).to_contain_text(page.locator("input[name=of]").input_value())
    expect(story.locator(".story li")).to_have_count(2)
    page.keyboard.press("Escape")
    page.fill("input[name=number]", "A999")
    page.keyboard.press("Enter")
    expect(page.locator(".find .refused")).to_be_visible()
    today = page.locator("input[name=of]").input_value()
    page.fill("input[name=number]", number)
    page.fill("input[name=of]", f"{int(today[:4]) - 1}{today[4:-2]}01")
    expect(page.locator(".find .refused")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".find .refused")).to_be_visible()
    page.fill("input[name=of]", today)
    page.fill("input[name=number]", number.lower())
    page.keyboard.press("Enter")
    expect(story.locator("h2")).to_have_text(number)
    page.keyboard.press("Escape")
    clerk.do("undo")
    expect(page.locator("[data-window='02']")).to_have_attribute("data-look", "open")
    clerk.do("sign-out")
    expect(page.locator("[data-window='02']")).to_have_attribute("data-look", "closed")


def test_the_replays_slider(live: Any, page: Page) -> None:
    only(live)
    clerk = Clerk(live, "03")
    before = int(page.locator("[data-queue=B] .waiting").inner_text())
    number = live.take("B")
    pause(live, clerk)
    expect(page.locator("[data-window='03']")).to_contain_text("会议")
    page.get_by_role("link", name="回放").click()
    with page.expect_response("**/replay?*"):  # or the hour's film would be wound
        page.locator("select[name=hour]").select_option("")  # the clock may have struck meanwhile
    slider, waiting = page.locator("input.slider"), page.locator("[data-queue=B] .waiting")
    expect(slider).to_be_visible()
    slider.press("End")
    expect(waiting).to_have_text(str(before + 1))
    expect(page.locator("[data-window='03']")).to_have_attribute("data-look", "paused")
    slider.press("Home")
    expect(waiting).to_have_text("0")
    expect(page.locator("[data-window='03']")).to_have_attribute("data-look", "closed")
    page.locator("select[name=speed]").select_option("60")
    at = page.locator("output.moment").inner_text()
    page.get_by_role("button", name="播放").click()
    expect(page.locator("output.moment")).not_to_have_text(at)
    page.get_by_role("button", name="停住").click()
    slider.press("End")
    page.locator("[data-queue=B]").get_by_role("button").first.click()
    expect(page.get_by_role("dialog").locator(".story li").first).to_be_visible()
    assert number
    clerk.do("resume")
    clerk.do("sign-out")


def test_the_sound_is_a_persons_own_choice(live: Any, page: Page, tab: Tab) -> None:
    switch = page.locator("[data-alerts]")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(switch).to_have_attribute("aria-pressed", "false")
    other = tab(f"{live.url}/monitor", page)
    expect(other.locator("[data-alerts]")).to_have_attribute("aria-pressed", "false")
    switch.click()


def test_a_clerk_is_told_that_it_is_not_for_clerks(live: Any, tab: Tab, signing_in: Callable[..., None]) -> None:
    page = tab(f"{live.url}/monitor")
    signing_in(page, live.clerk())
    expect(page.get_by_text("大厅监控由督导和管理员查看")).to_be_visible()
    expect(page.locator(".picture")).to_have_count(0)


def test_a_server_that_stands_still_is_said_and_followed_again(
    fresh: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    fresh.set_up()
    page = tab(f"{fresh.url}/monitor")
    signing_in(page, *ADMIN)
    expect(page.locator(".picture")).to_be_visible()
    fresh.freeze()
    expect(page.get_by_role("alert")).to_contain_text("画面停在", timeout=60_000)
    fresh.thaw()
    expect(page.get_by_role("alert")).to_have_count(0, timeout=60_000)
    fresh.take("A")
    expect(page.locator("[data-queue=A] .waiting")).to_have_text("1")


def test_limits_are_set_and_a_wrong_one_is_refused_at_its_field(
    live: Any, tab: Tab, signing_in: Callable[..., None]
) -> None:
    page = tab(f"{live.url}/admin#alarms")
    signing_in(page, *ADMIN)
    field = page.get_by_label("等候过久 分钟以上")
    field.fill("4")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("“等候过久”不正确：应为 5 到 600")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("25")
    page.get_by_role("checkbox", name="磁盘将满").uncheck()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".done")).to_have_text("已保存")
    rules = {rule["kind"]: rule for rule in live.get("/admin")["alarms"]["rules"]}
    assert rules["longest_wait"]["limit"] == 25 and not rules["disk_low"]["on"]

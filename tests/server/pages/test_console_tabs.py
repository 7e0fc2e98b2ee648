"""One window and more than one hand on it: other tabs, a killed tab, the call pad, and clocks that are wrong."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import requests
from playwright.sync_api import Page, Route, expect

Sit = Callable[..., Page]


def press(page: Page, *keys: str) -> None:
    """Press when the page's last command is done: one that is pressed beneath it is refused, and told so."""
    expect(page.locator(".said .working")).to_have_count(0)
    for key in keys:
        page.keyboard.press(key)


def in_dialog(page: Page, opener: str, *keys: str) -> None:
    press(page, opener)
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, *keys)


def pause(page: Page) -> None:
    in_dialog(page, "p", "1")


def hand(page: Page, state: str) -> None:
    expect(page.locator(f".hand.{state}")).to_be_visible()


def seconds(page: Page) -> int:
    """The running time that the page shows first."""
    *hours, minutes, rest = page.locator(".facts .number").first.inner_text().split(":")
    return int(hours[0] if hours else 0) * 3600 + int(minutes) * 60 + int(rest)


def test_two_tabs_of_one_clerk_stay_in_step(live: Any, at_window: Sit, tab: Callable[..., Page]) -> None:
    live.take("D")
    one = at_window("21")
    two = tab(one.url, beside=one)
    hand(two, "open")
    press(one, "F2")
    hand(two, "called")
    press(two, "b")
    hand(one, "serving")
    press(one, "f")
    hand(two, "open")
    pause(two)
    hand(one, "paused")
    press(one, "p")
    hand(two, "open")
    in_dialog(one, "q", "Enter")
    expect(two.get_by_role("alert")).to_contain_text("21 号窗口已退出")


def test_a_clerk_who_opens_another_window_is_told_in_the_first_tab(
    live: Any, at_window: Sit, tab: Callable[..., Page]
) -> None:
    one = at_window("22")
    two = tab(one.url, beside=one)
    hand(two, "open")
    seat = """() => fetch('/api/v1/session').then((r) => r.json()).then((me) => fetch('/api/v1/windows/26/sign-in', {
      method: 'POST', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf},
      body: JSON.stringify({request_id: 'another-window-1'})}))"""
    two.evaluate(seat)
    expect(one.get_by_role("alert")).to_contain_text("您现在登录在 26 号窗口")
    press(one, "Enter")
    expect(one.locator(".plate")).to_contain_text("26")


def test_a_killed_tab_loses_nothing(live: Any, at_window: Sit, tab: Callable[..., Page]) -> None:
    live.take("V")
    first = at_window("31")
    expect(first.locator(".waiting li").first).to_be_visible()
    press(first, "F2")
    hand(first, "called")
    press(first, "b")
    hand(first, "serving")
    began = time.monotonic()
    ticket = first.locator("#number").inner_text()
    again = tab(first.url, beside=first)
    first.close()
    again.reload()
    hand(again, "serving")
    expect(again.locator("#number")).to_have_text(ticket)
    assert abs(seconds(again) - (time.monotonic() - began)) < 3
    press(again, "f")
    hand(again, "open")


def test_a_tab_killed_in_the_middle_of_a_call_finds_its_ticket(
    live: Any, at_window: Sit, tab: Callable[..., Page]
) -> None:
    live.take("N"), live.take("N")
    first = at_window("32")
    expect(first.locator(".waiting li").first).to_be_visible()
    waiting = first.locator(".waiting li").count()
    answered: list[Route] = []

    def never_answer(route: Route) -> None:
        route.fetch()
        answered.append(route)

    first.route("**/call-next", never_answer)
    press(first, "Space")
    again = tab("about:blank", beside=first)
    end = time.monotonic() + 20
    while not answered and time.monotonic() < end:
        first.wait_for_timeout(50)
    first.close()
    again.goto(f"{live.url}/console")
    hand(again, "called")
    expect(again.locator(".waiting li")).to_have_count(waiting - 1)
    press(again, "u")


def test_timers_follow_the_servers_clock(live: Any, at_window: Sit) -> None:
    live.take("G")
    page = at_window("15")
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3_600_000;")  # a PC that is an hour fast
    page.reload()
    hand(page, "open")
    assert seconds(page) < 60
    press(page, "F2")
    hand(page, "called")
    assert seconds(page) < 60
    press(page, "b")
    hand(page, "serving")
    assert seconds(page) < 60
    page.reload()
    hand(page, "serving")
    assert seconds(page) < 60
    press(page, "f")
    hand(page, "open")
    pause(page)
    hand(page, "paused")
    paused = time.monotonic()
    page.reload()
    hand(page, "paused")
    assert abs(seconds(page) - (time.monotonic() - paused)) < 4
    press(page, "p")


def test_the_call_pad_works_beside_the_console(live: Any, at_window: Sit) -> None:
    ticket = live.take("E")
    token = live.do("/admin/devices", name=f"pad-{uuid4().hex[:6]}", kind="call_pad", window="29")["token"]

    def pad(command: str) -> None:
        requests.post(
            f"{live.url}/api/v1/windows/29/{command}", json={"request_id": uuid4().hex},
            headers={"Authorization": f"Bearer {token}"}, timeout=20,
        ).raise_for_status()  # fmt: skip

    page = at_window("29")
    expect(page.locator(".waiting")).to_contain_text(ticket)
    expect(page.locator(".link.live")).to_be_visible()
    pad("call-next")
    expect(page.locator(".hand.called")).to_be_visible()
    press(page, "m")  # the clerk asks for a no-show just when the pad begins the service
    expect(page.get_by_role("dialog")).to_be_visible()
    pad("begin")
    expect(page.locator(".hand.serving")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".said")).to_contain_text("该操作已取消")
    pad("finish")
    expect(page.locator(".hand.open")).to_be_visible()
    press(page, "Space")  # meant for what the pad has just finished
    expect(page.locator(".said")).to_contain_text("刚刚变化")

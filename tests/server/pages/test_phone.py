"""The citizen's phone in real Chromium: small, enlarged, with scripts and without, in every state and both languages.
Screenshots go to build/screens/ to be looked at."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Page, expect

from server.contract.ratings import Label
from server.domain.paper_key import paper_key
from server.domain.rating_figures import closed_week
from tests.faces.checks import at_rest, axe, contrast, overflow, targets, text_sizes
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name

ROOT = Path(__file__).parents[3]
SCREENS = ROOT / "build" / "screens"
WIDTHS = (412, 360, 320, 195)
"""Phones, and one at 200 %."""
STATES = ("waiting", "called", "serving", "held", "finished", "no_show", "cancelled", "expired")


class Clerk:
    """A clerk at a window, over HTTP."""

    def __init__(self, live: Any, window: str) -> None:
        self._api, self._window, self._http = f"{live.url}/api/v1", window, requests.Session()
        form = {"username": live.clerk("王小明"), "password": "correct horse battery"}
        me = self._http.post(f"{self._api}/session", json=form, timeout=20).json()
        self._http.headers["X-CSRF-Token"] = me["csrf"]
        self.do("sign-in")

    def do(self, *steps: str) -> None:
        for step in steps:
            url = f"{self._api}/windows/{self._window}/{step}"
            answer = self._http.post(url, json={"request_id": uuid4().hex}, timeout=20)
            assert answer.ok, answer.text


@pytest.fixture(scope="module")
def clerk(live: Any) -> Any:
    """At window 07, which alone is open for the queue B."""
    return Clerk(live, "07")


def in_state(live: Any, clerk: Clerk, state: str) -> str:
    """A ticket of queue B in this state; nobody else waits there afterwards, nor is at the window."""
    code = str(live.do("/tickets", queue="B", item="SB-05")["id"])
    steps = {
        "called": ["call-next"], "serving": ["call-next", "begin"], "held": ["call-next", "hold"],
        "finished": ["call-next", "begin", "finish"], "no_show": ["call-next", "no-show"],
    }  # fmt: skip
    clerk.do(*steps.get(state, []))
    if state == "cancelled":
        live.do(f"/tickets/{code}/cancel", reason="citizen")
    if state == "expired":
        sql(live, "UPDATE ticket SET state = 'expired' WHERE code = ?", code)
    return code


def settle(live: Any, clerk: Clerk, code: str, state: str) -> None:
    if state in ("waiting", "called", "held"):
        live.do(f"/tickets/{code}/cancel")
    if state == "serving":
        clerk.do("finish")


def sql(live: Any, statement: str, *values: str) -> None:
    """What no person can do by a page: a day that is over, a name that no form takes."""
    with closing(sqlite3.connect(live.folder / "jiaohao.db", timeout=20)) as db, db:
        db.execute(statement, values)


def check(page: Page, *, text_px: float = 16) -> None:
    """Of a phone, at all its widths."""
    at_rest(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [width, *overflow(page, ellipsis=False)] == [width]
    assert [contrast(page), targets(page, 44), text_sizes(page, text_px)] == [[], [], []]


def shoot(page: Page, name: str, height: int = 740) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 360, "height": height})
    page.evaluate("document.fonts.ready")
    page.screenshot(path=SCREENS / f"{name}.png")


@pytest.mark.parametrize("state", STATES)
def test_every_state_fits_every_phone_in_both_languages(
    live: Any, clerk: Clerk, open_page: Callable[..., Page], state: str
) -> None:
    code = in_state(live, clerk, state)
    try:
        for language in ("zh", "en"):
            url = f"{live.url}/t/{code}?lang={language}"
            without = open_page(url, 360, 740, java_script_enabled=False)
            check(without)
            shoot(without, f"phone-{state}-{language}")
            scripted = open_page(url, 360, 740)
            assert axe(scripted) == []
            assert "王小明" not in scripted.content()
    finally:
        settle(live, clerk, code, state)


def test_without_scripts_it_renews_itself_and_leads_to_the_window(
    live: Any, clerk: Clerk, open_page: Callable[..., Page]
) -> None:
    code = in_state(live, clerk, "waiting")
    page = open_page(f"{live.url}/t/{code}", 360, 740, java_script_enabled=False)
    expect(page.locator("#state")).to_have_text("请等候叫号")
    clerk.do("call-next")
    expect(page.locator("#state")).to_have_text("请到 07 号窗口", timeout=30_000)
    settle(live, clerk, code, "called")


def stopped(open_page: Callable[..., Page], url: str) -> Page:
    """A page whose clock goes on only when told, however long the test takes."""
    page = open_page("about:blank", 360, 740)
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(url)
    return page


def renew(page: Page) -> None:
    """Let the time pass after which it does, and wait until it has: only then it plans the next."""
    page.evaluate("document.querySelector('main').id = 'old'")
    page.clock.run_for(16_000)
    expect(page.locator("#old")).to_have_count(0)


def test_with_scripts_it_renews_in_place_and_stops_at_the_end(
    live: Any, clerk: Clerk, open_page: Callable[..., Page]
) -> None:
    code = in_state(live, clerk, "waiting")
    page = stopped(open_page, f"{live.url}/t/{code}")
    page.locator("#cancel").focus()
    page.evaluate("window.same = true")
    renew(page)
    expect(page.locator("#cancel")).to_be_focused()
    clerk.do("call-next")
    renew(page)
    expect(page.locator("#state")).to_have_text("请到 07 号窗口")
    expect(page.locator("#said")).to_have_text("请到 07 号窗口")  # for those who listen
    expect(page).to_have_title("B" + page.locator("h1").inner_text()[1:] + " 请到 07 号窗口 · 叫号 Jiaohao")
    clerk.do("begin", "finish")
    renew(page)
    expect(page.locator("#state")).to_have_text("已办结")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(120_000)
    assert asked == [] and page.evaluate("window.same")


def test_while_the_hall_is_away_the_page_stays_and_says_so(fresh: Any, open_page: Callable[..., Page]) -> None:
    fresh.set_up()
    port, code = fresh.port, fresh.do("/tickets", queue="A")["id"]
    page = stopped(open_page, f"{fresh.url}/t/{code}")
    fresh.stop()
    page.clock.run_for(16_000)
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#away")).to_contain_text("连接不上大厅")
    expect(page.locator("h1")).to_have_text("A001")
    check(page)
    shoot(page, "phone-away")
    fresh.start(port)
    page.clock.run_for(16_000)
    expect(page.locator("#away")).to_be_hidden()


def test_a_page_that_is_not_ours_leaves_the_number_standing(
    live: Any, clerk: Clerk, open_page: Callable[..., Page]
) -> None:
    """A hall's wireless network answers in the server's place until one has agreed to its terms."""
    code = in_state(live, clerk, "waiting")
    page = stopped(open_page, f"{live.url}/t/{code}")
    page.route(
        "**/t/*", lambda route: route.fulfill(content_type="text/html", body="<main>Agree to our terms</main>")
    )
    page.clock.run_for(16_000)
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#state")).to_have_text("请等候叫号")
    page.unroute("**/t/*")
    renew(page)
    expect(page.locator("#away")).to_be_hidden()
    settle(live, clerk, code, "waiting")


def test_cancelling_by_touch_alone(live: Any, clerk: Clerk, open_page: Callable[..., Page]) -> None:
    code = in_state(live, clerk, "waiting")
    page = open_page(f"{live.url}/t/{code}", 360, 740, java_script_enabled=False)
    page.get_by_text("不办了，取消这个号").click()
    page.get_by_text("不取消，继续等候").click()
    expect(page.locator("#state")).to_have_text("请等候叫号")
    page.get_by_text("不办了，取消这个号").click()
    check(page)
    shoot(page, "phone-cancel")
    page.get_by_role("button", name="确实要取消").dblclick()
    expect(page.locator("#state")).to_have_text("此号已取消")
    assert live.get(f"/tickets/{code}")["state"] == "cancelled"
    page.get_by_text("English").click()
    expect(page.locator("#state")).to_have_text("This number is cancelled")


def test_pressed_too_late_it_says_what_to_do(live: Any, clerk: Clerk, open_page: Callable[..., Page]) -> None:
    code = in_state(live, clerk, "waiting")
    page = open_page(f"{live.url}/t/{code}/cancel", 360, 740, java_script_enabled=False)
    clerk.do("call-next")
    page.get_by_role("button", name="确实要取消").click()
    expect(page.locator(".problem")).to_contain_text("请告诉窗口或导办台")
    expect(page.locator("#state")).to_have_text("请到 07 号窗口")
    check(page)
    shoot(page, "phone-too-late")
    settle(live, clerk, code, "called")


def test_pages_of_links_that_lead_nowhere(live: Any, clerk: Clerk, open_page: Callable[..., Page]) -> None:
    code = in_state(live, clerk, "finished")
    sql(live, "UPDATE ticket SET service_day = '2020-01-01' WHERE code = ?", code)
    for name, path in (("unknown", "/t/0123456789abcdef"), ("expired-link", f"/t/{code}"), ("no-item", "/items/X")):
        for language in ("zh", "en"):
            page = open_page(f"{live.url}{path}?lang={language}", 360, 740)
            check(page)
            assert axe(page) == []
            shoot(page, f"phone-{name}-{language}")


def paper(live: Any, code: str) -> str:
    """The link on the paper of a ticket."""
    secret = bytes.fromhex((live.folder / "audit.key").read_text())
    return f"{live.url}/t/{code}/{paper_key(secret, code)}"


def test_a_citizen_rates_by_the_paper_without_scripts(
    live: Any, clerk: Clerk, open_page: Callable[..., Page]
) -> None:
    code = in_state(live, clerk, "finished")
    page = open_page(paper(live, code), 360, 740, java_script_enabled=False)
    check(page)
    shoot(page, "phone-may-rate")
    page.get_by_text("评价这次服务").click()
    expect(page.locator(".levels a")).to_have_count(5)
    check(page)
    shoot(page, "phone-rate-levels")
    page.get_by_role("link", name="不满意", exact=True).click()
    expect(page.locator(".chosen")).to_contain_text("不满意")
    check(page)
    shoot(page, "phone-rate-why", height=1500)
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("alert")).to_contain_text("请选一个原因")
    check(page)
    page.get_by_label("服务态度生硬").check()
    page.get_by_label("想说的话（可以不写）").fill("等了很久 😀")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("h1")).to_have_text("评价已收到，谢谢")
    check(page)
    shoot(page, "phone-rated")
    page.get_by_label("补充意见").fill("后来想到")
    page.get_by_role("button", name="提交补充意见").click()
    expect(page.get_by_text("补充意见已收到")).to_be_visible()
    check(page)
    page.get_by_text("返回我的号").click()
    expect(page.get_by_text("这次服务已评价，谢谢")).to_be_visible()
    check(page)


@pytest.mark.parametrize("label", list(Label))
def test_each_level_fits_every_phone_in_both_languages(
    live: Any, clerk: Clerk, open_page: Callable[..., Page], label: Label
) -> None:
    link = paper(live, in_state(live, clerk, "finished"))
    for language in ("zh", "en"):
        for query in (f"lang={language}", f"lang={language}&label={label.value}"):
            page = open_page(f"{link}/rate?{query}", 360, 740)
            check(page)
            assert axe(page) == []
        shoot(page, f"phone-rate-{label.value}-{language}", height=1500)


def test_items_are_looked_up_without_scripts(live: Any, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{live.url}/items", 360, 740, java_script_enabled=False)
    check(page)
    shoot(page, "phone-items")
    page.get_by_role("searchbox").fill("ylbx")
    page.keyboard.press("Enter")
    expect(page.locator(".found")).to_contain_text("找到")
    shoot(page, "phone-items-found")
    page.locator(".ways a").first.click()
    expect(page.locator("dt")).to_have_count(9)
    check(page)
    shoot(page, "phone-item", 1400)
    page.get_by_text("English").click()
    expect(page.get_by_text("What to bring")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    page.goto(f"{live.url}/items?q=zzzz")
    page.emulate_media(media="screen")
    expect(page.locator(".found")).to_have_text("没有找到“zzzz”")
    check(page)
    for path in ("/items", "/items?q=zzzz", "/items/SB-03"):
        assert axe(open_page(live.url + path, 360, 740)) == []


def test_the_published_figures(live: Any, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{live.url}/figures", 360, 740, java_script_enabled=False)
    expect(page.get_by_text("暂不公示")).to_be_visible()
    check(page)
    monday = closed_week(datetime.now(ZoneInfo("Asia/Shanghai")).date())  # another week would be counted anew
    days = {"from_day": str(monday), "to_day": str(monday + timedelta(days=6))}
    counts = {**days, "asked": 41_250, "rated": 25_616, "good": 24_925}
    sql(live, "UPDATE hall SET published = ?", json.dumps(counts))
    for language, named in (("zh", "未评率"), ("en", "Did not rate")):
        page.goto(f"{live.url}/figures?lang={language}")
        expect(page.locator("dt").last).to_have_text(named)
        expect(page.locator("dd")).to_have_text(["97.3%", "62.0%", "38.0%"])
        check(page)
    shoot(page, "phone-figures")
    assert axe(open_page(f"{live.url}/figures", 360, 740)) == []


def test_the_number_is_never_cut(live: Any, open_page: Callable[..., Page]) -> None:
    """Not even one of a series that an admin named with no thought for phones."""
    code = live.do("/tickets", queue="Z")["id"]
    for number in ("ZX123456", "Z123456789012"):
        sql(live, "UPDATE ticket SET number = ? WHERE code = ?", number, code)
        check(open_page(f"{live.url}/t/{code}", 360, 740, java_script_enabled=False))


@pytest.fixture(scope="module")
def marred(live: Any) -> str:
    """A ticket in the hall whose names are spoilt from here on: the last tests of this file."""
    return str(live.do("/tickets", queue="B", item="SB-05")["id"])


@pytest.mark.parametrize("text", [*HOSTILE, "items"])
def test_no_text_breaks_a_page(live: Any, marred: str, open_page: Callable[..., Page], text: str) -> None:
    """As names that a form takes, and longer than any form would."""
    name = HOSTILE.get(text, LONG_ITEMS[0])
    page = open_page("about:blank", 360, 740)
    for said in (as_name(name), name):
        sql(live, "UPDATE queue SET name = ?, name_en = ?, location = ?", said, said, said)
        sql(live, "UPDATE service_item SET name = ?", said)
        sql(live, "UPDATE hall SET name = ?", said)
        fields = "'$.fee', ?, '$.location', ?, '$.materials', json_array(?, ?)"
        sql(live, f"UPDATE service_item SET public = json_set(public, {fields})", said, said, said, said)
        for path in (f"/t/{marred}", f"/t/{marred}/cancel", "/items", "/items/SB-05"):
            page.goto(live.url + path)
            check(page)
            assert page.title() != "broken"
    shoot(page, f"phone-hostile-{text.replace(' ', '-')}")

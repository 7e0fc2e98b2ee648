"""AB岗 in real browsers: a window handed over in the middle of a service, the duty page, and the administration."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import ADMIN, PASSWORD, ROOT, Live, sign_in
from tests.server.pages.test_tablet import pair

Tab = Callable[..., Page]
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
SOON_MS = 30_000


def person(live: Live, name: str, role: str = "clerk") -> str:
    """A new account whose card on the walls is its name."""
    username = f"{role[0]}{uuid4().hex[:8]}"
    live.do("/admin/users", username=username, role=role, password=PASSWORD, name=name, staff_no=username[1:5])
    live.do(f"/admin/screens/staff/{username}", "PUT", name=name, position="综合", badges=[])
    return username


def post(live: Live, name: str, **form: Any) -> int:
    live.do("/admin/cover/posts", **{"kind": "window", "name": name, "weekdays": EVERY_DAY, **form})
    return next(one["id"] for one in live.get("/cover")["posts"] if one["name"] == name)


def rows(live: Live, sql: str) -> list[Any]:
    with closing(sqlite3.connect(live.folder / "jiaohao.db")) as db:
        return db.execute(sql).fetchall()


@pytest.fixture
def wall(live: Live, tmp_path: Path, tab: Tab) -> Iterator[Page]:
    """The real wall of this hall, which shows staff cards and nothing else."""
    token = live.do("/admin/devices", name=f"wall{uuid4().hex[:6]}", kind="display")["token"]
    live.do("/admin/screens/playlist", "PUT", slides=[{"kind": "staff", "seconds": 600, "zone": ""}])
    (tmp_path / "token").write_text(token)
    config = tmp_path / "display.toml"
    config.write_text(
        f'server = "{live.url}"\ntoken_file = "{tmp_path}/token"\nhost = "127.0.0.1"\nport = 0\n'
        f'[voice]\nengine = "none"\ncache = "{tmp_path}/voice"\n'
    )
    run = "from display.cli import main; main()"
    command = [sys.executable, "-c", run, "run", "--config", str(config)]
    agent = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert agent.stdout is not None
        page = tab(json.loads(agent.stdout.readline())["wall"])
        expect(page.locator("main")).to_be_visible(timeout=SOON_MS)
        yield page
    finally:
        agent.terminate()
        agent.communicate(timeout=20)


def seated(tab: Tab, live: Live, username: str, no: str) -> Page:
    page = tab(f"{live.url}/console")
    sign_in(page, username)
    expect(page.locator(".seat").first).to_be_focused()
    page.keyboard.type(no)
    page.keyboard.press("Enter")
    expect(page.locator(".hand")).to_be_visible()
    return page


def press(page: Page, key: str, then: str) -> None:
    page.keyboard.press(key)
    expect(page.locator(then)).to_be_visible()
    expect(page.locator('.actions[aria-busy="false"]')).to_be_visible()


def offer(page: Page, note: str) -> None:
    """Hand over to whom the dialog offers first, by keyboard."""
    page.keyboard.press("j")
    expect(page.locator("dialog select")).to_be_visible()
    page.locator("dialog input[name=note]").fill(note)
    page.keyboard.press("Enter")
    expect(page.get_by_text("登录，接手")).to_be_visible()


def receive(page: Page, username: str) -> None:
    sign_in(page, username)
    expect(page.get_by_role("heading", name="接手 01 号窗口")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".hand")).to_be_visible()


def test_handed_over_in_the_middle_of_a_service(live: Live, tab: Tab, wall: Page) -> None:
    """甲 serves and hands over, 乙 finishes, the citizen rates: the card, the ledger and the rating are with whoever
    it was at that moment."""
    a, b = person(live, "甲某"), person(live, "乙某")
    post(live, f"一号窗{a}", window="01", primary=a, backup=b)
    page = seated(tab, live, a, "01")
    expect(wall.locator("body")).to_contain_text("甲某", timeout=SOON_MS)
    tablet = pair(live, tab, "01")
    expect(tablet.locator("body")).to_contain_text("甲某", timeout=SOON_MS)
    number = live.take("A")
    press(page, "F2", ".hand.called")
    press(page, "b", ".hand.serving")
    offer(page, "材料已核，只差录入")
    expect(wall.locator("body")).to_contain_text("甲某")  # it is still 甲's
    sign_in(page, b)
    expect(page.get_by_text("材料已核，只差录入")).to_be_visible()
    expect(page.get_by_text(number)).to_be_visible()
    page.keyboard.press("Enter")
    began = time.monotonic()
    expect(wall.locator("body")).to_contain_text("乙某", timeout=SOON_MS)
    print(f"the wall switched within {time.monotonic() - began:.2f} s")
    expect(wall.locator("body")).not_to_contain_text("甲某")
    expect(tablet.locator("body")).to_contain_text("乙某", timeout=SOON_MS)
    expect(page.locator(".hand.serving")).to_contain_text(number)
    press(page, "f", ".hand.open")
    tablet.locator("[data-label=satisfied]").click()
    expect(tablet.locator("[data-step=thanks]")).to_be_visible(timeout=SOON_MS)
    served = rows(
        live,
        "SELECT t.id, ts.username, ivs.username, r.level FROM ticket t JOIN invitation i ON i.ticket_id = t.id"
        " JOIN rating r ON r.invitation_id = i.id JOIN account ts ON ts.id = t.staff_id"
        f" JOIN account ivs ON ivs.id = i.staff_id WHERE t.number = '{number}'",
    )
    assert [row[1:] for row in served] == [(b, b, 4)]
    code = rows(live, f"SELECT code FROM ticket WHERE id = {served[0][0]}")[0][0]
    story = [(one["who"], one["zh"]) for one in live.get(f"/tickets/{code}/story")["events"]]
    assert ("窗口人员 甲某", "开始办理，01 号窗口") in story
    assert ("窗口人员 乙某", "由 甲某 交接，换人接手，01 号窗口") in story
    assert any(who == "窗口人员 乙某" and what.startswith("办结") for who, what in story)
    stays = "SELECT a.username, s.began_by, s.ended_by FROM sitting s JOIN account a ON a.id = s.account_id"
    assert rows(live, f"{stays} WHERE a.username IN ('{a}', '{b}') ORDER BY s.id") == [
        (a, "sign_in", "receive"), (b, "receive", ""),
    ]  # fmt: skip
    offer(page, "")
    receive(page, a)  # and back
    expect(wall.locator("body")).to_contain_text("甲某", timeout=SOON_MS)
    assert [one["kind"] for one in live.get("/duty")["handovers"][:2]] == ["back", "out"]


def test_what_was_offered_can_be_taken_back(live: Live, tab: Tab) -> None:
    a, b = person(live, "丙某"), person(live, "丁某")
    post(live, f"五号窗{a}", window="05", primary=a, backup=b)
    page = seated(tab, live, a, "05")
    offer(page, "")
    sign_in(page, a)
    expect(page.get_by_role("heading", name="05 号窗口已交给 丁某")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".hand.open")).to_be_visible()
    assert live.window("05")["state"] == "open"


def test_nobody_to_hand_to_is_said(live: Live, tab: Tab) -> None:
    a = person(live, "戊某")
    post(live, f"六号窗{a}", window="06", primary=a, backup=None)
    page = seated(tab, live, a, "06")
    page.keyboard.press("j")
    expect(page.get_by_text("请值班领导指定顶岗")).to_be_visible()
    page.keyboard.press("Enter")  # does nothing
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_rota_is_typed_by_keyboard_and_copied_from_the_week_before(live: Live, tab: Tab) -> None:
    a, b = person(live, "己某"), person(live, "庚某")
    key = post(live, f"导办台{a}", kind="guide", primary=a)
    page = tab(f"{live.url}/duty#rota")
    sign_in(page, person(live, "督导", "supervisor"))
    page.get_by_role("button", name="下一周").click()
    row = page.locator(".rota tr", has_text=f"导办台{a}").locator("input")
    expect(row.first).to_be_enabled()
    expect(row.first).to_have_attribute("placeholder", "己某")
    row.first.focus()
    page.keyboard.type("庚某")
    page.keyboard.press("Enter")
    expect(row.nth(1)).to_be_focused()
    page.keyboard.type("查无此人")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("查无此人")
    expect(row.nth(1)).to_have_attribute("aria-invalid", "true")
    assert next(one for one in live.get("/cover?weeks=2")["posts"] if one["id"] == key)["days"][7]["rota"] is None
    row.nth(1).fill(b[1:5])  # by staff number
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("值班表已保存")).to_be_visible()
    page.get_by_role("button", name="下一周").click()
    expect(page.locator(".weeks b")).to_contain_text(live.get("/cover?weeks=3")["days"][14]["day"])
    page.get_by_role("button", name="照上周填写").click()
    for n in (0, 1):
        expect(row.nth(n)).to_have_value(f"{b[1:5]} 庚某")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("值班表已保存")).to_be_visible()
    days = next(one for one in live.get("/cover?weeks=3")["posts"] if one["id"] == key)["days"]
    assert [day["rota"] for day in days[7:21]] == [b, b, *[None] * 5] * 2


def test_leave_without_cover_is_refused_until_a_cover_is_named(live: Live, tab: Tab) -> None:
    a, b, c = person(live, "辛某"), person(live, "壬某"), person(live, "癸某")
    name = f"八号窗{a}"
    post(live, name, window="08", primary=a, backup=b)
    tomorrow = live.get("/cover?weeks=2")["days"]
    today = live.get("/cover")["today"]
    day = next(one["day"] for one in tomorrow if one["day"] > today)
    live.do("/cover/leaves", username=b, from_day=day, to_day=day)
    page = tab(f"{live.url}/duty#away")
    sign_in(page, person(live, "督导", "supervisor"))
    leave, cover = page.locator("form.leave"), page.locator("form.cover")

    def ask_leave() -> None:
        leave.locator("[name=username]").fill("辛某")
        for end in ("from_day", "to_day"):
            leave.locator(f"[name={end}]").fill(day)
        leave.get_by_role("button").click()

    ask_leave()
    expect(leave.get_by_role("alert")).to_contain_text(f"“{name}”会没有人")
    cover.locator("[name=post]").select_option(label=name)
    cover.locator("[name=username]").fill("癸某")
    for end in ("from_day", "to_day"):
        cover.locator(f"[name={end}]").fill(day)
    cover.get_by_role("button").click()
    expect(page.locator(".plain-list", has_text="癸某")).to_be_visible()
    ask_leave()
    expect(page.locator(".plain-list", has_text="辛某")).to_be_visible()
    expect(page.locator(".plan td.cover", has_text="癸某")).to_be_visible()
    found = next(one for one in live.get("/cover?weeks=2")["posts"] if one["name"] == name)["days"]
    assert (
        next(cell for cell, one in zip(found, tomorrow, strict=True) if one["day"] == day)["person"]["username"] == c
    )


def test_posts_are_made_on_the_administration_page_and_wrong_ones_named(live: Live, tab: Tab) -> None:
    a = person(live, "子某")
    page = tab(f"{live.url}/admin#cover")
    sign_in(page, *ADMIN)
    form = page.locator("form.post.new")
    form.locator("[name=name]").fill(f"九号窗{a}")
    form.locator("[name=window]").select_option("09")
    form.locator("[name=primary]").fill("没有这个人")
    form.get_by_role("button").click()
    expect(form.locator("[name=primary]")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_role("alert")).to_contain_text("A 岗")
    form.locator("[name=primary]").fill("子某")
    form.get_by_role("button").click()
    expect(page.locator("form.post:not(.new)", has=page.locator(f"[value='{a[1:5]} 子某']"))).to_be_visible()
    made = next(one for one in live.get("/cover")["posts"] if one["name"] == f"九号窗{a}")
    assert (made["window"], made["primary"]["username"], made["weekdays"]) == ("09", a, [1, 2, 3, 4, 5])
    page.locator("[name=empty_minutes]").fill("x")
    page.locator("form.sheet").get_by_role("button").click()
    expect(page.locator("[name=empty_minutes]")).to_have_attribute("aria-invalid", "true")


def test_the_duty_page_shows_who_is_where_and_names_a_cover(live: Live, tab: Tab) -> None:
    a, b = person(live, "丑某"), person(live, "寅某", "guide")
    key = post(live, f"十号窗{a}", window="10", primary=a, backup=None)
    desk = post(live, f"二导办{b}", kind="guide", primary=b)
    page = tab(f"{live.url}/duty")
    sign_in(page, person(live, "督导", "supervisor"))
    row = page.locator("tr", has_text=f"十号窗{a}")
    expect(row.locator(".state")).to_have_text("无人")
    seated(tab, live, a, "10")
    expect(row.locator(".state")).to_have_text("在岗")
    row.get_by_role("button").click()
    page.locator("dialog [name=username]").fill("寅某")
    page.keyboard.press("Enter")
    expect(row.locator("td").first).to_contain_text("寅某 顶岗")
    assert next(one for one in live.get("/duty")["posts"] if one["id"] == key)["person"]["username"] == b
    guide = tab(f"{live.url}/duty")
    sign_in(guide, b)
    expect(guide.locator(".parts")).to_have_count(0)  # a guide sees their own posts and nothing else
    own = guide.locator(".mine p", has_text=f"二导办{b}")
    own.get_by_role("button", name="签到").click()
    expect(own.get_by_text("已签到")).to_be_visible()
    assert next(one for one in live.get("/duty")["posts"] if one["id"] == desk)["seated"]["username"] == b

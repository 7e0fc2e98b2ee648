"""评价录入 in a real browser, by keyboard: what is taken, what is refused, and that nothing typed is lost."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.server.pages.conftest import PASSWORD, Live, sign_in
from tests.server.pages.test_tablet import Clerk

Tab = Callable[..., Page]


@pytest.fixture
def served(fresh: Live) -> tuple[Live, list[str]]:
    """A hall of its own, and the numbers of three services that nobody rated."""
    fresh.set_up()
    fresh.do("/admin/hall", method="PUT", name="大厅", open=True, invitation_seconds=5)
    clerk = Clerk(fresh, "03")
    numbers = [clerk.serve() for _ in range(3)]
    day, end = fresh.get("/ratings/entered")["today"], time.monotonic() + 60
    while any(fresh.get(f"/ratings/entered/{day}/{number}")["refusal"] for number in numbers):
        assert time.monotonic() < end, "the window's own time must end"
        time.sleep(0.2)
    return fresh, numbers


def open_page(live: Live, tab: Tab, role: str = "supervisor") -> Page:
    username = f"s{uuid4().hex[:8]}"
    live.do("/admin/users", username=username, role=role, password=PASSWORD, name="李督导")
    page = tab(f"{live.url}/rating-entry")
    sign_in(page, username)
    return page


def form(page: Page, number: str, level: str, tags: str = "", text: str = "") -> None:
    """One paper form as it is typed."""
    page.keyboard.type(number)
    page.keyboard.press("Tab")
    page.keyboard.type(level)
    expect(page.locator("input[name=tags]")).to_be_focused()
    page.keyboard.type(tags)
    page.keyboard.press("Tab")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def given(live: Live) -> list[Any]:
    with closing(sqlite3.connect(live.folder / "jiaohao.db")) as db:
        return db.execute(
            "SELECT t.number, r.level, r.source, r.tags, r.text, r.reason_declined FROM rating r"
            " JOIN invitation i ON i.id = r.invitation_id JOIN ticket t ON t.id = i.ticket_id ORDER BY r.id"
        ).fetchall()


def test_a_batch_of_forms_by_keyboard(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    form(page, numbers[0].lower(), "2", "27", "说不清要带什么")
    expect(page.locator(".batch .taken")).to_have_count(1)
    form(page, numbers[1], "5")
    expect(page.locator(".batch .taken")).to_have_count(2)
    form(page, numbers[0], "4", text="同一张又录了一次")
    expect(page.locator(".batch .refused")).to_contain_text("已经评价过")
    form(page, "A999", "4")
    expect(page.locator(".batch .refused")).to_have_count(2)
    assert given(live) == [
        (numbers[0], 2, "paper", '["208", "213"]', "说不清要带什么", 0), (numbers[1], 5, "paper", "[]", "", 0)
    ]  # fmt: skip
    expect(page.locator("tbody")).to_contain_text("李督导")
    expect(page.locator("tbody td").last).to_have_text("2")


def test_what_is_refused_is_taken_back_with_all_that_was_typed(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    form(page, "A990", "1", "8", "态度不好")
    page.get_by_role("button", name="取回修改").click()
    values = {name: page.locator(f"[name={name}]").input_value() for name in ("number", "level", "tags", "text")}
    assert values == {"number": "A990", "level": "1", "tags": "8", "text": "态度不好"}
    expect(page.locator(".batch .refused")).to_have_count(0)
    page.locator("input[name=number]").fill(numbers[0])
    page.keyboard.press("Enter")
    expect(page.locator(".batch .taken")).to_have_count(1)
    assert given(live) == [(numbers[0], 1, "paper", '["115"]', "态度不好", 0)]


def test_what_is_being_typed_waits_while_another_form_is_mended(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    form(page, "A990", "1", "8", "态度不好")
    page.locator("input[name=number]").fill(numbers[0].lower())
    page.locator("input[name=level]").fill("2")
    page.locator("textarea").fill("说不清要带什么")
    page.get_by_role("button", name="取回修改").click()
    expect(page.locator("input[name=number]")).to_have_value("A990")
    expect(page.locator(".batch .refused")).to_have_count(1)
    expect(page.locator(".batch .refused")).to_contain_text(numbers[0])
    page.locator("input[name=number]").fill(numbers[1])
    page.keyboard.press("Enter")
    expect(page.locator(".batch .taken")).to_have_count(1)
    page.get_by_role("button", name="取回修改").click()
    expect(page.locator(".batch .refused")).to_have_count(0)  # an empty form does not wait
    expect(page.locator("textarea")).to_have_value("说不清要带什么")
    page.keyboard.press("Enter")
    expect(page.locator(".batch .taken")).to_have_count(2)
    assert [row[:2] for row in given(live)] == [(numbers[1], 1), (numbers[0], 2)]


def test_a_double_click_counts_one_form_without_a_number(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, _ = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    page.get_by_role("button", name="无号码").dblclick()
    expect(page.locator(".entry")).to_contain_text("无号码的表 1 张")
    page.get_by_role("button", name="无号码").click()
    expect(page.locator(".entry")).to_contain_text("无号码的表 2 张")
    expect(page.locator(".batch .counted")).to_have_count(2)


def test_a_form_without_a_number_is_counted_and_no_rating(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, _ = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不能成为评价")
    page.get_by_role("button", name="无号码").click()
    expect(page.locator(".batch .counted")).to_have_count(1)
    expect(page.locator(".entry")).to_contain_text("无号码的表 1 张")
    assert given(live) == []


def test_what_was_said_by_telephone(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    page.get_by_role("button", name="电话回访").click()
    page.locator("input[name=number]").fill(numbers[0])
    page.locator("input[name=level]").fill("2")
    page.get_by_label("不想说明原因").check()
    expect(page.locator("input[name=called]")).not_to_have_value("")
    page.locator("button[type=submit]").click()
    expect(page.locator(".batch .taken")).to_have_count(1)
    assert given(live) == [(numbers[0], 2, "telephone", "[]", "", 1)]


def test_what_does_not_arrive_is_kept(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    port = live.port
    live.stop()
    form(page, numbers[0], "4")
    expect(page.locator(".batch .sending")).to_have_count(1)
    live.start(port)
    expect(page.locator(".batch .taken")).to_have_count(1, timeout=30_000)
    assert [row[:3] for row in given(live)] == [(numbers[0], 4, "paper")]


def losing(page: Page, path: str) -> list[str]:
    """The server does what is asked at `path`, and its answers are lost until `page.unroute_all`. What was asked."""
    asked: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route.request.post_data or "")
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(f"**/api/v1/ratings/entered{path}", lose)
    return asked


def test_a_form_whose_answer_was_lost_is_not_said_to_be_refused(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    asked = losing(page, "")
    form(page, numbers[0], "4", text="还可以")
    expect(page.locator(".batch .unsure")).to_contain_text("没有确认", timeout=60_000)
    expect(page.locator(".batch .unsure")).to_contain_text("不会重复录入")
    expect(page.locator("section small").first).to_have_text("已录入 0 张，未录入 0 张 · 没有确认 1 张")
    assert [row[:2] for row in given(live)] == [(numbers[0], 4)], "the server has it"
    page.unroute_all(behavior="wait")
    with page.expect_request("**/ratings/entered") as again:
        page.get_by_role("button", name="再送一次").click()
    expect(page.locator(".batch .taken")).to_have_count(1)
    assert {again.value.post_data} == set(asked), "under the same id"
    assert len(given(live)) == 1


def test_a_form_without_a_number_whose_answer_was_lost_counts_once(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, _ = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    losing(page, "/unnumbered")
    page.get_by_role("button", name="无号码").click()
    expect(page.get_by_role("alert")).to_contain_text("可能没有完成", timeout=60_000)
    assert live.get("/ratings/entered")["unnumbered"] == 1
    page.unroute_all(behavior="wait")
    page.get_by_role("button", name="无号码").click()
    expect(page.locator(".batch .counted")).to_have_count(1)
    assert live.get("/ratings/entered")["unnumbered"] == 1
    page.get_by_role("button", name="无号码").click()
    expect(page.locator(".batch .counted")).to_have_count(2)
    assert live.get("/ratings/entered")["unnumbered"] == 2


def test_the_time_of_a_call_is_that_of_its_own_number(served: tuple[Live, list[str]], tab: Tab) -> None:
    live, numbers = served
    page = open_page(live, tab)
    expect(page.locator("input[name=number]")).to_be_focused()
    page.clock.install()
    page.reload()
    called = page.locator("input[name=called]")

    def calling(number: str) -> datetime:
        page.locator("input[name=number]").fill(number)
        page.keyboard.press("Tab")
        expect(called).not_to_have_value("")
        page.wait_for_function("old => document.querySelector('[name=called]').value !== old", arg=seen)
        return datetime.fromisoformat(called.input_value())

    expect(page.locator("input[name=number]")).to_be_focused()
    page.keyboard.type(numbers[0])  # on paper, and nobody is called
    page.keyboard.press("Tab")
    expect(page.locator(".service")).to_contain_text(numbers[0])
    seen = ""
    page.get_by_role("button", name="电话回访").click()
    expect(called).to_have_value("")
    first = calling(numbers[0])
    page.clock.fast_forward("10:00")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # the same number is the same call
    seen = called.input_value()
    assert datetime.fromisoformat(seen) == first
    assert calling(numbers[1]) - first >= timedelta(minutes=10)
    called.fill("2026-03-02T09:30")
    page.clock.fast_forward("10:00")
    page.locator("input[name=number]").fill(numbers[2])
    page.keyboard.press("Tab")
    expect(page.locator(".service")).to_contain_text(numbers[2])
    expect(called).to_have_value("2026-03-02T09:30")


@pytest.mark.parametrize("role", ["clerk", "guide"])
def test_clerks_and_guides_are_shown_nothing(served: tuple[Live, list[str]], tab: Tab, role: str) -> None:
    page = open_page(served[0], tab, role)
    expect(page.locator("main")).to_contain_text("窗口和导办人员不能录入")
    expect(page.locator("form")).to_have_count(0)


def test_the_empty_form_is_one_a5_page(live: Live, tab: Tab) -> None:
    live.do("/admin/hall", method="PUT", name="清" * 60, open=True)
    page = tab(f"{live.url}/rating-form")
    expect(page.locator(".boxes i")).to_have_count(6)
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    sizes = page.locator("main, main *").evaluate_all(
        "all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) == 16, "12 pt: the form is for people of 70 too"

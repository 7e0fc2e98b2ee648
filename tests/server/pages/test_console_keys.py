"""The console by keyboard alone: a whole visit, one key that means the next step, and presses that must not count."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, expect

Sit = Callable[..., Page]
SETTLE_S = 0.7
"""A little longer than the one key stays deaf after its meaning changed. That time is the behaviour itself."""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def step(page: Page, leads_to: str) -> None:
    """The one key, by a clerk who looks before pressing; then the hand is in that state."""
    time.sleep(SETTLE_S)
    press(page, "Space")
    hand(page, leads_to)


def hand(page: Page, state: str) -> None:
    expect(page.locator(f".hand.{state}")).to_be_visible()


def number(page: Page) -> Any:
    return page.locator("#number")


def commands(page: Page) -> list[str]:
    """The commands that this page sends from now on, by their last word."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/api/v1/" in request.url:  # a socket's long poll is a POST too
            sent.append(request.url.rsplit("/", 1)[1])

    page.on("request", note)
    return sent


def test_a_whole_visit_by_keyboard_alone(
    live: Any, tab: Callable[..., Page], signing_in: Callable[..., None]
) -> None:
    tickets = [live.take("C") for _ in range(4)]
    page = tab(f"{live.url}/console")
    signing_in(page, live.clerk("欧阳"))
    expect(page.locator(".seat").first).to_be_focused()
    page.keyboard.type("11")
    press(page, "Enter")
    expect(page.locator(".waiting li")).to_have_count(4)
    expect(page.locator(".today")).to_contain_text("已办 0")

    step(page, "called")
    expect(number(page)).to_have_text(tickets[0])
    recall(page)
    step(page, "serving")
    press(page, "h")
    expect(page.get_by_role("radio").first).to_be_focused()
    press(page, "ArrowDown", "Tab")
    page.keyboard.type("去一楼复印")
    press(page, "Enter")
    hand(page, "open")
    expect(page.locator(".held")).to_contain_text(tickets[0])

    press(page, "g", "Enter")
    expect(page.get_by_role("dialog")).to_contain_text(tickets[0])
    expect(page.get_by_role("dialog")).to_contain_text("去一楼复印")
    press(page, "1")
    hand(page, "serving")
    expect(number(page)).to_have_text(tickets[0])
    expect(page.locator(".held")).to_have_count(0)
    press(page, "t")
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("z")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text("无窗口开放")
    press(page, "Tab")
    page.keyboard.type("先问清楚")
    press(page, "Enter")
    hand(page, "open")

    step(page, "called")
    expect(number(page)).to_have_text(tickets[1])
    press(page, "u")
    hand(page, "open")
    step(page, "called")
    expect(number(page)).to_have_text(tickets[1])
    press(page, "m", "Enter")
    hand(page, "open")

    step(page, "called")
    expect(number(page)).to_have_text(tickets[2])
    step(page, "serving")
    press(page, "3")
    expect(page.locator(".outcomes [aria-pressed=true]")).to_contain_text("补正")
    expect(page.locator(".actions .main")).to_contain_text("结束并评价 · 补正")
    step(page, "open")
    expect(page.locator(".today")).to_contain_text("已办 1")

    press(page, "p", "3")
    hand(page, "paused")
    assert live.window("11")["pause_reason"] == "用餐"
    press(page, "F2")
    expect(page.locator(".said")).to_contain_text("请先恢复服务")
    step(page, "open")

    press(page, "d")
    rows = page.get_by_role("dialog").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(f"{tickets[2]}")
    expect(rows.first).to_contain_text("补正")
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "q", "Shift+Tab", "Enter")
    expect(page.locator("input[name=username]")).to_be_focused()
    assert live.window("11")["state"] == "closed"


def recall(page: Page) -> None:
    """Not sooner than the hall allows: refused with a sentence until then."""
    press(page, "r")
    expect(page.locator(".said")).to_contain_text("重呼太快")
    end = time.monotonic() + 20
    while not page.get_by_text("已重呼").is_visible():
        assert time.monotonic() < end
        time.sleep(0.5)
        press(page, "r")


def test_a_number_on_hold_is_let_back_into_the_queue_by_a_busy_clerk(live: Any, at_window: Sit) -> None:
    first, second = live.take("G"), live.take("G")
    page = at_window("15")
    press(page, "F2")
    expect(number(page)).to_have_text(first)
    press(page, "h", "1")
    expect(page.locator(".held")).to_contain_text(first)
    press(page, "F2")
    expect(number(page)).to_have_text(second)
    press(page, "g", "Enter")
    expect(page.get_by_role("radio")).to_have_count(1)
    press(page, "Enter")
    expect(page.locator(".waiting")).to_contain_text(first)
    expect(page.locator(".held")).to_have_count(0)
    expect(number(page)).to_have_text(second)


def test_a_transfer_to_a_person_found_by_name(live: Any, at_window: Sit) -> None:
    ticket = live.take("A")
    zhao = at_window("16", name="赵六")
    page = at_window("01")
    expect(page.locator(".waiting")).to_contain_text(ticket)
    press(page, "l", "Enter")
    expect(page.get_by_role("dialog")).to_contain_text(ticket)
    press(page, "Enter")
    expect(number(page)).to_have_text(ticket)
    press(page, "t")
    queues = page.get_by_role("option")
    expect(queues.filter(has_text="个人综合").first).not_to_contain_text("无窗口开放")
    expect(queues.filter(has_text="单位业务").first).to_contain_text("无窗口开放")
    page.keyboard.type("赵六")
    expect(page.get_by_role("option")).to_have_count(2)
    press(page, "ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_contain_text("人员")
    press(page, "Enter")
    hand(page, "open")
    expect(zhao.locator(".waiting")).to_contain_text(ticket)
    expect(zhao.locator(".waiting .how")).to_have_text("01 号窗口转来")
    press(zhao, "Space")
    expect(number(zhao)).to_have_text(ticket)
    expect(zhao.locator(".reason")).to_contain_text("指定由您办理")


def test_a_key_held_down_is_one_press(live: Any, at_window: Sit) -> None:
    for _ in range(3):
        live.take("Z")
    page = at_window("20")
    expect(page.locator(".waiting li").first).to_be_visible()
    sent = commands(page)
    hold_down(page, "Space")
    hand(page, "called")
    assert sent == ["call-next"]
    press(page, "u")
    hand(page, "open")
    press(page, "l")
    hold_down(page, "Enter")
    expect(page.get_by_role("dialog")).to_contain_text("特呼")
    assert sent == ["call-next", "undo"]
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def hold_down(page: Page, key: str) -> None:
    """As a keyboard does: beats of the same key until it is let go."""
    for _ in range(30):
        page.keyboard.down(key)
        time.sleep(0.03)
    page.keyboard.up(key)


def test_a_double_press_or_click_calls_and_does_not_begin(live: Any, at_window: Sit) -> None:
    live.take("A")
    page = at_window("02")
    expect(page.locator(".waiting li").first).to_be_visible()
    sent = commands(page)
    press(page, "Space")
    hand(page, "called")
    press(page, "Space")
    expect(page.locator(".said")).to_contain_text("刚刚变化")
    hand(page, "called")
    press(page, "u")
    hand(page, "open")
    time.sleep(SETTLE_S)
    page.locator(".actions .main").dblclick()
    hand(page, "called")
    assert sent == ["call-next", "undo", "call-next"]
    press(page, "u")
    hand(page, "open")


def test_a_click_leaves_no_button_for_the_next_space(live: Any, at_window: Sit) -> None:
    live.take("D")
    page = at_window("23")
    expect(page.locator(".waiting li").first).to_be_visible()
    page.locator(".actions .main").click()
    hand(page, "called")
    page.locator("[data-action=recall]").click()
    expect(page.locator(".said")).to_contain_text("重呼太快")
    step(page, "serving")
    press(page, "f")
    hand(page, "open")


def test_text_and_composition_are_never_taken_for_keys(live: Any, at_window: Sit) -> None:
    live.take("D")
    page = at_window("24")
    expect(page.locator(".waiting li").first).to_be_visible()
    sent = commands(page)
    press(page, "p")
    page.get_by_role("textbox").focus()
    page.keyboard.type("q r 3")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": "huiyi", "selectionStart": 5, "selectionEnd": 5})
    devtools.send("Input.insertText", {"text": "会议"})
    expect(page.get_by_role("textbox")).to_have_value("q r 3会议")
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    composing = "new KeyboardEvent('keydown', {code: 'F2', key: 'Process', isComposing: true, bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({composing})")
    press(page, "Control+p", "Alt+r")
    assert sent == []


def test_the_one_key_belongs_to_the_button_that_has_the_focus(live: Any, at_window: Sit) -> None:
    page = at_window("25")
    page.get_by_role("button", name="按键").focus()
    press(page, "Space")
    expect(page.get_by_role("dialog")).to_contain_text("键盘一览")
    hand(page, "open")
    press(page, "Escape")
    expect(page.get_by_role("button", name="按键")).to_be_focused()
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"


def test_help_names_every_key_and_no_dialog_is_a_trap(live: Any, at_window: Sit) -> None:
    live.take("E")
    page = at_window("28")
    press(page, "?")
    listed = page.get_by_role("dialog").locator("kbd").all_inner_texts()
    shown = page.locator(".actions kbd, header kbd, aside kbd").all_inner_texts()
    assert set(shown) <= set(listed) and {"空格", "F2", "G", "Esc"} <= set(listed)
    table = (Path(__file__).parents[3] / "docs/console.md").read_text("utf-8")
    assert [key for key in listed if f"| {key} " not in table and key not in "15"] == []
    press(page, "Escape")
    press(page, "Space")
    hand(page, "called")
    for key in ("h", "t", "m", "p", "d", "?"):
        press(page, key)
        expect(page.get_by_role("dialog")).to_be_visible()
        for _ in range(12):
            press(page, "Tab")
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    hand(page, "called")
    press(page, "u")

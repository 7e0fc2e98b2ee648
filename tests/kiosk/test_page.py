"""The touch page in a real Chromium, upright and lying, on good and on bad days. Pictures: build/screens/."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kiosk.conftest import LYING, ROOT, UPRIGHT, Kiosk, PrinterStub, RealServer, Weather, Wire, until

SCREENS = ROOT / "build" / "screens"
MakeKiosk = Callable[..., Kiosk]


def shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"kiosk-{name}.png")


def unfit(page: Page) -> list[str]:
    """Text under 28 px, buttons under 120 px, anything that spills or is covered, as the browser drew it."""
    return page.evaluate(
        """() => [
          ...[...document.querySelectorAll('button')]
            .filter((b) => b.offsetHeight < 120).map((b) => 'low: ' + b.innerText),
          ...[...document.querySelectorAll('#app *')]
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
              && parseFloat(getComputedStyle(e).fontSize) < 28).map((e) => 'small: ' + e.innerText),
          ...[...document.querySelectorAll('.elder .tiles, .elder .found')]
            .filter((e) => e.scrollHeight > e.clientHeight + 1).map((e) => 'cut off: ' + e.innerText),
          ...[...document.querySelectorAll('button, .notice, .fields > div, .message, .taken, .paper')]
            .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
            .map((e) => 'spills: ' + e.innerText),
          ...[...document.querySelectorAll('.greeting, .taken, .message')].filter((e) =>
            e.getBoundingClientRect().top < document.querySelector('.head').getBoundingClientRect().bottom)
            .map((e) => 'covered: ' + e.innerText),
          ...[...document.querySelectorAll('#app *')].map((e) => [e, e.getBoundingClientRect()])
            .filter(([e, { left, right }]) => left < -1 || right > innerWidth + 1)
            .map(([e]) => 'off the side: ' + e.outerHTML),
          ...[...document.querySelectorAll('.foot, .leave, .primary')]
            .filter((e) => e.getBoundingClientRect().bottom > innerHeight).map((e) => 'below: ' + e.innerText),
        ]"""
    )


def test_two_touches_from_greeting_to_paper(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_page: Callable[..., Page]
) -> None:
    """The common case, from the quiet page on, by a finger, as the printer's paper ends it."""
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_page("about:blank", *UPRIGHT, locale="zh-CN", has_touch=True)
    page.add_init_script(
        "addEventListener('pointerdown', () => { window.touches = (window.touches ?? 0) + 1; }, true)"
    )
    page.clock.install()
    page.goto(kiosk.url)
    expect(page.locator(".tile").first).to_be_enabled()
    box = page.locator(".tile").first.bounding_box()
    assert box
    fall_quiet(page)
    for _ in range(2):  # the first wakes it, the second is for what lies there then
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator(".rest")).to_have_count(0)
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")
    assert page.evaluate("window.touches") == 2
    number = page.locator(".huge").inner_text()
    assert printer.printed(number) == 1 and len(printer.papers()) == 1


def fall_quiet(page: Page) -> None:
    """Nobody touches the page for long. Its clock is installed; a seemingly lost agent comes back."""
    page.clock.fast_forward(91_000)
    expect(page.locator(".rest")).to_be_visible(timeout=20_000)


def test_a_double_tap_is_one_ticket(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    tile = page.locator(".tile").first
    expect(tile).to_be_enabled()
    shoot(page, "home")
    assert unfit(page) == []
    tile.dblclick()
    expect(page.locator(".huge")).to_be_visible()
    number = page.locator(".huge").inner_text()
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")
    shoot(page, "taken")
    assert unfit(page) == []
    assert printer.printed(number) == 1 and len(printer.papers()) == 1
    page.locator(".primary").click()
    expect(page.locator(".tile").first).to_be_visible()


@pytest.mark.parametrize(("size", "name"), [(UPRIGHT, "upright"), (LYING, "lying")])
def test_by_item_elder_and_english(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page],
    size: tuple[int, int], name: str,
) -> None:  # fmt: skip
    board = real_server.board()
    for queue, (waiting, windows) in zip(board["queues"], [(0, 0), (128, 0), (0, 1), (128, 12)] * 9, strict=False):
        queue |= {"waiting": waiting, "windows": windows}
    wire.weather = Weather("/board", answer=(200, json.dumps(board).encode()))
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk, size)
    expect(page.locator(".tile").first).to_be_enabled()
    shoot(page, f"home-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="按事项查找").click()
    expect(page.locator(".row").first).to_be_visible()
    shoot(page, f"items-{name}")
    assert unfit(page) == []
    assert page.locator(".found").evaluate("(list) => list.scrollHeight <= list.clientHeight + 1"), "no row is cut"
    page.locator(".row").first.click()
    expect(page.locator(".fields")).to_contain_text("带什么材料")
    shoot(page, f"item-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="返回", exact=True).click()
    page.locator(".row").first.click()
    page.get_by_role("button", name="大字").click()
    shoot(page, f"item-elder-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="返回", exact=True).click()
    shoot(page, f"items-elder-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="返回首页").click()
    expect(page.locator(".what").nth(1)).to_contain_text("128 人等候")
    expect(page.locator(".soft").nth(1)).to_be_visible()
    shoot(page, f"elder-{name}")
    assert turn_the_pages(page) == len(board["queues"])
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Welcome")
    expect(page.locator(".what").nth(2)).to_contain_text(re.compile(r"1 window$"))
    shoot(page, f"english-{name}")
    assert unfit(page) == []
    assert page.locator("html").get_attribute("lang") == "en"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find a service").focus()
    page.keyboard.press("Enter")
    page.locator(".row").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Take a number")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".paper")).to_be_visible()
    expect(page.locator(".business")).to_have_text(re.compile("[A-Za-z]"))
    shoot(page, f"taken-english-{name}")
    assert unfit(page) == []


def turn_the_pages(page: Page) -> int:
    """How many tiles all pages of large letters have; nothing is cut off on any, and the last leads to the first."""
    tiles = 0
    while "第 1 /" not in page.locator(".more").inner_text() or not tiles:
        assert unfit(page) == []
        tiles += page.locator(".tile").count()
        page.locator(".more").click()
    return tiles


def test_paper_out_is_said_before_and_after(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    printer.fault("paper_out")
    kiosk = make_kiosk(real_server.url, printer.url)
    page = open_kiosk(kiosk)
    expect(page.locator(".notice")).to_contain_text("打印机缺纸")
    shoot(page, "paper-out")
    page.locator(".tile").first.click()
    expect(page.locator(".warned .paper")).to_contain_text("请记住或拍下号码")
    expect(page.locator(".huge")).to_be_visible()
    expect(page.locator(".warned .paper")).to_contain_text("现在没有纸，号码有效")
    shoot(page, "waiting-paper")
    assert unfit(page) == []
    printer.fault("paper_out", False)
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")
    page.locator(".primary").click()
    expect(page.locator(".notice")).to_have_count(0)


def test_a_lost_server_is_said_and_heals(
    wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    expect(page.locator(".tile").first).to_be_enabled()
    wire.weather = Weather(cut=True)
    page.locator(".tile").first.click()
    expect(page.locator(".message")).to_contain_text("没有取到号", timeout=15_000)
    shoot(page, "away")
    page.locator(".primary").click()
    expect(page.locator(".notice")).to_contain_text("连接中断", timeout=15_000)
    expect(page.locator(".tile").first).to_be_disabled()
    shoot(page, "link-lost")
    wire.weather = Weather(path="\0")
    expect(page.locator(".tile").first).to_be_enabled(timeout=15_000)


def test_a_killed_agent_is_said_and_the_touch_goes_on(
    wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    kiosk = make_kiosk(wire.url, printer.url, "port = 0")
    kiosk.keep_port()
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    wire.weather = Weather("/tickets", "POST", cut=True)
    page.locator(".tile").first.click()
    until(wire.weather.reached.is_set)
    kiosk.kill()
    expect(page.locator(".message")).to_contain_text("本机正在恢复")
    wire.weather = Weather(path="\0")
    kiosk.start()
    expect(page.locator(".huge")).to_be_visible(timeout=15_000)
    assert printer.printed(page.locator(".huge").inner_text()) == 1


def test_a_hostile_name_is_only_text(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    hostile = "<img src=x onerror=alert(1)>" + "很长的名字" * 20
    board = real_server.board()
    board["queues"][0]["name"] = board["hall_name"] = board["items"][0]["name"] = hostile
    wire.weather = Weather("/board", answer=(200, json.dumps(board).encode()))
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    expect(page.locator(".tile").first).to_contain_text(hostile)
    assert page.locator("img").count() == 0
    assert unfit(page) == []
    page.get_by_role("button", name="按事项查找").click()
    expect(page.locator(".row").first).to_contain_text(hostile)
    assert unfit(page) == []

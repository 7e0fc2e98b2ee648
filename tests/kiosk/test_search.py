"""Looking up an item at the kiosk: the server's rule and table, by the screen's letters and by a keyboard."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.kiosk.conftest import LYING, ROOT, UPRIGHT, Kiosk, PrinterStub, RealServer, Weather, Wire

TABLE = json.loads((ROOT / "tests/item_search.json").read_text("utf-8"))
MakeKiosk = Callable[..., Kiosk]
OpenItems = Callable[..., tuple[Kiosk, Page]]


def letters(page: Page, text: str) -> None:
    for letter in text.upper():
        page.locator(".letters").get_by_role("button", name=letter, exact=True).click()


def count(page: Page) -> int:
    """Of all that were found, on whatever page of the list."""
    return int((page.locator(".asked output").text_content() or "").split()[0])


def names(page: Page) -> list[str]:
    return page.locator(".row > span").all_inner_texts()


def test_the_page_has_the_rule_of_the_server(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    page = open_kiosk(make_kiosk(real_server.url, printer.url))
    items = [{"name": name, "pinyin": pinyin} for name, pinyin in TABLE["items"].items()]
    found = page.evaluate(
        """async ([items, asked]) => {
          const { search } = await import("/faces/search.mjs");
          return asked.map((one) => search(items, one).map(({ name }) => name));
        }""",
        [items, list(TABLE["asked"])],
    )
    assert dict(zip(TABLE["asked"], found, strict=True)) == TABLE["asked"]


@pytest.mark.parametrize("size", [UPRIGHT, LYING])
def test_initials_find_pensions_by_touch(
    real_server: RealServer, printer: PrinterStub, open_items: OpenItems, size: tuple[int, int]
) -> None:
    _, page = open_items(real_server.url, printer.url, size)
    expect(page.locator(".asked output")).to_have_text("12 项")
    counts = []
    for n, letter in enumerate("ylbx", 1):
        letters(page, letter)
        expect(page.locator(".query")).to_have_value("ylbx"[:n])
        counts.append(count(page))
    assert counts == sorted(counts, reverse=True) and counts[0] < 12, "each touch narrows the list"
    assert len(names(page)) == 2 and all("养老保险" in name for name in names(page))
    assert names(page)[0].startswith("养老保险"), "what begins with it comes first"
    letters(page, "q")
    expect(page.locator(".nothing")).to_contain_text("没有找到“ylbxq”")
    expect(page.locator(".nothing")).to_contain_text("请删去几个字母再找，或到导办台询问")
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".row")).to_have_count(2)
    page.locator(".row").first.click()
    page.get_by_role("button", name="返回", exact=True).click()
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_role("button", name="返回首页").click()
    page.get_by_role("button", name="按事项查找").click()
    expect(page.locator(".asked output")).to_have_text("12 项")


def test_a_keyboard_and_its_input_method_type_too(
    real_server: RealServer, printer: PrinterStub, open_items: OpenItems
) -> None:
    _, page = open_items(real_server.url, printer.url)
    page.keyboard.type("yangl")
    letters(page, "b")
    page.keyboard.type("x")
    expect(page.locator(".query")).to_have_value("yanglbx")
    expect(page.locator(".row")).to_have_count(2)
    for _ in "yanglbx":
        page.keyboard.press("Backspace")
    expect(page.locator(".asked output")).to_have_text("12 项")
    page.locator(".foot button").last.focus()
    page.keyboard.type("zg")
    expect(page.locator(".query")).to_have_value("zg")
    page.locator(".query").fill("")
    page.keyboard.insert_text("医疗")
    expect(page.locator(".row")).to_have_count(2)
    assert all("医疗" in name for name in names(page))
    page.keyboard.insert_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".nothing")).to_contain_text("<img")
    page.keyboard.press("Escape")
    expect(page.locator(".tile").first).to_be_visible()


def test_it_finds_while_the_server_is_away_and_the_sheet_is_printed(
    wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    expect(page.locator(".tile").first).to_be_enabled()
    wire.weather = Weather(cut=True)
    expect(page.locator(".notice")).to_contain_text("连接中断", timeout=20_000)
    page.get_by_role("button", name="按事项查找").click()
    letters(page, "ydjy")
    page.locator(".row").first.click()
    expect(page.locator("h1")).to_have_text("异地就医备案")
    page.get_by_role("button", name="打印办事指南").click()
    expect(page.locator(".notice.good")).to_contain_text("请取走办事指南")
    (paper,) = printer.papers()
    assert re.search("异地就医备案", "".join(paper["lines"])) and paper["complete"]

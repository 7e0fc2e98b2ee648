"""The devices part of the admin page in real Chromium, with a real agent and real bytes. Pictures: build/screens/."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.faces.checks import axe, contrast, overflow, targets, text_sizes
from tests.kiosk.conftest import PrinterStub, until
from tests.kiosk.test_bound_devices import Bare
from tests.kiosk.test_pads_road import Stub

ADMIN = ("boss", "a boss's long password")
SCREENS = Path(__file__).parents[3] / "build" / "screens"
SLOW_MS = 60_000


def shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"admin-devices-{name}.png", full_page=True)


def whole(page: Page) -> None:
    small = [one for one in targets(page, 40) if "nav > a" not in one]  # the bar at the top is every page's
    assert [*axe(page), *contrast(page), *small, *text_sizes(page, 14), *overflow(page)] == []


@pytest.fixture
def stand(live: Any, tmp_path: Path) -> Iterator[tuple[Bare, PrinterStub, Stub, str]]:
    """A kiosk without devices in its file, and a printer and a pad that hang somewhere."""
    token = live.do("/admin/devices", name="大厅一号机", kind="kiosk")["token"]
    printer, pad = PrinterStub("--fast"), Stub("--pty", str(tmp_path / "pad"))
    kiosk = Bare(tmp_path / "bare", live.url, token)
    try:
        until(lambda: any(one["heard"] for one in live.get("/admin")["machines"]))
        yield kiosk, printer, pad, f"serial://{os.path.realpath(tmp_path / 'pad')}?baudrate=9600"
    finally:
        kiosk.kill()
        pad.stop()
        printer.stop()


@pytest.fixture
def card(live: Any, open_page: Callable[..., Page], signing_in: Callable[..., None]) -> Callable[[], Locator]:
    def open_it() -> Locator:
        page = open_page(f"{live.url}/admin#devices", 1440, 900, bypass_csp=True)  # axe writes styles of its own
        signing_in(page, *ADMIN)
        return page.get_by_role("article", name="大厅一号机")

    return open_it


def choose_other(card: Locator, url: str) -> None:
    card.locator("select[name=url], select[name=choice]").select_option(label="其他（网络地址或手写）")
    card.locator("input[name=url]").fill(url)


def row(card: Locator, kind: str) -> Locator:
    return card.locator("tbody tr").filter(has_text=kind)


def test_a_hall_binds_tests_and_learns_by_the_page_alone(
    live: Any, stand: tuple[Bare, PrinterStub, Stub, str], card: Callable[[], Locator]
) -> None:
    _, printer, pad, line = stand
    mine = card()
    page = mine.page
    mine.get_by_role("button", name="绑定设备").click()
    shoot(page, "bind")
    choose_other(mine, "tcp://169.254.169.254:80")
    mine.get_by_role("button", name="绑定设备").click()
    expect(mine.locator("input[name=url]")).to_have_attribute("aria-invalid", "true")
    expect(mine.locator("label", has=page.locator("input[name=url]")).locator(".wrong")).to_contain_text("不连接")
    shoot(page, "refused")
    whole(page)
    assert next(one for one in live.get("/admin")["machines"])["devices"] == []
    mine.locator("input[name=url]").fill(printer.url)
    mine.get_by_role("button", name="绑定设备").click()
    expect(row(mine, "打印机")).to_contain_text("正常", timeout=SLOW_MS)

    row(mine, "打印机").get_by_role("button", name="测试打印").click()
    expect(page.get_by_role("dialog")).to_contain_text("已打印，请核对纸上的内容", timeout=SLOW_MS)
    assert "打印测试" in str(printer.papers())
    page.keyboard.press("Escape")

    mine.get_by_role("button", name="学习新评价器").click()
    mine.get_by_label("型号名称").fill("某牌三键评价器")
    choose_other(mine, line)
    mine.get_by_role("button", name="开始").click()
    dialog = page.get_by_role("dialog")
    for key, said in (("satisfied", "满意"), ("basically_satisfied", "基本满意"), ("dissatisfied", "不满意")):
        for n in range(1, 4):
            expect(dialog.locator(".press")).to_have_text(said, timeout=SLOW_MS)
            expect(dialog.locator(".subject .number")).to_have_text(f"{n} / 3", timeout=SLOW_MS)
            pad.press(key)
    expect(dialog).to_contain_text("学会了", timeout=SLOW_MS)
    shoot(page, "learned")
    dialog.locator("input").fill("FF68 ")
    dialog.get_by_role("button", name="保存并发给各台机器").click()
    expect(dialog.locator("input")).to_have_attribute("aria-invalid", "true")
    dialog.locator("input").fill("mou-pai")
    dialog.get_by_role("button", name="保存并发给各台机器").click()
    expect(dialog).to_have_count(0)

    mine.get_by_role("button", name="绑定设备").click()
    mine.get_by_label("类型").select_option("evaluator")
    choose_other(mine, line)
    mine.get_by_label("型号配置").select_option("mou-pai")
    mine.get_by_role("button", name="绑定设备").click()
    expect(row(mine, "评价器")).to_contain_text("正常", timeout=SLOW_MS)
    row(mine, "评价器").get_by_role("button", name="按键测试").click()
    expect(dialog).to_contain_text("请按任意键", timeout=SLOW_MS)
    pad.press("dissatisfied")
    expect(dialog.locator(".seen tbody tr").first).to_contain_text("不满意", timeout=SLOW_MS)
    expect(dialog.locator(".seen tbody tr").first).to_contain_text("ff 68")
    shoot(page, "keys")
    whole(page)
    page.keyboard.press("Escape")

    mine.get_by_role("button", name="绑定设备").click()
    mine.get_by_label("类型").select_option("scanner")
    choose_other(mine, line)
    mine.get_by_role("button", name="绑定设备").click()
    expect(mine.locator(".wrong")).to_contain_text("已由 大厅一号机 的评价器（01 号窗口）占用")
    mine.get_by_role("button", name="取消").click()
    row(mine, "打印机").get_by_role("button", name="更换").click()
    mine.locator("input[name=url]").fill("tcp://127.0.0.1:9")
    mine.locator("form").get_by_role("button", name="更换").click()
    expect(mine.locator("summary")).to_have_text("以前的设备")
    mine.locator("summary").click()
    expect(mine.locator(".past li")).to_contain_text(printer.url)
    expect(row(mine, "打印机")).to_contain_text("未连接", timeout=SLOW_MS)
    shoot(page, "whole")
    whole(page)
    row(mine, "评价器").get_by_role("button", name="解除").click()
    page.get_by_role("dialog").get_by_role("button", name="解除").click()
    expect(row(mine, "评价器")).to_have_count(0)

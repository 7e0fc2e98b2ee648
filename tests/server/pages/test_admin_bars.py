"""LED bars on the devices part of the admin page, in real Chromium with a real display. Pictures: build/screens/."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from firmware_stubs.ledbar import LedBarStub
from tests.display.conftest import Agent, end
from tests.display.test_bound_bars import ALLOWED, bar_on
from tests.kiosk.conftest import until
from tests.server.pages.test_admin_devices import ADMIN, SLOW_MS, choose_other, row, shoot, whole


@pytest.fixture
def bars(live: Any, tmp_path: Path) -> Iterator[tuple[LedBarStub, str, str]]:
    """A display with a bar in its file; a bar that is plugged in somewhere, its URL, and that of the file's."""
    token = live.do("/admin/devices", name="大厅大屏", kind="display")["token"]
    with ExitStack() as plugged:
        _, fixed = bar_on(plugged)
        bar, url = bar_on(plugged)
        agent = Agent(tmp_path, live.url, f'{ALLOWED}[[led_bar]]\nwindow = "02"\nurl = "{fixed}"\n', token=token)
        try:
            until(lambda: any(one["heard"] for one in live.get("/admin")["machines"]))
            yield bar, url, fixed
        finally:
            end(agent.process)


@pytest.fixture
def card(live: Any, open_page: Callable[..., Page], signing_in: Callable[..., None]) -> Locator:
    page = open_page(f"{live.url}/admin#devices", 1440, 900, bypass_csp=True)  # axe writes styles of its own
    signing_in(page, *ADMIN)
    return page.get_by_role("article", name="大厅大屏")


def bind(card: Locator, window: str, url: str) -> None:
    card.get_by_role("button", name="绑定设备").click()
    card.locator("select[name=window]").select_option(window)
    if card.locator("input[name=url]").count() == 0:
        choose_other(card, url)
    card.locator("input[name=url]").fill(url)


def test_a_hall_binds_tests_and_takes_away_a_bar_by_the_page_alone(
    bars: tuple[LedBarStub, str, str], card: Locator
) -> None:
    bar, url, fixed = bars
    page = card.page
    expect(card.get_by_role("button", name="学习新评价器")).to_have_count(0)
    expect(row(card, "02")).to_contain_text("写在本机 display.toml")
    expect(row(card, "02").get_by_role("button")).to_have_text(["亮字测试"])
    bind(card, "01", fixed)
    expect(card.get_by_label("类型").locator("option")).to_have_text(["窗口条屏"])
    card.get_by_role("button", name="绑定设备").click()
    expect(card.locator(".wrong")).to_contain_text("已由 大厅大屏 的条屏“写在本机”（02 号窗口）占用")
    expect(card.locator("input[name=url]")).to_have_attribute("aria-invalid", "true")
    card.locator("input[name=url]").fill(url)
    card.locator("input[name=address]").fill("65534")
    card.get_by_role("button", name="绑定设备").click()
    expect(card.locator("input[name=address]")).to_have_attribute("aria-invalid", "true")
    shoot(page, "bar-refused")
    whole(page)
    card.locator("input[name=address]").fill("1")
    card.get_by_role("button", name="绑定设备").click()
    mine = row(card, "01").filter(has_text="bx5")
    expect(mine).to_contain_text("正常", timeout=SLOW_MS)

    mine.get_by_role("button", name="亮字测试").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("请看亮的是不是这一块", timeout=SLOW_MS)
    until(lambda: bar.state()["text"] == "测试 01号窗口", 30)
    shoot(page, "bar-test")
    expect(dialog).to_contain_text("已显示“测试 01号窗口”", timeout=SLOW_MS)
    page.keyboard.press("Escape")

    mine.get_by_role("button", name="更换").click()
    card.locator("select[name=window]").select_option("03")
    card.locator("form").get_by_role("button", name="更换").click()
    expect(row(card, "03").filter(has_text="bx5")).to_contain_text("正常", timeout=SLOW_MS)
    card.locator("summary").click()
    expect(card.locator(".past li")).to_contain_text(url)
    shoot(page, "bars")
    whole(page)
    row(card, "03").filter(has_text="bx5").get_by_role("button", name="解除").click()
    page.get_by_role("dialog").get_by_role("button", name="解除").click()
    expect(row(card, "03").filter(has_text="bx5")).to_have_count(0)
    until(lambda: bar.state()["text"] == "", 30)

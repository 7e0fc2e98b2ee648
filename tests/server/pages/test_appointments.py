"""The citizen's booking page without scripts, and the desk's book, in real Chromium. Pictures: build/screens/."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import PASSWORD, ROOT, Live, sign_in

WEEK = [1, 2, 3, 4, 5, 6, 7]
ALL_DAY = {"weekdays": WEEK, "start_minute": 0, "end_minute": 1440, "slot_minutes": 5, "capacity": 3}
Tab = Callable[..., Page]


@pytest.fixture(scope="module")
def town(live: Live) -> Live:
    """The hall with slots all day long: this server's clock is the real one."""
    for queue, mode in (("A", "hall"), ("B", "extended_hours"), ("A", "home_visit")):
        live.do("/admin/slot-plans", queue=queue, mode=mode, **ALL_DAY)
    return live


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_it(url: str, width: int = 390) -> Page:
        return open_page(url, width, 844, java_script_enabled=False)

    return open_it


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"appointments-{name}.png")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [390, 195])  # 195 is a phone at 200 %
def test_a_citizen_books_and_cancels_without_scripts(town: Live, phone: Callable[..., Page], width: int) -> None:
    page = phone(f"{town.url}/book", width)
    assert fits(page)
    page.locator(".way", has_text="到大厅办").first.click()
    assert fits(page)
    page.locator(".times a").last.click()
    page.fill("#phone", "138123")
    page.locator("button").click()
    expect(page.locator(".problem")).to_contain_text("手机号码")
    expect(page.locator("#phone")).to_have_value("138123")
    assert fits(page)
    page.fill("#phone", f"138{uuid4().int % 10**8:08}")
    page.select_option("#item", label="灵活就业人员参保登记")
    page.locator("button").click()
    expect(page.locator("h1")).to_contain_text("预约成功")
    assert re.fullmatch(r"\d{4} \d{4}", page.locator(".digits").inner_text().replace("\n", " "))
    assert fits(page)
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_contain_text("You are booked")
    page.get_by_role("link", name="Cancel this appointment").click()
    page.get_by_role("button", name="Do cancel it").click()
    expect(page.locator("h1")).to_contain_text("cancelled")
    assert fits(page)


def test_a_home_visit_asks_whom_and_where(town: Live, phone: Callable[..., Page]) -> None:
    page = phone(f"{town.url}/book")
    page.locator(".way", has_text="上门服务").click()
    page.locator(".times a").last.click()
    expect(page.locator("#contact")).to_be_visible()
    page.fill("#phone", f"139{uuid4().int % 10**8:08}")
    page.fill("#contact", "清河路 1 号 王先生")
    page.locator("button").click()
    expect(page.locator("main")).to_contain_text("上门")
    expect(page.locator(".digits")).to_have_count(0)
    assert "清河路" not in page.content() and "清河路" not in page.url


def open_book(town: Live, tab: Tab, role: str = "guide") -> Page:
    name = f"{role[0]}{uuid4().hex[:8]}"
    town.do("/admin/users", username=name, role=role, password=PASSWORD, name="李导办")
    page = tab(f"{town.url}/appointments")
    sign_in(page, name)
    return page


def test_the_desk_books_for_somebody_and_checks_in(town: Live, tab: Tab) -> None:
    page = open_book(town, tab)
    page.get_by_role("button", name="代客预约").click()
    page.locator("dialog select[name=way]").select_option("A hall")
    expect(page.locator("dialog select[name=starts_at]")).to_be_visible()
    page.fill("dialog input[name=phone]", "13812345678")
    shoot(page, "dialog")
    page.keyboard.press("Enter")
    code = page.locator(".madecode").inner_text()
    shoot(page, "made")
    page.keyboard.press("Escape")
    page.fill(".find input", code)
    page.keyboard.press("Enter")
    row = page.locator(".found tbody tr")
    expect(row).to_contain_text("138****5678")
    shoot(page, "found")
    row.get_by_role("button", name="取号").click()
    expect(row).to_contain_text(re.compile(r"A\d{3}"))
    expect(page.locator(".scroll").last).to_contain_text("已取号")
    shoot(page, "book")
    page.fill(".find input", "0000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("没有这个预约码")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Book for someone")).to_be_visible()
    shoot(page, "english")
    assert fits(page)


def test_the_desk_cancels_and_marks_a_visit(town: Live, tab: Tab) -> None:
    slots = town.get("/appointments/slots/A/home_visit")["slots"]
    for slot in slots[:2]:
        town.do("/appointments", queue="A", mode="home_visit", starts_at=slot["starts_at"], phone="13812345678",
                contact="柳林巷 7 号 赵女士")  # fmt: skip
    page = open_book(town, tab)
    page.locator(".modes").get_by_role("button", name=re.compile("上门")).click()
    rows = page.locator("tbody tr", has_text="柳林巷")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button", name="已上门").click()
    expect(rows.first).to_contain_text("已完成")
    rows.last.get_by_role("button", name="取消").click()
    page.get_by_role("button", name="取消预约").click()
    expect(page.locator("tr.cancelled")).to_contain_text("已取消")
    expect(rows).to_have_count(1)  # nobody goes there any more, so the address is gone
    shoot(page, "visits")


def test_an_admin_plans_slots_and_a_clerk_sees_nothing(town: Live, tab: Tab) -> None:
    page = open_book(town, tab, "admin")
    page.get_by_role("button", name="号源").click()
    fresh = page.locator(".add form")
    fresh.locator("select[name=queue]").select_option("C")
    fresh.locator("input[name=start]").fill("9点")
    fresh.get_by_role("button", name="新增号源").click()
    expect(fresh.get_by_role("alert")).to_contain_text("9:00")
    fresh.locator("input[name=start]").fill("9:00")
    fresh.locator("input[name=end]").fill("9:10")
    fresh.get_by_role("button", name="新增号源").click()
    expect(fresh.get_by_role("alert")).to_contain_text("晚于开始时间")
    fresh.locator("input[name=end]").fill("11:30")
    fresh.get_by_role("button", name="新增号源").click()
    made = page.locator("form.plan", has=page.locator("option[value=C]:checked")).first
    expect(made.get_by_role("button", name="移除")).to_be_visible()
    shoot(page, "plans")
    assert fits(page)
    made.get_by_role("button", name="移除").click()
    page.locator("dialog").get_by_role("button", name="移除").click()
    expect(made).to_have_count(0)
    clerk = open_book(town, tab, "clerk")
    expect(clerk.locator("main")).to_contain_text("请换用有权限的账号")

"""The citizen's booking page without scripts, and the desk's book, in real Chromium. Pictures: build/screens/."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import ADMIN, PASSWORD, ROOT, Live, sign_in

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
    page.wait_for_load_state()  # before its styles are there, a page is as wide as it likes
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


def choose_free_day(page: Page) -> None:
    """The day one looks at may be over, as just before midnight."""
    days = page.locator("dialog select[name=day]")
    expect(days).to_be_visible()
    if not days.input_value():
        days.select_option(index=1)
    expect(page.locator("dialog select[name=starts_at]")).to_be_visible()


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
    choose_free_day(page)
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
    before = len(town.get("/slot-plans")["plans"])
    page.get_by_role("button", name="新增号源").click()
    fresh = page.locator(".add form")
    expect(fresh.locator("select[name=queue]")).to_be_focused()
    fresh.get_by_role("button", name="取消").click()
    expect(fresh).to_have_count(0)
    assert len(town.get("/slot-plans")["plans"]) == before  # a stray touch made nothing
    page.get_by_role("button", name="新增号源").click()
    fresh.locator("select[name=queue]").select_option("C")
    fresh.locator("input[name=start]").fill("9点")
    fresh.get_by_role("button", name="保存").click()
    expect(fresh.get_by_role("alert")).to_contain_text("9:00")
    fresh.locator("input[name=start]").fill("9:00")
    fresh.locator("input[name=end]").fill("9:10")
    fresh.get_by_role("button", name="保存").click()
    expect(fresh.get_by_role("alert")).to_contain_text("晚于开始时间")
    fresh.locator("input[name=end]").fill("11:30")
    fresh.get_by_role("button", name="保存").click()
    made = page.locator("form.plan", has=page.locator("option[value=C]:checked")).first
    expect(made.locator(".done")).to_have_text("已保存")
    expect(made).to_have_class("plan just")
    expect(made).to_be_in_viewport(ratio=1)
    expect(fresh).to_have_count(0)
    shoot(page, "plans")
    assert fits(page)
    made.get_by_role("button", name="移除").click()
    page.locator("dialog").get_by_role("button", name="移除").click()
    expect(made).to_have_count(0)
    clerk = open_book(town, tab, "clerk")
    expect(clerk.locator("main")).to_contain_text("请换用有权限的账号")


# ── closed after it was booked; plans beside the hours ──


def day_ahead(days: int) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=days)).date().isoformat()


def book_at(town: Live, day: str, **more: str) -> Any:
    slots = town.get("/appointments/slots/A/hall")["slots"]
    at = next(slot["starts_at"] for slot in slots if slot["starts_at"].startswith(f"{day}T10:00"))
    return town.do("/appointments", queue="A", mode="hall", starts_at=at, **more)


def test_a_holiday_over_a_booking_is_told_to_admin_desk_and_citizen(
    town: Live, tab: Tab, phone: Callable[..., Page]
) -> None:
    day = day_ahead(5)
    booked = book_at(town, day, phone="13812345678")
    page = tab(f"{town.url}/admin#hours")
    sign_in(page, *ADMIN)
    form = page.locator(".new-day")
    form.locator("[name=day]").fill(day)
    form.locator("[name=name]").fill("停电")
    page.keyboard.press("Enter")
    told = page.locator(".unkept")
    expect(told).to_contain_text("1 个预约")
    expect(told).to_contain_text("当天放假：停电")
    expect(told).to_be_in_viewport()
    shoot(page, "unkept-admin")
    told.get_by_role("link").click()
    expect(page.locator("input[type=date]")).to_have_value(day)
    expect(page.locator(".problem")).to_contain_text("有 1 个预约不能照常办理，请逐个联系")
    expect(page.locator("tbody tr")).to_contain_text("当天放假：停电")
    shoot(page, "unkept-desk")
    citizen = phone(f"{town.url}/book/{booked['id']}")
    expect(citizen.locator("h1")).to_contain_text("不能照常办理")
    expect(citizen.locator(".digits")).to_have_count(0)
    assert fits(citizen)
    shoot(citizen, "unkept-citizen")
    citizen.get_by_role("link", name="另约时间").click()
    expect(citizen.locator("h2").first).to_have_text("选择日期")
    assert day not in citizen.content()
    town.do(f"/admin/hours/days/{day}/remove")


def test_a_plan_outside_of_the_hours_says_so_where_it_is_made(town: Live, tab: Tab) -> None:
    town.do("/admin/hours", "PUT", sessions=[{"weekday": day, "opens": 510, "closes": 690} for day in WEEK])
    try:
        page = open_book(town, tab, "admin")
        page.get_by_role("button", name="号源").click()
        page.get_by_role("button", name="新增号源").click()
        fresh = page.locator(".add form")
        fresh.locator("select[name=queue]").select_option("D")
        fresh.locator("input[name=start]").fill("18:00")
        fresh.locator("input[name=end]").fill("20:00")
        fresh.get_by_role("button", name="保存").click()
        made = page.locator("form.plan", has=page.locator("option[value=D]:checked"))
        expect(made.locator(".note")).to_contain_text("都不在大厅开放时间内（周一至周日 8:30–11:30），一个也不会放出")
        shoot(page, "plan-outside")
        made.locator("input[name=start]").fill("11:00")
        made.get_by_role("button", name="保存").click()
        expect(made.locator(".note")).to_contain_text("每周 90 个时段中有 85 个不在大厅开放时间内")
    finally:
        town.do("/admin/hours", "PUT", sessions=[])


def test_booking_for_somebody_begins_with_the_day_one_looks_at(town: Live, tab: Tab) -> None:
    page = open_book(town, tab)
    day = day_ahead(3)
    page.locator("input[type=date]").fill(day)
    expect(page.locator("input[type=date]")).to_have_value(day)
    page.get_by_role("button", name="代客预约").click()
    page.locator("dialog select[name=way]").select_option("A hall")
    expect(page.locator("dialog select[name=day]")).to_have_value(day)
    times = page.locator("dialog select[name=starts_at] option")
    expect(times.first).to_have_text(re.compile(r"^00:00–00:05"))
    expect(times).to_have_count(288)
    shoot(page, "dialog-day")
    page.locator("dialog select[name=day]").select_option(day_ahead(4))
    expect(times.first).to_have_attribute("value", re.compile(day_ahead(4)))
    page.locator("dialog select[name=starts_at]").select_option(index=3)
    page.locator("dialog button.main").click()
    expect(page.locator("dialog .subject")).to_contain_text(f"{day_ahead(4)} 00:15")


def test_choosing_a_day_on_a_phone_leads_to_its_times(town: Live, phone: Callable[..., Page]) -> None:
    page = phone(f"{town.url}/book")
    page.locator(".way", has_text="到大厅办").first.click()
    expect(page.locator("#times")).not_to_be_in_viewport()
    page.locator(".days a").nth(4).click()
    expect(page.locator("#times")).to_be_in_viewport()
    expect(page.locator(".times a").first).to_be_in_viewport(ratio=1)
    shoot(page, "phone-times")
    page.keyboard.press("Tab")
    expect(page.locator(".times a").first).to_be_focused()


def test_staff_pages_lead_to_one_another_where_the_role_may_go(town: Live, tab: Tab) -> None:
    guide = open_book(town, tab)
    links = guide.locator(".bar nav a")
    expect(links).to_have_text(["窗口叫号台", "导办台", "值班"])
    links.filter(has_text="导办台").click()
    expect(guide.locator(".bar nav a")).to_have_text(["窗口叫号台", "预约登记", "值班"])
    shoot(guide, "bar-guide")
    admin = open_book(town, tab, "admin")
    admin.locator(".bar summary").click()
    others = "窗口叫号台 导办台 值班 大厅监控 业务统计 评价统计 评价录入 差评整改 审计记录 系统管理 评价上报"
    expect(admin.locator(".bar nav a")).to_have_text(others.split())
    expect(admin.locator(".bar nav a").last).to_be_visible()
    clerk = open_book(town, tab, "clerk")
    expect(clerk.locator(".bar")).to_be_visible()
    expect(clerk.locator(".bar nav a")).to_have_text(["窗口叫号台", "值班"])
    front = tab(town.url)
    front.get_by_role("link", name="网上预约").click()
    expect(front.locator("h1")).to_contain_text("请选择要办的业务")

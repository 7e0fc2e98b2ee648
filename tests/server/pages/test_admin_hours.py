"""The hours part of the admin page, in real Chromium. Pictures: build/screens/."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

ADMIN = ("boss", "a boss's long password")
SCREENS = Path(__file__).parents[3] / "build" / "screens"
Open = Callable[[], Page]


def shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"admin-{name}.png", full_page=True)


@pytest.fixture
def hours_page(empty: Any, tab: Callable[..., Page], signing_in: Callable[..., None]) -> Open:
    """Of a server of its own: a closed hall would be in the way of other tests."""
    empty.do("/admin/queues/A", "PUT", name="综合业务", open=True)

    def open_it() -> Page:
        page = tab(f"{empty.url}/admin#hours")
        signing_in(page, *ADMIN)
        expect(page.locator(".week")).to_be_visible()
        return page

    return open_it


def hours(empty: Any) -> Any:
    return empty.get("/admin")["hours"]


def test_the_week_is_typed_and_kept(empty: Any, hours_page: Open) -> None:
    page = hours_page()
    page.locator("[name=day1]").focus()
    page.keyboard.type("8:30至11：30，13:00-16:30")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Tuesday to Friday as Monday
    page.fill("[name=day6]", "9-12")
    page.locator("[name=cutoff_minutes]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("周六的“9-12”看不懂，请写成 8:30-11:30")
    expect(page.locator("[name=day6]")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("9:00-12:00")
    for wrong, why in (("8:30-25:00", "0:00 到 24:00"), ("13:00-11:30", "结束应晚于开始")):
        page.fill("[name=day3]", wrong)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(f"“周三 {wrong.replace('-', '–')}”不正确：")
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.locator("[name=day3]")).to_be_focused()
        expect(page.locator("[name=day3]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=day3]", "8:30-11:30 13:00-16:30")
    page.fill("[name=cutoff_minutes]", "180")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("应短于每一个办公时段")
    expect(page.locator("[name=cutoff_minutes]")).to_be_focused()
    page.fill("[name=cutoff_minutes]", "20")
    page.get_by_label("一人一号").check()
    page.keyboard.press("Enter")
    expect(page.locator(".week .done")).to_have_text("已保存")
    kept = hours(empty)
    assert (len(kept["sessions"]), kept["cutoff_minutes"], kept["one_live_ticket"]) == (11, 20, True)
    assert kept["sessions"][-1] == {"weekday": 6, "opens": 540, "closes": 720}
    page.reload()
    expect(page.locator("[name=day5]")).to_have_value("8:30-11:30  13:00-16:30")
    expect(page.locator("[name=day7]")).to_have_value("")


def test_a_queue_gets_quotas_and_dates(empty: Any, hours_page: Open) -> None:
    page = hours_page()
    row = page.locator("form.limits")
    row.get_by_label("A 每天限号").fill("0")
    page.keyboard.press("Enter")
    expect(row.get_by_role("alert")).to_contain_text("“每天限号”不正确：应为 1 到 9999 个")
    row.get_by_label("A 每天限号").fill("1.5")
    page.keyboard.press("Enter")
    expect(row.get_by_role("alert")).to_contain_text("“每天限号”不正确：应为整数")
    row.get_by_label("A 每天限号").fill("120")
    row.get_by_label("A 起始日期").fill("2027-03-01")
    row.get_by_label("A 结束日期").fill("2027-02-01")
    row.get_by_role("button", name="保存").click()
    expect(row.get_by_role("alert")).to_contain_text("不能早于开始日期")
    row.get_by_label("A 结束日期").fill("2027-03-31")
    row.get_by_role("button", name="保存").click()
    expect(row.locator(".done")).to_have_text("已保存")
    limits = {"quota_day": 120, "quota_session": None, "from_day": "2027-03-01", "to_day": "2027-03-31"}
    assert hours(empty)["queues"] == [{"code": "A", "name": "综合业务", "name_en": "", **limits}]
    (queue,) = empty.get("/board")["queues"]
    assert (queue["open"], queue["note_en"]) == (False, "from 1 March 2027")
    row.get_by_label("A 每天限号").fill("")
    row.get_by_role("button", name="保存").click()
    expect(row.locator(".done")).to_have_text("已保存")
    assert hours(empty)["queues"][0]["quota_day"] is None


def test_days_are_added_imported_and_removed(empty: Any, hours_page: Open, tmp_path: Path) -> None:
    page = hours_page()
    form = page.locator(".new-day")
    form.get_by_role("button", name="新增").click()
    expect(form.get_by_role("alert")).to_contain_text("请选择日期")
    form.locator("[name=day]").fill("2099-10-09")
    form.locator("[name=kind]").select_option("workday")
    form.locator("[name=as_weekday]").select_option("5")
    form.locator("[name=name]").fill("<b>调休</b>")
    page.keyboard.press("Enter")
    table = page.locator("tbody tr")
    expect(table).to_have_count(1)
    expect(table.first).to_contain_text("2099-10-09 周五上班 按 周五<b>调休</b>")

    lists = page.locator(".import")
    lists.locator("textarea").fill("2099-10-01~2099-10-03，放假，国庆节\n2099-02-30,放假,节")
    lists.get_by_role("button", name="导入").click()
    expect(lists.get_by_role("alert")).to_contain_text("没有导入任何一天，请改正后重新导入。第 2 行：日期应写成")
    expect(table).to_have_count(1)
    shoot(page, "hours")
    file = tmp_path / "days.csv"
    file.write_bytes(
        "日期,类型,名称\r\n2099-10-01~2099-10-03,放假,国庆节\r\n2020-01-01,放假,元旦\r\n".encode("gb18030")
    )
    lists.locator("input[type=file]").set_input_files(file)
    expect(lists.locator("textarea")).to_have_value(
        "日期,类型,名称\n2099-10-01~2099-10-03,放假,国庆节\n2020-01-01,放假,元旦\n"
    )
    lists.get_by_role("button", name="导入").click()
    expect(lists.locator(".done")).to_have_text("已保存")
    expect(lists.locator("textarea")).to_have_value("")
    expect(page.get_by_role("main").locator("summary")).to_have_text("已过去的日期 1")
    expect(table.nth(0)).to_contain_text("2099-10-01 周四放假 国庆节")
    page.get_by_role("button", name="移除 2099-10-01").click()
    expect(page.get_by_role("button", name="移除 2099-10-01")).to_have_count(0)
    assert [d["day"] for d in hours(empty)["days"]] == ["2020-01-01", "2099-10-02", "2099-10-03", "2099-10-09"]
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Holidays and make-up workdays")).to_be_visible()
    shoot(page, "hours-english")

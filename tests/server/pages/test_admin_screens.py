"""The screens part of the admin page, in real Chromium. Pictures: build/screens/."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.faces.checks import axe, contrast, overflow, targets, text_sizes
from tests.faces.texts import HOSTILE, as_name

ADMIN = ("boss", "a boss's long password")
SCREENS = Path(__file__).parents[3] / "build" / "screens"
SCRIPT = "<script>document.title='broken'</script>"
Open = Callable[..., Page]


def shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"admin-{name}.png", full_page=True)


@pytest.fixture
def screens_page(tab: Callable[..., Page], signing_in: Callable[..., None]) -> Open:
    def open_it(server: Any) -> Page:
        page = tab(f"{server.url}/admin#screens")
        page.set_viewport_size({"width": 1440, "height": 900})
        signing_in(page, *ADMIN)
        expect(page.locator(".playlist")).to_be_visible()
        return page

    return open_it


def screens(server: Any) -> Any:
    return server.get("/admin")["screens"]


def day(server: Any, n: int) -> str:
    """The service day in `n` days."""
    return (date.fromisoformat(screens(server)["today"]) + timedelta(days=n)).isoformat()


def section(page: Page, title: str) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_an_empty_hall_is_told_what_to_do(empty: Any, screens_page: Open) -> None:
    page = screens_page(empty)
    expect(page.get_by_text("还没有公告。请在下面新增第一条")).to_be_visible()
    expect(page.get_by_text("播放单是空的：大屏轮流显示公告和办事事项。")).to_be_visible()
    expect(page.get_by_role("button", name="照上周填写")).to_be_disabled()
    shoot(page, "screens-empty")


def test_notices_are_added_changed_and_removed_by_keyboard(empty: Any, screens_page: Open) -> None:
    page = screens_page(empty)
    add = section(page, "新增公告")
    add.locator("textarea").focus()
    page.keyboard.type(f"周六开放 {SCRIPT}")
    page.keyboard.press("Tab")
    add.locator("[name=from_day]").fill(day(empty, 2))
    add.locator("[name=to_day]").fill(day(empty, 1))
    add.get_by_role("button", name="新增").press("Enter")
    expect(add.get_by_role("alert")).to_contain_text("“结束日期”不正确：不能早于开始日期")
    expect(add.locator("[name=to_day]")).to_be_focused()
    add.locator("[name=to_day]").fill(day(empty, 5))
    add.get_by_role("button", name="新增").press("Enter")
    row = page.locator("form.notice")
    expect(row.locator("textarea")).to_have_value(f"周六开放 {SCRIPT}")
    expect(row.locator(".chip")).to_have_text("未到日期")
    expect(add.locator(".done")).to_have_text("已保存")
    expect(add.locator("textarea")).to_have_value("")

    row.locator("[name=from_day]").fill("")
    row.get_by_role("button", name="保存").press("Enter")
    expect(row.locator(".done")).to_have_text("已保存")
    expect(row.locator(".chip")).to_have_text("正在显示")
    assert empty.get("/board")["notices"] == [f"周六开放 {SCRIPT}"]
    row.locator("[name=to_day]").fill(day(empty, -1))
    row.get_by_role("button", name="保存").press("Enter")
    expect(row.locator(".chip")).to_have_text("已过期")
    assert empty.get("/board")["notices"] == []

    row.get_by_role("button", name="移除").press("Enter")
    expect(page.locator("dialog")).to_contain_text("移除这条公告？")
    page.keyboard.press("Enter")
    expect(page.get_by_text("还没有公告。")).to_be_visible()
    assert "broken" not in page.title()


def test_the_duty_week_is_written_at_once_and_copied_to_the_next(empty: Any, screens_page: Open) -> None:
    page = screens_page(empty)
    duty = section(page, "值班领导")
    today = date.fromisoformat(screens(empty)["today"])
    n = today.weekday()
    duty.locator(f"[name='days[{n}].tel']").fill("0000-5550101")
    duty.get_by_role("button", name="保存").press("Enter")
    expect(duty.get_by_role("alert")).to_contain_text(
        f"“{today.month}月{today.day}日值班领导姓名”不正确：填了职务或电话，就要填姓名"
    )
    expect(duty.locator(f"[name='days[{n}].name']")).to_be_focused()
    page.keyboard.type("林清禾")
    page.keyboard.press("Enter")
    expect(duty.locator(".done")).to_have_text("已保存")
    leader = {"name": "林清禾", "position": "", "tel": "0000-5550101"}
    assert empty.get("/board")["leader"] == leader
    duty.get_by_role("button", name="下一周").press("Enter")
    expect(duty.locator(f"[name='days[{n}].name']")).to_have_value("")
    duty.get_by_role("button", name="照上周填写").press("Enter")
    expect(duty.locator(f"[name='days[{n}].name']")).to_have_value("林清禾")
    duty.get_by_role("button", name="上一周").press("Enter")
    duty.get_by_role("button", name="下一周").press("Enter")
    expect(duty.locator(f"[name='days[{n}].name']")).to_have_value("林清禾")
    duty.get_by_role("button", name="保存").press("Enter")
    expect(duty.locator(".done")).to_have_text("已保存")
    assert [one["day"] for one in screens(empty)["duty"]] == [day(empty, 0), day(empty, 7)]


def test_a_refusal_that_comes_when_its_form_is_gone_breaks_nothing(empty: Any, screens_page: Open) -> None:
    page = screens_page(empty)  # fails with any error of its scripts
    held: list[Route] = []
    page.route("**/admin/screens/duty", lambda route: held.append(route))
    duty = section(page, "值班领导")
    with page.expect_request("**/admin/screens/duty"):
        duty.get_by_role("button", name="保存").press("Enter")
    duty.get_by_role("button", name="下一周").press("Enter")
    with page.expect_response("**/admin/screens/duty"):
        held[0].fulfill(status=400, json={"field": "days[0].name", "detail": "", "detail_en": ""})
    expect(duty.locator("[name='days[0].name']")).to_have_value("")


def test_a_card_is_written_and_follows_its_person(
    live: Any, screens_page: Open, at_window: Callable[..., Page]
) -> None:
    at_window("12", name="王小明")
    page = screens_page(live)
    row = page.locator("form.staff").filter(has_text="王小明")
    expect(row).to_contain_text("现在 12 号窗口")
    row.get_by_label("公示姓名").fill("王")
    row.get_by_label("岗位").fill("医疗报销")
    row.get_by_label("标志").fill("党员示范岗、服务之星, 双语；首席，多了")
    page.keyboard.press("Enter")
    expect(row.get_by_role("alert")).to_contain_text("“标志”不正确：最多 4 个，每个 1 到 12 个字")
    row.get_by_label("标志").fill("党员示范岗、服务之星")
    page.keyboard.press("Enter")
    expect(row.locator(".done")).to_have_text("已保存")
    card = next(one for one in live.get("/board")["staff"] if one["window"] == "12")
    assert (card["name"], card["position"], card["badges"]) == ("王", "医疗报销", ["党员示范岗", "服务之星"])
    shoot(page, "screens")


def test_a_playlist_is_composed_by_keyboard_alone(live: Any, screens_page: Open) -> None:
    page = screens_page(live)
    part = section(page, "播放单")
    kinds = part.locator("select[name$='.kind']")
    expect(kinds).to_have_count(5)
    part.get_by_label("上移 5").press("Enter")
    expect(part.get_by_label("上移 4")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(part.get_by_label("下移 1")).to_be_focused()
    expect(part.get_by_role("status").first).to_contain_text("有改动，尚未保存。 办事事项 → 1")
    part.get_by_role("button", name="加一项").press("Enter")
    expect(kinds).to_have_count(6)
    part.get_by_label("移除 4").press("Enter")
    part.get_by_label("移除 4").press("Enter")
    expect(part.get_by_label("移除 4")).to_be_focused()
    part.get_by_label("4 每页秒数").fill("0")
    page.keyboard.press("Enter")
    expect(part.get_by_role("alert")).to_contain_text("“第 4 项的秒数”不正确：应为 3 到 600 秒")
    expect(part.get_by_label("4 每页秒数")).to_be_focused()
    part.get_by_label("4 每页秒数").fill("7")
    part.get_by_label("4 区域").select_option("B")
    part.get_by_role("button", name="保存").press("Enter")
    expect(part.locator(".done")).to_have_text("已保存")
    expect(part.locator(".draft")).to_be_empty()
    assert [(s["kind"], s["seconds"], s["zone"]) for s in live.get("/board")["playlist"]] == [
        ("items", 10, ""), ("notices", 10, ""), ("leader", 8, ""), ("notices", 7, "B"),
    ]  # fmt: skip


def test_the_ticker_in_english(live: Any, screens_page: Open) -> None:
    page = screens_page(live)
    page.get_by_role("button", name="English").click()
    part = section(page, "Ticker")
    part.get_by_label("Text").fill("办事不收费 😀")
    page.keyboard.press("Enter")
    expect(part.locator(".done")).to_have_text("Saved")
    assert live.get("/board")["ticker"] == "办事不收费 😀"
    shoot(page, "screens-en")


def test_whatever_is_typed_the_page_stays_whole(empty: Any, open_page: Open, signing_in: Callable[..., None]) -> None:
    for text in HOSTILE.values():
        empty.do("/admin/screens/notices", text=text[:200])
    worst = [as_name(text, 20) for text in HOSTILE.values()]
    days = [{"day": day(empty, n), "name": name, "position": name, "tel": name} for n, name in enumerate(worst)]
    empty.do("/admin/screens/duty", "PUT", days=days)
    badges = [as_name(text, 12) for text in HOSTILE.values()][:4]
    empty.do("/admin/screens/staff/boss", "PUT", name=worst[1], position=worst[4], badges=badges)
    zone = as_name(HOSTILE["one word"])
    empty.do("/admin/windows/01", "PUT", name="一", zone=zone, queues=[])
    empty.do("/admin/screens/playlist", "PUT", slides=[{"kind": "staff", "seconds": 600, "zone": zone}])
    page = open_page(f"{empty.url}/admin#screens", 1440, 900, bypass_csp=True)  # axe writes styles of its own
    signing_in(page, *ADMIN)
    expect(page.locator("form.notice")).to_have_count(len(HOSTILE))
    small = [one for one in targets(page, 40) if "nav > a" not in one]  # the bar at the top is every page's
    found = [*axe(page), *contrast(page), *small, *text_sizes(page, 15), *overflow(page)]
    shoot(page, "screens-hostile")
    assert found == [] and "broken" not in page.title()

"""Rating figures as a supervisor sees them, in real Chromium, and the workbooks as the browser saves them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Download, Page, Route, expect

from tests.server.pages.conftest import PASSWORD, ROOT, Live, sign_in

Tab = Callable[..., Page]
US = 1_000_000
SERVED = {"01": (14, 6), "02": (3, 1), "03": (20, 5), "04": (0, 9)}
"""At each window: how many rated and how many did not."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A hall with one day of ratings two months ago. Its clock is the real one, so that day is written into the
    database while the server is stopped."""
    server = Live(tmp_path_factory.mktemp("past"))
    try:
        server.start()
        server.set_up()
        server.do("/admin/users", username="super", role="supervisor", password=PASSWORD, name="孙督导")
        server.stop()
        write_past(server.folder / "jiaohao.db")
        server.start()
        yield server
    finally:
        server.close()


def the_day() -> datetime:
    """A Wednesday at ten, before last month began."""
    now = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=10, minute=0, second=0, microsecond=0)
    day = now.replace(day=1) - timedelta(days=40)
    return day - timedelta(days=(day.weekday() - 2) % 7)


def write_past(database: Path) -> None:
    day = the_day()
    at = int(day.timestamp()) * US
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        queue, staff = (
            db.execute(f"SELECT id FROM {of} ORDER BY id LIMIT 1").fetchone()[0] for of in ("queue", "account")
        )
        device = db.execute("SELECT id FROM device_token LIMIT 1").fetchone()
        n = 0
        for no, (rated, unrated) in SERVED.items():
            window = db.execute("SELECT id FROM window WHERE no = ?", (no,)).fetchone()[0]
            for place in range(rated + unrated):
                n += 1
                ticket = insert(
                    db, "ticket", code=uuid4().hex[:16], hall_id=1, service_day=f"{day:%Y-%m-%d}", series="A", n=n,
                    number=f"A{n:03}", queue_id=queue, lane="normal", lane_reason="", state="finished", issued_at=at,
                    queued_at=at, recalls=0, outcome="", call_reason="", call_rule="", no_shows=0, hold_kind="",
                    note="", since=at, waited_us=0, called_us=0, served_us=0, held_us=0, print_state="printed",
                    print_count=1, rating_state="rated" if place < rated else "unrated",
                )  # fmt: skip
                invitation = insert(
                    db, "invitation", hall_id=1, ticket_id=ticket, window_id=window, staff_id=staff,
                    opened_at=at + n * US, expires_at=at + (n + 60) * US, closed_at=at + (n + 30) * US,
                    state="rated" if place < rated else "unrated",
                )  # fmt: skip
                if place < rated:
                    insert(
                        db, "rating", invitation_id=invitation, level=2 if place == 0 else 4, label="satisfied",
                        raw_key="", source="evaluator", device_id=device and device[0], tags="[]", text="",
                        reason_declined=0, at=at + n * US,
                    )  # fmt: skip


def insert(db: sqlite3.Connection, table: str, **values: object) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    return int(db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())).lastrowid or 0)


@pytest.fixture
def page(past: Live, tab: Tab) -> Page:
    day = f"{the_day():%Y-%m-%d}"
    found = tab(f"{past.url}/reports#from={day}&to={day}&by=window")
    sign_in(found, "super")
    expect(found.locator(".groups tbody tr")).to_have_count(4)
    return found


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"reports-{name}.png", full_page=True)


def cells(page: Page, row: str) -> list[str]:
    line = page.locator(".groups tr", has=page.locator(f'th[scope="row"]:has-text("{row}")'))
    return [text.strip() for text in line.locator("td").all_inner_texts()]


def saved(download: Download) -> list[str]:
    names: list[str] = load_workbook(BytesIO(download.path().read_bytes())).sheetnames
    return names


def test_the_three_shares_and_the_table_by_window(page: Page) -> None:
    assert page.locator(".whole").first.locator("dd").all_inner_texts() == [
        "91.8%",
        "63.7%",
        "36.3%",
        "58",
        "37",
        "21",
    ]
    assert cells(page, "03")[:6] == ["25", "20", "5", "95.0%", "80.0%", "20.0%"]
    assert cells(page, "02")[:6] == ["4", "3", "1", "不单列", "75.0%", "25.0%"]
    assert cells(page, "01")[3] == "不单列"  # else 02 is what is missing from 01 and 03 to the whole
    assert cells(page, "04")[:6] == ["9", "0", "9", "–", "0.0%", "100.0%"]
    expect(page.get_by_role("img", name="好评率 95.0%，主动评价率 80.0%，未评率 20.0%")).to_be_visible()
    expect(page.get_by_text("这一天没有发现异常。").or_(page.get_by_text("只说明该去哪里看"))).to_be_visible()
    shoot(page, "window")


def test_an_evaluator_that_nobody_pressed_is_told_from_a_window_without_one(page: Page, past: Live) -> None:
    state = page.locator(".devices tr", has_text="04").locator("td").last
    expect(state).to_have_text("没有登记评价器")
    past.do("/admin/devices", kind="evaluator", name="ev04", window="04")
    page.reload()
    expect(state).to_have_text("无人按过，请检查")
    expect(page.locator(".devices .silent")).to_have_count(1)


def test_every_grouping_by_keyboard_and_back_again(page: Page) -> None:
    for name, word in {"staff": "人员", "item": "事项", "queue": "业务", "channel": "渠道", "day": "日期"}.items():
        page.get_by_role("button", name=word, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".groups thead th").first).to_have_text(word)
        assert f"by={name}" in page.url
    expect(page.locator(".trend rect.part").first).to_be_visible()
    shoot(page, "day")
    page.go_back()
    expect(page.locator(".groups thead th").first).to_have_text("渠道")
    page.reload()
    expect(page.locator(".groups thead th").first).to_have_text("渠道")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".groups tbody th")).to_have_text("Evaluator")
    shoot(page, "english")


def test_both_workbooks_are_saved(page: Page) -> None:
    day = f"{the_day():%Y-%m-%d}"
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载 Excel").click()
    assert waiting.value.suggested_filename == f"ratings-{day}-{day}.xlsx"
    assert saved(waiting.value)[0] == "汇总"
    page.locator("input[type=month]").fill(day[:7])
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载月度考核").click()
    assert waiting.value.suggested_filename == f"appraisal-{day[:7]}.xlsx"
    assert saved(waiting.value)[0] == "人员考核"


def test_a_workbook_that_is_refused_says_why(page: Page) -> None:
    month = page.locator("input[type=month]")
    last = (datetime.now(ZoneInfo("Asia/Shanghai")).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    expect(month).to_have_attribute("max", last)
    button = page.get_by_role("button", name="下载月度考核")
    month.fill("")
    expect(button).to_be_disabled()
    month.fill("2999-01")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("月份")
    expect(page.locator(".groups")).to_be_visible()
    month.fill(last)
    with page.expect_download():
        button.click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_workbook_asked_for_after_the_session_asks_to_sign_in(page: Page) -> None:
    page.context.clear_cookies()
    page.get_by_role("button", name="下载 Excel").click()
    expect(page.get_by_text("登录 Sign in").first).to_be_visible()


def test_another_period_leaves_the_keyboard_and_the_appraisal_month_where_they_are(page: Page) -> None:
    expect(page.get_by_role("button", name="上月")).to_be_enabled()
    page.locator("input[type=month]").fill("2026-01")
    page.get_by_role("button", name="上月").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="上月")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="上月")).to_be_focused()
    expect(page.locator("input[type=month]")).to_have_value("2026-01")
    first = (datetime.now(ZoneInfo("Asia/Shanghai")).replace(day=1) - timedelta(days=1)).strftime("%Y-%m-01")
    expect(page.locator("input[type=date]").first).to_have_value(first)


def hold(page: Page, address: str) -> Callable[[], Route]:
    """What the page asks of this address does not reach the server until the test lets it. Returns a way to wait for
    the first such question."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))  # playwright takes no method of a list

    def first() -> Route:
        for _ in range(600):
            if held:
                return held[0]
            page.wait_for_timeout(50)
        raise AssertionError("it was never asked")

    return first


WRONG = "from=2031-01-01&to=2030-01-01&by=window"


def test_the_refusal_of_a_report_is_not_wiped_by_another_answer(past: Live, tab: Tab) -> None:
    page = tab(f"{past.url}/items")
    held = hold(page, "**/reports/rating-patterns")
    page.goto(f"{past.url}/reports#{WRONG}")
    sign_in(page, "super")
    expect(page.get_by_role("alert")).to_contain_text("起始日期")
    held().continue_()
    expect(page.get_by_role("button", name="上周")).to_be_enabled()
    expect(page.get_by_role("alert")).to_contain_text("起始日期")


def test_the_refusal_of_what_is_not_wanted_any_more_is_not_shown(past: Live, page: Page) -> None:
    held = hold(page, "**/reports/ratings?*from=2031*")
    page.goto(f"{past.url}/reports#{WRONG}")
    expect(page.locator(".groups")).to_have_count(0)
    page.get_by_role("button", name="上周").click()
    expect(page.get_by_text("这段时间没有应评的服务")).to_be_visible()
    with page.expect_response("**/reports/ratings?*from=2031*") as late:
        held().continue_()
    assert late.value.status == 422 and late.value.finished() is None
    page.get_by_role("button", name="English").click()  # the page is drawn anew
    expect(page.get_by_text("No service of this period was to be rated")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_page_whose_first_question_was_lost_asks_again(past: Live, tab: Tab) -> None:
    page = tab(f"{past.url}/items")
    lost = hold(page, "**/reports/rating-patterns")
    page.goto(f"{past.url}/reports")
    sign_in(page, "super")
    expect(page.get_by_text("登录 Sign in")).to_have_count(0)
    lost().abort()
    expect(page.get_by_role("alert")).to_contain_text("连不上服务器")
    page.unroute("**/reports/rating-patterns")
    expect(page.get_by_role("button", name="上周")).to_be_enabled(timeout=30_000)
    expect(page.get_by_text("这段时间没有应评的服务")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_period_without_services_says_so_and_a_wrong_one_what_to_do(page: Page) -> None:
    page.get_by_role("button", name="上周").click()
    expect(page.get_by_text("这段时间没有应评的服务")).to_be_visible()
    assert page.locator(".whole dd").all_inner_texts()[:3] == ["–", "–", "–"]
    shoot(page, "empty")
    page.locator("input[type=date]").first.fill("2031-01-01")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("alert")).to_contain_text("起始日期")


def test_on_paper_the_tools_are_gone_and_the_table_is_there(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator(".groups")).to_be_visible()
    shoot(page, "print")


def test_on_paper_the_chart_is_whole_however_narrow_the_sheet(page: Page) -> None:
    page.get_by_role("button", name="日期", exact=True).click()
    expect(page.locator(".trend")).to_be_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 240, "height": 600})
    chart, sheet = page.locator(".trend").bounding_box(), page.locator(".chart").bounding_box()
    assert chart and sheet and chart["width"] <= sheet["width"], "else its right part is not printed"
    assert chart["height"] < chart["width"], "in its own proportions"


def test_a_guide_is_told_who_may(past: Live, tab: Tab) -> None:
    past.sign_in_admin()
    past.do("/admin/users", username=(name := f"g{uuid4().hex[:8]}"), role="guide", password=PASSWORD, name="导办")
    found = tab(f"{past.url}/reports")
    sign_in(found, name)
    expect(found.get_by_text("评价统计由督导和管理员查看")).to_be_visible()

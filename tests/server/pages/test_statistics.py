"""Service figures as a supervisor sees them, in real Chromium, on screen and on paper."""

import re
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
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import PASSWORD, ROOT, Live, sign_in
from tests.server.pages.test_reports import insert, the_day

Tab = Callable[..., Page]
US = 1_000_000
SERVED = {"01": 12, "02": 5}
"""Tickets of each window; each waits a minute more than the one before and is served for five."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A hall with one busy morning two months ago, written into the database while the server is stopped."""
    server = Live(tmp_path_factory.mktemp("past"))
    try:
        server.start()
        server.set_up()
        server.do("/admin/users", username="super", role="supervisor", password=PASSWORD, name="孙督导")
        server.stop()
        write_services(server.folder / "jiaohao.db")
        server.start()
        yield server
    finally:
        server.close()


def write_services(database: Path) -> None:
    """With what the server keeps of each: the ticket, its first call, and the news of the window."""
    begins = int(the_day().timestamp()) * US
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN")
        queue, person = (db.execute(f"SELECT id FROM {of} ORDER BY id").fetchone()[0] for of in ("queue", "account"))
        seq = db.execute("SELECT seq FROM hall").fetchone()[0]
        user = db.execute("SELECT username FROM account WHERE id = ?", (person,)).fetchone()[0]
        db.execute("UPDATE news SET seq = seq + 1000")  # what was there is of today
        news = []
        for no, tickets in SERVED.items():
            window = db.execute("SELECT id FROM window WHERE no = ?", (no,)).fetchone()[0]
            news.append((begins, "window.changed", None, window, f'{{"window": "{no}", "state": "open"}}'))
            for n in range(tickets):
                issued, called = begins + n * 600 * US, begins + (n * 660 + 60) * US
                begun, ended = called + 10 * US, called + 310 * US
                state = "no_show" if n == 3 else "finished"
                served = state == "finished"
                ticket = insert(
                    db, "ticket", code=uuid4().hex[:16], hall_id=1, service_day=f"{the_day():%Y-%m-%d}",
                    series=f"A{no}", n=n, number=f"A{no}{n:02}", queue_id=queue, lane="normal", lane_reason="",
                    state=state, window_id=window, staff_id=person, issued_at=issued, queued_at=issued,
                    called_at=called, begun_at=begun if served else None, finished_at=ended if served else None,
                    recalls=0, outcome="", call_reason="", call_rule="", no_shows=0, hold_kind="", note="",
                    since=ended, waited_us=0, called_us=0, served_us=0, held_us=0, print_state="printed",
                    print_count=1, rating_state="unrated", estimate_high_s=400,
                )  # fmt: skip
                said = f'{{"window": "{no}", "queue": "A", "number": "A{no}{n:02}"}}'
                news.append((called, "ticket.called", ticket, window, said))
                news.append((begun, "ticket.serving", ticket, window, said))
                news.append((ended, f"ticket.{state}", ticket, window, said))
        for n, (at, kind, ticket, window, data) in enumerate(sorted(news, key=lambda one: one[0]), 1):
            insert(db, "news", hall_id=1, seq=n, kind=kind, at=at, ticket_id=ticket, window_id=window,
                   actor=f"clerk:{user}", why="", data=data)  # fmt: skip
            if kind == "ticket.called":
                insert(db, "call", hall_id=1, seq=n, service_day=f"{the_day():%Y-%m-%d}", ticket_id=ticket,
                       window_id=window, lane="normal", recall=0, at=at, staff_id=person, rule="", reason="",
                       passed_over=0, run=0, undone=0)  # fmt: skip
        db.execute("UPDATE hall SET seq = ?", (seq + 1000,))
        db.execute("COMMIT")


@pytest.fixture
def page(past: Live, tab: Tab) -> Page:
    day = f"{the_day():%Y-%m-%d}"
    found = tab(f"{past.url}/statistics#kind=oneDay&from={day}&to={day}&by=window")
    sign_in(found, "super")
    expect(found.locator(".groups tbody tr")).to_have_count(2)
    return found


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"statistics-{name}.png", full_page=True)


def cells(page: Page, table: str, row: str) -> list[str]:
    line = page.locator(f"{table} tr", has=page.locator(f'th[scope="row"]:has-text("{row}")'))
    return [text.strip() for text in line.locator("td").all_inner_texts()]


def test_the_day_by_window(page: Page) -> None:
    assert cells(page, ".groups", "01")[:6] == ["12", "11", "1", "0", "0", "0"]
    assert cells(page, ".groups", "01")[8:11] == ["6:00", "10:56", "12:00"]
    assert cells(page, ".presence", "01")[0] == "1"
    expect(page.get_by_role("img", name="取号张数，按星期和时段")).to_be_visible()
    expect(page.locator(".heat text.on").first).to_have_text("11")
    expect(page.locator(".whole dd").first).to_have_text("17")
    assert "上期" in page.locator(".whole").inner_text()
    shoot(page, "window")


def test_a_month_and_a_grouping_by_keyboard_and_back_again(page: Page) -> None:
    page.get_by_role("button", name="按月", exact=True).press("Enter")
    month = page.get_by_label("月份")
    expect(month).to_have_value(f"{the_day():%Y-%m}")
    month.press("Enter")
    expect(page.locator(".period, h2 small").first).to_contain_text(f"{the_day():%Y-%m}-01 至")
    page.get_by_role("button", name="通道", exact=True).press("Enter")
    expect(page.locator(".groups[data-by=lane] tbody th")).to_have_text("普通")
    page.go_back()
    expect(page.locator(".groups[data-by=window]")).to_be_visible()


def test_the_month_before_takes_one_click(page: Page) -> None:
    last = page.get_by_role("button", name="上月", exact=True)
    expect(last).to_have_attribute("aria-pressed", "false")
    ended = datetime.now(ZoneInfo("Asia/Shanghai")).replace(day=1) - timedelta(days=1)
    last.click()
    expect(page.locator("main h2").first).to_contain_text(f"{ended:%Y-%m}-01 至 {ended:%Y-%m-%d}")
    expect(last).to_have_attribute("aria-pressed", "true")


def test_a_period_that_makes_no_sense_is_marked_and_said(page: Page) -> None:
    page.get_by_role("button", name="自选", exact=True).click()
    page.get_by_label("截止日期").fill("2001-01-01")
    page.get_by_role("button", name="查看").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不能晚于截止日期")
    expect(page.get_by_label("起始日期")).to_have_attribute("aria-invalid", "true")


def test_a_period_without_anybody_says_so(page: Page) -> None:
    page.goto(re.sub("#.*", "#from=2020-01-01&to=2020-01-31&by=queue", page.url))
    expect(page.locator(".none")).to_contain_text("没有人取号")


def test_the_files_are_saved_by_the_browser(page: Page) -> None:
    for button, name in (("下载 Excel", "statistics"), ("服务台账 Excel", "ledger")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert re.fullmatch(rf"{name}-.*\.xlsx", download.value.suggested_filename)
        assert load_workbook(BytesIO(download.value.path().read_bytes())).sheetnames


def test_each_section_has_a_page_of_paper(page: Page) -> None:
    printed = page.pdf(path=ROOT / "build" / "screens" / "statistics.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 5
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    assert page.locator(".wait-of").first.is_visible()


def test_a_clerk_reads_that_the_page_is_for_others(past: Live, tab: Tab) -> None:
    found = tab(f"{past.url}/statistics")
    sign_in(found, past.clerk())
    expect(found.get_by_text("业务统计由督导和管理员查看")).to_be_visible()

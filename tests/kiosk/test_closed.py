"""A closed hall, a full quota, a holiday and a campaign: from the admin's setting to the citizen's eyes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.kiosk.conftest import ENV, LYING, SERVER, UPRIGHT, Kiosk, PrinterStub, RealServer, Weather, Wire
from tests.kiosk.test_page import shoot, unfit

MakeKiosk = Callable[..., Kiosk]
PASSWORD = "a boss's long password"


class Boss:
    """An admin of the hall that the kiosk stands in. Each day of the hall is made to be as a test wants it."""

    def __init__(self, server: RealServer) -> None:
        self._url = f"{server.url}/api/v1"
        self._http = requests.Session()
        add = [*SERVER, "user-add", "--data", str(server.data), "hours-boss", "--role", "admin", "--password-stdin"]
        subprocess.run(add, check=True, input=PASSWORD, text=True, capture_output=True, env=ENV)
        form = {"username": "hours-boss", "password": PASSWORD}
        answer = self._http.post(f"{self._url}/session", json=form, timeout=10)
        self._http.headers["X-CSRF-Token"] = answer.json()["csrf"]

    def set(self, path: str, method: str = "PUT", **body: Any) -> None:
        body["request_id"] = uuid4().hex
        answer = self._http.request(method, f"{self._url}/admin/{path}", json=body, timeout=10)
        assert answer.ok, answer.text

    def open_from_tomorrow(self) -> None:
        days = [(today() + timedelta(days=n)).isoweekday() for n in (1, 2, 3, 4)]
        times = ((510, 690), (780, 990))
        self.set("hours", sessions=[{"weekday": day, "opens": a, "closes": b} for day in days for a, b in times])

    def open_always(self) -> None:
        self.set("hours", sessions=[])
        self.set("hours/queues/A")

    def close(self) -> None:
        self._http.close()


def today() -> datetime:
    return datetime.now(ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def boss(real_server: RealServer) -> Iterator[Boss]:
    boss = Boss(real_server)
    yield boss
    boss.close()


@pytest.fixture(autouse=True)
def _open_again(boss: Boss) -> Iterator[None]:
    yield
    boss.open_always()


@pytest.mark.parametrize(("size", "name"), [(UPRIGHT, "upright"), (LYING, "lying")])
def test_a_closed_hall_says_when_it_opens_and_opens_by_itself(
    real_server: RealServer, boss: Boss, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page],
    size: tuple[int, int], name: str,
) -> None:  # fmt: skip
    boss.open_from_tomorrow()
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk, size)
    expect(page.locator(".message h1")).to_have_text("现在不取号")
    expect(page.locator(".when")).to_have_text("明天 8:30 开始取号")
    expect(page.locator(".message")).to_contain_text("取号时间：")
    shoot(page, f"closed-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="大字").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator(".when")).to_have_text("Numbers are issued from 8:30 tomorrow")
    shoot(page, f"closed-english-{name}")
    assert unfit(page) == []
    boss.set(f"hours/days/{today().date()}", kind="holiday", name="植树节")
    expect(page.locator(".when")).to_have_text("Closed today for 植树节: numbers are issued from 8:30 tomorrow")
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".when")).to_have_text("今天植树节放假，明天 8:30 开始取号")
    shoot(page, f"holiday-{name}")
    boss.set(f"hours/days/{today().date()}/remove", "POST")
    boss.open_always()
    expect(page.locator(".tile").first).to_be_enabled()


@pytest.mark.parametrize(("size", "name"), [(UPRIGHT, "upright"), (LYING, "lying")])
def test_full_and_coming_queues_say_so_on_their_tiles(
    real_server: RealServer, boss: Boss, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page],
    size: tuple[int, int], name: str,
) -> None:  # fmt: skip
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk, size)
    tile = page.locator(".tile").first
    expect(tile).to_be_enabled()
    kiosk.touch("press-first")
    kiosk.until_stage("press-first", "taken")
    boss.set("hours/queues/A", quota_day=1)
    expect(tile).to_contain_text("今天的号已取完")
    expect(tile).to_be_disabled()
    shoot(page, f"full-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="English").click()
    expect(tile).to_contain_text("all taken today")
    page.get_by_role("button", name="Larger text").click()
    assert unfit(page) == []
    page.keyboard.press("Escape")
    boss.set("hours/queues/A", from_day="2099-03-09")
    expect(tile).to_contain_text("from 9 March 2099")
    shoot(page, f"campaign-{name}")
    assert unfit(page) == []
    boss.set("hours/queues/A", to_day="2020-03-09")
    boss.set("hours/queues/A")
    expect(tile).to_be_enabled()


@pytest.mark.parametrize(
    ("case", "zh", "en"),
    [
        ("closed", "大厅现在不取号：明天 8:30 开始取号。急事请问导办台。", "numbers are issued from 8:30 tomorrow"),
        ("holiday", "今天植树节放假，不取号。明天 8:30 开始取号，请届时再来。", "Closed today for 植树节."),
        (
            "quota",
            "个人综合今天的号已取完（每天 1 个）。明天重新放号",
            "tickets of today for Personal services are taken",
        ),
        ("campaign", "个人综合从2099年3月9日起取号", "Personal services issues tickets from 9 March 2099."),
    ],
)
def test_a_touch_that_came_too_late_is_told_what_to_do(
    boss: Boss, wire: Wire, real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk,
    open_kiosk: Callable[..., Page], case: str, zh: str, en: str,
) -> None:  # fmt: skip
    wire.weather = Weather("/board", answer=(200, json.dumps(real_server.board()).encode()))
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    expect(page.locator(".tile").first).to_be_enabled()
    papers = len(printer.papers())
    if case in ("closed", "holiday"):
        boss.open_from_tomorrow()
    if case == "holiday":
        boss.set(f"hours/days/{today().date()}", kind="holiday", name="植树节")
    if case == "quota":
        kiosk.touch("press-before")
        kiosk.until_stage("press-before", "taken")
        boss.set("hours/queues/A", quota_day=1)
        papers += 1
    if case == "campaign":
        boss.set("hours/queues/A", from_day="2099-03-09")
    page.locator(".tile").first.click()
    expect(page.locator(".message h1")).to_have_text("这次没有取到号")
    expect(page.locator(".message p")).to_contain_text(zh)
    shoot(page, f"refused-{case}")
    assert unfit(page) == []
    page.locator(".primary").click()
    page.get_by_role("button", name="English").click()
    page.locator(".tile").first.click()
    expect(page.locator(".message p")).to_contain_text(en)
    assert unfit(page) == []
    assert len(printer.papers()) == papers
    if case == "holiday":
        boss.set(f"hours/days/{today().date()}/remove", "POST")

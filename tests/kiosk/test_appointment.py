"""预约取号: a code typed or scanned at the kiosk becomes paper, on the road of every touch."""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from firmware_stubs.lines import PtyEnd
from firmware_stubs.scanner import ScannerStub
from kiosk.scans import booking
from tests.kiosk.conftest import LYING, ROOT, UPRIGHT, Desk, Kiosk, PrinterStub, RealServer, Weather, Wire, until
from tests.kiosk.test_page import unfit

PASSWORD = "correct horse battery"
MakeKiosk = Callable[..., Kiosk]
ID = "0123456789abcdef" * 2
EVERY_FIVE_MINUTES = {"queue": "A", "mode": "hall", "weekdays": [1, 2, 3, 4, 5, 6, 7], "start_minute": 0,
                      "end_minute": 1440, "slot_minutes": 5, "capacity": 50}  # fmt: skip


class Booker(Desk):
    def book(self) -> Any:
        slot = self.get("/appointments/slots/A/hall")["slots"][0]
        return self.do("/appointments", queue="A", mode="hall", starts_at=slot["starts_at"], item="SB-03")


@pytest.fixture
def desk(real_server: RealServer) -> Iterator[Booker]:
    desk = Booker(real_server)
    try:
        if not desk.get("/slot-plans")["plans"]:
            desk.do("/admin/slot-plans", **EVERY_FIVE_MINUTES)
        yield desk
    finally:
        desk.close()


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"kiosk-appointment-{name}.png")


@pytest.mark.parametrize(
    ("text", "named"),
    [("12345678", "12345678"), (f"http://10.0.0.2:8080/book/{ID}", ID), (f"https://h/x/book/{ID}/?lang=en", ID),
     (f" http://h/book/{ID}\t", ID)],
)  # fmt: skip
def test_what_names_an_appointment(text: str, named: str) -> None:
    assert booking(text) == named


@pytest.mark.parametrize(
    "text",
    ["", "1234567", "123456789", "６９０１２３４５", "6901234567892", f"http://h/t/{ID}", f"http://h/book/{ID}x",
     f"http://h/book/{ID.upper()}", f"javascript:/book/{ID}", "http://h/book?queue=A", ID],
)  # fmt: skip
def test_what_names_none(text: str) -> None:
    assert booking(text) is None


@pytest.mark.parametrize(("size", "name"), [(UPRIGHT, "upright"), (LYING, "lying")])
def test_a_code_typed_on_the_screen_becomes_paper(
    real_server: RealServer, desk: Booker, printer: PrinterStub, make_kiosk: MakeKiosk,
    open_kiosk: Callable[..., Page], size: tuple[int, int], name: str,
) -> None:  # fmt: skip
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk, size)
    booked = desk.book()
    page.get_by_role("button", name="预约取号").click()
    shoot(page, f"home-{name}")
    take = page.locator(".primary")
    expect(take).to_be_disabled()
    for digit in booked["code"][:7] + "0" * 3:  # more than eight are not taken in
        page.locator(f".key:has-text('{digit}')").click()
    page.get_by_role("button", name="退格").click()
    page.locator(f".key:has-text('{booked['code'][7]}')").click()
    expect(page.locator(".digits")).to_have_attribute("aria-label", booked["code"])
    shoot(page, f"pad-{name}")
    assert unfit(page) == []
    take.click()
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")
    expect(page.locator(".people")).to_contain_text("优先叫号")
    shoot(page, f"taken-{name}")
    assert unfit(page) == []
    number = page.locator(".huge").inner_text()
    assert printer.printed(number) == 1
    assert f"预约 {booked['starts_at'][11:16]}" in str(printer.papers())
    page.locator(".primary").click()
    page.get_by_role("button", name="预约取号").click()
    page.keyboard.type(booked["code"])
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_contain_text(number)  # used: by which number
    shoot(page, f"used-{name}")
    assert unfit(page) == []
    page.get_by_role("button", name="重新输入预约码").click()
    expect(page.locator(".digits")).to_have_attribute("aria-label", "")
    for switch in ("大字", "English"):
        page.get_by_role("button", name=switch).click()
        page.keyboard.type("12")
        shoot(page, f"pad-{switch}-{name}")
        assert unfit(page) == []
    page.keyboard.press("Escape")
    shoot(page, f"home-elder-english-{name}")
    assert unfit(page) == []
    assert len(printer.papers()) == 1


def test_the_keyboard_alone_and_a_key_that_still_has_the_focus(
    real_server: RealServer, desk: Booker, printer: PrinterStub, make_kiosk: MakeKiosk,
    open_kiosk: Callable[..., Page],
) -> None:  # fmt: skip
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    code = desk.book()["code"]
    page.get_by_role("button", name="预约取号").click()
    page.locator(f".key:has-text('{code[0]}')").click()
    page.keyboard.type(code[1:] + "9")
    page.keyboard.press("Backspace")
    page.keyboard.type(code[7])
    page.keyboard.press("Enter")
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")


def test_one_scan_of_the_bookings_page(
    wire: Wire, desk: Booker, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page],
    tmp_path: Path,
) -> None:  # fmt: skip
    with ScannerStub(PtyEnd(tmp_path / "scanner")) as scanner:
        kiosk = make_kiosk(wire.url, printer.url, f'[[scanner]]\nurl = "serial://{tmp_path}/scanner"\n')
        page = open_kiosk(kiosk)
        expect(page.locator(".tile").first).to_be_visible()
        kiosk.until_ready()
        booked = desk.book()
        scanner.press(f"http://hall.example/book/{booked['id']}?lang=zh")
        expect(page.locator(".paper")).to_contain_text("请取走您的号票")
        assert printer.printed(page.locator(".huge").inner_text()) == 1
        scanner.press(f"http://hall.example/book/{ID}")
        expect(page.locator(".message")).to_contain_text("没有这个预约码")
        page.get_by_role("button", name="完成").click()
        expect(page.locator(".tile").first).to_be_visible()


def test_killed_before_the_server_answered_the_code_makes_one_ticket(
    real_server: RealServer, desk: Booker, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    booked, press = desk.book(), uuid.uuid4().hex
    held = wire.weather = Weather("/tickets", "POST", after=threading.Event())
    body = {"press_id": press, "appointment": booked["code"]}
    requests.post(kiosk.url + "take", json=body, headers={"X-Jiaohao-Kiosk": "1"}, timeout=10)
    until(lambda: real_server.ticket(press))
    kiosk.kill()
    assert held.after
    held.after.set()
    wire.weather = Weather(path="\0")
    kiosk.start()
    ticket = kiosk.until_stage(press, "taken")["ticket"]
    assert ticket["lane"] == "appointment" and printer.printed(ticket["number"]) == 1
    assert desk.do("/appointments/find", code=booked["code"])["number"] == ticket["number"]

"""The by-hand page in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware_stubs.control import ControlServer
from firmware_stubs.evaluator import EvaluatorStub
from firmware_stubs.ledbar import LedBarStub
from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.modem import ModemStub
from firmware_stubs.printer import PrinterStub


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def problems(page: Page) -> Iterator[list[str]]:
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    yield found
    page.goto("about:blank")
    assert found == []


def test_a_fault_is_switched_while_the_printer_prints(page: Page, problems: list[str], tcp_host) -> None:
    with PrinterStub(TcpEnd()) as printer:
        control = ControlServer("printer", [printer], "127.0.0.1:0")
        control.start()
        try:
            page.goto(f"http://{control.address}/")
            host = tcp_host(printer.end.address, 20.0)
            host.write(b"line\n" * 100 + b"\x1dVA\x00\x1d(H\x06\x0000abcd")
            button = page.get_by_role("button", name="开盖")
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
            assert printer.fault("cover_open") is True
            button.click()
            expect(page.get_by_text("第 1 张 完整")).to_be_visible(timeout=20_000)
            assert host.read(7) == b"\x37\x22abcd\x00"
        finally:
            control.stop()


def test_buttons_are_pressed(page: Page, problems: list[str], tmp_path: Path) -> None:
    with EvaluatorStub(PtyEnd(tmp_path / "ev"), resend_s=0.05) as pad:
        control = ControlServer("evaluator", [pad], "127.0.0.1:0")
        control.start()
        try:
            page.goto(f"http://{control.address}/")
            with page.expect_response("**/press"):
                page.get_by_role("button", name="不满意").click()
            assert pad.counters["presses"] == 1
        finally:
            control.stop()


def test_the_bar_is_shown(page: Page, problems: list[str]) -> None:
    with LedBarStub(TcpEnd()) as bar:
        control = ControlServer("ledbar", [bar], "127.0.0.1:0")
        control.start()
        try:
            page.goto(f"http://{control.address}/")
            picture = page.locator("img.bar")
            expect(picture).to_be_visible()
            assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 768
        finally:
            control.stop()


def test_a_phone_writes_and_sent_texts_are_shown(page: Page, problems: list[str]) -> None:
    with ModemStub(TcpEnd()) as modem:
        control = ControlServer("modem", [modem], "127.0.0.1:0")
        control.start()
        try:
            page.goto(f"http://{control.address}/")
            page.get_by_label("短信内容").fill("好的😀")
            page.get_by_role("button", name="来短信").click()
            expect(page.get_by_text("卡内短信：1")).to_be_visible()
            modem.sent.append({"number": "10086", "text": "请到3号窗口", "parts": 1})
            modem.on_change()
            expect(page.get_by_text("10086（1 条）：请到3号窗口")).to_be_visible()
        finally:
            control.stop()

"""A ticket held before the scanner: from the stub's bytes to the page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware_stubs.lines import PtyEnd
from firmware_stubs.scanner import ScannerStub
from kiosk.scans import ticket_code
from tests.kiosk.conftest import ROOT, UPRIGHT, Kiosk, PrinterStub, RealServer, Weather, Wire
from tests.kiosk.test_page import fall_quiet

CODE = "aZ_9-Qxyz012345"


@pytest.mark.parametrize(
    "url",
    [f"http://10.0.0.2:8080/t/{CODE}", f"https://h/jiaohao/t/{CODE}/", f" http://h/t/{CODE}\t",
     f"http://h/t/{CODE}/abcdefg7", f"http://h/t/{CODE}/abcdefg7/"],
)  # fmt: skip
def test_the_code_on_our_paper(url: str) -> None:
    assert ticket_code(url) == CODE


@pytest.mark.parametrize(
    "text",
    ["", CODE, "6901234567892", f"http://h/x/{CODE}", f"http://h/t/{CODE}?x", f"http://h/t/{CODE}/cancel",
     "http://h/t/a", "http://h/t/../admin", f"http://h/t/{'x' * 65}", f"javascript:/t/{CODE}", "http://h/t/%2e%2e",
     "�" * 500, "/t/" * 200],
)  # fmt: skip
def test_anything_else(text: str) -> None:
    assert ticket_code(text) is None


def test_my_turn_by_scanning_the_ticket(
    wire: Wire, printer: PrinterStub, make_kiosk: Callable[..., Kiosk], browser: Browser, tmp_path: Path
) -> None:
    with ScannerStub(PtyEnd(tmp_path / "scanner")) as scanner:
        kiosk = make_kiosk(wire.url, printer.url, f'[[scanner]]\nurl = "serial://{tmp_path}/scanner"\n')
        page = browser.new_page(viewport={"width": 1080, "height": 1920}, locale="zh-CN")
        page.goto(kiosk.url)
        expect(page.locator(".tile").first).to_be_visible()
        kiosk.until_ready()
        kiosk.touch("scan-me-01")
        ticket = kiosk.until_stage("scan-me-01", "taken")["ticket"]
        scanner.press(f"http://hall.example/t/{ticket['id']}")
        expect(page.locator(".turn .huge")).to_have_text(ticket["number"])
        expect(page.locator(".turn .paper")).to_contain_text("前面")
        shoot(page, "scan-ticket")
        for text, said in (("http://hall.example/t/nobody-has-this", "没有找到这张号票"), ("690123", "没有认出")):
            scanner.press(text)
            expect(page.locator(".message h1")).to_contain_text(said)
        shoot(page, "scan-unknown")
        wire.weather = Weather(path="/api/v1/tickets/", cut=True)
        scanner.press(f"http://hall.example/t/{ticket['id']}")
        expect(page.locator(".message h1")).to_contain_text("暂时查不到")
        page.get_by_role("button", name="完成").click()
        expect(page.locator(".tile").first).to_be_visible()
        page.context.close()


def test_a_scan_at_a_machine_that_nobody_touched_for_long_stands_as_long_as_any(
    real_server: RealServer, printer: PrinterStub, make_kiosk: Callable[..., Kiosk], open_page: Callable[..., Page],
    tmp_path: Path,
) -> None:  # fmt: skip
    with ScannerStub(PtyEnd(tmp_path / "scanner")) as scanner:
        kiosk = make_kiosk(real_server.url, printer.url, f'[[scanner]]\nurl = "serial://{tmp_path}/scanner"\n')
        kiosk.until_ready()
        kiosk.touch("scan-me-02")
        ticket = kiosk.until_stage("scan-me-02", "taken")["ticket"]
        page = open_page("about:blank", *UPRIGHT, locale="zh-CN")
        page.clock.install()
        page.goto(kiosk.url)
        expect(page.locator(".tile").first).to_be_enabled()
        fall_quiet(page)
        scanner.press(f"http://hall.example/t/{ticket['id']}")
        expect(page.locator(".turn .huge")).to_have_text(ticket["number"])
        page.clock.run_for(3000)
        assert page.locator(".turn .huge").is_visible()
        page.clock.run_for(20_000)
        expect(page.locator(".tile").first).to_be_visible()


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"kiosk-{name}.png")

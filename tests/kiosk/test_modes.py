"""What the kiosk is besides its main road: priority with a reason, the low position, languages, the quiet page."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from kiosk.lanes import REASONS
from kiosk.web import languages
from tests.kiosk import conftest
from tests.kiosk.conftest import ROOT, UPRIGHT, Desk, Kiosk, PrinterStub, RealServer, Weather, Wire, until
from tests.kiosk.test_page import fall_quiet
from tests.kiosk.test_road import FAIR, press_id, until_reported

MakeKiosk = Callable[..., Kiosk]
LANG = ROOT / "kiosk/screen/static/lang"


# ── priority ──


def test_priority_is_a_way_of_its_own_and_the_reason_is_recorded_but_nowhere_shown(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    page.get_by_role("button", name="优先取号").click()
    page.get_by_role("button", name="老年人").click()
    expect(page.locator("h1")).to_have_text("您将优先叫号，请点选要办的业务")
    page.get_by_role("button", name="不用优先").click()
    expect(page.locator("h1")).to_have_text("您好，请点选要办的业务")
    page.get_by_role("button", name="优先取号").click()
    page.get_by_role("button", name="老年人").click()
    assert "老年人" not in page.locator("body").inner_text()
    page.locator(".tile").first.click()
    expect(page.locator(".paper")).to_contain_text("请取走您的号票")
    assert "老年人" not in page.locator("body").inner_text() + json.dumps(printer.papers(), ensure_ascii=False)
    page.locator(".primary").click()
    expect(page.locator("h1")).to_have_text("您好，请点选要办的业务")
    (touch,) = [body for method, path, body in wire.passed if method == "POST" and path.endswith("/tickets")]
    assert (touch["lane"], touch["lane_reason"]) == ("priority", "老年人")
    ticket = real_server.ticket(touch["request_id"]) or {}
    assert ticket["lane"] == "priority"
    desk = Desk(real_server)
    try:
        assert desk.get(f"/tickets/{ticket['id']}/story")["lane_reason"] == "老年人"
    finally:
        desk.close()


def test_a_kill_keeps_the_reason(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    wire.weather = Weather("/tickets", "POST", cut=True)
    kiosk.touch(press, lane_reason="infant")
    until(wire.weather.reached.is_set)
    kiosk.kill()
    wire.weather = FAIR
    kiosk.start()
    assert until_reported(real_server, press, "printed")["lane"] == "priority"
    asked = [body for method, path, body in wire.passed if method == "POST" and path.endswith("/tickets")]
    assert [body["lane_reason"] for body in asked] == [REASONS["infant"]]


def test_only_reasons_of_ours_are_taken(real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    for wrong in ("", "老年人", "vip", 5, ["elderly"]):
        body = {"press_id": press_id(), "queue": "A", "lane_reason": wrong}
        answer = requests.post(kiosk.url + "take", json=body, headers={"X-Jiaohao-Kiosk": "1"}, timeout=5)
        assert answer.status_code == 400, wrong


# ── the low position ──


def test_low_stays_until_the_visit_is_over(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    """Where things stand in the low position is measured with every state, in test_states."""
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_kiosk(kiosk)
    page.get_by_role("button", name="低位操作").click()
    expect(page.locator(".low .tile").first).to_be_visible()
    page.get_by_role("button", name="按事项查找").click()
    page.get_by_role("button", name="返回首页").click()
    page.locator(".low .tile").first.click()
    expect(page.locator(".low .paper")).to_be_visible()
    page.locator(".primary").click()
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.locator(".low")).to_have_count(0)


# ── languages ──

KEYS = """async (codes) => {
  const keys = (words) => Object.entries(words).flatMap(([key, said]) =>
    [key, ...(said && typeof said === "object" ? keys(said).map((one) => `${key}.${one}`) : [])]).sort();
  const kinds = (words) => Object.entries(words).map(([key, said]) => `${key}: ${typeof said}`).sort();
  const files = await Promise.all(codes.map((code) => import(`/static/lang/${code}.mjs`)));
  return files.map(({ default: words }) => [keys(words), kinds(words)]);
}"""


def test_all_languages_say_the_same_things(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    page = open_kiosk(make_kiosk(real_server.url, printer.url))
    first, *others = page.evaluate(KEYS, languages())
    assert others and all(other == first for other in others)
    assert set(REASONS) == {key.removeprefix("reasons.") for key in first[0] if key.startswith("reasons.")}


@pytest.fixture
def with_uyghur(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kiosk with one file more, and one that is broken."""
    shutil.copytree(ROOT / "kiosk", tmp_path / "copy/kiosk")
    lang = tmp_path / "copy/kiosk/screen/static/lang"
    words = (LANG / "zh.mjs").read_text("utf-8")
    words = (
        words.replace('"zh-CN"', '"ug"').replace('dir: "ltr"', 'dir: "rtl"').replace('own: "中文"', 'own: "ئۇيغۇرچە"')
    )
    (lang / "ug.mjs").write_text(words.replace("您好，请点选要办的业务", "خۇش كەپسىز"), "utf-8")
    (lang / "xx.mjs").write_text("export default {", "utf-8")
    monkeypatch.setattr(conftest, "ROOT", tmp_path / "copy")
    monkeypatch.setitem(conftest.ENV, "PYTHONPATH", f"{tmp_path / 'copy'}:{ROOT}")
    return lang


def test_a_language_is_a_file(
    real_server: RealServer, printer: PrinterStub, with_uyghur: Path, make_kiosk: MakeKiosk,
    open_page: Callable[..., Page],
) -> None:  # fmt: skip
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    page = open_page(kiosk.url, *UPRIGHT)
    page.get_by_role("button", name="语言 Language").click()
    expect(page.locator(".choice")).to_have_text(["中文", "English", "ئۇيغۇرچە"])
    page.get_by_role("button", name="ئۇيغۇرچە").click()
    expect(page.locator("h1")).to_have_text("خۇش كەپسىز")
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ug", "rtl")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="语言 Language").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Welcome")


# ── the quiet page ──


def test_the_quiet_page_wakes_at_any_key_and_gives_way_to_faults(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, open_page: Callable[..., Page]
) -> None:
    board: dict[str, Any] = real_server.board()
    wire.weather = Weather("/board", answer=(200, json.dumps(board).encode()))
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    page = open_page("about:blank", *UPRIGHT, locale="zh-CN", has_touch=True)
    page.clock.install()
    page.goto(kiosk.url)
    expect(page.locator(".tile").first).to_be_enabled()
    page.get_by_role("button", name="大字").click()
    fall_quiet(page)
    expect(page.locator(".start")).to_contain_text("请触摸屏幕取号")
    page.keyboard.press("Enter")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "false")
    fall_quiet(page)
    printer.fault("paper_out")
    expect(page.locator(".notice")).to_contain_text("打印机缺纸")
    expect(page.locator(".rest")).to_have_count(0)
    printer.fault("paper_out", False)
    expect(page.locator(".notice")).to_have_count(0)
    fall_quiet(page)
    closed = board | {"open": False, "closed_reason": "明天 8:30 开始取号", "seq": board["seq"] + 1}
    wire.weather = Weather("/board", answer=(200, json.dumps(closed).encode()))
    expect(page.locator(".message h1")).to_have_text("现在不取号", timeout=60_000)

"""Guide sheets at the kiosk: all ten fields on the screen and on paper, behind tickets, and never a whole roll."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Page, expect

from devices.base import DeviceState, DeviceStatus, PrintOutcome
from kiosk.sheets import MOST, SAME_AGAIN_S, WITHIN_S, Printed, Sheets, refusal
from kiosk.spool import Spool
from kiosk.ticketing import Ticketing
from server.contract.tickets import Lane, PrintState, Ticket, TicketState
from tests.kiosk.conftest import Kiosk, PrinterStub, RealServer, Weather, Wire, until
from tests.kiosk.test_road import press_id

MakeKiosk = Callable[..., Kiosk]
READY = DeviceStatus(DeviceState.ONLINE)
TICKET = Ticket(
    "0123456789abcdef", "A001", "A", "个人综合", None, "", Lane.NORMAL, TicketState.WAITING, None, date(2026, 3, 2),
    datetime(2026, 3, 2, 9, tzinfo=UTC), None, 0, 0, PrintState.PENDING, 0, "清禾市社会保险经办服务大厅",
)  # fmt: skip
TEN = ("带什么材料", "多久办好", "收费", "怎么办", "在哪办", "办理单位", "法律依据", "监督机构", "投诉电话")
"""And the name, in the heading."""


def ask(kiosk: Kiosk, item: str, press: str = "") -> str:
    """A touch of the button; its stage at once."""
    body = {"press_id": press or press_id(), "item": item}
    answer = requests.post(kiosk.url + "sheet", json=body, headers={"X-Jiaohao-Kiosk": "1"}, timeout=10)
    return answer.json()["stage"] if answer.ok else str(answer.status_code)


def items(server: RealServer) -> list[str]:
    return [item["code"] for item in server.board()["items"]]


# ── the rule ──


@pytest.mark.parametrize(
    ("faults", "printed", "said"),
    [
        ((), [], None),
        (("paper_out",), [], "no_paper"),
        (("paper_low",), [], "paper_low"),
        ((), [Printed("p", "A", 1000 - SAME_AGAIN_S + 1)], "just_printed"),
        ((), [Printed("p", "A", 1000 - SAME_AGAIN_S)], None),
        ((), [Printed("p", "B", 999)], None),
        ((), [Printed("p", f"B{n}", 999) for n in range(MOST)], "too_many"),
        ((), [Printed("p", f"B{n}", 1000 - WITHIN_S) for n in range(MOST)], None),
    ],
)
def test_what_may_be_printed(faults: tuple[str, ...], printed: list[Printed], said: str | None) -> None:
    assert refusal(1000, DeviceStatus(DeviceState.ONLINE, frozenset(faults)), "A", printed) == said


def test_no_printer_is_no_sheet() -> None:
    assert refusal(1000, DeviceStatus(DeviceState.ABSENT), "A", []) == "no_paper"


class Paper:
    """A printer that says what it is told to."""

    def __init__(self, result: Literal["printed", "failed", "unknown"]) -> None:
        self.result, self.status, self.jobs = result, READY, 0

    def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: object = None) -> PrintOutcome:
        self.jobs += 1
        return PrintOutcome(self.result, "fence")


@pytest.mark.parametrize(
    ("result", "again"), [("printed", "just_printed"), ("unknown", "just_printed"), ("failed", "waiting")]
)
def test_only_what_used_paper_counts(result: Literal["printed", "failed", "unknown"], again: str) -> None:
    paper: Any = Paper(result)
    sheets = Sheets(paper, lambda code: b"sheet", lambda work: work(), lambda: None)
    assert sheets.ask("press-0001", "A") == "waiting"
    assert sheets.recent() == {"press-0001": result}
    assert sheets.ask("press-0001", "A") == result, "a repeated touch is the same touch"
    assert paper.jobs == 1
    assert sheets.ask("press-0002", "A") == again


# ── the road ──


def test_ten_fields_on_the_screen_and_on_paper(
    real_server: RealServer, wire: Wire, printer: PrinterStub, open_items: Callable[..., tuple[Kiosk, Page]]
) -> None:
    board = real_server.board()
    board["items"][0] |= {"fee": "", "materials": [], "supervisor": ""}
    wire.weather = Weather("/board", answer=(200, json.dumps(board).encode()))
    kiosk, page = open_items(wire.url, printer.url)
    page.locator(".row").first.click()
    expect(page.locator("h1")).to_have_text(board["items"][0]["name"])
    labels = page.locator(".fields dt").all_inner_texts()
    assert set(TEN) <= set(labels)
    unfilled = page.locator(".fields > div", has_text="见大厅公示").locator("dt").all_inner_texts()
    assert set(unfilled) == {"带什么材料", "收费", "监督机构"}
    page.get_by_role("button", name="打印办事指南").dblclick()
    expect(page.locator(".notice.good")).to_contain_text("请取走办事指南")
    (paper,) = printer.papers()
    said = "".join("".join(paper["lines"]).split())
    assert board["items"][0]["name"] in said and said.count("见大厅公示") == 3 and paper["complete"]
    page.get_by_role("button", name="打印办事指南").click()
    expect(page.locator(".notice")).to_contain_text("这份办事指南刚刚打过")
    assert len(printer.papers()) == 1
    assert (kiosk.folder / "data/tickets.jsonl").read_text() == "", "no number is used up"


def test_a_printer_without_paper_says_so(
    real_server: RealServer, printer: PrinterStub, open_items: Callable[..., tuple[Kiosk, Page]]
) -> None:
    kiosk, page = open_items(real_server.url, printer.url)
    page.locator(".row").first.click()
    printer.fault("paper_out")
    expect(page.locator(".notice")).to_contain_text("打印机缺纸")
    page.get_by_role("button", name="打印办事指南").click()
    expect(page.locator(".notice").last).to_contain_text("现在不能打印办事指南")
    printer.fault("paper_out", False)
    until(lambda: kiosk.picture()["printer"]["ready"])
    assert printer.papers() == [], "it is not held for paper"
    page.get_by_role("button", name="打印办事指南").click()
    expect(page.locator(".notice.good")).to_contain_text("请取走办事指南")


def test_an_agent_that_was_killed_meanwhile_knows_of_no_sheet(
    real_server: RealServer, make_kiosk: MakeKiosk, open_kiosk: Callable[..., Page]
) -> None:
    printer = PrinterStub()  # with a real machine's slowness
    try:
        kiosk = make_kiosk(real_server.url, printer.url, "port = 0")
        kiosk.keep_port()
        kiosk.until_ready()
        page = open_kiosk(kiosk)
        page.get_by_role("button", name="按事项查找").click()
        page.locator(".row").first.click()
        page.get_by_role("button", name="打印办事指南").click()
        until(lambda: "printing" in kiosk.picture()["sheets"].values())
        kiosk.kill()
        expect(page.locator(".notice").first).to_contain_text("本机正在恢复")
        kiosk.start()
        expect(page.locator(".notice").last).to_contain_text("办事指南可能没有打完整", timeout=30_000)
        expect(page.get_by_role("button", name="打印办事指南")).to_be_enabled()
    finally:
        printer.stop()


def test_hammering_does_not_empty_the_roll(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    codes = items(real_server)
    stages = [ask(kiosk, code) for _ in range(5) for code in codes]
    assert stages.count("waiting") + stages.count("printing") == MOST and {"too_many", "just_printed"} >= set(
        stages
    ) - {"waiting", "printing"}
    until(lambda: len(printer.papers()) == MOST)
    press = press_id()
    kiosk.touch(press)
    number = kiosk.until_stage(press, "taken")["ticket"]["number"]
    assert printer.printed(number) == 1 and len(printer.papers()) == MOST + 1


class Server:
    """Gives everybody the same ticket and takes every report."""

    def take(self, wish: object, read_s: float) -> Ticket:
        return TICKET

    def print_result(self, ticket_id: str, result: object) -> None: ...


def test_a_ticket_stands_behind_one_sheet_at_most(tmp_path: Path) -> None:
    done: list[bytes] = []
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Paper):
        def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: object = None) -> PrintOutcome:
            begun.set()
            go_on.wait(10)
            done.append(data)
            return super().print_job(data)

    printer: Any = Slow("printed")
    server: Any = Server()
    ticketing = Ticketing(Spool(tmp_path / "j.jsonl"), server, printer, lambda ticket, copy: b"ticket", lambda: None)
    sheets = Sheets(printer, lambda code: code.encode(), ticketing.when_idle, lambda: None)
    stopping = threading.Event()
    live = threading.Thread(target=ticketing.run_live, args=(stopping,))
    live.start()
    try:
        for name in ("sheet 1", "sheet 2", "sheet 3"):
            assert sheets.ask(f"press-{name}", name) in ("waiting", "printing")
        assert begun.wait(10)
        ticketing.take("press-ticket", "A", None)
        go_on.set()
        until(lambda: len(done) == 4)
        assert done == [b"sheet 1", b"ticket", b"sheet 2", b"sheet 3"]
    finally:
        stopping.set()
        ticketing.wake()
        live.join(10)


def test_nonsense_is_refused(real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    assert ask(kiosk, "no such item") == "gone"
    assert ask(kiosk, "") == ask(kiosk, "x" * 99) == ask(kiosk, "SB-01", press="x") == "400"
    body = {"press_id": press_id(), "item": "SB-01"}
    assert requests.post(kiosk.url + "sheet", json=body, timeout=5).status_code == 403

"""The sheet to take home, on the stub's paper of both widths: nothing published is missing, nothing is cut off."""

from pathlib import Path

import pytest

from devices.escpos.compose import compose
from devices.escpos.driver import EscPosPrinter
from devices.escpos.profile import load_profile
from devices.supervisor import Supervisor
from firmware_stubs.lines import TcpEnd
from firmware_stubs.printer import PrinterStub
from firmware_stubs.printer.render import png
from kiosk.guide_sheet import NOT_SAID, guide_sheet
from server.contract.board import ItemView
from tests.kiosk.conftest import ROOT, until

ITEM = ItemView(
    code="31", name="企业职工基本养老保险关系转移接续", queue="B",
    legal_basis="《社会保险法》第十九条；《城镇企业职工基本养老保险关系转移接续暂行办法》（国办发〔2009〕66号）",
    handling_body="清禾市社会保险事业管理中心（虚构）", process=("取号", "受理", "审核", "办结"),
    materials=("居民身份证（核验原件）", "参保缴费凭证", "转移接续申请表 Application form 3-B"),
    promise="15 个工作日",
    fee="", location="1楼 07–10窗", supervisor="清禾市人社局政务服务监督科", complaint_tel="12333", minutes=12,
)  # fmt: skip


@pytest.mark.parametrize("name", ["generic-58", "generic-80"])
def test_all_ten_fields_are_on_paper(name: str) -> None:
    profile = load_profile(name)
    with PrinterStub(TcpEnd(), paper_mm=58 if profile.dots == 384 else 80, cutter=profile.cutter, speed=0) as stub:
        printer = EscPosPrinter("printer", f"tcp://{stub.end.address}", profile)
        supervisor = Supervisor([printer])
        supervisor.start()
        try:
            until(lambda: printer.confidence == "fence")
            sheet = guide_sheet(ITEM, "清禾市社会保险经办服务大厅", profile.columns)
            assert printer.print_job(compose(sheet, profile)).result == "printed"
        finally:
            supervisor.stop()
        if not profile.cutter:
            stub.press("tear")
        (paper,) = stub.papers
    said = "".join("".join(paper.lines).split())
    for field in (ITEM.name, ITEM.legal_basis, ITEM.handling_body, *ITEM.process, *ITEM.materials, ITEM.supervisor):
        assert "".join(field.split()) in said, field
    assert NOT_SAID in said, "a field that the hall left empty is not left out"
    Path(ROOT / "build/screens").mkdir(parents=True, exist_ok=True)
    (ROOT / f"build/screens/guide-{name}.png").write_bytes(png(paper.piece))

"""What stands on the paper, and how many bytes it takes."""

import dataclasses

import pytest

from devices.escpos.compose import compose
from devices.escpos.profile import load_profile
from devices.paper import Cut, Qr, Text
from kiosk.ticket_layout import layout
from server.contract.tickets import Lane
from tests.kiosk.test_issuing import TICKET

URL = "http://192.168.10.5:8080"
LONG_ID = dataclasses.replace(TICKET, id="0123456789abcdef")


def words(url: str = "") -> str:
    return "\n".join(line.text for line in layout(LONG_ID, 48, url) if isinstance(line, Text))


def test_the_ticket_says_what_a_citizen_must_know() -> None:
    said = words()
    for word in ("清禾市社会保险经办服务大厅", "A012", "个人综合", "前面还有 3 人", "1楼 01-06窗", "过号", "导办台"):
        assert word in said
    assert isinstance(layout(TICKET, 48)[-1], Cut)


def test_the_number_is_the_biggest() -> None:
    sizes = {line.text: line.size for line in layout(TICKET, 48) if isinstance(line, Text)}
    assert max(sizes, key=lambda text: sizes[text]) == "A012"


def test_the_qr_code_leads_to_this_ticket() -> None:
    assert not any(isinstance(line, Qr) for line in layout(LONG_ID, 48))
    assert Qr(f"{URL}/t/{LONG_ID.id}", 5) in layout(LONG_ID, 48, URL)
    rateable = dataclasses.replace(LONG_ID, paper_key="abcdefg7")
    assert Qr(f"{URL}/t/{LONG_ID.id}/abcdefg7", 5) in layout(rateable, 48, URL)


def test_a_priority_ticket_says_so_and_the_code_says_what_it_is_for() -> None:
    first = dataclasses.replace(LONG_ID, lane=Lane.PRIORITY)
    said = [line.text for line in layout(first, 48, URL) if isinstance(line, Text)]
    assert "优先叫号" in said and "扫码看进度、评价" in said
    assert "优先叫号" not in words(URL) and "扫码" not in words()


@pytest.mark.parametrize("paper", [load_profile("generic-58"), load_profile("generic-80")])
@pytest.mark.parametrize("url", ["", URL])
def test_it_is_short_on_the_wire(paper: object, url: str) -> None:
    item = dataclasses.replace(LONG_ID, paper_key="abcdefg7", item="SB-07", item_name="养老待遇领取资格认证（现场）")
    assert len(compose(layout(item, paper.columns, url), paper)) <= 300


def test_a_long_name_takes_two_lines_and_a_cut_is_shown() -> None:
    def lines(name: str) -> list[str]:
        item = dataclasses.replace(TICKET, item_name=name)
        return [line.text for line in layout(item, 32) if isinstance(line, Text) and line.size == 2]

    assert lines("养老保险关系转移接续（转入）")[:2] == ["养老保险关系转移", "接续（转入）"]
    assert lines("养老保险关系转移接续" * 3)[:2] == ["养老保险关系转移", "接续养老保险关…"]


def test_nobody_ahead_is_said_in_words() -> None:
    assert "前面无人" in [
        line.text for line in layout(dataclasses.replace(TICKET, ahead=0), 48) if isinstance(line, Text)
    ]

import subprocess
import sys

import pytest

from devices.escpos import compose as composer
from devices.escpos.fence import fence_ids, fence_request
from devices.escpos.glyphs import inline_glyph
from devices.escpos.profile import load_profile
from devices.paper import Cut, Feed, Qr, Rule, Text

MM80, MM58 = load_profile("generic-80"), load_profile("generic-58")


def compose(layout, paper=MM80):
    return composer.compose(layout, paper)


TICKET = (
    Text("市民中心社保大厅", size=2, bold=True),
    Text("A001", size=4),
    Text("养老保险待遇申领"),
    Rule(),
    Text("前面 5 人，约等 10–18 分钟", align="left"),
    Text("2026-11-22 09:31", align="left"),
    Qr("http://10.0.0.2:8080/t/Ab3dEf6h"),
    Text("过号请到导办台"),
    Cut(),
)
GBK = {
    "请": "c7eb", "号": "bac5", "窗": "b4b0", "口": "bfda", "满": "c2fa", "意": "d2e2", "镕": "e946",
    "喆": "86b4", "玥": "ab68", "（": "a3a8", "，": "a3ac", "。": "a1a3",
}  # fmt: skip
FOUR_BYTE = {"¥": "81308436", "龻": "82359134", "㐂": "8139ef31", "𠀀": "95328236"}


def test_a_ticket_begins_in_chinese_and_ends_with_the_cut():
    data = compose(TICKET)
    assert data.startswith(b"\x1b@\x1c&\x1db\x01")
    assert data.endswith(b"\x1dV\x42\x00")
    assert "养老保险待遇申领".encode("gbk") in data
    assert b"\x1d!\x33\x1bE\x00A001\n" in data
    assert b"http://10.0.0.2:8080/t/Ab3dEf6h" in data


def test_a_normal_ticket_fits_in_300_bytes():
    assert len(compose(TICKET)) + len(fence_request(b"1111")) <= 300


@pytest.mark.parametrize(("char", "code"), GBK.items())
def test_two_byte_characters_are_the_printers(char, code):
    assert bytes.fromhex(code) + b"\n" in compose((Text(char),))


@pytest.mark.parametrize("char", [*FOUR_BYTE, "😀"])
def test_others_are_drawn_in_the_line(char):
    data = compose((Text(f"张{char}先生"),))
    assert char.encode("gb18030") not in data
    dots = 12 if char == "¥" else 24
    head = b"\x1b*\x21" + dots.to_bytes(2, "little")
    assert "张".encode("gbk") + head in data
    _, _, after = data.partition(head)
    glyph, rest = after[: dots * 3], after[dots * 3 :]
    assert any(glyph)
    assert rest == "先生\n".encode("gbk")


def test_rare_characters_are_more_than_the_box_for_missing_ones():
    missing = inline_glyph("\U0010ffff", False)
    assert len({inline_glyph(char, False) for char in "龻㐂"} | {missing}) == 3
    assert inline_glyph("龻", True) != inline_glyph("龻", False)


def test_a_large_line_with_a_rare_character_is_one_picture():
    data = compose(
        (
            Text("张㐂", size=2),
            Text("在"),
        )
    )
    assert b"\x1dv0\x03" + (48 // 8).to_bytes(2, "little") + (24).to_bytes(2, "little") in data
    assert data.endswith("在\n".encode("gbk"))


def test_a_picture_never_exceeds_the_paper():
    data = compose((Text("㐂" * 12, size=3),), paper=MM58)
    assert data.count(b"\x1dv0\x00" + (5 * 72 // 8).to_bytes(2, "little")) == 2  # 32 // 3 cells hold five
    assert data.count(b"\x1dv0\x00" + (2 * 72 // 8).to_bytes(2, "little")) == 1


@pytest.mark.parametrize(("paper", "columns"), [(MM80, 48), (MM58, 32)])
def test_a_rule_is_as_wide_as_the_paper(paper, columns):
    assert b"\x1d!\x10" + b"-" * (columns // 2) + b"\n" in compose((Rule(),), paper=paper)


def test_settings_are_sent_only_when_they_change():
    data = compose((Text("a", bold=True), Text("b", bold=True), Text("c", align="right"), Feed(3)))
    assert data == b"\x1b@\x1c&\x1db\x01\x1ba\x01\x1bE\x01a\nb\n\x1ba\x02\x1bE\x00c\n\n\n\n"


def test_a_name_cannot_command_the_printer():
    assert compose((Text("王\x1b@\n\x10\x04\x01\u200d\ufeff五"),)).endswith("王@五\n".encode("gbk"))


def test_fence_ids_differ_and_are_what_printers_take():
    ids = fence_ids()
    seen = [next(ids) for _ in range(20_000)]
    assert len(set(seen)) == len(seen)
    assert all(len(one) == 4 and all(0x20 <= byte <= 0x7E for byte in one) for one in seen)


def test_a_normal_ticket_never_opens_the_font():
    code = (
        "import sys; sys.path[0:0] = ['.', 'tests/devices']\n"
        "from devices.escpos.compose import compose; from devices.paper import Text\n"
        "from devices.escpos.profile import load_profile; profile = load_profile('generic-80')\n"
        "compose((Text('普通 A001（号）'),), profile); assert 'manimgx_fonts_cjk' not in sys.modules\n"
        "compose((Text('㐂'),), profile); assert 'manimgx_fonts_cjk' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)

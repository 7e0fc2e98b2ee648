"""Bytes to events, pure; the golden bytes are those of the protocol page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.printer.events import (
    AutoStatus,
    Bitmap,
    Cell,
    Cut,
    Event,
    Feed,
    Fence,
    Line,
    Picture,
    QrCode,
    Restart,
    TellStatus,
    Unknown,
)
from firmware_stubs.printer.interpreter import Interpreter, columns_to_bitmap
from firmware_stubs.printer.sheet import line_text

FENCE = bytes.fromhex("1d284806003030") + b"\x20az~"


def events(*parts: bytes) -> list[Event]:
    return Interpreter().feed(b"".join(parts))


def text(*parts: bytes) -> list[str]:
    return [line_text(event) for event in events(*parts) if isinstance(event, Line)]


def cells(*parts: bytes) -> list[Cell]:
    (line,) = (event for event in events(*parts, b"\n") if isinstance(event, Line))
    return [item for item in line.items if isinstance(item, Cell)]


def gbk(words: str) -> bytes:
    return words.encode("gbk")


GOLDEN = {
    "请": "c7eb", "号": "bac5", "窗": "b4b0", "口": "bfda", "满": "c2fa", "意": "d2e2",
    "镕": "e946", "喆": "86b4", "玥": "ab68", "（": "a3a8", "，": "a3ac", "。": "a1a3",
}  # fmt: skip


@pytest.mark.parametrize(("char", "code"), GOLDEN.items())
def test_two_byte_gbk_after_fs_and(char: str, code: str) -> None:
    assert text(b"\x1c&", bytes.fromhex(code), b"\n") == [char]


def test_power_on_is_single_byte() -> None:
    assert text(gbk("请"), b"\n") == ["╟δ"]


def test_esc_at_and_fs_dot_leave_chinese_mode() -> None:
    assert text(b"\x1c&\x1b@", gbk("号"), b"\n") == ["║┼"]
    assert text(b"\x1c&\x1c.", gbk("号"), b"\n") == ["║┼"]


@pytest.mark.parametrize("code", ["81308436", "82359134", "8139ef31", "95328236"])
def test_four_byte_codes_come_out_wrong(code: str) -> None:
    (line,) = text(b"\x1c&", bytes.fromhex(code), b"\n")
    assert line[0] == "□"
    assert bytes.fromhex(code).decode("gb18030") not in line


def test_sizes() -> None:
    assert [(c.across, c.down) for c in cells(b"\x1c&\x1d!\x37", b"A", gbk("号"))] == [(4, 8), (4, 8)]
    assert [(c.across, c.down) for c in cells(b"\x1c&\x1b!\x30", b"A", gbk("号"))] == [(2, 2), (1, 1)]
    assert [(c.across, c.down) for c in cells(b"\x1c&\x1c!\x0c", b"A", gbk("号"))] == [(1, 1), (2, 2)]
    assert [(c.width, c.height) for c in cells(b"\x1c&", b"A", b"\x1bM\x01", b"a", gbk("号"))] == [
        (12, 24),
        (9, 17),
        (24, 24),
    ]


def test_styles() -> None:
    (cell,) = cells(b"\x1bE\x01\x1b-\x02\x1dB\x01\x1db\x01x")
    assert (cell.bold, cell.underline, cell.inverse, cell.smooth) == (True, 2, True, True)
    (cell,) = cells(b"\x1bE\x01\x1b-\x02\x1dB\x01\x1db\x01\x1b@x")
    assert (cell.bold, cell.underline, cell.inverse, cell.smooth) == (False, 0, False, False)


def test_alignment_counts_at_the_start_of_a_line_only() -> None:
    lines = [e for e in events(b"\x1ba\x01a\x1ba2\n\x1ba\x02b\nc\n") if isinstance(e, Line)]
    assert [line.align for line in lines] == ["center", "right", "right"]


def test_long_lines_wrap_at_the_paper_edge() -> None:
    assert [len(line) for line in text(b"x" * 100, b"\n")] == [48, 48, 4]
    narrow = Interpreter(384).feed(b"\x1c&" + gbk("号") * 17 + b"\n")
    assert [line_text(e) for e in narrow if isinstance(e, Line)] == ["号" * 16, "号"]


def test_feeds() -> None:
    assert events(b"\n") == [Feed(30)]
    assert events(b"\x1b3\x18\n\x1b2\n") == [Feed(24), Feed(30)]
    assert events(b"\x1bd\x03\x1bJ\x05") == [Feed(90), Feed(5)]
    assert [e.advance for e in events(b"a\x1bd\x03", b"\x1d!\x03b\n") if isinstance(e, Line)] == [90, 96]


@pytest.mark.parametrize(
    ("command", "feed"),
    [
        (b"\x1dV\x00", None),
        (b"\x1dV1", None),
        (b"\x1dVA\x05", 5),
        (b"\x1dVB\x00", 0),
        (b"\x1bi", None),
        (b"\x1bm", None),
    ],
)
def test_cuts(command: bytes, feed: int | None) -> None:
    assert events(command) == [Cut(feed)]


def test_fence_status_and_restart() -> None:
    assert events(b"\x1b@", b"\x1da\x0e", b"\x1dr\x01", FENCE) == [
        Restart(),
        AutoStatus(14),
        TellStatus(1),
        Fence(b"\x20az~"),
    ]


def test_real_time_commands_leave_no_trace() -> None:
    assert text(b"a\x10\x04\x01b\x10\x04\x07\x01c\n") == ["abc"]


def test_qr() -> None:
    code = b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E2\x1d(k\x08\x001P0hello\x1d(k\x03\x001Q0"
    assert events(b"\x1ba\x01", code) == [QrCode(b"hello", 6, 2, "center")]


def test_qr_with_nothing_stored_prints_nothing() -> None:
    assert events(b"\x1d(k\x03\x001Q0") == [Unknown(b"\x1d(kQ0")]


def test_raster_image() -> None:
    image = b"\x1dv0\x00\x02\x00\x03\x00" + b"\xf0\x0f" * 3
    assert events(image) == [Picture(Bitmap(16, 3, b"\xf0\x0f" * 3), "left")]
    assert events(image.replace(b"v0\x00", b"v0\x03")) == [Picture(Bitmap(32, 6, b"\xff\x00\x00\xff" * 6), "left")]


def test_images_are_cut_off_at_the_paper_edge() -> None:
    (picture,) = events(b"\x1dv0\x01\x40\x00\x02\x00", b"\x81" * 128)
    assert isinstance(picture, Picture)
    assert (picture.bitmap.width, picture.bitmap.height, len(picture.bitmap.rows)) == (576, 2, 144)
    (line, _) = events(b"\x1b*\x21\x00\x04", b"\x80\x00\x00" * 1024, b"\n\n")
    assert isinstance(line, Line)
    assert [(item.dots_wide, item.dots_high) for item in line.items] == [(576, 24)]


def test_inline_column_image_stands_in_the_line() -> None:
    (line,) = events(b"a\x1b*\x21\x02\x00", b"\x80\x00\x00\x00\x00\x01", b"b\n")
    assert isinstance(line, Line)
    assert line_text(line) == "a▦b"
    assert line.items[1] == Bitmap(2, 24, b"\x80" + b"\x00" * 22 + b"\x40")


def test_coarse_column_images_fill_the_same_height() -> None:
    assert columns_to_bitmap(1, 8, b"\x80" * 8) == Bitmap(8, 24, b"\xff" * 3 + b"\x00" * 21)
    assert columns_to_bitmap(0, 4, b"\x01" * 4) == Bitmap(8, 24, b"\x00" * 21 + b"\xff" * 3)


def test_unknown_commands_are_told_and_skipped() -> None:
    assert events(b"\x1b\xfe", b"a\n")[0] == Unknown(b"\x1b\xfe")
    assert events(b"\x1d(Z\x03\x00abc", b"a\n")[0] == Unknown(b"\x1d(Z\x03\x00abc")
    assert text(b"\x1b\xfe", b"\x1d(Z\x03\x00abc", b"\x1dh\x50\x1dw\x02a\n") == ["a"]


def test_absurd_sizes_are_not_waited_for() -> None:
    assert text(b"\x1dv0\x00\xff\xff\xff\xff", b"\x1b*\x21\xff\xff", b"a\n") == ["a"]


@given(st.binary(max_size=400))
def test_garbage_never_raises_and_never_depends_on_the_splitting(data: bytes) -> None:
    one, whole = Interpreter(), Interpreter()
    bytewise = [event for byte in data for event in one.feed(bytes((byte,)))]
    assert bytewise == whole.feed(data)


@given(st.binary(max_size=200).filter(lambda noise: not set(noise) & set(b"\x10\x1b\x1c\x1d")))
def test_esc_at_after_noise_gives_a_good_ticket(noise: bytes) -> None:
    assert text(noise, b"\n\x1b@\x1c&", gbk("请"), b"\n")[-1] == "请"

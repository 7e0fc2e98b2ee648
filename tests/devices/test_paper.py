"""Layout of paper: cells, wrapping, columns."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.escpos.compose import compose
from devices.escpos.profile import load_profile
from devices.paper import Columns, Cut, Text, cells, fitting, gbk, width, wrap
from firmware_stubs.printer.events import Bitmap, Cell, Line, Unknown
from firmware_stubs.printer.interpreter import Interpreter

PROFILES = {name: load_profile(name) for name in ("generic-80", "basic-58")}
KINDS = ("L", "N", "P", "S", "Zs", "M")
UNREADABLE = "□"  # what the interpreter writes for bytes that are no character, though it is one itself
LETTERS = st.characters(codec="gb18030", categories=KINDS, exclude_characters=UNREADABLE) | st.sampled_from(
    "喆镕龻㐂𠀀¥€ʊ😀，。“①"
)
TEXTS = st.text(LETTERS, max_size=60)


def printed(data: bytes, dots: int) -> list[Line]:
    """The lines as a printer that knows nothing of ours has them."""
    events = Interpreter(dots).feed(data)
    assert not [event for event in events if isinstance(event, Unknown)]
    return [event for event in events if isinstance(event, Line)]


@settings(deadline=None)
@given(TEXTS, st.integers(2, 48))
def test_wrapping_loses_nothing_and_fits(text: str, room: int) -> None:
    lines = wrap(text, room)
    assert lines and all(width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(deadline=None)
@given(TEXTS, st.integers(0, 40))
def test_fitting_is_the_longest_that_fits(text: str, room: int) -> None:
    end = fitting(text, room)
    assert width(text[:end]) <= room
    assert end == len(text) or width(text[: end + 1]) > room


def test_words_and_brackets_stay_whole_and_no_line_begins_with_a_comma() -> None:
    assert wrap("请到 window-12 办理", 12) == ["请到", "window-12 办", "理"]
    assert wrap("认证资格，办理", 8) == ["认证资", "格，办理"]
    assert wrap("养老资格认证（现场）", 14) == ["养老资格认证", "（现场）"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("", 4) == [""]


def test_a_two_byte_sign_takes_two_cells_whatever_unicode_calls_it() -> None:
    assert [cells(char) for char in "A号“①¥€ʊ😀㐂"] == [1, 2, 2, 2, 1, 1, 1, 2, 2]


@settings(deadline=None)  # a font is opened now and then
@given(st.lists(st.builds(Text, TEXTS, st.integers(1, 4)) | st.builds(Columns, TEXTS, TEXTS), max_size=4))
def test_no_line_is_wider_than_the_paper_and_nothing_but_two_bytes_is_sent(layout: list[Text | Columns]) -> None:
    """Read back by the stub's own interpreter, which breaks a line that is too wide and knows no four-byte code."""
    for profile in PROFILES.values():
        for line in printed(compose((*layout, Cut()), profile), profile.dots):
            assert sum(item.dots_wide for item in line.items) <= profile.dots
            assert all(isinstance(item, Bitmap) or item.char != UNREADABLE for item in line.items)


@settings(deadline=None)
@given(TEXTS)
def test_what_the_printer_knows_is_read_back(text: str) -> None:
    """Every character that is not drawn comes out as itself, in its order; none is split between two lines."""
    lines = printed(compose((Text(text),), PROFILES["generic-80"]), 576)
    read = "".join(item.char for line in lines for item in line.items if isinstance(item, Cell))
    kept = unicodedata.normalize("NFC", text)
    assert "".join(read.split()) == "".join("".join(char for char in kept if gbk(char)).split())


def test_columns_stand_at_both_edges_or_one_below_the_other() -> None:
    (line,) = printed(compose((Columns("办理地点", "1楼"),), PROFILES["basic-58"]), 384)
    assert (line.align, sum(item.dots_wide for item in line.items)) == ("left", 384)
    left, right = printed(compose((Columns("办理地点" * 3, "1楼 01-06窗"),), PROFILES["basic-58"]), 384)
    assert (left.align, right.align) == ("left", "right")

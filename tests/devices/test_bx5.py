import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.ledbar.bx5 import (
    MAX_TEXT,
    PING,
    STATUS,
    Answer,
    AnswerReader,
    Area,
    crc16_arc,
    dynamic_area,
    encode,
    encode_text,
)

HEAD = "a5a5a5a5a5a5a5a501000080000000000000fe02"
EXAMPLE_TEXT = bytes.fromhex("3031323334355152535454562742")
ACK = bytes.fromhex("a5a5a5a5a5a5a5a50080feff000000000000fe020500a00000000014ac5a")  # published by the maker


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (PING, HEAD + "0500a20001000068f85a"),
        (STATUS, HEAD + "0500a1020100002d405a"),
        (b"\xa3\x10\x01\x00\x00", HEAD + "0500a31001000051f85a"),
        (
            dynamic_area(EXAMPLE_TEXT, Area(192, 32), moving=True),
            HEAD + "3200a306012d000001290000000000001800200000000002000000000202030004050e000000"
            "3031323334355152535454562742a87d5a",
        ),
        (bytes.fromhex("a3060100005a"), HEAD + "0600a3060100005b02b0115a"),
        (bytes.fromhex("a3060100005b5a5d"), HEAD + "0800a3060100005b015b025d7ea05a"),
        (bytes.fromhex("a30601000041355a"), HEAD + "0800a30601000041355b0233555a"),
        (bytes.fromhex("a3062754"), HEAD + "0400a3062754a6025b025a"),  # escapes inside the CRC
    ],
)
def test_golden_frames(data, frame):
    assert encode(data).hex() == frame


def test_crc_check_value():
    assert crc16_arc(b"123456789") == 0xBB3D


def test_the_makers_acknowledgement():
    (answer,) = AnswerReader().feed(ACK)
    assert answer == Answer(0xFFFE, 0xA0, 0x00, 0)
    assert answer.accepted and answer.answers(PING) and answer.answers(STATUS)


def test_refusals_and_answers_with_data():
    assert not Answer(1, 0xA0, 0x01, 3).accepted
    assert not Answer(1, 0xA1, 0x02, 1).accepted
    assert Answer(1, 0xA1, 0x02, 0, b"x").answers(STATUS)
    assert not Answer(1, 0xA2, 0x00, 0).answers(STATUS)


DATA = st.binary(min_size=5, max_size=300)


@given(st.lists(DATA, max_size=5), st.lists(st.integers(0, 2000), max_size=10))
def test_what_is_written_is_read_in_any_pieces(datas, cuts):
    line = b"".join(encode(data, destination=0x8000, source=0xA55A) for data in datas)
    edges = [0, *sorted(cut % (len(line) + 1) for cut in cuts), len(line)]
    split, single = AnswerReader(), AnswerReader()
    expected = [Answer(0xA55A, data[0], data[1], data[2], data[5:]) for data in datas]
    assert [x for a, b in itertools.pairwise(edges) for x in split.feed(line[a:b])] == expected
    assert [x for byte in line for x in single.feed(bytes([byte]))] == expected


@given(st.binary(max_size=100), DATA, st.binary(max_size=100))
def test_a_frame_between_noise_is_found(before, data, after):
    answers = AnswerReader().feed(before + encode(data) + after)
    assert Answer(0x8000, data[0], data[1], data[2], data[5:]) in answers


@given(DATA, st.data())
def test_a_wrong_bit_is_noticed(data, draw):
    frame = bytearray(encode(data))
    at = draw.draw(st.integers(8, len(frame) - 2))
    frame[at] ^= 1 << draw.draw(st.integers(0, 7))
    assert Answer(0x8000, data[0], data[1], data[2], data[5:]) not in AnswerReader().feed(bytes(frame))


def test_an_endless_frame_is_given_up_and_the_next_one_read():
    reader = AnswerReader()
    assert reader.feed(b"\xa5" + bytes(100_000)) == []
    assert reader._body is None
    assert len(reader.feed(ACK)) == 1


@pytest.mark.parametrize("broken", ["a55a", "a5a65a", "a5a6035a", "a55b5a", "a5" + "00" * 16 + "5a"])
def test_too_short_or_wrongly_escaped(broken):
    assert AnswerReader().feed(bytes.fromhex(broken)) == []


def test_text_is_gb2312_that_cannot_command_the_card():
    assert encode_text("请A001号\n到3号窗口") == "请A001号到3号窗口".encode("gb2312")
    assert encode_text("龻镕\\C1") == b"??" + "＼C1".encode("gb2312")
    assert encode_text("") == b" "
    assert len(encode_text("号" * 1000 + "A")) == MAX_TEXT
    assert encode_text("A" + "号" * 1000)[1:].decode("gb2312")


def test_an_area_knows_what_it_holds():
    assert Area(128, 32).holds(b"x" * 32) and not Area(128, 32).holds(b"x" * 33)
    assert Area(64, 8).holds(b"x" * 8)
    for wrong in ({"width": 100}, {"width": 0}, {"height": 0}, {"left": 4}, {"top": -1}):
        with pytest.raises(ValueError, match="LED 屏区域"):
            Area(**wrong)

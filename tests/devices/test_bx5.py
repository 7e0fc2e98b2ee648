import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.checksums import crc16_arc
from devices.ledbar.bx5 import (
    CLEAR,
    HOST,
    MAX_TEXT,
    PING,
    Answer,
    AnswerReader,
    Area,
    dynamic_area,
    encode,
    encode_text,
)

STATUS = bytes.fromhex("a102010000")
HEAD = "a5a5a5a5a5a5a5a501000080000000000000fe02"
EXAMPLE_TEXT = bytes.fromhex("3031323334355152535454562742")
ACK = bytes.fromhex("a5a5a5a5a5a5a5a50080feff000000000000fe020500a00000000014ac5a")  # published by the maker


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (PING, HEAD + "0500a20001000068f85a"),
        (STATUS, HEAD + "0500a1020100002d405a"),
        (CLEAR, HEAD + "0500a31001000051f85a"),
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
    assert answer == Answer(0x8000, 0xFFFE, 0xA0, 0x00, 0)
    assert answer.accepted and answer.answers(PING, 1) and answer.answers(STATUS, 7)


def test_refusals_and_answers_with_data():
    assert not Answer(HOST, 1, 0xA0, 0x01, 3).accepted
    assert not Answer(HOST, 1, 0xA1, 0x02, 1).accepted
    assert Answer(HOST, 1, 0xA1, 0x02, 0, b"x").answers(STATUS, 1)
    assert not Answer(HOST, 1, 0xA2, 0x00, 0).answers(STATUS, 1)


def test_a_neighbours_answer_and_our_own_echo_are_none():
    assert not Answer(HOST, 2, 0xA0, 0x00, 0).answers(PING, 1)
    (echo,) = AnswerReader().feed(encode(PING))
    assert not echo.answers(PING, 1)


@pytest.mark.parametrize("special", [0xA5, 0xA6, 0x5A, 0x5B])
def test_each_special_byte_in_each_place(special):
    """Also as a screen number, as length, and next to each other."""
    for size in (1, 2, 7):
        for at in range(size):
            data = PING + bytes(at) + bytes([special]) + bytes(size - at - 1)
            _travels(data, special)
    _travels(PING + bytes([special]) * 9, special << 8 | special)
    _travels(PING + bytes(special - len(PING)), 1)
    for other in (0x01, 0x02, 0xA5, 0xA6, 0x5A, 0x5B):
        _travels(PING + bytes([special, other, special]), 1)


def test_texts_whose_checksum_needs_escaping():
    """Searched, for each special byte in each half of the checksum."""
    found = set()
    for number in range(1, 1000):
        region = dynamic_area(encode_text(f"A{number:03d} 办理中"), Area(), moving=False)
        body = _unescaped(encode(region))
        for half in (-2, -1):
            if body[half] in SPECIAL:
                found.add((half, body[half]))
                _travels(region, 1)
    assert len(found) >= 6  # of the eight


def test_noise_is_counted_once_in_a_row():
    reader = AnswerReader()
    for noise in (b"xyz", b"\xa5\xa5 no frame \x5a", b"\xa5 cut off"):
        reader.feed(noise + ACK)
    assert (reader.frames, reader.resyncs) == (3, 3)


SPECIAL = (0xA5, 0xA6, 0x5A, 0x5B)


def _travels(data: bytes, screen: int) -> None:
    """Nothing special stands between head and tail, and what is read is what was written."""
    frame = encode(data, destination=0x8000, source=screen)
    assert frame[:8] == b"\xa5" * 8 and frame[-1] == 0x5A
    assert not {0xA5, 0x5A} & set(frame[8:-1])
    (answer,) = AnswerReader().feed(frame)
    assert (answer.source, bytes([answer.group, answer.command, answer.error]) + answer.data) == (
        screen,
        data[:3] + data[5:],
    )


def _unescaped(frame: bytes) -> bytes:
    """By replacing, not as the codec does it: the second half of an escape is never special itself."""
    inner = frame[8:-1]
    for escape, byte in (
        (b"\xa6\x02", b"\xa5"),
        (b"\x5b\x02", b"\x5a"),
        (b"\xa6\x01", b"\xa6"),
        (b"\x5b\x01", b"\x5b"),
    ):
        inner = inner.replace(escape, byte)
    return inner


DATA = st.binary(min_size=5, max_size=300)


@given(DATA, st.data())
def test_a_wrong_bit_is_noticed(data, draw):
    frame = bytearray(encode(data))
    at = draw.draw(st.integers(8, len(frame) - 2))
    frame[at] ^= 1 << draw.draw(st.integers(0, 7))
    assert Answer(1, 0x8000, data[0], data[1], data[2], data[5:]) not in AnswerReader().feed(bytes(frame))


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
    assert encode_text("") == b""
    assert len(encode_text("号" * 1000 + "A")) == MAX_TEXT
    assert encode_text("A" + "号" * 1000)[1:].decode("gb2312")


def test_an_area_knows_what_it_holds():
    assert Area(128, 32).holds(b"x" * 32) and not Area(128, 32).holds(b"x" * 33)
    assert Area(64, 8).holds(b"x" * 8)
    for wrong in ({"width": 100}, {"width": 0}, {"height": 0}, {"left": 4}, {"top": -1}):
        with pytest.raises(ValueError, match="LED 屏区域"):
            Area(**wrong)

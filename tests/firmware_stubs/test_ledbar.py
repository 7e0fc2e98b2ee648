"""The BX-5 controller: public and computed golden frames, text, replies, faults."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firmware_stubs.ledbar import LedBarStub, bars_on, bx5
from firmware_stubs.lines import PtyEnd, TcpEnd

PING = "A5A5A5A5A5A5A5A501000080000000000000FE020500A20001000068F85A"
STATUS = "A5A5A5A5A5A5A5A501000080000000000000FE020500A1020100002D405A"
CLEAR = "A5A5A5A5A5A5A5A501000080000000000000FE020500A31001000051F85A"
SHOW = (
    "A5A5A5A5A5A5A5A501000080000000000000FE023200A306012D0000012900000000000018002000000000020000000002020300"
    "04050E0000003031323334355152535454562742A87D5A"
)
ESCAPED = {
    "a3060100005a": "a5a5a5a5a5a5a5a501000080000000000000fe020600a3060100005b02b0115a",
    "a3060100005b5a5d": "a5a5a5a5a5a5a5a501000080000000000000fe020800a3060100005b015b025d7ea05a",
    "a30601000041355a": "a5a5a5a5a5a5a5a501000080000000000000fe020800a30601000041355b0233555a",
    "a3062754": "a5a5a5a5a5a5a5a501000080000000000000fe020400a3062754a6025b025a",
}
ACK = "a5a5a5a5a5a5a5a500800100000000000000fe020500a000000000"


@pytest.fixture
def bar() -> Iterator[LedBarStub]:
    with LedBarStub(TcpEnd()) as stub:
        yield stub


def show(text: bytes, number: int = 0, remove: bytes = b"\x00") -> bytes:
    area = bytes(9) + bytes((number,)) + bytes(13) + len(text).to_bytes(4, "little") + text
    data = b"\xa3\x06\x01\x00\x00" + remove + b"\x01" + len(area).to_bytes(2, "little") + area
    return bx5.Frame(1, 0x8000, data).encode()


def answer(host, data: bytes) -> bytes:
    """Send, and read one frame's data back."""
    host.write(data)
    decoder, found = bx5.Decoder(), []
    while not found:
        found = decoder.feed(host.read(1))
    (frame,) = found
    assert isinstance(frame, bx5.Frame)
    assert (frame.destination, frame.source) == (0x8000, 1)
    return frame.data


def test_checksum() -> None:
    assert bx5.crc16_arc(b"123456789") == 0xBB3D


@pytest.mark.parametrize(("data", "wire"), ESCAPED.items())
def test_escaping_also_inside_the_checksum(data: str, wire: str) -> None:
    frame = bx5.Frame(1, 0x8000, bytes.fromhex(data))
    assert frame.encode().hex() == wire
    assert bx5.Decoder().feed(bytes.fromhex(wire)) == [frame]


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_any_data_survives_the_wire_after_any_noise(data: bytes, noise: bytes) -> None:
    frame = bx5.Frame(1, 0x8000, data)
    decoder = bx5.Decoder()
    assert [f for byte in noise + frame.encode() for f in decoder.feed(bytes((byte,)))][-1] == frame


def test_public_frames_are_answered(bar: LedBarStub, tcp_host) -> None:
    host = tcp_host(bar.end.address)
    host.write(bytes.fromhex(PING))
    assert host.read(30).hex().startswith(ACK)
    assert answer(host, bytes.fromhex(STATUS))[:3] == b"\xa1\x02\x00"
    assert answer(host, bytes.fromhex(SHOW)) == b"\xa0\x00\x00\x00\x00"
    assert bar.text == "012345QRSTTV'B"
    assert answer(host, bytes.fromhex(CLEAR)) == b"\xa0\x00\x00\x00\x00"
    assert bar.text == ""
    assert bar.counters["frames_ok"] == 4


def test_chinese_colour_and_areas(bar: LedBarStub, tcp_host) -> None:
    host = tcp_host(bar.end.address)
    answer(host, show("\\FO000\\C3请A001号到3号窗口".encode("gbk")))
    assert (bar.text, bar.colour) == ("请A001号到3号窗口", "amber")
    answer(host, show("暂停服务".encode("gbk"), number=1))
    assert bar.text == "请A001号到3号窗口 暂停服务"
    answer(host, show("三号窗口".encode("gbk"), remove=b"\xff"))
    assert (bar.text, bar.colour) == ("三号窗口", "red")


def test_the_picture_lights_up(bar: LedBarStub, tcp_host) -> None:
    def red(png: bytes) -> int:
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.size == (128 * 6, 16 * 6)
            return sum(1 for level in picture.getchannel("R").tobytes() if level > 200)

    dark = red(bar.png())
    answer(tcp_host(bar.end.address), show("三号窗口".encode("gbk")))
    assert dark == 0
    assert red(bar.png()) > 2000


def test_bad_frames_are_refused_and_change_nothing(bar: LedBarStub, tcp_host) -> None:
    host = tcp_host(bar.end.address)
    answer(host, show(b"012"))
    broken = bytearray(show(b"999"))
    broken[-5] ^= 1
    assert answer(host, bytes(broken)) == b"\xa0\x01\x05\x00\x00"
    assert answer(host, bytes.fromhex(ESCAPED["a3060100005a"]))[:2] == b"\xa0\x01"
    assert answer(host, bx5.Frame(1, 0x8000, b"\xa9\x09\x01\x00\x00").encode())[:2] == b"\xa0\x01"
    assert bar.text == "012"
    assert (bar.counters["frames_bad"], bar.counters["malformed"], bar.counters["unknown_commands"]) == (
        1,
        1,
        1,
    )


def test_mute_and_no_reply_wanted(bar: LedBarStub, tcp_host) -> None:
    host = tcp_host(bar.end.address, 0.3)
    host.write(bx5.Frame(1, 0x8000, b"\xa3\x10\x02\x00\x00").encode())
    bar.set_fault("mute")
    host.write(show(b"012"))
    assert host.silent()
    assert bar.text == "012"


def test_noise_around_replies(bar: LedBarStub, tcp_host) -> None:
    bar.set_fault("noise")
    host = tcp_host(bar.end.address)
    host.write(bytes.fromhex(PING))
    heard = b""
    while ACK not in heard.hex():
        heard += host.read(1)
    assert not heard.hex().startswith(ACK)


def test_unplug_keeps_the_text_and_the_port(bar: LedBarStub, tcp_host) -> None:
    answer(tcp_host(bar.end.address), show(b"012"))
    bar.set_fault("unplug")
    with pytest.raises(ConnectionRefusedError):
        tcp_host(bar.end.address)
    bar.set_fault("unplug", False)
    answer(tcp_host(bar.end.address), bytes.fromhex(PING))
    assert bar.text == "012"


def test_a_second_host_is_served_when_the_first_has_gone(bar: LedBarStub, tcp_host) -> None:
    first = tcp_host(bar.end.address)
    answer(first, bytes.fromhex(PING))
    second = tcp_host(bar.end.address, 0.2)
    second.write(bytes.fromhex(PING))
    assert second.silent()  # accepted by the machine, not answered by the device
    bar.set_fault("unplug")
    bar.set_fault("unplug", False)
    began = time.monotonic()
    answer(tcp_host(bar.end.address), bytes.fromhex(PING))
    assert time.monotonic() - began < 5


@pytest.fixture
def plug() -> Iterator[Callable[..., list[LedBarStub]]]:
    with ExitStack() as stack:

        def start(*args: object) -> list[LedBarStub]:
            bars = bars_on(*args)  # type: ignore[arg-type]
            for bar in bars:
                stack.enter_context(bar)
            return bars

        yield start


def ask(screen: int, data: bytes) -> bytes:
    return bx5.Frame(screen, 0x8000, data).encode()


PING_DATA = b"\xa2\x00\x01\x00\x00"


def test_bars_on_one_line_answer_for_themselves_alone(plug, serial_host, tmp_path: Path) -> None:
    one, two = plug(PtyEnd(tmp_path / "line"), (1, 0xA5))
    host = serial_host(str(tmp_path / "line"), 0.3)
    host.write(ask(0xA5, PING_DATA))
    heard = host.read(31)  # the screen's own number is escaped
    (frame,) = bx5.Decoder().feed(heard)
    assert isinstance(frame, bx5.Frame) and frame.source == 0xA5
    host.write(ask(7, PING_DATA) + ask(0xFFFF, PING_DATA) + b"\xa5 broken \x5a")
    assert host.silent()
    assert (one.counters["frames_ok"], two.counters["frames_ok"]) == (1, 2)
    assert [bar.state()["address"] for bar in (one, two)] == [1, 0xA5]


def test_a_bar_taken_off_the_line_leaves_the_others_on_it(plug, serial_host, tmp_path: Path) -> None:
    one, two = plug(PtyEnd(tmp_path / "line"), (1, 2))
    one.set_fault("unplug")
    host = serial_host(str(tmp_path / "line"), 0.3)
    host.write(ask(1, PING_DATA))
    assert host.silent()
    host.write(ask(2, PING_DATA))
    assert host.read(8) == b"\xa5" * 8
    two.set_fault("unplug")
    assert not (tmp_path / "line").exists()
    one.set_fault("unplug", False)
    assert (tmp_path / "line").exists()


def test_refuse_loss_and_delay(bar: LedBarStub, tcp_host) -> None:
    host = tcp_host(bar.end.address, 0.3)
    bar.set_fault("refuse")
    assert answer(host, show(b"012"))[:2] == b"\xa0\x01"
    assert bar.text == ""
    bar.set_fault("refuse", False)
    bar.set_fault("loss", 1.0)
    host.write(show(b"012"))
    assert host.silent() and bar.text == ""
    bar.set_fault("loss", 0.0)
    bar.set_fault("delay", 0.1)
    began = time.monotonic()
    answer(host, show(b"012"))
    assert time.monotonic() - began >= 0.1


def test_a_simple_bar_with_a_sum(plug, tcp_host) -> None:
    def told(body: bytes, address: bytes = b"07") -> bytes:
        return b"\x02" + address + body + bytes((sum(address + body) & 0xFF,)) + b"\x03"

    (bar,) = plug(TcpEnd(), (7,), "text_sum8")
    host = tcp_host(bar.end.address, 0.3)
    for frame in (told(b"\x05"), b"noise\x02\x03" + told("3号窗口".encode("gb2312")), told(b"\x1bB\x08")):
        host.write(frame)
        assert host.read(1) == b"\x06"
    assert (bar.text, bar.state()["level"]) == ("3号窗口", 8)
    host.write(told(b"\x1bB\x11"))
    assert host.read(1) == b"\x15"
    host.write(told(b"A", b"08") + b"\x0207A\x00\x03")
    assert host.silent() and bar.text == "3号窗口"
    host.write(told(b" "))
    assert host.read(1) == b"\x06" and bar.text == ""


def test_a_simple_bar_that_only_listens(plug, tcp_host) -> None:
    (bar,) = plug(TcpEnd(), (5,), "text_at_cr")
    host = tcp_host(bar.end.address, 0.3)
    host.write(b"x@\x06A\r@\x05" + "请3号".encode("gbk") + b"\r")
    assert host.silent() and bar.text == "请3号"

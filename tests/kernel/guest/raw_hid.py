"""Raw HID devices by their USB port: one report is one read."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from devices.base import Counters, Device, DeviceState
from devices.evaluator import open_evaluator
from devices.transport import Lost, Transport, open_transport
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import until

REPORT, ANSWER = b"\x01key----", b"display!"


@pytest.fixture
def gadget() -> Iterator[usb.Gadget]:
    gadget = usb.hid(usb.RAW_HID, port=3)
    gadget.plug()
    yield gadget
    gadget.remove()


def test_reports_by_port_until_it_is_unplugged(gadget: usb.Gadget) -> None:
    device = until(lambda: opened("/dev/hidg0"), "/dev/hidg0")
    url, counters = f"hidraw:by-path/{gadget.by_path}", Counters()
    with closing(until(lambda: connected(url, counters), url)) as line:
        os.write(device, REPORT)
        os.write(device, REPORT[::-1])
        assert (line.read(10), line.read(10)) == (REPORT, REPORT[::-1])
        line.write(b"\x00" + ANSWER)
        until(lambda: read(device) == ANSWER, "the host's report")
        gadget.unplug()
        with pytest.raises(Lost):
            line.read(10)
    os.close(device)
    assert (counters.bytes_in, counters.bytes_out) == (16, 9)
    with pytest.raises(Lost, match="no raw HID device"):
        open_transport(url)
    gadget.plug()
    until(lambda: connected(url, counters), "it is back on its port").close()


def test_a_pad_of_raw_reports_is_heard_and_comes_back(gadget: usb.Gadget, watch: Callable[[Device], Watched]) -> None:
    heard: list[str] = []
    watched = watch(
        open_evaluator("w1", f"hidraw:by-path/{gadget.by_path}", "hid_raw", lambda press: heard.append(press.label))
    )
    for cycle in (1, 2):
        watched.becomes(DeviceState.ONLINE)
        device = until(lambda: opened("/dev/hidg0"), "/dev/hidg0")
        os.set_blocking(device, True)  # one report at a time
        for key in (1, 0, 3, 0):  # 0: let go
            os.write(device, bytes([key, 0, 0, 0, 0, 0, 0, 0]))
        until(lambda count=2 * cycle: len(heard) >= count, f"two presses more, but {heard}")
        os.close(device)
        gadget.unplug()
        watched.becomes(DeviceState.ABSENT)
        gadget.plug()
    assert heard == ["satisfied", "dissatisfied"] * 2


def opened(path: str) -> int | None:
    return os.open(path, os.O_RDWR | os.O_NONBLOCK) if Path(path).exists() else None


def connected(url: str, counters: Counters) -> Transport | None:
    try:
        return open_transport(url, counters)
    except Lost:
        return None


def read(device: int) -> bytes:
    try:
        return os.read(device, 64)
    except BlockingIOError:
        return b""

"""Scanners: a USB keyboard that types fast, and a USB serial port."""

from collections.abc import Callable, Iterator

import pytest

from devices.base import Device, DeviceState
from devices.scanner import open_scanner
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import until

CODE = "http://10.0.0.2:8000/t/A017?k=Zx9-q"
PACE_S = 0.02  # a scanner's reports come every few milliseconds, and this machine is ten times slower


@pytest.fixture
def keyboard() -> Iterator[usb.Keyboard]:
    keyboard = usb.Keyboard()
    keyboard.plug()
    yield keyboard
    keyboard.remove()


def test_a_code_is_typed_whole_with_its_capitals(keyboard: usb.Keyboard, watch: Callable[[Device], Watched]) -> None:
    scans: list[str] = []
    watch(open_scanner("scanner", keyboard.url, scans.append)).becomes(DeviceState.ONLINE)
    keyboard.type(CODE + "\n", PACE_S)
    until(lambda: scans, "a scan")
    assert scans == [CODE]


def test_a_code_that_is_typed_faster_than_it_is_read_is_whole_or_none(
    keyboard: usb.Keyboard, watch: Callable[[Device], Watched]
) -> None:
    """The kernel keeps some ten keys; what is left when the rest is dropped could be the code of another ticket."""
    scans: list[str] = []
    watch(open_scanner("scanner", keyboard.url, scans.append)).becomes(DeviceState.ONLINE)
    for _ in range(5):
        keyboard.type(CODE + "\n")
    keyboard.type("\nend\n", PACE_S)
    until(lambda: "end" in scans, f"the last scan, but {scans}")
    assert set(scans) <= {CODE, "end"}


def test_half_a_code_before_an_unplug_is_no_part_of_the_next(
    keyboard: usb.Keyboard, watch: Callable[[Device], Watched]
) -> None:
    scans: list[str] = []
    watched = watch(open_scanner("scanner", keyboard.url, scans.append))
    watched.becomes(DeviceState.ONLINE)
    keyboard.type(CODE[:10], PACE_S)
    keyboard.unplug()
    watched.becomes(DeviceState.ABSENT)
    keyboard.plug()
    watched.becomes(DeviceState.ONLINE)
    keyboard.type(CODE + "\n", PACE_S)
    until(lambda: scans, "a scan")
    assert scans == [CODE]


def test_a_scanner_on_a_usb_serial_port(watch: Callable[[Device], Watched]) -> None:
    line, scans = usb.acm(), list[str]()
    try:
        line.plug()
        watch(open_scanner("scanner", f"serial://{line.address}", scans.append)).becomes(DeviceState.ONLINE)
        line.send(CODE.encode() + b"\r\n")
        until(lambda: scans, "a scan")
        assert scans == [CODE]
    finally:
        line.stop()

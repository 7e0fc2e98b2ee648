"""Scanners: a USB keyboard that types fast, and a USB serial port."""

import threading
from collections.abc import Callable, Iterator

import pytest

from devices.base import Device, DeviceState
from devices.scanner import open_scanner
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import PATIENCE_S, until

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


def test_a_code_of_which_the_kernel_dropped_keys_is_none(
    keyboard: usb.Keyboard, watch: Callable[[Device], Watched]
) -> None:
    """The kernel keeps few keys for a program that is busy, and what it keeps could be the code of another ticket."""
    scans: list[str] = []
    busy = threading.Event()

    def listen(scan: str) -> None:
        scans.append(scan)
        busy.wait(PATIENCE_S)

    watch(open_scanner("scanner", keyboard.url, listen)).becomes(DeviceState.ONLINE)
    keyboard.type("first\n", PACE_S)
    until(lambda: scans, "the first scan")
    keyboard.type(f"{CODE}\n" * 3)
    busy.set()
    keyboard.type("\nlast\n", PACE_S)
    until(lambda: "last" in scans, f"the last scan, but {scans}")
    assert set(scans) <= {"first", CODE, "last"}


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

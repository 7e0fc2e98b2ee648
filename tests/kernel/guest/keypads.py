"""Keyboard evaluators: the kernel's input devices, by uinput and as a USB keyboard on a port of its own."""

import select
import time
from collections.abc import Callable, Iterator

import evdev
import pytest

from devices.base import Device, DeviceState, Press
from devices.evaluator import open_evaluator
from firmware_stubs.keypad import KeypadStub
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import until

KEYS = {"satisfied": "1", "basically_satisfied": "2", "dissatisfied": "3"}
REPEATED_S = 1.0  # the kernel begins to repeat after a quarter of a second


@pytest.fixture
def pad() -> Iterator[usb.Keyboard]:
    pad = usb.Keyboard()
    pad.plug()
    yield pad
    pad.remove()


class Heard:
    """What the driver told, as keys."""

    def __init__(self) -> None:
        self.keys = ""

    def listen(self, press: Press) -> None:
        self.keys += KEYS[press.label]

    def becomes(self, keys: str) -> None:
        """And stays no more than that: who waits for a later press sees what was invented before it."""
        until(lambda: len(self.keys) >= len(keys), f"{keys}, but {self.keys}")
        assert self.keys == keys


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watched(pad: usb.Keyboard, heard: Heard, watch: Callable[[Device], Watched]) -> Watched:
    watched = watch(evaluator(pad.url, heard))
    watched.becomes(DeviceState.ONLINE)
    return watched


def evaluator(url: str, heard: Heard) -> Device:
    return open_evaluator("w1", url, "hid_keyboard", heard.listen)


def test_presses_on_a_usb_keyboard_are_heard_in_order(pad: usb.Keyboard, heard: Heard, watched: Watched) -> None:
    pad.type("123213")
    heard.becomes("123213")


def test_a_grabbed_pad_types_nowhere_else(heard: Heard, watch: Callable[[Device], Watched]) -> None:
    pad = KeypadStub()
    try:
        browser = evdev.InputDevice(pad.path)
        watched = watch(evaluator(f"evdev:{pad.path}", heard))
        watched.becomes(DeviceState.ONLINE)
        pad.press("satisfied")
        heard.becomes("1")
        assert not select.select([browser], [], [], 0.2)[0]
        watched.stop()
        pad.press("satisfied")
        assert select.select([browser], [], [], 10)[0], "once the driver has stopped, the keyboard types again"
        browser.close()
    finally:
        pad.stop()


def test_a_pad_that_another_program_holds_is_absent_until_it_lets_go(
    pad: usb.Keyboard, heard: Heard, watch: Callable[[Device], Watched]
) -> None:
    other = evdev.InputDevice(str(pad.link))
    other.grab()
    watched = watch(evaluator(pad.url, heard))
    watched.becomes(DeviceState.ABSENT)
    assert watched.device.status.detail == "Device or resource busy"
    other.close()
    watched.becomes(DeviceState.ONLINE)
    pad.type("2")
    heard.becomes("2")


def test_a_key_that_is_held_is_one_press(pad: usb.Keyboard, heard: Heard, watched: Watched) -> None:
    pad.down("1")
    time.sleep(REPEATED_S)
    pad.up()
    pad.type("3")
    heard.becomes("13")


def test_unplugged_and_back_on_its_port_it_loses_and_invents_nothing(
    pad: usb.Keyboard, heard: Heard, watched: Watched
) -> None:
    for cycle in range(1, 4):
        pad.type("12")
        pad.down("3")  # a finger on it while the cable is pulled; that the kernel lets the key go then is no press
        heard.becomes("123" * cycle)
        pad.unplug()
        watched.becomes(DeviceState.ABSENT)
        pad.plug()
        watched.becomes(DeviceState.ONLINE)
    pad.type("1")
    heard.becomes("1231231231")
    watched.has_come_back(3)

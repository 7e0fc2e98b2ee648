"""Serial devices on ttyACM (a USB serial port that the kernel plays) and ttyUSB (a CP210x written in Python)."""

from collections.abc import Callable, Iterator

import pytest
import serial

from devices.base import Device, DeviceState, Press
from devices.evaluator import open_evaluator
from firmware_stubs.evaluator import EvaluatorStub
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import until

HALF_A_PRESS = bytes.fromhex("ff 68 03 03 68 01 11")


class Pad:
    """An ff68 pad on a line, and all that the driver heard of it."""

    def __init__(self, line: usb.End, watch: Callable[[Device], Watched]) -> None:
        self.stub = EvaluatorStub(line, resend_s=3.0)  # a real pad's half second is soon over in emulation
        self.stub.start()
        self.heard: list[str] = []
        self._watch = watch

    def driver(self, baudrate: int = 9600) -> Watched:
        def listen(press: Press) -> None:
            self.heard.append(press.label)

        url = f"serial://{self.stub.end.address}?baudrate={baudrate}"
        return self._watch(open_evaluator("w1", url, "ff68", listen))

    def press(self, label: str) -> None:
        """Until the host has acknowledged it."""
        acked = self.stub.counters["acked"]
        self.stub.press(label)
        until(lambda: self.stub.counters["acked"] > acked, f"{label} is acknowledged; heard: {self.heard}")


@pytest.fixture
def acm(watch: Callable[[Device], Watched]) -> Iterator[Pad]:
    pad = Pad(usb.acm(), watch)
    yield pad
    pad.stub.stop()


@pytest.fixture
def adapter() -> usb.Cp210x:
    return usb.Cp210x(wired=9600)


@pytest.fixture
def cp210x(adapter: usb.Cp210x, watch: Callable[[Device], Watched]) -> Iterator[Pad]:
    pad = Pad(usb.UsbipEnd(0x10C4, 0xEA60, adapter, "/dev/ttyUSB0"), watch)
    yield pad
    pad.stub.stop()


def test_a_press_is_heard_once_and_acknowledged(acm: Pad) -> None:
    acm.driver().becomes(DeviceState.ONLINE)
    acm.press("satisfied")
    acm.press("dissatisfied")
    assert acm.heard == ["satisfied", "dissatisfied"]


def test_prompt_and_thanks_reach_the_pad(acm: Pad) -> None:
    watched = acm.driver()
    watched.becomes(DeviceState.ONLINE)
    watched.device.prompt()
    until(lambda: acm.stub.state()["prompting"], "the light")
    watched.device.thank()
    until(lambda: acm.stub.state()["thanking"], "the thanks")


def test_the_port_is_locked(acm: Pad) -> None:
    acm.driver().becomes(DeviceState.ONLINE)
    with pytest.raises(serial.SerialException, match="exclusively lock"):
        serial.Serial(acm.stub.end.address, exclusive=True)


def test_unplugged_in_the_middle_of_a_frame_nothing_is_invented(acm: Pad) -> None:
    watched = acm.driver()
    watched.becomes(DeviceState.ONLINE)
    acm.press("satisfied")
    acm.stub.end.send(HALF_A_PRESS)
    until(lambda: watched.device.counters.bytes_in >= 9 + len(HALF_A_PRESS), "the half frame")
    acm.stub.set_fault("unplug", True)
    watched.becomes(DeviceState.ABSENT)
    acm.stub.set_fault("unplug", False)
    watched.becomes(DeviceState.ONLINE)
    acm.press("basically_satisfied")
    assert acm.heard == ["satisfied", "basically_satisfied"]
    watched.has_come_back(1)


def test_an_adapter_is_set_to_the_urls_baud_rate(cp210x: Pad, adapter: usb.Cp210x) -> None:
    cp210x.driver(9600).becomes(DeviceState.ONLINE)
    cp210x.press("satisfied")
    assert (cp210x.heard, adapter.baudrate) == (["satisfied"], 9600)


def test_at_a_wrong_baud_rate_nothing_is_invented(cp210x: Pad, adapter: usb.Cp210x) -> None:
    wrong = cp210x.driver(19200)
    wrong.becomes(DeviceState.ONLINE)
    cp210x.stub.press("satisfied")
    until(lambda: wrong.device.counters.bytes_in > 0, "rubbish")
    wrong.stop()
    assert (cp210x.heard, cp210x.stub.counters["acked"], adapter.baudrate) == ([], 0, 19200)
    cp210x.driver(9600).becomes(DeviceState.ONLINE)
    until(lambda: cp210x.stub.counters["acked"], "the pad says it again, and is understood")
    assert cp210x.heard == ["satisfied"]


def test_an_adapter_that_is_pulled_out_comes_back(cp210x: Pad) -> None:
    watched = cp210x.driver()
    watched.becomes(DeviceState.ONLINE)
    cp210x.stub.set_fault("unplug", True)
    watched.becomes(DeviceState.ABSENT)
    cp210x.stub.set_fault("unplug", False)
    watched.becomes(DeviceState.ONLINE)
    cp210x.press("dissatisfied")
    assert cp210x.heard == ["dissatisfied"]

"""An evaluator that is a USB keyboard, read through evdev and grabbed, so that it types nowhere else.

python-evdev is imported when the device is opened: a machine without it runs everything else. Reading waits
in poll with a time limit and watches for hang-up, because a blocking read may hang for ever after an unplug
(python-evdev issue 252).
"""

import select
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from devices.base import DeviceState, PressListener
from devices.driver import Driver
from devices.evaluator.keys import KeyPresses
from devices.evaluator.listening import tell
from devices.evaluator.profile import KeyboardProfile
from devices.setting_error import SettingError
from devices.transport import Lost

SCHEME = "evdev:"
INPUT = Path("/dev/input")
EV_KEY = 1
READ_S = 0.2


class InputEvent(Protocol):
    type: int
    code: int
    value: int


class InputDevice(Protocol):
    """What is used of `evdev.InputDevice`."""

    fd: int

    def grab(self) -> None: ...
    def read(self) -> Iterable[InputEvent]: ...
    def close(self) -> None: ...


def open_input(path: str) -> InputDevice:
    try:
        import evdev
    except ImportError as error:
        raise Lost("本机没有安装 evdev，键盘式评价器不可用 / evdev is not installed, no HID evaluators") from error
    if not INPUT.is_dir():
        raise Lost("本机没有 /dev/input，键盘式评价器不可用 / no /dev/input here, no HID evaluators")
    device: InputDevice = evdev.InputDevice(path)
    return device


def input_path(url: str) -> str:
    """`evdev:by-path/…` is below /dev/input; by-path names the USB port, and the port is the window."""
    rest = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or not rest:
        raise SettingError(
            f"设备地址“{url}”无法识别，应如 evdev:by-path/pci-0000:00:14.0-usb-0:2:1.0-event-kbd",
            f'Device URL "{url}" is not understood; write it like'
            " evdev:by-path/pci-0000:00:14.0-usb-0:2:1.0-event-kbd",
        )
    return str(INPUT / rest)


class KeyboardEvaluator(Driver):
    """`devices.base.Evaluator` and call pad, without lights or digits."""

    def __init__(
        self,
        name: str,
        url: str,
        profile: KeyboardProfile,
        on_press: PressListener,
        *,
        open_device: Callable[[str], InputDevice] = open_input,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url)
        self._path = input_path(url)
        self._presses = KeyPresses(profile.words, profile.debounce_s)
        self._on_press = on_press
        self._open = open_device
        self._clock = clock

    def prompt(self) -> None:
        """A keyboard has nothing to light up."""

    def thank(self) -> None:
        """A keyboard has nothing to light up."""

    def show_number(self, number: str) -> None:
        """A keyboard has no digits."""

    def show_waiting(self, count: int) -> None:
        """A keyboard has no digits."""

    def _session(self, stopping: Callable[[], bool]) -> None:
        try:
            with closing(self._open(self._path)) as device:
                device.grab()
                self._report(DeviceState.ONLINE)
                self._serve(device, stopping)
        except OSError as error:  # ENODEV when unplugged, ENOENT before, EBUSY when another has grabbed it
            raise Lost(error.strerror or str(error)) from error

    def _serve(self, device: InputDevice, stopping: Callable[[], bool]) -> None:
        poll = select.poll()
        poll.register(device.fd, select.POLLIN)
        while not stopping():
            for _, ready in poll.poll(READ_S * 1000):
                if not ready & select.POLLIN:
                    raise Lost("unplugged")
                self._read(device)

    def _read(self, device: InputDevice) -> None:
        for event in device.read():
            press = self._presses.feed(event.code, event.value, self._clock()) if event.type == EV_KEY else None
            if press is not None:
                tell(self._on_press, press, self.name)

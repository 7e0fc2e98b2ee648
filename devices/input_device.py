"""A device that types: a USB keyboard, read through evdev and grabbed, so that it types nowhere else.

python-evdev is imported when the device is opened: a machine without it runs everything else. Reading waits
in poll with a time limit and watches for hang-up, because a blocking read may hang for ever after an unplug
(python-evdev issue 252).
"""

import select
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from devices.base import DeviceState
from devices.driver import Driver
from devices.setting_error import SettingError
from devices.transport import Lost

SCHEME = "evdev:"
INPUT = Path("/dev/input")
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
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
        raise Lost("本机没有安装 evdev，键盘式设备不可用 / evdev is not installed, no devices that type") from error
    if not INPUT.is_dir():
        raise Lost("本机没有 /dev/input，键盘式设备不可用 / no /dev/input here, no devices that type")
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


class InputDriver(Driver):
    """Holds the device at `url`, `evdev:…`; a subclass makes of keys what they mean. Raises `SettingError`."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        open_device: Callable[[str], InputDevice] = open_input,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url)
        self._path = input_path(url)
        self._open = open_device
        self._clock = clock

    @abstractmethod
    def _key(self, code: int, value: int, at: float) -> bool:
        """An EV_KEY event at the monotonic time `at`; true when it completed a press or a scan."""

    def _opened(self) -> None:
        """The device is open, perhaps anew: forget half of what was typed before."""

    def _keys_lost(self) -> None:
        """The kernel dropped keys that nobody fetched in time."""

    def _session(self, stopping: Callable[[], bool]) -> None:
        try:
            with closing(self._open(self._path)) as device:
                device.grab()
                self._opened()
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
            at = self.counters.last_seen = self._clock()
            if (event.type, event.code) == (EV_SYN, SYN_DROPPED):
                self._keys_lost()
            if event.type == EV_KEY and self._key(event.code, event.value, at):
                self.counters.frames += 1

"""A scanner that is a USB keyboard, grabbed, so that what it types reaches no browser."""

import select
import time
from collections.abc import Callable
from contextlib import closing

from devices.base import DeviceState, ScanListener
from devices.driver import Driver
from devices.evaluator.keyboard import EV_KEY, READ_S, InputDevice, input_path, open_input
from devices.scanner.listening import tell
from devices.scanner.text import TypedText
from devices.transport import Lost

EV_SYN, SYN_DROPPED = 0, 3


class KeyboardScanner(Driver):
    """`devices.base.Scanner`."""

    def __init__(
        self, name: str, url: str, on_scan: ScanListener, *, open_device: Callable[[str], InputDevice] = open_input
    ) -> None:
        super().__init__(name, url)
        self._path = input_path(url)
        self._on_scan = on_scan
        self._open = open_device

    def _session(self, stopping: Callable[[], bool]) -> None:
        try:
            with closing(self._open(self._path)) as device:
                device.grab()
                self._report(DeviceState.ONLINE)
                self._serve(device, stopping)
        except OSError as error:
            raise Lost(error.strerror or str(error)) from error

    def _serve(self, device: InputDevice, stopping: Callable[[], bool]) -> None:
        text = TypedText()
        poll = select.poll()
        poll.register(device.fd, select.POLLIN)
        while not stopping():
            for _, ready in poll.poll(READ_S * 1000):
                if not ready & select.POLLIN:
                    raise Lost("unplugged")
                self._read(device, text)

    def _read(self, device: InputDevice, text: TypedText) -> None:
        for event in device.read():
            self.counters.last_seen = time.monotonic()
            if (event.type, event.code) == (EV_SYN, SYN_DROPPED):
                text.lost()
            scan = text.key(event.code, event.value) if event.type == EV_KEY else None
            if scan is not None:
                self.counters.frames += 1
                tell(self._on_scan, scan, self.name)

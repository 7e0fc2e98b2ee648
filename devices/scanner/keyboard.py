"""A scanner that is a USB keyboard."""

import time
from collections.abc import Callable

from devices.base import ScanListener
from devices.input_device import InputDevice, InputDriver, open_input
from devices.listening import tell
from devices.scanner.text import TypedText


class KeyboardScanner(InputDriver):
    """`devices.base.Scanner`."""

    def __init__(
        self,
        name: str,
        url: str,
        on_scan: ScanListener,
        *,
        open_device: Callable[[str], InputDevice] = open_input,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url, open_device=open_device, clock=clock)
        self._text = TypedText()
        self._on_scan = on_scan

    def _key(self, code: int, value: int, at: float) -> bool:
        scan = self._text.key(code, value)
        if scan is not None:
            tell(self._on_scan, scan, self.name)
        return scan is not None

    def _opened(self) -> None:
        self._text = TypedText()

    def _keys_lost(self) -> None:
        self._text.lost()

"""The scanner: sends what is held before it, and an ending as it was set up with a sheet of codes."""

from collections.abc import Mapping
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.faults import Reader, share, switch
from firmware_stubs.lines import End
from firmware_stubs.refusal import RefusedError

ENDINGS = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "none": b""}
LONGEST = 4000


class ScannerStub(Device):
    """`press` is given the text of a code. It hears nothing: what the host sends is passed over."""

    kind = "scanner"
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys(("unplug", "noise", "duplicate", "mute"), switch),
        "loss": share,
    }

    def __init__(self, end: End, *, ending: str = "cr", seed: int = 0, log: ByteLog | None = None) -> None:
        super().__init__(end, seed=seed, log=log)
        self._ending = ENDINGS[ending]
        self._last = ""

    def press(self, key: str) -> None:
        if not 0 < len(key) <= LONGEST:
            raise RefusedError(f"码的内容须为 1 到 {LONGEST} 个字符。", f"A code holds 1 to {LONGEST} characters.")
        with self._lock:
            self.counters["scans"] += 1
            self._last = key
            if not self.fault("mute"):
                self._send(key.encode("utf-8", "replace") + self._ending)
        self.on_change()

    def state(self) -> dict[str, object]:
        return self._common() | {"last_scan": self._last}

    def _receive(self, data: bytes) -> None:
        """A scanner in its factory setting obeys nothing."""

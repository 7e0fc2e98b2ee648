"""The stub's own record of what went over the cable, for a person to read beside the host's log."""

import threading
import time
from pathlib import Path


class ByteLog:
    """Appends one line per burst or remark. Without a file it does nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None
        self._lock = threading.Lock()

    def bytes_in(self, device: str, data: bytes) -> None:
        self.note(device, f"< {data.hex(' ')}")

    def bytes_out(self, device: str, data: bytes) -> None:
        self.note(device, f"> {data.hex(' ')}")

    def note(self, device: str, text: str) -> None:
        """A remark, such as an unknown command."""
        if self._file is None:
            return
        now = time.time()
        clock = time.strftime("%H:%M:%S", time.localtime(now))
        with self._lock:
            self._file.write(f"{clock}.{int(now % 1 * 1000):03d} {device} {text}\n")
            self._file.flush()

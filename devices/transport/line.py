"""One open line: a file descriptor, whatever it leads to.

One class knows how a line is lost: EOF, reset, unplugged (EIO, ENODEV, hang-up) and a write that does not drain are
all `Lost`. The kernel's printer class driver has manners of its own, which `UsbLpTransport` knows.
"""

import os
import select
import time
from collections.abc import Callable
from typing import ClassVar

from devices.base import Counters

READ_SIZE = 4096
WRITE_TIMEOUT_S = 5.0
BREATH_S = 0.02


class Lost(Exception):  # noqa: N818 - an event in the life of a device, not a mistake
    """The line is gone. `sent` counts the bytes of the failed write that the system had already taken."""

    def __init__(self, reason: str, sent: int = 0) -> None:
        super().__init__(reason)
        self.sent = sent


class Transport:
    """One open line. Used by one thread at a time; every loss raises `Lost`, nothing else does.

    What goes over it is counted in `counters`, which outlive it.
    """

    _gone: ClassVar[int] = select.POLLERR | select.POLLHUP | select.POLLNVAL

    def __init__(self, fd: int, close: Callable[[], None], counters: Counters | None = None) -> None:
        self._fd = fd
        self._close = close
        self._counters = counters or Counters()

    def read(self, timeout_s: float) -> bytes:
        """Return what has arrived, waiting at most `timeout_s` for it; b"" when nothing came."""
        ready = self._wait(select.POLLIN, timeout_s)
        if not ready:
            return b""
        if not ready & select.POLLIN:
            self._trouble(ready)
            return b""
        data = self._read_some()
        if data:
            self._counters.bytes_in += len(data)
            self._counters.last_seen = time.monotonic()
        return data

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        """Hand all of `data` to the system, or raise `Lost` when it takes longer than `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        sent = 0
        while sent < len(data):
            left = deadline - time.monotonic()
            ready = self._wait(select.POLLOUT, max(left, 0.0))
            if ready & self._gone:
                raise Lost("line hung up", sent)
            taken = self._write_some(data[sent:], sent) if ready & select.POLLOUT else 0
            sent += taken
            self._counters.bytes_out += taken
            if left <= 0 and not taken:
                raise Lost(f"write timed out after {timeout_s:g} s", sent)
            if ready and not taken:
                time.sleep(min(BREATH_S, max(left, 0.0)))  # "ready", yet it takes nothing: do not burn a core

    def close(self) -> None:
        self._close()

    def _trouble(self, ready: int) -> None:
        """The line has nothing to read and says that something is the matter."""
        raise Lost("line hung up")

    def _read_some(self) -> bytes:
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise Lost(reason(error)) from error
        return data or self._nothing_read()

    def _nothing_read(self) -> bytes:
        raise Lost("closed by the other end")

    def _write_some(self, data: bytes, sent: int) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Lost(reason(error), sent) from error

    def _wait(self, events: int, timeout_s: float) -> int:
        poll = select.poll()
        poll.register(self._fd, events)
        ready = poll.poll(timeout_s * 1000)
        return ready[0][1] if ready else 0


class UsbLpTransport(Transport):
    """`/dev/usb/lp0` (kernel driver usblp), opened non-blocking: a blocking write waits for ever for paper.

    POLLERR is a printer's fault, not an unplug; an unplug is POLLHUP or ENODEV/EIO. Out of paper it polls as
    writable and then takes nothing, and many printers answer each read with an empty packet: neither may burn a
    core. The driver takes up to 8 KB on trust, so `Lost.sent` may count bytes that the printer never got.
    """

    _gone = select.POLLHUP | select.POLLNVAL

    def _trouble(self, ready: int) -> None:
        if ready & self._gone:
            raise Lost("unplugged")
        time.sleep(BREATH_S)

    def _nothing_read(self) -> bytes:
        time.sleep(BREATH_S)
        return b""


def reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__

"""Byte transports by URL: `serial:///dev/ttyUSB0?baudrate=9600` (ptys too) and `tcp://host:port`.

Either is a file descriptor in the end, so one class knows how a line is lost: EOF, reset, unplugged (EIO,
hang-up) and a write that does not drain are all `Lost`.
"""

import os
import select
import socket
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import serial

READ_SIZE = 4096
CONNECT_TIMEOUT_S = 2.0
WRITE_TIMEOUT_S = 5.0
MOST_BAUD = 4_000_000
_BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Lost(Exception):  # noqa: N818 - an event in the life of a device, not a mistake
    """The line is gone. `sent` counts the bytes of the failed write that the system had already taken."""

    def __init__(self, reason: str, sent: int = 0) -> None:
        super().__init__(reason)
        self.sent = sent


class Transport:
    """One open line. Used by one thread at a time; every loss raises `Lost`, nothing else does."""

    def __init__(self, fd: int, close: Callable[[], None]) -> None:
        self._fd = fd
        self._close = close

    def read(self, timeout_s: float) -> bytes:
        """Return what has arrived, waiting at most `timeout_s` for it; b"" when nothing came."""
        ready = self._wait(select.POLLIN, timeout_s)
        if not ready:
            return b""
        if not ready & select.POLLIN:
            raise Lost("line hung up")
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise Lost(_reason(error)) from error
        if not data:
            raise Lost("closed by the other end")
        return data

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        """Hand all of `data` to the system, or raise `Lost` when it takes longer than `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        sent = 0
        while sent < len(data):
            left = deadline - time.monotonic()
            ready = self._wait(select.POLLOUT, max(left, 0.0))
            if ready & _BROKEN:
                raise Lost("line hung up", sent)
            if ready:
                sent += self._write_some(data[sent:], sent)
            elif left <= 0:
                raise Lost(f"write timed out after {timeout_s:g} s", sent)

    def close(self) -> None:
        self._close()

    def _write_some(self, data: bytes, sent: int) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Lost(_reason(error), sent) from error

    def _wait(self, events: int, timeout_s: float) -> int:
        poll = select.poll()
        poll.register(self._fd, events)
        ready = poll.poll(timeout_s * 1000)
        return ready[0][1] if ready else 0


@dataclass(frozen=True)
class SerialAddress:
    path: str
    baudrate: int


@dataclass(frozen=True)
class TcpAddress:
    host: str
    port: int


def parse_url(url: str) -> SerialAddress | TcpAddress:
    """Understand a device URL without opening it; `ValueError` says in two languages what is wrong."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "serial":
            return _serial_address(parts)
        if parts.scheme == "tcp":
            return _tcp_address(parts)
    except ValueError as error:
        raise _bad_url(url) from error
    raise _bad_url(url)


def open_transport(url: str) -> Transport:
    """Open the line that `url` names. Raises `Lost` when it cannot be opened now, `ValueError` when never."""
    address = parse_url(url)
    try:
        return _open_tcp(address) if isinstance(address, TcpAddress) else _open_serial(address)
    except OSError as error:  # serial.SerialException is one
        raise Lost(_reason(error)) from error
    except (termios.error, ValueError, OverflowError) as error:  # unplugged while it is set up; an odd baud rate
        raise Lost(str(error)) from error


def _serial_address(parts: SplitResult) -> SerialAddress:
    options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    baudrate = int(options.pop("baudrate", ["9600"])[-1])
    path = unquote(parts.path)
    if parts.netloc or len(path) < 2 or "\0" in path or options or not 0 < baudrate <= MOST_BAUD:
        raise ValueError
    return SerialAddress(path, baudrate)


def _tcp_address(parts: SplitResult) -> TcpAddress:
    if not parts.hostname or not parts.port or parts.path not in ("", "/") or parts.query:
        raise ValueError
    parts.hostname.encode("idna")  # refuses what no resolver takes, such as 192.168..5
    return TcpAddress(parts.hostname, parts.port)


def _bad_url(url: str) -> ValueError:
    return ValueError(
        f"设备地址“{url}”无法识别，应如 serial:///dev/ttyUSB0?baudrate=9600 或 tcp://192.168.1.50:9100。"
        f' Device URL "{url}" is not understood; write it like serial:///dev/ttyUSB0?baudrate=9600'
        " or tcp://192.168.1.50:9100."
    )


def _open_serial(address: SerialAddress) -> Transport:
    """pyserial opens non-blocking, sets raw mode and the lock; DTR and RTS stay as they are."""
    port = serial.Serial(address.path, address.baudrate, timeout=0, exclusive=True)
    return Transport(port.fileno(), port.close)


def _open_tcp(address: TcpAddress) -> Transport:
    line = socket.create_connection((address.host, address.port), timeout=CONNECT_TIMEOUT_S)
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 8000),  # unacknowledged bytes: a cable was pulled
    ):
        line.setsockopt(level, option, value)
    line.setblocking(False)
    return Transport(line.fileno(), line.close)


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__

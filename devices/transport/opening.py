"""Opens the line that a URL names."""

import os
import socket
import termios

import serial

from devices.base import Counters
from devices.transport.address import Address, HidrawAddress, SerialAddress, TcpAddress, UsbLpAddress, parse_url
from devices.transport.line import Lost, Transport, UsbLpTransport, reason
from devices.transport.usb_ports import hidraw_node

CONNECT_TIMEOUT_S = 2.0


def open_transport(url: str, counters: Counters | None = None) -> Transport:
    """Open the line that `url` names and count what goes over it in `counters`.

    Raises `Lost` when it cannot be opened now, `ValueError` when never.
    """
    address = parse_url(url)
    try:
        return _open(address, counters or Counters())
    except OSError as error:  # serial.SerialException is one
        raise Lost(reason(error)) from error
    except (termios.error, ValueError, OverflowError) as error:  # unplugged while it is set up; an odd baud rate
        raise Lost(str(error)) from error


def _open(address: Address, counters: Counters) -> Transport:
    match address:
        case TcpAddress():
            return _open_tcp(address, counters)
        case SerialAddress():
            return _open_serial(address, counters)
        case UsbLpAddress(path):
            return _open_node(path, counters, UsbLpTransport)
        case HidrawAddress(path, port):
            return _open_node(path or _node_at(port), counters, Transport)


def _open_serial(address: SerialAddress, counters: Counters) -> Transport:
    """pyserial opens non-blocking, sets raw mode and the lock; DTR and RTS stay as they are."""
    port = serial.Serial(address.path, address.baudrate, timeout=0, exclusive=True)
    return Transport(port.fileno(), port.close, counters)


def _open_node(path: str, counters: Counters, kind: type[Transport]) -> Transport:
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return kind(fd, lambda: os.close(fd), counters)


def _node_at(port: str) -> str:
    node = hidraw_node(port)
    if node is None:
        raise Lost("no raw HID device at this USB port")
    return f"/dev/{node}"


def _open_tcp(address: TcpAddress, counters: Counters) -> Transport:
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
    return Transport(line.fileno(), line.close, counters)

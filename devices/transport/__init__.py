"""Byte lines by URL. The forms are listed in `devices.transport.address`."""

from devices.transport.address import (
    Address,
    HidrawAddress,
    SerialAddress,
    TcpAddress,
    UsbLpAddress,
    parse_url,
    plug_path,
)
from devices.transport.line import Lost, Transport
from devices.transport.opening import open_transport

__all__ = [
    "Address",
    "HidrawAddress",
    "Lost",
    "SerialAddress",
    "TcpAddress",
    "Transport",
    "UsbLpAddress",
    "open_transport",
    "parse_url",
    "plug_path",
]

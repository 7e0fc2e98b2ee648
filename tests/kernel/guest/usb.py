"""USB devices that the kernel takes for real: made by itself (configfs, dummy_hcd), or written in Python (USB/IP).

Each hangs on a port of its own, so that its by-path name is the same after every replug. The ends are cables for the
firmware stubs: what a stub sends and receives goes through the kernel's USB stack and its drivers.
"""

import contextlib
import errno
import fcntl
import os
import select
import socket
import string
import struct
import time
import tty
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from usbip import In, Interface, Out, USBDevice
from usbip.core import Setup
from usbip.transport import Loopback

from firmware_stubs.lines import End, Session
from tests.kernel.guest.until import until

GADGETS = Path("/sys/kernel/config/usb_gadget")
CONTROLLER = Path("/sys/devices/platform/vhci_hcd.0")
VENDOR, PRODUCT = 0x1D6B, 0x0100
SET_PORT_STATUS = 0xC0016722
NOT_ERROR, SELECTED, PAPER_EMPTY = 0x08, 0x10, 0x20
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e7150025017501950881029501750881039505750105081901290591029501750391039506750815002565"
    "0507190029658100c0"
)
"""Report descriptor of a boot keyboard: modifiers, a spare byte, six keys."""
RAW_HID = bytes.fromhex("0600ff0901a1010902150026ff007508950881020903150026ff00750895089102c0")
"""Report descriptor of a vendor's own device (usage page FF00): 8 bytes in, 8 bytes out."""


class Gadget:
    """A device with one function, such as "acm"; `port` is one of the four of dummy_hcd."""

    def __init__(self, function: str, port: int, attributes: Mapping[str, int | str | bytes] | None = None) -> None:
        self.by_path = f"platform-dummy_hcd.{port}-usb-0:1:1.0"
        self._controller = f"dummy_udc.{port}"
        self._folder = GADGETS / f"port{port}"
        self._function = self._folder / f"functions/{function}.{port}"
        self._language = self._folder / "strings/0x409"
        self._configuration = self._folder / "configs/c.1"
        for folder in (self._folder, self._language, self._configuration, self._function):
            folder.mkdir()
        put(self._folder / "idVendor", VENDOR)
        put(self._folder / "idProduct", PRODUCT + port)
        put(self._language / "product", f"Jiaohao {function}")
        for name, value in (attributes or {}).items():
            put(self._function / name, value)
        (self._configuration / "function").symlink_to(self._function)

    def plug(self) -> None:
        put(self._folder / "UDC", self._controller)

    def unplug(self) -> None:
        with contextlib.suppress(OSError):  # it was not plugged in
            put(self._folder / "UDC", "\n")

    def remove(self) -> None:
        self.unplug()
        (self._configuration / "function").unlink()
        for folder in (self._configuration, self._function, self._language, self._folder):
            folder.rmdir()


def put(file: Path, value: int | str | bytes) -> None:
    file.write_bytes(value if isinstance(value, bytes) else str(value).encode())


class GadgetEnd(End):
    """`node` is where the stub sits, `host` where the driver does. Both are there only while it is plugged in."""

    transport = "usb"

    def __init__(self, gadget: Gadget, node: str, host: str) -> None:
        super().__init__()
        self._gadget = gadget
        self._node = node
        self._host = Path(host)
        self.fd = -1

    @property
    def address(self) -> str:
        return str(self._host)

    def stop(self) -> None:
        super().stop()
        self._gadget.remove()

    def _open(self) -> Session:
        self._gadget.plug()
        until(self._host.exists, f"{self._host} is there")
        self.fd = until(lambda: _opened(self._node), f"{self._node} opens")
        return GadgetSession(self._gadget, self.fd, self.receiver)


def _opened(node: str) -> int | None:
    """None while the host has not yet said hello. (No descriptor is 0 here: pytest holds that.)"""
    try:
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        assert error.errno in (errno.ENODEV, errno.ENOENT, errno.EBUSY), error
        return None
    if os.isatty(fd):
        tty.setraw(fd)
    return fd


class GadgetSession(Session):
    def __init__(self, gadget: Gadget, fd: int, receiver: Callable[[bytes], None]) -> None:
        super().__init__(receiver)
        self._gadget = gadget
        self._fd = fd

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the cable is out, or nobody fetches it: the bytes are lost
            os.write(self._fd, data)

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while self._readable(self._fd):
                with contextlib.suppress(BlockingIOError):
                    self._receiver(os.read(self._fd, 4096))

    def _hang_up(self) -> None:
        self._gadget.unplug()
        os.close(self._fd)


def acm(port: int = 0) -> GadgetEnd:
    """A USB serial port; the stub is the device behind it."""
    return GadgetEnd(Gadget("acm", port), "/dev/ttyGS0", "/dev/ttyACM0")


def printer(port: int = 1) -> GadgetEnd:
    return GadgetEnd(
        Gadget("printer", port, {"pnp_string": "MFG:Jiaohao;CMD:ESC/POS;"}), "/dev/g_printer0", "/dev/usb/lp0"
    )


def hid(descriptor: bytes, port: int = 2) -> Gadget:
    boot = int(descriptor is KEYBOARD)
    return Gadget("hid", port, {"protocol": boot, "subclass": boot, "report_length": 8, "report_desc": descriptor})


class Keyboard:
    """A pad or scanner that is a USB keyboard; `link` is its by-path name, which udev makes."""

    USAGES: ClassVar[Mapping[str, int]] = {
        **{letter: 0x04 + at for at, letter in enumerate(string.ascii_lowercase)},
        **{digit: 0x1E + at for at, digit in enumerate("1234567890\n")},
        "-": 0x2D,
        "=": 0x2E,
        ";": 0x33,
        ".": 0x37,
        "/": 0x38,
    }
    WITH_SHIFT: ClassVar[Mapping[str, str]] = {
        ":": ";",
        "?": "/",
        **dict(zip(string.ascii_uppercase, USAGES, strict=False)),
    }
    SHIFT = 0x02

    def __init__(self, port: int = 2) -> None:
        self._gadget = hid(KEYBOARD, port)
        name = f"by-path/{self._gadget.by_path}-event-kbd"
        self.url, self.link = f"evdev:{name}", Path("/dev/input", name)
        self._fd = -1

    def plug(self) -> None:
        self._gadget.plug()
        until(self.link.exists, f"{self.link} is there")
        self._fd = os.open("/dev/hidg0", os.O_RDWR)

    def unplug(self) -> None:
        self._gadget.unplug()
        os.close(self._fd)

    def remove(self) -> None:
        self._gadget.remove()

    def down(self, character: str) -> None:
        key = self.WITH_SHIFT.get(character)
        os.write(self._fd, bytes([self.SHIFT if key else 0, 0, self.USAGES[key or character], 0, 0, 0, 0, 0]))

    def up(self) -> None:
        os.write(self._fd, bytes(8))

    def type(self, text: str, pace_s: float = 0.0) -> None:
        for character in text:
            self.down(character)
            self.up()
            time.sleep(pace_s)


def set_port_status(end: GadgetEnd, paper: bool) -> None:
    """What a USB printer answers the kernel's own question, besides all that it answers the driver."""
    fcntl.ioctl(end.fd, SET_PORT_STATUS, SELECTED | (NOT_ERROR if paper else PAPER_EMPTY))


# -- USB/IP


class UsbipEnd(End):
    """A device whose every USB request is answered by `interface`; plugged into a port of vhci-hcd."""

    transport = "usbip"

    def __init__(self, vendor: int, product: int, interface: "Port", host: str) -> None:
        super().__init__()
        self._ids = vendor, product
        self._interface = interface
        self._host = Path(host)
        interface.receive = lambda data: self.receiver(data)

    @property
    def address(self) -> str:
        return str(self._host)

    def _open(self) -> Session:
        session = UsbipSession(USBDevice(*self._ids, product="Jiaohao"), self._interface, self.receiver)
        until(self._host.exists, f"{self._host} is there")
        return session


class Port(Interface):
    """Two bulk pipes; `receive` gets what the host writes."""

    bulk_out, bulk_in = Out(0x01, "bulk", mps=64), In(0x82, "bulk", mps=64)

    def __init__(self) -> None:
        super().__init__()
        self.receive: Callable[[bytes], None] = lambda data: None

    def on_out(self, ep: object, data: bytes) -> None:
        self.receive(self.to_device(data))

    def to_device(self, data: bytes) -> bytes:
        return data

    def to_host(self, data: bytes) -> bytes:
        return data


class UsbipSession(Session):
    def __init__(self, device: USBDevice, interface: Port, receiver: Callable[[bytes], None]) -> None:
        super().__init__(receiver)
        self._interface = interface
        self._device = device
        device.add(interface)
        cable = Loopback()
        device.plug(via=cable)
        self._port = attached(cable.connect())

    def send(self, data: bytes) -> None:
        self._interface.bulk_in.write(self._interface.to_host(data))

    def _run(self) -> None:
        """The library has a thread of its own for each cable."""
        select.select([self._wake_read], [], [])

    def _hang_up(self) -> None:
        put(CONTROLLER / "detach", self._port)
        self._device.unplug()


def attached(cable: socket.socket) -> int:
    """Import the only device at the far end of `cable` into the kernel; the port that it got."""
    with cable:
        cable.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, b"1-1"))
        reply = cable.recv(320, socket.MSG_WAITALL)
        bus, number, speed = struct.unpack_from(">III", reply, 8 + 256 + 32)
        port = _free_port("ss" if speed >= 5 else "hs")
        put(CONTROLLER / "attach", f"{port} {cable.fileno()} {bus << 16 | number} {speed}")
    return port


def _free_port(hub: str) -> int:
    lines = [line.split() for line in (CONTROLLER / "status").read_text().splitlines()[1:]]
    return next(int(line[1]) for line in lines if line[0] == hub and line[2] == "004")


class Cp210x(Port):
    """A USB serial adapter. Its device speaks at `wired` baud; at any other the bytes are rubbish both ways."""

    bInterfaceClass = 0xFF  # noqa: N815 - the names are the USB standard's
    SET_BAUDRATE, GET_PART_NUMBER, GET_MODEM_STATUS = 0x1E, 0xFF, 0x08

    def __init__(self, wired: int = 9600) -> None:
        super().__init__()
        self._wired = wired
        self.baudrate = 0

    def on_control(self, setup: Setup, data: bytes = b"") -> bytes:
        if setup.bRequest == self.SET_BAUDRATE:
            self.baudrate = int.from_bytes(data[:4], "little")
        if not setup.bmRequestType & 0x80:
            return b""
        answers = {self.GET_PART_NUMBER: b"\x02", self.GET_MODEM_STATUS: b"\x30"}
        return answers.get(setup.bRequest, bytes(setup.wLength))

    def to_device(self, data: bytes) -> bytes:
        return data if self.baudrate == self._wired else bytes(byte | 0x80 for byte in data[::2])

    to_host = to_device


class PrinterPort(Port):
    """The printer class: two pipes, an id, and a status byte."""

    bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol = 7, 1, 2  # noqa: N815
    GET_DEVICE_ID, GET_PORT_STATUS = 0, 1

    def on_control(self, setup: Setup, data: bytes = b"") -> bytes:
        identity = b"MFG:Jiaohao;CMD:ESC/POS;"
        answers = {
            self.GET_DEVICE_ID: struct.pack(">H", len(identity) + 2) + identity,
            self.GET_PORT_STATUS: bytes([NOT_ERROR | SELECTED]),
        }
        return answers.get(setup.bRequest, b"")

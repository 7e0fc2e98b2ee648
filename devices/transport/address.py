"""Device URLs, understood without touching a device.

| form | what it is |
|---|---|
| `serial:///dev/ttyUSB0?baudrate=9600` | a serial port, or a pty |
| `tcp://host:port` | a network printer, a serial server |
| `usb-lp:///dev/usb/lp0` | a USB printer at the kernel's printer class driver |
| `hidraw:by-path/pci-0000:00:14.0-usb-0:2:1.0`, `hidraw:/dev/hidraw0` | a raw HID device, by USB port or by node |
| `evdev:by-path/…-event-kbd` | a keyboard; not a byte line, so only `plug_path` knows it here |
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from devices.setting_error import SettingError

MOST_BAUD = 4_000_000
INPUT = Path("/dev/input")
DEV = Path("/dev")


@dataclass(frozen=True)
class SerialAddress:
    path: str
    baudrate: int


@dataclass(frozen=True)
class TcpAddress:
    host: str
    port: int


@dataclass(frozen=True)
class UsbLpAddress:
    path: str


@dataclass(frozen=True)
class HidrawAddress:
    """Either `path` is said, or `port`: what udev calls the USB port, with or without the interface behind it."""

    path: str = ""
    port: str = ""


Address = SerialAddress | TcpAddress | UsbLpAddress | HidrawAddress


def parse_url(url: str) -> Address:
    """Understand a device URL without opening it; `SettingError` says in two languages what is wrong."""
    try:
        if url.startswith("hidraw:"):
            return _hidraw_address(url.removeprefix("hidraw:"))
        parts = urlsplit(url)
        match parts.scheme:
            case "serial":
                return _serial_address(parts)
            case "tcp":
                return _tcp_address(parts)
            case "usb-lp":
                return UsbLpAddress(_path(parts))
    except SettingError as why:
        raise SettingError(f"设备地址“{url}”{why.zh}", f'Device URL "{url}" {why.en}') from None
    except ValueError as error:
        raise _bad_url(url) from error
    raise _bad_url(url)


def plug_path(url: str) -> Path | None:
    """Where something appears in the file system when the device of `url` is plugged in; None for the network.

    A raw HID device that is named by its port may get any number: its folder is said.
    """
    if url.startswith("evdev:"):
        return INPUT / url.removeprefix("evdev:")
    try:
        address = parse_url(url)
    except ValueError:
        return None
    match address:
        case TcpAddress():
            return None
        case HidrawAddress(path=""):
            return DEV / "hidraw*"
        case _:
            return Path(address.path)


def _serial_address(parts: SplitResult) -> SerialAddress:
    options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    baudrate = int(options.pop("baudrate", ["9600"])[-1])
    if options:
        words = ", ".join(options)
        raise SettingError(f"没有 {words} 这个选项，只有 baudrate", f"has no option {words}, only baudrate")
    if not 0 < baudrate <= MOST_BAUD:
        raise ValueError
    return SerialAddress(_path(parts._replace(query="")), baudrate)


def _path(parts: SplitResult) -> str:
    path = unquote(parts.path)
    if parts.netloc:
        right = f"{parts.scheme}:///{parts.netloc if parts.path else f'dev/{parts.netloc}'}{parts.path}"
        raise SettingError(f"要写三条斜线，如 {right}", f"needs three slashes, as in {right}")
    if parts.query or len(path) < 2 or "\0" in path:
        raise ValueError
    return path


def _tcp_address(parts: SplitResult) -> TcpAddress:
    if not parts.hostname or not parts.port or parts.path not in ("", "/") or parts.query:
        raise ValueError
    parts.hostname.encode("idna")  # refuses what no resolver takes, such as 192.168..5
    return TcpAddress(parts.hostname, parts.port)


def _hidraw_address(rest: str) -> HidrawAddress:
    port = rest.removeprefix("by-path/")
    if port != rest and port and "/" not in port and "\0" not in port:
        return HidrawAddress(port=port)
    if rest.startswith("/") and len(rest) > 1 and "\0" not in rest:
        return HidrawAddress(path=rest)
    raise ValueError


def _bad_url(url: str) -> SettingError:
    return SettingError(
        f"设备地址“{url}”无法识别，应如 serial:///dev/ttyUSB0?baudrate=9600、tcp://192.168.1.50:9100、"
        "usb-lp:///dev/usb/lp0 或 hidraw:by-path/pci-0000:00:14.0-usb-0:2:1.0",
        f'Device URL "{url}" is not understood; write it like serial:///dev/ttyUSB0?baudrate=9600,'
        " tcp://192.168.1.50:9100, usb-lp:///dev/usb/lp0 or hidraw:by-path/pci-0000:00:14.0-usb-0:2:1.0",
    )

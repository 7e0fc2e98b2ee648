"""Which addresses a machine opens for the devices that the server gives it. Server and machine judge by one rule.

Whoever holds an administrator's session must not make a machine knock at any door: a serial port, a USB printer, an
input device of the machine itself, or a number of the local network. Names, the machine itself and everything further
away are for the machine's own kiosk.toml or display.toml to allow (`allow_hosts`). Link-local addresses never are:
clouds keep their secrets at 169.254.169.254.
"""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

MOST_BAUD = 4_000_000
LOCAL = {
    "serial": re.compile(r"/dev/(tty(USB|ACM|S|AMA|XRUSB|CH9344USB)\d+|serial/by-(path|id)/[\w.:+-]+|pts/\d+)"),
    "usb-lp": re.compile(r"/dev/(usb/)?lp\d+"),
    "hidraw": re.compile(r"/dev/hidraw\d+|by-path/[\w.:-]+"),
    "evdev": re.compile(r"by-path/[\w.:-]+"),
}
"""What may stand behind each scheme. A disk is a device too: only what these name is ever opened."""
FORMS: dict[str, tuple[str, ...]] = {
    "printer": ("usb-lp", "serial", "tcp"),
    "evaluator": ("serial", "tcp", "hidraw", "evdev"),
    "call_pad": ("serial", "tcp", "hidraw", "evdev"),
    "scanner": ("evdev", "serial", "tcp"),
    "ledbar": ("serial", "tcp"),
}
"""By kind of device, the usual one first."""
LAN = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
NEVER = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "0.0.0.0/8", "::/128")))
_BAUD = re.compile(r"(?:baudrate=(\d{1,7}))?")


class AddressError(ValueError):
    """An address that is not opened. `zh` and `en` go on “…不正确：” and “Field … ”."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def end_of(url: str, kind: str, allowed: Collection[str] = ()) -> str:
    """What `url` reaches, whatever its settings: two devices at one end are at one port. Raises `AddressError`.

    `allowed` are the hosts that the machine's own file names.
    """
    scheme, _, rest = url.partition(":")
    if scheme not in FORMS[kind] or not url.isprintable():
        raise _not_understood(kind)
    return _network_end(url, allowed) if scheme == "tcp" else _local_end(scheme, rest, kind)


def _local_end(scheme: str, rest: str, kind: str) -> str:
    path, _, options = rest.removeprefix("//").partition("?")
    baud = _BAUD.fullmatch(options) if scheme == "serial" or not options else None
    if baud is None or not LOCAL[scheme].fullmatch(path) or ".." in path:
        raise _not_understood(kind)
    if baud[1] is not None and not 0 < int(baud[1]) <= MOST_BAUD:
        raise AddressError(f"波特率应为 1 到 {MOST_BAUD}", f"needs a baud rate from 1 to {MOST_BAUD}")
    return path


def _network_end(url: str, allowed: Collection[str]) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    if not host or not port or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise AddressError(
            "网络设备应写成 tcp://地址:端口，如 tcp://192.168.1.50:9100",
            "must be tcp://address:port, such as tcp://192.168.1.50:9100",
        )
    _refuse_far(host, allowed)
    return f"{host}:{port}"


def _refuse_far(host: str, allowed: Collection[str]) -> None:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        number = None
    plain = getattr(number, "ipv4_mapped", None) or number
    if plain is not None and any(plain in net for net in NEVER):
        raise AddressError(
            f"{host} 是链路本地或保留地址，不连接；请填设备自己的地址",
            f"must not be {host}, a link-local or reserved address; write the device's own",
        )
    if host in allowed or (plain is not None and any(plain in net for net in LAN)):
        return
    raise AddressError(
        f"{host} 不是局域网的数字地址，不连接；确有需要，请在这台机器的 kiosk.toml 或 display.toml 里写 allow_hosts",
        f"must not be {host}: only numbers of the local network are; others are named by allow_hosts in the"
        " machine's own file, kiosk.toml or display.toml",
    )


_EXAMPLES = {
    "usb-lp": "usb-lp:///dev/usb/lp0",
    "serial": "serial:///dev/ttyUSB0?baudrate=9600",
    "tcp": "tcp://192.168.1.50:9100",
    "hidraw": "hidraw:by-path/pci-0000:00:14.0-usb-0:2:1.0",
    "evdev": "evdev:by-path/pci-0000:00:14.0-usb-0:2:1.0-event-kbd",
}


def _not_understood(kind: str) -> AddressError:
    known = [_EXAMPLES[scheme] for scheme in FORMS[kind]]
    return AddressError(f"看不懂这个地址，应如 {' 或 '.join(known)}", f"must be like {' or '.join(known)}")

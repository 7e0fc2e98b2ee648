"""The places where a device may hang at this machine, and by what people know them: USB port, product, serial number.

Each place gets the URL to write for it, by port wherever the port is known: the port is what stays when a device is
put in again, and of two devices of one make only the port tells which is which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devices.transport.usb_ports import HIDRAW, hidraw_nodes
from server.contract.machines import Port

LONGEST = 80


@dataclass(frozen=True)
class Machine:
    """Where this machine keeps its devices."""

    dev: Path = Path("/dev")
    hidraw: Path = HIDRAW
    classes: Path = Path("/sys/class")


def nodes(machine: Machine) -> Iterator[tuple[Path, str]]:
    """Each device node, and the URL to write for it."""
    dev = machine.dev
    ports = {link.resolve(): link for link in sorted((dev / "serial/by-path").glob("*"))}
    for node in sorted([*dev.glob("ttyUSB*"), *dev.glob("ttyACM*")]):
        yield node, f"serial://{ports.get(node.resolve(), node)}?baudrate=9600"
    for node in sorted((dev / "usb").glob("lp*")):
        yield node, f"usb-lp://{node}"
    for name, port in hidraw_nodes(machine.hidraw).items():
        yield dev / name, f"hidraw:by-path/{port}" if port else f"hidraw:{dev / name}"
    for link in sorted((dev / "input/by-path").glob("*-event-kbd")):
        yield link, f"evdev:by-path/{link.name}"


def ports(machine: Machine) -> tuple[Port, ...]:
    return tuple(
        Port(url, str(node), *_known_by(machine.classes, node.resolve().name)) for node, url in nodes(machine)
    )


def _known_by(classes: Path, node: str) -> tuple[str, str, str]:
    """USB port, product and serial number of whatever has this node; empty words for what hangs on no USB."""
    found = [classes / kind / node / "device" for kind in ("tty", "usbmisc", "hidraw", "input")]
    device = next((one for one in found if one.exists()), None)
    if device is None:
        return "", "", ""
    here = device.resolve()
    for folder in (here, *here.parents):
        if (folder / "idVendor").exists():
            product = " ".join(filter(None, (_said(folder, "manufacturer"), _said(folder, "product"))))
            return folder.name, product[:LONGEST], _said(folder, "serial")
    return "", "", ""


def _said(folder: Path, name: str) -> str:
    """What a device says of itself is a stranger's word: one line, and not too long."""
    try:
        text = (folder / name).read_text("utf-8", "replace")
    except OSError:
        return ""
    return "".join(char for char in text.strip() if char.isprintable())[:LONGEST]

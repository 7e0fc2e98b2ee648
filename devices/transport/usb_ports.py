"""Which USB port a device hangs on, read from /sys. The names are udev's (its `ID_PATH`), for people copy them.

udev makes links by port for serial ports and input devices and none for hidraw, so these are looked up.
"""

import re
from collections.abc import Iterator
from pathlib import Path

HIDRAW = Path("/sys/class/hidraw")
_INTERFACE = re.compile(r"\d+-([\d.]+:\d+\.\d+)")


def port_of(device: Path) -> str:
    """`pci-0000:00:14.0-usb-0:2:1.0` for a folder in /sys; an empty word when it hangs on no USB port."""
    above = iter(_upwards(device.resolve()))
    for folder in above:
        if interface := _INTERFACE.fullmatch(folder.name):
            return _prefix(above) + f"usb-0:{interface[1]}"
    return ""


def hidraw_nodes(classes: Path = HIDRAW) -> dict[str, str]:
    """Node name (`hidraw0`) to port, in the order of the ports; an empty port for a device without one."""
    found = {entry.name: port_of(entry / "device") for entry in classes.glob("hidraw*")}
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def hidraw_node(port: str, classes: Path = HIDRAW) -> str | None:
    """The node at `port`. A port without its interface (`…-usb-0:2`) means the first interface there."""
    nodes = hidraw_nodes(classes).items()
    return next((node for node, at in nodes if at == port or at.startswith(port + ":")), None)


def _prefix(above: Iterator[Path]) -> str:
    """The controller's part: the nearest PCI or platform device, then what that hangs on in another bus."""
    words: list[str] = []
    last = "usb"
    for folder in above:
        bus = _subsystem(folder)
        if bus in ("pci", "platform") and bus != last:
            words.insert(0, f"{bus}-{folder.name}-")
        last = bus
    return "".join(words)


def _subsystem(folder: Path) -> str:
    link = folder / "subsystem"
    return link.resolve().name if link.is_symlink() else ""


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents

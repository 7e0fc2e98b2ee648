"""Our udev rules give the account of the service its devices, and nothing else."""

import grp
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kernel.guest import usb
from tests.kernel.guest.until import until


def ours(node: Path) -> bool:
    return node.exists() and (node.stat().st_mode & 0o777, grp.getgrgid(node.stat().st_gid).gr_name) == (
        0o660,
        "jiaohao",
    )


@contextmanager
def plugged(device: usb.End | usb.Keyboard) -> Iterator[None]:
    device.plug()
    try:
        yield
    finally:
        device.stop() if isinstance(device, usb.End) else device.remove()


def test_serial_ports_and_printers_are_the_services() -> None:
    for line in (usb.acm(), usb.printer()):
        with plugged(line):
            until(lambda node=Path(line.address): ours(node), f"{line.address} is ours")


def test_a_keyboard_is_the_services_only_at_the_port_that_the_rule_names() -> None:
    for port, named in ((2, True), (3, False)):
        keyboard = usb.Keyboard(port)
        with plugged(keyboard):
            assert ours(keyboard.link) == named

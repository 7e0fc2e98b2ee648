"""What is told of the places where devices hang, from folders laid out as /dev and /sys are."""

from pathlib import Path

import pytest

from machine.ports import Machine, ports
from server.contract.machines import Port


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A serial adapter and a USB printer at the ports 1-1.2 and 1-1.3."""
    dev, sys = tmp_path / "dev", tmp_path / "sys"
    for port, kind, node, words in (
        ("1-1.2", "tty", "ttyUSB0", {"product": "USB Serial\n", "serial": "A50285BI\n"}),
        ("1-1.3", "usbmisc", "lp0", {"manufacturer": "EPSON\n", "product": "TM-T88\x1b[31m" + "x" * 500}),
    ):
        device = sys / "devices/pci0000:00/usb1/1-1" / port
        interface = device / f"{port}:1.0"
        interface.mkdir(parents=True)
        (device / "idVendor").write_text("04b8\n")
        for name, text in words.items():
            (device / name).write_text(text)
        (sys / "class" / kind / node).mkdir(parents=True)
        (sys / "class" / kind / node / "device").symlink_to(interface)
    (dev / "serial/by-path").mkdir(parents=True)
    (dev / "usb").mkdir()
    (dev / "ttyUSB0").touch()
    (dev / "usb/lp0").touch()
    (dev / "serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0").symlink_to(dev / "ttyUSB0")
    return Machine(dev, sys / "class/hidraw", sys / "class")


def test_a_port_is_told_by_usb_port_product_and_serial_number(machine: Machine) -> None:
    serial, printer = ports(machine)
    by_path = machine.dev / "serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0"
    url = f"serial://{by_path}?baudrate=9600"
    assert serial == Port(url, str(machine.dev / "ttyUSB0"), "1-1.2", "USB Serial", "A50285BI")
    assert (printer.url, printer.usb) == (f"usb-lp://{machine.dev}/usb/lp0", "1-1.3")
    assert printer.product.startswith("EPSON TM-T88[31mx") and len(printer.product) == 80


def test_what_is_unplugged_is_no_port_any_more(machine: Machine) -> None:
    (machine.dev / "usb/lp0").unlink()
    assert [one.usb for one in ports(machine)] == ["1-1.2"]


def test_a_device_that_hangs_on_no_usb_has_its_node_alone(machine: Machine) -> None:
    (machine.dev / "ttyACM0").touch()
    told = next(one for one in ports(machine) if one.node.endswith("ttyACM0"))
    assert (told.usb, told.product, told.serial) == ("", "", "")

"""USB printers and raw HID devices as far as no kernel is needed; the kernel's own part is in tests/kernel."""

import select
from pathlib import Path

import pytest

from devices.base import Counters
from devices.transport import HidrawAddress, Lost, UsbLpAddress, open_transport, opening, parse_url, plug_path
from devices.transport.line import UsbLpTransport
from devices.transport.usb_ports import hidraw_node, hidraw_nodes

PORT = "pci-0000:00:14.0-usb-0:2:1.0"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("usb-lp:///dev/usb/lp0", UsbLpAddress("/dev/usb/lp0")),
        (f"hidraw:by-path/{PORT}", HidrawAddress(port=PORT)),
        ("hidraw:/dev/hidraw0", HidrawAddress(path="/dev/hidraw0")),
    ],
)
def test_urls(url, address):
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "usb-lp://lp0", "usb-lp:///dev/usb/lp0?x=1", "usb-lp:/",
        "hidraw:", "hidraw:by-path/", "hidraw:by-path/../x", "hidraw:hidraw0",
    ],
)  # fmt: skip
def test_a_bad_url_is_refused_in_two_languages(url):
    with pytest.raises(ValueError, match=r"设备地址.*Device URL"):
        open_transport(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("serial:///dev/ttyUSB0?baudrate=9600", "/dev/ttyUSB0"),
        ("usb-lp:///dev/usb/lp0", "/dev/usb/lp0"),
        ("evdev:by-path/x-event-kbd", "/dev/input/by-path/x-event-kbd"),
        ("hidraw:/dev/hidraw3", "/dev/hidraw3"),
        (f"hidraw:by-path/{PORT}", "/dev/hidraw*"),
    ],
)
def test_where_a_device_appears(url, path):
    assert plug_path(url) == Path(path)


@pytest.mark.parametrize("url", ["tcp://10.0.0.5:9100", "", "nonsense"])
def test_what_appears_nowhere(url):
    assert plug_path(url) is None


def usb_lp(pty_peer, counters=None, answer=lambda peer, data: None):
    peer = pty_peer(answer)
    return peer, open_transport("usb-lp://" + peer.url.removeprefix("serial://").partition("?")[0], counters)


def test_a_usb_printer_line_counts_what_goes_over_it(pty_peer):
    counters = Counters()
    _, line = usb_lp(pty_peer, counters, lambda peer, data: peer.send(data))
    line.write(b"abc")
    got = b""
    while len(got) < 3:
        got += line.read(2.0)
    assert (counters.bytes_in, counters.bytes_out) == (3, 3)
    assert counters.last_seen
    line.close()


def test_a_printers_fault_is_no_unplug(pty_peer, monkeypatch):
    _, line = usb_lp(pty_peer)
    monkeypatch.setattr(UsbLpTransport, "_wait", lambda *_: select.POLLERR)
    assert line.read(1.0) == b""
    with pytest.raises(Lost, match="timed out"):
        line.write(b"ticket", timeout_s=0.05)
    monkeypatch.setattr(UsbLpTransport, "_wait", lambda *_: select.POLLERR | select.POLLHUP)
    with pytest.raises(Lost, match="unplugged"):
        line.read(1.0)
    with pytest.raises(Lost, match="hung up"):
        line.write(b"ticket")
    line.close()


def test_an_empty_packet_is_no_end(pty_peer, monkeypatch):
    _, line = usb_lp(pty_peer)
    monkeypatch.setattr(UsbLpTransport, "_wait", lambda *_: select.POLLIN)
    monkeypatch.setattr("devices.transport.line.os.read", lambda *_: b"")
    assert line.read(1.0) == b""
    line.close()


def test_a_printer_without_paper_holds_back_until_the_time_is_over(pty_peer, monkeypatch):
    """Out of paper, usblp polls as writable and takes nothing."""
    _, line = usb_lp(pty_peer)

    def full(*_):
        raise BlockingIOError

    monkeypatch.setattr(UsbLpTransport, "_wait", lambda *_: select.POLLOUT)
    monkeypatch.setattr("devices.transport.line.os.write", full)
    with pytest.raises(Lost, match="timed out") as lost:
        line.write(b"ticket", timeout_s=0.1)
    assert lost.value.sent == 0
    line.close()


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """Two pads on one controller, one behind a hub with two interfaces, and one device of no port."""
    classes, bus = tmp_path / "class/hidraw", tmp_path / "bus"
    controller = tmp_path / "devices/pci0000:00/0000:00:1c.0/0000:00:14.0"
    for name in ("pci", "usb"):
        (bus / name).mkdir(parents=True)
    nodes = {
        "hidraw0": controller / "usb1/1-2/1-2:1.0/0003:1234:ABCD.0001",
        "hidraw10": controller / "usb1/1-3/1-3.4/1-3.4:1.1/0003:1234:ABCD.0003",
        "hidraw2": controller / "usb1/1-3/1-3.4/1-3.4:1.0/0003:1234:ABCD.0002",
        "hidraw3": tmp_path / "devices/virtual/misc/uhid/0003:1234:ABCD.0004",
    }
    for node, device in nodes.items():
        device.mkdir(parents=True)
        (classes / node).mkdir(parents=True)
        (classes / node / "device").symlink_to(device)
    (controller / "subsystem").symlink_to(bus / "pci")
    (controller.parent / "subsystem").symlink_to(bus / "pci")
    (controller / "usb1/subsystem").symlink_to(bus / "usb")
    return classes


def test_raw_hid_devices_by_usb_port(sysfs):
    assert hidraw_nodes(sysfs) == {
        "hidraw3": "",
        "hidraw0": "pci-0000:00:14.0-usb-0:2:1.0",
        "hidraw2": "pci-0000:00:14.0-usb-0:3.4:1.0",
        "hidraw10": "pci-0000:00:14.0-usb-0:3.4:1.1",
    }
    assert hidraw_node("pci-0000:00:14.0-usb-0:3.4:1.1", sysfs) == "hidraw10"
    assert hidraw_node("pci-0000:00:14.0-usb-0:3.4", sysfs) == "hidraw2"
    assert hidraw_node("pci-0000:00:14.0-usb-0:3", sysfs) is None


def test_a_port_with_nothing_in_it_is_lost(monkeypatch):
    monkeypatch.setattr(opening, "hidraw_node", lambda port: None)
    with pytest.raises(Lost, match="USB port"):
        open_transport(f"hidraw:by-path/{PORT}")

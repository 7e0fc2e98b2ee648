"""Ticket printers: /dev/usb/lp0 (the kernel's usblp, twice over), and a printer behind a USB serial port."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices.base import Device, DeviceState, PrintOutcome
from devices.escpos.compose import compose
from devices.escpos.driver import EscPosPrinter
from devices.escpos.profile import load_profile
from devices.paper import Cut, Text
from firmware_stubs.printer import PrinterStub
from tests.kernel.guest import usb
from tests.kernel.guest.conftest import Watched
from tests.kernel.guest.until import until

TIME_S = 20.0
PROFILE = load_profile("fast-80")
LONG = b"\x1dv0\x00" + (72).to_bytes(2, "little") + (1800).to_bytes(2, "little") + bytes(72 * 1800)
"""A picture of 130 kB: more than the kernel and a printer's buffer take on trust."""


class UsbPrinterStub(PrinterStub):
    """Tells also the kernel when it has no paper, as a USB printer does."""

    def _fault_set(self, name: str) -> None:
        if name == "paper_out" and isinstance(self.end, usb.GadgetEnd):
            usb.set_port_status(self.end, paper=not self.fault("paper_out"))
        super()._fault_set(name)


class Printer:
    def __init__(self, stub: PrinterStub, scheme: str, watch: Callable[[Device], Watched]) -> None:
        self.stub = stub
        stub.start()
        self.watched = watch(EscPosPrinter("printer", f"{scheme}://{stub.end.address}", PROFILE))
        self._driver = self.watched.device
        self.watched.becomes(DeviceState.ONLINE)

    def print(self, *texts: str) -> PrintOutcome:
        return self.send(compose((*map(Text, texts), Cut()), PROFILE))

    def send(self, data: bytes, timeout_s: float = TIME_S) -> PrintOutcome:
        return self._driver.print_job(data, timeout_s)

    def probed(self) -> None:
        until(lambda: self._driver.confidence == "fence", "the probe")

    @property
    def papers(self) -> list[list[str]]:
        """The lines on each piece of paper."""
        return [list(paper.lines) for paper in self.stub.papers]


@pytest.fixture
def usblp(watch: Callable[[Device], Watched]) -> Iterator[Printer]:
    printer = Printer(UsbPrinterStub(usb.printer(), speed=0), "usb-lp", watch)
    yield printer
    printer.stub.stop()


def test_a_ticket_is_printed_and_fenced(usblp: Printer) -> None:
    usblp.probed()
    assert usblp.print("A001", "前面 3 人") == PrintOutcome("printed", "fence")
    assert usblp.papers == [["A001", "前面 3 人"]]


def test_a_printer_of_another_make_is_the_same_to_us(watch: Callable[[Device], Watched]) -> None:
    end = usb.UsbipEnd(0x0416, 0x5011, usb.PrinterPort(), "/dev/usb/lp0")
    printer = Printer(PrinterStub(end, speed=0), "usb-lp", watch)
    try:
        printer.probed()
        assert printer.print("A002") == PrintOutcome("printed", "fence")
        assert printer.papers == [["A002"]]
    finally:
        printer.stub.stop()


def test_a_printer_behind_a_serial_port_prints_and_comes_back(watch: Callable[[Device], Watched]) -> None:
    printer = Printer(PrinterStub(usb.acm(), speed=0), "serial", watch)
    try:
        printer.probed()
        assert printer.print("A003").result == "printed"
        printer.stub.set_fault("unplug", True)
        printer.watched.becomes(DeviceState.ABSENT)
        assert printer.print("A004").result == "failed"
        printer.stub.set_fault("unplug", False)
        printer.watched.becomes(DeviceState.ONLINE)
        assert printer.print("A005").result == "printed"
        assert printer.papers == [["A003"], ["A005"]]
    finally:
        printer.stub.stop()


def test_no_paper_is_a_fault_and_not_an_unplug(usblp: Printer) -> None:
    usblp.probed()
    usblp.stub.set_fault("paper_out", True)
    usblp.watched.becomes(DeviceState.FAULT)
    assert "paper_out" in usblp.watched.device.status.faults
    assert usblp.print("A006") == PrintOutcome("failed", "none", "paper_out")
    usblp.stub.set_fault("paper_out", False)
    usblp.watched.becomes(DeviceState.ONLINE)
    assert usblp.print("A007").result == "printed"
    assert usblp.papers == [["A007"]]
    assert DeviceState.ABSENT not in usblp.watched.states


def test_paper_that_ends_in_the_middle_of_a_ticket_costs_that_ticket_only(usblp: Printer) -> None:
    """What the printer still had of it is thrown away, so it surely failed, and is whole when printed again."""
    lines = [f"line {number}" for number in range(40)]
    usblp.probed()
    usblp.stub.set_fault("slow", 200)
    ending = threading.Timer(1.0, usblp.stub.set_fault, ("paper_out", True))
    ending.start()
    outcome = usblp.print(*lines)
    ending.join()
    assert outcome.result == "failed"
    usblp.stub.set_fault("slow", False)
    usblp.stub.set_fault("paper_out", False)
    usblp.watched.becomes(DeviceState.ONLINE)
    assert usblp.print(*lines).result == "printed"
    assert usblp.papers.count(lines) == 1


def test_a_printer_that_takes_nothing_does_not_hang_us(usblp: Printer) -> None:
    usblp.probed()
    usblp.stub.set_fault("slow", 100)
    began = time.monotonic()
    outcome = usblp.send(LONG, timeout_s=3.0)
    assert outcome.result == "unknown"
    assert outcome.detail.startswith("write timed out after")
    assert time.monotonic() - began < 10


def test_unplugged_in_the_middle_of_a_ticket_is_unknown_at_once(usblp: Printer) -> None:
    usblp.probed()
    usblp.stub.set_fault("slow", 2000)
    pulled = threading.Timer(1.0, usblp.stub.set_fault, ("unplug", True))
    pulled.start()
    began = time.monotonic()
    outcome = usblp.send(LONG)
    assert outcome.result == "unknown"
    assert time.monotonic() - began < 10, "it did not wait for its time to be over"
    pulled.join()
    usblp.watched.becomes(DeviceState.ABSENT)
    assert usblp.print("A009").result == "failed"


def test_it_comes_back_where_it_was(usblp: Printer) -> None:
    for number in range(2):
        usblp.stub.set_fault("unplug", True)
        usblp.watched.becomes(DeviceState.ABSENT)
        usblp.stub.set_fault("unplug", False)
        usblp.watched.becomes(DeviceState.ONLINE)
        usblp.probed()
        assert usblp.print(f"B00{number}") == PrintOutcome("printed", "fence")
    assert usblp.papers == [["B000"], ["B001"]]


def test_a_printer_that_another_program_holds_is_absent_until_it_lets_go(
    usblp: Printer, watch: Callable[[Device], Watched]
) -> None:
    usblp.watched.stop()
    other = os.open(usblp.stub.end.address, os.O_RDWR)
    watched = watch(EscPosPrinter("printer", f"usb-lp://{usblp.stub.end.address}", PROFILE))
    watched.becomes(DeviceState.ABSENT)
    assert watched.device.status.detail == "Device or resource busy"
    os.close(other)
    watched.becomes(DeviceState.ONLINE)

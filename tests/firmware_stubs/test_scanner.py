"""The scanner stub, and on it the faults that any cable may have."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_stubs.evaluator import EvaluatorStub
from firmware_stubs.ledbar import LedBarStub
from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.modem import ModemStub
from firmware_stubs.printer import PrinterStub
from firmware_stubs.refusal import RefusedError
from firmware_stubs.scanner import ScannerStub


@pytest.mark.parametrize(("ending", "sent"), [("cr", b"A1\r"), ("lf", b"A1\n"), ("crlf", b"A1\r\n"), ("none", b"A1")])
def test_a_scan_on_the_wire(tmp_path: Path, serial_host: Callable, ending: str, sent: bytes) -> None:
    with ScannerStub(PtyEnd(tmp_path / "scanner"), ending=ending) as scanner:
        host = serial_host(str(tmp_path / "scanner"), 0.2)
        host.write(b"hello?")
        scanner.press("A1")
        assert host.read(len(sent)) == sent
        assert host.silent()
        assert scanner.state()["last_scan"] == "A1"


@pytest.mark.parametrize("key", ["", "x" * 4001])
def test_what_no_code_holds(key: str) -> None:
    with pytest.raises(RefusedError):
        ScannerStub(TcpEnd()).press(key)


def test_faults_of_any_cable(tmp_path: Path, serial_host: Callable) -> None:
    path = tmp_path / "scanner"
    with ScannerStub(PtyEnd(path)) as scanner:
        host = serial_host(str(path), 0.3)
        scanner.set_fault("half")
        scanner.press("1234567")
        assert host.read(4) == b"1234" and host.silent()
        scanner.set_fault("half", False)
        scanner.set_fault("wrong_baud")
        scanner.press("1234567")
        garbled = host.read(6)
        assert garbled != b"123456" and host.silent()
        scanner.set_fault("wrong_baud", False)
        scanner.set_fault("mute")
        scanner.press("1234567")
        assert host.silent()
        scanner.set_fault("mute", False)
        scanner.set_fault("loss", 1)
        scanner.press("1234567")
        assert host.silent()


def test_a_delay_keeps_the_order_and_a_pulled_cable_loses_what_is_on_the_way(
    tmp_path: Path, serial_host: Callable
) -> None:
    path = tmp_path / "scanner"
    with ScannerStub(PtyEnd(path)) as scanner:
        host = serial_host(str(path))
        scanner.set_fault("delay", 0.2)
        began = time.monotonic()
        scanner.press("1")
        scanner.set_fault("delay", False)
        scanner.press("2")
        assert host.read(4) == b"1\r2\r"
        assert time.monotonic() - began >= 0.2
        scanner.set_fault("delay", 0.1)
        scanner.press("3")
        scanner.set_fault("unplug")
        scanner.set_fault("unplug", False)
        scanner.set_fault("delay", False)
        again = serial_host(str(path), 0.3)
        assert again.silent()
        scanner.press("4")
        assert again.read(2) == b"4\r"


@pytest.mark.parametrize("kind", [EvaluatorStub, LedBarStub, ModemStub, PrinterStub, ScannerStub])
def test_every_kind_has_them(kind: type) -> None:
    faults = kind(TcpEnd()).state()["faults"]
    assert {"unplug", "delay", "loss", "garbage", "half", "wrong_baud", "mute"} <= set(faults)


def test_a_delay_has_an_end() -> None:
    with pytest.raises(RefusedError, match="60"):
        ScannerStub(TcpEnd()).set_fault("delay", 61)

"""Pulled out and put back a hundred times, against the stubs at the far end of real ptys and TCP ports.

No press is lost, no descriptor and no thread is left over, the log has one line for each loss and one for each
return, and while the device is away the processor rests.
"""

import threading
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from devices.base import DeviceState
from devices.bus import Member, one_owner_per_line
from devices.escpos.compose import compose
from devices.escpos.driver import EscPosPrinter
from devices.escpos.profile import load_profile as load_printer
from devices.evaluator import open_evaluator
from devices.evaluator.keyboard import KeyboardEvaluator
from devices.evaluator.profile import load_profile
from devices.ledbar import open_bar
from devices.paper import Cut, Text
from devices.scanner import open_scanner
from devices.supervisor import Retry, Supervisor
from devices.transport import address
from firmware_stubs.evaluator import EvaluatorStub
from firmware_stubs.ledbar import LedBarStub
from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.printer import PrinterStub
from firmware_stubs.scanner import ScannerStub

TIMES = 100
RETRY = Retry(waits_s=(0.005,))
ONLY_BY_PLUG = Retry(waits_s=(60.0,))
"""What appears in the file system is noticed; whoever waits for the next try does not pass."""
KEYS = ("satisfied", "basically_satisfied", "dissatisfied")
TICKET = compose((Text("A001"), Cut()), load_printer("generic-80"))


class Bench:
    """One device on one cable, pulled out. `use` does what a hall does with it, and waits until that is done."""

    def __init__(self, stub, driver, wait):
        self.stub, self.driver, self.wait = stub, driver, wait
        stub.set_fault("unplug")
        stub.start()

    def plug(self):
        self.stub.set_fault("unplug", False)

    def unplug(self):
        self.stub.set_fault("unplug")

    def close(self):
        self.stub.stop()


class PrinterBench(Bench):
    def __init__(self, end, url, wait):
        super().__init__(PrinterStub(end, speed=0), EscPosPrinter(url, url), wait)

    def use(self, n):
        assert self.driver.print_job(TICKET).result == "printed"

    def all_arrived(self):
        return self.stub.state()["papers"] == TIMES


class PadBench(Bench):
    def __init__(self, end, url, wait):
        self.heard = []
        super().__init__(EvaluatorStub(end, resend_s=0.05), open_evaluator(url, url, "ff68", self.heard.append), wait)

    def use(self, n):
        self.stub.press(KEYS[n % 3])
        self.wait(lambda: self.stub.state()["pending"] is None)

    def all_arrived(self):
        return [press.label for press in self.heard] == [KEYS[n % 3] for n in range(TIMES)]


class BarBench(Bench):
    def __init__(self, end, url, wait):
        super().__init__(LedBarStub(end), open_bar(url, url), wait)

    def use(self, n):
        self.driver.show(f"A{n:03}")
        self.wait(lambda: self.stub.text == f"A{n:03}")

    def all_arrived(self):
        return self.stub.text == f"A{TIMES - 1:03}"


class ScannerBench(Bench):
    def __init__(self, end, url, wait):
        self.heard = []
        super().__init__(ScannerStub(end), open_scanner(url, url, self.heard.append), wait)

    def use(self, n):
        self.stub.press(f"scan {n}")
        self.wait(lambda: len(self.heard) == n + 1)

    def all_arrived(self):
        return self.heard == [f"scan {n}" for n in range(TIMES)]


class KeyboardBench:
    """The kernel's device is a pipe; its name below /dev/input comes and goes as udev's link does."""

    def __init__(self, port, wait):
        self.port, self.wait, self.heard = port, wait, []
        profile = load_profile("hid_keyboard")
        self.driver = KeyboardEvaluator(
            "pad", "evdev:by-path/x-event-kbd", profile, self.heard.append, open_device=port.open
        )
        self.plug, self.unplug, self.close = port.plug, port.unplug, lambda: None

    def use(self, n):
        self.port.device.type(2 + n % 3)
        self.wait(lambda: len(self.heard) == n + 1)

    def all_arrived(self):
        return [press.label for press in self.heard] == [KEYS[n % 3] for n in range(TIMES)]


def on_pty(kind):
    def make(folder, wait, port):
        path = folder / f"tty-{kind.__name__}"
        return kind(PtyEnd(path), f"serial://{path}?baudrate=115200", wait)

    return make


def on_tcp(kind):
    def make(folder, wait, port):
        end = TcpEnd()
        end.unplug()  # reserves the port
        return kind(end, f"tcp://{end.address}", wait)

    return make


BENCHES = {
    "printer on a serial line": on_pty(PrinterBench),
    "printer on the network": on_tcp(PrinterBench),
    "evaluator on a serial line": on_pty(PadBench),
    "evaluator on a serial server": on_tcp(PadBench),
    "led bar on a serial line": on_pty(BarBench),
    "led bar on the network": on_tcp(BarBench),
    "scanner on a serial line": on_pty(ScannerBench),
    "keyboard evaluator": lambda folder, wait, port: KeyboardBench(port(folder / "by-path/x-event-kbd"), wait),
}


@pytest.fixture
def bench(tmp_path, wait, monkeypatch, input_port):
    monkeypatch.setattr(address, "INPUT", tmp_path)
    monkeypatch.setattr("devices.escpos.driver.IDLE_S", 0.01)  # how soon a loss is noticed, not how it is handled
    monkeypatch.setattr("devices.bus.TICK_S", 0.01)
    made = []

    def make(kind):
        made.append(BENCHES[kind](tmp_path, wait, input_port))
        return made[-1]

    yield make
    for one in made:
        one.close()


def owners(cable):
    """As a hall runs them: a device on a line that may be shared is run by the owner of the line."""
    return one_owner_per_line([cable.driver]) if isinstance(cable.driver, Member) else [cable.driver]


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def states(logs):
    return [entry["event"] for entry in logs if entry["event"].startswith("device ")]


@pytest.mark.parametrize("kind", BENCHES)
def test_a_hundred_times(kind, bench, wait):
    cable = bench(kind)
    files, others, held = open_files(), set(threading.enumerate()), []  # some of earlier tests' may still be ending

    def ours():
        return set(threading.enumerate()) - others

    supervisor = Supervisor(owners(cable), retry=RETRY if cable.driver.url.startswith("tcp:") else ONLY_BY_PLUG)
    with capture_logs() as logs:
        supervisor.start()
        for n in range(TIMES):
            cable.plug()
            wait(lambda: cable.driver.status.state is DeviceState.ONLINE)
            cable.use(n)
            held.append((open_files(), len(ours())))
            cable.unplug()
            wait(lambda: cable.driver.status.state is DeviceState.ABSENT)
        wait(lambda: len(states(logs)) >= 2 * TIMES + (states(logs)[0] == "device lost"))
        supervisor.stop()
    assert "".join(states(logs)).removeprefix("device lost") == "device readydevice lost" * TIMES
    assert cable.all_arrived()
    assert cable.driver.counters.reconnects == TIMES - 1
    assert held[-1][0] <= held[0][0] + 2 and held[-1][1] <= held[0][1] + 2  # a stub's timer may still be ending
    assert open_files() <= files
    assert not ours()


def test_all_away_and_the_processor_rests(bench, wait):
    """With the waits of a real hall, ten milliseconds of it in half a second, all of them together."""
    cables = [bench(kind) for kind in BENCHES]
    supervisor = Supervisor(owner for cable in cables for owner in owners(cable))
    with capture_logs():
        supervisor.start()
        wait(lambda: {cable.driver.status.state for cable in cables} == {DeviceState.ABSENT})
        cpu = time.process_time()
        threading.Event().wait(0.5)
        used = time.process_time() - cpu
        supervisor.stop()
    assert used < 0.02

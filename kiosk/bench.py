"""The devices of this machine while they run: each line by itself, so that one may change while the others go on.

`apply` compares what shall hang here with what does. A line that stays as it is is not touched; any other is ended
and begun anew. The rest of the agent holds on to the parts of the bench and never to a driver.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from devices.base import Device, DeviceState, DeviceStatus, LateListener, Press, PrintOutcome, Scanner
from devices.escpos.driver import EscPosPrinter
from devices.evaluator import AnyPad
from devices.evaluator.pad import LinePad
from devices.evaluator.rules import RATINGS
from devices.scanner import open_scanner
from devices.supervisor import ChangeListener, Supervisor
from kiosk.call_pad import CallPad
from kiosk.client import Client
from kiosk.config import CallPadConfig, EvaluatorConfig, KioskConfig, PrinterConfig, ScannerConfig
from kiosk.pads import OnPress, Pads, placed
from kiosk.rating import Pad
from server.contract.machines import Hanging

PRINTER = "printer"
SWAP_S = 15.0
"""Longer than a ticket is printed: it is not torn in two because an admin changes a port."""


class PrinterPlace:
    """`devices.base.TicketPrinter` wherever one hangs now; absent while none does."""

    def __init__(self) -> None:
        self._printing = threading.Lock()
        self._printer: EscPosPrinter | None = None
        self.config: PrinterConfig | None = None

    @property
    def status(self) -> DeviceStatus:
        printer = self._printer
        return (
            printer.status if printer else DeviceStatus(DeviceState.ABSENT, detail="没有设置打印机 / no printer set")
        )

    @property
    def driver(self) -> EscPosPrinter | None:
        return self._printer

    def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: LateListener | None = None) -> PrintOutcome:
        with self._printing:
            if self._printer is None:
                return PrintOutcome("failed", "status", "no printer")
            return self._printer.print_job(data, timeout_s, on_late)

    def put(self, printer: EscPosPrinter | None, config: PrinterConfig | None) -> None:
        """Another printer, or none, once the ticket in hand is printed."""
        waited = self._printing.acquire(timeout=SWAP_S)
        self._printer, self.config = printer, config
        if waited:
            self._printing.release()


@dataclass(frozen=True)
class Plan:
    """What hangs on one line. Equal plans are the same line, which goes on."""

    printer: PrinterConfig | None = None
    evaluators: tuple[EvaluatorConfig, ...] = ()
    call_pads: tuple[CallPadConfig, ...] = ()
    scanner: tuple[int, ScannerConfig] | None = None

    def __hash__(self) -> int:  # a call pad's `transfer` has none
        return hash((self.printer and self.printer.url, self.evaluators, self.scanner))


@dataclass
class Line:
    """A plan at work."""

    supervisor: Supervisor
    printer: EscPosPrinter | None = None
    pads: Pads = field(default_factory=Pads)
    scanner: Scanner | None = None


@dataclass(frozen=True)
class Test:
    """The keys of one device are shown and rate and call nothing: `on_press` gets them instead."""

    device: str
    on_press: Callable[[Press], None]


class Bench:
    def __init__(
        self,
        on_rating: OnPress,
        on_key: OnPress,
        on_scan: Callable[[str], None],
        on_change: ChangeListener,
        invited: Callable[[str], bool],
    ) -> None:
        """`invited`: a citizen is asked to rate at this window, so that its keys are that citizen's and no test's."""
        self._on_rating, self._on_key, self._on_scan = on_rating, on_key, on_scan
        self._on_change, self._invited = on_change, invited
        self._lines: list[tuple[Plan, Line]] = []
        self._started = False
        self._test: Test | None = None
        self.printer = PrinterPlace()
        self.evaluators: dict[str, Pad] = {}
        self.call_pads: dict[str, CallPad] = {}

    def apply(self, config: KioskConfig) -> None:
        """Let the devices be those of `config`. Raises `ConfigError` and changes nothing when they cannot be."""
        placed(config, self._on_rating, self._on_key)  # refuses by the names of the file's sections
        plans = list(_plans(config))
        going = [(plan, line) for plan, line in self._lines if plan in plans]
        fresh = [(plan, self._made(plan, config)) for plan in plans if plan not in [old for old, _ in going]]
        ending = [line for plan, line in self._lines if plan not in plans]
        self._lines = going + fresh
        self._put(config)
        for line in ending:
            line.supervisor.stop()
        if self._started:
            for _, line in fresh:
                line.supervisor.start()

    def start(self) -> None:
        self._started = True
        for _, line in self._lines:
            line.supervisor.start()

    def stop(self) -> None:
        threads = [threading.Thread(target=line.supervisor.stop) for _, line in self._lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def scanners(self) -> list[Scanner]:
        return [line.scanner for _, line in self._lines if line.scanner]

    def hanging(self) -> Iterator[Hanging]:
        """Each device under the name and kind that its health has."""
        for plan, line in list(self._lines):
            if plan.printer and line.printer:
                yield Hanging(PRINTER, "printer", plan.printer.url, plan.printer.profile_name)
            for one in plan.evaluators:
                yield Hanging(
                    line.pads.evaluators[one.window].name, "evaluator", one.url, one.profile, one.window
                )  # fmt: skip
            for other in plan.call_pads:
                yield Hanging(
                    line.pads.call_pads[other.window].name, "call_pad", other.url, other.profile, other.window
                )  # fmt: skip
            if plan.scanner and line.scanner:
                yield Hanging(line.scanner.name, "scanner", plan.scanner[1].url)

    def pad(self, name: str) -> AnyPad | None:
        """The evaluator or call pad of this name."""
        return next((pad for _, line in self._lines for pad in _pads(line) if pad.name == name), None)

    def window_of(self, name: str) -> str:
        return next((one.window for one in self.hanging() if one.name == name), "")

    @contextmanager
    def testing(
        self, pad: AnyPad, on_bytes: Callable[[bytes], None], on_press: Callable[[Press], None]
    ) -> Iterator[None]:
        """Its keys rate and call nothing meanwhile, but for a citizen who is asked to rate. Of a line that several
        pads share only this one's frames are told: the others' are other windows' citizens'."""
        alone = all(len(_pads(line)) == 1 for _, line in self._lines if pad in _pads(line))
        self._test = Test(pad.name, on_press)
        if alone:
            pad.on_bytes = on_bytes
        else:
            pad.on_frame = on_bytes
        try:
            yield
        finally:
            pad.on_bytes = pad.on_frame = None
            self._test = None

    # ── inside ──

    def _made(self, plan: Plan, config: KioskConfig) -> Line:
        devices: list[Device] = []
        printer = EscPosPrinter(PRINTER, plan.printer.url, plan.printer.profile) if plan.printer else None
        if printer:
            devices.append(printer)
        mine = replace(config, printer=None, evaluators=plan.evaluators, call_pads=plan.call_pads, scanners=())
        pads = placed(mine, self._rated, self._pressed)
        scanner = self._scanner(*plan.scanner) if plan.scanner else None
        if scanner:
            devices.append(scanner)
        return Line(Supervisor([*devices, *pads.devices], self._on_change), printer, pads, scanner)

    def _scanner(self, n: int, entry: ScannerConfig) -> Scanner:
        return open_scanner(f"scanner-{n + 1}", entry.url, self._on_scan, end=entry.end)

    def _put(self, config: KioskConfig) -> None:
        """What is new stands before what is old goes, so that no press finds its window without a pad."""
        printer = next((line.printer for _, line in self._lines if line.printer), None)
        if printer is not self.printer.driver:
            self.printer.put(printer, config.printer)
        server = config.server
        evaluators, call_pads = dict[str, Pad](), dict[str, CallPad]()
        for plan, line in self._lines:
            for one in plan.evaluators:
                pad = line.pads.evaluators[one.window]
                evaluators[one.window] = self._kept(pad) or Pad(pad, Client(server, one.token))
            for other in plan.call_pads:
                device = line.pads.call_pads[other.window]
                known = self.call_pads.get(other.window)
                same = known and known.device is device
                call_pads[other.window] = (
                    known if known and same else CallPad(device, Client(server, other.token), other.transfer)
                )
        for now, then in ((self.evaluators, evaluators), (self.call_pads, call_pads)):
            now.update(then)  # type: ignore[arg-type]  # each pair is of one kind, which the loop's type cannot say
            for window in now.keys() - then.keys():
                del now[window]

    def _kept(self, device: AnyPad) -> Pad | None:
        return next((pad for pad in self.evaluators.values() if pad.evaluator is device), None)

    def _rated(self, window: str, press: Press) -> None:
        if not self._tested(window, press):
            self._on_rating(window, press)

    def _pressed(self, window: str, press: Press) -> None:
        if not self._tested(window, press):
            self._on_key(window, press)

    def _tested(self, window: str, press: Press) -> bool:
        """Whether this press is the test's. What a citizen is asked for never is."""
        test = self._test
        if test is None or self.window_of(test.device) != window:
            return False
        if press.label in RATINGS and self._invited(window):
            return False
        test.on_press(press)
        return True


def _pads(line: Line) -> list[AnyPad]:
    return list({pad.name: pad for pad in (*line.pads.evaluators.values(), *line.pads.call_pads.values())}.values())


def _plans(config: KioskConfig) -> Iterator[Plan]:
    if config.printer:
        yield Plan(printer=config.printer)
    for url in dict.fromkeys(one.url for one in (*config.evaluators, *config.call_pads)):
        yield Plan(
            evaluators=tuple(one for one in config.evaluators if one.url == url),
            call_pads=tuple(one for one in config.call_pads if one.url == url),
        )
    for n, scanner in enumerate(config.scanners):
        yield Plan(scanner=(n, scanner))


def shows_lights(pad: AnyPad) -> bool:
    return isinstance(pad, LinePad) and pad.lights

"""What a driver is, in types. Absence is a state: a driver never raises because its device is away."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol


class DeviceState(StrEnum):
    """ABSENT: does not answer or is unplugged. FAULT: answers, and something is wrong."""

    STARTING = "starting"
    ONLINE = "online"
    ABSENT = "absent"
    FAULT = "fault"


@dataclass(frozen=True)
class DeviceStatus:
    """`faults` are stable words: paper_out, paper_low, cover_open, cutter, offline, error."""

    state: DeviceState
    faults: frozenset[str] = frozenset()
    detail: str = ""


@dataclass
class Counters:
    """Since the agent started; only ever growing. The device's own thread counts, any thread may read.

    `resyncs`: times that bytes had to be thrown away to find the next frame. `last_seen`: when the device last
    said anything, in seconds of `time.monotonic()`; None while it never did.
    """

    bytes_in: int = 0
    bytes_out: int = 0
    frames: int = 0
    resyncs: int = 0
    reconnects: int = 0
    last_seen: float | None = None


@dataclass(frozen=True)
class PrintOutcome:
    """`unknown` means bytes went out and nothing came back: a person decides, nobody prints again blindly.

    `confidence` says what `result` rests on: "fence" (the printer said it finished this very job), "status"
    (a queued status reply came after it), or "none" (the bytes were taken, no more is known).
    """

    result: Literal["printed", "failed", "unknown"]
    confidence: Literal["fence", "status", "none"]
    detail: str = ""


@dataclass(frozen=True)
class Press:
    """One valid press on an evaluator. `label` is a rating label ("satisfied"), `raw` the key's own bytes."""

    label: str
    raw: bytes


LateListener = Callable[[PrintOutcome], None]
PressListener = Callable[[Press], None]
ScanListener = Callable[[str], None]
"""Called in the driver's thread with what was scanned: one line, any characters, at most 512 of them."""
StatusListener = Callable[[str, DeviceStatus], None]
"""Called with the device's name in the device's own thread, in the order of the changes; must return at once."""


class Device(Protocol):
    """Common to all drivers; the supervisor owns the thread that calls `run`."""

    name: str
    url: str
    """Tells the supervisor where to look for the device when it is plugged in again; "" when nowhere."""
    counters: Counters
    on_status: StatusListener
    """Set by the supervisor, before `run`."""

    @property
    def status(self) -> DeviceStatus: ...

    def run(self, stopping: Callable[[], bool]) -> None:
        """Connect and serve until the device is lost (raises `devices.transport.Lost`) or `stopping()`."""
        ...


class TicketPrinter(Device, Protocol):
    def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: LateListener | None = None) -> PrintOutcome:
        """Print one composed ticket and wait for what the printer says of it. Safe from any thread.

        "failed" is said only when it is sure that no paper with the whole job came out or ever will. After "unknown"
        `on_late` may be called, once, from the printer's thread, when the printer says later that it did print.
        """
        ...


class Evaluator(Device, Protocol):
    def prompt(self) -> None:
        """Light up and ask for a rating; does nothing while the device is away."""
        ...

    def thank(self) -> None:
        """Show or sound that the press was received."""
        ...


class Scanner(Device, Protocol):
    """Tells its `ScanListener`; nothing can be asked of it."""


class LedBar(Device, Protocol):
    def show(self, text: str) -> None:
        """Set the text the bar is to show, "" for a dark one. Kept while the bar is away and sent when it is back."""
        ...

    def dim(self, percent: int) -> None:
        """Brightness from 1 to 100, kept likewise; nothing where this make of bar knows no such command."""
        ...

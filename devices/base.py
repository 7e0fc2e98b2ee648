"""What a driver is, in types. Absence is a state: a driver never raises because its device is away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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
    """`faults` are stable words: paper_out, paper_low, cover_open, cutter, offline, error; of a modem sim_missing,
    sim_error, pin_wanted, not_registered, no_signal."""

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


@dataclass(frozen=True)
class SmsPart:
    """What became of one part of a message.

    "taken": the network has it, under `reference`, which does not mean that it is delivered. "refused": it surely was
    not sent, and `code` is what the modem said ("+CMS ERROR: 38"; "" when it was the driver). "unknown": the modem
    got it and did not say. "not_tried": a part before it was not taken. `zh` and `en` say why, "" for a taken one.
    """

    result: Literal["taken", "refused", "unknown", "not_tried"]
    reference: int | None = None
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class SmsOutcome:
    """One for each part, in their order. Who sends the message again sends all of it, also what was taken before."""

    parts: tuple[SmsPart, ...]

    @property
    def result(self) -> Literal["sent", "failed", "unknown"]:
        """ "failed": the receiver will not have the whole text, but perhaps the parts before `failed_part`."""
        if self.failed_part is None:
            return "sent"
        return "unknown" if all(part.result in ("taken", "unknown") for part in self.parts) else "failed"

    @property
    def failed_part(self) -> int | None:
        """The first part that was not taken, counted from 1."""
        return next((number for number, part in enumerate(self.parts, 1) if part.result != "taken"), None)


@dataclass(frozen=True)
class ReceivedSms:
    """A text from a phone. The same may be handed over twice, after a crash or by the network: it is the same when
    `sender`, `sent_at`, `reference` and, for one without a reference, `text` are.

    `sender` begins with "+" when it came in the international form; it may be letters, or empty. `sent_at` is the
    service centre's time with its zone, None when it gave none. `reference` is the sender's own, None for a message
    that came in one piece. When not `complete`, parts were missing for too long: `text` is what came, in its order.
    """

    sender: str
    text: str
    sent_at: datetime | None
    reference: int | None
    complete: bool = True


LateListener = Callable[[PrintOutcome], None]
PressListener = Callable[[Press], None]
ScanListener = Callable[[str], None]
"""Called in the driver's thread with what was scanned: one line, any characters, at most 512 of them."""
SmsListener = Callable[[ReceivedSms], None]
"""Called in the driver's thread. Once it has returned, the modem's store is cleared of the message: keep it durably
before. One that raises is called again with the same message later."""
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


class Printing(Protocol):
    """What prints, whichever printer that is just now."""

    @property
    def status(self) -> DeviceStatus: ...

    def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: LateListener | None = None) -> PrintOutcome:
        """Print one composed ticket and wait for what the printer says of it. Safe from any thread.

        "failed" is said only when it is sure that no paper with the whole job came out or ever will. After "unknown"
        `on_late` may be called, once, from the printer's thread, when the printer says later that it did print.
        """
        ...


class TicketPrinter(Device, Printing, Protocol):
    """A printer of its own thread."""


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


class SmsModem(Device, Protocol):
    """Tells its `SmsListener` what phones wrote."""

    def send(self, number: str, text: str, *, valid_minutes: int = 60, timeout_s: float = 60.0) -> SmsOutcome:
        """Send one text, in as many parts as it takes, and wait for what the network says. Safe from any thread.

        The network drops what it could not deliver within `valid_minutes`. No part is begun after `timeout_s`; one
        that is under way may take a minute longer. Raises `devices.sms.numbers.UnsendableError`, a `ValueError` with
        a sentence in Chinese and in English, for a number or text that never can be sent, and nothing else.
        """
        ...

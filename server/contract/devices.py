"""What a client machine reports of its devices (`POST /api/v1/devices/health`)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class DeviceHealth:
    """`state`: starting, online, absent or fault; the server refuses any other. `faults`: stable words such as
    paper_out, cover_open, paper_low.

    The counts are since the machine's program started, and start anew with it. `silent_s`: whole seconds since the
    device last said anything, None while it never did; an age and no moment, for machines' clocks differ.
    """

    name: str
    kind: str
    state: str
    faults: tuple[str, ...] = ()
    detail: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    frames: int = 0
    resyncs: int = 0
    reconnects: int = 0
    silent_s: int | None = None


NO_PAPER_FAULTS = frozenset({"paper_out", "cover_open", "cutter", "offline", "error"})
"""A printer that says one of these prints nothing."""

COUNTS = ("bytes_in", "bytes_out", "frames", "resyncs", "reconnects")


class Status(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def faults(self) -> frozenset[str]: ...
    @property
    def detail(self) -> str: ...


class Counters(Protocol):
    """COUNTS, and when the device last said anything, in seconds of the clock that gives `now`."""

    bytes_in: int
    bytes_out: int
    frames: int
    resyncs: int
    reconnects: int
    last_seen: float | None


class Reported(Protocol):
    """What is reported of a device, whatever drives it."""

    name: str

    @property
    def counters(self) -> Counters: ...
    @property
    def status(self) -> Status: ...


def health(device: Reported, kind: str, now: float) -> DeviceHealth:
    """`now` is of the clock of `device.counters.last_seen`: `time.monotonic()`."""
    status, counters = device.status, device.counters
    return DeviceHealth(
        device.name,
        kind,
        str(status.state),
        tuple(sorted(status.faults)),
        status.detail[:200],
        silent_s=None if counters.last_seen is None else max(int(now - counters.last_seen), 0),
        **{count: getattr(counters, count) for count in COUNTS},
    )


@dataclass(frozen=True)
class HealthReport:
    request_id: str
    devices: tuple[DeviceHealth, ...]


@dataclass(frozen=True)
class PrinterAlarm:
    """The ticket printer of the machine `machine` (its token's name) wants a hand; words as in `DeviceHealth`."""

    machine: str
    state: str
    faults: tuple[str, ...]

"""What a client machine reports of its devices (`POST /api/v1/devices/health`)."""

from dataclasses import dataclass


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


COUNTS = ("bytes_in", "bytes_out", "frames", "resyncs", "reconnects")


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

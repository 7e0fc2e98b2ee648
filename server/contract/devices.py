"""What a client machine reports of its devices (`POST /api/v1/devices/health`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceHealth:
    """`state`: starting, online, absent or fault; the server refuses any other. `faults`: stable words such as
    paper_out, cover_open, paper_low."""

    name: str
    kind: str
    state: str
    faults: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class HealthReport:
    request_id: str
    devices: tuple[DeviceHealth, ...]

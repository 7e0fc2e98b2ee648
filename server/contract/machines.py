"""What hangs at a kiosk or a display: what an admin binds there, what the machine says of itself, and small jobs for
it.

A kiosk whose kiosk.toml names devices keeps to its file (`source` is "machine"); any other takes them from here. A
display takes bars from both: those of its file are `fixed`.
"""

from dataclasses import dataclass
from enum import StrEnum

HANGS = {"kiosk": ("printer", "evaluator", "call_pad", "scanner"), "display": ("ledbar",)}
"""What may be bound at each kind of machine."""


class JobKind(StrEnum):
    """A test page; the evaluator's light and voice; its keys, shown and never rated; a new pad's keys, learned; a
    text on a bar."""

    PRINT = "print"
    LIGHT = "light"
    KEYS = "keys"
    LEARN = "learn"
    SHOW = "show"


class JobState(StrEnum):
    """`lost`: the machine did not fetch it, or did not tell how it ended, in time."""

    ASKED = "asked"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"


@dataclass(frozen=True)
class Port:
    """A place where a device hangs: the URL to write for it, and what people know it by. `usb` is the kernel's name
    of the USB port, such as 1-1.2, "" for none; `product` and `serial` are what the device calls itself."""

    url: str
    node: str
    usb: str = ""
    product: str = ""
    serial: str = ""


@dataclass(frozen=True)
class Hanging:
    """A device as the machine runs it now, by the name under which it reports its health. `fixed`: a display's own
    file names it, beside what is bound; `address` is then its own on its line."""

    name: str
    kind: str
    url: str
    profile: str = ""
    window: str = ""
    address: int = 0
    fixed: bool = False


@dataclass(frozen=True)
class BarProfile:
    """A make of LED bar. Addresses go from 0 to `highest`, without those of `never`; 0 is a make that knows none, of
    which a line has one."""

    name: str
    highest: int
    never: tuple[int, ...] = ()


@dataclass(frozen=True)
class MachineReport:
    """`printers`, `pads` and `bars` are the profiles that the machine has; `trouble` says, by the binding's code,
    why one of what the server gave it is not in use."""

    request_id: str
    version: str
    source: str
    ports: tuple[Port, ...] = ()
    devices: tuple[Hanging, ...] = ()
    printers: tuple[str, ...] = ()
    pads: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    trouble: tuple["Trouble", ...] = ()
    bars: tuple[BarProfile, ...] = ()


@dataclass(frozen=True)
class Trouble:
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class BindDevice:
    """`kind` is one of `HANGS`; evaluator, call_pad and ledbar have a `window`. `name` is for people.
    `columns` None is the printer profile's own width. `scan_end`: "line" or "gap", on a serial line."""

    request_id: str
    kind: str
    url: str
    name: str = ""
    profile: str = ""
    window: str | None = None
    address: int = 1
    columns: int | None = None
    scan_end: str = "line"
    transfer_queue: str | None = None
    transfer_window: str | None = None


@dataclass(frozen=True)
class Bound:
    """A binding as its machine is told. `claimed`: its own token, of an evaluator or a call pad, was fetched."""

    code: str
    kind: str
    url: str
    profile: str
    window: str | None
    address: int
    columns: int | None
    scan_end: str
    transfer_queue: str | None
    transfer_window: str | None
    claimed: bool


@dataclass(frozen=True)
class OwnProfile:
    """A profile that was learned in this hall, as the lines of its file."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class MachineJob:
    """`device` names one of the report's; learning has a `url` instead, and a `title` for what it learns."""

    code: str
    kind: JobKind
    seconds: int
    device: str = ""
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Orders:
    devices: tuple[Bound, ...]
    profiles: tuple[OwnProfile, ...]
    jobs: tuple[MachineJob, ...]


@dataclass(frozen=True)
class DeviceSecret:
    """Shown once; asking again makes a new one and ends the one before."""

    token: str


@dataclass(frozen=True)
class AskJob:
    request_id: str
    kind: JobKind
    device: str = ""
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class JobLine:
    """What a device said (`raw` in hex; `word` what it means, "" for nothing known). Without `raw`: press a key now,
    this one where it has a `word`."""

    word: str = ""
    raw: str = ""


@dataclass(frozen=True)
class JobProgress:
    request_id: str
    lines: tuple[JobLine, ...]


@dataclass(frozen=True)
class JobGoes:
    """`on` false: nobody looks any more."""

    on: bool


@dataclass(frozen=True)
class JobResult:
    """`lines` is the profile that was learned."""

    request_id: str
    well: bool
    zh: str
    en: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobView:
    code: str
    machine: str
    kind: JobKind
    device: str
    state: JobState
    seen: tuple[JobLine, ...]
    zh: str
    en: str
    profile: tuple[str, ...]


@dataclass(frozen=True)
class KeepProfile:
    """Store what the job `job` learned under `name`."""

    request_id: str
    job: str
    name: str

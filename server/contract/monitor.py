"""The hall at one moment as supervisors see it, now or in a replay. Nothing of any rating is in it."""

from dataclasses import dataclass
from datetime import date, datetime

from server.contract.alarms import Alarm
from server.contract.tickets import Wait


@dataclass(frozen=True)
class QueueCell:
    """A queue at one moment. `lanes` counts who waits, by lane, and leaves out empty lanes. `oldest` is the number of
    who has waited longest and `oldest_id` names it; its waiting began at `oldest_from`, to which earlier time spent
    waiting is added, so that a call that was undone does not make it look new. `called`: tickets of today that are in
    this queue and were called."""

    waiting: int = 0
    lanes: dict[str, int] | None = None
    oldest: str = ""
    oldest_id: str = ""
    oldest_from: datetime | None = None
    called: int = 0


@dataclass(frozen=True)
class WindowCell:
    """A window at one moment. `since`: of a ticket in hand when it was called or its service began; else since when
    the window is free, paused or closed. `serving` tells a service from a call. `staff` is the user name of who sits
    there."""

    state: str = "closed"
    pause_reason: str = ""
    since: datetime | None = None
    staff: str = ""
    number: str = ""
    ticket_id: str = ""
    serving: bool = False


@dataclass(frozen=True)
class Picture:
    """Queues by code, windows by number."""

    queues: dict[str, QueueCell]
    windows: dict[str, WindowCell]


@dataclass(frozen=True)
class QueueInfo:
    """What of a queue does not change by the minute; `wait` is for somebody who would take a number now."""

    code: str
    name: str
    name_en: str
    open: bool = True
    wait: Wait | None = None


@dataclass(frozen=True)
class WindowInfo:
    no: str
    name: str
    zone: str
    floor: int
    queues: tuple[str, ...]


@dataclass(frozen=True)
class PersonHere:
    """Somebody who is signed in and sits at no window: at the guide desk, say."""

    name: str
    role: str


@dataclass(frozen=True)
class DeviceTrouble:
    """A device that wants a hand. `window` is where it stands, empty for one that stands elsewhere."""

    machine: str
    device: str
    kind: str
    state: str
    faults: tuple[str, ...]
    window: str


@dataclass(frozen=True)
class PrinterPaper:
    """A ticket printer and its paper. `silent`: its machine was not heard of lately."""

    machine: str
    state: str
    faults: tuple[str, ...]
    silent: bool


@dataclass(frozen=True)
class Monitor:
    """The hall now. `names` are people's by user name. `alarms` are those that stand, the gravest first."""

    at: datetime
    seq: int
    hall_name: str
    open: bool
    note: str
    note_en: str
    queues: tuple[QueueInfo, ...]
    windows: tuple[WindowInfo, ...]
    picture: Picture
    names: dict[str, str]
    others: tuple[PersonHere, ...]
    devices: tuple[DeviceTrouble, ...]
    devices_well: int
    printers: tuple[PrinterPaper, ...]
    silent: tuple[str, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True)
class Step:
    """From `at` on these queues and windows look like this; all others stay as they were."""

    at: datetime
    queues: dict[str, QueueCell]
    windows: dict[str, WindowCell]


@dataclass(frozen=True)
class Replay:
    """An hour or a day once more: the picture at `begin`, and every change until `end`."""

    day: date
    begin: datetime
    end: datetime
    queues: tuple[QueueInfo, ...]
    windows: tuple[WindowInfo, ...]
    names: dict[str, str]
    start: Picture
    steps: tuple[Step, ...]

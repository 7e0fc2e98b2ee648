"""The hall at one moment: the snapshot that walls, consoles and kiosks start from and come back to."""

from dataclasses import dataclass
from datetime import datetime

from server.contract.tickets import Wait
from server.contract.windows import WindowState


@dataclass(frozen=True)
class Call:
    """One call or recall. `seq` orders calls and names this one: nobody shows or says the same seq twice."""

    seq: int
    number: str
    window: str
    window_name: str
    zone: str
    floor: int
    queue: str
    at: datetime
    recall: bool = False


@dataclass(frozen=True)
class WindowStatus:
    """What hangs over a window. `number` is the ticket called or served there, empty when none."""

    no: str
    name: str
    zone: str
    floor: int
    state: WindowState
    pause_reason: str
    number: str
    serving: bool
    staff_no: str = ""
    inviting: bool = False
    """A rating invitation is open: the evaluator should be lit."""
    invitation: int | None = None
    """Which one it is."""


@dataclass(frozen=True)
class QueueStatus:
    """`order` holds the next numbers in calling order (at most ten); `windows` counts those open for it.

    `open` says whether it issues tickets while the hall does; `note` is why not, when there is more to say than that
    it is closed ("今天的号已取完").
    """

    code: str
    name: str
    name_en: str
    open: bool
    waiting: int
    windows: int
    order: tuple[str, ...]
    note: str = ""
    note_en: str = ""
    wait: Wait | None = None
    """For somebody who would take a number now in the normal lane; None when nobody can say."""


@dataclass(frozen=True)
class ItemView:
    """A public service item with its ten public fields (W3)."""

    code: str
    name: str
    queue: str
    legal_basis: str
    handling_body: str
    process: tuple[str, ...]
    materials: tuple[str, ...]
    promise: str
    fee: str
    location: str
    supervisor: str
    complaint_tel: str
    minutes: int


@dataclass(frozen=True)
class Board:
    """Everything public about a hall as of `seq`. `calls` are the latest of this service day that still stand
    (see `WITHDRAWS_CALLS`), newest last.

    `at` carries the offset of the hall's own zone: walls take their clock from it. `open`: tickets are issued now;
    `closed_reason` says why not and when again, in English too unless it is an admin's own words.
    """

    hall: str
    hall_name: str
    seq: int
    at: datetime
    open: bool
    closed_reason: str
    calls: tuple[Call, ...]
    windows: tuple[WindowStatus, ...]
    queues: tuple[QueueStatus, ...]
    items: tuple[ItemView, ...]
    notices: tuple[str, ...] = ()
    closed_reason_en: str = ""
    hours: str = ""
    hours_en: str = ""
    """The week in words; empty when tickets are issued at any time."""
    appointments: bool = False
    """Whether this hall takes appointments, so that a kiosk asks for their codes."""

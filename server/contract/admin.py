"""What an admin's pages send. Each change is a whole form, not a patch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HallSettings:
    request_id: str
    name: str
    open: bool
    closed_reason: str = ""
    recall_limit: int = 3
    recall_seconds: int = 5
    invitation_seconds: int = 60
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueueSettings:
    """A queue that is not there yet is made; its code is the letter of its tickets. None keeps what is there.

    `new` refuses a code that exists, so that a person who adds a queue never overwrites another.
    """

    request_id: str
    name: str
    open: bool
    name_en: str | None = None
    location: str | None = None
    new: bool = False


@dataclass(frozen=True)
class WindowSettings:
    """As `QueueSettings`: made when missing, None keeps what is there, `new` never overwrites."""

    request_id: str
    name: str
    queues: tuple[str, ...]
    zone: str | None = None
    floor: int | None = None
    new: bool = False


@dataclass(frozen=True)
class NewDevice:
    """`kind`: kiosk, display, evaluator or call_pad; the latter two name their `window`."""

    request_id: str
    name: str
    kind: str
    window: str | None = None


@dataclass(frozen=True)
class NewDeviceToken:
    """Shown once."""

    name: str
    token: str


@dataclass(frozen=True)
class NewUser:
    request_id: str
    username: str
    role: str
    password: str
    name: str = ""
    staff_no: str = ""


@dataclass(frozen=True)
class UserSettings:
    request_id: str
    active: bool

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
    request_id: str
    name: str
    open: bool


@dataclass(frozen=True)
class WindowSettings:
    request_id: str
    name: str
    queues: tuple[str, ...]


@dataclass(frozen=True)
class NewDevice:
    """`kind`: kiosk, display or evaluator; an evaluator names its `window`."""

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

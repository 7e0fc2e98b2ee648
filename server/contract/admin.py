"""What an admin's pages send. Each change is a whole form, not a patch."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NoShowPolicy(StrEnum):
    """过号: the number is void; or it comes back by itself behind some others; or the guide desk brings it back."""

    VOID = "void"
    REQUEUE = "requeue"
    DESK = "desk"


@dataclass(frozen=True)
class HallSettings:
    """`no_show_after`: behind how many others a returned no-show goes; `no_show_limit`: how often it comes back by
    itself before it is void. `change_seconds`: how long a citizen may think better of a press, 0 for never.
    `rectify_…_days`: working days, see `docs/rectification.md`. The cap, aging and an appointment's tolerance:
    `docs/who-is-next.md`."""

    request_id: str
    name: str
    open: bool
    closed_reason: str = ""
    recall_limit: int = 3
    recall_seconds: int = 5
    invitation_seconds: int = 60
    change_seconds: int = 0
    no_show_policy: NoShowPolicy = NoShowPolicy.DESK
    no_show_after: int = 3
    no_show_limit: int = 2
    fairness_cap: int = 3
    aging_minutes: int = 45
    appointment_early_minutes: int = 15
    appointment_late_minutes: int = 15
    rectify_contact_days: int = 1
    rectify_simple_days: int = 5
    rectify_complex_days: int = 15


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
    """As `QueueSettings`: made when missing, None keeps what is there, `new` never overwrites.

    `weights`, one for each of `queues`: how much more waiting in that queue counts at this window.
    """

    request_id: str
    name: str
    queues: tuple[str, ...]
    weights: tuple[int, ...] | None = None
    zone: str | None = None
    floor: int | None = None
    new: bool = False


@dataclass(frozen=True)
class NewDevice:
    """`kind`: kiosk, display, evaluator, call_pad, tablet or sms_gateway; an evaluator, a call pad and a tablet name
    their `window`."""

    request_id: str
    name: str
    kind: str
    window: str | None = None


@dataclass(frozen=True)
class NewDeviceToken:
    """Shown once. Of a tablet it is the code that is typed on it, good for a quarter of an hour and once."""

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


@dataclass(frozen=True)
class SessionSettings:
    """`weekday`: 1 is Monday. `opens` and `closes` are minutes of the local day, at most 1440."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True)
class HoursSettings:
    """The hall's whole week; without any session it is always open. Each session is a time slot for quotas.

    `cutoff_minutes` before the hall closes no more tickets are issued. `one_live_ticket`: who gave a telephone or ID
    number gets no second ticket while the first one waits.
    """

    request_id: str
    sessions: tuple[SessionSettings, ...]
    cutoff_minutes: int = 0
    one_live_ticket: bool = False


@dataclass(frozen=True)
class DaySettings:
    """`kind`: holiday or workday; a workday keeps the hours of `as_weekday` (1 is Monday)."""

    request_id: str
    kind: str
    name: str
    as_weekday: int = 1


@dataclass(frozen=True)
class ImportDays:
    """Lines of `domain.calendar_import`. All are taken, or none."""

    request_id: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class QueueLimits:
    """Tickets a day and a session, and the dates of a campaign (both included); None is no limit."""

    request_id: str
    quota_day: int | None = None
    quota_session: int | None = None
    from_day: date | None = None
    to_day: date | None = None

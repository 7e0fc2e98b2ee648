"""All settings of a hall as one document: for drafts, for undo, and as a file to keep or to bring to another hall.

What is secret or somebody's own is not in it: passwords, tokens of devices, accounts, staff cards, who is on duty.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from server.contract.admin import NoShowPolicy, SessionSettings
from server.contract.appointments import Mode, WeeklyTimes
from server.contract.board import Slide

FORMAT = 1
"""Grows when an older server could misread a document."""


@dataclass(frozen=True)
class HallPart:
    """As `contract.admin.HallSettings`."""

    name: str
    open: bool = True
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
class HoursPart:
    """As `contract.admin.HoursSettings`."""

    sessions: tuple[SessionSettings, ...] = ()
    cutoff_minutes: int = 0
    one_live_ticket: bool = False


@dataclass(frozen=True)
class DayPart:
    """A holiday or make-up workday, as `contract.admin.DaySettings`."""

    day: date
    kind: str
    name: str
    as_weekday: int = 1


@dataclass(frozen=True)
class QueuePart:
    """In the hall's order. `series` is the letter of its tickets; empty where that is the code."""

    code: str
    name: str
    name_en: str = ""
    location: str = ""
    open: bool = True
    series: str = ""
    quota_day: int | None = None
    quota_session: int | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class Serves:
    queue: str
    weight: int = 1


@dataclass(frozen=True)
class WindowPart:
    """`kind`: general or special."""

    no: str
    name: str
    zone: str = ""
    floor: int = 1
    kind: str = "general"
    serves: tuple[Serves, ...] = ()


@dataclass(frozen=True)
class ItemPart:
    """A service item with its ten public fields and what the province calls it. Not `active`: out of use."""

    code: str
    name: str
    queue: str
    legal_basis: str = ""
    handling_body: str = ""
    process: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    promise: str = ""
    fee: str = ""
    location: str = ""
    supervisor: str = ""
    complaint_tel: str = ""
    minutes: int = 0
    active: bool = True
    task_code: str = ""
    task_handle_item: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanPart(WeeklyTimes):
    """Times that may be booked, as `contract.appointments.SlotPlan`."""

    queue: str
    mode: Mode


@dataclass(frozen=True)
class NoticePart:
    text: str
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class SmsPart:
    """As `contract.sms.SmsSettings`; without `sms_text` the message has its usual words."""

    sms_on: bool = False
    sms_delay_minutes: int = 10
    sms_reply_hours: int = 48
    sms_text: str = ""


@dataclass(frozen=True)
class SettingsDocument:
    """The whole hall. A part that is left out is empty; none is ever "as it was"."""

    hall: HallPart
    format: int = FORMAT
    hours: HoursPart = HoursPart()
    days: tuple[DayPart, ...] = ()
    queues: tuple[QueuePart, ...] = ()
    windows: tuple[WindowPart, ...] = ()
    items: tuple[ItemPart, ...] = ()
    plans: tuple[PlanPart, ...] = ()
    notices: tuple[NoticePart, ...] = ()
    playlist: tuple[Slide, ...] = ()
    ticker: str = ""
    sms: SmsPart = SmsPart()


class Weight(StrEnum):
    """An ERROR never goes live. A WARNING may be meant: a window out of use serves no queue."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What is wrong at `path` ("windows[3].serves[0].weight"; empty for the whole), and what to do."""

    weight: Weight
    path: str
    zh: str
    en: str


@dataclass(frozen=True)
class Said:
    """One sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Applied:
    """`kept`: what the document no longer has and the hall's past still needs: closed instead of deleted."""

    changes: tuple[Said, ...]
    kept: tuple[Said, ...]


@dataclass(frozen=True)
class ImportDocument:
    """`document` is judged only after its format is known: a newer one is refused with a sentence."""

    request_id: str
    document: dict[str, Any]


@dataclass(frozen=True)
class SettingsChange:
    """One entry of the history. `how`: form, draft, undo or first_run. `more` sentences are left out of `changes`."""

    id: int
    at: str
    who: str
    how: str
    changes: tuple[Said, ...]
    more: int


@dataclass(frozen=True)
class SettingsHistory:
    """The newest first."""

    changes: tuple[SettingsChange, ...]


@dataclass(frozen=True)
class Undo:
    """`change`: the hall shall be as it was before it, and so before all later ones."""

    request_id: str
    change: int

"""Alarms of a hall (报警): what is wrong now, who has seen to it, and what was. Supervisors see them, clerks never:
some tell of ratings, and none of it goes over the news, which every window hears."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlarmKind(StrEnum):
    """What an alarm is about; `domain.alarms.KINDS` says when."""

    LONGEST_WAIT = "longest_wait"
    QUEUE_UNSERVED = "queue_unserved"
    WINDOW_EMPTY = "window_empty"
    WINDOW_PAUSED = "window_paused"
    WINDOW_IDLE = "window_idle"
    OUT_OF_ORDER = "out_of_order"
    PRINTER_STOPPED = "printer_stopped"
    PAPER_LOW = "paper_low"
    DEVICE_FAULT = "device_fault"
    MACHINE_SILENT = "machine_silent"
    RATING_PATTERN = "rating_pattern"
    RECTIFICATION_OVERDUE = "rectification_overdue"
    UPLOADS_STUCK = "uploads_stuck"
    DISK_LOW = "disk_low"


@dataclass(frozen=True)
class Alarm:
    """One alarm. `id` is no count: a number left out would tell of an alarm that is not shown. `subject`: the queue,
    window, machine or case; `zh` and `en` say what was so when it was raised, and `faults` a device's stable words.
    `escalated_at`: when nobody had acknowledged it for the hall's time. `by` and `note`: who acknowledged it, and
    what they wrote. It is over at `ended_at`, acknowledged or not."""

    id: str
    kind: AlarmKind
    subject: str
    zh: str
    en: str
    faults: tuple[str, ...]
    raised_at: datetime
    escalated_at: datetime | None
    acknowledged_at: datetime | None
    by: str
    note: str
    ended_at: datetime | None


@dataclass(frozen=True)
class AlarmHistory:
    """Alarms raised from `from_day` to `to_day`, both included, the latest first; `more` says that older ones were
    left out."""

    from_day: str
    to_day: str
    alarms: tuple[Alarm, ...]
    more: bool


@dataclass(frozen=True)
class AcknowledgeAlarm:
    """确认: somebody sees to it. `note` may be empty."""

    request_id: str
    note: str = ""


@dataclass(frozen=True)
class AlarmRule:
    """Whether a hall raises alarms of a kind, and from which limit on; None for kinds that have none."""

    kind: AlarmKind
    on: bool
    limit: int | None = None


@dataclass(frozen=True)
class AlarmSettings:
    """`escalate_minutes`: how long an alarm may stay unacknowledged. Kinds that are left out stay as they are."""

    request_id: str
    escalate_minutes: int
    rules: tuple[AlarmRule, ...]

"""How a hall's data is kept: what an admin sets and sees of backups and retention."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OperationsSettings:
    """`backup_minute` is of the hall's day; `backup_folder` a folder of the server's machine. `keep_…`: of how many
    days, weeks and months one backup stays. `warn_days` without a backup are a problem. How long is kept: where a
    home visit goes (`contact_days` after it), notes between windows (`note_days`), the staff's words on
    rectifications (`case_days` after their close), the list of events (`event_days`; 0 is for ever)."""

    request_id: str
    backup_on: bool
    backup_minute: int
    backup_folder: str
    backup_keys: bool
    backup_drill: bool
    keep_days: int
    keep_weeks: int
    keep_months: int
    warn_days: int
    contact_days: int
    note_days: int
    case_days: int
    event_days: int


@dataclass(frozen=True)
class AskRun:
    """`kind`: backup or verify."""

    request_id: str
    kind: str


@dataclass(frozen=True)
class RunView:
    """`how`: schedule or hand. `state`: waiting, running, done, failed. `size` in bytes."""

    kind: str
    how: str
    by: str
    state: str
    asked_at: datetime
    ended_at: datetime | None
    zh: str
    en: str
    file: str
    size: int


@dataclass(frozen=True)
class Upkeep:
    """`stale`: no backup for longer than `warn_days`. `next_at`: when the next is due, if any is. `runs`: newest
    first."""

    settings: OperationsSettings
    stale: bool
    good_at: datetime | None
    next_at: datetime | None
    runs: tuple[RunView, ...]


@dataclass(frozen=True)
class AuditLine:
    """One entry of the audit chain that tells nothing of a rating. `facts`: by name, as text."""

    at: datetime
    kind: str
    zh: str
    en: str
    by: str
    facts: dict[str, str]


@dataclass(frozen=True)
class AuditVerdict:
    """Of the last verification that was asked for. `state` as in `RunView`."""

    state: str
    at: datetime
    zh: str
    en: str


@dataclass(frozen=True)
class AuditPage:
    """Newest first, `page` from 0. `kinds`: what may be asked for, with Chinese and English names. `sealed`: entries
    of all kinds up to the end of the last whole week."""

    lines: tuple[AuditLine, ...]
    page: int
    more: bool
    kinds: dict[str, list[str]]
    sealed: int
    verdict: AuditVerdict | None

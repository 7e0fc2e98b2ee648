"""Appointments (预约): which times may be booked, and one booking."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Mode(StrEnum):
    """Three books: 大厅 (in opening hours), 延时服务 (after them), 上门服务 (at the citizen's home)."""

    HALL = "hall"
    EXTENDED_HOURS = "extended_hours"
    HOME_VISIT = "home_visit"


class AppointmentState(StrEnum):
    """`ARRIVED` has a ticket, which has a life of its own; `DONE` is for home visits."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"
    MISSED = "missed"
    DONE = "done"


@dataclass(frozen=True)
class WeeklyTimes:
    """Times that come back every week. `weekdays` 1 (Monday) to 7; minutes count from midnight in the hall's zone.

    From `start_minute` on, one slot of `slot_minutes` after the other as long as it ends by `end_minute`, each with
    `capacity` places. `from_day` and `to_day` bound the plan; both days belong to it.
    """

    weekdays: tuple[int, ...]
    start_minute: int
    end_minute: int
    slot_minutes: int
    capacity: int
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class SlotPlan(WeeklyTimes):
    """The times at which one queue may be booked in one of the three books."""

    request_id: str
    queue: str
    mode: Mode


@dataclass(frozen=True)
class PlannedSlot:
    """One slot as planned; both moments are in the hall's own zone."""

    starts_at: datetime
    ends_at: datetime
    capacity: int


@dataclass(frozen=True)
class Slot(PlannedSlot):
    """One time of one queue and mode. `left` counts the places that are free."""

    left: int


@dataclass(frozen=True)
class BookAppointment:
    """Book the slot that begins at `starts_at`. A home visit needs `phone` and `contact`: where, and
    whom to ask for.

    The number itself is not kept: it is shown masked and known again by its keyed hash.
    """

    request_id: str
    queue: str
    mode: Mode
    starts_at: datetime
    item: str | None = None
    phone: str = ""
    contact: str = ""


@dataclass(frozen=True)
class FindAppointment:
    request_id: str
    code: str


@dataclass(frozen=True)
class Appointment:
    """One booking, for the desk. `id` cannot be guessed and leads to the citizen's page; `code` is for a kiosk."""

    id: str
    code: str
    queue: str
    queue_name: str
    item: str | None
    item_name: str
    mode: Mode
    state: AppointmentState
    starts_at: datetime
    ends_at: datetime
    phone: str
    """Masked."""
    contact: str
    number: str
    """Of the ticket that it became; empty before."""
    created_at: datetime
    created_by: str
    closed: str = ""
    """Why the hall cannot keep it, as its hours stand now; empty where it can, and of what is over."""
    closed_en: str = ""

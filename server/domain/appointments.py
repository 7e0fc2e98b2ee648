"""Appointments, purely: which slots a day has, which of them may be booked, and what may become of a booking."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.contract.appointments import AppointmentState, Mode, PlannedSlot, WeeklyTimes
from server.domain.work_calendar import Session, within_one

CITIZENS_NOTICE = timedelta(minutes=30)
"""A citizen books at least so long before; the desk, until the slot begins."""
DAYS_AHEAD = 14
LIVE_MOST = 3
"""Bookings that one telephone number may have open at once."""
MISSES_ALLOWED = 3
MISSES_WITHIN = timedelta(days=90)
"""Who missed so many within this time books no more by themselves until the oldest is over."""
CONTACT_KEPT = timedelta(days=30)
"""After its end the address of a home visit is needed for questions only, and then for nothing."""
PERSON_KEPT = MISSES_WITHIN
"""The masked number and the hash serve to count missed appointments."""
GUESSES_ALLOWED = 10
GUESSES_WITHIN = timedelta(minutes=1)
"""Wrong codes from one kiosk or one person at the desk."""
CODE_DIGITS = 8


@dataclass(frozen=True)
class BookedDay:
    """A day that may be booked. `weekday`, 1 is Monday, says whose plans hold: a make-up workday keeps those of
    another day of the week. A slot must lie whole within one of `sessions`; None for a book that no hours bind."""

    day: date
    weekday: int
    sessions: tuple[Session, ...] | None = None


def slots_of(plans: Iterable[WeeklyTimes], on: BookedDay, zone: str) -> tuple[PlannedSlot, ...]:
    """The slots of a day in order. Where plans of one queue begin a slot at the same time, their places add up."""
    midnight = datetime.combine(on.day, time(), ZoneInfo(zone))
    slots: dict[int, PlannedSlot] = {}
    for plan in plans:
        if on.weekday not in plan.weekdays or not _holds_on(plan, on.day):
            continue
        for start in _starts(plan, on.sessions):
            places = plan.capacity + (slots[start].capacity if start in slots else 0)
            end = midnight + timedelta(minutes=start + plan.slot_minutes)
            slots[start] = PlannedSlot(midnight + timedelta(minutes=start), end, places)
    return tuple(slots[start] for start in sorted(slots))


def _starts(plan: WeeklyTimes, sessions: tuple[Session, ...] | None) -> Iterator[int]:
    """The minutes at which the plan begins a slot that lies within the sessions."""
    for start in range(plan.start_minute, plan.end_minute - plan.slot_minutes + 1, plan.slot_minutes):
        if sessions is None or within_one(sessions, start, start + plan.slot_minutes):
            yield start


def week_of(plan: WeeklyTimes, sessions: tuple[Session, ...] | None) -> tuple[int, int]:
    """How many slots the plan makes in a usual week, and how many of them lie within the week's sessions."""
    made = len(plan.weekdays) * len(list(_starts(plan, None)))
    if sessions is None:
        return made, made
    days = (tuple(s for s in sessions if s.weekday == day) for day in plan.weekdays)
    return made, sum(len(list(_starts(plan, of_day))) for of_day in days)


def _holds_on(plan: WeeklyTimes, day: date) -> bool:
    begun = plan.from_day is None or plan.from_day <= day
    return begun and (plan.to_day is None or day <= plan.to_day)


def days_ahead(today: date) -> tuple[date, ...]:
    """The days that may be booked: today and so many more."""
    return tuple(today + timedelta(days=n) for n in range(DAYS_AHEAD + 1))


def in_time(slot: PlannedSlot, now: datetime, notice: timedelta) -> bool:
    """Whether there is still `notice` before the slot begins."""
    return slot.starts_at - now >= notice


def is_late(starts_at: datetime, now: datetime, tolerance: timedelta) -> bool:
    """Past the time for which an appointment goes ahead of others."""
    return now > starts_at + tolerance


class Step(StrEnum):
    """What may be done with a booking."""

    ARRIVE = "arrive"
    CANCEL = "cancel"
    MISS = "miss"
    FINISH = "finish"


STEPS: dict[tuple[AppointmentState, Step], AppointmentState] = {
    (AppointmentState.BOOKED, Step.ARRIVE): AppointmentState.ARRIVED,
    (AppointmentState.BOOKED, Step.CANCEL): AppointmentState.CANCELLED,
    (AppointmentState.BOOKED, Step.MISS): AppointmentState.MISSED,
    (AppointmentState.BOOKED, Step.FINISH): AppointmentState.DONE,
    # Very late, but here: whoever kept the code never queues for a number again.
    (AppointmentState.MISSED, Step.ARRIVE): AppointmentState.ARRIVED,
    # Its ticket was cancelled (no paper came, say): the code makes another one. The caller sees to that.
    (AppointmentState.ARRIVED, Step.ARRIVE): AppointmentState.ARRIVED,
    # The desk had marked a visit too soon.
    (AppointmentState.MISSED, Step.FINISH): AppointmentState.DONE,
}
"""Every step there is; any other is refused."""

HOME_VISITS_ONLY = frozenset({Step.FINISH, Step.MISS})
"""Steps that a person takes for a home visit, and the clock or a ticket for the other modes."""


def may_be_marked(mode: Mode, step: Step) -> bool:
    """Whether the desk may take this step by hand."""
    return mode is Mode.HOME_VISIT or step not in HOME_VISITS_ONLY


def is_code(text: str) -> bool:
    """Whether this is the form of a code: so many ASCII digits."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit()

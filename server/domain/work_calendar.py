"""When a hall issues tickets: weekly sessions, holidays and make-up workdays (调休), the cut-off before close.

Weekdays are ISO numbers (1 is Monday). Sessions are minutes of the local day and never cross midnight (1440 is its
end). Moments are aware; every comparison is made in UTC, so zones with summer time need no care.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
FURTHEST = timedelta(days=400)
"""How far ahead an opening is looked for: more than a year, so that one yearly day is found."""


@dataclass(frozen=True, order=True)
class Session:
    """One stretch of opening on a weekday; also the time slot that quotas count by."""

    weekday: int
    opens: int
    closes: int


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    WORKDAY = "workday"


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not what its weekday says. A workday follows the sessions of `as_weekday`, Monday unless told."""

    kind: DayKind
    name: str
    as_weekday: int = 1

    @property
    def weekday(self) -> int | None:
        """Whose weekday's hours hold; None on a holiday."""
        return None if self.kind is DayKind.HOLIDAY else self.as_weekday


@dataclass(frozen=True)
class Slot:
    """A session of one date: tickets are issued from `opens` until just before `ends`, it closes at `closes` (UTC).

    `of` is how many sessions that date has.
    """

    day: date
    opens: datetime
    ends: datetime
    closes: datetime
    of: int


@dataclass(frozen=True)
class Calendar:
    """A hall's hours. `days` need hold nothing before the moments that are asked about."""

    zone: str
    sessions: tuple[Session, ...]
    cutoff_minutes: int = 0
    days: Mapping[date, SpecialDay] = field(default_factory=dict)


def overlap(sessions: tuple[Session, ...]) -> bool:
    """True when two sessions of a weekday share time."""
    return any(a.weekday == b.weekday and b.opens < a.closes for a, b in pairwise(sorted(sessions)))


def too_short(sessions: tuple[Session, ...], cutoff_minutes: int) -> bool:
    """True when some session is over for tickets before it begins."""
    return any(
        ends <= session.opens
        for weekday in {s.weekday for s in sessions}
        for session, ends in _ended(_of_weekday(sessions, weekday), cutoff_minutes)
    )


def sessions_on(calendar: Calendar, day: date) -> tuple[Session, ...]:
    """The sessions that hold on a date, in order; empty when the hall is closed all day."""
    weekday = weekday_of(day, calendar.days)
    return () if weekday is None else _of_weekday(calendar.sessions, weekday)


def within_one(sessions: Iterable[Session], begins: int, ends: int) -> bool:
    """Whether minutes `begins` to `ends` of a day lie whole within one of its sessions."""
    return any(session.opens <= begins and ends <= session.closes for session in sessions)


def weekday_of(day: date, days: Mapping[date, SpecialDay]) -> int | None:
    """1 (Monday) to 7 of the weekday that `day` follows, or None for a holiday."""
    return days[day].weekday if day in days else day.isoweekday()


def slots_on(calendar: Calendar, day: date) -> list[Slot]:
    """The date's sessions as moments."""
    sessions = sessions_on(calendar, day)
    return [
        Slot(
            day,
            _moment(calendar.zone, day, session.opens),
            _moment(calendar.zone, day, ends),
            _moment(calendar.zone, day, session.closes),
            len(sessions),
        )
        for session, ends in _ended(sessions, calendar.cutoff_minutes)
    ]


def slot_at(calendar: Calendar, now: datetime) -> Slot | None:
    """The slot that a moment lies in, its cut-off included; None when the hall is closed."""
    return next((s for s in slots_on(calendar, local_day(calendar.zone, now)) if s.opens <= now < s.closes), None)


def issuing(calendar: Calendar, now: datetime) -> bool:
    """Whether the hall issues tickets at this moment."""
    slot = slot_at(calendar, now)
    return slot is not None and now < slot.ends


def next_slot(calendar: Calendar, now: datetime) -> Slot | None:
    """The first slot that opens after `now`; None when none does within `FURTHEST`."""
    return next((s for s in _slots_from(calendar, now) if s.opens > now and s.opens < s.ends), None)


def next_workday(calendar: Calendar, today: date) -> date | None:
    """The first date after `today` that is no holiday; None when there is none within `FURTHEST`."""
    return next((day for day in _days_from(today) if day > today and weekday_of(day, calendar.days)), None)


def local_day(zone: str, now: datetime) -> date:
    """The date on the wall, which is not the service day while that has not rolled over."""
    return now.astimezone(ZoneInfo(zone)).date()


def _slots_from(calendar: Calendar, now: datetime) -> Iterator[Slot]:
    for day in _days_from(local_day(calendar.zone, now)):
        yield from slots_on(calendar, day)


def _days_from(today: date) -> Iterator[date]:
    for ahead in range(min(FURTHEST.days, (date.max - today).days + 1)):
        yield today + timedelta(days=ahead)


def _of_weekday(sessions: tuple[Session, ...], weekday: int) -> tuple[Session, ...]:
    return tuple(sorted(s for s in sessions if s.weekday == weekday))


def _ended(sessions: tuple[Session, ...], cutoff_minutes: int) -> Iterator[tuple[Session, int]]:
    """Each session of one day with the minute at which it stops issuing.

    The cut-off lets those who wait be served before the hall closes. Where the next session begins at once the hall
    does not close, so there is none.
    """
    begins = {s.opens for s in sessions}
    for session in sessions:
        yield session, session.closes - (0 if session.closes in begins else cutoff_minutes)


def _moment(zone: str, day: date, minute: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

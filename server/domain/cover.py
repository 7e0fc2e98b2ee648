"""Who stands at a post (AB岗): a post has a primary and a backup, and is never left by both without a third. Pure.

A post is a window or a named place, on given weekdays and a part of the day. Whose it is on a day is one order
(`ORDER`), who may hand it to whom one table (`HANDS`), and what may happen at its seat another (`SEATS`).
Days are dates on the wall of the hall, persons and posts are row ids, sessions as in `work_calendar`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.contract.cover import Part
from server.domain.work_calendar import DAY_MINUTES, Calendar, Session, sessions_on, weekday_of

NOON = 720


class Standing(StrEnum):
    """What a person is to a post on a day. OTHER is whoever the post is not theirs that day."""

    PRIMARY = "primary"
    BACKUP = "backup"
    COVER = "cover"
    OTHER = "other"


class Handing(StrEnum):
    OUT = "out"
    BACK = "back"


class Seat(StrEnum):
    """A window's seat. OFFERED: somebody sits there and has offered it to another, who has not come yet."""

    EMPTY = "empty"
    TAKEN = "taken"
    OFFERED = "offered"


class SeatAction(StrEnum):
    SIGN_IN = "sign_in"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    RECEIVE = "receive"
    TAKE_OVER = "take_over"
    SIGN_OUT = "sign_out"
    DAY_OVER = "day_over"


SEATS: dict[tuple[Seat, SeatAction], Seat] = {
    (Seat.EMPTY, SeatAction.SIGN_IN): Seat.TAKEN,
    (Seat.TAKEN, SeatAction.OFFER): Seat.OFFERED,
    (Seat.TAKEN, SeatAction.TAKE_OVER): Seat.TAKEN,
    (Seat.TAKEN, SeatAction.SIGN_OUT): Seat.EMPTY,
    (Seat.TAKEN, SeatAction.DAY_OVER): Seat.EMPTY,
    (Seat.OFFERED, SeatAction.OFFER): Seat.OFFERED,
    (Seat.OFFERED, SeatAction.WITHDRAW): Seat.TAKEN,
    (Seat.OFFERED, SeatAction.RECEIVE): Seat.TAKEN,
    (Seat.OFFERED, SeatAction.TAKE_OVER): Seat.TAKEN,
    (Seat.OFFERED, SeatAction.SIGN_OUT): Seat.EMPTY,
    (Seat.OFFERED, SeatAction.DAY_OVER): Seat.EMPTY,
}
"""What may happen at a seat. There is no state between two persons: until RECEIVE it is the giver's, then the
taker's, so that every moment of a service is one person's."""

HANDS: dict[tuple[Standing, Standing], Handing] = {
    (Standing.PRIMARY, Standing.BACKUP): Handing.OUT,
    (Standing.PRIMARY, Standing.COVER): Handing.OUT,
    (Standing.BACKUP, Standing.BACKUP): Handing.OUT,
    (Standing.BACKUP, Standing.COVER): Handing.OUT,
    (Standing.BACKUP, Standing.PRIMARY): Handing.BACK,
    (Standing.COVER, Standing.PRIMARY): Handing.BACK,
    (Standing.COVER, Standing.BACKUP): Handing.BACK,
    (Standing.OTHER, Standing.PRIMARY): Handing.BACK,
    (Standing.OTHER, Standing.BACKUP): Handing.BACK,
    (Standing.OTHER, Standing.COVER): Handing.BACK,
}
"""From whom to whom a post may be handed, and which way that is. Nobody hands it to a stranger to it: for that a
cover is named."""


@dataclass(frozen=True)
class Post:
    """Two backups exist on a day whose rota names a third person: both of the pair then."""

    key: int
    primary: int | None
    backup: int | None
    weekdays: frozenset[int]
    part: Part = Part.DAY


@dataclass(frozen=True)
class Leave:
    """Whole days, both ends included."""

    person: int
    first: date
    last: date


@dataclass(frozen=True)
class Cover:
    """顶岗: who stands in at a post on these days, both included."""

    post: int
    person: int
    first: date
    last: date


@dataclass(frozen=True)
class Plan:
    """All that was said of coming days. Of two covers of one post on one day the later in `covers` holds. `gone` are
    persons who work here no more: away every day."""

    leaves: tuple[Leave, ...] = ()
    covers: tuple[Cover, ...] = ()
    rota: Mapping[tuple[int, date], int] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Duty:
    """Who stands at a post on a day; nobody is a gap."""

    person: int | None
    standing: Standing


GAP = Duty(None, Standing.OTHER)


def away(plan: Plan, person: int, day: date) -> bool:
    return person in plan.gone or any(
        leave.person == person and leave.first <= day <= leave.last for leave in plan.leaves
    )


def _cover(plan: Plan, post: Post, day: date) -> int | None:
    named = [c.person for c in plan.covers if c.post == post.key and c.first <= day <= c.last]
    return named[-1] if named else None


ORDER = (
    (Standing.COVER, _cover),
    (Standing.PRIMARY, lambda plan, post, day: plan.rota.get((post.key, day))),
    (Standing.PRIMARY, lambda plan, post, day: post.primary),
    (Standing.BACKUP, lambda plan, post, day: post.backup),
)
"""Whose a post is on a day: the first of these who is there."""


def on_duty(plan: Plan, post: Post, day: date) -> Duty:
    for standing, whom in ORDER:
        person = whom(plan, post, day)
        if person is not None and not away(plan, person, day):
            return Duty(person, standing)
    return GAP


def standing(plan: Plan, post: Post, day: date, person: int) -> Standing:
    """What this person is to the post on that day, whether there or not."""
    rostered = plan.rota.get((post.key, day), post.primary)
    if person == _cover(plan, post, day):
        return Standing.COVER
    if person == rostered:
        return Standing.PRIMARY
    return Standing.BACKUP if person in (post.primary, post.backup) else Standing.OTHER


def due(post: Post, calendar: Calendar, day: date) -> tuple[Session, ...]:
    """The sessions of a date in which somebody must be at the post; a hall without hours is open all day."""
    weekday = weekday_of(day, calendar.days)
    if weekday is None or weekday not in post.weekdays:
        return ()
    whole = (Session(weekday, 0, DAY_MINUTES),)
    return _of_part(sessions_on(calendar, day) if calendar.sessions else whole, post.part)


def _of_part(sessions: tuple[Session, ...], part: Part) -> tuple[Session, ...]:
    """A day without a break at noon is cut there; else each session belongs to the half in which it begins."""
    if part is Part.DAY:
        return sessions
    if len(sessions) == 1:
        only = sessions[0]
        morning, afternoon = replace(only, closes=min(only.closes, NOON)), replace(only, opens=max(only.opens, NOON))
        half = morning if part is Part.MORNING else afternoon
        return (half,) if half.opens < half.closes else ()
    return tuple(s for s in sessions if (s.opens < NOON) == (part is Part.MORNING))


def gaps(plan: Plan, posts: Iterable[Post], calendar: Calendar, days: Iterable[date]) -> set[tuple[date, int]]:
    """The days on which a post is due and nobody stands at it: (day, post)."""
    listed = list(days)
    return {
        (day, post.key)
        for post in posts
        for day in listed
        if due(post, calendar, day) and on_duty(plan, post, day).person is None
    }


def moment(zone: str, day: date, minute: int) -> datetime:
    """A minute of a local day, in UTC."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# ── attendance ──


class Mark(StrEnum):
    """How somebody kept a session. EARLY: gone before its end, not by handing over."""

    COMING = "coming"
    MISSING = "missing"
    NEVER = "never"
    LATE = "late"
    EARLY = "early"
    LATE_EARLY = "late_early"
    KEPT = "kept"


@dataclass(frozen=True)
class Stay:
    """Somebody's time at one place. `excused`: it ended by handing over, or by moving to another post."""

    began: datetime
    ended: datetime | None = None
    excused: bool = False


@dataclass(frozen=True)
class Kept:
    """`came` and `left` lie within the day, not within the session."""

    mark: Mark
    came: datetime | None = None
    left: datetime | None = None


def kept(stays: Iterable[Stay], opens: datetime, closes: datetime, now: datetime, grace: timedelta) -> Kept:
    """One person's session at one place. Who is at most `grace` late, or leaves that much early, is not named."""
    here = sorted(
        (s for s in stays if s.began < closes and (s.ended is None or s.ended > opens)), key=lambda s: s.began
    )
    if not here:
        waits = now < opens + grace
        return Kept(Mark.COMING if waits else Mark.NEVER if now >= closes else Mark.MISSING)
    first, last = here[0], here[-1]
    late = first.began > opens + grace
    early = last.ended is not None and not last.excused and last.ended < closes - grace
    mark = {(False, False): Mark.KEPT, (True, False): Mark.LATE, (False, True): Mark.EARLY}
    return Kept(mark.get((late, early), Mark.LATE_EARLY), first.began, last.ended)


# ── empty windows ──


class Reason(StrEnum):
    """Why a window is empty. SESSION_OVER: somebody is down as sitting there whose sign-in is at an end."""

    NOBODY = "nobody"
    PAUSED = "paused"
    SESSION_OVER = "session_over"


@dataclass(frozen=True)
class Place:
    """A window as it stands. `opens`: when the present session of its post began, None while nobody must be there.
    `since`: when it became what it is. `live`: whether who sits there has a sign-in that holds."""

    opens: datetime | None
    seated: bool
    paused: bool
    live: bool
    since: datetime | None


def empty(place: Place, hall_opened: datetime | None) -> tuple[Reason, datetime | None] | None:
    """Why and since when a window is empty; None while it is not. Unknown since when: the caller noticed it now.

    Outside of hours (`hall_opened` None) no window is. A clerk who is gone counts at any window, what else only
    where a post is due."""
    if hall_opened is not None and place.seated and not place.live:
        return Reason.SESSION_OVER, None
    if place.opens is None or (place.seated and not place.paused):
        return None
    since = place.opens if place.since is None else max(place.since, place.opens)
    return (Reason.PAUSED if place.seated else Reason.NOBODY), since

"""Whether a ticket may be issued now: the hall's hours and calendar, a queue's dates and quotas, one live ticket.

The same judgement refuses a ticket and tells kiosks and walls what is closed, so they cannot disagree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from server.contract.appointments import Mode
from server.contract.problems import ProblemError
from server.contract.tickets import TicketState
from server.db import Record, Tx
from server.domain import hours_words as words
from server.domain.appointments import BookedDay
from server.domain.hours_words import Words
from server.domain.service_day import service_day
from server.domain.work_calendar import (
    Calendar,
    DayKind,
    Session,
    Slot,
    SpecialDay,
    issuing,
    local_day,
    next_slot,
    next_workday,
    sessions_on,
    slot_at,
    slots_on,
    weekday_of,
)
from server.models import EPOCH, CalendarDay, Hall, Queue, TicketRow
from server.services.actors import Actor
from server.services.halls import hall_of
from server.statement import Statement

MAY_BE_OVERRIDDEN = frozenset({"past_cutoff", "quota_day_full", "quota_session_full"})
LIVE = (TicketState.WAITING.value, TicketState.CALLED.value, TicketState.SERVING.value, TicketState.HELD.value)
IN_HOURS: Words = "请在开放时间再来", "please come back in opening hours"
NEW_DAY: Words = "明天重新放号", "tickets are issued again tomorrow"
TODAY: Words = "今天", "today"
END = datetime.max.replace(tzinfo=UTC)

_DAYS = Statement(
    select(CalendarDay).where(CalendarDay.hall_id == bindparam("hall_id"), CalendarDay.day >= bindparam("since"))
)
_ISSUED = Statement(
    select(func.count()).where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.service_day == bindparam("day"),
        TicketRow.series == bindparam("series"),
        TicketRow.due_at.is_(None),  # whoever booked has a place of their own
        TicketRow.state != TicketState.CANCELLED.value,
        TicketRow.issued_at >= bindparam("since"),
        TicketRow.issued_at < bindparam("until"),
    )
)
_LIVE = (
    select(TicketRow.number, Queue.name, Queue.name_en)
    .join(Queue, Queue.id == TicketRow.queue_id)
    .where(
        TicketRow.person_hash == bindparam("person"),
        TicketRow.state.in_(LIVE),
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.service_day == bindparam("day"),
    )
    .limit(1)
)
_MY_TURN = select(Hall.id).where(Hall.id == bindparam("hall_id")).with_for_update()
_LIMITED = select(Queue).where(
    Queue.hall_id == bindparam("hall_id"),
    Queue.quota_day.is_not(None)
    | Queue.quota_session.is_not(None)
    | Queue.from_day.is_not(None)
    | Queue.to_day.is_not(None),
)


def admit(
    tx: Tx, actor: Actor, hall: Record, queue: Record, person: str | None, booked: Mode | None, override: bool
) -> list[str]:
    """Raises hall_closed, holiday, past_cutoff, queue_closed, queue_not_yet, queue_over, quota_day_full,
    quota_session_full or live_ticket; returns the codes of what the desk passed over.

    To be called when the number has been counted: on several servers the counter's row lock makes those of one queue
    wait for one another, so that the quotas are exact. A refusal undoes the number with the rest of its work. Who
    comes by appointment (`booked`) was promised a place: for them there is no cut-off and no quota, and whoever is
    booked after hours (延时服务) comes while the hall is closed to others.
    """
    if override and actor.role == "kiosk":
        raise ProblemError("forbidden")
    passed = []
    for refusal in _refusals(tx, hall, queue, person, booked):
        code = refusal.problem.code
        if not (override and code in MAY_BE_OVERRIDDEN):
            raise refusal
        passed.append(code)
    return passed


def _refusals(tx: Tx, hall: Record, queue: Record, person: str | None, booked: Mode | None) -> Iterator[ProblemError]:
    moment = _moment(tx.conn, hall, tx.now)
    closed = _closed(moment)
    if closed is not None and not (hall.open and _comes_all_the_same(booked, closed)):
        yield closed
    if not queue.open:
        yield ProblemError("queue_closed")
    yield from _outside_campaign(moment, queue)
    if booked is None:
        yield from _full(moment, queue)
    if hall.one_live_ticket and person is not None:
        yield from _second_ticket(moment, person)


def _comes_all_the_same(booked: Mode | None, closed: ProblemError) -> bool:
    return booked is Mode.EXTENDED_HOURS or (booked is not None and closed.problem.code == "past_cutoff")


@dataclass(frozen=True)
class _Moment:
    """A hall at one moment. `today` is the date on the wall, `day` the service day."""

    conn: Connection
    hall: Record
    now: datetime
    today: date
    day: date
    calendar: Calendar

    @property
    def slot(self) -> Slot | None:
        """Of the quotas; None where the whole day is one."""
        return slot_at(self.calendar, self.now)

    @property
    def next_opening(self) -> Words:
        if not self.calendar.sessions:
            return words.again(next_workday(self.calendar, self.today), self.today)
        return words.opening(next_slot(self.calendar, self.now), self.today, self.hall.zone)

    @property
    def next_day(self) -> Words:
        """The first opening of another day."""
        if not self.calendar.sessions:
            return NEW_DAY
        last = max((slot.opens for slot in slots_on(self.calendar, self.today)), default=self.now)
        return words.opening(next_slot(self.calendar, max(last, self.now)), self.today, self.hall.zone)


def _moment(conn: Connection, hall: Record, now: datetime) -> _Moment:
    today = local_day(hall.zone, now)
    day = service_day(now, hall.zone, hall.rollover_hour)
    return _Moment(conn, hall, now, today, day, calendar_of(conn, hall, today))


def calendar_of(conn: Connection, hall: Record, since: date) -> Calendar:
    """For moments of `since` and later."""
    rows = _DAYS.all(conn, hall_id=hall.id, since=since)
    days = {row.day: SpecialDay(DayKind(row.kind), row.name, row.as_weekday) for row in rows}
    return Calendar(hall.zone, tuple(Session(*numbers) for numbers in hall.sessions), hall.cutoff_minutes, days)


def binding(sessions: tuple[Session, ...], mode: Mode) -> tuple[Session, ...] | None:
    """The sessions that a book must keep to: those of the opening hours do, where the hall has any."""
    return sessions if mode is Mode.HALL and sessions else None


def booked_days(conn: Connection, hall: Record, days: Sequence[date], mode: Mode) -> list[BookedDay]:
    """Which of `days`, earliest first, may be booked: no holiday may."""
    calendar = calendar_of(conn, hall, days[0])
    bound = binding(calendar.sessions, mode) is not None
    kept = ((day, weekday_of(day, calendar.days)) for day in days)
    return [
        BookedDay(day, weekday, sessions_on(calendar, day) if bound else None)
        for day, weekday in kept
        if weekday is not None
    ]


# ── each reason ──


def _closed(moment: _Moment) -> ProblemError | None:
    """Why the hall as a whole issues nothing. The admin's switch goes before the clock."""
    hall, calendar = moment.hall, moment.calendar
    if not hall.open:
        said = hall.closed_reason.strip().rstrip("。.")
        return _problem("hall_closed", reason=(said, said) if said else IN_HOURS)
    special = calendar.days.get(moment.today)
    if special is not None and special.kind is DayKind.HOLIDAY:
        return _problem("holiday", name=(special.name, special.name), next=moment.next_opening)
    if not calendar.sessions or issuing(calendar, moment.now):
        return None
    slot = moment.slot
    if slot is not None:
        return _problem("past_cutoff", part=words.part(slot, hall.zone), next=moment.next_opening)
    return _problem("hall_closed", reason=moment.next_opening)


def _outside_campaign(moment: _Moment, queue: Record) -> Iterator[ProblemError]:
    if queue.from_day is not None and moment.day < queue.from_day:
        yield _problem("queue_not_yet", name=_name(queue), day=words.bare_day(queue.from_day, moment.day))
    if queue.to_day is not None and moment.day > queue.to_day:
        yield _problem("queue_over", name=_name(queue), day=words.bare_day(queue.to_day, moment.day))


def _full(moment: _Moment, queue: Record) -> Iterator[ProblemError]:
    name = _name(queue)
    if queue.quota_day is not None and _issued(moment, queue, None) >= queue.quota_day:
        most = (queue.quota_day, queue.quota_day)
        yield _problem("quota_day_full", name=name, most=most, next=moment.next_day)
    elif queue.quota_session is not None and _issued(moment, queue, moment.slot) >= queue.quota_session:
        most = (queue.quota_session, queue.quota_session)
        part = _part(moment)
        next_ = moment.next_opening if moment.calendar.sessions else NEW_DAY
        yield _problem("quota_session_full", name=name, part=part, most=most, next=next_)


def _issued(moment: _Moment, queue: Record, slot: Slot | None) -> int:
    """Tickets of this service day's series, in one slot of it or in all: those of the queue, wherever they went. A
    cancelled one makes room again, and one by appointment takes none."""
    since, until = (slot.opens, slot.closes) if slot else (EPOCH, END)
    which = {"hall_id": moment.hall.id, "day": moment.day, "series": queue.series, "since": since, "until": until}
    return int(_ISSUED.scalar(moment.conn, **which))


def _second_ticket(moment: _Moment, person: str) -> Iterator[ProblemError]:
    moment.conn.execute(_MY_TURN, {"hall_id": moment.hall.id})  # the same person at two kiosks of two servers
    which = {"person": person, "hall_id": moment.hall.id, "day": moment.day}
    row = moment.conn.execute(_LIVE, which).one_or_none()
    if row is not None:
        yield _problem("live_ticket", number=(row.number, row.number), name=_name(row))


def _part(moment: _Moment) -> Words:
    slot = moment.slot
    return words.part(slot, moment.hall.zone) if slot else TODAY


def _name(queue: Record) -> Words:
    return queue.name, queue.name_en or queue.name


def _problem(code: str, **said: tuple[object, object]) -> ProblemError:
    """Each word of a sentence in Chinese and in English."""
    english = {name: pair[1] for name, pair in said.items()}
    return ProblemError(code, **english, **{f"{name}_zh": pair[0] for name, pair in said.items()})


# ── what everyone is told ──


@dataclass(frozen=True)
class Doors:
    """What of a hall is open. `notes` are those queues that issue nothing, by id, with a few words why; a campaign in
    `over` has nothing to offer any more. `week` is when it usually is open."""

    open: bool
    reason: Words
    notes: dict[int, Words]
    over: frozenset[int]
    week: Words

    @property
    def told(self) -> str:
        """What must be told anew when it changes; empty while all is open."""
        shut = [] if self.open else [self.reason[0]]
        return "\n".join([*shut, *(f"{queue_id} {note[0]}" for queue_id, note in sorted(self.notes.items()))])


def doors(conn: Connection, hall: Record, now: datetime) -> Doors:
    """As of now; it changes with the clock as well as with what happens."""
    moment = _moment(conn, hall, now)
    closed = _closed(moment)
    refused = {}
    for queue in conn.execute(_LIMITED, {"hall_id": hall.id}).all():
        refusal = next((r for why in (_outside_campaign, _full) for r in why(moment, queue)), None)
        if refusal is not None:
            refused[queue.id] = (refusal.problem.code, _note(refusal.problem.code, moment, queue))
    over = frozenset(queue_id for queue_id, (code, _) in refused.items() if code == "queue_over")
    notes = {queue_id: note for queue_id, (_, note) in refused.items()}
    return Doors(closed is None, _reason(moment, closed), notes, over, words.week(moment.calendar.sessions))


def _reason(moment: _Moment, closed: ProblemError | None) -> Words:
    """For a page that says by itself that it is closed: an admin's own words, or shortly why and when it opens."""
    if closed is None:
        return "", ""
    if not moment.hall.open:
        return moment.hall.closed_reason, ""
    next_, next_en = moment.next_opening
    if closed.problem.code == "holiday":
        name = closed.params["name"]
        return f"今天{name}放假，{next_}", f"Closed today for {name}: {next_en}"
    if closed.problem.code == "past_cutoff":
        return f"{closed.params['part_zh']}取号已截止，{next_}", f"No more tickets {closed.params['part']}: {next_en}"
    return next_, next_en[0].upper() + next_en[1:]


def _note(code: str, moment: _Moment, queue: Record) -> Words:
    if code == "queue_not_yet":
        day, day_en = words.bare_day(queue.from_day, moment.day)
        return f"{day}起取号", f"from {day_en}"
    if code == "queue_over":
        return "已结束", "over"
    part, part_en = TODAY if code == "quota_day_full" else _part(moment)
    return f"{part}的号已取完", f"all taken {part_en}"


def settings(conn: Connection, hall_id: int) -> dict[str, Any]:
    """All that the admin's page shows of hours."""
    hall = hall_of(conn, hall_id)
    days = conn.execute(select(CalendarDay).where(CalendarDay.hall_id == hall_id).order_by(CalendarDay.day))
    queues = conn.execute(select(Queue).where(Queue.hall_id == hall_id).order_by(Queue.position))
    return {
        "sessions": [{"weekday": s[0], "opens": s[1], "closes": s[2]} for s in hall.sessions],
        "cutoff_minutes": hall.cutoff_minutes,
        "one_live_ticket": hall.one_live_ticket,
        "days": [
            {"day": d.day.isoformat(), "kind": d.kind, "name": d.name, "as_weekday": d.as_weekday} for d in days
        ],
        "queues": [
            {
                "code": q.code,
                "name": q.name,
                "name_en": q.name_en,
                "quota_day": q.quota_day,
                "quota_session": q.quota_session,
                "from_day": q.from_day and q.from_day.isoformat(),
                "to_day": q.to_day and q.to_day.isoformat(),
            }
            for q in queues
        ],
    }

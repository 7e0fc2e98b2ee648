"""整改: what becomes of a bad rating, in one table, and by when. `docs/rectification.svg` is drawn from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from server.contract.rectifications import Kind, Outcome, RectificationState, Step
from server.domain.hours_words import Words
from server.domain.work_calendar import FURTHEST, Calendar, local_day, sessions_on, slots_on, weekday_of

S = RectificationState

MOST_TRIES = 3
"""Calls in one state of a case that reach nobody; all are kept, and after them there is no further one. None is ever
demanded: no number that could be dialled is kept here, and who must record one would make it up."""
ANSWER_DAYS = 5
"""Working days that a citizen has to say whether the handling satisfies, by the paper's link or when called."""
FRIDAY = 5


STATE_WORDS: dict[S, Words] = {
    S.TO_VERIFY: ("待核实", "to verify"),
    S.APPEALED: ("申诉复核中", "appealed"),
    S.TO_CONTACT: ("待联系", "to contact"),
    S.TO_RECTIFY: ("待整改", "to rectify"),
    S.TO_FEED_BACK: ("待反馈", "to feed back"),
    S.TO_RE_RATE: ("待回访再评", "to re-rate"),
    S.CLOSED: ("已办结", "closed"),
}


class Who(StrEnum):
    """Who takes a step: staff who may, the citizen, or the clock."""

    STAFF = "staff"
    CITIZEN = "citizen"
    CLOCK = "clock"


class Guard(StrEnum):
    """What must be so besides."""

    NONE = "none"
    NOT_APPEALED = "not appealed before"
    SECOND_PERSON = "by another person"
    TRIES_LEFT = "tries left"
    FIRST_ANSWER = "first answer"
    LAST_ANSWER = "second answer"
    CHANGED = "closed by change"
    OVERDUE = "overdue"


REFUSED = {
    Guard.NOT_APPEALED: "appealed_already",
    Guard.SECOND_PERSON: "second_person_wanted",
    Guard.TRIES_LEFT: "tries_used_up",
}
"""The code that tells a person which guard does not hold."""


@dataclass(frozen=True)
class Facts:
    """What guards look at. `tries`: calls in the present state that reached nobody. `answered`: whether the citizen
    has said before that the handling does not satisfy. `overdue`: the deadline is over. `asked_by_me`: the one who
    decides is the one who appealed."""

    tries: int = 0
    answered: bool = False
    appealed: bool = False
    asked_by_me: bool = False
    overdue: bool = False
    outcome: str = ""


HOLDS: dict[Guard, Callable[[Facts], bool]] = {
    Guard.NONE: lambda facts: True,
    Guard.NOT_APPEALED: lambda facts: not facts.appealed,
    Guard.SECOND_PERSON: lambda facts: not facts.asked_by_me,
    Guard.TRIES_LEFT: lambda facts: facts.tries < MOST_TRIES,
    Guard.FIRST_ANSWER: lambda facts: not facts.answered,
    Guard.LAST_ANSWER: lambda facts: facts.answered,
    Guard.CHANGED: lambda facts: facts.outcome == Outcome.CHANGED,
    Guard.OVERDUE: lambda facts: facts.overdue,
}


@dataclass(frozen=True)
class Move:
    """One row: in `state`, `step` leads to `to` where the guard holds. `said`: the step wants words. `call`: it is a
    call to the citizen, which reached them or not."""

    state: S
    step: Step
    to: S
    guard: Guard = Guard.NONE
    who: frozenset[Who] = frozenset({Who.STAFF})
    said: bool = False
    call: bool | None = None
    outcome: Outcome | None = None


CITIZEN, CLOCK = frozenset({Who.CITIZEN}), frozenset({Who.CLOCK})
BOTH = frozenset({Who.STAFF, Who.CITIZEN})
OPEN = tuple(state for state in S if state is not S.CLOSED)

MOVES: tuple[Move, ...] = (
    Move(S.TO_VERIFY, Step.VERIFY, S.TO_CONTACT),
    Move(S.TO_VERIFY, Step.APPEAL, S.APPEALED, Guard.NOT_APPEALED, said=True),
    Move(S.APPEALED, Step.UPHOLD, S.CLOSED, Guard.SECOND_PERSON, said=True, outcome=Outcome.EXCLUDED),
    Move(S.APPEALED, Step.REFUSE, S.TO_VERIFY, Guard.SECOND_PERSON, said=True),
    Move(S.TO_CONTACT, Step.REACH, S.TO_RECTIFY, said=True, call=True),
    Move(S.TO_CONTACT, Step.MISS, S.TO_CONTACT, Guard.TRIES_LEFT, call=False),
    Move(S.TO_CONTACT, Step.GIVE_UP, S.TO_RECTIFY, said=True),
    Move(S.TO_RECTIFY, Step.RECTIFY, S.TO_FEED_BACK, said=True),
    Move(S.TO_FEED_BACK, Step.FEED_BACK, S.TO_RE_RATE, said=True),
    Move(S.TO_RE_RATE, Step.SATISFIED, S.CLOSED, who=BOTH, said=True, call=True, outcome=Outcome.SATISFIED),
    Move(S.TO_RE_RATE, Step.DISSATISFIED, S.TO_RECTIFY, Guard.FIRST_ANSWER, BOTH, said=True, call=True),
    Move(
        S.TO_RE_RATE, Step.DISSATISFIED, S.CLOSED, Guard.LAST_ANSWER, BOTH, said=True, call=True,
        outcome=Outcome.NOT_SATISFIED,
    ),
    Move(S.TO_RE_RATE, Step.DECLINE, S.CLOSED, said=True, call=True, outcome=Outcome.UNANSWERED),
    Move(S.TO_RE_RATE, Step.MISS, S.TO_RE_RATE, Guard.TRIES_LEFT, call=False),
    Move(S.TO_RE_RATE, Step.LAPSE, S.CLOSED, Guard.OVERDUE, CLOCK, outcome=Outcome.UNANSWERED),
    *(Move(state, Step.CHANGE, S.CLOSED, who=CITIZEN, outcome=Outcome.CHANGED) for state in OPEN),
    Move(S.CLOSED, Step.RETURN, S.TO_VERIFY, Guard.CHANGED, CITIZEN),
    *(Move(state, Step.ASSIGN, state) for state in OPEN),
)  # fmt: skip
"""Every step there is; any other is refused."""


class StepError(Exception):
    """The table has no such step now; nothing was changed. `code` is that of the refusal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def move(state: S, step: Step, who: Who, facts: Facts) -> Move:
    """The row that holds. Raises StepError: step_not_possible, or the code of the guard that does not hold."""
    rows = [row for row in MOVES if (row.state, row.step) == (state, step) and who in row.who]
    held = next((row for row in rows if HOLDS[row.guard](facts)), None)
    if held is not None:
        return held
    raise StepError(next((REFUSED[row.guard] for row in rows if row.guard in REFUSED), "step_not_possible"))


def steps(state: S, facts: Facts) -> tuple[Step, ...]:
    """What staff may do now, in the table's order."""
    may = (row.step for row in MOVES if row.state is state and Who.STAFF in row.who and HOLDS[row.guard](facts))
    return tuple(dict.fromkeys(may))


# ── by when ──


class Stage(StrEnum):
    """States that share a deadline."""

    CONTACT = "contact"
    RECTIFY = "rectify"
    ANSWER = "answer"
    OVER = "over"


STAGES = {
    S.TO_VERIFY: Stage.CONTACT, S.APPEALED: Stage.CONTACT, S.TO_CONTACT: Stage.CONTACT,
    S.TO_RECTIFY: Stage.RECTIFY, S.TO_FEED_BACK: Stage.RECTIFY, S.TO_RE_RATE: Stage.ANSWER, S.CLOSED: Stage.OVER,
}  # fmt: skip
SAME_START = (Stage.CONTACT, Stage.RECTIFY)
"""Both count from the rating: who is slow to call has less time to put it right. All else counts from when it
begins."""


@dataclass(frozen=True)
class Limits:
    """Working days: to contact the citizen, and to put right what is simple and what is complex."""

    contact: int
    simple: int
    complex: int

    def of(self, stage: Stage, kind: str) -> int | None:
        """How long a stage may take; None of a case that is over."""
        rectify = self.complex if kind == Kind.COMPLEX else self.simple
        return {Stage.CONTACT: self.contact, Stage.RECTIFY: rectify, Stage.ANSWER: ANSWER_DAYS}.get(stage)


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether the hall works on a date: it has sessions then. A hall without any works Monday to Friday; holidays and
    make-up workdays go before either."""
    if calendar.sessions:
        return bool(sessions_on(calendar, day))
    weekday = weekday_of(day, calendar.days)
    return weekday is not None and weekday <= FRIDAY


def first_day(calendar: Calendar, moment: datetime) -> date | None:
    """The day from which a deadline counts: the local day of `moment`, or, when the hall does not work that day or
    has closed for it, the next working day, as if all had happened when that began. None when there is none within a
    year."""
    today = local_day(calendar.zone, moment)
    slots = slots_on(calendar, today)
    over = bool(slots) and moment >= max(slot.closes for slot in slots)
    return today if is_working_day(calendar, today) and not over else due_day(calendar, today, 1)


def due_day(calendar: Calendar, from_day: date, working_days: int) -> date | None:
    """The working day that is the `working_days`-th after `from_day`, which itself is not counted: with 1, the next.
    Until its end, midnight in the hall's zone, there is time. None when the calendar has no working day for a
    year."""
    day: date | None = from_day
    for _ in range(working_days):
        day = next(_working_days(calendar, day), None) if day is not None else None
    return day


def working_days_between(calendar: Calendar, after: date, until: date) -> int:
    """How many working days there are after one date up to another, which is included."""
    span = range(1, (until - after).days + 1)
    return sum(is_working_day(calendar, after + timedelta(days=n)) for n in span)


def _working_days(calendar: Calendar, after: date) -> Iterator[date]:
    last = min(FURTHEST.days, (date.max - after).days)
    days = (after + timedelta(days=n) for n in range(1, last + 1))
    return (day for day in days if is_working_day(calendar, day))


def deadline_words(calendar: Calendar, today: date, due: date | None) -> Words:
    """还有 2 个工作日, 今天到期, 已逾期 1 个工作日."""
    if due is None:
        return "", ""
    if due == today:
        return "今天到期", "due today"
    left = working_days_between(calendar, *sorted((today, due)))
    days = f"{left} working day{'s' * (left != 1)}"
    if due > today:
        return f"还有 {left} 个工作日", f"{days} left"
    return (f"已逾期 {left} 个工作日", f"overdue by {days}") if left else ("已逾期", "overdue")

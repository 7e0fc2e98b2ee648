"""What becomes of a bad rating: the whole table, and deadlines over random calendars."""

import importlib.util
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.contract.problems import PROBLEMS
from server.contract.rectifications import Kind, Outcome, RectificationState, Step
from server.domain.rectification import (
    HOLDS,
    MOST_TRIES,
    MOVES,
    REFUSED,
    STAGES,
    Facts,
    Guard,
    Limits,
    Stage,
    StepError,
    Who,
    deadline_words,
    due_day,
    first_day,
    is_working_day,
    move,
    steps,
    working_days_between,
)
from server.domain.work_calendar import Calendar, DayKind, Session, SpecialDay

S = RectificationState
SHANGHAI = "Asia/Shanghai"
WEEK = tuple(Session(weekday, 510, 990) for weekday in range(1, 6))
FACTS = [
    Facts(tries, answered, appealed, asked_by_me, overdue, outcome)
    for tries in (0, 1, MOST_TRIES)
    for answered, appealed, asked_by_me, overdue in product((False, True), repeat=4)
    for outcome in ("", *Outcome)
]
NEXT = {
    # state: what staff may do there with nothing special, and where it leads
    S.TO_VERIFY: {Step.VERIFY: S.TO_CONTACT, Step.APPEAL: S.APPEALED},
    S.APPEALED: {Step.UPHOLD: S.CLOSED, Step.REFUSE: S.TO_VERIFY},
    S.TO_CONTACT: {Step.REACH: S.TO_RECTIFY, Step.MISS: S.TO_CONTACT, Step.GIVE_UP: S.TO_RECTIFY},
    S.TO_RECTIFY: {Step.RECTIFY: S.TO_FEED_BACK},
    S.TO_FEED_BACK: {Step.FEED_BACK: S.TO_RE_RATE},
    S.TO_RE_RATE: {
        Step.SATISFIED: S.CLOSED,
        Step.DISSATISFIED: S.TO_RECTIFY,
        Step.DECLINE: S.CLOSED,
        Step.MISS: S.TO_RE_RATE,
    },
    S.CLOSED: {},
}


# ── the table ──


@pytest.mark.parametrize("state", S)
def test_what_staff_may_do_in_a_case_without_anything_special(state):
    assigned = {} if state is S.CLOSED else {Step.ASSIGN: state}
    led = {step: move(state, step, Who.STAFF, Facts()).to for step in steps(state, Facts())}
    assert led == NEXT[state] | assigned


@pytest.mark.parametrize(("state", "step", "who"), [*product(S, Step, Who)])
def test_every_step_is_in_the_table_or_refused(state, step, who):
    rows = [row for row in MOVES if (row.state, row.step) == (state, step) and who in row.who]
    for facts in FACTS:
        holding = [row for row in rows if HOLDS[row.guard](facts)]
        assert len(holding) <= 1  # or the table's order would decide
        if holding:
            assert move(state, step, who, facts) is holding[0]
            assert who is not Who.STAFF or step in steps(state, facts)
        else:
            with pytest.raises(StepError) as refused:
                move(state, step, who, facts)
            assert refused.value.code in PROBLEMS
            assert who is not Who.STAFF or step not in steps(state, facts)


def test_every_guard_is_used_and_every_refusal_a_person_meets_says_which():
    assert {row.guard for row in MOVES} == set(Guard) == set(HOLDS)
    assert set(REFUSED.values()) <= set(PROBLEMS)
    met = {row.guard for row in MOVES if Who.STAFF in row.who} - {Guard.NONE, Guard.FIRST_ANSWER, Guard.LAST_ANSWER}
    assert met == set(REFUSED)


def test_a_case_is_closed_with_an_outcome_and_only_then():
    assert {row for row in MOVES if row.outcome} == {row for row in MOVES if row.to is S.CLOSED}
    assert {row.outcome for row in MOVES} - {None} == set(Outcome)


def test_every_state_is_reached_from_the_first_and_leads_to_the_end():
    ways = {(row.state, row.to) for row in MOVES}
    reached, ending = {S.TO_VERIFY}, {S.CLOSED}
    for _ in S:
        reached |= {to for state, to in ways if state in reached}
        ending |= {state for state, to in ways if to in ending}
    assert reached == ending == set(S)


def test_nobody_but_the_citizen_takes_a_rating_back_and_nobody_but_the_clock_ends_the_wait():
    assert {row.who for row in MOVES if row.step in (Step.CHANGE, Step.RETURN)} == {frozenset({Who.CITIZEN})}
    assert {row.who for row in MOVES if row.step is Step.LAPSE} == {frozenset({Who.CLOCK})}
    citizens = {row.step for row in MOVES if Who.CITIZEN in row.who}
    assert citizens == {Step.SATISFIED, Step.DISSATISFIED, Step.CHANGE, Step.RETURN}


def test_not_satisfied_reopens_once():
    assert move(S.TO_RE_RATE, Step.DISSATISFIED, Who.CITIZEN, Facts()).to is S.TO_RECTIFY
    last = move(S.TO_RE_RATE, Step.DISSATISFIED, Who.STAFF, Facts(answered=True))
    assert (last.to, last.outcome) == (S.CLOSED, Outcome.NOT_SATISFIED)


@pytest.mark.parametrize("tries", range(MOST_TRIES + 1))
def test_calls_that_reach_nobody_have_an_end_and_none_is_demanded(tries):
    for state in (S.TO_CONTACT, S.TO_RE_RATE):
        assert (Step.MISS in steps(state, Facts(tries))) is (tries < MOST_TRIES)
    assert Step.GIVE_UP in steps(S.TO_CONTACT, Facts(tries))


def test_the_wait_for_an_answer_ends_with_its_deadline():
    assert move(S.TO_RE_RATE, Step.LAPSE, Who.CLOCK, Facts(overdue=True)).to is S.CLOSED
    with pytest.raises(StepError, match="step_not_possible"):
        move(S.TO_RE_RATE, Step.LAPSE, Who.CLOCK, Facts())


def test_an_appeal_is_made_once_and_decided_by_another():
    with pytest.raises(StepError, match="appealed_already"):
        move(S.TO_VERIFY, Step.APPEAL, Who.STAFF, Facts(appealed=True))
    for step in (Step.UPHOLD, Step.REFUSE):
        with pytest.raises(StepError, match="second_person_wanted"):
            move(S.APPEALED, step, Who.STAFF, Facts(asked_by_me=True))


def test_the_picture_in_the_docs_is_current():
    docs = Path(__file__).parents[3] / "docs"
    spec = importlib.util.spec_from_file_location("draw_rectification", docs / "draw_rectification.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (docs / "rectification.svg").read_text("utf-8") == module.draw()


# ── by when ──


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHANGHAI)).astimezone(UTC)


def day(text):
    return date.fromisoformat(text)


HOLIDAY, WORKDAY = SpecialDay(DayKind.HOLIDAY, "节"), SpecialDay(DayKind.WORKDAY, "调休")
SPRING = {day("2026-03-05"): HOLIDAY, day("2026-03-06"): HOLIDAY, day("2026-03-07"): WORKDAY}
"""Thursday and Friday are free, Saturday is worked instead."""


@pytest.mark.parametrize("sessions", [WEEK, ()])
@pytest.mark.parametrize(
    ("from_day", "working_days", "due"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-02", 2, "2026-03-04"),
        ("2026-03-02", 3, "2026-03-07"),  # over the holiday, on the make-up workday
        ("2026-03-02", 4, "2026-03-09"),
        ("2026-03-04", 1, "2026-03-07"),
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-03-02", 15, "2026-03-24"),
    ],
)
def test_days_off_do_not_count_and_make_up_workdays_do(sessions, from_day, working_days, due):
    assert due_day(Calendar(SHANGHAI, sessions, 0, SPRING), day(from_day), working_days) == day(due)


@pytest.mark.parametrize(
    ("moment", "counts_from"),
    [
        ("2026-03-02 07:00", "2026-03-02"),  # before it opens
        ("2026-03-02 16:29:59", "2026-03-02"),
        ("2026-03-02 16:30", "2026-03-03"),  # it has closed
        ("2026-03-04 20:00", "2026-03-07"),
        ("2026-03-05 10:00", "2026-03-07"),  # on the holiday
        ("2026-03-08 10:00", "2026-03-09"),
    ],
)
def test_what_is_said_when_nobody_works_counts_from_the_next_working_day(moment, counts_from):
    assert first_day(Calendar(SHANGHAI, WEEK, 0, SPRING), at(moment)) == day(counts_from)


def test_a_hall_without_hours_works_until_midnight():
    assert first_day(Calendar(SHANGHAI, ()), at("2026-03-06 23:59")) == day("2026-03-06")
    assert first_day(Calendar(SHANGHAI, ()), at("2026-03-07 00:00")) == day("2026-03-09")


def test_where_nobody_ever_works_nothing_is_due():
    shut = Calendar(SHANGHAI, WEEK, 0, {day("2026-01-01") + timedelta(days=n): HOLIDAY for n in range(900)})
    assert due_day(shut, day("2026-03-02"), 1) is None and first_day(shut, at("2026-03-02 10:00")) is None
    assert due_day(Calendar(SHANGHAI, WEEK), date.max, 1) is None
    assert deadline_words(shut, day("2026-03-02"), None) == ("", "")


SPECIAL = st.builds(SpecialDay, st.sampled_from(DayKind), st.just("节"), st.integers(1, 7))
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))
COUNTS = st.integers(1, 60)


@st.composite
def calendars(draw, around):
    """Of a hall that works on one weekday at least, with special days near that one."""
    near = st.dates(around - timedelta(days=40), around + timedelta(days=120))
    weekdays = draw(st.one_of(st.just(()), st.sets(st.integers(1, 7), min_size=1)))
    sessions = tuple(Session(weekday, 510, 990) for weekday in sorted(weekdays))
    return Calendar(SHANGHAI, sessions, 0, draw(st.dictionaries(near, SPECIAL, max_size=40)))


@given(st.data(), DAYS, COUNTS)
def test_a_deadline_is_so_many_working_days_away_and_never_on_a_closed_day(data, from_day, count):
    calendar = data.draw(calendars(from_day))
    due = due_day(calendar, from_day, count)
    assert due > from_day and is_working_day(calendar, due)
    assert working_days_between(calendar, from_day, due) == count


@given(st.data(), DAYS, COUNTS, COUNTS, st.integers(0, 30))
def test_more_days_or_a_later_start_never_give_an_earlier_deadline(data, from_day, fewer, more, later):
    calendar = data.draw(calendars(from_day))
    fewer, more = sorted((fewer, more))
    assert due_day(calendar, from_day, fewer) <= due_day(calendar, from_day, more)
    assert due_day(calendar, from_day, more) <= due_day(calendar, from_day + timedelta(days=later), more)


@given(st.data(), DAYS, COUNTS)
def test_a_holiday_more_puts_off_and_a_make_up_workday_brings_nearer(data, from_day, count):
    calendar = data.draw(calendars(from_day))
    due = due_day(calendar, from_day, count)
    other = from_day + timedelta(days=data.draw(st.integers(1, (due - from_day).days)))
    free = Calendar(SHANGHAI, calendar.sessions, 0, {**calendar.days, other: HOLIDAY})
    assert (due_day(free, from_day, count) > due) is is_working_day(calendar, other)
    weekday = data.draw(st.sampled_from(calendar.sessions)).weekday if calendar.sessions else 1
    worked = Calendar(
        SHANGHAI, calendar.sessions, 0, {**calendar.days, other: SpecialDay(DayKind.WORKDAY, "", weekday)}
    )
    assert (due_day(worked, from_day, count) < due) is not is_working_day(calendar, other)


@given(st.data(), st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given UTC
def test_the_first_day_is_worked_and_not_before_the_moment(data, moment):
    today = moment.astimezone(ZoneInfo(SHANGHAI)).date()
    calendar = data.draw(calendars(today))
    start = first_day(calendar, moment)
    assert start >= today and is_working_day(calendar, start)
    assert not working_days_between(calendar, today, start - timedelta(days=1))


@pytest.mark.parametrize(
    ("today", "due", "zh", "en"),
    [
        ("2026-03-02", "2026-03-07", "还有 3 个工作日", "3 working days left"),
        ("2026-03-04", "2026-03-07", "还有 1 个工作日", "1 working day left"),
        ("2026-03-07", "2026-03-07", "今天到期", "due today"),
        ("2026-03-08", "2026-03-07", "已逾期", "overdue"),
        ("2026-03-09", "2026-03-07", "已逾期 1 个工作日", "overdue by 1 working day"),
        ("2026-03-10", "2026-03-07", "已逾期 2 个工作日", "overdue by 2 working days"),
    ],
)
def test_deadlines_in_words(today, due, zh, en):
    assert deadline_words(Calendar(SHANGHAI, WEEK, 0, SPRING), day(today), day(due)) == (zh, en)


def test_how_long_each_stage_may_take():
    limits = Limits(1, 5, 15)
    taken = {stage: (limits.of(stage, Kind.SIMPLE), limits.of(stage, Kind.COMPLEX)) for stage in Stage}
    assert taken == {Stage.CONTACT: (1, 1), Stage.RECTIFY: (5, 15), Stage.ANSWER: (5, 5), Stage.OVER: (None, None)}
    assert set(STAGES) == set(S)

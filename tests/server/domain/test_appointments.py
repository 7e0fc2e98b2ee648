"""Slots of a day and the steps of a booking: the whole table, and plans as an admin may make them."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.contract.appointments import AppointmentState, Mode, WeeklyTimes
from server.domain.appointments import (
    HOME_VISITS_ONLY,
    STEPS,
    BookedDay,
    Step,
    days_ahead,
    in_time,
    is_code,
    is_late,
    may_be_marked,
    slots_of,
)

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)
MORNING = WeeklyTimes((1, 2, 3, 4, 5), 510, 690, 30, 4)  # 08:30 to 11:30


def times(*plans, day=MONDAY):
    return [
        f"{slot.starts_at:%H:%M}-{slot.ends_at:%H:%M} {slot.capacity}"
        for slot in slots_of(plans, BookedDay(day, day.isoweekday()), ZONE)
    ]


def test_slots_follow_one_another_and_the_last_ends_in_time():
    assert times(MORNING) == [
        "08:30-09:00 4", "09:00-09:30 4", "09:30-10:00 4", "10:00-10:30 4", "10:30-11:00 4", "11:00-11:30 4",
    ]  # fmt: skip
    assert times(WeeklyTimes((1,), 510, 600, 40, 1)) == ["08:30-09:10 1", "09:10-09:50 1"]
    assert times(WeeklyTimes((1,), 1380, 1440, 60, 1))[0].startswith("23:00-00:00")


def test_only_on_its_weekdays_and_between_its_days():
    assert times(MORNING, day=MONDAY + timedelta(days=5)) == []
    bounded = WeeklyTimes((1, 2, 3, 4, 5, 6, 7), 540, 600, 60, 1, MONDAY, MONDAY + timedelta(days=1))
    days = [MONDAY + timedelta(days=n) for n in range(-1, 3)]
    assert [bool(times(bounded, day=day)) for day in days] == [False, True, True, False]


def test_a_make_up_workday_keeps_the_plans_of_another_weekday():
    saturday = MONDAY + timedelta(days=5)
    assert slots_of([MORNING], BookedDay(saturday, 6), ZONE) == ()
    assert len(slots_of([MORNING], BookedDay(saturday, 5), ZONE)) == 6


def test_places_of_plans_that_meet_add_up():
    plans = (WeeklyTimes((1,), 540, 570, 30, 2), WeeklyTimes((1,), 540, 600, 30, 3))
    assert times(*plans) == ["09:00-09:30 5", "09:30-10:00 3"]


plans = st.builds(
    WeeklyTimes, st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple), st.integers(0, 1435),
    st.integers(5, 1440), st.integers(5, 480), st.integers(1, 500), st.none() | st.dates(), st.none() | st.dates(),
)  # fmt: skip


@given(st.lists(plans, max_size=4), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_whatever_the_plans_slots_are_in_order_with_places_and_on_their_day(made, day):
    slots = slots_of(made, BookedDay(day, day.isoweekday()), ZONE)
    assert [s.starts_at for s in slots] == sorted({s.starts_at for s in slots})
    assert all(s.capacity > 0 and s.starts_at.date() == day and s.starts_at < s.ends_at for s in slots)


def test_the_window_of_booking():
    slot = slots_of([MORNING], BookedDay(MONDAY, 1), ZONE)[1]  # 09:00 in Shanghai is 01:00 UTC
    at_nine = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    half_an_hour = timedelta(minutes=30)
    assert in_time(slot, at_nine - half_an_hour, half_an_hour)
    assert not in_time(slot, at_nine - half_an_hour + timedelta(seconds=1), half_an_hour)
    assert len(days_ahead(MONDAY)) == 15 and days_ahead(MONDAY)[0] == MONDAY


def test_late_is_after_the_tolerance():
    due = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    assert not is_late(due, due + quarter, quarter) and is_late(due, due + quarter + timedelta(seconds=1), quarter)


def test_the_whole_table_of_steps():
    booked, arrived, missed = AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.MISSED
    cancelled, done = AppointmentState.CANCELLED, AppointmentState.DONE
    may = {
        booked: {Step.ARRIVE: arrived, Step.CANCEL: cancelled, Step.MISS: missed, Step.FINISH: done},
        missed: {Step.ARRIVE: arrived, Step.FINISH: done},
        arrived: {Step.ARRIVE: arrived},
    }
    for state, step in product(AppointmentState, Step):
        assert STEPS.get((state, step)) == may.get(state, {}).get(step)


def test_the_desk_marks_home_visits_only():
    for mode, step in product(Mode, Step):
        assert may_be_marked(mode, step) == (mode is Mode.HOME_VISIT or step not in HOME_VISITS_ONLY)


@pytest.mark.parametrize(
    ("text", "code"),
    [("12345678", True), ("00000000", True), ("1234567", False), ("123456789", False), ("１２３４５６７８", False),
     ("1234567a", False), ("", False), ("²2345678", False)],
)  # fmt: skip
def test_what_a_code_looks_like(text, code):
    assert is_code(text) is code

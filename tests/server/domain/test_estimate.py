"""The estimate: repeatable, never better for being further behind, and after the policy's own rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.contract.tickets import Lane
from server.domain.estimate import FAST, Desk, Newcomer, Person, Range, Scene, blend, forecast, minutes
from server.domain.policy import Fairness, Seat, Waiting, calling_order

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FIVE = tuple(range(150, 451, 15))
"""Services of about five minutes."""


def line(count, queue="A", lane=Lane.NORMAL, first=1):
    return [Person(first + i, queue, lane, 60.0 * (count - i)) for i in range(count)]


def desks(count, weights=None):
    return [Desk(f"{i:02}", weights or {"A": 1}, ("A", 60.0)) for i in range(count)]


def scene(people, windows, **more):
    return Scene(windows, people, {"A": FIVE, "B": FIVE}, **more)


def newcomer(*args, queue="A", lane=Lane.NORMAL, **more):
    return forecast(scene(*args, **more)).newcomers[queue, lane].wait


def test_the_same_facts_give_the_same_estimate():
    facts = scene(line(12), desks(3), arrivals={("A", Lane.PRIORITY): 1 / 300}, breaks=(0.05, 600.0))
    assert forecast(facts) == forecast(facts)


def test_ten_people_and_two_windows_of_five_minutes():
    wait = newcomer(line(10), desks(2))
    assert 20 * 60 < wait.low_s < 32 * 60
    assert wait.low_s < wait.high_s < 60 * 60


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.integers(3, 15), st.integers(1, 6))
def test_more_people_ahead_never_wait_less(count, more, windows):
    few, many = newcomer(line(count), desks(windows)), newcomer(line(count + more * windows), desks(windows))
    assert many.low_s > few.low_s and many.high_s > few.high_s


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.integers(1, 6))
def test_twice_the_windows_never_make_it_worse(count, windows):
    assert newcomer(line(count), desks(2 * windows)).low_s <= newcomer(line(count), desks(windows)).low_s + 60


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 5))
def test_between_two_forecasts_the_people_ahead_carry_it_on(known, ahead, more, idle):
    at = Newcomer(known, Range(known * 100.0, known * 180.0 + 60), 100.0, idle).at
    assert at(ahead).low_s <= at(ahead + more).low_s and at(ahead).high_s <= at(ahead + more).high_s
    assert 0 <= at(ahead).low_s <= at(ahead).high_s


def test_everyone_who_waits_has_an_estimate_in_the_order_of_the_line():
    tickets = forecast(scene(line(8), desks(2))).tickets
    assert list(tickets) and [tickets[key].low_s for key in range(1, 9)] == sorted(
        wait.low_s for wait in tickets.values()
    )


def test_the_green_lane_waits_less_and_its_later_arrivals_make_others_wait():
    plain = newcomer(line(10), desks(2))
    assert newcomer(line(10), desks(2), lane=Lane.PRIORITY).low_s < 0.5 * plain.low_s
    assert newcomer(line(10), desks(2), arrivals={("A", Lane.PRIORITY): 1 / 400}).low_s > 1.15 * plain.low_s


def test_a_ticket_for_one_window_waits_for_that_window():
    slow = Desk("09", {"B": 1}, ("B", 10.0), pace=3.0)
    there = Person(99, "A", Lane.NORMAL, 0.0, "09")
    tickets = forecast(scene([*line(3), there], [*desks(3), slow])).tickets
    assert tickets[99].low_s > max(tickets[key].low_s for key in (1, 2, 3))


def test_a_slow_clerk_and_a_paused_window_make_it_longer():
    usual = newcomer(line(10), desks(2)).low_s
    assert newcomer(line(10), [Desk("01", {"A": 1}, pace=1.6), Desk("02", {"A": 1}, pace=1.6)]).low_s > 1.3 * usual
    one_away = [Desk("01", {"A": 1}), Desk("02", {"A": 1}, away_s=1800.0)]
    assert newcomer(line(10), one_away).low_s > 1.2 * usual


def test_who_has_been_served_long_is_nearly_done():
    fresh, nearly = (newcomer([], [Desk("01", {"A": 1}, ("A", lasted))]).low_s for lasted in (5.0, 420.0))
    assert nearly < 60 < fresh


@pytest.mark.parametrize(
    "facts",
    [
        scene(line(3), []),
        scene(line(3), desks(2, {"B": 1})),
        Scene(desks(2), line(3), {}),
        scene(line(4000), desks(1)),
    ],
    ids=["no window", "no window for it", "no service known", "too far to say"],
)
def test_where_nobody_can_say_nothing_is_said(facts):
    assert ("A", Lane.NORMAL) not in forecast(facts).newcomers


lanes = st.sampled_from([Lane.NORMAL, *FAST])
people = st.lists(
    st.builds(
        Person, st.integers(1, 10**6), st.sampled_from("AB"), lanes, st.integers(0, 5400).map(float),
        st.sampled_from([None, None, "01"]),
    ),
    unique_by=(lambda p: p.key, lambda p: p.waited_s), max_size=14,
)  # fmt: skip


@given(people, st.integers(1, 3), st.integers(0, 4), st.integers(1, 3))
def test_it_calls_in_the_order_of_the_policy(waiting, weight, run, cap):
    """With services that last no time, one window's course is the policy's calling order."""
    weights = {"A": weight, "B": 1}
    facts = Scene([Desk("01", weights, fast_run=run)], waiting, {"A": (0.001,), "B": (0.001,)}, cap=cap)
    called = {key: wait.low_s for key, wait in forecast(facts, runs=1).tickets.items()}
    rows = [
        Waiting(p.key, str(p.key), p.queue, p.lane, NOW - timedelta(seconds=p.waited_s), p.window) for p in waiting
    ]
    order = calling_order(Seat("01", weights, run), rows, NOW, Fairness(cap=cap), limit=99)
    assert sorted(called, key=called.__getitem__) == order


def test_few_measured_services_are_drawn_towards_what_is_believed():
    def mean(own):
        return sum(blend(own, (0.5, 1.0, 1.5), 600.0)) / len(blend(own, (0.5, 1.0, 1.5), 600.0))

    assert mean([]) == pytest.approx(600, rel=0.05)
    assert 300 < mean([60.0] * 3) < 560
    assert mean([60.0] * 200) < 90


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0, 60, (0, 1)), (0, 0, (0, 1)), (130, 400, (2, 7)), (620, 1210, (10, 25)), (779, 781, (10, 15))],
)
def test_minutes_as_people_say_them(low, high, said):
    assert minutes(Range(low, high)) == said

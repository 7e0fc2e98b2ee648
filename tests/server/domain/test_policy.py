"""Who is next: fair, strict among equals, explained, and starving nobody."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from server.contract.tickets import Lane
from server.domain.policy import RULES, Fairness, Seat, Waiting, calling_order, choose, lines_of, on_time

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LONG = Fairness(aging=timedelta(days=9))
"""Nobody waits so long: for what the other rules say among themselves."""


def minutes(n):
    return timedelta(minutes=n)


def waiting(key, queue="A", lane=Lane.NORMAL, waited=0, bound_to=None, bound_staff=None, due=None):
    due_at = None if due is None else NOW + minutes(due)
    return Waiting(key, f"{queue}{key:03d}", queue, lane, NOW - minutes(waited), bound_to, bound_staff, due_at)


tickets = st.builds(
    waiting,
    st.integers(1, 10_000),
    st.sampled_from("ABC"),
    st.sampled_from(Lane),
    st.integers(-5, 120),
    st.sampled_from([None, None, None, "01", "02"]),
).flatmap(
    lambda t: st.builds(
        dataclasses.replace,
        st.just(t),
        bound_staff=st.sampled_from([None, None, "li", "wu"] if t.bound_to is None else [None]),
        due_at=st.sampled_from([None, NOW - minutes(30), NOW, NOW + minutes(15), NOW + minutes(16)])
        if t.lane is Lane.APPOINTMENT
        else st.none(),
    )
)
lines = st.lists(tickets, unique_by=lambda t: t.key, max_size=30)
seats = st.builds(
    Seat,
    window=st.just("01"),
    weights=st.dictionaries(st.sampled_from("ABC"), st.integers(1, 9), min_size=1),
    run=st.integers(0, 6),
    staff=st.sampled_from([None, "li"]),
)
fairness = st.builds(Fairness, cap=st.integers(1, 5), aging=st.integers(1, 150).map(minutes))


def is_normal(t, now, rules):
    bound = t.bound_to is not None or t.bound_staff is not None
    early_or_late = t.lane is Lane.APPOINTMENT and not on_time(t.due_at, now, rules)
    return not bound and (t.lane is Lane.NORMAL or early_or_late)


def is_for(t, seat):
    if t.bound_to is None and t.bound_staff is None:
        return t.queue in seat.weights
    return t.bound_to == seat.window or (seat.staff is not None and t.bound_staff == seat.staff)


@given(seats, lines, fairness, st.randoms())
def test_the_choice_does_not_depend_on_how_the_line_is_listed(seat, line, rules, random):
    shuffled = random.sample(line, len(line))
    assert choose(seat, line, NOW, rules) == choose(seat, shuffled, NOW, rules)


@given(seats, lines, fairness)
def test_the_choice_is_somebody_whom_this_window_may_call_and_is_explained(seat, line, rules):
    choice = choose(seat, line, NOW, rules)
    mine = {t.key for t in line if is_for(t, seat)}
    if choice is None:
        assert not mine
    else:
        assert choice.key in mine and choice.reason and choice.rule in {rule.name for rule in RULES}


@given(seats, lines, fairness)
def test_the_first_of_each_line_is_all_that_the_choice_needs(seat, line, rules):
    heads = [each[0] for each in lines_of(line, NOW, rules)]
    assert choose(seat, heads, NOW, rules) == choose(seat, line, NOW, rules)


@given(seats, lines, fairness)
def test_within_a_line_arrival_decides(seat, line, rules):
    choice = choose(seat, line, NOW, rules)
    assume(choice is not None)
    (same,) = (each for each in lines_of(line, NOW, rules) if choice.key in {t.key for t in each})
    assert choice.key == min((t.queued_at, t.key) for t in same)[1]


@given(seats, lines, fairness)
def test_the_cap_is_honoured(seat, line, rules):
    choice = choose(seat, line, NOW, rules)
    assume(choice is not None)
    chosen = next(t for t in line if t.key == choice.key)
    if is_normal(chosen, NOW, rules):
        assert choice.run == 0
    else:
        assert choice.run == seat.run + 1
        assert choice.run <= rules.cap or not any(is_for(t, seat) and is_normal(t, NOW, rules) for t in line)


@given(seats, lines, fairness)
def test_the_calling_order_is_what_call_next_would_do(seat, line, rules):
    left = list(line)
    for key in calling_order(seat, line, NOW, rules, limit=50):
        choice = choose(seat, left, NOW, rules)
        assert choice.key == key
        seat = dataclasses.replace(seat, run=choice.run)
        left = [t for t in left if t.key != key]
    assert choose(seat, left, NOW, rules) is None


@given(st.data(), seats, st.lists(tickets, unique_by=lambda t: t.key, max_size=8), fairness)
def test_nobody_starves(data, seat, line, rules):
    """The bounds of docs/who-is-next.md: whoever comes behind, and whatever their lane, binding and weight."""
    aged = [t for t in line if is_for(t, seat) and NOW - t.queued_at > rules.aging and t.due_at is None]
    assume(aged)
    one = data.draw(st.sampled_from(aged), "who must not starve")
    normal = is_normal(one, NOW, rules)
    earlier = [
        t for t in line
        if is_for(t, seat) and (t.queued_at, t.key) < (one.queued_at, one.key)
        and (is_normal(t, NOW, rules) is normal or t.due_at is not None)  # its time may come, or pass
    ]  # fmt: skip
    bound = (rules.cap + 1 if normal else 2) * (len(earlier) + 1)
    now = NOW
    for calls in range(1, bound + 1):
        choice = choose(seat, line, now, rules)
        if choice.key == one.key:
            return
        seat = dataclasses.replace(seat, run=choice.run)
        now += timedelta(seconds=data.draw(st.integers(0, 20), "seconds until the next call"))
        behind = dataclasses.replace(data.draw(tickets, "comes behind"), key=20_000 + calls, queued_at=now)
        line = [*(t for t in line if t.key != choice.key), behind]
    raise AssertionError(f"{one} was not called within {bound} calls")


def test_a_weight_makes_waiting_count_more():
    line = [waiting(1, "A", waited=10), waiting(2, "B", waited=6)]
    assert choose(Seat("01", {"A": 1, "B": 2}), line, NOW).key == 2
    assert choose(Seat("01", {"A": 1, "B": 1}), line, NOW).key == 1


def test_the_fast_lanes_go_in_their_order_then_the_normal_one():
    line = [
        waiting(1, waited=40), waiting(2, lane=Lane.EXPRESS, waited=30), waiting(3, lane=Lane.PRIORITY, waited=20),
        waiting(4, lane=Lane.APPOINTMENT, waited=10, due=5), waiting(5, waited=1, bound_to="01"),
    ]  # fmt: skip
    assert calling_order(Seat("01", {"A": 1}), line, NOW, Fairness(cap=9), limit=9) == [5, 4, 3, 2, 1]
    assert calling_order(Seat("01", {"A": 1}), line, NOW, Fairness(cap=2), limit=9) == [5, 4, 1, 3, 2]
    assert calling_order(Seat("01", {"A": 1}), line, NOW, Fairness(cap=9, aging=minutes(15)), limit=9)[:2] == [2, 3]


def test_an_appointment_goes_ahead_within_its_tolerance_only():
    seat = Seat("01", {"A": 1})
    for due, ahead in ((-21, False), (-20, True), (0, True), (10, True), (11, False)):
        line = [waiting(1, waited=5), waiting(2, lane=Lane.APPOINTMENT, waited=1, due=due)]
        choice = choose(seat, line, NOW, Fairness(early=minutes(10), late=minutes(20)))
        assert (choice.key == 2) is ahead, due
    early = choose(seat, [waiting(2, lane=Lane.APPOINTMENT, waited=1, due=99)], NOW)
    assert (early.run, early.rule) == (0, "arrival") and early.reason.startswith("预约时段外")


def test_bound_tickets_are_for_their_window_or_person_alone_and_wait_for_the_cap():
    line = [waiting(1, waited=1, bound_to="02"), waiting(2, waited=1, bound_staff="wu"), waiting(3)]
    assert choose(Seat("01", {"A": 1}, staff="li"), line, NOW).key == 3
    assert choose(Seat("02", {}, staff="li"), line, NOW).key == 1
    assert choose(Seat("09", {}, staff="wu"), line, NOW).key == 2
    assert choose(Seat("02", {"A": 1}, run=3), line, NOW).key == 3


def test_each_rule_says_why_in_a_sentence():
    a, fast = waiting(1, waited=12), waiting(2, lane=Lane.PRIORITY, waited=3)
    here = Seat("01", {"A": 1, "B": 2}, staff="li")
    said = {
        "arrival": choose(here, [a], NOW),
        "lane": choose(here, [a, fast], NOW),
        "cap": choose(dataclasses.replace(here, run=3), [a, fast], NOW),
        "aged": choose(here, [waiting(1, waited=46)], NOW),
        "bound": choose(here, [waiting(1, bound_staff="li")], NOW),
    }
    assert {name: choice.rule for name, choice in said.items()} == {name: name for name in said}
    assert [choice.reason for choice in said.values()] == [
        "A 队列已等候 12 分钟",
        "绿色通道优先；A 队列已等候 3 分钟",
        "优先号已连续叫 3 位，轮到普通号；A 队列已等候 12 分钟",
        "已等候 46 分钟，超过 45 分钟，按到达先后叫号",
        "A001 指定由您办理，优先叫号",
    ]
    assert choose(here, [waiting(1, "B", waited=2)], NOW).reason == "B 队列已等候 2 分钟（权重 2）"
    assert set(said) == {rule.name for rule in RULES}


def test_a_clock_stepped_back_still_chooses():
    assert choose(Seat("01", {"A": 1}), [waiting(1, waited=-60), waiting(2, waited=-61)], NOW, LONG).key == 1


def test_the_docs_have_the_rule_table():
    text = (Path(__file__).parents[3] / "docs" / "who-is-next.md").read_text("utf-8")
    rows = [f"| {n} | `{rule.name}` | {rule.zh} | {rule.en} |" for n, rule in enumerate(RULES, 1)]
    assert "\n".join(rows) in text

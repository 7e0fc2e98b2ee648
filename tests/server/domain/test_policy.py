"""Who is next: fair, strict among equals, explained, and never starving a lane."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.contract.tickets import Lane
from server.domain.policy import FAIRNESS_CAP, Waiting, calling_order, choose

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def waiting(key, queue="A", lane=Lane.NORMAL, minutes=0, bound_to=None):
    return Waiting(key, f"{queue}{key:03d}", queue, lane, NOW - timedelta(minutes=minutes), bound_to)


lines = st.lists(
    st.builds(
        waiting,
        st.integers(1, 10_000),
        st.sampled_from("ABC"),
        st.sampled_from(Lane),
        st.integers(0, 300),
        st.sampled_from([None, "01", "02"]),
    ),
    unique_by=lambda t: t.key,
    max_size=30,
)
lanes = st.lists(st.sampled_from(Lane), max_size=8)


@given(lines, lanes, st.randoms())
def test_the_choice_does_not_depend_on_how_the_line_is_listed(line, recent, random):
    shuffled = random.sample(line, len(line))
    assert choose("01", {"A": 1, "B": 2}, line, recent, NOW) == choose("01", {"A": 1, "B": 2}, shuffled, recent, NOW)


@given(lines, lanes)
def test_the_choice_is_somebody_whom_this_window_may_call(line, recent):
    choice = choose("01", {"A": 1, "B": 2}, line, recent, NOW)
    mine = [t for t in line if t.bound_to == "01" or (t.bound_to is None and t.queue in "AB")]
    if choice is None:
        assert not mine
    else:
        assert choice.key in {t.key for t in mine} and choice.reason


@given(lines, lanes)
def test_within_a_queue_and_lane_arrival_decides(line, recent):
    choice = choose("01", {"A": 1, "B": 2, "C": 1}, line, recent, NOW)
    if choice is not None:
        chosen = next(t for t in line if t.key == choice.key)
        same = [t for t in line if (t.queue, t.lane, t.bound_to) == (chosen.queue, chosen.lane, chosen.bound_to)]
        assert (chosen.queued_at, chosen.key) == min((t.queued_at, t.key) for t in same)


@given(lanes)
def test_no_lane_starves_the_normal_one(recent):
    line = [waiting(n, lane=Lane.PRIORITY) for n in range(1, 20)] + [waiting(99, minutes=1)]
    for _ in range(FAIRNESS_CAP + 1):
        choice = choose("01", {"A": 1}, line, recent, NOW)
        lane = next(t.lane for t in line if t.key == choice.key)
        if lane is Lane.NORMAL:
            return
        recent = [*recent, lane]
    raise AssertionError("the normal ticket starved")


def test_a_weight_makes_waiting_count_more():
    line = [waiting(1, "A", minutes=10), waiting(2, "B", minutes=6)]
    assert choose("01", {"A": 1, "B": 2}, line, [], NOW).key == 2
    assert choose("01", {"A": 1, "B": 1}, line, [], NOW).key == 1


def test_the_reason_reads_as_a_sentence():
    assert choose("01", {"A": 1}, [waiting(1, minutes=12)], [], NOW).reason == "A 队列已等候 12 分钟"


def test_a_clock_stepped_back_still_chooses():
    assert choose("01", {"A": 1}, [waiting(1, minutes=-60), waiting(2, minutes=-61)], [], NOW).key == 1


@given(lines, lanes)
def test_the_calling_order_is_what_call_next_would_do(line, recent):
    weights = {"A": 1, "B": 2}
    order = calling_order("01", weights, line, recent, NOW, limit=50)
    left, lanes_so_far = list(line), list(recent)
    for key in order:
        choice = choose("01", weights, left, lanes_so_far, NOW)
        assert choice.key == key
        lanes_so_far.append(next(t.lane for t in left if t.key == key))
        left = [t for t in left if t.key != key]
    assert choose("01", weights, left, lanes_so_far, NOW) is None

"""The past drawn from events: the same whatever the cut, and nothing that cannot be breaks it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from server.contract.monitor import WindowCell
from server.contract.news import NewsKind as N
from server.domain.replay import KINDS, Event, Hall, at_moment, film

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WINDOWS = {no: WindowCell() for no in ("01", "02")}


def told(kind, seconds, ticket="a", window="", **more):
    return Event(kind, NINE + seconds * SECOND, ticket, ticket.upper(), "A", window, **more)


VISIT = [
    Event(N.WINDOW_CHANGED, NINE, window="01", state="open", who="li"),
    told(N.TICKET_ISSUED, 60, lane="priority"),
    told(N.TICKET_CALLED, 120, window="01"),
    told(N.TICKET_RECALLED, 150, window="01"),
    told(N.TICKET_SERVING, 180, window="01"),
    told(N.TICKET_FINISHED, 600, window="01"),
]


def drawn(events, at, begin=0, grain=SECOND):
    end = NINE + timedelta(days=1)
    start, steps = film("AB", WINDOWS, events, NINE + begin * SECOND, end, grain)
    return at_moment(start, steps, NINE + at * SECOND)


def test_a_visit_step_by_step():
    queue, window = "A", "01"
    assert drawn(VISIT, 59).queues[queue].waiting == 0
    waits = drawn(VISIT, 61).queues[queue]
    assert (waits.waiting, waits.lanes, waits.oldest, waits.oldest_from) == (
        1, {"priority": 1}, "A", NINE + 60 * SECOND,
    )  # fmt: skip
    called = drawn(VISIT, 130)
    assert (called.queues[queue].waiting, called.queues[queue].called) == (0, 1)
    assert called.windows[window] == WindowCell("open", "", NINE + 120 * SECOND, "li", "A", "a")
    assert drawn(VISIT, 160).windows[window].since == NINE + 120 * SECOND, "a recall is the same call"
    assert drawn(VISIT, 200).windows[window] == WindowCell("open", "", NINE + 180 * SECOND, "li", "A", "a", True)
    assert drawn(VISIT, 600).windows[window] == WindowCell("open", "", NINE + 600 * SECOND, "li")


def test_a_call_that_is_taken_back_leaves_the_wait_as_long_as_it_was():
    events = [*VISIT[:3], told(N.TICKET_REQUEUED, 130, undo=True)]
    cell = drawn(events, 140).queues["A"]
    assert (cell.waiting, cell.called) == (1, 0)
    assert cell.oldest_from == NINE + 70 * SECOND, "60 s of waiting before, and on from 130"


def test_a_transfer_takes_the_ticket_to_the_other_line():
    events = [*VISIT[:5], told(N.TICKET_TRANSFERRED, 300, window="01", to_queue="B")]
    picture = drawn(events, 310)
    assert picture.queues["A"].waiting == 0 and picture.queues["B"].waiting == 1
    assert (picture.queues["A"].called, picture.queues["B"].called) == (0, 1)
    assert picture.windows["01"].number == ""


def test_a_pause_with_somebody_in_hand_goes_on_after():
    pause = Event(N.WINDOW_CHANGED, NINE + 200 * SECOND, window="01", state="paused", pause_reason="会议", who="li")
    cell = drawn([*VISIT[:5], pause, *VISIT[5:]], 700).windows["01"]
    assert (cell.state, cell.pause_reason, cell.since) == ("paused", "会议", NINE + 200 * SECOND)


def test_who_signs_out_is_gone():
    leave = Event(N.WINDOW_CHANGED, NINE + 700 * SECOND, window="01", state="closed", who="li")
    assert drawn([*VISIT, leave], 800).windows["01"] == WindowCell("closed", "", NINE + 700 * SECOND)


def test_the_clock_set_back_keeps_the_order():
    events = [VISIT[0], told(N.TICKET_ISSUED, 60), told(N.TICKET_CALLED, 20, window="01"), told(N.TICKET_SERVING, 80)]
    start, steps = film("A", WINDOWS, events, NINE, NINE + timedelta(hours=1), SECOND)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert at_moment(start, steps, NINE + 90 * SECOND).queues["A"].waiting == 0


EVENTS = st.lists(
    st.builds(
        Event, kind=st.sampled_from(sorted(KINDS)), at=st.integers(0, 3600).map(lambda s: NINE + s * SECOND),
        ticket=st.sampled_from("abcd"), number=st.just("A001"), queue=st.sampled_from("AB"),
        window=st.sampled_from(["01", "02", "", "99"]), lane=st.sampled_from(["", "normal", "priority"]),
        to_queue=st.sampled_from(["", "A", "B"]), undo=st.booleans(),
        state=st.sampled_from(["open", "paused", "closed", ""]), who=st.just("li"),
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(0, 3600), st.sampled_from([1, 15, 900]))
def test_wherever_it_is_cut_and_however_coarse_the_end_is_the_same(events, begin, grain):
    events.sort(key=lambda event: event.at)
    hall = Hall(dict(WINDOWS), "AB")
    for event in events:
        hall.apply(event)
    cut = drawn(events, 24 * 3600, begin, grain * SECOND)
    assert cut.queues == hall.picture().queues
    assert {no: cut.windows[no] for no in cut.windows} == hall.windows


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(0, 3600))
def test_a_moment_is_what_happened_until_then(events, moment):
    events.sort(key=lambda event: event.at)
    hall = Hall(dict(WINDOWS), "AB")
    for event in events:
        if event.at <= NINE + moment * SECOND:
            hall.apply(event)
    assert drawn(events, moment) == hall.picture()


@given(EVENTS)
def test_nothing_that_cannot_be_breaks_it(events):
    hall = Hall(dict(WINDOWS), "AB")
    for event in events:
        hall.apply(event)
    cells = hall.picture().queues.values()
    assert all(cell.waiting >= 0 and cell.called >= 0 for cell in cells)

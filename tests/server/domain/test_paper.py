"""Papers and stories, without a clock or a database."""

from datetime import UTC, datetime, timedelta

import pytest

from server.contract.desk import PaperState
from server.contract.news import NewsKind
from server.contract.tickets import PrintState, TicketState
from server.domain import paper, story

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PENDING, PRINTED, FAILED, UNKNOWN = PrintState.PENDING, PrintState.PRINTED, PrintState.FAILED, PrintState.UNKNOWN


@pytest.mark.parametrize(
    ("state", "faults", "age", "ready"),
    [
        ("online", [], 90, True),
        ("online", ["paper_low"], 0, True),
        ("online", [], 91, False),
        ("online", ["cover_open"], 0, False),
        ("fault", [], 0, False),
        ("absent", [], 0, False),
    ],
)
def test_who_can_be_asked_for_a_paper(state, faults, age, ready):
    assert paper.ready(state, faults, NOW - timedelta(seconds=age), NOW) is ready
    assert not paper.ready(state, faults, None, NOW)


@pytest.mark.parametrize("is_copy", [False, True])
@pytest.mark.parametrize("known", PrintState)
def test_nothing_unprints_a_ticket(known, is_copy):
    assert paper.print_state(known, PRINTED, is_copy) is PRINTED
    for said in (FAILED, UNKNOWN):
        after = paper.print_state(known, said, is_copy)
        assert after is (PRINTED if known is PRINTED else UNKNOWN if is_copy and known is UNKNOWN else said)


def test_a_copy_that_surely_is_no_paper_leaves_its_number_free():
    assert paper.next_copy([], first=True) == 0
    assert paper.next_copy([], first=False) == 1
    assert paper.next_copy([(1, PaperState.FAILED)], first=False) == 1
    assert paper.next_copy([(1, PaperState.UNKNOWN), (2, PaperState.FAILED)], first=False) == 2


def test_time_is_counted_by_state_and_a_clock_set_back_counts_as_none():
    def at(minutes):
        return NOW + timedelta(minutes=minutes)

    events = [
        (NewsKind.TICKET_ISSUED, at(0)), (NewsKind.TICKET_PRINT, at(1)), (NewsKind.TICKET_CALLED, at(5)),
        (NewsKind.TICKET_SERVING, at(3)), (NewsKind.TICKET_FINISHED, at(9)),
    ]  # fmt: skip
    assert story.spent(events, at(60)) == {
        TicketState.WAITING: 300, TicketState.CALLED: 0, TicketState.SERVING: 360,
    }  # fmt: skip
    assert story.spent(events[:1], at(2)) == {TicketState.WAITING: 120}
    missed = [events[0], (NewsKind.TICKET_NO_SHOW, at(4))]
    assert story.spent(missed, at(999)) == {TicketState.WAITING: 240}
    back = [*missed, (NewsKind.TICKET_REQUEUED, at(5))]
    assert story.spent(back, at(7)) == {TicketState.WAITING: 360, TicketState.NO_SHOW: 60}


def test_who_did_it():
    assert story.who("clerk:zhang via call pad pad-01", {"zhang": "张晓岚"}) == (
        "窗口人员 张晓岚（呼叫器 pad-01）", "clerk 张晓岚 (call pad pad-01)",
    )  # fmt: skip
    assert story.who("system:system", {}) == ("系统", "system")

"""The whole transition table, and what must never be possible."""

import importlib.util
from pathlib import Path

import pytest

from server.contract.tickets import TicketState
from server.domain.ticket import AT_A_WINDOW, NEWS, TRANSITIONS, Action, IllegalMoveError, after

ENDS = {TicketState.FINISHED, TicketState.CANCELLED, TicketState.EXPIRED}


@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("action", Action)
def test_every_pair_is_in_the_table_or_illegal(state, action):
    if (state, action) in TRANSITIONS:
        assert after(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(IllegalMoveError):
            after(state, action)


def test_ends_are_ends():
    assert not {state for state, _ in TRANSITIONS} & ENDS


def test_every_state_but_the_first_can_be_reached_and_every_other_left():
    reached = set(TRANSITIONS.values())
    assert reached == set(TicketState)
    assert {state for state, _ in TRANSITIONS} == set(TicketState) - ENDS


def test_only_a_waiting_ticket_is_called():
    assert {state for state, action in TRANSITIONS if action is Action.CALL} == {TicketState.WAITING}
    assert {TRANSITIONS[s, a] for s, a in TRANSITIONS if s in AT_A_WINDOW and a is Action.BEGIN} == {
        TicketState.SERVING
    }


def test_every_action_is_told():
    assert set(NEWS) == set(Action)


def test_the_picture_in_the_docs_is_current():
    docs = Path(__file__).parents[3] / "docs"
    spec = importlib.util.spec_from_file_location("draw_ticket_states", docs / "draw_ticket_states.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (docs / "ticket-states.svg").read_text("utf-8") == module.draw()

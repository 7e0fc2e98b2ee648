"""A ticket's life in one table. `docs/ticket-states.svg` is drawn from it."""

from enum import StrEnum

from server.contract.news import NewsKind
from server.contract.tickets import TicketState

WAITING, CALLED, SERVING, HELD = (
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.HELD,
)
FINISHED, NO_SHOW = TicketState.FINISHED, TicketState.NO_SHOW
CANCELLED, EXPIRED = TicketState.CANCELLED, TicketState.EXPIRED


class Action(StrEnum):
    """What may happen to a ticket; the Chinese words are in `docs/patterns.md`."""

    CALL = "call"
    RECALL = "recall"
    UNDO = "undo"
    BEGIN = "begin"
    FINISH = "finish"
    MISS = "no_show"
    REINSTATE = "reinstate"
    HOLD = "hold"
    RELEASE = "release"
    RESUME = "resume"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[TicketState, Action], TicketState] = {
    (WAITING, Action.CALL): CALLED,
    (CALLED, Action.RECALL): CALLED,
    (CALLED, Action.UNDO): WAITING,
    (CALLED, Action.BEGIN): SERVING,
    (SERVING, Action.FINISH): FINISHED,
    (CALLED, Action.MISS): NO_SHOW,
    (NO_SHOW, Action.REINSTATE): WAITING,
    (WAITING, Action.HOLD): HELD,
    (CALLED, Action.HOLD): HELD,
    (SERVING, Action.HOLD): HELD,
    (HELD, Action.RELEASE): WAITING,
    (HELD, Action.RESUME): SERVING,
    (CALLED, Action.TRANSFER): WAITING,
    (SERVING, Action.TRANSFER): WAITING,
    (WAITING, Action.CANCEL): CANCELLED,
    (CALLED, Action.CANCEL): CANCELLED,
    (WAITING, Action.EXPIRE): EXPIRED,
    (HELD, Action.EXPIRE): EXPIRED,
}

NEWS: dict[Action, NewsKind] = {
    Action.CALL: NewsKind.TICKET_CALLED,
    Action.RECALL: NewsKind.TICKET_RECALLED,
    Action.UNDO: NewsKind.TICKET_REQUEUED,
    Action.BEGIN: NewsKind.TICKET_SERVING,
    Action.FINISH: NewsKind.TICKET_FINISHED,
    Action.MISS: NewsKind.TICKET_NO_SHOW,
    Action.REINSTATE: NewsKind.TICKET_REQUEUED,
    Action.HOLD: NewsKind.TICKET_HELD,
    Action.RELEASE: NewsKind.TICKET_REQUEUED,
    Action.RESUME: NewsKind.TICKET_SERVING,
    Action.TRANSFER: NewsKind.TICKET_TRANSFERRED,
    Action.CANCEL: NewsKind.TICKET_CANCELLED,
    Action.EXPIRE: NewsKind.TICKET_EXPIRED,
}

AT_A_WINDOW = frozenset({CALLED, SERVING})
"""States in which a window has the ticket in hand, and no other window may."""


class IllegalMoveError(Exception):
    """The table has no such move; nothing was changed."""


def after(state: TicketState, action: Action) -> TicketState:
    """The state that `action` leads to, or `IllegalMoveError`."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise IllegalMoveError(f"{action} is not possible for a ticket that is {state}") from None

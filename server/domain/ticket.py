"""A ticket's life in one table. `docs/ticket-states.svg` is drawn from it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from server.contract.admin import NoShowPolicy
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
    (HELD, Action.CANCEL): CANCELLED,
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

TOLD: dict[NewsKind, TicketState] = {NEWS[action]: state for (_, action), state in TRANSITIONS.items()}
"""The state that each piece of news leaves a ticket in, so that the list of events tells the state."""

FINAL = frozenset({FINISHED, NO_SHOW, CANCELLED, EXPIRED})
"""Where a ticket ends. A no-show may be reinstated on the same service day; the others are over for good."""

SPENT = {WAITING: "waited_us", CALLED: "called_us", SERVING: "served_us", HELD: "held_us"}
"""Which account the time in a state goes to. Somebody who missed the call is not in the hall: that time counts
nowhere."""

UNCLOSED = "unclosed"
"""Outcome of a service that its clerk had not ended when the service day was over."""

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


def spent(since: datetime, now: datetime) -> int:
    """Microseconds since `since`; none when the clock was set back meanwhile, for nobody knows how many."""
    return max(0, (now - since) // timedelta(microseconds=1))


def day_end(state: TicketState) -> tuple[Action, str]:
    """How a ticket in this state ends with its service day, and with which outcome.

    Who was called and is not there missed the call. A service that the clerk forgot to end did take place: it is
    finished, but marked, so that no figure takes the hours until now for work; nobody is invited to rate it.
    """
    if state is CALLED:
        return Action.MISS, ""
    return (Action.FINISH, UNCLOSED) if state is SERVING else (Action.EXPIRE, "")


def after_no_show(policy: NoShowPolicy, times: int, limit: int, *, bound: bool) -> NoShowPolicy:
    """What becomes of a ticket that missed its call for the `times`-th time: VOID for good, REQUEUE behind some
    others by itself, or DESK: the person may ask there.

    One that is bound to a window or a person would be the next one there however many others wait, so it is asked
    for at the desk, where the person is seen to be back.
    """
    if policy is not NoShowPolicy.REQUEUE:
        return policy
    if times > limit:
        return NoShowPolicy.VOID
    return NoShowPolicy.DESK if bound else NoShowPolicy.REQUEUE


def place_behind(line: Sequence[datetime], others: int, now: datetime) -> datetime:
    """The place behind `others` of a line, whose first places are `line` in order; its end when fewer wait. Later
    than every place before it, even when the clock was set back."""
    before = line[:others]
    behind = [place + timedelta(microseconds=1) for place in before[-1:]]
    return behind[0] if len(before) == others and behind else max([now, *behind])

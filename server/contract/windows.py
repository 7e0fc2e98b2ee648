"""What a clerk may ask at a window. Every command repeats safely under the same `request_id`."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.contract.admin import NoShowPolicy
from server.contract.tickets import Lane, Ticket, TicketState


class WindowState(StrEnum):
    """CLOSED: nobody signed in. PAUSED always has a reason."""

    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


class HoldKind(StrEnum):
    """挂起: may come back to any window, must come back to the same, or waits for a step elsewhere."""

    ANY_WINDOW = "any_window"
    SAME_WINDOW = "same_window"
    PENDING_STEP = "pending_step"


class Outcome(StrEnum):
    """How the business ended at the window."""

    DONE = "done"
    ACCEPTED = "accepted"
    CORRECTION = "correction"
    RETURNED = "returned"
    CONSULTED = "consulted"


@dataclass(frozen=True)
class WindowCommand:
    """call-next, recall, begin, no-show, resume, resume-ticket/{ticket}, undo, sign-out; and release of a ticket."""

    request_id: str


@dataclass(frozen=True)
class CallTicket:
    """特呼 of one ticket. `reason` is for the report of calls out of order, and may be empty."""

    request_id: str
    reason: str = ""


@dataclass(frozen=True)
class SignIn:
    """Open a window for the clerk of this session. `take_over` ends another clerk's stay there."""

    request_id: str
    take_over: bool = False


@dataclass(frozen=True)
class Finish:
    request_id: str
    outcome: Outcome = Outcome.DONE


@dataclass(frozen=True)
class Hold:
    request_id: str
    kind: HoldKind = HoldKind.ANY_WINDOW
    reason: str = ""


@dataclass(frozen=True)
class Transfer:
    """To a queue, a window or a person (user name), exactly one of them."""

    request_id: str
    queue: str | None = None
    window: str | None = None
    staff: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Pause:
    request_id: str
    reason: str


@dataclass(frozen=True)
class WindowView:
    """A window as its clerk sees it after a command. `reason` says why this ticket was the next one."""

    no: str
    name: str
    state: WindowState
    pause_reason: str
    staff_no: str
    staff_name: str
    ticket: Ticket | None
    reason: str = ""
    message: str = ""
    """A sentence for the clerk when nothing went wrong yet nothing happened ("no one is waiting")."""
    begun_at: datetime | None = None
    """When service of the ticket in hand began here, moved on by the time on hold, so that now less this is the time
    of service; None while it is only called."""
    queues: tuple[str, ...] = ()
    """Codes of the queues that the window serves."""
    evaluator: str = ""
    """The worst that the window's 评价器 reported: fault, absent or online; empty while none did."""
    bar: str = ""
    """The same of the LED bar over the window."""
    since: datetime | None = None
    """Since when it is free, paused or closed; with a ticket in hand its own times say more."""
    reason_en: str = ""
    rule: str = ""
    """Name of the rule that chose the ticket in hand (`docs/who-is-next.md`); "specific" when it was out of order."""
    if_missed: NoShowPolicy | None = None
    """What becomes of the ticket in hand should nobody come (过号); None when none is called."""
    behind: int = 0
    """Behind how many others REQUEUE and DESK put it back; at the end where fewer wait."""


@dataclass(frozen=True)
class WindowSeat:
    """A window as clerks see it when they choose one. Colleagues know each other's names; walls do not get them."""

    no: str
    name: str
    zone: str
    floor: int
    state: WindowState
    staff_no: str
    staff_name: str
    queues: tuple[str, ...]
    waiting: int = 0
    """People who wait for this very window or for who sits there, by transfer or hold."""
    username: str = ""
    """Whom a transfer to this person names."""


@dataclass(frozen=True)
class OwnTicket:
    """A ticket of today that a clerk was the last to call. Nothing of its rating: a clerk never sees who rated."""

    id: str
    number: str
    queue_name: str
    item_name: str
    lane: Lane
    state: TicketState
    called_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None
    outcome: str
    out_of_order: bool
    queue_name_en: str = ""


@dataclass(frozen=True)
class OwnDay:
    """A clerk's own service day, over all windows. `average_s`: whole seconds from begin to finish; None while
    nothing is finished. `tickets`: the latest first, at most 100."""

    day: date
    served: int
    average_s: int | None
    tickets: tuple[OwnTicket, ...]

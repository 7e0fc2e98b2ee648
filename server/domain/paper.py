"""What is known of a ticket's paper, and when it may be printed once more. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from server.contract.desk import PaperState
from server.contract.devices import NO_PAPER_FAULTS
from server.contract.tickets import PrintState, Ticket, TicketState

LIVE = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD})
"""States in which somebody in the hall still needs the number."""

HEARD_WITHIN = timedelta(seconds=90)
"""Kiosks report every half minute; one that was silent for longer is away."""

TAKE_WITHIN = timedelta(seconds=60)
"""A wish that no kiosk took in this time is over: whoever wanted the paper has gone on."""

TELL_WITHIN = timedelta(minutes=5)
"""Longer than any kiosk keeps a wish in its line; after that nobody knows what became of the paper."""


def ready(state: str, faults: Iterable[str], heard_at: datetime | None, now: datetime) -> bool:
    """Whether a printer, as last reported, can be asked for a paper."""
    lately = heard_at is not None and now - heard_at <= HEARD_WITHIN
    return lately and state == "online" and not NO_PAPER_FAULTS & set(faults)


def is_first(state: PrintState, count: int, from_kiosk: bool) -> bool:
    """Whether surely no paper of this ticket exists or will: one issued at the desk that no printer has had.

    Of a kiosk's ticket that is never sure, for its own kiosk keeps it for later when there is no paper.
    """
    return not from_kiosk and count == 0 and state in (PrintState.PENDING, PrintState.FAILED)


def next_copy(earlier: Iterable[tuple[int, PaperState]], first: bool) -> int:
    """The number of the next copy; a wish that surely made no paper leaves its number free."""
    if first:
        return 0
    return max((copy for copy, state in earlier if state is not PaperState.FAILED), default=0) + 1


def print_state(known: PrintState, said: PrintState, is_copy: bool) -> PrintState:
    """What stands with the ticket when a printer has spoken. Nothing un-prints a ticket, and a copy that failed
    leaves a paper that may exist as it was."""
    if known is PrintState.PRINTED or said is PrintState.PRINTED:
        return PrintState.PRINTED
    return PrintState.UNKNOWN if is_copy and known is PrintState.UNKNOWN else said


def is_over(state: PaperState, asked_at: datetime, taken_at: datetime | None, now: datetime) -> PrintState | None:
    """How an open wish ends by the clock alone, or None while it may go on."""
    if state is PaperState.ASKED:
        return PrintState.FAILED if now - asked_at > TAKE_WITHIN else None
    late = taken_at is not None and now - taken_at > TELL_WITHIN
    return PrintState.UNKNOWN if late else None


# ── test tickets ──

TEST_SERIES = "TEST"
"""No queue's: their codes have two letters at most."""
TEST_DAY = date(9999, 1, 1)
"""A service day that never comes, so that the figures of no day have test tickets in them."""
TEST_WORDS = "测试票，不用排队"


def as_printed(ticket: Ticket) -> Ticket:
    """The ticket as its paper shall have it: a test ticket says that it is one, and sends nobody anywhere."""
    if ticket.service_day != TEST_DAY:
        return ticket
    return replace(ticket, queue_name=TEST_WORDS, queue_name_en="Test ticket: nobody waits with it", location="")

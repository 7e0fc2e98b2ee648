"""A hall's past drawn from what was told of it: who waited where, and what every window did. Pure.

Events go in by their `seq`; a moment's picture comes out. At the end of today's events it is the live picture, as
`services.monitor` reads it from the tables.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from server.contract.monitor import Picture, QueueCell, Step, WindowCell
from server.contract.news import NewsKind
from server.contract.tickets import TicketState
from server.contract.windows import WindowState
from server.domain.ticket import AT_A_WINDOW, TOLD

N = NewsKind
LEADS_TO: dict[NewsKind, TicketState] = {N.TICKET_ISSUED: TicketState.WAITING, **TOLD}
KINDS = frozenset({*LEADS_TO, N.TICKET_LANE, N.WINDOW_CHANGED})
"""What a replay is made of. Invitations and ratings are no part of it."""
BREATH = 500
"""Events between two breaths."""


@dataclass(frozen=True)
class Event:
    """One piece of news. `queue` is where the ticket was; `to_queue` where a transfer sent it, if to a queue. `undo`:
    a call was taken back. Of a window: its new state, and who changed it."""

    kind: NewsKind
    at: datetime
    ticket: str = ""
    number: str = ""
    queue: str = ""
    window: str = ""
    lane: str = ""
    to_queue: str = ""
    undo: bool = False
    state: str = ""
    pause_reason: str = ""
    who: str = ""


@dataclass
class _Ticket:
    number: str
    queue: str
    lane: str
    state: TicketState
    since: datetime
    waited: timedelta = timedelta()
    called: bool = False
    called_at: datetime | None = None
    window: str = ""

    @property
    def from_(self) -> datetime:
        """As if all its waiting had been at a stretch until now."""
        return self.since - self.waited


@dataclass
class Hall:
    """What is known of the hall after the events so far. `dirty`: queues and windows that changed since `settle`."""

    windows: dict[str, WindowCell]
    queues: Iterable[str] = ()
    tickets: dict[str, _Ticket] = field(default_factory=dict)
    lines: dict[str, dict[str, _Ticket]] = field(default_factory=dict)
    """Who waits, by queue and id."""
    called: dict[str, int] = field(default_factory=dict)
    free: dict[str, datetime | None] = field(default_factory=dict)
    """Since when a window is free, paused or closed, whatever it has in hand."""
    dirty_queues: set[str] = field(default_factory=set)
    dirty_windows: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.free = {no: cell.since for no, cell in self.windows.items()}

    def apply(self, event: Event) -> None:
        """What cannot be (a ticket that was never issued) is passed over."""
        if event.kind is N.WINDOW_CHANGED:
            self._window_changed(event)
        elif event.kind is N.TICKET_ISSUED:
            ticket = _Ticket(event.number, event.queue, event.lane or "normal", TicketState.WAITING, event.at)
            self.tickets[event.ticket] = ticket
            self._join(event.ticket, ticket)
        elif event.ticket in self.tickets:
            self._ticket_changed(event, self.tickets[event.ticket])

    def _ticket_changed(self, event: Event, ticket: _Ticket) -> None:
        if event.kind is N.TICKET_LANE:
            ticket.lane = event.lane or ticket.lane
            self.dirty_queues.add(ticket.queue)
            return
        self._leave(event, ticket)
        self._count(ticket, -ticket.called)
        if event.kind is N.TICKET_CALLED:
            ticket.called, ticket.called_at = True, event.at
        elif event.undo:
            ticket.called = False
        ticket.queue = event.to_queue or ticket.queue
        self._count(ticket, ticket.called)
        ticket.state, ticket.since = LEADS_TO[event.kind], event.at
        self._arrive(event, ticket)

    def _count(self, ticket: _Ticket, by: int) -> None:
        if by:
            self.called[ticket.queue] = self.called.get(ticket.queue, 0) + by
            self.dirty_queues.add(ticket.queue)

    def _leave(self, event: Event, ticket: _Ticket) -> None:
        """Its line, or its window unless it stays there."""
        if ticket.state is TicketState.WAITING:
            ticket.waited += max(event.at - ticket.since, timedelta())
            self.lines.get(ticket.queue, {}).pop(event.ticket, None)
            self.dirty_queues.add(ticket.queue)
        elif ticket.window and LEADS_TO[event.kind] not in AT_A_WINDOW:
            self._release(ticket, event.at)

    def _release(self, ticket: _Ticket, at: datetime) -> None:
        no, ticket.window = ticket.window, ""
        cell = self.windows.get(no, WindowCell())
        if cell.state != WindowState.PAUSED:
            self.free[no] = at
        self.windows[no] = replace(cell, number="", ticket_id="", serving=False, since=self.free.get(no))
        self.dirty_windows.add(no)

    def _arrive(self, event: Event, ticket: _Ticket) -> None:
        if ticket.state is TicketState.WAITING:
            self._join(event.ticket, ticket)
        elif ticket.state in AT_A_WINDOW and event.window:
            ticket.window = event.window
            serving = ticket.state is TicketState.SERVING
            self.windows[event.window] = replace(
                self.windows.get(event.window, WindowCell()), number=ticket.number, ticket_id=event.ticket,
                serving=serving, since=event.at if serving else ticket.called_at,
            )  # fmt: skip
            self.dirty_windows.add(event.window)

    def _join(self, key: str, ticket: _Ticket) -> None:
        self.lines.setdefault(ticket.queue, {})[key] = ticket
        self.dirty_queues.add(ticket.queue)

    def _window_changed(self, event: Event) -> None:
        cell = self.windows.get(event.window, WindowCell())
        state = event.state or cell.state
        if not state == cell.state == WindowState.PAUSED:  # else only the reason is new
            self.free[event.window] = event.at
        self.windows[event.window] = replace(
            cell, state=state, pause_reason=event.pause_reason,
            staff="" if state == WindowState.CLOSED else event.who,
            since=cell.since if cell.number else self.free.get(event.window),
        )  # fmt: skip
        self.dirty_windows.add(event.window)

    def queue(self, code: str) -> QueueCell:
        return line_cell(
            ((key, one.number, one.lane, one.from_) for key, one in self.lines.get(code, {}).items()),
            self.called.get(code, 0),
        )

    def picture(self) -> Picture:
        return Picture({code: self.queue(code) for code in self.queues}, dict(self.windows))

    def settle(self, at: datetime) -> Step:
        """What has changed since this was last asked."""
        step = Step(
            at, {code: self.queue(code) for code in sorted(self.dirty_queues)},
            {no: self.windows[no] for no in sorted(self.dirty_windows)},
        )  # fmt: skip
        self.dirty_queues, self.dirty_windows = set(), set()
        return step


def line_cell(waiting: Iterable[tuple[str, str, str, datetime]], called: int) -> QueueCell:
    """A queue with who waits in it: id, number, lane, and since when as if at a stretch."""
    lanes: dict[str, int] = {}
    first: tuple[datetime, str, str] | None = None
    for key, number, lane, from_ in waiting:
        lanes[lane] = lanes.get(lane, 0) + 1
        if first is None or (from_, number, key) < first:
            first = from_, number, key
    if first is None:
        return QueueCell(lanes={}, called=called)
    from_, number, key = first
    return QueueCell(sum(lanes.values()), lanes, number, key, from_, called)


def film(
    queues: Iterable[str], windows: Mapping[str, WindowCell], events: Iterable[Event], begin: datetime, end: datetime,
    grain: timedelta, breathe: Callable[[], None] = lambda: None,
) -> tuple[Picture, list[Step]]:  # fmt: skip
    """The picture at `begin`, and a step for each `grain` of time in which something changed, until `end`. `windows`
    are as they were before the first event. Where the clock was set back, events keep their order and the step its
    moment."""
    hall = Hall(dict(windows), tuple(queues))
    steps: list[Step] = []
    start: Picture | None = None
    at = begin
    for count, event in enumerate(events):
        if event.at > end:
            continue
        if start is None and event.at >= begin:
            start = _opening(hall, begin)
        if start is not None and _frame(event.at, begin, grain) > _frame(at, begin, grain):
            steps += _settled(hall, at)
        at = max(at, event.at)
        hall.apply(event)
        if count % BREATH == 0:
            breathe()
    if start is None:
        return _opening(hall, begin), []
    return start, [*steps, *_settled(hall, at)]


def _opening(hall: Hall, begin: datetime) -> Picture:
    hall.settle(begin)
    return hall.picture()


def _settled(hall: Hall, at: datetime) -> Iterator[Step]:
    if hall.dirty_queues or hall.dirty_windows:
        yield hall.settle(at)


def _frame(at: datetime, begin: datetime, grain: timedelta) -> int:
    return (at - begin) // grain


def at_moment(start: Picture, steps: Iterable[Step], moment: datetime) -> Picture:
    """What stands at `moment`; the page does the same."""
    queues, windows = dict(start.queues), dict(start.windows)
    for step in steps:
        if step.at <= moment:
            queues.update(step.queues)
            windows.update(step.windows)
    return Picture(queues, windows)

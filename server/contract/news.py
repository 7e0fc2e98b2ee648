"""What the server tells over Socket.IO. Commands go over HTTP, news over sockets.

Every news has the hall's next `seq`. Who finds a gap, or connects, fetches `GET /api/v1/board` again; the
heartbeat carries the newest seq, so the loss of the very last news is found too.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

NAMESPACE = "/news"
NEWS_EVENT = "news"
HEARTBEAT_EVENT = "heartbeat"
HEARTBEAT_S = 2.0
STALE_AFTER_S = 7.0
"""A client that heard neither news nor heartbeat for so long calls its picture stale."""


class NewsKind(StrEnum):
    TICKET_ISSUED = "ticket.issued"
    TICKET_PRINT = "ticket.print"
    TICKET_LANE = "ticket.lane"
    TICKET_CALLED = "ticket.called"
    TICKET_RECALLED = "ticket.recalled"
    TICKET_SERVING = "ticket.serving"
    TICKET_FINISHED = "ticket.finished"
    TICKET_NO_SHOW = "ticket.no_show"
    TICKET_HELD = "ticket.held"
    TICKET_REQUEUED = "ticket.requeued"
    TICKET_TRANSFERRED = "ticket.transferred"
    TICKET_CANCELLED = "ticket.cancelled"
    TICKET_EXPIRED = "ticket.expired"
    WINDOW_CHANGED = "window.changed"
    INVITATION_OPENED = "invitation.opened"
    INVITATION_CLOSED = "invitation.closed"
    PRESS_IGNORED = "press.ignored"
    DEVICE_CHANGED = "device.changed"
    HALL_CHANGED = "hall.changed"
    APPOINTMENT_CHANGED = "appointment.changed"
    PRINT_WANTED = "print.wanted"
    POST_EMPTY = "post.empty"
    POST_FILLED = "post.filled"
    MACHINE_WANTED = "machine.wanted"


WITHDRAWS_CALLS = frozenset(
    {NewsKind.TICKET_REQUEUED, NewsKind.TICKET_TRANSFERRED, NewsKind.TICKET_HELD, NewsKind.TICKET_CANCELLED}
)
"""After such news of a ticket nobody is to go where it was called to: its calls so far leave the board. Those of a
ticket that was served, is finished or missed its call stay, for somebody may look where a number was called to."""


@dataclass(frozen=True)
class News:
    """One thing that happened. `data` by kind:

    ticket.*: {"ticket_id", "number", "queue", "window"} (+ "call": a `Call` for called and recalled)
    window.changed: {"window"} · invitation.*: {"window", "number", "invitation"}
    (closed: never how: who rated is nobody's business at the windows)
    press.ignored: {"window", "reason"} · device.changed: {"device", "state"} · hall.changed: {}
    appointment.changed: {"appointment", "state", "queue"}; the number names it to the desk and to nobody else
    post.empty: {"window", "post", "reason", "since"}, once when a window has stood empty for too long; post.filled:
    {"window", "post"}, once when it no longer does. Of a window without a post "post" is empty
    print.wanted: {"ticket_id", "number", "device", "wish"}: the kiosk with this token shall fetch its wishes
    machine.wanted: {"device"}: the machine with this token shall fetch its devices and jobs
    """

    hall: str
    seq: int
    kind: NewsKind
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Heartbeat:
    hall: str
    seq: int
    at: datetime

"""A ticket, and what may be asked about one."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket stands; the moves between are in `server.domain.ticket`."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PrintState(StrEnum):
    """What is known of the paper. `UNKNOWN` is never printed again without a person's decision."""

    PENDING = "pending"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Lane(StrEnum):
    """通道: normal, 绿色通道, 直通车, 预约."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EXPRESS = "express"
    APPOINTMENT = "appointment"


@dataclass(frozen=True)
class TakeTicket:
    """取号. `queue` and `item` are codes ("A", "SB-03"); with an item alone the server finds its queue.

    `person` is the telephone or ID number of somebody who wants to be known by it; nobody need be, and only its keyed
    hash is kept. With `override` the desk issues after the cut-off and beyond a quota; it must say why in
    `override_reason`, which the event keeps.
    `appointment` is the code of a booking, or the id in its link, and stands alone: the server knows the rest.
    """

    request_id: str
    queue: str | None = None
    item: str | None = None
    lane: Lane = Lane.NORMAL
    lane_reason: str = ""
    person: str | None = None
    override: bool = False
    override_reason: str = ""
    appointment: str | None = None


@dataclass(frozen=True)
class Wait:
    """An honest range: half of the people wait at most `low_minutes`, nine of ten at most `high_minutes` (1 or more).
    With `low_minutes` 0 say "within `high_minutes`"; equal ends are one number."""

    low_minutes: int
    high_minutes: int


@dataclass(frozen=True)
class Ticket:
    """One ticket as everyone may see it. `id` cannot be guessed, so it may stand in the paper's QR code."""

    id: str
    number: str
    queue: str
    queue_name: str
    item: str | None
    item_name: str
    lane: Lane
    state: TicketState
    window: str | None
    service_day: date
    issued_at: datetime
    called_at: datetime | None
    ahead: int
    """People waiting in the same queue before this ticket; 0 when it is not waiting."""
    recalls: int
    print_state: PrintState
    print_count: int
    hall_name: str
    location: str = ""
    """Where to wait or go, in words ("1楼 01-06窗"); may be empty."""
    appointment_at: datetime | None = None
    """The time that was booked. In the lane `appointment` it goes ahead around then; in another it came too late."""
    wait: Wait | None = None
    """How long from now until the call; None when the ticket is not waiting, or nobody can say."""
    queue_name_en: str = ""
    """Empty where the hall gives none."""
    paper_key: str = ""
    """What stands on the paper behind the id and lets its holder rate. Told to kiosks, which print it, and to nobody
    else."""


@dataclass(frozen=True)
class PrintResult:
    """What the printer said. `confidence` tells on what the result rests: fence, status or none."""

    request_id: str
    result: PrintState
    confidence: str = "none"
    detail: str = ""
    wish: str | None = None
    """The desk's wish that asked for this paper; None for the paper of a touch."""


@dataclass(frozen=True)
class CancelTicket:
    """弃号, with who asked for it in `reason` ("citizen", "never_printed", …)."""

    request_id: str
    reason: str = ""

"""What the guide desk (导办台) asks and sees: a ticket's story, its lane, and papers that a kiosk prints for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.contract.devices import PrinterAlarm
from server.contract.tickets import Lane, Ticket


class PaperState(StrEnum):
    """补打: ASKED until the kiosk takes the wish, TAKEN until it says what became of the paper."""

    ASKED = "asked"
    TAKEN = "taken"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ChangeLane:
    """绿色通道 found out later, or a wrong lane put right; only while the ticket waits. `reason` must be said."""

    request_id: str
    lane: Lane
    reason: str


@dataclass(frozen=True)
class AskReprint:
    """Print this ticket once more at the kiosk whose token is named `device`."""

    request_id: str
    device: str
    reason: str = ""


@dataclass(frozen=True)
class PrintWish:
    """What a kiosk is asked to print: whoever takes the wish `id` prints, and nobody takes it twice."""

    id: str
    ticket_id: str
    number: str


@dataclass(frozen=True)
class PrintWishes:
    """Wishes that this kiosk has not taken yet, oldest first."""

    wishes: tuple[PrintWish, ...]


@dataclass(frozen=True)
class Reprint:
    """A wish taken: the ticket as it stands now. `copy` stands on the paper; 0 when no paper came before it."""

    ticket: Ticket
    copy: int


@dataclass(frozen=True)
class StoryEvent:
    """One thing that happened to a ticket. `zh` and `en` say what, `why` the reason given, `who` by whose hand; a
    person's own words are the same in both languages. It has no seq: a number missing between two stories would say
    when an invitation ended, and so whether somebody rated."""

    at: datetime
    kind: str
    zh: str
    en: str
    who: str
    who_en: str
    window: str
    why: str
    why_en: str


@dataclass(frozen=True)
class Spent:
    """Whole seconds that a ticket stood in a state; one that it is still in counts up to now."""

    state: str
    seconds: int


@dataclass(frozen=True)
class Paper:
    """One paper that the desk asked for."""

    id: str
    device: str
    copy: int
    state: PaperState
    asked_at: datetime


@dataclass(frozen=True)
class Story:
    """A ticket with everything that happened to it but the end of its invitation, oldest first."""

    ticket: Ticket
    lane_reason: str
    events: tuple[StoryEvent, ...]
    spent: tuple[Spent, ...]
    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class DeskPrinter:
    """The printer of the kiosk `device`. `ready`: heard of lately, and nothing keeps it from printing."""

    device: str
    ready: bool
    state: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """What the guide desk has before it besides the board; at most fifty no-shows of today, the latest first. `sms`:
    whether numbers for short messages may be taken down."""

    no_shows: tuple[Ticket, ...]
    printers: tuple[DeskPrinter, ...]
    alarms: tuple[PrinterAlarm, ...]
    sms: bool = False

"""Ratings come from the citizen's own hand: an evaluator, or a page with a token of its own. What citizens say by
telephone or write on a form is entered for them, and says so."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.contract.board import StaffCard
from server.contract.windows import WindowState


class Label(StrEnum):
    """What the pressed button says. The hall's profile turns a label into a level of the national five."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"


class Source(StrEnum):
    """By which way a rating came."""

    EVALUATOR = "evaluator"
    QR = "qr"
    SMS = "sms"
    TABLET = "tablet"
    WEB = "web"
    TELEPHONE = "telephone"
    PAPER = "paper"


AT_WINDOW = (Source.EVALUATOR.value, Source.TABLET.value)
"""By a device of the window itself, within a clerk's reach."""


@dataclass(frozen=True)
class SubmitRating:
    """One press. The window is the token's own, never the message's. `raw_key` is kept as evidence (hex).

    `invitation` is the one that was open when the button was pressed, as far as the sender knew. A press that is
    delivered late then cannot become the next citizen's rating; without it, a press must not be repeated later.
    """

    request_id: str
    label: Label
    raw_key: str = ""
    invitation: int | None = None


@dataclass(frozen=True)
class RatingAnswer:
    """`accepted` false means the press was kept as an event and made no rating; `reason` says why:
    no_invitation, already_rated or expired."""

    accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class Tablet:
    """What a tablet at a window shows now. `card` is of who sits there, None when the public knows nobody of them.

    `invitation` is the open one of the service with this `number`, for `seconds_left` by the server's clock; None and
    "" without one. `change_seconds`: for so long a press may be thought better of.
    """

    hall: str
    window: str
    window_name: str
    state: WindowState
    card: StaffCard | None
    invitation: int | None
    number: str
    seconds_left: int
    change_seconds: int


@dataclass(frozen=True)
class GiveReasons:
    """Why, after a press on a tablet: national codes of its level, or `declined`."""

    request_id: str
    invitation: int
    tags: tuple[str, ...] = ()
    declined: bool = False


@dataclass(frozen=True)
class EnterRating:
    """What a citizen said by telephone or wrote on a paper form about the service with this `number` of this `day`.

    `source`: telephone or paper, nothing else; `called_at` is when somebody was called, of a telephone rating only.
    """

    request_id: str
    source: Source
    day: date
    number: str
    label: Label
    tags: tuple[str, ...] = ()
    text: str = ""
    declined: bool = False
    called_at: datetime | None = None


@dataclass(frozen=True)
class Enterable:
    """A service whose rating somebody wants to enter. `refusal` and `refusal_en` say why that cannot be, "" when it
    can. Never which level a rating has."""

    day: date
    number: str
    item: str
    window: str
    served_at: datetime | None
    refusal: str
    refusal_en: str


@dataclass(frozen=True)
class EnteredRatings:
    """How many ratings this person entered."""

    username: str
    name: str
    telephone: int
    paper: int


@dataclass(frozen=True)
class EnteredReport:
    """Of the last `days`; `unnumbered` forms had no number and are no ratings. `now` is the hall's time, `today` its
    service day."""

    now: datetime
    today: date
    days: int
    entered: tuple[EnteredRatings, ...]
    unnumbered: int

"""Rectifications (整改单) of bad ratings: what supervisors see of them and do with them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RectificationState(StrEnum):
    """`APPEALED`: somebody says that the rating was not meant (误评), and another person is to decide."""

    TO_VERIFY = "to_verify"
    APPEALED = "appealed"
    TO_CONTACT = "to_contact"
    TO_RECTIFY = "to_rectify"
    TO_FEED_BACK = "to_feed_back"
    TO_RE_RATE = "to_re_rate"
    CLOSED = "closed"


class Step(StrEnum):
    """What may be done with a case; the Chinese words are in `docs/rectification.md`. The last three nobody asks for:
    the citizen thought better of a press, or back again, and the clock ended the wait for an answer."""

    VERIFY = "verify"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    REFUSE = "refuse"
    REACH = "reach"
    MISS = "miss"
    GIVE_UP = "give_up"
    RECTIFY = "rectify"
    FEED_BACK = "feed_back"
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    DECLINE = "decline"
    ASSIGN = "assign"
    CHANGE = "change"
    RETURN = "return"
    LAPSE = "lapse"


class Kind(StrEnum):
    """How much there is to put right; it says by when."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class Outcome(StrEnum):
    """How a case was closed. `CHANGED` (改评): the citizen pressed again within the hall's seconds. `EXCLUDED`: an
    appeal was upheld. `UNANSWERED`: no answer came in time, or they would rather not say."""

    CHANGED = "changed"
    EXCLUDED = "excluded"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    UNANSWERED = "unanswered"


class ReRatingSource(StrEnum):
    """By which way a citizen said whether the handling satisfies: the paper's link, or a telephone call-back."""

    QR = "qr"
    PHONE = "phone"


@dataclass(frozen=True)
class TakeStep:
    """One step of a case. `version` is the case's as the sender saw it: whoever comes second is told so, and nothing
    is done. `kind` belongs to verify, `owner` (a user name) to assign, `text` to all that want words."""

    request_id: str
    version: int
    step: Step
    text: str = ""
    kind: Kind | None = None
    owner: str = ""


@dataclass(frozen=True)
class CaseEvent:
    """Something that happened to a case. `what` is a step, opened, reminded or escalated. `reached` is None of all
    that was no call to the citizen. `who` is empty of the citizen and the clock."""

    at: datetime
    what: str
    who: str
    text: str
    reached: bool | None
    due: date | None


@dataclass(frozen=True)
class Rectification:
    """One case. `number` names it and cannot change. `deadline` and `deadline_en` say in words how long there is
    until the end of the day `due`; None and empty where nothing is due. `phone` is a mask, and empty where none is
    known. `mine`: this reader owns it, or it was escalated and they are an admin. `steps` are those that they may
    take now. Neither the clerk's name nor the citizen's is in it."""

    number: str
    version: int
    state: RectificationState
    outcome: str
    kind: str
    opened_at: datetime
    due: date | None
    deadline: str
    deadline_en: str
    overdue: bool
    soon: bool
    escalated: bool
    reopened: bool
    owner: str
    owner_name: str
    mine: bool
    ticket: str
    window: str
    item: str
    level: int
    tags: tuple[str, ...]
    text: str
    reason_declined: bool
    comment: str
    phone: str
    reply: str
    tries: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Rectifications:
    """Those of one filter, escalated ones first, then by their deadline; of closed ones the latest 200. `counts` are
    by filter; closed ones, which are all that ever were, are counted only where they are asked for. `owners`: user
    name and name of whoever may own a case."""

    today: date
    counts: dict[str, int]
    owners: tuple[dict[str, str], ...]
    cases: tuple[Rectification, ...]


@dataclass(frozen=True)
class CaseStory:
    """A case with all that happened, oldest first."""

    case: Rectification
    events: tuple[CaseEvent, ...]


@dataclass(frozen=True)
class StepTaken:
    """What a step led to. No more: answers are kept for repeats, and what a citizen said is kept in one place."""

    number: str
    version: int
    state: RectificationState


@dataclass(frozen=True)
class Rates:
    """Counts of the services of some days, for 回访率, 整改率 and 整改满意率. `bad`: ratings below 基本满意 as they
    stand now; all others are of those. `opened`: that have a case. `contacted_in_time`: the citizen was reached by
    the end of the first deadline. `called_back`: somebody tried at least once; `reached`: and spoke to them.
    `re_rated` answered whether the handling satisfies, `satisfied` that it does; each counts by its last answer.
    `excluded`: by an appeal that was upheld, and closed with that."""

    bad: int
    opened: int
    contacted_in_time: int
    called_back: int
    reached: int
    closed: int
    re_rated: int
    satisfied: int
    excluded: int

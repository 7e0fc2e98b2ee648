"""Ratings come from the citizen's own hand: an evaluator, or a page with a token of its own."""

from dataclasses import dataclass
from enum import StrEnum


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

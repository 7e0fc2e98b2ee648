"""When a press is a rating, and of which level. Unrated is never turned into anything."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.contract.board import RatingFigures
from server.contract.ratings import Label

LEVELS = {
    Label.VERY_SATISFIED: 5,
    Label.SATISFIED: 4,
    Label.BASICALLY_SATISFIED: 3,
    Label.DISSATISFIED: 2,
    Label.VERY_DISSATISFIED: 1,
}
"""The national five; the three buttons fall on 4, 3 and 2."""

GOOD_LEVEL = 3
"""基本满意: 好评 begins here, 差评 is below."""

LONGEST_TEXT = 300
"""Characters of a reason or a comment."""

REASONS_WITHIN = timedelta(minutes=2)
"""After the press on a tablet. Longer nobody stands there, and what comes later may be somebody else's finger."""

LEAST_RATED = 10
"""Fewer ratings make no figure: one person would move it by more than ten percent."""


@dataclass(frozen=True)
class Opinion:
    """What somebody says on a page or on paper. `tags` are codes that belong to the label's level; `reason_declined`:
    asked why, they would rather not say."""

    label: Label
    tags: tuple[str, ...] = ()
    text: str = ""
    reason_declined: bool = False

    @property
    def level(self) -> int:
        return LEVELS[self.label]


def opinion_problem(opinion: Opinion, known_tags: Collection[str]) -> str:
    """The code of what does not hold of it, or an empty string. `known_tags` are those of its level."""
    if not set(opinion.tags) <= set(known_tags) or len(set(opinion.tags)) < len(opinion.tags):
        return "unknown_tag"
    if text_problem(opinion.text):
        return text_problem(opinion.text)
    reasoned = opinion.tags or opinion.text or opinion.reason_declined
    return "reason_wanted" if opinion.level < GOOD_LEVEL and not reasoned else ""


def text_problem(text: str) -> str:
    """As `opinion_problem`, of words alone. Line breaks may stand in them, other control characters may not."""
    if len(text) > LONGEST_TEXT:
        return "rating_text_too_long"
    return "rating_text_unreadable" if any(unprintable(sign) for sign in text) else ""


def unprintable(sign: str) -> bool:
    """Control characters and halves of a pair: nothing that can be read, printed or uploaded."""
    return sign not in "\r\n\t" and unicodedata.category(sign) in ("Cc", "Cs")


def refusal(open_until: datetime | None, last_end: str | None, now: datetime) -> str:
    """Why a press at `now` is no rating, or an empty string when it is one.

    `open_until` is the end of the window's open invitation, None without one; `last_end` how the latest closed
    invitation of the window ended ("rated", "unrated"), None when there was none.
    """
    if open_until is not None:
        return "" if now <= open_until else "expired"
    return {"rated": "already_rated", "unrated": "expired"}.get(last_end or "", "no_invitation")


def may_change(rated_at: datetime, seconds: int, now: datetime) -> bool:
    """Whether who rated at `rated_at` may still think better of it. With `seconds` 0 the first press stands."""
    return rated_at <= now < rated_at + timedelta(seconds=seconds)


def figures(
    from_day: date,
    to_day: date,
    asked: int,
    rated: int,
    good: int,
    excluded: int = 0,
    cases_of_before: int = 0,
    closed_of_before: int = 0,
) -> RatingFigures | None:
    """What may be published of these counts; None when too few have rated. `cases_of_before` and `closed_of_before`:
    rectifications of the 差评 of the weeks before, and those that have come to their end."""
    if rated - excluded < LEAST_RATED:
        return None
    rated_permille = rated * 1000 // asked
    return RatingFigures(
        from_day=from_day, to_day=to_day, asked=asked, rated=rated, good_permille=good * 1000 // (rated - excluded),
        rated_permille=rated_permille, unrated_permille=1000 - rated_permille,
        closed_permille=closed_of_before * 1000 // cases_of_before if cases_of_before >= LEAST_RATED else None,
    )  # fmt: skip

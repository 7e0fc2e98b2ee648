"""When a press is a rating, and of which level. Unrated is never turned into anything."""

from datetime import date, datetime

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

LEAST_RATED = 10
"""Fewer ratings make no figure: one person would move it by more than ten percent."""

EVALUATOR_CHANNEL = 5
"""Channel as provinces number them: 5 is a terminal of the hall other than a tablet."""


def refusal(open_until: datetime | None, last_end: str | None, now: datetime) -> str:
    """Why a press at `now` is no rating, or an empty string when it is one.

    `open_until` is the end of the window's open invitation, None without one; `last_end` how the latest closed
    invitation of the window ended ("rated", "unrated"), None when there was none.
    """
    if open_until is not None:
        return "" if now <= open_until else "expired"
    return {"rated": "already_rated", "unrated": "expired"}.get(last_end or "", "no_invitation")


def figures(from_day: date, to_day: date, asked: int, rated: int, good: int) -> RatingFigures | None:
    """What may be published of these counts; None when too few have rated."""
    if rated < LEAST_RATED:
        return None
    rated_permille = rated * 1000 // asked
    return RatingFigures(
        from_day=from_day, to_day=to_day, asked=asked, rated=rated, good_permille=good * 1000 // rated,
        rated_permille=rated_permille, unrated_permille=1000 - rated_permille,
    )  # fmt: skip

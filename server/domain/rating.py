"""When a press is a rating, and of which level. Unrated is never turned into anything."""

from datetime import datetime

from server.contract.ratings import Label

LEVELS = {
    Label.VERY_SATISFIED: 5,
    Label.SATISFIED: 4,
    Label.BASICALLY_SATISFIED: 3,
    Label.DISSATISFIED: 2,
    Label.VERY_DISSATISFIED: 1,
}
"""The national five; the three buttons fall on 4, 3 and 2."""

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

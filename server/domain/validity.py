"""From when to when something is shown, in whole days."""

from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    FUTURE = "future"
    ON = "on"
    OVER = "over"


def standing(from_day: date | None, to_day: date | None, today: date) -> Standing:
    """How something with these days stands on `today`; both days belong to it, and None is an open end."""
    if from_day is not None and today < from_day:
        return Standing.FUTURE
    return Standing.OVER if to_day is not None and today > to_day else Standing.ON

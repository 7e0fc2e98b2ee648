"""Days as callers name them in an address."""

from datetime import date

from server.contract.problems import bad_field

EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
"""Beyond these lie only mistakes, and at the ends of the calendar a day has no midnight in every zone."""


def day_named(text: str) -> date:
    """The day that the word `day` of an address says, from EARLIEST to LATEST. Raises bad_field."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad_field("day", "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD", "日期") from None
    if not EARLIEST <= day <= LATEST:
        zh = f"应在 {EARLIEST} 与 {LATEST} 之间"
        raise bad_field("day", f"must lie between {EARLIEST} and {LATEST}", zh, "日期")
    return day

"""Where time enters. Rules take `now` as a value; only the edges hold a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns an aware datetime."""


def system_clock() -> datetime:
    return datetime.now(UTC)

"""What makes ratings of a window suspicious. Pure. It accuses nobody: it says where a supervisor should look.

Only ratings at the window itself are looked at, for only those can a clerk reach. The bounds are ours, chosen so that
a hall of citizens who press as they like is hardly ever named (docs/ratings.md); none of them is a rule of law.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HASTY = timedelta(seconds=1)
"""So soon after finishing nobody has looked up, read three buttons and pressed one."""
HASTY_LEAST = 3

BURST = timedelta(minutes=2)
BURST_LEAST = 5
"""So many services, each with its rating, cannot be done at one window in that time."""

CLOSING = timedelta(minutes=30)
CLOSING_LEAST = 8
CLOSING_TIMES = 2
"""Before closing all rate, and all alike, where in the day before less than half as many did."""


class Pattern(StrEnum):
    """HASTY: pressed within a second of finishing. BURST: many in moments. CLOSING: all alike before closing."""

    HASTY = "hasty"
    BURST = "burst"
    CLOSING = "closing"


@dataclass(frozen=True)
class Asked:
    """One invitation at a window, in the order of `opened_at`. `rated_at` and `level` are None when it stayed
    unrated."""

    opened_at: datetime
    rated_at: datetime | None = None
    level: int | None = None


@dataclass(frozen=True)
class Found:
    """`count` ratings between `first` and `last`, both included."""

    pattern: Pattern
    count: int
    first: datetime
    last: datetime


def patterns(asked: Sequence[Asked], closes_at: datetime | None) -> list[Found]:
    """What one window's day shows. `closes_at`: the end of the hall's last session that day, None without hours."""
    given = [one.rated_at for one in asked if one.rated_at is not None]
    return [*_hasty(asked), *_bursts(given), *(_closing(asked, closes_at) if closes_at else ())]


def _hasty(asked: Sequence[Asked]) -> Iterator[Found]:
    hasty = [one.rated_at for one in asked if one.rated_at is not None and one.rated_at - one.opened_at <= HASTY]
    if len(hasty) >= HASTY_LEAST:
        yield Found(Pattern.HASTY, len(hasty), hasty[0], hasty[-1])


def _bursts(given: Sequence[datetime]) -> Iterator[Found]:
    """Each stretch of which every BURST_LEAST ratings in a row lie within BURST, once."""
    start = end = None
    for i in range(len(given) - BURST_LEAST + 1):
        last = i + BURST_LEAST - 1
        if given[last] - given[i] > BURST:
            continue
        if start is not None and end is not None and i > end:
            yield _burst(given, start, end)
            start = None
        start, end = (i if start is None else start), last
    if start is not None and end is not None:
        yield _burst(given, start, end)


def _burst(given: Sequence[datetime], start: int, end: int) -> Found:
    return Found(Pattern.BURST, end - start + 1, given[start], given[end])


def _closing(asked: Sequence[Asked], closes_at: datetime) -> Iterator[Found]:
    begins = closes_at - CLOSING
    late = [one for one in asked if one.opened_at >= begins]
    before = [one for one in asked if one.opened_at < begins]
    rated = [one.rated_at for one in late if one.rated_at is not None]
    levels = {one.level for one in late}
    usual = sum(one.rated_at is not None for one in before)
    if len(rated) == len(late) >= CLOSING_LEAST and len(levels) == 1 and usual * CLOSING_TIMES < len(before):
        yield Found(Pattern.CLOSING, len(rated), rated[0], rated[-1])

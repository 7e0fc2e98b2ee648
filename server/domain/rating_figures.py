"""What ratings come to: every share with its exact definition, and which groups may show theirs. Pure.

Shares are whole thousandths and never rounded up. A share of nothing is None, shown as "–": neither 0 nor 100 %.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from server.contract.ratings import AT_WINDOW
from server.domain.rating import GOOD_LEVEL, LEAST_RATED

K = TypeVar("K", bound=Hashable)

LEVELS_SHOWN = (5, 4, 3, 2, 1)
"""The order in which the counts of levels stand everywhere: from 非常满意 down."""

WEEK = timedelta(days=7)
GROUPINGS = ("window", "item")
"""By what the weeks are published in turn; see `published_by`."""


@dataclass(frozen=True)
class Counts:
    """Of a group of services. `asked` 应评: whose invitation is over, or was answered. `levels`: ratings of each
    level, in the order of `LEVELS_SHOWN`. `sources`: the same ratings by the word of their source. `excluded`: of
    them, those that an upheld appeal found not to be meant (误评)."""

    asked: int
    levels: tuple[int, ...] = (0, 0, 0, 0, 0)
    sources: Mapping[str, int] = field(default_factory=dict)
    excluded: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where the counts cannot be true together."""
        if len(self.levels) != len(LEVELS_SHOWN) or min(*self.levels, self.asked) < 0:
            raise ValueError("counts of five levels, none below zero")
        if self.rated > self.asked or (self.sources and sum(self.sources.values()) != self.rated):
            raise ValueError("more rated than asked, or not as many by source as by level")
        if not 0 <= self.excluded <= self.rated - self.good:
            raise ValueError("only what is 差评 can be excluded")

    @property
    def rated(self) -> int:
        """已评: with a rating by whatever way. Also 主动评价: nobody but the citizen makes one."""
        return sum(self.levels)

    @property
    def unrated(self) -> int:
        """未评: asked and not rated."""
        return self.asked - self.rated

    @property
    def good(self) -> int:
        """好评: 基本满意 and above."""
        return sum(n for level, n in zip(LEVELS_SHOWN, self.levels, strict=True) if level >= GOOD_LEVEL)

    @property
    def counted(self) -> int:
        """Of which 好评率 is: rated and not excluded."""
        return self.rated - self.excluded

    @property
    def behind(self) -> int:
        """How many stand behind the levels, for `withheld`: those counted, and one at least where anybody rated. Who
        was excluded is in no share and in the levels all the same."""
        return max(self.counted, min(self.rated, 1))


def share(part: int, whole: int) -> int | None:
    """Thousandths of `whole`, never rounded up; None of nothing."""
    return part * 1000 // whole if whole else None


@dataclass(frozen=True)
class Shares:
    """好评率 = 好评 ÷ (已评 − 误评), the same as 主动评价好评率: no rating here is a default. It never stands without
    主动评价率 = 已评 ÷ 应评 and 未评率 = what is missing of that to the whole. `device`: 评价器使用率 = ratings by
    the evaluator or tablet ÷ 应评."""

    good: int | None
    rated: int | None
    unrated: int | None
    device: int | None


def shares(counts: Counts) -> Shares:
    rated = share(counts.rated, counts.asked)
    return Shares(
        good=share(counts.good, counts.counted),
        rated=rated,
        unrated=None if rated is None else 1000 - rated,
        device=share(sum(counts.sources.get(source, 0) for source in AT_WINDOW), counts.asked),
    )


def withheld(rated: Mapping[K, int]) -> frozenset[K]:
    """The groups of one partition whose levels must not be shown, by how many of each have rated (`Counts.behind`).

    Those are the groups with some, but fewer than `LEAST_RATED` ratings. Who takes all shown groups from the total
    gets the withheld ones together: while these are fewer than `LEAST_RATED` as well, the smallest shown group is
    withheld with them. A group that nobody rated has nothing to hide.
    """
    hidden = {key for key, n in rated.items() if 0 < n < LEAST_RATED}
    others = sorted((key for key, n in rated.items() if n >= LEAST_RATED), key=lambda key: (rated[key], str(key)))
    while others and 0 < sum(rated[key] for key in hidden) < LEAST_RATED:
        hidden.add(others.pop(0))
    return frozenset(hidden)


def closed_week(today: date) -> date:
    """The Monday of the last week (Monday to Sunday) that is over on `today`."""
    return today - timedelta(days=today.weekday()) - WEEK


def published_by(monday: date) -> str:
    """By what the week that begins on `monday` is published: windows and items in turn.

    A service stands in exactly one week, and that week's figures in exactly one partition: so no two published
    figures overlap but a group and its week, and whatever is taken from whatever, what remains are groups.
    """
    return GROUPINGS[monday.toordinal() // WEEK.days % len(GROUPINGS)]

"""Whether the estimates were true: what was promised at issue against what then happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LONG_S = 300.0
"""An error in percent says something only of waits longer than this."""


@dataclass(frozen=True)
class Kept:
    """One ticket that was called: the promise, the plain rule's estimate, and the wait, in seconds."""

    low_s: float
    high_s: float
    naive_s: float
    waited_s: float


@dataclass(frozen=True)
class Truth:
    """`error`, `naive_error`: median of |estimate - wait| / wait over waits of more than LONG_S (`long` of them).
    `covered`: share of all waits that were within P90; `naive_covered` the share within the plain rule's number.
    None when there is nothing to measure."""

    count: int
    long: int
    error: float | None
    naive_error: float | None
    covered: float | None
    naive_covered: float | None


def truth(kept: Sequence[Kept]) -> Truth:
    longer = [one for one in kept if one.waited_s > LONG_S]
    return Truth(
        len(kept),
        len(longer),
        _median([abs(one.low_s - one.waited_s) / one.waited_s for one in longer]),
        _median([abs(one.naive_s - one.waited_s) / one.waited_s for one in longer]),
        _share([one.waited_s <= one.high_s for one in kept]),
        _share([one.waited_s <= one.naive_s for one in kept]),
    )


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None

"""What supervisors ask about a day."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class EstimateReport:
    """How true the estimates of a service day were: `tickets` got one and were called. None: nothing to measure.

    `error_percent`: median error of P50 over waits of more than five minutes (`long_waits` of them);
    `within_p90_percent`: share of all waits that ended within P90 (90 is right). The `naive` figures are those of
    people ahead × average service ÷ windows, with that day's own averages.
    """

    day: date
    tickets: int
    long_waits: int
    error_percent: int | None
    naive_error_percent: int | None
    within_p90_percent: int | None
    naive_within_percent: int | None


@dataclass(frozen=True)
class SuspiciousRatings:
    """Ratings of one window that a supervisor should look into. `pattern`: hasty (within a second of finishing),
    burst (many in moments), closing (all alike before closing). `count` of them, between `first` and `last`. No
    number and no level: nobody who rated is named."""

    window: str
    pattern: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class RatingPatterns:
    """Of one service day, by window."""

    day: date
    found: tuple[SuspiciousRatings, ...]

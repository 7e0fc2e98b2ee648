"""What supervisors ask about a day."""

from dataclasses import dataclass
from datetime import date, datetime

from server.contract.ratings import EnteredRatings
from server.contract.rectifications import Rates


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
    """Of one service day, by window. `entered`: by whom ratings were entered on it for citizens who said or wrote
    them."""

    day: date
    found: tuple[SuspiciousRatings, ...]
    entered: tuple[EnteredRatings, ...] = ()


@dataclass(frozen=True)
class RatingRow:
    """Ratings of one group of services. Shares in thousandths, never rounded up; None of nothing, shown as –.

    `levels` counts from 5 (非常满意) down to 1. It and 好评率, `good_permille`, are None also where too few have
    rated for it, or where a smaller group could be found by subtraction. Of one channel, `asked` and `unrated` are
    those of all, for nobody is asked by a channel. `sources`: ratings by the word of their source.
    """

    key: str
    name: str
    name_en: str
    asked: int
    rated: int
    unrated: int
    levels: tuple[int, ...] | None
    good_permille: int | None
    rated_permille: int | None
    unrated_permille: int | None
    sources: dict[str, int]
    device_permille: int | None
    """评价器使用率: rated on the evaluator or tablet, of those asked."""
    excluded: int | None = None
    """误评: not meant, by an appeal that was upheld. None where levels are."""


@dataclass(frozen=True)
class DeviceUse:
    """How one window's evaluator was used. `strays`: presses that were no rating. `evaluator`: one is entered for the
    window now. `silent`: there is one and nobody pressed it, though services were done there and others' were
    pressed."""

    window: str
    name: str
    asked: int
    pressed: int
    strays: int
    pressed_permille: int | None
    evaluator: bool
    silent: bool


@dataclass(frozen=True)
class Handling:
    """What became of the 差评 of a period (`counts`). Shares of those that have a case in thousandths, None of
    nothing: 回访率 of whom somebody tried to call, 按时联系率 who were reached in time, 办结率 whose case is closed.
    整改满意率 is of those who answered. Ratings of before there were cases have none, and are in no share."""

    counts: Rates
    called_permille: int | None
    in_time_permille: int | None
    closed_permille: int | None
    satisfied_permille: int | None


@dataclass(frozen=True)
class RatingReport:
    """Of whole service days, both included. `live`: the day is not over, so nothing says of what level its ratings
    are. `devices` only by window. `least`: how many must have rated for levels to be shown. `handling` is None where
    the levels of the total are not told."""

    from_day: date
    to_day: date
    by: str
    live: bool
    least: int
    total: RatingRow
    rows: tuple[RatingRow, ...]
    devices: tuple[DeviceUse, ...] = ()
    handling: Handling | None = None

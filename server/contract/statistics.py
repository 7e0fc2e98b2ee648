"""What supervisors ask about the services of a period. Nothing in it is of ratings, and nothing of who was served."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Lengths:
    """Of `n` measured lengths of time, in whole seconds; None of nothing. Half did not exceed `median`, nine of ten
    not `p90`, each told at most a thirty-second too short; `longest` is exact."""

    n: int
    median: int | None
    p90: int | None
    longest: int | None


@dataclass(frozen=True)
class Presence:
    """How the time was spent in which somebody was signed in, in seconds: `serving`, `called` (waiting for who was
    called), `paused`, `idle`. `days` on which there was any; of the whole and of times, counted once however many
    were there."""

    days: int
    serving: int
    called: int
    paused: int
    idle: int


@dataclass(frozen=True)
class ServiceFigures:
    """Of one group of tickets. `taken` = `served` + `no_show` + `cancelled` + `expired` + `open`, which have not
    ended yet. `unclosed` of `served` were left open at the window when the day was over, and have no service time.
    `transferred` and `held` count how often that was done.

    `wait`: taking → first call · `arrival`: last call → begin · `service`: begin → end, holds left out.
    `within_permille`: of the `promised`, who were told a time and called, how many were called within it.
    `presence` only of windows, people, times and the whole.
    """

    taken: int
    served: int
    no_show: int
    cancelled: int
    expired: int
    open: int
    unclosed: int
    transferred: int
    held: int
    wait: Lengths
    arrival: Lengths
    service: Lengths
    promised: int
    within_permille: int | None
    presence: Presence | None = None


@dataclass(frozen=True)
class ServiceRow:
    """One group. `key` is its code, a day or a month; empty for tickets that chose no item, or came to no window."""

    key: str
    name: str
    name_en: str
    figures: ServiceFigures


@dataclass(frozen=True)
class HeatCell:
    """Tickets taken on a `weekday` (1 is Monday) within an `hour` (0 to 23, hall time), and how long those waited who
    were called."""

    weekday: int
    hour: int
    taken: int
    wait_median: int | None
    wait_p90: int | None


@dataclass(frozen=True)
class DayPoint:
    """One day of the trend."""

    day: date
    taken: int
    served: int
    wait_median: int | None


@dataclass(frozen=True)
class Before:
    """The period before: a month before a month, else as many days right before."""

    from_day: date
    to_day: date
    total: ServiceFigures


@dataclass(frozen=True)
class Statistics:
    """Of whole service days, both included. `live`: today is among them and is not over. `windows` and `people`: how
    many of them had tickets or somebody there; a person at several windows counts once. `days` and `heat` hold only
    what is not empty."""

    from_day: date
    to_day: date
    by: str
    live: bool
    windows: int
    people: int
    total: ServiceFigures
    before: Before
    rows: tuple[ServiceRow, ...]
    days: tuple[DayPoint, ...]
    heat: tuple[HeatCell, ...]

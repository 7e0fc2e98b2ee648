"""Who comes on the simulated day, and how its clerks work. Pure and seeded: the same seed makes the same day."""

import math
import random
from dataclasses import dataclass

from server.contract.tickets import Lane

MINUTE = 60.0
OPENS_S = 8.5 * 3600
CUT_OFF_S = 16.75 * 3600
"""No more tickets; whoever has one is served."""
LUNCH_S = (11.5 * 3600, 13.0 * 3600)
"""The hall stays open at noon; the clerks eat by turns."""
HOURLY = (1.25, 1.6, 1.45, 1.0, 0.45, 0.75, 1.1, 0.95, 0.6)
"""How busy each hour from opening on is: the morning peak, noon, a smaller one in the afternoon."""
REASONS = ("elderly", "disabled", "veteran", "pregnant", "first_aid")


@dataclass(frozen=True)
class Business:
    """What comes to a queue: its share of all visitors, the mean and spread of a service in minutes, its items."""

    queue: str
    share: float
    minutes: float
    spread: float
    items: tuple[str, ...] = ()


BUSINESS = (
    Business("A", 0.39, 3.3, 0.65, ("SB-03", "SB-04", "SB-07", "SB-12")),
    Business("B", 0.105, 5.0, 0.7, ("SB-05", "SB-06")),
    Business("C", 0.175, 3.6, 0.6, ("SB-08", "SB-09")),
    Business("D", 0.155, 4.8, 0.65, ("SB-01", "SB-02")),
    Business("E", 0.105, 4.5, 0.55, ("SB-10", "SB-11")),
    Business("G", 0.022, 5.0, 0.6),
    Business("V", 0.012, 6.5, 0.6),
    Business("N", 0.008, 12.0, 0.6),
    Business("Z", 0.028, 2.0, 0.7),
)


@dataclass(frozen=True)
class Visitor:
    """`patience_s`: after so long a wait they leave without a word. `deaf_calls`: so many calls they do not hear;
    `comes_back_s`: then they go to the guide desk after so long, if at all. Seconds of the day throughout."""

    at_s: float
    queue: str
    item: str | None
    lane: Lane
    lane_reason: str
    service_s: float
    walk_s: float
    patience_s: float
    deaf_calls: int
    comes_back_s: float | None


@dataclass(frozen=True)
class Habit:
    """A clerk: `pace` 1.2 needs a fifth longer; `gap_s` the mean from one citizen to the next call; `breaks` (begin,
    seconds), taken when the citizen in hand is done."""

    pace: float
    gap_s: float
    arrives_s: float
    breaks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plan:
    visitors: tuple[Visitor, ...]
    habits: tuple[Habit, ...]


def plan(seed: int, visitors: int, windows: int) -> Plan:
    """A day of about so many visitors, exactly `visitors` of them, for so many windows."""
    rng = random.Random(seed)  # noqa: S311 - no secret: a day that can be repeated
    load = 1.0 + rng.uniform(-0.06, 0.06)
    arrivals = sorted(_arrival(rng) for _ in range(visitors))
    return Plan(
        tuple(_visitor(rng, at, load) for at in arrivals), tuple(_habit(rng, place) for place in range(windows))
    )


def _arrival(rng: random.Random) -> float:
    hour = rng.choices(range(len(HOURLY)), _hour_weights())[0]
    start = OPENS_S + hour * 3600
    return start + rng.random() * min(3600.0, CUT_OFF_S - start)


def _hour_weights() -> list[float]:
    lengths = [min(3600.0, CUT_OFF_S - OPENS_S - hour * 3600) for hour in range(len(HOURLY))]
    return [busy * max(0.0, length) for busy, length in zip(HOURLY, lengths, strict=True)]


def _visitor(rng: random.Random, at: float, load: float) -> Visitor:
    business = rng.choices(BUSINESS, [one.share for one in BUSINESS])[0]
    lane, reason = _lane(rng, business.queue)
    deaf = 0 if rng.random() > 0.05 else rng.choice((1, 2, 9))
    return Visitor(
        at_s=at,
        queue=business.queue,
        item=rng.choice(business.items) if business.items and rng.random() < 0.4 else None,
        lane=lane,
        lane_reason=reason,
        service_s=load * _lognormal(rng, business.minutes * MINUTE, business.spread),
        walk_s=rng.uniform(6, 35),
        patience_s=_lognormal(rng, 110 * MINUTE, 0.5),
        deaf_calls=deaf,
        comes_back_s=rng.uniform(120, 1500) if rng.random() < 0.6 else None,
    )


def _lane(rng: random.Random, queue: str) -> tuple[Lane, str]:
    if queue in "ABCDE" and rng.random() < 0.07:
        return Lane.PRIORITY, rng.choice(REASONS)
    if queue == "D" and rng.random() < 0.05:
        return Lane.EXPRESS, "large_employer"
    return Lane.NORMAL, ""


def _lognormal(rng: random.Random, mean: float, spread: float) -> float:
    return rng.lognormvariate(math.log(mean) - spread**2 / 2, spread)


def _habit(rng: random.Random, place: int) -> Habit:
    first, second = LUNCH_S[0], (LUNCH_S[0] + LUNCH_S[1]) / 2
    lunch = (first if place % 2 else second) + rng.uniform(-300, 300)
    breaks = [(lunch, rng.uniform(30, 42) * MINUTE)]
    breaks += [(at * 3600 + rng.uniform(-2400, 2400), rng.uniform(5, 14) * MINUTE) for at in (10.0, 14.8)]
    return Habit(
        pace=min(1.5, max(0.7, rng.gauss(1.0, 0.15))),
        gap_s=rng.uniform(8, 25),
        arrives_s=OPENS_S + rng.uniform(-600, 240),
        breaks=tuple(sorted(breaks)),
    )

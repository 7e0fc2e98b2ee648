"""How long somebody will wait: the hall as it stands, played forward a few times with drawn service times.

One run plays everyone who waits and, behind each line, a shadow: somebody who joins that line now and takes nobody's
time. So one set of runs answers for every ticket and for every queue and lane at once. Who is called follows the
rules of `domain.policy` on bare numbers; `tests/server/domain/test_estimate.py` holds the two together.
All times are seconds; `now` is 0, what was before is negative.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, pstdev

from server.contract.tickets import Lane

RUNS = 16
HORIZON_S = 5 * 3600.0
"""Nobody is told of a wait longer than this; who is not called within it has no estimate."""
SEED = 20
PRIOR_COUNT = 6
"""What was believed beforehand weighs as much as so many measured services."""
TABLE = 48
"""Service times are drawn from so many equally likely values."""
Z90 = 1.2816
WIDER = 1.15
"""What the runs cannot know (slow clerks, unplanned breaks) widens the range; set so that P90 covers 90 % of the
waits of simulated days, see docs/waiting-times.md."""
LEAST_SPREAD_S = 40.0
FAST = (Lane.APPOINTMENT, Lane.EXPRESS, Lane.PRIORITY)
"""The faster lanes in the order in which the policy looks at them."""

Line = tuple[str, Lane]


@dataclass(frozen=True)
class Desk:
    """A window that is open, or paused and expected back after about `away_s`.

    `in_hand`: queue of the ticket there and the seconds since its call. `fast_run`: faster lanes in a row just now.
    `pace`: 1.2 is a window that needs a fifth longer than others.
    """

    name: str
    weights: Mapping[str, int]
    in_hand: tuple[str, float] | None = None
    fast_run: int = 0
    pace: float = 1.0
    away_s: float = 0.0


@dataclass(frozen=True)
class Person:
    """One waiting ticket. `window` names the only desk for it."""

    key: int
    queue: str
    lane: Lane
    waited_s: float
    window: str | None = None


@dataclass(frozen=True)
class Scene:
    """What is known now. `times`: equally likely seconds from one call to the next, by queue. `arrivals`: people a
    second by line. `cap` and `aged_s` are the policy's. `breaks`: how likely one follows a service, and its mean."""

    desks: Sequence[Desk]
    people: Sequence[Person]
    times: Mapping[str, Sequence[float]]
    arrivals: Mapping[Line, float] = field(default_factory=dict)
    cap: int = 3
    aged_s: float | None = None
    breaks: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Range:
    """P50 and P90 in seconds."""

    low_s: float
    high_s: float


@dataclass(frozen=True)
class Newcomer:
    """Who joins a line with `ahead` people waiting in its queue; each one more costs `each_s`, once the `idle`
    windows have somebody."""

    ahead: int
    wait: Range
    each_s: float
    idle: int

    def at(self, ahead: int) -> Range:
        """The same for somebody with another number ahead: the line has moved since the runs."""
        more = ahead - self.ahead
        more = max(0, more - self.idle) if more > 0 else more
        low = max(0.0, self.wait.low_s + more * self.each_s)
        stretch = (low + LEAST_SPREAD_S) / (self.wait.low_s + LEAST_SPREAD_S)
        return Range(low, low + (self.wait.high_s - self.wait.low_s) * stretch)


@dataclass(frozen=True)
class Forecast:
    tickets: Mapping[int, Range]
    newcomers: Mapping[Line, Newcomer]


def blend(own: Sequence[float], shape: Sequence[float], prior_mean: float) -> tuple[float, ...]:
    """A table of equally likely service times: the measured `own`, drawn towards what is believed of the queue when
    they are few. `shape`: times of all queues, each divided by its queue's mean."""
    others = [part * prior_mean for part in shape or (0.3, 0.5, 0.7, 0.9, 1.0, 1.3, 1.6, 1.7)]
    share = len(own) / (len(own) + PRIOR_COUNT)
    weighted = [(value, share / len(own)) for value in own] if own else []
    weighted += [(value, (1 - share) / len(others)) for value in others]
    return tuple(_quantiles(sorted(weighted), TABLE))


def _quantiles(weighted: Sequence[tuple[float, float]], count: int) -> Iterable[float]:
    total, at = 0.0, 0
    for i in range(count):
        while at < len(weighted) - 1 and total + weighted[at][1] < (i + 0.5) / count:
            total += weighted[at][1]
            at += 1
        yield weighted[at][0]


def forecast(
    scene: Scene, *, runs: int = RUNS, seed: int = SEED, breathe: Callable[[], None] | None = None
) -> Forecast:
    """Waits from now on for everyone who waits, and for whoever comes now. Lines that no open window serves, or that
    move too slowly to say, are left out. The same scene and seed give the same answer.

    `breathe` is called between the runs, which take some milliseconds each, to let others have the processor.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret: chance that can be repeated
    play = _Play(scene)
    called: list[dict[object, float]] = []
    for _ in range(runs if scene.desks else 0):
        called.append(play.run(rng))
        if breathe:
            breathe()
    ranges = {key: _range([run.get(key, HORIZON_S) for run in called]) for key in set().union(*called)}
    known = {key: wait for key, wait in ranges.items() if wait.low_s < HORIZON_S / 2}
    return Forecast(
        {key: wait for key, wait in known.items() if isinstance(key, int)},
        {line: _newcomer(scene, line, known[line]) for line in play.lines if line in known},
    )


def _range(waits: Sequence[float]) -> Range:
    low = median(waits)
    return Range(low, low + Z90 * WIDER * max(pstdev(waits), LEAST_SPREAD_S * min(1.0, low / 120), 0.1 * low))


def _newcomer(scene: Scene, line: Line, wait: Range) -> Newcomer:
    queue = line[0]
    serving = [desk for desk in scene.desks if queue in desk.weights and not desk.away_s]
    idle = sum(desk.in_hand is None for desk in serving)
    ahead = sum(person.queue == queue for person in scene.people)
    each = fmean(scene.times[queue]) / max(1, len(serving))
    if ahead > len(serving):
        each = max(each, wait.low_s / (ahead + 1))
    return Newcomer(ahead, wait, each, idle if ahead == 0 else 0)


class _Play:
    """A scene made ready to be played many times: lines and desks as numbers."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        queues = sorted({queue for desk in scene.desks for queue in desk.weights if queue in scene.times})
        self.lines: list[Line] = [(queue, lane) for queue in queues for lane in (Lane.NORMAL, *FAST)]
        self._index = {line: i for i, line in enumerate(self.lines)}
        self._standing: list[list[tuple[float, object]]] = [[] for _ in self.lines]
        self._bound: dict[str, list[Person]] = {}
        for person in sorted(scene.people, key=lambda person: (-person.waited_s, person.key)):
            if person.window is not None:
                self._bound.setdefault(person.window, []).append(person)
            elif (person.queue, person.lane) in self._index:
                self._standing[self._index[person.queue, person.lane]].append((-person.waited_s, person.key))
        for line, standing in zip(self.lines, self._standing, strict=True):
            standing.append((0.0, line))
        self._desks = [self._served(desk) for desk in scene.desks]
        self._passing = self._may_pass()
        self._expected = sum(map(len, self._standing)) + sum(
            len(self._bound.get(desk.name, ())) for desk in scene.desks
        )

    def _served(self, desk: Desk) -> list[tuple[int, int]]:
        return [(weight, self._index[queue, Lane.NORMAL]) for queue, weight in desk.weights.items()
                if (queue, Lane.NORMAL) in self._index]  # fmt: skip

    def _may_pass(self) -> list[tuple[int, float]]:
        """Lines whose later arrivals may be called before somebody who waits already, with their rates."""
        heavy = {
            queue for desk in self._scene.desks for queue, weight in desk.weights.items()
            if weight > min(desk.weights.values())
        }  # fmt: skip
        return [
            (self._index[line], rate)
            for line, rate in self._scene.arrivals.items()
            if line in self._index and rate > 0 and (line[1] is not Lane.NORMAL or line[0] in heavy)
        ]

    def run(self, rng: random.Random) -> dict[object, float]:
        """One course of events: when each waiting ticket, and each line's shadow, is called."""
        lines = self._with_arrivals(rng)
        heads = [line[0][0] for line in lines]
        places = [0] * len(lines)
        bound = {desk: list(people) for desk, people in self._bound.items()}
        fast_runs = [desk.fast_run for desk in self._scene.desks]
        times = [self._scene.times[line[0]] for line in self.lines[::4]]
        break_chance, break_s = self._scene.breaks
        free = [(self._free_at(desk, rng), i) for i, desk in enumerate(self._scene.desks)]
        heapq.heapify(free)
        called: dict[object, float] = {}
        missing = self._expected
        while free and missing > 0:
            now, i = free[0]
            if now > HORIZON_S:
                break
            desk = self._scene.desks[i]
            mine = bound.get(desk.name)
            if mine:
                person = mine.pop(0)
                called[person.key] = now
                missing -= 1
                heapq.heapreplace(free, (now + rng.choice(self._table(person.queue)) * desk.pace, i))
                continue
            line = self._pick(self._desks[i], heads, now, fast_runs[i])
            if line < 0:
                later = min((heads[n + k] for _, n in self._desks[i] for k in range(4)), default=HORIZON_S)
                if later > HORIZON_S:
                    heapq.heappop(free)
                else:
                    heapq.heapreplace(free, (later, i))
                continue
            place = places[line]
            who = lines[line][place][1]
            places[line] = place = place + 1
            heads[line] = lines[line][place][0] if place < len(lines[line]) else HORIZON_S * 2
            if who is not None:
                called[who] = now
                missing -= 1
                if type(who) is tuple:
                    continue  # a shadow: the window is still free
            fast_runs[i] = fast_runs[i] + 1 if line & 3 else 0
            lasts = rng.choice(times[line >> 2]) * desk.pace
            if break_chance and rng.random() < break_chance:
                lasts += rng.expovariate(1 / break_s)
            heapq.heapreplace(free, (now + lasts, i))
        return called

    def _pick(self, served: list[tuple[int, int]], heads: list[float], now: float, fast_run: int) -> int:
        """The line whose first the policy calls, or -1. Lines stand in fours: normal, then the faster lanes."""
        normal, most = -1, -1.0
        for weight, n in served:
            urgency = weight * (now - heads[n])
            if heads[n] <= now and urgency > most:
                normal, most = n, urgency
        aged = self._scene.aged_s
        if normal >= 0 and ((aged is not None and now - heads[normal] >= aged) or fast_run >= self._scene.cap):
            return normal
        for lane in (1, 2, 3):
            fast, most = -1, -1.0
            for weight, n in served:
                urgency = weight * (now - heads[n + lane])
                if heads[n + lane] <= now and urgency > most:
                    fast, most = n + lane, urgency
            if fast >= 0:
                return fast
        return normal

    def _with_arrivals(self, rng: random.Random) -> list[list[tuple[float, object]]]:
        lines = list(self._standing)
        for i, rate in self._passing:
            at = rng.expovariate(rate)
            coming: list[tuple[float, object]] = []
            while at < HORIZON_S and len(coming) < 200:
                coming.append((at, None))
                at += rng.expovariate(rate)
            lines[i] = lines[i] + coming
        return lines

    def _table(self, queue: str) -> Sequence[float]:
        """A ticket transferred here may be of a queue that nobody measured."""
        return self._scene.times.get(queue) or next(iter(self._scene.times.values()))

    def _free_at(self, desk: Desk, rng: random.Random) -> float:
        """When the desk can call again: what is left of the service in hand, given how long it has lasted."""
        away = rng.expovariate(1 / desk.away_s) if desk.away_s else 0.0
        if desk.in_hand is None:
            return away
        queue, lasted = desk.in_hand
        longer = [value * desk.pace - lasted for value in self._table(queue) if value * desk.pace > lasted]
        if longer:
            return away + rng.choice(longer)
        return away + rng.expovariate(1 / (0.3 * max(lasted, 60.0)))


def minutes(wait: Range) -> tuple[int, int]:
    """The range as people say it: whole minutes below ten, then steps of five; never 0–0, and the end rounded up."""
    low, high = int(wait.low_s // 60), -int(-wait.high_s // 60)
    if high > 10:
        high = -(-high // 5) * 5
    if low >= 10:
        low -= low % 5
    return low, max(1, high, low)

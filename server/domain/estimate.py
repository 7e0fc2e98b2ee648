"""How long somebody will wait: the hall as it stands, played forward a few times with drawn service times.

One run plays everyone who waits and, behind each line, a shadow: somebody who joins that line now and takes nobody's
time. So one set of runs answers for every ticket and for every queue and lane at once. Who is called follows the
rules of `domain.policy` on bare numbers; `tests/server/domain/test_estimate.py` holds the two together.
All times are seconds; `now` is 0, what was before is negative.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from server.contract.tickets import Lane

RUNS = 12
HORIZON_S = 5 * 3600.0
"""Nobody is told of a wait longer than this; who is not called within it has no estimate."""
SEED = 20
PRIOR_COUNT = 6
"""What was believed beforehand weighs as much as so many measured services."""
TABLE = 48
"""Service times are drawn from so many equally likely values."""
Z90 = 1.2816
WIDER = 1.8
UNFORESEEN = 0.45
"""What the runs cannot know (a noon at which half of the clerks eat, a crowd) widens the range: the runs' own spread,
and a share of the wait. Set so that P90 covers nine of ten waits of simulated days, see docs/waiting-times.md."""
SOON_S = 60.0
"""A free clerk must notice, and a citizen sit down: nobody is promised less than a minute."""
FAST = (Lane.APPOINTMENT, Lane.PRIORITY, Lane.EXPRESS)
"""The faster lanes in the order in which the policy looks at them."""

SHADOWED = (Lane.NORMAL, Lane.PRIORITY)
"""Lanes that are always estimated; the others where somebody came lately."""
NEVER = math.inf

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
    aged_s: float = 45 * 60.0
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
        stretch = (low + SOON_S) / (self.wait.low_s + SOON_S)
        return Range(low, max(SOON_S, low + (self.wait.high_s - self.wait.low_s) * stretch))


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
    for _ in range(runs if play.lines else 0):
        called.append(_Run(play, rng).called)
        if breathe:
            breathe()
    ranges = {key: _range([run.get(key, HORIZON_S) for run in called]) for key in set().union(*called)}
    known = {key: wait for key, wait in ranges.items() if wait.low_s < HORIZON_S}
    return Forecast(
        {key: wait for key, wait in known.items() if isinstance(key, int)},
        {line: _newcomer(scene, line, known[line]) for line in play.lines if line in known},
    )


def _range(waits: Sequence[float]) -> Range:
    low = median(waits)
    mean = sum(waits) / len(waits)
    spread = math.sqrt(sum((wait - mean) ** 2 for wait in waits) / len(waits))  # pstdev is exact and far slower
    return Range(low, max(SOON_S, low + math.hypot(Z90 * WIDER * spread, UNFORESEEN * low)))


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
    """A scene made ready to be played many times: lines and desks as numbers. Lines stand in fours, a queue's normal
    lane first, then the faster ones in the policy's order."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        queues = sorted({queue for desk in scene.desks for queue in desk.weights if queue in scene.times})
        self.lines: list[Line] = [(queue, lane) for queue in queues for lane in (Lane.NORMAL, *FAST)]
        index = {line: i for i, line in enumerate(self.lines)}
        self.served = [
            [(weight, index[queue, Lane.NORMAL]) for queue, weight in desk.weights.items() if queue in queues]
            for desk in scene.desks
        ]
        self.standing: list[list[tuple[float, object]]] = [[] for _ in self.lines]
        self.bound: dict[str, list[Person]] = {}
        for person in sorted(scene.people, key=lambda person: (-person.waited_s, person.key)):
            if person.window is not None:
                self.bound.setdefault(person.window, []).append(person)
            elif (person.queue, person.lane) in index:
                self.standing[index[person.queue, person.lane]].append((-person.waited_s, person.key))
        for line, standing in zip(self.lines, self.standing, strict=True):
            if line[1] in SHADOWED or standing or scene.arrivals.get(line):
                standing.append((0.0, line))
        self.passing = {index[line]: rate for line, rate in self._may_pass() if line in index}
        self.expected = sum(map(len, self.standing)) + sum(len(self.bound.get(d.name, ())) for d in scene.desks)

    def _may_pass(self) -> Iterable[tuple[Line, float]]:
        """Lines whose later arrivals may be called before somebody who waits already, with their rates."""
        heavy = {
            queue
            for desk in self.scene.desks
            for queue, weight in desk.weights.items()
            if weight > min(desk.weights.values())
        }
        for line, rate in self.scene.arrivals.items():
            if rate > 0 and (line[1] is not Lane.NORMAL or line[0] in heavy):
                yield line, rate

    def table(self, queue: str) -> Sequence[float]:
        """A ticket sent to a window may be of a queue that nobody measured."""
        return self.scene.times.get(queue) or next(iter(self.scene.times.values()))


class _Run:
    """One course of events: `called` says when each waiting ticket, and each line's shadow, was called."""

    def __init__(self, play: _Play, rng: random.Random) -> None:
        self._play, self._scene, self._rng = play, play.scene, rng
        self._lines = list(play.standing)
        self._places = [0] * len(self._lines)
        self._heads = [line[0][0] if line else NEVER for line in self._lines]
        for line, rate in play.passing.items():
            self._lines[line] = list(self._lines[line])
            self._arrive(line, 0.0, rate)
            self._heads[line] = self._lines[line][0][0]
        self._bound = {desk: list(people) for desk, people in play.bound.items()}
        self._fast_runs = [desk.fast_run for desk in self._scene.desks]
        self._times = [self._scene.times[line[0]] for line in play.lines[::4]]
        self._free = [(self._free_at(desk), i) for i, desk in enumerate(self._scene.desks)]
        heapq.heapify(self._free)
        self.called: dict[object, float] = {}
        while self._free and self._free[0][0] < HORIZON_S and len(self.called) < play.expected:
            self._next(*self._free[0])

    def _next(self, now: float, i: int) -> None:
        """The desk that is free first calls somebody, or waits for whoever comes next."""
        line = self._pick(i, now)
        bound = self._bound.get(self._scene.desks[i].name) if self._bound else None
        if bound and not self._before_bound(line, bound[0], i, now):
            person = bound.pop(0)
            self.called[person.key] = now
            self._fast_runs[i] += 1
            self._busy(i, now, self._play.table(person.queue))
            return
        if line < 0:
            later = min([min(self._heads[n : n + 4]) for _, n in self._play.served[i]], default=NEVER)
            heapq.heapreplace(self._free, (later, i))
            return
        who = self._take(line)
        if who is not None:
            self.called[who] = now
            if type(who) is tuple:
                return  # a shadow takes nobody's time: the desk is still free
        self._fast_runs[i] = self._fast_runs[i] + 1 if line & 3 else 0
        self._busy(i, now, self._times[line >> 2])

    def _busy(self, i: int, now: float, table: Sequence[float]) -> None:
        lasts = table[int(self._rng.random() * len(table))] * self._scene.desks[i].pace
        chance, break_s = self._scene.breaks
        if chance and self._rng.random() < chance:
            lasts += self._rng.expovariate(1 / break_s)
        heapq.heapreplace(self._free, (now + lasts, i))

    def _pick(self, i: int, now: float) -> int:
        """The line whose first the policy calls for this desk, or -1."""
        heads, served = self._heads, self._play.served[i]
        normal = self._most_urgent([(weight, n) for weight, n in served if heads[n] <= now], now)
        fast = [(weight, n + k) for weight, n in served for k in (1, 2, 3) if heads[n + k] <= now]
        if fast and (normal < 0 or self._fast_runs[i] < self._scene.cap):
            oldest = min(fast, key=lambda one: heads[one[1]])[1]
            if now - heads[oldest] > self._scene.aged_s:
                return oldest
            lane = min(n & 3 for _, n in fast)
            return self._most_urgent([one for one in fast if one[1] & 3 == lane], now)
        return normal

    def _before_bound(self, line: int, bound: Person, i: int, now: float) -> bool:
        """Whether even somebody who is bound to this desk comes after the first of `line`: by the cap or by age."""
        if line < 0:
            return False
        if line & 3 == 0:
            return self._fast_runs[i] >= self._scene.cap
        return now - self._heads[line] > self._scene.aged_s and self._heads[line] < -bound.waited_s

    def _most_urgent(self, firsts: list[tuple[int, int]], now: float) -> int:
        """By waiting time times weight; whoever waits beyond the aging limit goes by arrival."""
        if len(firsts) < 2:
            return firsts[0][1] if firsts else -1
        heads = self._heads
        oldest = min(firsts, key=lambda one: heads[one[1]])[1]
        if now - heads[oldest] > self._scene.aged_s:
            return oldest
        return max(firsts, key=lambda one: one[0] * (now - heads[one[1]]))[1]

    def _take(self, line: int) -> object:
        """The first of the line, out of it; where later arrivals count, the next of those comes to its end."""
        standing, place = self._lines[line], self._places[line]
        who = standing[place][1]
        self._places[line] = place = place + 1
        if place == len(standing) and line in self._play.passing:
            self._arrive(line, standing[-1][0], self._play.passing[line])
        self._heads[line] = standing[place][0] if place < len(standing) else NEVER
        return who

    def _arrive(self, line: int, after: float, rate: float) -> None:
        self._lines[line].append((max(0.0, after) + self._rng.expovariate(rate), None))

    def _free_at(self, desk: Desk) -> float:
        """When the desk can call again: what is left of the service in hand, given how long it has lasted."""
        away = self._rng.expovariate(1 / desk.away_s) if desk.away_s else 0.0
        if desk.in_hand is None:
            return away
        queue, lasted = desk.in_hand
        longer = [value * desk.pace - lasted for value in self._play.table(queue) if value * desk.pace > lasted]
        if longer:
            return away + self._rng.choice(longer)
        return away + self._rng.expovariate(1 / (0.3 * max(lasted, 60.0)))


def minutes(wait: Range) -> tuple[int, int]:
    """The range as people say it: whole minutes below ten, then steps of five; never 0–0, and the end rounded up."""
    low, high = int(wait.low_s // 60), -int(-wait.high_s // 60)
    if high > 10:
        high = -(-high // 5) * 5
    if low >= 10:
        low -= low % 5
    return low, max(1, high, low)

"""What came of a simulated day, in numbers and in words."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, quantiles
from typing import Any

from sqlalchemy import func, select

from server.contract.tickets import Lane
from server.domain.estimate_truth import Truth, truth
from server.models import TicketRow
from server.services.estimate_truth import Called, called_on, kept_promises
from server.simulate.play import DAY, Clerk, Day

LONG_MINUTES = 5


@dataclass(frozen=True)
class Waits:
    """Minutes from the number to the first call."""

    count: int
    mean: float
    p50: float
    p90: float
    longest: float


@dataclass(frozen=True)
class Fairness:
    """`overtaken`: the most people of the same queue who came later and were called before a ticket, and which.
    `fast_run`: the most calls of faster lanes in a row at a window while a normal ticket waited for it."""

    overtaken: int
    overtaken_number: str
    fast_run: int


@dataclass(frozen=True)
class Report:
    """`ends`: how many tickets ended in which state. `windows`: number, served, share of the time that was busy."""

    seed: int
    visitors: int
    ends: Mapping[str, int]
    lanes: Mapping[str, Waits]
    queues: Mapping[str, Waits]
    fairness: Fairness
    estimates: Truth
    windows: Sequence[tuple[str, int, float]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """The report for a person at a terminal."""
        windows = " ".join(f"{no}:{busy:.0%}({served})" for no, served, busy in self.windows)
        rows = [f"种子 seed {self.seed} · 取号 tickets {self.visitors} · {_pairs(self.ends)}", "", _HEAD]
        rows += [_row(name, waits) for name, waits in [*self.lanes.items(), *self.queues.items()]]
        rows += ["", *_truth_lines(self.estimates), "", _fairness_line(self.fairness)]
        return "\n".join([*rows, "", f"窗口忙碌 utilisation: {windows}"])


def report(day: Day, seed: int) -> tuple[Report, list[Called]]:
    """The figures of a day that was played, and the calls they rest on."""
    with day.store.read() as conn:
        called = called_on(conn, day.hall_id, DAY)
        states = conn.execute(select(TicketRow.state, func.count()).group_by(TicketRow.state)).all()
    ends = dict(sorted((str(row[0]), int(row[1])) for row in states))
    return Report(
        seed, sum(ends.values()), ends, _waits(called, lambda one: one.lane), _waits(called, lambda one: one.queue),
        _fairness(called, day.clerks), truth(kept_promises(called)),
        [(clerk.no, clerk.served, round(clerk.utilisation, 3)) for clerk in day.clerks],
    ), called  # fmt: skip


def _waits(called: Iterable[Called], by: Callable[[Called], str]) -> dict[str, Waits]:
    groups: dict[str, list[float]] = defaultdict(list)
    for one in called:
        groups[by(one)].append(one.waited_s / 60)
    return {name: _summary(minutes) for name, minutes in sorted(groups.items())}


def _summary(minutes: list[float]) -> Waits:
    tenths = quantiles(minutes, n=10, method="inclusive") if len(minutes) > 1 else minutes * 9
    return Waits(len(minutes), *(round(x, 1) for x in (fmean(minutes), tenths[4], tenths[8], max(minutes))))


def _fairness(called: Sequence[Called], clerks: Sequence[Clerk]) -> Fairness:
    passed, number = max(_overtaken(called), default=(0, ""))
    serves = {called_by: clerk.queues for called_by, clerk in _by_window(called, clerks).items()}
    return Fairness(passed, number, _longest_fast_run(called, serves))


def _by_window(called: Sequence[Called], clerks: Sequence[Clerk]) -> dict[str, Clerk]:
    known = {clerk.no: clerk for clerk in clerks}
    return {one.window: known[one.window] for one in called}


def _overtaken(called: Sequence[Called]) -> Iterable[tuple[int, str]]:
    """For each ticket, how many of its queue came later and were called before it."""
    later: dict[str, list[float]] = defaultdict(list)
    for one in sorted(called, key=lambda one: one.issued_at, reverse=True):
        moment = one.called_at.timestamp()
        yield bisect_left(later[one.queue], moment), one.number
        insort(later[one.queue], moment)


def _longest_fast_run(called: Sequence[Called], serves: Mapping[str, frozenset[str]]) -> int:
    normal: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in called:
        if one.lane == Lane.NORMAL:
            normal[one.queue].append((one.issued_at.timestamp(), one.called_at.timestamp()))
    longest, runs = 0, defaultdict[str, int](int)
    for one in called:
        at = one.called_at.timestamp()
        waited = one.lane != Lane.NORMAL and any(
            issued < at < taken for queue in serves[one.window] for issued, taken in normal[queue]
        )
        runs[one.window] = runs[one.window] + 1 if waited else 0
        longest = max(longest, runs[one.window])
    return longest


def _fairness_line(found: Fairness) -> str:
    return (
        f"公平 fairness: 最多被后来者越过 overtaken by {found.overtaken} ({found.overtaken_number})"
        f" · 有普通号等候时连续快速通道 fast lanes in a row {found.fast_run}"
    )


_HEAD = f"{'等候（分钟）waits (min)':<24}{'人 n':>6}{'平均 mean':>10}{'P50':>8}{'P90':>8}{'最长 max':>10}"


def _row(name: str, waits: Waits) -> str:
    return f"{name:<26}{waits.count:>8}{waits.mean:>10}{waits.p50:>10}{waits.p90:>8}{waits.longest:>10}"


def _truth_lines(found: Truth) -> list[str]:
    return [
        f"估时 estimates: {found.count}（等候超过 over {LONG_MINUTES} min: {found.long}）",
        f"{'':<32}{'模拟 simulated':>14}{'人数×平均 ahead × average':>28}",
        f"{'  中位误差 median error':<28}{_share(found.error):>14}{_share(found.naive_error):>22}",
        f"{'  实际不超过 within P90':<28}{_share(found.covered):>14}{_share(found.naive_covered):>22}",
    ]


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _pairs(ends: Mapping[str, int]) -> str:
    return " · ".join(f"{state} {count}" for state, count in ends.items())

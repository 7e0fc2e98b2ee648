"""Who is next: a pure choice with its reason. The order of the rules is the order of the functions below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.contract.tickets import Lane

FAIRNESS_CAP = 3
"""At most so many tickets of the faster lanes in a row while someone waits in the normal lane."""

LANE_WORDS = {
    Lane.NORMAL: "普通",
    Lane.PRIORITY: "绿色通道",
    Lane.EXPRESS: "直通车",
    Lane.APPOINTMENT: "预约",
}


@dataclass(frozen=True)
class Waiting:
    """One waiting ticket. `queued_at` is when it last joined its queue; `bound_to` names the only window for it."""

    key: int
    number: str
    queue: str
    lane: Lane
    queued_at: datetime
    bound_to: str | None = None


@dataclass(frozen=True)
class Choice:
    key: int
    reason: str


def choose(
    window: str,
    weights: Mapping[str, int],
    waiting: Sequence[Waiting],
    recent_lanes: Sequence[Lane],
    now: datetime,
) -> Choice | None:
    """Pick the next ticket for `window`, or None when nobody waits for it.

    `weights` are the window's queues (a higher weight makes waiting time count more); `recent_lanes` the lanes of
    this window's latest calls, newest last. Equal tickets go in order of arrival, then of `key`.
    """
    bound = [t for t in waiting if t.bound_to == window]
    if bound:
        first = min(bound, key=_arrival)
        return Choice(first.key, f"{first.number} 指定在本窗口办理，优先叫号")
    open_to_all = [t for t in waiting if t.bound_to is None and t.queue in weights]
    if not open_to_all:
        return None
    lane_pool, why = _by_lane(open_to_all, recent_lanes)
    chosen = max(lane_pool, key=lambda t: (_urgency(t, weights, now), -t.queued_at.timestamp(), -t.key))
    return Choice(chosen.key, f"{why}{chosen.queue} 队列已等候 {_minutes(chosen, now)} 分钟")


def calling_order(
    window: str,
    weights: Mapping[str, int],
    waiting: Sequence[Waiting],
    recent_lanes: Sequence[Lane],
    now: datetime,
    *,
    limit: int,
) -> list[int]:
    """The keys in the order in which `window` would call them if nobody else came or called."""
    lines: dict[object, list[Waiting]] = {}
    for ticket in sorted(waiting, key=_arrival, reverse=True):
        lines.setdefault((ticket.queue, ticket.lane, ticket.bound_to), []).append(ticket)
    recent = list(recent_lanes)
    order: list[int] = []
    while len(order) < limit:
        heads = {line[-1].key: line for line in lines.values() if line}
        choice = choose(window, weights, [line[-1] for line in heads.values()], recent, now)
        if choice is None:
            break
        recent.append(heads[choice.key].pop().lane)
        order.append(choice.key)
    return order


def _by_lane(waiting: list[Waiting], recent: Sequence[Lane]) -> tuple[list[Waiting], str]:
    fast = [t for t in waiting if t.lane is not Lane.NORMAL]
    normal = [t for t in waiting if t.lane is Lane.NORMAL]
    if not fast:
        return normal, ""
    if normal and _fast_run(recent) >= FAIRNESS_CAP:
        return normal, f"快速通道已连续叫 {FAIRNESS_CAP} 位，轮到普通号；"
    lane = min(t.lane for t in fast)
    return [t for t in fast if t.lane is lane], f"{LANE_WORDS[lane]}优先；"


def _fast_run(recent: Sequence[Lane]) -> int:
    run = 0
    for lane in reversed(recent):
        if lane is Lane.NORMAL:
            break
        run += 1
    return run


def _urgency(ticket: Waiting, weights: Mapping[str, int], now: datetime) -> float:
    return max(0.0, (now - ticket.queued_at).total_seconds()) * weights[ticket.queue]


def _minutes(ticket: Waiting, now: datetime) -> int:
    return max(0, int((now - ticket.queued_at).total_seconds() // 60))


def _arrival(ticket: Waiting) -> tuple[datetime, int]:
    return ticket.queued_at, ticket.key

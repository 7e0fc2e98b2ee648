"""Who is next: a pure choice with its reason. RULES is the whole policy, in order; `docs/who-is-next.md` explains it.

Two pools wait for a window. The *normal* pool: tickets of the normal lane, and appointments outside of their time.
The *fast* pool: appointments on time, the priority and express lanes, and whoever is bound to this window or to its
clerk. Within one line (queue, lane, binding, on time or not) order is arrival, so the first of each line is all that
the choice needs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.contract.tickets import Lane

LANE_WORDS = {
    Lane.APPOINTMENT: "预约",
    Lane.PRIORITY: "绿色通道",
    Lane.EXPRESS: "直通车",
    Lane.NORMAL: "普通",
}
"""Lanes in the order in which they go ahead of each other."""

LANE_WORDS_EN = {
    Lane.APPOINTMENT: "appointment",
    Lane.PRIORITY: "green lane",
    Lane.EXPRESS: "express",
    Lane.NORMAL: "normal",
}

_RANK = {lane: rank for rank, lane in enumerate(LANE_WORDS)}

SPECIFIC = "specific"
"""The rule's name of a call that no rule chose: 特呼, out of order."""


@dataclass(frozen=True)
class Fairness:
    """A hall's settings. `cap`: most fast calls of a window in a row while somebody waits in its normal pool;
    `aging`: whoever waits longer goes first by arrival; `early`, `late`: how long before and after the start of its
    slot an appointment goes ahead."""

    cap: int = 3
    aging: timedelta = timedelta(minutes=45)
    early: timedelta = timedelta(minutes=15)
    late: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Seat:
    """The window that calls. `weights` are its queues (a higher weight makes waiting time count more); `run` how many
    fast calls in a row it has made; `staff` who sits there, by the name that `Waiting.bound_staff` uses."""

    window: str
    weights: Mapping[str, int]
    run: int = 0
    staff: str | None = None


@dataclass(frozen=True)
class Waiting:
    """One waiting ticket. `queued_at` is its place in the line; `bound_to` and `bound_staff` name the only window or
    the only person for it; `due_at` is the start of an appointment's slot, and one without a slot is on time."""

    key: int
    number: str
    queue: str
    lane: Lane
    queued_at: datetime
    bound_to: str | None = None
    bound_staff: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Choice:
    """`rule` is the name of the rule that chose, `reason` its sentence for the clerk (in Chinese and in English),
    `run` the window's run of fast calls with this one."""

    key: int
    rule: str
    reason: str
    reason_en: str
    run: int


@dataclass(frozen=True)
class _Situation:
    seat: Seat
    fast: list[Waiting]
    normal: list[Waiting]
    now: datetime
    fairness: Fairness

    @property
    def pool(self) -> list[Waiting]:
        """Whose turn it is, unless the cap says otherwise."""
        return self.fast or self.normal


Pick = tuple[Waiting, str, str] | None


@dataclass(frozen=True)
class Rule:
    """`pick` gives the ticket and the sentence in Chinese and in English, or None when the rule has nothing to say.
    `en` is for the docs."""

    name: str
    zh: str
    en: str
    pick: Callable[[_Situation], Pick]


def choose(seat: Seat, waiting: Iterable[Waiting], now: datetime, fairness: Fairness = Fairness()) -> Choice | None:
    """Pick the next ticket for `seat`, or None when nobody waits for it. Equal tickets go in order of arrival, then
    of `key`."""
    situation = _sort_out(seat, waiting, now, fairness)
    for rule in RULES:
        pick = rule.pick(situation)
        if pick is not None:
            ticket, zh, en = pick
            run = 0 if ticket in situation.normal else seat.run + 1
            return Choice(ticket.key, rule.name, zh, en[0].upper() + en[1:], run)
    return None


def calling_order(
    seat: Seat, waiting: Iterable[Waiting], now: datetime, fairness: Fairness = Fairness(), *, limit: int
) -> list[int]:
    """The keys in the order in which `seat` would call them at `now` if nobody else came or called."""
    lines = lines_of(waiting, now, fairness)
    order: list[int] = []
    while len(order) < limit:
        choice = choose(seat, [line[0] for line in lines if line], now, fairness)
        if choice is None:
            break
        next(line for line in lines if line and line[0].key == choice.key).pop(0)
        seat = replace(seat, run=choice.run)
        order.append(choice.key)
    return order


def lines_of(waiting: Iterable[Waiting], now: datetime, fairness: Fairness) -> list[list[Waiting]]:
    """The lines, each in order of arrival. No rule ever prefers a ticket to one before it in the same line."""
    lines: dict[object, list[Waiting]] = {}
    for t in sorted(waiting, key=_arrival):
        line = (t.queue, t.lane, t.bound_to, t.bound_staff, on_time(t.due_at, now, fairness))
        lines.setdefault(line, []).append(t)
    return list(lines.values())


def on_time(due_at: datetime | None, now: datetime, fairness: Fairness) -> bool:
    """Whether an appointment goes ahead at `now`."""
    return due_at is None or now - fairness.late <= due_at <= now + fairness.early


def _sort_out(seat: Seat, waiting: Iterable[Waiting], now: datetime, fairness: Fairness) -> _Situation:
    fast: list[Waiting] = []
    normal: list[Waiting] = []
    for ticket in waiting:
        if _bound(ticket):
            if _bound_here(ticket, seat):
                fast.append(ticket)
        elif ticket.queue in seat.weights:
            ahead = ticket.lane is not Lane.NORMAL and (
                ticket.lane is not Lane.APPOINTMENT or on_time(ticket.due_at, now, fairness)
            )
            (fast if ahead else normal).append(ticket)
    return _Situation(seat, fast, normal, now, fairness)


def _bound(ticket: Waiting) -> bool:
    return ticket.bound_to is not None or ticket.bound_staff is not None


def _bound_here(ticket: Waiting, seat: Seat) -> bool:
    return ticket.bound_to == seat.window or (seat.staff is not None and ticket.bound_staff == seat.staff)


def _by_cap(s: _Situation) -> Pick:
    if s.seat.run < s.fairness.cap or not (s.fast and s.normal):
        return None
    ticket = _longest_beyond_aging(s.normal, s) or _most_urgent(s.normal, s)
    zh, en = _waited(ticket, s)
    run = s.seat.run
    turn, turn_en = f"优先号已连续叫 {run} 位，轮到普通号", f"{run} fast calls in a row, a normal number's turn"
    return ticket, f"{turn}；{zh}", f"{turn_en}; {en}"


def _by_age(s: _Situation) -> Pick:
    ticket = _longest_beyond_aging(s.pool, s)
    if ticket is None:
        return None
    longest = int(s.fairness.aging.total_seconds() // 60)
    waited = _minutes(ticket, s)
    return (
        ticket,
        f"已等候 {waited} 分钟，超过 {longest} 分钟，按到达先后叫号",
        f"Waiting {waited} min, over {longest} min: by arrival",
    )


def _by_binding(s: _Situation) -> Pick:
    bound = [t for t in s.fast if _bound(t)]
    if not bound:
        return None
    ticket = min(bound, key=_arrival)
    zh, en = ("在本窗口", "this window") if ticket.bound_staff is None else ("由您", "you")
    return ticket, f"{ticket.number} 指定{zh}办理，优先叫号", f"{ticket.number} is for {en}, and goes ahead"


def _by_lane(s: _Situation) -> Pick:
    if not s.fast:
        return None
    lane = min((t.lane for t in s.fast), key=_RANK.__getitem__)
    ticket = _most_urgent([t for t in s.fast if t.lane is lane], s)
    zh, en = _waited(ticket, s)
    return ticket, f"{LANE_WORDS[lane]}优先；{zh}", f"{LANE_WORDS_EN[lane]} goes ahead; {en}"


def _by_arrival(s: _Situation) -> Pick:
    if not s.normal:
        return None
    ticket = _most_urgent(s.normal, s)
    return ticket, *_waited(ticket, s)


RULES: tuple[Rule, ...] = (
    Rule(
        "cap",
        "优先号连续叫满上限而有普通号等候时，轮到普通号",
        "The window made as many fast calls in a row as the cap allows, and somebody waits in its normal pool: "
        "the normal pool has its turn (within it as under *aged* and *arrival*)",
        _by_cap,
    ),
    Rule(
        "aged",
        "等候超过时限的，不分通道和队列权重，按到达先后",
        "In the pool whose turn it is (fast before normal), whoever waits longer than the limit goes first, "
        "by arrival, whatever the lane, the binding and the weight",
        _by_age,
    ),
    Rule(
        "bound",
        "指定在本窗口或由本人办理的，按到达先后",
        "Bound to this window (a same-window hold, a transfer) or to its clerk, by arrival",
        _by_binding,
    ),
    Rule(
        "lane",
        "到时的预约号，其次绿色通道，再次直通车；同一通道按等候时间乘队列权重",
        "Appointments on time, then priority, then express; within a lane by waiting time times the queue's weight",
        _by_lane,
    ),
    Rule(
        "arrival",
        "普通号（含未到时或过时的预约号）按等候时间乘队列权重；相同者先到先叫",
        "The normal pool by waiting time times the queue's weight at this window; equals by arrival",
        _by_arrival,
    ),
)


def _longest_beyond_aging(pool: Sequence[Waiting], s: _Situation) -> Waiting | None:
    first = min(pool, key=_arrival, default=None)
    return first if first is not None and s.now - first.queued_at > s.fairness.aging else None


def _most_urgent(pool: Sequence[Waiting], s: _Situation) -> Waiting:
    return min(pool, key=lambda t: (-_urgency(t, s), _arrival(t)))


def _urgency(ticket: Waiting, s: _Situation) -> float:
    return max(0.0, (s.now - ticket.queued_at).total_seconds()) * s.seat.weights[ticket.queue]


def _waited(ticket: Waiting, s: _Situation) -> tuple[str, str]:
    weight, minutes = s.seat.weights[ticket.queue], _minutes(ticket, s)
    zh, en = f"{ticket.queue} 队列已等候 {minutes} 分钟", f"queue {ticket.queue}, waiting {minutes} min"
    if ticket.lane is Lane.APPOINTMENT and ticket in s.normal:
        zh, en = f"预约时段外，按普通号排队；{zh}", f"outside of its appointment, so as a normal number; {en}"
    return (f"{zh}（权重 {weight}）", f"{en} (weight {weight})") if weight != 1 else (zh, en)


def _minutes(ticket: Waiting, s: _Situation) -> int:
    return max(0, int((s.now - ticket.queued_at).total_seconds() // 60))


def _arrival(ticket: Waiting) -> tuple[datetime, int]:
    return ticket.queued_at, ticket.key

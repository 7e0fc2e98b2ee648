"""What the services of a day come to: counts, and lengths of time kept small enough to add up a million. Pure.

Every ticket stands in one group of each grouping, so the groups of a grouping add up to all tickets. A moved or held
ticket counts as moved or held where that was done, and as everything else where it ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.contract.tickets import TicketState
from server.domain.ticket import UNCLOSED

VERSION = 1
"""Of what is kept of a day. Days that were kept by another are counted anew."""

WHOLE = "all"
GROUPINGS = ("queue", "window", "staff", "item", "lane", "hour")
"""Beside WHOLE, whose only group is "". An empty key elsewhere is of who chose no item, or never came to a window."""

ENDS = tuple(state.value for state in TicketState if state.name in ("FINISHED", "NO_SHOW", "CANCELLED", "EXPIRED"))
MOVES = ("transferred", "held")
SPENT = ("serving", "called", "paused", "idle")
"""How a window's time with somebody at it is spent, in seconds: each moment is of one kind."""

Group = tuple[str, str]
"""Grouping and key."""


def rounded(seconds: int) -> int:
    """Exact below 64 s, then down to one of 32 steps for each doubling: never more than a thirty-second too short."""
    step = 1 << max(0, seconds.bit_length() - 6)
    return seconds - seconds % step


@dataclass
class Lengths:
    """How often each length of time was seen, `rounded`; and the longest, to the second."""

    seen: Counter[int] = field(default_factory=Counter)
    longest: int = 0

    def add(self, seconds: int, told: int) -> None:
        """`told` is the same `rounded`."""
        self.seen[told] += 1
        if seconds > self.longest:
            self.longest = seconds

    def take_in(self, other: "Lengths") -> None:
        for seconds, n in other.seen.items():  # Counter.update costs three times as much
            self.seen[seconds] += n
        self.longest = max(self.longest, other.longest)

    @property
    def n(self) -> int:
        return self.seen.total()

    def within(self, percent: int) -> int | None:
        """The least length, `rounded`, that so many percent did not exceed; None of nothing."""
        wanted, so_far = -(-self.n * percent // 100), 0
        for seconds in sorted(self.seen):
            so_far += self.seen[seconds]
            if so_far >= wanted:
                return seconds
        return None


@dataclass
class Tally:
    """A group in the making. `counts` has "taken", each of ENDS, "unclosed", MOVES, "promised", "kept", "days" with
    somebody there, and SPENT."""

    counts: Counter[str] = field(default_factory=Counter)
    wait: Lengths = field(default_factory=Lengths)
    arrival: Lengths = field(default_factory=Lengths)
    service: Lengths = field(default_factory=Lengths)

    def take_in(self, other: "Tally") -> None:
        for name, n in other.counts.items():
            self.counts[name] += n
        self.wait.take_in(other.wait)
        self.arrival.take_in(other.arrival)
        self.service.take_in(other.service)

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            **{name: _lengths(getattr(self, name)) for name in _LENGTHS if getattr(self, name).seen},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Tally":
        found = cls(Counter(kept["counts"]))
        for name in _LENGTHS:
            if name in kept:
                seconds, n, longest = kept[name]
                setattr(found, name, Lengths(Counter(dict(zip(seconds, n, strict=True))), longest))
        return found


_LENGTHS = ("wait", "arrival", "service")


def _lengths(of: Lengths) -> list[Any]:
    return [list(of.seen), list(of.seen.values()), of.longest]


class Visit(NamedTuple):
    """One ticket. Its groups are codes, "" for none; `hour` is "00" to "23" when it was taken. Seconds are None where
    nobody knows: of who was never called, never came, or was still served when the day ended.

    `wait_s`: taking → first call that was not undone · `arrival_s`: latest call → begin; none of who was ever held,
    whose begin is moved by it · `service_s`: begin → end at the last window, holds left out · `promised_s`: what nine
    of ten were to wait at most, as said when the number was taken."""

    id: int
    queue: str
    item: str
    lane: str
    window: str
    staff: str
    hour: str
    state: str
    outcome: str
    wait_s: int | None
    arrival_s: int | None
    service_s: int | None
    promised_s: int | None


class Move(NamedTuple):
    """A ticket was `what` of MOVES, by somebody, at a window, while it stood in a queue."""

    what: str
    queue: str
    window: str
    staff: str


Tallies = dict[Group, Tally]


def add_visit(to: Tallies, visit: Visit, moves: Iterable[Move] = ()) -> None:
    """Into its group of each grouping. `moves` are the ticket's own."""
    counts = _counts(visit)
    measured = [
        (name, seconds, rounded(seconds))
        for name, seconds in zip(_LENGTHS, (visit.wait_s, visit.arrival_s, visit.service_s), strict=True)
        if seconds is not None
    ]
    for group in _groups(visit):
        tally = to.get(group) or to.setdefault(group, Tally())
        for name in counts:
            tally.counts[name] += 1
        for name, seconds, told in measured:
            getattr(tally, name).add(seconds, told)
    for move in moves:
        there = visit._replace(queue=move.queue, window=move.window, staff=move.staff)
        for group in _groups(there):
            to.setdefault(group, Tally()).counts[move.what] += 1


def _groups(visit: Visit) -> Iterator[Group]:
    yield (WHOLE, "")
    for by in GROUPINGS:
        yield (by, getattr(visit, by))


def _counts(visit: Visit) -> list[str]:
    found = ["taken"]
    if visit.state in ENDS:
        found.append(visit.state)
    if visit.outcome == UNCLOSED:
        found.append("unclosed")
    if visit.promised_s is not None and visit.wait_s is not None:
        found += ["promised", "kept"] if visit.wait_s <= visit.promised_s else ["promised"]
    return found


class Act(NamedTuple):
    """Something that happened at a window. `what`: open, paused, closed (then `window` and `person` say where and
    who), called, serving (and which `ticket`), or free: that ticket is in nobody's hands any more."""

    at_us: int
    what: str
    window: str = ""
    person: str = ""
    ticket: int | None = None


@dataclass
class _Seat:
    person: str = ""
    paused: bool = False
    ticket: int | None = None
    hand: str = ""
    since_us: int = 0

    @property
    def spends(self) -> str:
        """A pause that began with the citizen still there is service until they go."""
        return self.hand or ("paused" if self.paused else "idle")


Spell = tuple[str, str, str, int]
"""Window, person, one of SPENT, microseconds."""


def spells(acts: Iterable[Act]) -> Iterator[Spell]:
    """How a day's time at the windows was spent; `acts` in order.

    Time counts from somebody's first act of the day to their signing out or, where they forgot to, to their last act:
    a window that was left open over night was not staffed all night.
    """
    seats: dict[str, _Seat] = {}
    holding: dict[int | None, str] = {}
    for act in acts:
        window = act.window if act.what != "free" else holding.pop(act.ticket, "")
        if not window:
            continue  # it was in nobody's hands: released from hold, cancelled while it waited
        seat = seats.setdefault(window, _Seat())
        if seat.person and act.at_us > seat.since_us:
            yield window, seat.person, seat.spends, act.at_us - seat.since_us
        seat.since_us = act.at_us
        _sit(seat, act)
        if seat.hand:
            holding[seat.ticket] = window


def _sit(seat: _Seat, act: Act) -> None:
    if act.what == "free":
        if seat.ticket == act.ticket:
            seat.ticket, seat.hand = None, ""
    elif act.what in ("called", "serving"):
        seat.person, seat.ticket, seat.hand = act.person, act.ticket, act.what
    else:
        seat.person = "" if act.what == "closed" else act.person
        seat.paused = act.what == "paused"


def add_spells(to: Tallies, spent: Iterable[Spell]) -> None:
    """Into the groups of the window, of the person and of the whole, in seconds rounded down once for the day."""
    spells: Counter[tuple[str, str, str]] = Counter()
    for window, person, what, us in spent:
        spells[window, person, what] += us
    sums: dict[Group, Counter[str]] = {}
    for (window, person, what), us in spells.items():
        for group in ((WHOLE, ""), ("window", window), ("staff", person)):
            sums.setdefault(group, Counter())[what] += us
    for group, by_kind in sums.items():
        counts = to.setdefault(group, Tally()).counts
        counts["days"] += 1
        for what, us in by_kind.items():
            counts[what] += us // 1_000_000

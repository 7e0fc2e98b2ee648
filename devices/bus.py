"""One line, one owner thread, many devices at addresses on it (RS-485), or just one.

A `Member` does no I/O: it is fed what came with the time and says what to send. The bus opens the line, sends
answers before anything else and leaves the turn-round gap between what it heard and what it says.
"""

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

from devices.base import Counters, DeviceState
from devices.driver import Driver, Reporting
from devices.transport import Lost, SerialAddress, Transport, open_transport, parse_url

TICK_S = 0.1
"""How often members are looked at while the line is silent."""

MOST_ANSWERS = 64
"""An answer older than so many others is of no use to whoever waits for it."""


class Outgoing(NamedTuple):
    """Bytes to send. The line is then left to the device for `answer_s`, or until it has answered: until anything
    is heard, or, from a member that says `awaiting`, until it says so no more."""

    data: bytes
    answer_s: float = 0.0


class Member(Reporting, ABC):
    """One device on a line, without I/O. All but `name`, `status` and `counters` is for the bus's thread only.

    Raises `ValueError` for a URL that is not understood. Times are seconds of one monotonic clock. The status is
    ONLINE from the opening of the line, unless `opened` says otherwise: a member that asks its device regularly
    knows better whether it answers.
    """

    turnround_s: float = 0.0
    """How long this device wants the line silent between what it says and what it is told."""
    awaiting: bool = False
    """It asked, and the answer has not come. Noise and half answers leave the line its own for all of `answer_s`."""
    silent: bool = False
    """It has given its device up. Others have their turn first; a line on which all are silent is opened anew."""

    def __init__(self, name: str, url: str) -> None:
        parse_url(url)
        super().__init__(name, url)

    def opened(self, at: float) -> None:
        """The line is open, perhaps anew: forget half a frame and whatever was to be said to those before."""
        self._report(DeviceState.ONLINE)

    def closed(self, detail: str) -> None:
        """The line could not be opened, is lost, or is given up; `detail` says why."""
        self._report(DeviceState.ABSENT, detail=detail)

    @abstractmethod
    def feed(self, data: bytes, at: float) -> Iterable[Outgoing]:
        """What came on the line, for whomever; b"" at least every TICK_S of silence. Returns answers, sent next."""

    def due(self, at: float) -> Iterable[Outgoing]:
        """What is to be said by now of the member's own accord; the line is free, so that it is sent at once. Members
        have their turns one after the other."""
        return ()

    def unanswered(self, at: float) -> None:
        """The time for the answer is over, and it is still awaited."""

    def run(self, stopping: Callable[[], bool]) -> None:
        """Serve the line at `url` alone, as `devices.base.Device.run` does."""
        Bus(self.url, (self,)).run(stopping)


class Bus(Driver):
    """Owner of the line at `url`. Its `members` have a status each; the supervisor tells of theirs only."""

    def __init__(
        self,
        url: str,
        members: Sequence[Member],
        *,
        connect: Callable[[str, Counters], Transport] = open_transport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(url, url)
        self.members = tuple(members)
        if len(self.members) == 1:
            self.counters = self.members[0].counters  # alone on the line, all its bytes are this device's
        self._bytes_per_s = bytes_per_s(url)
        self._gap_s = max((member.turnround_s for member in members), default=0.0)
        self._connect = connect
        self._clock = clock
        self._turns = deque(self.members)

    def _session(self, stopping: Callable[[], bool]) -> None:
        with closing(self._connect(self.url, self.counters)) as transport:
            self._open_members()
            self._serve(_Talk(transport, self._gap_s, self._bytes_per_s), stopping)

    def _open_members(self) -> None:
        for member in self.members:
            member.opened(self._clock())
        self._report(DeviceState.ONLINE)

    def _serve(self, talk: "_Talk", stopping: Callable[[], bool]) -> None:
        while not stopping():
            data = talk.listen(self._clock())
            at = self._clock()
            for member in self.members:
                talk.answers.extend(member.feed(data, at))
            if data and not any(member.awaiting for member in self.members):
                talk.heard(at)
            if talk.free(at):
                self._give_up(at)
                talk.speak(at, self._turn)

    def _give_up(self, at: float) -> None:
        for member in self.members:
            if member.awaiting:
                member.unanswered(at)
        if all(member.silent for member in self.members):
            raise Lost("no answer")

    def _turn(self, at: float) -> list[Outgoing]:
        """What the next member has to say. Who had a turn goes to the end, who is silent comes behind all others."""
        for member in sorted(self._turns, key=lambda member: member.silent):
            if outgoing := list(member.due(at)):
                self._turns.remove(member)
                self._turns.append(member)
                return outgoing
        return []

    def _report(self, state: DeviceState, faults: frozenset[str] = frozenset(), detail: str = "") -> None:
        super()._report(state, faults, detail)
        if state is DeviceState.ABSENT:
            for member in self.members:
                member.closed(detail)


class _Talk:
    """Whose turn it is on an open line. One frame at a time, answers first."""

    def __init__(self, transport: Transport, gap_s: float, bytes_per_s: float) -> None:
        self._transport = transport
        self._gap_s = gap_s
        self._bytes_per_s = bytes_per_s
        self._free_at = 0.0
        self.answers: deque[Outgoing] = deque(maxlen=MOST_ANSWERS)
        self.others: deque[Outgoing] = deque()

    def listen(self, at: float) -> bytes:
        """Wait for bytes, but no longer than until the line is free."""
        left = self._free_at - at
        return self._transport.read(min(left, TICK_S) if left > 0 else 0.0 if self._waiting else TICK_S)

    def heard(self, at: float) -> None:
        self._free_at = at + self._gap_s

    def free(self, at: float) -> bool:
        return at >= self._free_at

    def speak(self, at: float, turn: Callable[[float], Iterable[Outgoing]]) -> None:
        """One frame: of what waits, or else of what the member whose `turn` it is wants to say."""
        if not self._waiting:
            self.others.extend(turn(at))
        if self._waiting:
            out = (self.answers or self.others).popleft()
            self._transport.write(out.data)
            on_the_wire = len(out.data) / self._bytes_per_s  # the system took the bytes; they are still going out
            self._free_at = at + on_the_wire + max(self._gap_s, out.answer_s)

    @property
    def _waiting(self) -> bool:
        return bool(self.answers or self.others)


def one_owner_per_line(members: Iterable[Member]) -> list[Bus]:
    """Members with the same URL share a bus."""
    lines: dict[str, list[Member]] = {}
    for member in members:
        lines.setdefault(member.url, []).append(member)
    return [Bus(url, sharing) for url, sharing in lines.items()]


def bytes_per_s(url: str) -> float:
    """How fast a line is; endless where the URL gives no baud rate."""
    address = parse_url(url)
    return address.baudrate / 10 if isinstance(address, SerialAddress) else float("inf")

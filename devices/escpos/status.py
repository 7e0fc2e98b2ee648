"""What a printer sends back, sorted without I/O: real-time replies, automatic status, fences, queued replies.

They share one line, interleave, and a real-time reply is one anonymous byte. The bit patterns keep the kinds
apart (Epson: real-time 0xx1xx10, first byte of an automatic frame 0xx1xx00, its other three 0xx0xxxx, queued
0xx0xxxx; a fence's answer is 37 22, our own id of 0xx1xxx1, 00; that to a clearing of the buffers is 37 25 00), and
`expect` says which anonymous answers are due.
"""

from collections import deque
from dataclasses import dataclass

from devices.base import Counters
from devices.escpos.fence import ANSWER_HEAD, ID_BYTES, ID_LENGTH

_MARK = 0x93  # the bits that are fixed in real-time replies and in an automatic frame's first byte
_FENCE_LENGTH = len(ANSWER_HEAD) + ID_LENGTH + 1
_CLEARED = b"\x37\x25\x00"
_ASB_LENGTH = 4
_MOST_QUERIES = 16


@dataclass(frozen=True)
class RealTime:
    """Answer to `DLE EOT query`."""

    query: int
    value: int


@dataclass(frozen=True)
class AutoStatus:
    """Four bytes of automatic status (`GS a`)."""

    frame: bytes


@dataclass(frozen=True)
class FencePassed:
    job_id: bytes


@dataclass(frozen=True)
class QueuedPaper:
    """Answer to `GS r 1`; bits 2 and 3 mean paper end."""

    value: int


@dataclass(frozen=True)
class Cleared:
    """Answer to `DLE DC4 8`: what the buffers held is gone and will not be printed."""


Event = RealTime | AutoStatus | FencePassed | QueuedPaper | Cleared


class StatusReader:
    """Feed it whatever arrived, in any pieces. Keeps one unfinished answer of each kind at most.

    Counts whole answers as `frames`, and each run of bytes that belonged to none as one of `resyncs`.
    """

    def __init__(self, counters: Counters | None = None) -> None:
        self._counters = counters or Counters()
        self._astray = False
        self._auto = b""
        self._fence = b""
        self._real_time: deque[int] = deque(maxlen=_MOST_QUERIES)
        self._queued = 0

    def expect_real_time(self, query: int) -> None:
        """`DLE EOT query` was sent; replies are matched to queries in the order of these calls."""
        self._real_time.append(query)

    def expect_queued(self) -> None:
        """`GS r 1` was sent."""
        self._queued = min(self._queued + 1, _MOST_QUERIES)

    def forget_real_time(self) -> None:
        """The real-time replies that are due will not come; a late one is noise from now on."""
        self._real_time.clear()

    def forget_queued(self) -> None:
        """The queued replies that are due will not come; a late one is noise from now on."""
        self._queued = 0

    def feed(self, data: bytes) -> list[Event]:
        return [event for byte in data if (event := self._take(byte)) is not None]

    def _take(self, byte: int) -> Event | None:
        """A real-time reply may stand inside either frame, and automatic status inside a fence's answer."""
        if byte & _MARK == 0x12:
            return self._real_time_reply(byte)
        if byte & _MARK == 0x10:
            self._give_up_auto()
            self._auto = bytes([byte])
            return None
        if self._auto and byte & 0x90 == 0:
            return self._auto_status(byte)
        self._give_up_auto()
        return self._answer(byte)

    def _real_time_reply(self, byte: int) -> Event | None:
        if self._real_time:
            return self._whole(RealTime(self._real_time.popleft(), byte))
        self._stray()
        return None

    def _whole(self, event: Event) -> Event:
        self._counters.frames += 1
        self._astray = False
        return event

    def _stray(self) -> None:
        """A byte, or what was begun, belongs to no answer."""
        self._counters.resyncs += not self._astray
        self._astray = True

    def _give_up_auto(self) -> None:
        if self._auto:
            self._auto = b""
            self._stray()

    def _auto_status(self, byte: int) -> Event | None:
        self._auto += bytes([byte])
        if len(self._auto) < _ASB_LENGTH:
            return None
        frame, self._auto = self._auto, b""
        return self._whole(AutoStatus(frame))

    def _answer(self, byte: int) -> Event | None:
        """Of those that begin with 37. What cannot go on the answer that was begun ends it and stands alone."""
        whole = self._fence + bytes([byte])
        if _goes_on(self._fence, byte):
            self._fence = whole
            return None
        begun, self._fence = self._fence, b""
        if whole == _CLEARED:
            return self._whole(Cleared())
        if len(whole) == _FENCE_LENGTH and byte == 0:
            return self._whole(FencePassed(begun[len(ANSWER_HEAD) :]))
        if begun:
            self._stray()
        if byte == ANSWER_HEAD[0]:
            self._fence = bytes([byte])
            return None
        return self._queued_reply(byte)

    def _queued_reply(self, byte: int) -> Event | None:
        if byte & 0x90 or not self._queued:
            self._stray()
            return None
        self._queued -= 1
        return self._whole(QueuedPaper(byte))


def _goes_on(begun: bytes, byte: int) -> bool:
    """Whether `byte` may follow in an answer of which `begun` is there, and more must come."""
    if len(begun) == 1:
        return byte in (ANSWER_HEAD[1], _CLEARED[1])
    return begun[1:2] == ANSWER_HEAD[1:] and len(begun) < _FENCE_LENGTH - 1 and byte in ID_BYTES


# Which bit of which answer is which fault. Real-time by query number; automatic status by byte number.
_REAL_TIME_FAULTS = {
    1: {0x08: "offline"},
    2: {0x04: "cover_open", 0x20: "paper_out", 0x40: "error"},
    3: {0x08: "cutter", 0x20: "error", 0x40: "error"},
    4: {0x0C: "paper_low", 0x60: "paper_out"},
}
_AUTO_FAULTS = (
    (1, 0, {0x08: "offline"}),
    (2, 0, {0x20: "cover_open"}),
    (3, 1, {0x08: "cutter", 0x20: "error", 0x40: "error"}),
    (4, 2, {0x03: "paper_low", 0x0C: "paper_out"}),
)
_QUEUED_PAPER_END = 0x0C


def paper_ended(reply: QueuedPaper) -> bool:
    return bool(reply.value & _QUEUED_PAPER_END)


class Faults:
    """The printer's faults as last heard, by the query that tells them; automatic status tells all."""

    def __init__(self) -> None:
        self._heard: dict[int, frozenset[str]] = {}

    def hear(self, event: Event) -> None:
        match event:
            case RealTime(query, value):
                self._heard[query] = _words(value, _REAL_TIME_FAULTS.get(query, {}))
            case AutoStatus(frame):
                self._heard = {query: _words(frame[at], bits) for query, at, bits in _AUTO_FAULTS}

    @property
    def words(self) -> frozenset[str]:
        return frozenset().union(*self._heard.values())


def _words(value: int, bits: dict[int, str]) -> frozenset[str]:
    return frozenset(word for mask, word in bits.items() if value & mask)

"""What a printer sends back, sorted without I/O: real-time replies, automatic status, fences, queued replies.

They share one line, interleave, and a real-time reply is one anonymous byte. The bit patterns keep the kinds
apart (Epson: real-time 0xx1xx10, first byte of an automatic frame 0xx1xx00, its other three 0xx0xxxx, queued
0xx0xxxx; a fence's answer is 37 22, our own id of 0xx1xxx1, 00), and `expect` says which anonymous answers are due.
"""

from collections import deque
from dataclasses import dataclass

from devices.escpos.fence import ANSWER_HEAD, ID_BYTES, ID_LENGTH

_MARK = 0x93  # the bits that are fixed in real-time replies and in an automatic frame's first byte
_FENCE_LENGTH = len(ANSWER_HEAD) + ID_LENGTH + 1
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


Event = RealTime | AutoStatus | FencePassed | QueuedPaper


class StatusReader:
    """Feed it whatever arrived, in any pieces. Keeps one unfinished answer of each kind at most."""

    def __init__(self) -> None:
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
            return RealTime(self._real_time.popleft(), byte) if self._real_time else None
        if byte & _MARK == 0x10:
            self._auto = bytes([byte])
            return None
        if self._auto and byte & 0x90 == 0:
            return self._auto_status(byte)
        self._auto = b""
        return self._fence_answer(byte)

    def _auto_status(self, byte: int) -> Event | None:
        self._auto += bytes([byte])
        if len(self._auto) < _ASB_LENGTH:
            return None
        frame, self._auto = self._auto, b""
        return AutoStatus(frame)

    def _fence_answer(self, byte: int) -> Event | None:
        """What cannot go on the answer that was begun ends it, and is looked at by itself."""
        at = len(self._fence)
        if byte == ANSWER_HEAD[0]:
            self._fence = bytes([byte])
            return None
        if (at == 1 and byte == ANSWER_HEAD[1]) or (2 <= at < _FENCE_LENGTH - 1 and byte in ID_BYTES):
            self._fence += bytes([byte])
            return None
        whole, self._fence = self._fence, b""
        if at == _FENCE_LENGTH - 1 and byte == 0:
            return FencePassed(whole[len(ANSWER_HEAD) :])
        return self._queued_reply(byte)

    def _queued_reply(self, byte: int) -> Event | None:
        if byte & 0x90 or not self._queued:
            return None
        self._queued -= 1
        return QueuedPaper(byte)


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

"""What a printer sends back, sorted without I/O: real-time replies, automatic status, fences, queued replies.

They share one line, interleave, and a real-time reply is one anonymous byte. The bit patterns keep the kinds
apart (Epson: real-time 0xx1xx10, first byte of an automatic frame 0xx1xx00, its other three 0xx0xxxx, queued
0xx0xxxx, a fence opens with 37 22), and `expect` says which anonymous answers are due.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = 0x93  # the bits that are fixed in real-time replies and in an automatic frame's first byte
_FENCE_OPEN = b"\x37\x22"
_FENCE_LENGTH = 7
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
    """Feed it whatever arrived, in any pieces. Keeps one unfinished frame at most, with replies inside it."""

    def __init__(self) -> None:
        self._pending = b""
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

    def feed(self, data: bytes) -> list[Event]:
        self._pending += data
        return list(self._events())

    def _events(self) -> Iterator[Event]:
        while self._pending:
            first = self._pending[0]
            if first == _FENCE_OPEN[0]:
                length = self._fence_length()
                if length == 0:
                    return
                if length == _FENCE_LENGTH:
                    yield FencePassed(self._pending[2:6])
                self._pending = self._pending[length:]
            elif first & _MARK == 0x10:
                found = self._auto_status()
                if found is None:
                    return
                yield from found
            else:
                self._pending = self._pending[1:]
                yield from self._single(first)

    def _fence_length(self) -> int:
        """Bytes to take from the front: 7 for a whole fence, 1 when it is none, 0 when more must come."""
        start = self._pending[:_FENCE_LENGTH]
        plausible = (
            start[: len(_FENCE_OPEN)] == _FENCE_OPEN[: len(start)]
            and all(0x20 <= byte <= 0x7E for byte in start[2:6])
            and start[6:] in (b"", b"\x00")
        )
        if not plausible:
            return 1
        return _FENCE_LENGTH if len(start) == _FENCE_LENGTH else 0

    def _auto_status(self) -> list[Event] | None:
        """A frame at the front, with the real-time replies that came between its bytes; None: more must come.

        A first byte that is not followed by a frame is dropped, and what follows is looked at anew.
        """
        frame, between = bytearray(self._pending[:1]), bytearray()
        for position, byte in enumerate(self._pending[1:], start=1):
            if byte & 0x90 == 0:
                frame.append(byte)
            elif byte & _MARK == 0x12 and len(between) < len(self._real_time):
                between.append(byte)
            else:
                self._pending = self._pending[1:]
                return []
            if len(frame) == _ASB_LENGTH:
                self._pending = self._pending[position + 1 :]
                replies = [event for value in between for event in self._single(value)]
                return [*replies, AutoStatus(bytes(frame))]
        return None

    def _single(self, byte: int) -> Iterator[Event]:
        if byte & _MARK == 0x12 and self._real_time:
            yield RealTime(self._real_time.popleft(), byte)
        elif byte & 0x90 == 0 and self._queued:
            self._queued -= 1
            yield QueuedPaper(byte)


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

"""One connection to a printer: bytes out, events in, and what has been heard so far. Owned by one thread."""

import time
from collections import deque
from collections.abc import Callable

from devices.base import Counters
from devices.escpos.fence import fence_request
from devices.escpos.status import (
    Cleared,
    Event,
    Faults,
    FencePassed,
    QueuedPaper,
    RealTime,
    StatusReader,
    paper_ended,
)
from devices.transport import Transport

ENABLE_AUTO_STATUS = b"\x1da\x0e"  # off-line, errors and paper; not the drawer
QUEUED_PAPER_QUERY = b"\x1dr\x01"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8, with the seven bytes it must have
ANSWER_S = 0.5
PUMP_S = 0.05
WRITE_S = 1.0


class Link:
    """`on_faults` and `on_fence` are called from `pump`, when the faults change and for every fence that passed."""

    def __init__(
        self,
        transport: Transport,
        on_faults: Callable[[frozenset[str]], None],
        on_fence: Callable[[bytes], None],
        counters: Counters,
    ) -> None:
        self.faults: frozenset[str] = frozenset()
        self._transport = transport
        self._on_faults, self._on_fence = on_faults, on_fence
        self._reader = StatusReader(counters)
        self._heard = Faults()
        self._answered: set[int] = set()
        self._fences: deque[bytes] = deque(maxlen=8)
        self._paper_reply: QueuedPaper | None = None
        self._cleared = False

    def pump(self, timeout_s: float = PUMP_S) -> None:
        """Take in what the printer sent, waiting at most `timeout_s` for something."""
        for event in self._reader.feed(self._transport.read(timeout_s)):
            self._take(event)
        if self._heard.words != self.faults:
            self.faults = self._heard.words
            self._on_faults(self.faults)

    def send(self, data: bytes, timeout_s: float = WRITE_S) -> None:
        self._transport.write(data, timeout_s)

    def ask(self, query: int) -> bool:
        """`DLE EOT query`, executed at once even when the printer is off-line. False: no answer.

        One question at a time, because the answers do not say what they answer.
        """
        self._answered.discard(query)
        self._reader.expect_real_time(query)
        self.send(bytes([0x10, 0x04, query]))
        if self.wait(lambda: query in self._answered, ANSWER_S):
            return True
        self._reader.forget_real_time()
        return False

    def probe_fence(self, job_id: bytes) -> None:
        self.send(fence_request(job_id))

    def send_between_fences(
        self, body: bytes, body_id: bytes, end: bytes, job_id: bytes, timeout_s: float = WRITE_S
    ) -> None:
        """`body`, its fence, then `end`, which gives the paper out, and the fence of the whole."""
        self.send(body + fence_request(body_id) + end + fence_request(job_id), timeout_s)

    def passed_fence(self, job_id: bytes) -> bool:
        return job_id in self._fences

    @property
    def answers_fences(self) -> bool:
        return bool(self._fences)

    def send_with_paper_query(self, data: bytes, timeout_s: float = WRITE_S) -> None:
        self._paper_reply = None
        self._reader.expect_queued()
        self.send(data + QUEUED_PAPER_QUERY, timeout_s)

    def forget_paper_queries(self) -> None:
        """They were not answered in time: a late answer counts for nothing."""
        self._reader.forget_queued()

    def passed_paper_query(self) -> bool:
        """The queued query was answered, and not with "paper end"."""
        return self._paper_reply is not None and not paper_ended(self._paper_reply)

    def clear(self) -> bool:
        """Throw away all that the printer has not printed yet. True: it said that it did; nothing of it will come.

        Executed at once even when it is off-line. Printers that lack the command do not answer, and print on.
        """
        self._cleared = False
        self.send(CLEAR_BUFFERS)
        return self.wait(lambda: self._cleared, ANSWER_S)

    def wait(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Pump until `done()`; False when it did not come about in time."""
        deadline = time.monotonic() + timeout_s
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.pump(min(left, PUMP_S))
        return True

    def _take(self, event: Event) -> None:
        self._heard.hear(event)
        match event:
            case FencePassed(job_id):
                self._fences.append(job_id)
                self._on_fence(job_id)
            case Cleared():
                self._cleared = True
            case QueuedPaper():
                self._paper_reply = event
            case RealTime(query):
                self._answered.add(query)

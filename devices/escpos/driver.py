"""The ticket printer's driver: one thread owns the line, jobs come from any, each gets an honest answer.

What may be claimed of a job depends on what the printer can say, found out by a probe once it is ready:

- it echoes the fence: "printed" means printed, confidence "fence";
- it only answers `GS r 1`, which is queued behind the ticket: "printed", confidence "status";
- it does neither: every job sent ends "unknown", confidence "none". A hall should not buy such a printer.

The profile may forbid to try the first or both. A printer that runs out of paper in the middle of a ticket keeps the
rest, and prints it on the new roll: two halves. Where a first fence, before the cut, says that the lines are not out
yet, the driver has the rest thrown away (`DLE DC4 8`). If the printer says that it did, the job surely failed, and
may be printed again as a whole; if not, the job is unknown, and `on_late` is told when its fence comes after all.

A printer that answers no real-time status at all cannot be told from one that is switched off, and is absent.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

import structlog

from devices.base import Counters, DeviceState, LateListener, PrintOutcome
from devices.driver import Driver
from devices.escpos.compose import INIT, split_end
from devices.escpos.fence import fence_ids
from devices.escpos.gauge import PaperGauge
from devices.escpos.link import ENABLE_AUTO_STATUS, Link
from devices.escpos.profile import PrinterProfile, load_profile
from devices.listening import tell
from devices.transport import Lost, Transport, open_transport, parse_url

log = structlog.get_logger(__name__)

Confidence = Literal["fence", "status", "none"]

WHY_NOT_PRINTING = ("paper_out", "cover_open", "cutter", "error", "offline")  # the most telling first
STOPPED = frozenset({"paper_out", "cover_open", "cutter"})  # a person must come before it prints on
UNSURE = PrintOutcome("unknown", "none", "internal error")
POLL_S = 1.0
POLLED = (1, 2, 4)
MOST_SILENT_POLLS = 2
CAUSE = 3  # asked only while there is such a fault: it says whether the cutter is to blame, and whether still
CAUSED = frozenset({"error", "cutter"})
PROBE_S = 1.0
GRACE_S = 1.0  # paper may end just behind a finished ticket: its fence is then still on the way
IDLE_S = 0.1
HANDOVER_S = 2.0  # what the owner thread may take beyond a job's own time
MOST_LATE = 16  # jobs whose fence is still hoped for


@dataclass
class _Job:
    data: bytes
    deadline: float
    on_late: LateListener | None = None
    outcome: Future[PrintOutcome] = field(default_factory=Future)

    @property
    def left_s(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0)


@dataclass(frozen=True)
class _Sent:
    """A job on its way: whether its lines are out, whether all of it is, and the id of its fence, if it has one."""

    lines_out: Callable[[], bool]
    passed: Callable[[], bool]
    fence: bytes = b""


class EscPosPrinter(Driver):
    """`devices.base.TicketPrinter` over any line. The URL is checked here, opened in `run`; a serial one without a
    baud rate gets the profile's. Without a profile the printer is taken for "generic-80"."""

    def __init__(
        self,
        name: str,
        url: str,
        profile: PrinterProfile | None = None,
        *,
        connect: Callable[[str, Counters], Transport] = open_transport,
    ) -> None:
        self._profile = profile or load_profile("generic-80")
        super().__init__(name, _with_baudrate(url, self._profile.baudrate))
        parse_url(self.url)
        self._connect = connect
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._ready = False
        self._gate = threading.Lock()  # between queueing a job and closing the queue on a loss
        self._fence_ids = fence_ids()
        self._confidence: Confidence | None = None
        self._gauge = PaperGauge(self._profile)
        self._late: dict[bytes, LateListener] = {}

    @property
    def confidence(self) -> Confidence | None:
        """What this printer's outcomes rest on; None until the probe, which waits until no fault is left."""
        return self._confidence

    def print_job(self, data: bytes, timeout_s: float = 10.0, on_late: LateListener | None = None) -> PrintOutcome:
        """Print one composed ticket. Never raises. A fence is put behind it for printers known to answer it."""
        job = _Job(data, time.monotonic() + timeout_s, on_late)
        with self._gate:
            if not self._ready:
                return PrintOutcome("failed", "none", self._status.detail or "printer is away")
            self._jobs.put(job)
        try:
            return job.outcome.result(timeout_s + HANDOVER_S)
        except FutureTimeout:
            if job.outcome.cancel():
                return PrintOutcome("failed", "none", "printer was busy for too long")
            return PrintOutcome("unknown", "none", "printer did not finish in time")

    def _session(self, stopping: Callable[[], bool]) -> None:
        try:
            with closing(self._connect(self.url, self.counters)) as transport:
                self._serve(Link(transport, self._report_faults, self._fence_passed, self.counters), stopping)
        finally:
            self._close_queue()

    def _serve(self, link: Link, stopping: Callable[[], bool]) -> None:
        self._confidence = None
        link.send(ENABLE_AUTO_STATUS)
        if not self._poll(link):
            raise Lost("no answer to a status query")
        with self._gate:
            self._ready = True
        self._report_faults(link.faults)  # after the gate: whoever sees "online" may print
        next_poll = time.monotonic() + POLL_S
        silent = 0
        while not stopping():
            self._next_job(link)
            link.pump(0.0)
            if time.monotonic() >= next_poll:
                silent = 0 if self._poll(link) else silent + 1
                next_poll = time.monotonic() + POLL_S
            if silent >= MOST_SILENT_POLLS:
                raise Lost("no answer to status queries")

    def _poll(self, link: Link) -> bool:
        """Ask how the printer is and probe it once it is well; False when it keeps silent."""
        if not all(link.ask(query) for query in POLLED):
            return False
        if link.faults & CAUSED:
            link.ask(CAUSE)
        if link.answers_fences:
            self._confidence = "fence"  # a slow printer may answer long after its probe
        elif self._confidence is None and not _blocking(link.faults):
            self._confidence = self._probe(link)
            log.info("printer probed", device=self.name, confidence=self._confidence)
        return True

    def _probe(self, link: Link) -> Confidence:
        """Never more than the profile hopes for: some printers hang on a command that they lack."""
        hoped = self._profile.completion
        if hoped in ("auto", "fence") and self._fence_answered(link):
            return "fence"
        if hoped != "none" and self._paper_query_answered(link):
            return "status"
        return "none"

    def _fence_answered(self, link: Link) -> bool:
        """A fence with nothing before it."""
        probe = next(self._fence_ids)
        link.probe_fence(probe)
        return link.wait(lambda: link.passed_fence(probe), PROBE_S)

    def _paper_query_answered(self, link: Link) -> bool:
        """`ESC @` wipes what a printer without fences took for text."""
        link.forget_paper_queries()
        link.send_with_paper_query(INIT + ENABLE_AUTO_STATUS)
        return link.wait(link.passed_paper_query, PROBE_S)

    def _next_job(self, link: Link) -> None:
        try:
            job = self._jobs.get(timeout=IDLE_S)
        except queue.Empty:
            return
        if job.outcome.set_running_or_notify_cancel():
            outcome = UNSURE
            try:
                outcome = self._print(link, job)
            finally:
                job.outcome.set_result(outcome)

    def _print(self, link: Link, job: _Job) -> PrintOutcome:
        """A loss ends the job here; the line's next use raises it again and ends the session."""
        if reason := self._not_ready(link, job):
            return PrintOutcome("failed", "none", reason)
        try:
            sent = self._send(link, job)
        except Lost as lost:
            return PrintOutcome("unknown" if lost.sent else "failed", "none", str(lost))
        try:
            outcome = self._watch(link, job, sent)
        except Lost as lost:
            outcome = PrintOutcome("unknown", "none", str(lost))
        if outcome.result == "unknown" and sent.fence and job.on_late:
            self._hope(sent.fence, job.on_late)
        if outcome.result != "failed":
            self._gauge.printed()
            self._report_faults(link.faults)
        return outcome

    def _not_ready(self, link: Link, job: _Job) -> str:
        """Ask afresh: what was heard a second ago may have changed. Returns why not, or an empty word."""
        try:
            if not self._poll(link):
                return "no answer to a status query"
        except Lost as lost:
            return str(lost)
        return _blocking(link.faults) or ("" if job.left_s else "no time left before sending")

    def _send(self, link: Link, job: _Job) -> _Sent:
        """Send the ticket and what tells its end.

        The ticket's `ESC @` may have switched automatic status off, so it is switched on again.
        """
        if self._confidence == "fence":
            lines, whole = next(self._fence_ids), next(self._fence_ids)
            body, end = split_end(job.data)
            link.send_between_fences(body, lines, end + ENABLE_AUTO_STATUS, whole, job.left_s)
            return _Sent(lambda: link.passed_fence(lines), lambda: link.passed_fence(whole), whole)
        body = job.data + ENABLE_AUTO_STATUS
        if self._confidence == "status":
            link.send_with_paper_query(body, job.left_s)
            return _Sent(link.passed_paper_query, link.passed_paper_query)
        link.send(body, job.left_s)
        return _Sent(lambda: False, lambda: False)

    def _watch(self, link: Link, job: _Job, sent: _Sent) -> PrintOutcome:
        confidence = self._confidence or "none"
        if confidence == "none":
            return PrintOutcome("unknown", "none", "this printer cannot say that it printed")
        ended = link.wait(lambda: sent.passed() or bool(link.faults & STOPPED), job.left_s)
        if ended and (sent.passed() or link.wait(sent.passed, min(GRACE_S, job.left_s))):
            return PrintOutcome("printed", confidence)
        if sent.fence and _dropped(link, sent):
            return PrintOutcome("failed", "fence", "paper_out, the printer dropped the rest")
        if confidence == "status":
            self._confidence = None  # its anonymous answer, come late, must not count for the next: probe anew
        return PrintOutcome("unknown", "none", _blocking(link.faults) or "no answer that it is printed")

    def _hope(self, fence: bytes, on_late: LateListener) -> None:
        while len(self._late) >= MOST_LATE:
            del self._late[next(iter(self._late))]
        self._late[fence] = on_late

    def _fence_passed(self, fence: bytes) -> None:
        if on_late := self._late.pop(fence, None):
            tell(on_late, PrintOutcome("printed", "fence", "the printer went on later"), self.name)

    def _report_faults(self, faults: frozenset[str]) -> None:
        state = DeviceState.FAULT if _blocking(faults) else DeviceState.ONLINE
        self._gauge.hear(faults)
        self._report(state, faults, self._gauge.words)

    def _close_queue(self) -> None:
        """Nothing of the jobs that still wait was sent, so they surely failed."""
        with self._gate:
            self._ready = False
        while not self._jobs.empty():
            job = self._jobs.get()
            if job.outcome.set_running_or_notify_cancel():
                job.outcome.set_result(PrintOutcome("failed", "none", "printer was lost"))


def _blocking(faults: frozenset[str]) -> str:
    """The fault that keeps the printer from printing, or an empty word."""
    return next((word for word in WHY_NOT_PRINTING if word in faults), "")


def _dropped(link: Link, sent: _Sent) -> bool:
    """Have the rest of a ticket thrown away whose lines are not all out, after the paper ended.

    Other stops leave the paper in its place: the printer goes on, and the ticket will be whole.
    """
    return "paper_out" in link.faults and not sent.lines_out() and link.clear() and not sent.lines_out()


def _with_baudrate(url: str, baudrate: int) -> str:
    return f"{url}?baudrate={baudrate}" if url.startswith("serial://") and "?" not in url else url

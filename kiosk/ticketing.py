"""From touch to paper, or from the guide desk's wish: does what `issuing.next_step` says, and notes each fact before
anything rests on it.

Two threads. `run_live` serves the citizen at the kiosk: issue, print; and, when nobody waits, prints what the desk
asks for and what is held for paper. `run_settling` clears up behind: it reports what became of the paper, finds out
about touches that were given up until the server has it all, and offers held tickets once there is paper.
"""

import queue
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count

import structlog

from devices.base import DeviceState, DeviceStatus, Printing, PrintOutcome
from kiosk import issuing
from kiosk.client import Away, Client, Refused
from kiosk.issuing import Job, PaperResult, Refusal, Step
from kiosk.spool import Record, Spool, SpoolError
from server.contract.desk import PrintWish
from server.contract.devices import NO_PAPER_FAULTS
from server.contract.tickets import CancelTicket, Lane, PrintResult, PrintState, TakeTicket, Ticket, TicketState

log = structlog.get_logger(__name__)

ISSUE_S = 8.0
"""How long a citizen waits for the server before the page says that it is away."""
TRY_READ_S = 3.0
RETRY_S = 0.3
PRINTER_START_S = 3.0
"""How long after a start the printer may take to answer before it counts as away."""
SETTLE_RETRY_S = 2.0
REMEMBER_S = 600.0
"""A page that repeats its touch within this time gets the same ticket."""
COMPACT_BYTES = 512 * 1024
NEVER_MIND = frozenset({"ticket_not_found", "not_your_ticket", "wrong_state", "request_id_reused", "bad_field"})
"""Refusals of a report or cancel that no repetition changes."""
STOP_FIRST, TOUCHES, WISHES, HELD, IDLE = range(5)
"""Who is served before whom: whoever stands at the kiosk goes before whoever stands at the desk, and both before the
tickets that wait for paper. What is no ticket comes last."""


def can_print(status: DeviceStatus) -> bool:
    """False when it is known beforehand that no paper will come."""
    return status.state is not DeviceState.ABSENT and not status.faults & NO_PAPER_FAULTS


class Ticketing:
    """All touches of this kiosk. `changed` is called (from any thread) whenever a job says something new."""

    def __init__(
        self,
        spool: Spool,
        client: Client,
        printer: Printing,
        compose: Callable[[Ticket, int], bytes],
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spool, self._client, self._printer = spool, client, printer
        self._compose, self._changed, self._clock = compose, changed, clock
        self._lock = threading.Lock()
        self._jobs = issuing.replay(spool.opened_with, damaged=spool.damaged > 0)
        self._live: set[str] = set()
        self._presses: queue.PriorityQueue[tuple[int, int, str | Callable[[], None]]] = queue.PriorityQueue()
        self._turn = count()
        self._settle = threading.Event()
        for job in list(self._jobs.values()):
            self._hand_on(job)

    def take(
        self,
        request_id: str,
        queue_code: str | None,
        item: str | None,
        appointment: str | None = None,
        lane_reason: str = "",
    ) -> Job:
        """A touch. Repeating it with the same `request_id` changes nothing and answers how far it is. Whoever gives a
        `lane_reason` gets a number in the priority lane.

        Raises `SpoolError` when it cannot be noted: then nothing was asked of the server.
        """
        with self._lock:
            known = self._jobs.get(request_id)
            if known:
                return known
            record = issuing.intent(request_id, self._clock(), queue_code, item, appointment, lane_reason)
            self._spool.append(record)
            job = self._jobs[request_id] = issuing.noted(None, record)
        self._hand_on(job)
        return job

    def reprint(self, wish: PrintWish) -> None:
        """A wish of the guide desk's, noted before it is taken. One that is known already changes nothing.

        The request_id is made here, once: another machine with the same token, or this one without its journal,
        cannot take the same wish again. Raises `SpoolError` when it cannot be noted: then it was not taken.
        """
        with self._lock:
            if any(job.wish and job.wish.id == wish.id for job in self._jobs.values()):
                return
            record = issuing.wished(f"{wish.id}-{secrets.token_hex(6)}", self._clock(), wish)
            self._spool.append(record)
            job = self._jobs[record["id"]] = issuing.noted(None, record)
        self._hand_on(job)

    def when_idle(self, work: Callable[[], None]) -> None:
        """Do this with the printer, once, when no ticket waits for it. `work` runs in the thread that prints."""
        self._presses.put((IDLE, next(self._turn), work))

    def recent(self) -> list[Job]:
        """Touches that a page may still be showing."""
        now = self._clock()
        with self._lock:
            return [job for job in self._jobs.values() if issuing.is_young(job, now) and not job.wish]

    def run_live(self, stopping: threading.Event) -> None:
        """Serve touches one after the other: there is one printer."""
        while not stopping.is_set():
            rank, _, what = self._presses.get()
            if rank == STOP_FIRST:
                return
            if isinstance(what, str):
                self._serve_safely(what, stopping)
            else:
                _do_safely(what)

    def run_settling(self, stopping: threading.Event) -> None:
        """Clear up until `stopping`; a failed try is repeated, a touch being served is left alone."""
        while not stopping.is_set():
            self._settle.wait()
            self._settle.clear()
            if not stopping.is_set() and not self._settle_all():
                stopping.wait(SETTLE_RETRY_S)
                self._settle.set()

    def wake(self) -> None:
        """Let both threads notice that they shall stop."""
        self._presses.put((STOP_FIRST, 0, ""))
        self._settle.set()

    def printer_changed(self) -> None:
        """There may be paper again (any thread)."""
        self._settle.set()

    # ── the citizen's road ──

    def _hand_on(self, job: Job) -> None:
        if issuing.next_step(job, self._clock()) in (Step.ISSUE, Step.PRINT):
            self._line_up(job, WISHES if job.wish else TOUCHES)
        else:
            self._settle.set()

    def _line_up(self, job: Job, rank: int) -> None:
        self._live.add(job.request_id)
        self._presses.put((rank, next(self._turn), job.request_id))

    def _serve_safely(self, request_id: str, stopping: threading.Event) -> None:
        try:
            self._serve(request_id, stopping)
        except Exception:  # full disk, or a mistake of ours: the next citizen is served all the same
            log.exception("a touch failed", job=request_id)
            self._break_off(request_id)
        finally:
            self._live.discard(request_id)
            if issuing.next_step(self._jobs[request_id], self._clock()) is not Step.HOLD:
                self._settle.set()  # a held one waits for the next round, or a printer that refuses is asked on

    def _serve(self, request_id: str, stopping: threading.Event) -> None:
        job = self._jobs[request_id]
        if issuing.next_step(job, self._clock()) is Step.ISSUE:
            job = self._issue(job, stopping)
        if issuing.next_step(job, self._clock()) in (Step.PRINT, Step.HOLD) and not stopping.is_set():
            self._print(job, stopping)

    def _issue(self, job: Job, stopping: threading.Event) -> Job:
        deadline = time.monotonic() + ISSUE_S
        while not stopping.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return self._note(job, issuing.abandoned(job))
            try:
                return self._note(job, self._ask_for(job, min(TRY_READ_S, left)))
            except Refused as no:
                return self._note(job, issuing.refused(job, Refusal(no.code, no.zh, no.en)))
            except Away as away:
                log.info("server did not answer", job=job.request_id, error=str(away))
                stopping.wait(min(RETRY_S, left))
        return job

    def _ask_for(self, job: Job, read_s: float) -> Record:
        """A number for a touch, or the desk's wish for this machine alone; as a fact to note."""
        if job.wish:
            return issuing.taken(job, self._client.take_wish(job.wish.id, job.request_id, read_s))
        return issuing.issued(job, self._client.take(_touch(job), read_s))

    def _print(self, job: Job, stopping: threading.Event) -> None:
        """Note, print, note. Between the two notes nobody can say what is on the paper."""
        assert job.ticket  # noqa: S101 - Step.PRINT says so
        status = self._printer_status(stopping)
        if stopping.is_set():
            return
        if not can_print(status):
            self._note(job, _came_of(job, _no_paper(status)))
            return
        data = self._compose(job.ticket, job.copy)
        job = self._note(job, issuing.printing(job))
        paper = _paper_result(self._printer.print_job(data, on_late=partial(self._printed_late, job)))
        self._note(job, _came_of(job, paper))

    def _printed_late(self, job: Job, outcome: PrintOutcome) -> None:
        """The printer stopped in the middle of it and went on, when we had called it unknown."""
        self._note(job, issuing.late(job, _paper_result(outcome)))
        self._settle.set()

    def _printer_status(self, stopping: threading.Event) -> DeviceStatus:
        deadline = time.monotonic() + PRINTER_START_S
        while self._printer.status.state is DeviceState.STARTING and time.monotonic() < deadline:
            if stopping.wait(0.05):
                break
        return self._printer.status

    def _break_off(self, request_id: str) -> None:
        """Something broke in the middle of a touch: say only what is certain, from memory."""
        with self._lock:
            job = self._jobs[request_id]
            if job.ticket is None:  # of a touch: ASK; of a wish: DROP
                record = issuing.abandoned(job)
            else:
                state = PrintState.UNKNOWN if job.printing else PrintState.FAILED
                record = issuing.result(job, PaperResult(state, "none", "the kiosk broke off"))
            self._jobs[request_id] = issuing.noted(job, record)
        self._changed()

    # ── behind the citizen ──

    def _settle_all(self) -> bool:
        """One step for every job that needs one; False when something is left to try again."""
        with self._lock:
            open_jobs = [job for job in self._jobs.values() if not job.ended and job.request_id not in self._live]
        try:
            settled = [self._settle_one(job) for job in open_jobs]
            self._forget()
        except SpoolError as error:
            log.error("journal cannot be written", error=str(error))
            return False
        return all(settled)

    def _settle_one(self, job: Job) -> bool:
        try:
            while (step := issuing.next_step(job, self._clock())) is not Step.NOTHING:
                if step is Step.HOLD:
                    return self._offer(job)
                after = self._do(step, job)
                if after is job:
                    return False
                job = after
        except (Away, Refused) as error:
            log.info("will try again", job=job.request_id, error=str(error))
            return False
        return True

    def _do(self, step: Step, job: Job) -> Job:
        match step:
            case Step.MARK_UNKNOWN:
                lost = PaperResult(PrintState.UNKNOWN, "none", "the kiosk stopped while printing")
                return self._note(job, issuing.result(job, lost))
            case Step.REPORT:
                return self._end(job, "reported", lambda: self._report(job))
            case Step.CANCEL:
                return self._end(job, "cancelled", lambda: self._cancel(job))
            case Step.TELL:
                return self._tell(job)
            case Step.GIVE_UP:
                return self._note(job, issuing.ended(job, "no paper in time"))
            case Step.ASK:
                return self._ask(job)
            case Step.DROP:
                return self._note(job, issuing.result(job, PaperResult(PrintState.FAILED, "none", "given up")))
        return job  # ISSUE and PRINT are for the live thread

    def _ask(self, job: Job) -> Job:
        """Did the server get the touch that was given up? While young, it may still be on its way."""
        ticket = self._client.find(job.request_id)
        if ticket and ticket.print_state is PrintState.PENDING:
            return self._note(job, issuing.issued(job, ticket))
        if ticket:
            return self._note(job, issuing.ended(job, "settled before"))
        if issuing.is_young(job, self._clock()):
            return job
        return self._note(job, issuing.ended(job, "dropped"))

    def _offer(self, job: Job) -> bool:
        """Let the live thread print it as it stands now, when the printer can. True: it needs no paper any more,
        because it was called meanwhile, or the desk has it printed."""
        if not can_print(self._printer.status):
            return False
        ticket = self._client.find(job.request_id)
        if ticket is None or ticket.state is not TicketState.WAITING or ticket.print_state is not PrintState.FAILED:
            self._note(job, issuing.ended(job, "no paper needed any more"))
            return True
        self._line_up(self._note(job, issuing.issued(job, ticket)), HELD)
        return False

    def _tell(self, job: Job) -> Job:
        """The server hears at once that there is no paper; that it came later is a report of its own."""
        assert job.held  # noqa: S101 - Step.TELL says so
        try:
            self._send_report(job, "h", job.held)
        except Refused as refused:
            if refused.code not in NEVER_MIND:
                raise
            return self._note(job, issuing.ended(job, refused.code))
        return self._note(job, issuing.told(job))

    def _report(self, job: Job) -> None:
        assert job.result  # noqa: S101 - Step.REPORT says so
        self._send_report(job, "q" if job.late else "p", job.result)

    def _send_report(self, job: Job, which: str, paper: PaperResult) -> None:
        """`which` tells reports of one touch apart: the server takes each once."""
        wish = job.wish.id if job.wish else None
        ticket_id = job.wish.ticket_id if job.wish else job.ticket.id if job.ticket else ""
        report = PrintResult(f"{job.request_id}-{which}", paper.state, paper.confidence, paper.detail, wish)
        self._client.print_result(ticket_id, report)

    def _cancel(self, job: Job) -> None:
        assert job.ticket  # noqa: S101 - Step.CANCEL says so
        self._client.cancel(job.ticket.id, CancelTicket(f"{job.request_id}-c", "never_printed"))

    def _end(self, job: Job, how: str, command: Callable[[], None]) -> Job:
        try:
            command()
        except Refused as refused:
            if refused.code not in NEVER_MIND:
                raise
            log.warning("server does not want it", job=job.request_id, wanted=how, code=refused.code)
            how = refused.code
        return self._note(job, issuing.ended(job, how))

    def _forget(self) -> None:
        """Let go of what ended long ago, in memory and, now and then, on the disk."""
        oldest = self._clock() - REMEMBER_S
        with self._lock:
            self._jobs = {i: job for i, job in self._jobs.items() if not job.ended or job.pressed_at >= oldest}
            if self._spool.size() > COMPACT_BYTES:
                self._spool.compact(lambda record: record.get("id") in self._jobs)

    def _note(self, job: Job, record: Record) -> Job:
        """Write the fact down, then believe it. The end of a job is not believed when it learned more meanwhile."""
        with self._lock:
            known = self._jobs.get(job.request_id, job)
            if record["step"] == "ended" and known is not job:
                return known
            self._spool.append(record)
            job = self._jobs[job.request_id] = issuing.noted(known, record)
        self._changed()
        return job


def _touch(job: Job) -> TakeTicket:
    lane = Lane.PRIORITY if job.lane_reason else Lane.NORMAL
    return TakeTicket(job.request_id, job.queue, job.item, lane, job.lane_reason, appointment=job.appointment)


def _do_safely(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # a mistake of ours: the next citizen is served all the same
        log.exception("work at an idle time failed")


def _came_of(job: Job, paper: PaperResult) -> Record:
    """What to note of an attempt. A touch that surely got no paper is held for some, a wish has failed."""
    surely_none = paper.state is PrintState.FAILED
    return issuing.held(job, paper) if surely_none and not job.wish else issuing.result(job, paper)


def _paper_result(outcome: PrintOutcome) -> PaperResult:
    return PaperResult(PrintState(outcome.result), outcome.confidence, outcome.detail)


def _no_paper(status: DeviceStatus) -> PaperResult:
    return PaperResult(PrintState.FAILED, "status", " ".join(sorted(status.faults)) or status.state.value)

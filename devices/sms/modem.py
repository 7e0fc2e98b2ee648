"""The driver of a GSM modem: one thread owns the line, messages to send come from any, each gets an honest answer.

A modem that answers and cannot send (no SIM card, a PIN, no network) is at fault, and refuses at once. What it
receives goes through `devices.sms.inbox`. Numbers are masked in logs, texts never there.
"""

import queue
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import closing
from dataclasses import dataclass, field

import structlog

from devices.base import Counters, DeviceState, SmsListener, SmsOutcome, SmsPart
from devices.driver import Driver
from devices.sms.at import NETWORK_S, PROMPT, PROMPT_S, Answer, AtLink
from devices.sms.errors import words
from devices.sms.health import Health, network_health, sim_health
from devices.sms.inbox import Inbox
from devices.sms.numbers import masked
from devices.sms.pdu import Submit, encode_submit
from devices.transport import Lost, Transport, open_transport, parse_url

log = structlog.get_logger(__name__)

IDLE_S = 0.1
HEALTH_S = 10.0
UNWELL_S = 2.0
STORE_S = 30.0
HANDOVER_S = 5.0
NOT_TRIED = SmsPart("not_tried", zh="未尝试发送", en="Not tried")


@dataclass
class _Job:
    number: str
    submits: tuple[Submit, ...]
    deadline: float
    outcome: Future[SmsOutcome] = field(default_factory=Future)

    def refused(self, zh: str, en: str) -> SmsOutcome:
        return self._first(SmsPart("refused", zh=zh, en=en))

    def unknown(self, zh: str, en: str) -> SmsOutcome:
        return self._first(SmsPart("unknown", zh=zh, en=en))

    def _first(self, part: SmsPart) -> SmsOutcome:
        return SmsOutcome((part,) + (NOT_TRIED,) * (len(self.submits) - 1))


class AtModem(Driver):
    """`devices.base.SmsModem` over a serial line or TCP. The URL is checked here, opened in `run`.

    It reads, hands on and clears all received messages on its SIM card, those of before its time too.
    """

    def __init__(
        self,
        name: str,
        url: str,
        on_sms: SmsListener,
        *,
        connect: Callable[[str, Counters], Transport] = open_transport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url)
        parse_url(url)
        self._on_sms = on_sms
        self._connect = connect
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._gate = threading.Lock()  # between queueing a job and closing the queue on a loss
        self._health: Health | None = None
        self._reference = secrets.randbelow(256)  # a restart does not begin where the last one did
        self._arrived: set[int] = set()
        self._inbox: Inbox | None = None

    def send(self, number: str, text: str, *, valid_minutes: int = 60, timeout_s: float = 60.0) -> SmsOutcome:
        """Send one text. Raises `UnsendableError` for what never can be sent, and nothing else."""
        with self._gate:
            submits = encode_submit(number, text, reference=self._reference, valid_minutes=valid_minutes)
            self._reference = (self._reference + 1) % 256
            job = _Job(number, submits, time.monotonic() + timeout_s)
            if self._health is None:
                return job.refused("短信模块未连接", "The modem is away")
            if self._health.faults:
                return job.refused(self._health.zh, self._health.en)
            self._jobs.put(job)
        return self._result(job, timeout_s)

    def _result(self, job: _Job, timeout_s: float) -> SmsOutcome:
        try:
            return job.outcome.result(timeout_s)
        except FutureTimeout:
            if job.outcome.cancel():
                return job.refused("短信模块太忙", "The modem was busy for too long")
        try:
            return job.outcome.result(PROMPT_S + NETWORK_S + HANDOVER_S)  # the part that was begun in time
        except FutureTimeout:
            return job.unknown("短信模块没有回音", "No word from the modem")

    # -- one connection

    def _session(self, stopping: Callable[[], bool]) -> None:
        try:
            with closing(self._connect(self.url, self.counters)) as transport:
                self._serve(AtLink(transport, self._arrived.add, self.counters), stopping)
        finally:
            self._close_queue()

    def _serve(self, link: AtLink, stopping: Callable[[], bool]) -> None:
        self._arrived.clear()
        self._inbox = None
        link.sync()
        for command in ("ATE0", "AT+CMEE=1"):  # a modem without one of them is still a modem
            link.ask(command)
        next_health = next_look = self._clock()
        while not stopping():
            if self._clock() >= next_health:
                next_health = self._clock() + (UNWELL_S if self._look_after(link).faults else HEALTH_S)
            if self._inbox and self._clock() >= next_look:
                next_look = self._clock() + STORE_S
                _in_pdu_mode(link)
                self._inbox.look(self._clock())
            self._next_job(link)
            link.pump()
            while self._inbox and self._arrived:
                self._inbox.arrived(self._arrived.pop(), self._clock())

    def _look_after(self, link: AtLink) -> Health:
        """See how it is. Whenever a SIM card becomes ready, its store is a new one."""
        health = sim_health(link.ask("AT+CPIN?"))
        if health.faults:
            self._inbox = None
        else:
            self._inbox = self._inbox or self._open_inbox(link)
            registrations = [link.ask("AT+CREG?"), link.ask("AT+CEREG?")]
            health = network_health(registrations, link.ask("AT+CSQ"))
        with self._gate:
            self._health = health
        self._report(DeviceState.FAULT if health.faults else DeviceState.ONLINE, health.faults, health.detail)
        return health

    def _open_inbox(self, link: AtLink) -> Inbox:
        """Messages are kept on the SIM card, or else in the modem, which says when one comes. What a modem refuses is
        made up for by looking into the store now and then."""
        for place in ("SM", "ME"):
            if link.ask(f'AT+CPMS="{place}","{place}","{place}"').ok:
                break
        for way in ("2,1,0,0,0", "1,1,0,0,0"):
            if link.ask(f"AT+CNMI={way}").ok:
                break
        return Inbox(self.name, link, self._on_sms, self.counters)

    def _next_job(self, link: AtLink) -> None:
        try:
            job = self._jobs.get(timeout=IDLE_S)
        except queue.Empty:
            return
        if not job.outcome.set_running_or_notify_cancel():
            return
        outcome, lost = job.unknown("程序内部错误", "Internal error"), None
        try:
            outcome, lost = self._send(link, job)
        finally:
            job.outcome.set_result(outcome)
        if lost:
            raise lost

    def _send(self, link: AtLink, job: _Job) -> tuple[SmsOutcome, Lost | None]:
        """All parts, until one is not taken; and the loss, when that was the reason."""
        parts: list[SmsPart] = []
        lost = None
        for submit in job.submits:
            if parts and parts[-1].result != "taken":
                parts += [NOT_TRIED] * (len(job.submits) - len(parts))
                break
            part, lost = self._send_part(link, submit, job.deadline)
            parts.append(part)
        outcome = SmsOutcome(tuple(parts))
        self._log(job, outcome)
        return outcome, lost

    def _log(self, job: _Job, outcome: SmsOutcome) -> None:
        log.info(
            "sms",
            device=self.name,
            to=masked(job.number),
            parts=len(outcome.parts),
            result=outcome.result,
            failed_part=outcome.failed_part,
            code=next((part.code for part in outcome.parts if part.code), ""),
        )

    def _send_part(self, link: AtLink, submit: Submit, deadline: float) -> tuple[SmsPart, Lost | None]:
        if time.monotonic() > deadline:
            return SmsPart("refused", zh="时间已过", en="No time left"), None
        try:
            _in_pdu_mode(link)
            answer = link.prompt(f"AT+CMGS={submit.octets}")
        except Lost as lost:
            return SmsPart("refused", zh="短信模块失去联系", en="The modem was lost"), lost
        if answer.final != PROMPT:
            return _refused(answer), None
        try:
            return self._taken(link.hand_over(submit.hex)), None
        except Lost as lost:
            return SmsPart("unknown", zh="已交给短信模块，没有回音", en="Handed to the modem, and no word"), lost

    def _taken(self, answer: Answer) -> SmsPart:
        if not answer.ok:
            return _refused(answer)
        said = answer.value("CMGS").partition(",")[0]
        if not said.isdecimal():  # an OK by itself may be the answer to something else
            return SmsPart("unknown", zh="短信模块没有说明结果", en="The modem did not say what became of it")
        self.counters.frames += 1
        return SmsPart("taken", int(said))

    def _close_queue(self) -> None:
        """Nothing of the jobs that still wait was sent."""
        with self._gate:
            self._health = None
        while not self._jobs.empty():
            job = self._jobs.get()
            if job.outcome.set_running_or_notify_cancel():
                job.outcome.set_result(job.refused("短信模块失去联系", "The modem was lost"))


def _in_pdu_mode(link: AtLink) -> None:
    """Before all that depends on it: in text mode AT+CMGS would take a length for a phone number."""
    if not (answer := link.ask("AT+CMGF=0")).ok:
        raise Lost(f"no PDU mode: {answer.final}")


def _refused(answer: Answer) -> SmsPart:
    zh, en = words(answer.final)
    return SmsPart("refused", code=answer.final, zh=zh, en=en)

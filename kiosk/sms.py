"""The SMS gateway (短信网关): a modem's messages, carried to the server and from it under a token of their own.

Received: on this machine's disk before the SIM card is cleared, and delivered until the server has it, which knows a
repetition. To send: begun on the disk before the modem gets it, so that after a crash it is "unknown" and is never
sent again. The journal holds a text only until the server has it, and never the number of who is written to.
"""

import threading
import time
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from devices.base import DeviceState, ReceivedSms, SmsModem, SmsOutcome
from devices.setting_error import SettingError
from devices.sms.modem import AtModem
from kiosk.client import Away, Client, Refused
from kiosk.config import SmsConfig
from kiosk.spool import Record, Spool, SpoolError
from server.contract.codec import ContractError, from_json, to_json
from server.contract.devices import DeviceHealth, health
from server.contract.sms import SmsReceived, SmsReport, SmsResult, SmsToSend

log = structlog.get_logger(__name__)

MODEM = "modem"
ASK_S = 5.0
RETRY_S = 2.0
LONGEST_TEXT = 200
"""Of a received text the server wants a digit or some words; the rest of a letter stays with nobody."""
LONGEST_SENDER = 40
LONGEST_DETAIL = 200
NOT_KNOWN = SmsReport("", SmsResult.UNKNOWN, 0, "网关程序在发送中断", "The gateway stopped while it was sending")
TOKEN_REFUSED = frozenset({"sign_in_required", "forbidden"})
"""An admin puts this right; what waits is not lost over it."""
UNREADABLE = frozenset({"bad_request", "bad_field"})
"""The server will never take this message; any other refusal may pass."""


@dataclass(frozen=True)
class Kept:
    """A message in the journal; `at` is Unix time, `steady_at` this process's monotonic time, None of an earlier
    one's message."""

    message: SmsReceived
    at: float
    steady_at: float | None = None


class Refusals:
    """Says once that the server refuses, and once that it takes again."""

    def __init__(self) -> None:
        self._code = ""

    def met(self, code: str) -> None:
        if code != self._code:
            log.warning("the server refuses this gateway", code=code)
        self._code = code

    def over(self) -> None:
        if self._code:
            log.info("the server takes this gateway again")
        self._code = ""


class Inbox:
    """What phones wrote, until the server has it."""

    def __init__(self, spool: Spool, client: Client, clock: Callable[[], float] = time.time) -> None:
        self._spool, self._client, self._clock = spool, client, clock
        self._refusals = Refusals()
        self._lock = threading.Lock()
        self._waiting = undelivered(spool.opened_with)
        self._forget_the_rest()  # a kill may have come before that
        self._work = threading.Event()
        self._work.set()

    def keep(self, received: ReceivedSms) -> None:
        """Called by the modem's thread, which clears the SIM card when this returns. Raises `SpoolError`."""
        message = SmsReceived(
            request_id=uuid.uuid4().hex, sender=_plain(received.sender)[:LONGEST_SENDER],
            text=_plain(received.text)[:LONGEST_TEXT], sent_at=received.sent_at, reference=received.reference,
            complete=received.complete, age_s=0,
        )  # fmt: skip
        kept = Kept(message, self._clock(), time.monotonic())
        with self._lock:
            self._spool.append({"id": message.request_id, "at": kept.at, "message": to_json(message)})
            self._waiting[message.request_id] = kept
        self._work.set()

    def run(self, stopping: threading.Event) -> None:
        """Deliver each phone's in the order of arrival, until `stopping` and `wake`."""
        while not stopping.is_set():
            self._work.wait()
            self._work.clear()
            if not stopping.is_set() and not self._deliver_all():
                stopping.wait(RETRY_S)
                self._work.set()

    def wake(self) -> None:
        self._work.set()

    def _deliver_all(self) -> bool:
        with self._lock:
            waiting = list(self._waiting.values())
        held: set[str] = set()
        for kept in waiting:
            if kept.message.sender not in held and not self._deliver(kept):
                held.add(kept.message.sender)
        if not held:
            self._refusals.over()
        return not held

    def _age_s(self, kept: Kept) -> int | None:
        """The wall clock may have been set since; it is asked only of what another process kept."""
        age = self._clock() - kept.at if kept.steady_at is None else time.monotonic() - kept.steady_at
        return int(age) if age >= 0 else None

    def _deliver(self, kept: Kept) -> bool:
        """True when this message needs no more."""
        try:
            self._client.deliver_sms(replace(kept.message, age_s=self._age_s(kept)))
        except Away as away:
            log.info("a received sms is not delivered yet", error=str(away))
            return False
        except Refused as refused:
            if refused.code not in UNREADABLE:
                self._refusals.met(refused.code)
                return False
            log.error("the server cannot read a received sms, which is dropped", code=refused.code)
        self._done(kept.message.request_id)
        return True

    def _done(self, message: str) -> None:
        """Its text leaves the disk at once."""
        with self._lock:
            del self._waiting[message]
            try:
                self._spool.append({"id": message, "delivered": True})
            except SpoolError as error:
                log.error("a delivered sms cannot be noted as such, and may be delivered again", error=str(error))
            self._forget_the_rest()

    def _forget_the_rest(self) -> None:
        self._spool.compact(lambda record: record.get("id") in self._waiting)


def undelivered(records: list[Record]) -> dict[str, Kept]:
    """Messages of a journal that no server has, as far as it knows, in their order, by their request_id."""
    done = {record.get("id") for record in records if record.get("delivered")}
    found = (_kept(record) for record in records if "message" in record and record.get("id") not in done)
    return {kept.message.request_id: kept for kept in found if kept}


def _kept(record: Record) -> Kept | None:
    try:
        return Kept(from_json(SmsReceived, record["message"]), float(record["at"]))
    except (ContractError, KeyError, TypeError, ValueError):
        log.error("a received sms in the journal cannot be read")
        return None


def _plain(text: str) -> str:
    """What the wire takes: no control characters and no half of a pair."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs"))


class Outbox:
    """One message at a time: ask the server for it, send it, say what became of it."""

    def __init__(self, spool: Spool, client: Client, modem: SmsModem) -> None:
        self._spool, self._client, self._modem = spool, client, modem
        self._unreported = unreported(spool.opened_with)
        self._refusals = Refusals()
        self._woken = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` and `wake`."""
        while not stopping.is_set():
            if not self._turn():
                self._woken.wait(ASK_S)

    def wake(self) -> None:
        self._woken.set()

    def _turn(self) -> bool:
        """Whether there was something to do, so that there may be more."""
        try:
            if not self._report_all() or self._modem.status.state is not DeviceState.ONLINE:
                return False
            messages = self._client.take_sms(uuid.uuid4().hex).messages
        except Away as away:
            log.debug("no messages can be asked for", error=str(away))
            return False
        except Refused as refused:
            self._refusals.met(refused.code)
            return False
        self._refusals.over()
        begun = [self._send(message) for message in messages]
        return bool(begun) and all(begun)

    def _send(self, message: SmsToSend) -> bool:
        """False when it could not be begun: it stays with us, and is offered again."""
        report_id = uuid.uuid4().hex
        try:
            self._spool.append({"id": message.id, "begun": report_id})
        except SpoolError as error:
            log.error("a message cannot be noted, so it is not sent", error=str(error))
            return False
        report = self._sent(message, report_id)
        self._unreported[message.id] = report
        try:
            self._spool.append({"id": message.id, "report": to_json(report)})
        except SpoolError as error:  # after a crash now it would be reported as unknown, which nothing sends again
            log.error("what became of a message cannot be noted", error=str(error))
        return True

    def _sent(self, message: SmsToSend, report_id: str) -> SmsReport:
        try:
            outcome = self._modem.send(message.number, message.text, valid_minutes=message.valid_minutes)
        except SettingError as wrong:
            return SmsReport(report_id, SmsResult.FAILED, 0, wrong.zh[:LONGEST_DETAIL], wrong.en[:LONGEST_DETAIL])
        return said_of(outcome, report_id)

    def _report_all(self) -> bool:
        reported = [self._report(message, report) for message, report in list(self._unreported.items())]
        return all(reported)

    def _report(self, message: str, report: SmsReport) -> bool:
        try:
            self._client.report_sms(message, report)
        except Away:
            return False
        except Refused as refused:
            if refused.code in TOKEN_REFUSED:
                raise
            log.error("the server does not take a report", code=refused.code)
        del self._unreported[message]
        self._spool.compact(lambda record: record.get("id") in self._unreported)
        return True


def unreported(records: list[Record]) -> dict[str, SmsReport]:
    """What a journal still owes the server, by message. One that was begun and has no end is unknown."""
    reports: dict[str, SmsReport] = {}
    for record in records:
        message, begun, said = str(record.get("id")), record.get("begun"), record.get("report")
        if begun:
            reports[message] = replace(NOT_KNOWN, request_id=str(begun))
        elif isinstance(said, dict) and message in reports:
            reports[message] = _report_of(said, reports[message])
    return reports


def _report_of(said: dict[str, Any], instead: SmsReport) -> SmsReport:
    try:
        return SmsReport(
            str(said["request_id"]), SmsResult(said["result"]), int(said["taken"]), str(said["detail"]),
            str(said["detail_en"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return instead


def said_of(outcome: SmsOutcome, request_id: str) -> SmsReport:
    """What became of a message, in words for whoever looks after the modem. A part of which nobody knows counts as
    taken: then it is not tried again."""
    taken = sum(part.result in ("taken", "unknown") for part in outcome.parts)
    wrong = next((part for part in outcome.parts if part.result != "taken"), None)
    zh, en = (f"{wrong.zh} {wrong.code}".strip(), f"{wrong.en} {wrong.code}".strip()) if wrong else ("", "")
    return SmsReport(request_id, SmsResult(outcome.result), taken, zh[:LONGEST_DETAIL], en[:LONGEST_DETAIL])


class Gateway:
    """A modem with both its directions; whoever owns it runs `work` and wakes it to stop."""

    def __init__(self, server: str, config: SmsConfig, data_dir: Path) -> None:
        self.client = Client(server, config.token)
        self._inbox = Inbox(Spool(data_dir / "sms-in.jsonl"), self.client)
        self.modem = AtModem(MODEM, config.url, self._inbox.keep)
        self._outbox = Outbox(Spool(data_dir / "sms-out.jsonl"), self.client, self.modem)

    def look(self) -> DeviceHealth:
        return health(self.modem, "sms_modem", time.monotonic())

    def work(self, stopping: threading.Event) -> dict[str, Callable[[], None]]:
        return {
            "received sms": partial(self._inbox.run, stopping),
            "sms to send": partial(self._outbox.run, stopping),
        }  # fmt: skip

    def wake(self) -> None:
        self._inbox.wake()
        self._outbox.wake()

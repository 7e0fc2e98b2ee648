"""What a modem has received: read, made whole, handed on, and only then cleared from its store."""

import re
from collections.abc import Iterator

import structlog

from devices.base import Counters, SmsListener
from devices.listening import tell
from devices.sms.at import Answer, AtLink
from devices.sms.numbers import masked
from devices.sms.parts import Parts, Whole
from devices.sms.pdu import Part, PduError, decode

log = structlog.get_logger(__name__)

MOST_READINGS = 3
"""A PDU that cannot be understood may be the line's fault; read alike so many times, it is the message's."""

# What was received, unread or read (0, 1). What somebody wrote and stored here (2, 3) is not ours.
_LISTED = re.compile(r"\+CMGL: *(\d{1,5}) *, *[01] *,.*")
_READ = re.compile(r"\+CMGR: *[01] *,.*")
_HEX = re.compile(r"([0-9A-Fa-f]{2})+")


class Inbox:
    """Of one connection: after a loss the store is read anew. Times are seconds of one monotonic clock."""

    def __init__(self, device: str, link: AtLink, on_sms: SmsListener, counters: Counters) -> None:
        self._device = device
        self._link = link
        self._on_sms = on_sms
        self._counters = counters
        self._parts = Parts()
        self._known: set[int] = set()
        self._to_tell: list[Whole] = []
        self._to_clear: list[int] = []
        self._unreadable: dict[int, tuple[str, int]] = {}

    def look(self, at: float) -> None:
        """Read the whole store: what came while nobody listened, or what nobody was told of."""
        for header, pdu in _with_pdu(self._link.ask("AT+CMGL=4"), _LISTED):
            self._take(int(header[1]), pdu, at)
        self._settle(at)

    def arrived(self, slot: int, at: float) -> None:
        """The modem said that there is something at `slot`."""
        if slot not in self._known:
            for _, pdu in _with_pdu(self._link.ask(f"AT+CMGR={slot}"), _READ):
                self._take(slot, pdu, at)
        self._settle(at)

    def _take(self, slot: int, pdu: str, at: float) -> None:
        if slot in self._known:
            return
        try:
            part = self._understood(slot, pdu)
        except PduError as error:
            self._counters.resyncs += 1
            log.warning("a received message is not understood", device=self._device, slot=slot, problem=str(error))
            return
        self._known.add(slot)
        self._counters.frames += 1
        if part is None:
            log.info("a received message has no text to read and is passed over", device=self._device, slot=slot)
            self._to_clear.append(slot)
        else:
            self._to_tell += self._parts.add(part, slot, at)

    def _understood(self, slot: int, pdu: str) -> Part | None:
        """None for what has no text, which is also what stays unreadable however often it is read."""
        before, times = self._unreadable.get(slot, ("", 0))
        times = times + 1 if before == pdu else 1
        self._unreadable[slot] = pdu, times
        try:
            part = decode(pdu)
        except PduError:
            if times < MOST_READINGS:
                raise
            part = None
        del self._unreadable[slot]
        return part

    def _settle(self, at: float) -> None:
        """Hand on what is whole, and clear it; what fails is tried again after the next look."""
        self._to_tell += self._parts.expired(at)
        untold = []
        for whole in self._to_tell:
            if self._told(whole):
                self._to_clear += whole.slots
            else:
                untold.append(whole)
        self._to_tell = untold
        self._to_clear = [slot for slot in self._to_clear if not self._cleared(slot)]

    def _told(self, whole: Whole) -> bool:
        message = whole.message
        log.info("sms received", device=self._device, sender=masked(message.sender), complete=message.complete)
        return tell(self._on_sms, message, self._device)

    def _cleared(self, slot: int) -> bool:
        answer = self._link.ask(f"AT+CMGD={slot}")
        if answer.ok:
            self._known.discard(slot)
        else:
            log.warning("a message is not cleared from the store", device=self._device, slot=slot, code=answer.final)
        return answer.ok


def _with_pdu(answer: Answer, form: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
    """The header lines of `form`, each with the next line of hex; others may come in between."""
    header = None
    for line in answer.lines:
        if line.startswith("+CMG"):
            header = form.fullmatch(line)
        elif header and _HEX.fullmatch(line):
            yield header, line
            header = None

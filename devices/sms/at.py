"""Commands to a modem and its answers (3GPP TS 27.005, 27.007): from bytes to lines, and one question at a time."""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from devices.base import Counters
from devices.transport import Lost, Transport

ANSWER_S = 5.0
LINES_S = 30.0
"""At most for an answer of many lines, each of which has `ANSWER_S`: a full store at 9600 baud takes 10 s."""
PROMPT_S = 10.0
NETWORK_S = 60.0
SILENCE_S = 0.2
MOST_SYNCS = 5

LONGEST_LINE = 1024
"""The longest is a PDU in hex, about 350."""
MOST_LINES = 1000

PROMPT = ">"
_END_OF_PDU, _GIVE_UP = b"\x1a", b"\x1b"
_FINAL = re.compile(r"OK|ERROR|COMMAND NOT SUPPORT|\+CM[SE] ERROR:.*")
_FINAL_OR_PROMPT = re.compile(f"{_FINAL.pattern}|{PROMPT}")
_UNASKED = re.compile(r"\+CMTI:.*|RING|RDY|\^?SYSSTART")
_RESTARTED = re.compile(r"RDY|\^?SYSSTART")


class LineReader:
    """Bytes to lines, without anything that is not printable ASCII. The ">" that asks for a PDU ends no line, so it
    is one by itself wherever a line begins with it."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._too_long = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[str]:
        return [line for byte in data if (line := self._next(byte))]

    def _next(self, byte: int) -> str:
        if byte in b"\r\n":
            return self._finish()
        if 0x20 < byte < 0x7F or (byte == 0x20 and self._held):
            if len(self._held) < LONGEST_LINE:
                self._held.append(byte)
            else:
                self._too_long = True
        return self._finish() if self._held == b">" else ""

    def _finish(self) -> str:
        line = "" if self._too_long else self._held.decode("ascii").strip()
        self.dropped += self._too_long
        self._held.clear()
        self._too_long = False
        return line


@dataclass(frozen=True)
class Answer:
    """`final` is "OK", "ERROR", "+CMS ERROR: 38", or ">" for a PDU that is wanted; `lines` what came before it."""

    final: str
    lines: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.final == "OK"

    def value(self, name: str) -> str:
        """What stands behind `+NAME: `; "" when there is no such line."""
        head = f"+{name}:"
        return next((line.removeprefix(head).strip() for line in self.lines if line.startswith(head)), "")


class AtLink:
    """One connection, owned by one thread. `on_arrival` gets the place in the store that `+CMTI` says.

    Everything raises `Lost` when the modem does not answer, or says that it began anew and knows no setting any more.
    """

    def __init__(self, transport: Transport, on_arrival: Callable[[int], None], counters: Counters) -> None:
        self._transport = transport
        self._on_arrival = on_arrival
        self._counters = counters
        self._reader = LineReader()
        self._lines: deque[str] = deque()
        self._stale = False

    def sync(self) -> None:
        """The one before us may have left half a command, or a modem that waits for a PDU and would take everything
        for one. What it still says is let pass."""
        for _ in range(MOST_SYNCS):
            self._transport.write(_GIVE_UP + b"\r")
            self._let_pass()
            try:
                if self._talk(b"AT\r", SILENCE_S * 5).ok:
                    return
            except TimeoutError:
                continue
        raise Lost("no answer to AT")

    def ask(self, command: str, timeout_s: float = ANSWER_S) -> Answer:
        return self._asked(command, timeout_s, _FINAL)

    def prompt(self, command: str) -> Answer:
        """`final` is ">" when the modem wants a PDU now; if not, it certainly does not."""
        answer = self._asked(command, PROMPT_S, _FINAL_OR_PROMPT)
        if answer.final != PROMPT:
            self._transport.write(_GIVE_UP)
            self._let_pass()
        return answer

    def hand_over(self, pdu: str) -> Answer:
        """After the prompt. Raises `Lost` when no word comes: nobody knows then whether it was sent."""
        try:
            return self._talk(pdu.encode() + _END_OF_PDU, NETWORK_S, sending=True)
        except TimeoutError:
            raise Lost("no word of what became of a message") from None

    def pump(self, timeout_s: float = 0.0) -> None:
        """Take in what comes unasked."""
        self._read(timeout_s)
        while self._lines:
            line = self._lines.popleft()
            _ = self._is_stale(line, False) or self._unasked(line)

    def _asked(self, command: str, timeout_s: float, ends: re.Pattern[str]) -> Answer:
        self.pump()
        try:
            return self._talk(command.encode() + b"\r", timeout_s, ends)
        except TimeoutError:
            raise Lost(f"no answer to {command.partition('=')[0]}") from None

    def _talk(
        self, data: bytes, timeout_s: float, ends: re.Pattern[str] = _FINAL, *, sending: bool = False
    ) -> Answer:
        """Lines that are nobody's answer, an echo among them, do no harm: values are looked for by their names."""
        self._transport.write(data)
        lines: list[str] = []
        begun = time.monotonic()
        deadline = begun + timeout_s
        while (line := self._next_line(min(deadline, begun + max(timeout_s, LINES_S)))) is not None:
            if self._is_stale(line, sending) or self._unasked(line):
                continue
            if ends.fullmatch(line):
                return Answer(line, tuple(lines))
            lines = [*lines[-MOST_LINES:], line]
            deadline = max(deadline, time.monotonic() + ANSWER_S)
        raise TimeoutError

    def _is_stale(self, line: str, sending: bool) -> bool:
        """Word of a message that was given up comes with an OK of its own, which is nobody's answer."""
        if line.startswith("+CMGS:"):
            self._stale = not sending
            return self._stale
        stale = self._stale and line == "OK"
        self._stale = self._stale and not stale
        return stale

    def _unasked(self, line: str) -> bool:
        if not _UNASKED.fullmatch(line):
            return False
        if _RESTARTED.fullmatch(line):
            raise Lost("the modem began anew")
        if place := re.fullmatch(r'\+CMTI: *"\w*" *, *(\d{1,5})', line):
            self._on_arrival(int(place[1]))
        return True

    def _let_pass(self) -> None:
        """What the modem still says of the past, until it is silent."""
        begun = time.monotonic()
        while self._read(SILENCE_S) and time.monotonic() < begun + ANSWER_S:
            pass
        self.pump()

    def _next_line(self, deadline: float) -> str | None:
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._read(left)
        return self._lines.popleft()

    def _read(self, timeout_s: float) -> bool:
        """Whether anything came."""
        data = self._transport.read(timeout_s)
        self._lines.extend(self._reader.feed(data))
        self._counters.resyncs += self._reader.dropped
        self._reader.dropped = 0
        return bool(data)

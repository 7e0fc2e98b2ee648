"""The modem: AT commands in PDU mode (3GPP TS 27.005, 27.007), a SIM card's store, a network that takes everything.

It starts as modems come from the factory: echo on, errors without their number, nothing said of what arrives.
"""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.faults import FaultValue, Reader, seconds, switch
from firmware_stubs.lines import End
from firmware_stubs.modem.tpdu import BadPduError, Submitted, join, read_submit, write_deliver
from firmware_stubs.refusal import RefusedError

PLACES = 30
"""Of a SIM card, for messages."""
LONGEST_COMMAND = 600
LONGEST_TEXT = 2000
CHINA = timezone(timedelta(hours=8))
CTRL_Z, ESC = 0x1A, 0x1B
SENDER = re.compile(r"\+?[0-9]{1,20}|[A-Za-z][A-Za-z0-9 ]{0,10}")


def part_number(value: object) -> FaultValue:
    """Counted from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 255:
        raise RefusedError("该故障的值须为 1 到 255 的整数。", "This fault takes a whole number from 1 to 255.")
    return value


class ModemStub(Device):
    """`sent` has the whole texts that phones got, `receive` is a phone that writes."""

    kind = "modem"
    KEYS = ("restart",)
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys(
            ("no_sim", "pin", "not_registered", "no_signal", "mute", "no_result", "echo", "chatter"), switch
        ),
        "refuse_part": part_number,
        "slow_prompt": seconds,
    }

    def __init__(self, end: End, *, seed: int = 0, log: ByteLog | None = None) -> None:
        super().__init__(end, seed=seed, log=log)
        self.sent: list[dict[str, object]] = []
        self.stored: dict[int, tuple[int, str]] = {}
        self._coming: dict[tuple[str, int, int], dict[int, Submitted]] = {}
        self._reference = 0
        self._phone_reference = 0x1230
        self._parts_until_refused = 0
        self._factory()

    def _factory(self) -> None:
        """As after power-on; the SIM card keeps what it has."""
        self._echo, self._numbered_errors, self._text_mode, self._tells = True, False, False, False
        self._held = bytearray()
        self._wanted: int | None = None
        """The octets of the PDU that is waited for."""

    # -- a hand, and the phones

    def press(self, key: str) -> None:
        if key not in self.KEYS:
            raise RefusedError("没有这个按键；可用：restart。", "No such key; there is: restart.")
        with self._lock:
            self._factory()
            self._line("RDY")
        self.on_change()

    def receive(self, number: str, text: str, at: datetime | None = None) -> None:
        """A phone (or, with letters for a number, a company) writes. Raises RefusedError when the card is full."""
        if not SENDER.fullmatch(number) or not 0 < len(text) <= LONGEST_TEXT:
            raise RefusedError("发送号码或短信内容有误。", "The sender's number or the text is not right.")
        with self._lock:
            self._phone_reference += 1
            self.deliver(
                *write_deliver(number, text, at or datetime.now(UTC).astimezone(CHINA), self._phone_reference)
            )

    def deliver(self, *pdus: str) -> None:
        """The network gives the modem these, as they are."""
        with self._lock:
            free = [place for place in range(1, PLACES + 1) if place not in self.stored]
            if len(free) < len(pdus):
                raise RefusedError("SIM 卡短信已满。", "The SIM card is full.")
            for place, pdu in zip(free, pdus, strict=False):
                self.stored[place] = (0, pdu)
                self.counters["received"] += 1
                if self._tells and not self._without_sim():
                    self._line(f'+CMTI: "SM",{place}')
        self.on_change()

    def state(self) -> dict[str, object]:
        with self._lock:
            waiting = sum(map(len, self._coming.values()))
            return self._common() | {"sent": self.sent[-50:], "waiting_parts": waiting, "stored": len(self.stored)}

    def _fault_set(self, name: str) -> None:
        if name == "refuse_part":
            self._parts_until_refused = int(self.fault(name))
        if name == "no_sim" and self.fault(name):
            self._wanted = None

    # -- the line

    def _receive(self, data: bytes) -> None:
        for byte in data:
            with self._lock:
                self._hear(byte)
        self.on_change()

    def _hear(self, byte: int) -> None:
        if self._echo or self.fault("echo"):
            self._send_plain(bytes((byte,)))
        if self._wanted is not None and byte in (CTRL_Z, ESC):
            octets, pdu, self._wanted = self._wanted, self._held.decode("ascii", "replace").strip(), None
            self._held.clear()
            self._submit(pdu, octets) if byte == CTRL_Z else self._say("OK")
        elif self._wanted is None and byte == 0x0D:
            line = self._held.decode("ascii", "replace")
            self._held.clear()
            self._command(line)
        elif len(self._held) < LONGEST_COMMAND:
            self._held.append(byte)

    def _command(self, line: str) -> None:
        """What stands before AT is not for a modem. Nothing at all is no command."""
        match = re.search(r"AT(.*)", line, re.IGNORECASE)
        if match is None:
            return
        self.counters["commands"] += 1
        for pattern, act in self._table():
            if known := pattern.fullmatch(match[1].strip()):
                act(*known.groups())
                return
        self._log.note(self.end.address, f"? {line.partition('=')[0]}")
        self._say("ERROR")

    def _table(self) -> list[tuple[re.Pattern[str], Callable[..., None]]]:
        return [
            (re.compile(r"()", re.I), lambda _: self._say("OK")),
            (re.compile(r"E([01])", re.I), self._set_echo),
            (re.compile(r"\+CMEE=([012])", re.I), self._set_errors),
            (re.compile(r"\+CPIN\?", re.I), self._tell_sim),
            (re.compile(r"\+(C|CE)REG\?", re.I), self._tell_registered),
            (re.compile(r"\+CSQ", re.I), self._tell_signal),
            (re.compile(r"\+CMGF=([01])", re.I), self._set_mode),
            (re.compile(r'\+CPMS="SM"(?:,"SM"){0,2}', re.I), self._set_places),
            (re.compile(r"\+CNMI=([012]),([01])(?:,\d)*", re.I), self._set_telling),
            (re.compile(r"\+CMGS=(\d+)", re.I), self._want),
            (re.compile(r"\+CMGL=([01234])", re.I), self._list),
            (re.compile(r"\+CMGR=(\d+)", re.I), self._read),
            (re.compile(r"\+CMGD=(\d+)", re.I), self._delete),
        ]

    def _set_echo(self, on: str) -> None:
        self._echo = on == "1"
        self._say("OK")

    def _set_errors(self, how: str) -> None:
        self._numbered_errors = how != "0"
        self._say("OK")

    def _set_mode(self, text: str) -> None:
        self._text_mode = text == "1"
        self._say("OK")

    def _set_places(self) -> None:
        used = f"{len(self.stored)},{PLACES}"
        self._with_sim(lambda: self._say(f"+CPMS: {used},{used},{used}", "OK"))

    def _set_telling(self, _: str, mt: str) -> None:
        self._tells = mt == "1"
        self._say("OK")

    def _tell_sim(self) -> None:
        if self.fault("no_sim"):
            self._refuse("CME", 10)
        else:
            self._say("+CPIN: SIM PIN" if self.fault("pin") else "+CPIN: READY", "OK")

    def _tell_registered(self, which: str) -> None:
        """In the 4G network only, as new cards are; so +CREG says 0 at best."""
        there = which.upper() == "CE" and not (self._without_sim() or self._without_network())
        self._say(f"+{which.upper()}REG: 0,{int(there)}", "OK")

    def _tell_signal(self) -> None:
        self._say("+CSQ: 99,99" if self.fault("no_signal") else "+CSQ: 21,99", "OK")

    def _want(self, octets: str) -> None:
        if self._text_mode:
            self._refuse("CMS", 305)
        else:
            self._with_sim(lambda: self._prompt(int(octets)))

    def _prompt(self, octets: int) -> None:
        """What comes before the prompt is lost."""
        if delay := float(self.fault("slow_prompt")):
            late = threading.Timer(delay, self._ask_for_pdu, (octets,))
            late.daemon = True
            late.start()
        else:
            self._ask_for_pdu(octets)

    def _ask_for_pdu(self, octets: int) -> None:
        with self._lock:
            self._held.clear()
            self._wanted = octets
            self._send(b"\r\n> ")

    def _submit(self, pdu: str, octets: int) -> None:
        try:
            part = read_submit(pdu, octets)
        except BadPduError as error:
            self.counters["malformed"] += 1
            self._log.note(self.end.address, f"? CMGS: {error}")
            self._refuse("CMS", 304)
            return
        if self._without_network():
            self._refuse("CMS", 331)
        elif self._refused_by_turn():
            self._refuse("CMS", 38)
        else:
            self._take(part)

    def _refused_by_turn(self) -> bool:
        """The nth part since the fault was switched on, and that one only."""
        self._parts_until_refused -= self._parts_until_refused > 0
        refused = bool(self.fault("refuse_part")) and self._parts_until_refused == 0
        if refused:
            self.faults["refuse_part"] = False
        return refused

    def _take(self, part: Submitted) -> None:
        self.counters["parts"] += 1
        self._reference = (self._reference + 1) % 256
        reference, total, number = part.whole or (-self._reference, 1, 1)
        key = (part.number, reference, total)
        parts = self._coming.setdefault(key, {})
        parts[number] = part
        if len(parts) == total:
            whole = [parts[n] for n in sorted(parts)]
            self.sent.append({"number": part.number, "text": join(whole), "parts": total})
            del self._coming[key]
        if not self.fault("no_result"):
            self._say(f"+CMGS: {self._reference}", "OK")

    def _list(self, status: str) -> None:
        def tell() -> None:
            wanted = [(place, *told) for place, told in sorted(self.stored.items()) if status in ("4", str(told[0]))]
            for place, was, pdu in wanted:
                self._show(f'+CMGL: {place},{was},"",{tpdu_length(pdu)}', pdu)
                self._mark_read(place)
            self._say("OK")

        self._with_sim(tell)

    def _read(self, place: str) -> None:
        def tell() -> None:
            if int(place) not in self.stored:
                self._refuse("CMS", 321)
                return
            was, pdu = self.stored[int(place)]
            self._mark_read(int(place))
            self._show(f"+CMGR: {was},,{tpdu_length(pdu)}", pdu)
            self._say("OK")

        self._with_sim(tell)

    def _mark_read(self, place: int) -> None:
        was, pdu = self.stored[place]
        self.stored[place] = (was or 1, pdu)

    def _delete(self, place: str) -> None:
        def forget() -> None:
            if self.stored.pop(int(place), None) is None:
                self._refuse("CMS", 321)
            else:
                self._say("OK")

        self._with_sim(forget)

    # -- what it says

    def _without_sim(self) -> bool:
        return bool(self.fault("no_sim") or self.fault("pin"))

    def _without_network(self) -> bool:
        return bool(self.fault("not_registered") or self.fault("no_signal"))

    def _with_sim(self, act: Callable[[], None]) -> None:
        if self._without_sim():
            self._refuse("CMS", 310 if self.fault("no_sim") else 311)
        else:
            act()

    def _refuse(self, kind: str, code: int) -> None:
        self.counters["refused"] += 1
        self._say(f"+{kind} ERROR: {code}" if self._numbered_errors else "ERROR")

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._line(line)

    def _line(self, text: str) -> None:
        self._send(f"{self._chatter()}\r\n{text}\r\n".encode())

    def _show(self, header: str, pdu: str) -> None:
        self._send(f"{self._chatter()}\r\n{header}\r\n{self._chatter()}{pdu}\r\n".encode())

    def _chatter(self) -> str:
        return "RING\r\n^RSSI:18\r\n" if self.fault("chatter") else ""

    def _send(self, frame: bytes) -> None:
        if not self.fault("mute"):
            super()._send(frame)

    def _send_plain(self, data: bytes) -> None:
        """Not a frame of its own: no fault of frames befalls it by itself."""
        if not self.fault("mute"):
            self._put(data)


def tpdu_length(pdu: str) -> int:
    """Octets without the service centre's, of whatever is stored."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16) if re.match("[0-9A-Fa-f]{2}", pdu) else 0

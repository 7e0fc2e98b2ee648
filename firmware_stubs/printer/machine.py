"""The printer as a machine: a receive buffer, a print head with a speed, sensors, a knife."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.faults import FaultValue, Reader, rate, switch
from firmware_stubs.lines import End
from firmware_stubs.printer import render, status
from firmware_stubs.printer.archive import Archive
from firmware_stubs.printer.events import (
    AutoStatus,
    Cut,
    Event,
    Feed,
    Fence,
    Line,
    Picture,
    QrCode,
    Restart,
    TellStatus,
    Unknown,
)
from firmware_stubs.printer.interpreter import Interpreter
from firmware_stubs.printer.sheet import HEAD_TO_CUTTER, LONGEST, Ending, Paper, Piece, line_text
from firmware_stubs.refusal import RefusedError

DOTS_PER_MM = 8
BUFFER = 65536
"""A full buffer holds the host back."""
SIP = 64
"""Bytes interpreted between two looks at the buffer."""
CUT_S = 0.12
PARTIAL_USED_UP = 1e-9
"""Of the `partial` fault: on, with no byte left to take."""
LOOK_S = 0.1
"""How often a waiting receiver looks whether its cable was pulled."""
KEPT = 200
WIDTHS = {80: 576, 58: 384}
NEAR_END_MM = 3000
"""So much is left on a roll when the near-end sensor sees through it."""
CLEAR = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
CLEARED = b"\x37\x25\x00"


def amount(value: object) -> FaultValue:
    """A number from 0, which is off."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e9:
        raise RefusedError("该故障的值须为 0 或正数。", "This fault takes a number, 0 or more.")
    return float(value)


class PrinterStub(Device):
    """`paper_mm` is 80 or 58; `speed` is in mm/s, 0 for no waiting at all (tests).

    The faults that are numbers: `slow` bytes per second, `roll` millimetres of paper left (the printer then says
    low and out by itself), `partial` bytes that it takes before it holds the host back for good.
    """

    kind = "printer"
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys((*status.BLOCKING, "paper_low", "mute", "no_fence", "no_clear", "garbage"), switch),
        **dict.fromkeys(("wrong_baud", "power_off", "unplug"), switch),
        **dict.fromkeys(("roll", "partial"), amount),
        "slow": rate,
    }
    KEYS = ("tear",)

    def __init__(
        self,
        end: End,
        *,
        paper_mm: int = 80,
        cutter: bool = True,
        speed: float = 150.0,
        paper_dir: Path | None = None,
        seed: int = 0,
        log: ByteLog | None = None,
    ) -> None:
        super().__init__(end, seed=seed, log=log)
        self._speed = speed
        self._has_cutter = cutter
        self._interpreter = Interpreter(WIDTHS[paper_mm])
        self._piece = Piece(WIDTHS[paper_mm])
        self._archive = Archive(paper_dir) if paper_dir else None
        self._last_no = self._archive.last_no if self._archive else 0
        self._papers: deque[Paper] = deque(maxlen=KEPT)
        self._buffer = bytearray()
        self._busy = False
        self._dropping = False
        self._tail = b""
        self._auto_mask = 0
        self._auto_said = b""
        self._stopping = threading.Event()
        self._moved = threading.Condition(self._lock)
        self._motor = threading.Thread(target=self._work, daemon=True)

    # -- from outside

    def start(self) -> None:
        self._motor.start()
        super().start()

    def stop(self) -> None:
        self._stopping.set()
        with self._moved:
            self._moved.notify_all()
        super().stop()
        self._motor.join(5)
        if self._archive:
            self._archive.close()

    @property
    def papers(self) -> list[Paper]:
        """The last pieces, oldest first."""
        with self._lock:
            return list(self._papers)

    def paper(self, no: int) -> Paper:
        """Raises RefusedError when that piece is not kept (any more)."""
        for paper in self.papers:
            if paper.no == no:
                return paper
        raise RefusedError("没有这张小票（只保留最近 200 张）。", "No such paper (the last 200 are kept).")

    def wait_papers(self, count: int, timeout_s: float = 10.0) -> list[Paper]:
        """Wait until `count` pieces are kept, for tests. Raises TimeoutError."""
        with self._moved:
            if not self._moved.wait_for(lambda: len(self._papers) >= count, timeout_s):
                raise TimeoutError(f"{len(self._papers)} of {count} papers after {timeout_s} s")
            return list(self._papers)

    def state(self) -> dict[str, object]:
        with self._lock:
            lines = [line_text(p.mark) for p in self._piece.marks if isinstance(p.mark, Line)]
            return self._common() | {
                "online": not status.blocked(self.faults),
                "printing": self._busy,
                "buffered": len(self._buffer),
                "papers": self._last_no,
                "mouth": {"length": self._piece.length, "lines": [line for line in lines if line]},
            }

    # -- bytes in

    def _receive(self, data: bytes) -> None:
        """Obey real-time commands at once, keep the rest. Blocks while the buffer is full."""
        if self.fault("wrong_baud"):
            data = self._random.randbytes((len(data) + 1) // 2)
        while data and not self.fault("power_off"):
            sip, data = self._sip(data)
            sip = self._obey_real_time(sip)
            with self._moved:
                while len(self._buffer) >= BUFFER and self._listening():
                    self._moved.wait(LOOK_S)
                self._buffer += sip
                self._moved.notify_all()
            self._dawdle(len(sip))

    def _sip(self, data: bytes) -> tuple[bytes, bytes]:
        """As much as is taken at once, and the rest. With the `partial` fault, nothing after so many bytes."""
        while (left := self.fault("partial")) == PARTIAL_USED_UP and self._listening():
            self._stopping.wait(LOOK_S)
        size = max(min(SIP, int(left)), 1) if left else SIP
        if left:
            self.faults["partial"] = max(left - size, PARTIAL_USED_UP)
        return data[:size], data[size:]

    def _listening(self) -> bool:
        return self.end.plugged and not self._stopping.is_set()

    def _dawdle(self, count: int) -> None:
        """The `slow` fault: take as long over `count` bytes as its rate says."""
        began = time.monotonic()
        while (slow := self.fault("slow")) and self._listening():
            left = began + count / slow - time.monotonic()
            if left <= 0:
                return
            self._stopping.wait(min(left, LOOK_S))

    def _obey_real_time(self, data: bytes) -> bytes:
        """`DLE EOT n` and `DLE DC4 8` are executed as they arrive, even off-line or inside an image, as by real
        printers. Returns what is left of the data: a clearing leaves only what stands behind it."""
        left = 0
        for at, byte in enumerate(data, 1):
            self._tail = (self._tail + bytes((byte,)))[-len(CLEAR) :]
            if self._tail[-3:-1] == b"\x10\x04":
                self._answer(status.real_time(byte, self.faults))
            if self._tail == CLEAR and not self.fault("no_clear"):
                self._drop_all()
                left = at
        return data[left:]

    def _drop_all(self) -> None:
        """The motor ends what it is at, and only then says that the rest is gone."""
        with self._moved:
            self._buffer.clear()
            self._dropping = True
            self._moved.notify_all()

    def _answer(self, reply: bytes) -> None:
        if reply and not self.fault("mute"):
            self._send(reply)

    # -- faults

    def set_fault(self, name: str, value: object = True) -> None:
        if name == "paper_out" and not value and self.fault(name):
            self._new_roll()  # it lies in before the motor hears that there is paper
        super().set_fault(name, value)

    def _fault_set(self, name: str) -> None:
        if name == "garbage" and self.fault("garbage"):
            self._put(self._random.randbytes(64))
        if name == "power_off":
            self._switch(on=not self.fault("power_off"))
        self._tell_change()
        with self._moved:
            self._moved.notify_all()

    def _switch(self, *, on: bool) -> None:
        """Without power the buffer is lost, and a network printer is gone from the network; a serial one is mute."""
        if self.end.transport == "tcp":
            self.end.plug() if on else self.end.unplug()
        if not on:
            self._auto_mask = 0
            self._drop_all()

    def _put(self, data: bytes) -> None:
        """What the host hears: nothing without power, rubbish at another speed."""
        if self.fault("power_off"):
            return
        super()._put(self._random.randbytes((len(data) + 1) // 2) if self.fault("wrong_baud") else data)

    def press(self, key: str) -> None:
        """ "tear": a hand tears the paper off at the bar."""
        if key not in self.KEYS:
            super().press(key)
        with self._lock:
            if not self._piece.blank:
                self._end_piece("cut")
        self.on_change()

    def _tell_change(self) -> None:
        """Automatic status back: only when something changed, and only when asked for."""
        with self._lock:
            said, self._auto_said = self._auto_said, status.automatic(self.faults)
            if self._auto_mask and said != self._auto_said:
                self._answer(self._auto_said)

    def _new_roll(self) -> None:
        """Half a ticket on the old roll is torn off; what is still in the buffer comes out on the new one."""
        with self._lock:
            if self.fault("roll"):
                self.faults |= {"roll": False, "paper_low": False}
            if not self._piece.blank:
                self._end_piece("torn")

    # -- the motor's own thread

    def _work(self) -> None:
        while (sip := self._next_sip()) is not None:
            for event in self._interpreter.feed(sip):
                if not self._dropping:
                    self._do(event)
            if self._dropping:
                self._dropped()

    def _dropped(self) -> None:
        """Without power the settings are gone as well, and nobody is told."""
        if self.fault("power_off"):
            self._interpreter = Interpreter(self._piece.width)
        else:
            self._interpreter.drop()
        self._dropping = False
        self._answer(CLEARED)

    def _next_sip(self) -> bytes | None:
        with self._moved:
            if self._busy and not self._buffer:
                self._busy = False
                self.on_change()
            self._moved.wait_for(lambda: self._stopping.is_set() or self._buffer or self._dropping)
            if self._stopping.is_set():
                return None
            self._busy = True
            sip = bytes(self._buffer[:SIP])
            del self._buffer[:SIP]
            self._moved.notify_all()
            return sip

    def _do(self, event: Event) -> None:
        if not self._wait_ready():
            return
        match event:
            case Line() | Feed() | Picture() | QrCode():
                self._print(event)
            case Cut():
                self._cut(event)
            case Fence():
                self._complete(event)
            case TellStatus():
                self._answer(status.queued(event.which, self.faults))
            case AutoStatus():
                self._set_auto(event.mask)
            case _:
                self._note(event)

    def _wait_ready(self) -> bool:
        """False: it is to end, or to drop what it is at."""
        with self._moved:
            self._moved.wait_for(lambda: self._ending() or not status.blocked(self.faults))
            return not self._ending()

    def _ending(self) -> bool:
        return self._stopping.is_set() or self._dropping

    def _print(self, mark: Line | Feed | Picture | QrCode) -> None:
        height = render.height_of(mark)
        if not height:
            return  # a QR code with more data than any code holds
        if not self._unroll(height):
            return
        self._run_motor(height)
        with self._lock:
            self._piece = self._piece.add(mark, height)
            if self._piece.length > LONGEST:
                self._end_piece("torn")
        self.on_change()

    def _unroll(self, dots: int) -> bool:
        """Take paper off the roll; at its end, wait for a new one. False: the mark is not to be printed any more."""
        if not self.fault("roll"):
            return True
        left = self.fault("roll") - dots / DOTS_PER_MM
        if left <= 0:
            self.set_fault("paper_out")
            return self._wait_ready()
        self.faults["roll"] = left
        if left < NEAR_END_MM and not self.fault("paper_low"):
            self.set_fault("paper_low")
        return True

    def _run_motor(self, dots: int) -> None:
        if self._speed:
            self._stopping.wait(dots / DOTS_PER_MM / self._speed)

    def _cut(self, cut: Cut) -> None:
        if not self._has_cutter:
            return
        if cut.feed is not None:
            self._print(Feed(HEAD_TO_CUTTER + cut.feed))
        if self._speed:
            self._stopping.wait(CUT_S)
        if not self._wait_ready():  # the paper may have run out, or the knife jammed, meanwhile
            return
        with self._lock:
            if not self._piece.blank:
                self._end_piece("cut")
        self.on_change()

    def _end_piece(self, ended: Ending) -> None:
        fallen, self._piece = self._piece.cut() if ended == "cut" else self._piece.torn()
        self._last_no += 1
        paper = Paper(self._last_no, time.time(), fallen, ended)
        if self._archive:
            self._archive.keep(paper)
        self._papers.append(paper)
        self.counters["papers"] += 1
        self._moved.notify_all()

    def _complete(self, fence: Fence) -> None:
        self.counters["fences"] += 1
        if not self.fault("no_fence"):
            self._answer(b"\x37\x22" + fence.mark + b"\x00")

    def _set_auto(self, mask: int) -> None:
        with self._lock:
            self._auto_mask = mask
            self._auto_said = status.automatic(self.faults)
            if mask:
                self._answer(self._auto_said)

    def _note(self, event: Restart | Unknown) -> None:
        """What leaves no trace on paper."""
        if isinstance(event, Restart):
            with self._lock:
                self._piece = self._piece.restarted()
        else:
            self.counters["unknown_commands"] += 1
            self._log.note(self.end.address, f"? {event.raw.hex(' ')}")

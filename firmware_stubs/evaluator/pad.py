"""The pad: three buttons, a light, a beeper, six digits."""

import threading
from collections.abc import Mapping
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.evaluator import ff68
from firmware_stubs.faults import Reader, share, switch
from firmware_stubs.lines import End
from firmware_stubs.refusal import RefusedError

VALUES = {"satisfied": 1, "basically_satisfied": 2, "dissatisfied": 3}
RESEND_S = 0.5
RESENDS = 3
DIGITS = 6
PROMPT_S = 60.0
THANKS_S = 5.0
BLANK = 0x0A
DARK, PROMPTING, THANKING = "", "prompting", "thanking"


class EvaluatorStub(Device):
    """Sends a press until the host acknowledges it, four times at most; locks its buttons till then.

    An acknowledgement says only that the press was heard; the pad thanks when the host beeps or shows stars.
    """

    kind = "evaluator"
    KEYS = tuple(VALUES)
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys(("unplug", "noise", "duplicate", "mute"), switch),
        "loss": share,
    }

    def __init__(
        self,
        end: End,
        *,
        address: int = 1,
        resend_s: float = RESEND_S,
        prompt_s: float = PROMPT_S,
        thanks_s: float = THANKS_S,
        seed: int = 0,
        log: ByteLog | None = None,
    ) -> None:
        super().__init__(end, seed=seed, log=log)
        self._address = address
        self._resend_s = resend_s
        self._decoder = ff68.Decoder()
        self._lit_for = {PROMPTING: prompt_s, THANKING: thanks_s}
        self._lamp = DARK
        self._lamp_timer: threading.Timer | None = None
        self._digits = ""
        self._stars = 0
        self._pending: str | None = None
        self._sent = 0
        self._timer: threading.Timer | None = None
        self._last_acked: str | None = None

    def stop(self) -> None:
        with self._lock:
            self._settle()
            self._light(DARK)
        super().stop()

    def press(self, key: str) -> None:
        if key not in VALUES:
            keys = ", ".join(VALUES)
            raise RefusedError(f"没有这个按键；可用：{keys}。", f"No such key; there are: {keys}.")
        with self._lock:
            if self._pending:
                raise RefusedError(
                    "上一次按键尚未得到主机应答，按键已锁定。", "The last press still waits for the host."
                )
            self.counters["presses"] += 1
            self._pending, self._sent = key, 0
            if self._lamp == THANKING:
                self._light(DARK)
            self._transmit()
        self.on_change()

    def state(self) -> dict[str, object]:
        with self._lock:
            return self._common() | {
                "address": self._address,
                "prompting": self._lamp == PROMPTING,
                "thanking": self._lamp == THANKING,
                "beeps": self.counters["beeps"],
                "digits": self._digits,
                "stars": self._stars,
                "pending": self._pending,
                "last_acked": self._last_acked,
            }

    def _transmit(self) -> None:
        """Send the pending press and set the alarm clock for the next time."""
        if self._pending is None:
            return
        self._sent += 1
        self._send(ff68.Frame(self._address, ff68.RATING, bytes((VALUES[self._pending],))).encode())
        self._timer = threading.Timer(self._resend_s, self._not_acked)
        self._timer.daemon = True
        self._timer.start()

    def _not_acked(self) -> None:
        with self._lock:
            if self._timer is not threading.current_thread():
                return  # acknowledged, or pressed anew, in the same instant
            if self._sent <= RESENDS:
                self._transmit()
                return
            self.counters["unacked"] += 1
            self._settle()
        self.on_change()

    def _settle(self) -> None:
        self._pending = None
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _receive(self, data: bytes) -> None:
        if self.fault("mute"):
            return
        for frame in self._decoder.feed(data):
            self._hear(frame)
        self.counters["bad_bytes"] = self._decoder.bad

    def _hear(self, frame: ff68.Frame) -> None:
        """Other windows' frames pass by on the same bus."""
        with self._lock:
            if frame.address != self._address or self._lost():
                return
            self.counters["frames_in"] += 1
            self._obey(frame)
        self.on_change()

    def _obey(self, frame: ff68.Frame) -> None:
        match frame.command, tuple(frame.data):
            case ff68.ACK_OR_PROMPT, (ff68.PROMPT,):
                self._light(PROMPTING)
            case ff68.ACK_OR_PROMPT, (value,):
                self._acked(value)
            case ff68.BEEP, _:
                self.counters["beeps"] += 1
                self._light(THANKING)
            case ff68.SHOW, (stars,):
                self._stars = stars
                self._light(THANKING)
            case ff68.SHOW, data if len(data) == DIGITS:
                self._digits = "".join(" " if n == BLANK else str(n % 10) for n in data)
                self._light(DARK)
            case _:
                self.counters["unknown_commands"] += 1

    def _acked(self, value: int) -> None:
        if self._pending and VALUES[self._pending] == value:
            self._last_acked = self._pending
            self.counters["acked"] += 1
            self._settle()
            self._light(DARK)

    def _light(self, lamp: str) -> None:
        """Show that, and only that; it goes out by itself, for the protocol has no word to end it."""
        self._lamp = lamp
        if self._lamp_timer:
            self._lamp_timer.cancel()
            self._lamp_timer = None
        if lamp != DARK:
            self._lamp_timer = threading.Timer(self._lit_for[lamp], self._goes_out)
            self._lamp_timer.daemon = True
            self._lamp_timer.start()

    def _goes_out(self) -> None:
        with self._lock:
            if self._lamp_timer is not threading.current_thread():
                return  # something else was shown in the same instant
            self._light(DARK)
        self.on_change()

    def _fault_set(self, name: str) -> None:
        """A pad lives from its cable: pulled out, it forgets whom it asked."""
        if name == "unplug" and self.fault("unplug"):
            with self._lock:
                self._light(DARK)

"""The pad: buttons, a light, a beeper, digits; its make is a dialect."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.evaluator.dialect import Dialect, Heard
from firmware_stubs.evaluator.ff68 import Ff68
from firmware_stubs.evaluator.jt905 import Jt905
from firmware_stubs.evaluator.panel import Panel
from firmware_stubs.evaluator.plain import Ascii, RawHid
from firmware_stubs.faults import Reader, share, switch
from firmware_stubs.lines import End
from firmware_stubs.refusal import RefusedError

DIALECTS: Mapping[str, Callable[[int], Dialect]] = {
    "ff68": Ff68,
    "jt905": Jt905,
    "5aa5": Panel,
    "5aa5_crc": partial(Panel, checked=True),
    "ascii": Ascii,
    "hid_raw": RawHid,
}
"""By the names of the protocol page."""
RESEND_S = 0.5
RESENDS = 3
REPORT_GAP_S = 0.02
STUCK_S = 0.1
PROMPT_S = 60.0
THANKS_S = 5.0
DARK, PROMPTING, THANKING = "", "prompting", "thanking"


class EvaluatorStub(Device):
    """Sends a press until the host acknowledges it, four times at most; locks its buttons till then. Makes whose
    host never answers send once.

    An acknowledgement says only that the press was heard; the pad thanks when the host beeps or shows stars.
    """

    kind = "evaluator"
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys(("unplug", "noise", "duplicate", "mute", "stuck"), switch),
        "loss": share,
    }

    def __init__(
        self,
        end: End,
        *,
        profile: str = "ff68",
        address: int = 1,
        resend_s: float = RESEND_S,
        prompt_s: float = PROMPT_S,
        thanks_s: float = THANKS_S,
        seed: int = 0,
        log: ByteLog | None = None,
    ) -> None:
        super().__init__(end, seed=seed, log=log)
        self._profile = profile
        self._address = address
        self._resend_s = resend_s
        self._dialect = DIALECTS[profile](address)
        self._lit_for = {PROMPTING: prompt_s, THANKING: thanks_s}
        self._lamp = DARK
        self._lamp_timer: threading.Timer | None = None
        self._digits = ""
        self._stars = 0
        self._pending: str | None = None
        self._held: str | None = None
        self._sent = 0
        self._timer: threading.Timer | None = None
        self._last_acked: str | None = None

    def stop(self) -> None:
        with self._lock:
            self._settle()
            self._light(DARK)
        super().stop()

    def press(self, key: str) -> None:
        if key not in self._dialect.keys:
            keys = ", ".join(self._dialect.keys)
            raise RefusedError(f"没有这个按键；可用：{keys}。", f"No such key; there are: {keys}.")
        with self._lock:
            if self._pending:
                raise RefusedError(
                    "上一次按键尚未得到主机应答，按键已锁定。", "The last press still waits for the host."
                )
            self.counters["presses"] += 1
            if self._lamp == THANKING:
                self._light(DARK)
            if self._dialect.acknowledged:
                self._pending, self._sent = key, 0
                self._transmit()
            else:
                self._say(key)
            if self.fault("stuck"):
                self._held = key
                self._later(STUCK_S, self._still_down)
        self.on_change()

    def state(self) -> dict[str, object]:
        with self._lock:
            return self._common() | {
                "profile": self._profile,
                "keys": list(self._dialect.keys),
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
        self._say(self._pending)
        self._timer = self._later(self._resend_s, self._not_acked)

    def _say(self, key: str) -> None:
        """A press has one frame, or a report for down and another for up."""
        for place, frame in enumerate(self._dialect.press(key)):
            if place:
                self._later(place * REPORT_GAP_S, partial(self._send, frame))
            else:
                self._send(frame)

    def _still_down(self) -> None:
        """A key that sticks says itself again and again, until the fault is taken away."""
        with self._lock:
            if self._held is None or not self.fault("stuck") or not self.end.plugged:
                self._held = None
                return
            self._say(self._held)
            self._later(STUCK_S, self._still_down)

    @staticmethod
    def _later(seconds: float, act: Callable[[], None]) -> threading.Timer:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()
        return timer

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
        for heard in self._dialect.hear(data):
            self._hear(heard)
        self.counters["bad_bytes"] = self._dialect.bad

    def _hear(self, heard: Heard) -> None:
        with self._lock:
            if self._lost():
                return
            self.counters["frames_in"] += 1
            self._obey(heard)
            if heard.reply:
                self._send(heard.reply)
        self.on_change()

    def _obey(self, heard: Heard) -> None:
        match heard.meaning:
            case "prompt":
                self._acked(heard.data)
                self._light(PROMPTING)
            case "answer":
                self._acked(heard.data)
            case "beep":
                self.counters["beeps"] += 1
                self._light(THANKING)
            case "stars" | "thanks":
                self._stars = heard.value or self._stars
                self._light(THANKING)
            case "voice":
                self.counters["spoken"] += 1
            case "digits":
                self._digits = heard.text
                self._light(DARK)
            case "unknown":
                self.counters["unknown_commands"] += 1

    def _acked(self, data: bytes) -> None:
        if self._pending and self._dialect.keys[self._pending] == data:
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

"""Simple bars that take text between delimiters.

`text_sum8`: 02 | address in two digits | text | sum8 | 03, the sum over address and text. In place of text, 1B 42 n
sets brightness n of 16, and 05 asks whether the bar is there. Answered by 06, or 15 for what the bar cannot do; a
wrong sum is not for it, and not answered.
`text_at_cr`: 40 | address | text | 0D. Never answered.
"""

from collections.abc import Iterator

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.ledbar.bar import LedBarStub
from firmware_stubs.lines import End

LONGEST = 128
ACK, NAK = b"\x06", b"\x15"
BRIGHTNESS, PROBE = b"\x1bB", b"\x05"


class TextBarStub(LedBarStub):
    """A bar with no controller to speak of. Sixteen levels of brightness."""

    def __init__(
        self,
        end: End,
        *,
        address: int = 1,
        alone: bool = True,
        summed: bool = True,
        seed: int = 0,
        log: ByteLog | None = None,
    ) -> None:
        super().__init__(end, address=address, alone=alone, seed=seed, log=log)
        self.level = 16
        self._summed = summed
        self._held = b""

    def state(self) -> dict[str, object]:
        return super().state() | {"level": self.level}

    def _receive(self, data: bytes) -> None:
        for byte in data:
            self._held = (self._held + bytes((byte,)))[-LONGEST:]
            for frame in self._summed_frame() if self._summed else self._plain_frame():
                self._held = b""
                self._told(frame)
                self.on_change()

    def _summed_frame(self) -> Iterator[bytes]:
        """What stands between 02 and the sum before a last 03, from the first 02 with which the sum is right."""
        held = self._held
        for start in range(len(held) - 4) if held[-1:] == b"\x03" else ():
            inner = held[start + 1 : -2]
            if held[start] == 0x02 and sum(inner) & 0xFF == held[-2]:
                yield inner
                return

    def _plain_frame(self) -> Iterator[bytes]:
        start = self._held.find(b"\x40", 0, -2)
        if self._held[-1:] == b"\r" and start >= 0:
            yield self._held[start + 1 : -1]

    def _told(self, frame: bytes) -> None:
        address, body = (frame[:2], frame[2:]) if self._summed else (frame[:1], frame[1:])
        ours = b"%02d" % self._address if self._summed else bytes((self._address & 0xFF,))
        if address != ours or self._lost():
            return
        self.counters["frames_ok"] += 1
        accepted = not self.fault("refuse") and self._do(body)
        if self._summed:
            self._answer(ACK if accepted else NAK)

    def _do(self, body: bytes) -> bool:
        if self._summed and body[:2] == BRIGHTNESS:
            return self._dim(body[2:])
        if not (self._summed and body == PROBE):
            with self._lock:
                self._areas = {0: body.decode("gbk", "replace")}
        return True

    def _dim(self, level: bytes) -> bool:
        if len(level) != 1 or not 1 <= level[0] <= 16:
            return False
        self.level = level[0]
        return True

"""The `ff68` framing as a pad speaks it: FF 68 | L | L | 68 | address | command | data | sum8 | 16.

L counts address, command and data; sum8 is over the same bytes. From the protocol page and its golden bytes.
"""

from dataclasses import dataclass

HEAD = b"\xff\x68"
SECOND = 0x68
TAIL = 0x16
SHORTEST = 2
LONGEST = 64

ACK_OR_PROMPT = 0x01
SHOW = 0x02
BEEP = 0x03
RATING = 0x11
PROMPT = 0x0B


@dataclass(frozen=True)
class Frame:
    address: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        body = bytes((self.address, self.command)) + self.data
        return HEAD + bytes((len(body), len(body), SECOND)) + body + bytes((sum(body) & 0xFF, TAIL))


class Decoder:
    """Bytes to frames; what is no frame is skipped and counted in `bad`. Holds at most one frame."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.bad = 0

    def feed(self, data: bytes) -> list[Frame]:
        frames = []
        for byte in data:
            self._held.append(byte)
            while (frame := self._next()) is not None:
                frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        """The frame at the front, if it is whole; drops bytes until the front may be one."""
        while self._held and not self._plausible():
            self.bad += 1
            del self._held[0]
        if len(self._held) < 3 or len(self._held) < self._held[2] + 7:
            return None
        body = bytes(self._held[5 : 5 + self._held[2]])
        del self._held[: len(body) + 7]
        return Frame(body[0], body[1], body[2:])

    def _plausible(self) -> bool:
        """Whether the held bytes can still become a frame."""
        held = self._held
        length = held[2] if len(held) > 2 else SHORTEST
        expected = (*HEAD, length, length, SECOND)
        if not SHORTEST <= length <= LONGEST or any(got != want for got, want in zip(held, expected, strict=False)):
            return False
        if len(held) < length + 7:
            return True
        return held[length + 5] == sum(held[5 : length + 5]) & 0xFF and held[length + 6] == TAIL

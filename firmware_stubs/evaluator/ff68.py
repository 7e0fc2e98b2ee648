"""The `ff68` framing as a pad speaks it: FF 68 | L | L | 68 | address | command | data | sum8 | 16.

L counts address, command and data; sum8 is over the same bytes. From the protocol page and its golden bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from firmware_stubs.evaluator.dialect import RATINGS, Heard

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


CALL_KEYS = {
    "call": b"\x0c", "recall": b"\x0d", "ask": b"\x0b", "pause": b"\x12", "transfer": b"\x13",
    "skip": b"\x06\x0f", "hold": b"\x00\x0f", "call_back": b"\x03\x0f",
}  # fmt: skip
DIGITS = 6
BLANK = 0x0A


class Ff68:
    """The pad's side: presses out, and what the host's frames mean to it."""

    acknowledged = True
    keys: ClassVar[Mapping[str, bytes]] = {**{name: bytes((n,)) for name, n in RATINGS.items()}, **CALL_KEYS}

    def __init__(self, address: int) -> None:
        self._address = address
        self._decoder = Decoder()

    @property
    def bad(self) -> int:
        return self._decoder.bad

    def press(self, key: str) -> list[bytes]:
        command = RATING if key in RATINGS else ACK_OR_PROMPT
        return [Frame(self._address, command, self.keys[key]).encode()]

    def hear(self, data: bytes) -> list[Heard]:
        """Other windows' frames pass by on the same bus."""
        return [self._meaning(frame) for frame in self._decoder.feed(data) if frame.address == self._address]

    def _meaning(self, frame: Frame) -> Heard:
        match frame.command, tuple(frame.data):
            case command, _ if command == ACK_OR_PROMPT:
                asked = frame.data == bytes((PROMPT,))  # and the answer to the key that asks for a rating
                return Heard("prompt" if asked else "answer", data=frame.data)
            case command, _ if command == BEEP:
                return Heard("beep")
            case command, (stars,) if command == SHOW:
                return Heard("stars", value=stars)
            case command, data if command == SHOW and len(data) == DIGITS:
                return Heard("digits", text="".join(" " if n == BLANK else str(n % 10) for n in data))
        return Heard("unknown")

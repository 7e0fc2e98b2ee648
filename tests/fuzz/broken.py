"""A reader with a mistake behind three bytes in a row, one byte beside a good frame."""

from tests.fuzz.codecs import Codec


class BrokenReader:
    def __init__(self) -> None:
        self._at = 0

    def feed(self, data: bytes) -> list[bytes]:
        return [b"!" for byte in data if self._byte(byte)]

    def _byte(self, byte: int) -> bool:
        before, self._at = self._at, 0
        if byte == 0xA5:
            self._at = 1
        elif before == 1 and byte == 0x3C:
            self._at = 2
        elif before == 2 and byte == 0x7E:
            raise IndexError("the mistake")
        return before == 2 and byte == 0x21


BROKEN = Codec("broken", BrokenReader, b"\xa5\x3c!", b"!", 3, 0)

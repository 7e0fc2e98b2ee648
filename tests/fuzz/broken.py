"""A reader with a mistake behind four bytes in a row, which blind luck does not find."""

from tests.fuzz.codecs import Codec


class BrokenReader:
    def __init__(self) -> None:
        self._at = 0

    def feed(self, data: bytes) -> list[bytes]:
        return [b"!" for byte in data if self._byte(byte)]

    def _byte(self, byte: int) -> bool:
        if self._at == 0 and byte == 0xA5:
            self._at = 1
        elif self._at == 1 and byte == 0x3C:
            self._at = 2
        elif self._at == 2 and byte == 0x7E:
            self._at = 3
        elif self._at == 3 and byte == 0xC3:
            raise IndexError("the mistake")
        else:
            self._at = 0
        return byte == 0x21


BROKEN = Codec("broken", BrokenReader, b"!", b"!", 4, 0)

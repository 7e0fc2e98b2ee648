"""A serial touch panel: 5A A5 | length8 | command | address16 | data | [CRC16, low byte first].

82 writes variables and is answered 82 4F 4B, 83 reads them and is answered with the count and the words; a touch
comes as the answer to a read that nobody asked. Which variables there are is assumed: keys 1000, number 1100,
waiting 1101, page 0014 (read) and 0084 (set).
"""

from collections.abc import Mapping
from typing import ClassVar

from firmware_stubs.evaluator.dialect import RATINGS, Heard, Meaning
from firmware_stubs.evaluator.framed import Finder

HEAD = b"\x5a\xa5"
WRITE, READ = 0x82, 0x83
KEYS, NUMBER, WAITING, PAGE, SET_PAGE = 0x1000, 0x1100, 0x1101, 0x0014, 0x0084
PAGES: dict[int, Meaning] = {1: "prompt", 2: "thanks"}
LONGEST = 64


def crc16(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


class Panel:
    """Without a checksum unless `checked`. One panel on its own line: there is no address."""

    acknowledged = False
    keys: ClassVar[Mapping[str, bytes]] = {name: bytes((0, n)) for name, n in RATINGS.items()}

    def __init__(self, address: int, *, checked: bool = False) -> None:
        self._checked = checked
        self._finder = Finder(HEAD, self._size, self._good)
        self._page = 0
        self._shown = {NUMBER: 0, WAITING: 0}

    @property
    def bad(self) -> int:
        return self._finder.bad

    def frame(self, body: bytes) -> bytes:
        end = crc16(body) if self._checked else b""
        return HEAD + bytes((len(body + end),)) + body + end

    def press(self, key: str) -> list[bytes]:
        return [self._words(KEYS, self.keys[key])]

    def hear(self, data: bytes) -> list[Heard]:
        return [self._meaning(whole[3 : -2 if self._checked else None]) for whole in self._finder.feed(data)]

    def _words(self, variable: int, words: bytes) -> bytes:
        head = bytes((READ,)) + variable.to_bytes(2, "big") + bytes((len(words) // 2,))
        return self.frame(head + words)

    def _size(self, held: bytes) -> int:
        if len(held) < 3:
            return 0
        return held[2] + 3 if 3 + 2 * self._checked <= held[2] <= LONGEST else -1

    def _good(self, whole: bytes) -> bool:
        return not self._checked or crc16(whole[3:-2]) == whole[-2:]

    def _meaning(self, body: bytes) -> Heard:
        variable, words = int.from_bytes(body[1:3], "big"), body[3:]
        if body[0] == READ and variable == PAGE:
            return Heard("question", reply=self._words(PAGE, self._page.to_bytes(2, "big")))
        if body[0] != WRITE:
            return Heard("unknown")
        return self._written(variable, words, self.frame(bytes((WRITE,)) + b"OK"))

    def _written(self, variable: int, words: bytes, reply: bytes) -> Heard:
        value = int.from_bytes(words[-2:], "big")
        if variable == SET_PAGE:
            self._page = value
            return Heard(PAGES.get(value, "unknown"), reply=reply)
        if variable in self._shown:
            self._shown[variable] = value
            text = f"{self._shown[WAITING]:03}{self._shown[NUMBER]:03}"
            return Heard("digits", text=text, reply=reply)
        return Heard("unknown", reply=reply)

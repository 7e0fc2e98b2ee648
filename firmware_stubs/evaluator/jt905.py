"""The taxi-style pad: 55 AA | length16 | type | vendor | command16 | data | xor8 | 55 AA.

The length counts type to data and the xor runs from the length to the data. Type and commands are assumed.
"""

from collections.abc import Mapping
from functools import reduce
from operator import xor
from typing import ClassVar

from firmware_stubs.evaluator.dialect import RATINGS, Heard, Meaning
from firmware_stubs.evaluator.framed import Finder

MARK = b"\x55\xaa"
TYPE, VENDOR = 0x05, 0x21
AROUND = 7
LONGEST = 64
RATING = 0x0011
MEANINGS: Mapping[int, Meaning] = {
    0x0010: "prompt", RATING: "answer", 0x0012: "voice", 0x0013: "thanks", 0x0014: "stars",
}  # fmt: skip


def frame(command: int, data: bytes = b"") -> bytes:
    counted = bytes((TYPE, VENDOR)) + command.to_bytes(2, "big") + data
    body = len(counted).to_bytes(2, "big") + counted
    return MARK + body + bytes((reduce(xor, body),)) + MARK


class Jt905:
    """One pad on its own line: there is no address."""

    acknowledged = True
    keys: ClassVar[Mapping[str, bytes]] = dict.fromkeys(RATINGS, b"\x00")

    def __init__(self, address: int) -> None:
        self._finder = Finder(MARK, size, good)

    @property
    def bad(self) -> int:
        return self._finder.bad

    def press(self, key: str) -> list[bytes]:
        return [frame(RATING, bytes((RATINGS[key],)))]

    def hear(self, data: bytes) -> list[Heard]:
        return [meaning(int.from_bytes(one[6:8], "big"), one[8:-3]) for one in self._finder.feed(data)]


def size(held: bytes) -> int:
    if len(held) < 4:
        return 0
    counted = int.from_bytes(held[2:4], "big")
    return counted + AROUND if 4 <= counted <= LONGEST else -1


def good(whole: bytes) -> bool:
    return whole[-2:] == MARK and reduce(xor, whole[2:-3]) == whole[-3]


def meaning(command: int, data: bytes) -> Heard:
    return Heard(MEANINGS.get(command, "unknown"), data=data, value=data[0] if data else 0)

"""Pads that only speak: digits with a line end, and raw HID reports (byte 0 the key, 0 when it is let go)."""

from collections.abc import Mapping
from typing import ClassVar

from firmware_stubs.evaluator.dialect import RATINGS, Heard

REPORT = 8


class Deaf:
    acknowledged = False
    keys: ClassVar[Mapping[str, bytes]] = dict.fromkeys(RATINGS, b"")
    bad = 0

    def __init__(self, address: int) -> None:
        """There is no address."""

    def hear(self, data: bytes) -> list[Heard]:
        return []


class Ascii(Deaf):
    def press(self, key: str) -> list[bytes]:
        return [f"{RATINGS[key]}\r\n".encode()]


class RawHid(Deaf):
    def press(self, key: str) -> list[bytes]:
        return [bytes((value,)).ljust(REPORT, b"\0") for value in (RATINGS[key], 0)]

"""The checksums that cheap serial devices use, by the names that profiles give them."""

from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import xor


def sum8(data: bytes) -> int:
    return sum(data) & 0xFF


def xor8(data: bytes) -> int:
    return reduce(xor, data, 0)


def crc16(data: bytes, start: int) -> int:
    """CRC-16 with the polynomial 8005, bits reversed: MODBUS starts with FFFF, ARC with 0."""
    crc = start
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


CHECKSUMS: Mapping[str, tuple[int, Callable[[bytes], int]]] = {
    "sum8": (1, sum8),
    "xor8": (1, xor8),
    "crc16-modbus": (2, partial(crc16, start=0xFFFF)),
    "crc16-arc": (2, partial(crc16, start=0)),
}
"""Width in bytes, and the sum of the bytes covered."""

"""The checksums that cheap serial devices use, and the names that profiles give them."""

from collections.abc import Callable, Mapping
from functools import reduce
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


def crc16_modbus(data: bytes) -> int:
    return crc16(data, 0xFFFF)


def crc16_arc(data: bytes) -> int:
    return crc16(data, 0)


CHECKSUMS: Mapping[str, tuple[int, Callable[[bytes], int]]] = {
    "sum8": (1, sum8),
    "xor8": (1, xor8),
    "crc16-modbus": (2, crc16_modbus),
    "crc16-arc": (2, crc16_arc),
}
"""Width in bytes, and the sum of the bytes covered."""

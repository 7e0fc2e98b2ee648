"""The BX-5 wire as a controller sees it.

A5 eight times | escaped( destination16 source16 00×6 FE 02 length16 data crc16 ) | 5A. Numbers go low byte
first; CRC-16/ARC over header and data before escaping. Replies have the same form with destination and source
exchanged; their data is group, command, error, two reserved bytes, and what was asked for. A plain
acknowledgement is `A0 00 00 00 00`, a refusal `A0 01 error 00 00`.
"""

from dataclasses import dataclass

START, END = 0xA5, 0x5A
ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
UNESCAPES = {sequence: byte for byte, sequence in ESCAPES.items()}
HEADER = 14
LONGEST = 4096

NO_SUCH_COMMAND = 2
BAD_CHECKSUM = 5


class BadFrameError(Exception):
    """Bytes between A5 and 5A that are no frame."""


@dataclass(frozen=True)
class Frame:
    destination: int
    source: int
    data: bytes

    def encode(self) -> bytes:
        body = self.destination.to_bytes(2, "little") + self.source.to_bytes(2, "little") + bytes(6) + b"\xfe\x02"
        body += len(self.data).to_bytes(2, "little") + self.data
        body += crc16_arc(body).to_bytes(2, "little")
        return bytes((START,)) * 8 + b"".join(ESCAPES.get(b, bytes((b,))) for b in body) + bytes((END,))

    def reply(self, data: bytes) -> "Frame":
        return Frame(self.source, self.destination, data)


def crc16_arc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def parse(escaped: bytes) -> Frame:
    """What stood between the last A5 and 5A. Raises BadFrameError."""
    body = unescape(escaped)
    if len(body) < HEADER + 2:
        raise BadFrameError("too short")
    if crc16_arc(body[:-2]) != int.from_bytes(body[-2:], "little"):
        raise BadFrameError("checksum")
    data = body[HEADER:-2]
    if int.from_bytes(body[HEADER - 2 : HEADER], "little") != len(data):
        raise BadFrameError("length")
    return Frame(int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little"), data)


def unescape(escaped: bytes) -> bytes:
    plain = bytearray()
    rest = iter(escaped)
    for byte in rest:
        if byte in (0xA6, 0x5B):
            sequence = bytes((byte, next(rest, 0)))
            if sequence not in UNESCAPES:
                raise BadFrameError("escape")
            byte = UNESCAPES[sequence]
        plain.append(byte)
    return bytes(plain)


class Decoder:
    """Bytes to frames, or to the error that a frame had. Bounded; noise between frames is skipped."""

    def __init__(self) -> None:
        self._held: bytearray | None = None

    def feed(self, data: bytes) -> list[Frame | BadFrameError]:
        found = (self._next(byte) for byte in data)
        return [each for each in found if each is not None]

    def _next(self, byte: int) -> Frame | BadFrameError | None:
        if byte == START:
            self._held = bytearray()
        elif self._held is not None:
            return self._inside(self._held, byte)
        return None

    def _inside(self, held: bytearray, byte: int) -> Frame | BadFrameError | None:
        if byte != END:
            held.append(byte)
            if len(held) > LONGEST:
                self._held = None
                return BadFrameError("too long")
            return None
        self._held = None
        try:
            return parse(bytes(held))
        except BadFrameError as error:
            return error


@dataclass(frozen=True)
class Area:
    """One dynamic area of an `A3 06`: its number and its text as bytes, with the controller's own escapes."""

    number: int
    text: bytes


@dataclass(frozen=True)
class Update:
    """`A3 06`: areas to remove (None for all), then areas to show."""

    remove: tuple[int, ...] | None
    areas: tuple[Area, ...]


AREA_HEAD = 27
"""Bytes before an area's text: type, x, y, width, height, number, line spacing, run mode, time-out, three
reserved, single line, new line, display mode, exit mode, speed, stay, and the text's length in four bytes."""
AREA_NUMBER = 9


def parse_update(data: bytes) -> Update:
    """The data of an `A3 06` after its five bytes of command. Raises BadFrameError if it does not add up."""
    if not data:
        raise BadFrameError("empty")
    removed = 0 if data[0] == 0xFF else data[0]
    at = 1 + removed
    if len(data) <= at:
        raise BadFrameError("area count")
    areas = []
    rest = data[at + 1 :]
    for _ in range(data[at]):
        size = int.from_bytes(rest[:2], "little")
        areas.append(parse_area(rest[2 : 2 + size]))
        rest = rest[2 + size :]
    return Update(None if data[0] == 0xFF else tuple(data[1:at]), tuple(areas))


def parse_area(area: bytes) -> Area:
    length = int.from_bytes(area[AREA_HEAD - 4 : AREA_HEAD], "little")
    if len(area) < AREA_HEAD or len(area) != AREA_HEAD + length:
        raise BadFrameError("area length")
    return Area(area[AREA_NUMBER], area[AREA_HEAD:])

"""ONBON BX-5 (font card, 字库卡) frames, written and read without I/O.

    A5 x8 | esc( destination16 source16 00x6 FE 02 length16 data crc16 ) | 5A        all little-endian

The CRC is CRC-16/ARC over header and data before escaping, and is escaped itself. From the maker's public
protocol for BX-5K; the layout of the dynamic area is that of its published example. The maker's library can set the
brightness, but no public text was found that gives the bytes of it, so there is no such command here.
"""

from dataclasses import dataclass

from devices.checksums import crc16_arc

HEAD, TAIL = 0xA5, 0x5A
HOST = 0x8000
ANY_SCREEN = 0xFFFE  # what a card whose number was never set calls itself, as in the maker's published answer
DEVICE_TYPE, PROTOCOL_VERSION = 0xFE, 0x02
MAX_DATA = 2048
_HEADER, _CRC = 14, 2
_MAX_BODY = 2 * (_HEADER + MAX_DATA + _CRC)  # every byte escaped
_ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_UNESCAPES = {escape: bytes([byte]) for byte, escape in _ESCAPES.items()}

ANSWER_WANTED = 0x01
PING = b"\xa2\x00\x01\x00\x00"
CLEAR = b"\xa3\x10\x01\x00\x00"
_ACK_GROUP, _ACK = 0xA0, 0x00

MAX_TEXT = 512
FONT_HEIGHT = 16  # dots of the card's standard font; an ASCII character is 8 wide, a Chinese one 16


@dataclass(frozen=True)
class Area:
    """The bar in dots; `width` and `left` in steps of 8, as the card counts them in bytes."""

    width: int = 192
    height: int = 32
    left: int = 0
    top: int = 0

    def __post_init__(self) -> None:
        if self.width < 8 or self.width % 8 or self.left % 8 or self.height < 1 or self.left < 0 or self.top < 0:
            raise ValueError(
                f"LED 屏区域 {self} 无效，宽度与左边距应为 8 的倍数。"
                f" LED area {self} is not valid: width and left go in steps of 8 dots."
            )

    def holds(self, encoded: bytes) -> bool:
        """Does the text stand in the area without moving?"""
        columns, rows = self.width // 8, max(self.height // FONT_HEIGHT, 1)
        return len(encoded) <= columns * rows


@dataclass(frozen=True)
class Answer:
    """What a card sent back. `error` is its own code, 0 when all is well."""

    destination: int
    source: int
    group: int
    command: int
    error: int
    data: bytes = b""

    def answers(self, request: bytes, screen: int) -> bool:
        """From `screen` to us, for `request`: acknowledgements come in a group of their own, data under the request's
        numbers. Neighbours on the line and our own echo are none."""
        ours = self.destination == HOST and self.source in (screen, ANY_SCREEN)
        return ours and (self.group == _ACK_GROUP or bytes([self.group, self.command]) == request[:2])

    @property
    def accepted(self) -> bool:
        return self.error == 0 and (self.group != _ACK_GROUP or self.command == _ACK)


def encode(data: bytes, destination: int = 1, source: int = HOST) -> bytes:
    header = _u16(destination) + _u16(source) + bytes(6) + bytes([DEVICE_TYPE, PROTOCOL_VERSION])
    body = header + _u16(len(data)) + data
    body += _u16(crc16_arc(body))
    return bytes([HEAD] * 8) + b"".join(_ESCAPES.get(byte) or bytes([byte]) for byte in body) + bytes([TAIL])


def encode_text(text: str) -> bytes:
    """GB2312, which is what the card's font has; "?" for the rest. Backslashes would be read as commands.

    Cards refuse an area with no text in it: b"" is for `CLEAR`.
    """
    plain = "".join(char for char in text if char.isprintable()).replace("\\", "＼")
    encoded = b""
    for char in plain:
        piece = char.encode("gb2312", errors="replace")
        if len(encoded) + len(piece) > MAX_TEXT:
            break
        encoded += piece
    return encoded


def dynamic_area(encoded: bytes, area: Area, moving: bool) -> bytes:
    """Command A3 06: show `encoded` in dynamic area 0, kept in the card's RAM (flash would wear out)."""
    place = _u16(area.left // 8) + _u16(area.top) + _u16(area.width // 8) + _u16(area.height)
    # area 0, line space 0, shown over and over, time limit 2 s (has no effect then), reserved 3;
    # many lines, breaking by itself, display mode, plain end, speed 4, stay 5 x 0.1 s
    manner = bytes([0, 0, 0]) + _u16(2) + bytes(3) + bytes([2, 2, 3 if moving else 1, 0, 4, 5])
    region = b"\x00" + place + manner + len(encoded).to_bytes(4, "little") + encoded
    payload = bytes([0, 1]) + _u16(len(region)) + region  # delete no area, one area follows
    return bytes([0xA3, 0x06, ANSWER_WANTED]) + _u16(len(payload)) + payload


class AnswerReader:
    """Feed it whatever arrived. A5 and 5A stand in a frame only as its ends, so noise costs one frame.

    `resyncs` counts how often bytes were thrown away, `frames` the good frames, whosoever's they are.
    """

    def __init__(self) -> None:
        self.frames = self.resyncs = 0
        self._body: bytearray | None = None
        self._lost = False

    def feed(self, data: bytes) -> list[Answer]:
        return [answer for byte in data if (answer := self._byte(byte)) is not None]

    def forget(self) -> None:
        """Half an answer will not be completed."""
        self._body = None

    def _byte(self, byte: int) -> Answer | None:
        if byte == HEAD:
            self._begin()
        elif self._body is None:
            self._lose()
        elif byte == TAIL:
            return self._end(bytes(self._body))
        else:
            self._body.append(byte)
            if len(self._body) > _MAX_BODY:
                self._lose()
        return None

    def _begin(self) -> None:
        if self._body:
            self._lose()
        self._body = bytearray()
        self._lost = False

    def _end(self, escaped: bytes) -> Answer | None:
        self._body = None
        answer = _parse(escaped)
        if answer is None:
            self._lose()
        else:
            self.frames += 1
        return answer

    def _lose(self) -> None:
        """Once for all that is thrown away in a row."""
        self._body = None
        self.resyncs += not self._lost
        self._lost = True


def _parse(escaped: bytes) -> Answer | None:
    body = _unescape(escaped)
    if body is None or len(body) < _HEADER + 3 + _CRC:
        return None
    content, crc = body[:-_CRC], body[-_CRC:]
    destination, source, length = (int.from_bytes(content[at : at + 2], "little") for at in (0, 2, 12))
    if length != len(content) - _HEADER or crc != _u16(crc16_arc(content)):
        return None
    data = content[_HEADER:]
    return Answer(destination, source, data[0], data[1], data[2], data[5:])


def _unescape(escaped: bytes) -> bytes | None:
    body, at = bytearray(), 0
    while at < len(escaped):
        if escaped[at] in (0xA6, 0x5B):
            plain = _UNESCAPES.get(escaped[at : at + 2])
            if plain is None:
                return None
            body += plain
            at += 2
        else:
            body.append(escaped[at])
            at += 1
    return bytes(body)


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "little")

"""Short messages as modems take and give them in PDU mode (3GPP TS 23.040, 23.038). No I/O.

A PDU is hex text: the service centre's number, then the TPDU, whose octets alone AT+CMGS counts. What is sent is in
the GSM 7-bit alphabet where that has all of the text's characters, and in UCS-2 (UTF-16) where not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from devices.sms import alphabet
from devices.sms.numbers import UnsendableError, check_number

MOST_PARTS = 255
MOST_HEX = 600
"""A TPDU has 164 octets at most and an address of the service centre 12."""

_CENTRE_OF_THE_SIM = b"\x00"
_SUBMIT, _RELATIVE_VALIDITY, _HAS_HEADER = 0x01, 0x10, 0x40
_REFERENCE_BY_MODEM = _PLAIN_MESSAGE = 0x00
_INTERNATIONAL, _AS_DIALLED, _ALPHANUMERIC = 0x91, 0x81, 0x50
_TYPE_OF_NUMBER = 0x70
_GSM7, _UCS2 = 0x00, 0x08
_DELIVER, _REPORT, _RESERVED = 0, 2, 3
_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_DIGITS = "0123456789*#abc"
_CENTURY_AT = 90


class PduError(ValueError):
    """Hex that is no received short message. Says nothing of what is in it."""


@dataclass(frozen=True)
class Submit:
    """One part to send: `AT+CMGS=<octets>`, then `hex` and Ctrl-Z."""

    hex: str
    octets: int


@dataclass(frozen=True)
class Concat:
    """This part is the `number`th of `total`. References of 8 and of 16 bits (`wide`) are different ones."""

    reference: int
    total: int
    number: int
    wide: bool = False


@dataclass(frozen=True)
class Part:
    """A received message, or a part of one. `sender` begins with "+" if it came so, and may be letters.

    `text` may hold half a surrogate pair, whose other half is in the next part: `devices.sms.parts` makes text of it.
    `sent_at` is when the service centre took it, in its own time zone; None when what stands there is no date.
    """

    sender: str
    sent_at: datetime | None
    text: str
    concat: Concat | None = None


def encode_submit(number: str, text: str, *, reference: int = 0, valid_minutes: int = 60) -> tuple[Submit, ...]:
    """The parts of a message, in their order. Raises `UnsendableError` for a number or text that cannot be sent.

    `reference`, 0 to 255, holds parts together: two messages in a row to one phone must not have the same. The
    network drops the message after `valid_minutes`, rounded down to what it knows (5 minutes at least).
    """
    address = _address(check_number(number))
    coding, units, limits = _units(text)
    pieces = _pieces(units, limits)
    if len(pieces) > MOST_PARTS:
        raise UnsendableError(
            f"短信太长：需 {len(pieces)} 条，最多 {MOST_PARTS} 条",
            f"The message is too long: {len(pieces)} parts, {MOST_PARTS} at most",
        )
    flags = _SUBMIT | _RELATIVE_VALIDITY | (_HAS_HEADER if len(pieces) > 1 else 0)
    head = bytes((flags, _REFERENCE_BY_MODEM)) + address + bytes((_PLAIN_MESSAGE, coding, _validity(valid_minutes)))
    headed = _with_headers(pieces, reference)
    return tuple(_submit(head + _user_data(coding, piece, header)) for header, piece in headed)


def decode(pdu: str) -> Part | None:
    """What a modem has received; None for what holds no text to read: status reports, data, compressed text.

    Raises `PduError` and nothing else.
    """
    cursor = _Cursor(_octets(pdu))
    cursor.take(cursor.octet())
    first = cursor.octet()
    match first & 0x03:
        case kind if kind in (_DELIVER, _RESERVED):  # a reserved kind is read as a delivered message: 9.2.3.1
            return _delivered(cursor, bool(first & _HAS_HEADER))
        case kind if kind == _REPORT:
            return None
    raise PduError("not a message that was received")


def _octets(pdu: str) -> bytes:
    try:
        octets = bytes.fromhex(pdu) if len(pdu) <= MOST_HEX and pdu.isascii() else b""
    except ValueError:
        octets = b""
    if not octets:
        raise PduError("no hex, or too long")
    return octets


# -- what is sent


def _submit(tpdu: bytes) -> Submit:
    return Submit((_CENTRE_OF_THE_SIM + tpdu).hex().upper(), len(tpdu))


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    kind = _AS_DIALLED if digits == number else _INTERNATIONAL
    nibbles = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
    pairs = zip(nibbles[::2], nibbles[1::2], strict=True)
    return bytes((len(digits), kind, *(high << 4 | low for low, high in pairs)))


def _units(text: str) -> tuple[int, list[Sequence[int]], tuple[int, int]]:
    """The coding; for each character its septets or its UTF-16 octets, never to be parted; and how many of these go
    into a message alone and into a part."""
    septets = [alphabet.septets_of(char) for char in text]
    if None not in septets:
        return _GSM7, [pair for pair in septets if pair], (160, 153)
    try:
        return _UCS2, [char.encode("utf-16-be") for char in text], (140, 134)
    except UnicodeEncodeError:
        raise UnsendableError("短信内容含有无效字符", "The text holds half a character") from None


def _pieces(units: list[Sequence[int]], limits: tuple[int, int]) -> list[list[int]]:
    alone, part = limits
    room = alone if sum(map(len, units)) <= alone else part
    pieces: list[list[int]] = [[]]
    for unit in units:
        if len(pieces[-1]) + len(unit) > room:
            pieces.append([])
        pieces[-1] += unit
    return pieces


def _with_headers(pieces: list[list[int]], reference: int) -> Iterator[tuple[bytes, list[int]]]:
    for number, piece in enumerate(pieces, 1):
        element = bytes((_CONCAT_8, 3, reference & 0xFF, len(pieces), number))
        yield (bytes((len(element),)) + element if len(pieces) > 1 else b""), piece


def _user_data(coding: int, piece: list[int], header: bytes) -> bytes:
    """The length, which counts septets or octets with the header among them, and the data."""
    if coding == _GSM7:
        return bytes((alphabet.septets_covered(len(header)) + len(piece),)) + alphabet.pack(piece, header)
    return bytes((len(header) + len(piece),)) + header + bytes(piece)


def _validity(minutes: int) -> int:
    """TP-VP, relative (9.2.3.12.1): the longest time that is no longer than `minutes`."""
    hours, days = minutes // 60, minutes // (24 * 60)
    if hours < 12:
        return max(minutes // 5, 1) - 1
    if days < 2:
        return min(143 + (minutes - 12 * 60) // 30, 167)
    return min(166 + days, 196) if days < 35 else min(192 + days // 7, 255)


# -- what is received


class _Cursor:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._octets[self._at : self._at + count]
        if len(taken) < count:
            raise PduError("it ends too early")
        self._at += count
        return taken

    def octet(self) -> int:
        return self.take(1)[0]


class _Coding(Enum):
    GSM7, DATA, UCS2, COMPRESSED = range(4)


def _delivered(cursor: _Cursor, has_header: bool) -> Part | None:
    sender = _sender(cursor)
    cursor.octet()  # the protocol identifier: whatever it is, a text is a text
    coding = _coding(cursor.octet())
    sent_at = _time(cursor.take(7))
    length = cursor.octet()
    data = cursor.take((length * 7 + 7) // 8 if coding is _Coding.GSM7 else length)
    header = _header(data) if has_header else b""
    concat = _concat(header[1:])
    match coding:
        case _Coding.GSM7:
            return Part(sender, sent_at, alphabet.text_of(alphabet.unpack(data, length, len(header))), concat)
        case _Coding.UCS2:
            text = data[len(header) :]
            return Part(sender, sent_at, text[: len(text) & ~1].decode("utf-16-be", "surrogatepass"), concat)
    return None


def _sender(cursor: _Cursor) -> str:
    """Its length counts half octets, of letters too (9.1.2.5)."""
    length, kind = cursor.octet(), cursor.octet()
    octets = cursor.take((length + 1) // 2)
    if kind & _TYPE_OF_NUMBER == _ALPHANUMERIC:
        return alphabet.text_of(alphabet.unpack(octets, length * 4 // 7))
    digits = "".join(_DIGITS[nibble] for nibble in _nibbles(octets)[:length] if nibble < len(_DIGITS))
    return "+" * (kind & _TYPE_OF_NUMBER == _INTERNATIONAL & _TYPE_OF_NUMBER) + digits


def _nibbles(octets: bytes) -> list[int]:
    return [nibble for octet in octets for nibble in (octet & 0xF, octet >> 4)]


def _coding(octet: int) -> _Coding:
    """23.038, 4. Reserved codings are taken for the default alphabet, as it asks."""
    group, bits = octet >> 4, octet >> 2 & 0x03
    if group < 0x8:
        return _Coding.COMPRESSED if octet & 0x20 else (_Coding.GSM7, _Coding.DATA, _Coding.UCS2, _Coding.GSM7)[bits]
    if group == 0xE:
        return _Coding.UCS2
    return _Coding.DATA if group == 0xF and octet & 0x04 else _Coding.GSM7


def _time(octets: bytes) -> datetime | None:
    """Seven pairs of half octets; the last one is the zone in quarters of an hour, its bit 3 the sign (9.2.3.11)."""
    year, month, day, hour, minute, second = ((octet & 0xF) * 10 + (octet >> 4) for octet in octets[:6])
    quarters = (octets[6] & 0x7) * 10 + (octets[6] >> 4)
    zone = timedelta(minutes=-15 * quarters if octets[6] & 0x8 else 15 * quarters)
    if any(nibble > 9 for nibble in _nibbles(octets[:6])):
        return None
    try:
        return datetime(
            year + (1900 if year >= _CENTURY_AT else 2000), month, day, hour, minute, second, tzinfo=timezone(zone)
        )
    except ValueError:
        return None


def _header(data: bytes) -> bytes:
    """With the octet in front that says its length."""
    if not data or len(data) <= data[0]:
        raise PduError("the header is longer than the message")
    return data[: data[0] + 1]


def _concat(elements: bytes) -> Concat | None:
    """The last one counts, as 9.2.3.24 asks; one that makes no sense is as if it were not there."""
    found = None
    while len(elements) >= 2 and len(elements) >= 2 + elements[1]:
        kind, body, elements = elements[0], elements[2 : 2 + elements[1]], elements[2 + elements[1] :]
        wide = kind == _CONCAT_16
        if kind in (_CONCAT_8, _CONCAT_16) and len(body) == 3 + wide:
            total, number = body[-2:]
            if 1 <= number <= total:
                found = Concat(int.from_bytes(body[:-2], "big"), total, number, wide)
    return found

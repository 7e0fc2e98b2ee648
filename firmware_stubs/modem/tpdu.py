"""Short messages as the network has them: 3GPP TS 23.040 (TPDUs) and 23.038 (characters), read bit by bit.

SMS-SUBMIT: flags, reference, address, protocol, coding, validity of 0, 1 or 7 octets, length, user data.
SMS-DELIVER: flags, address, protocol, coding, time stamp of 7 octets, length, user data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

# Column by column as 23.038 prints its table, 16 characters each. ␛ is the escape.
COLUMNS = (
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ␛ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
ESCAPED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
ESCAPE = 27
CENTRE = bytes.fromhex("0891683108200105F0")
"""+8613800210500, an operator's service centre."""


class BadPduError(Exception):
    """A PDU that no modem sends."""


@dataclass(frozen=True)
class Submitted:
    """One part that the host wants sent. `whole` is (reference, total, number), None for a message of one part."""

    number: str
    coding: int
    septets: tuple[int, ...]
    octets: bytes
    whole: tuple[int, int, int] | None
    report: bool


def join(parts: list[Submitted]) -> str:
    """The text of parts in their order, as a phone shows it."""
    if parts[0].coding == 8:
        return b"".join(part.octets for part in parts).decode("utf-16-be", "replace")
    return "".join(read_septets(part.septets) for part in parts)


def read_septets(septets: tuple[int, ...]) -> str:
    rest = iter(septets)
    return "".join(
        ESCAPED.get(next(rest, 0), "?") if septet == ESCAPE else COLUMNS[septet // 16][septet % 16] for septet in rest
    )


def read_submit(pdu: str, octets: int) -> Submitted:
    """`octets` is what AT+CMGS said. Raises BadPduError for what is not exactly an SMS-SUBMIT of that length."""
    try:
        data = bytes.fromhex(pdu)
        tpdu = data[1 + data[0] :]
        if len(tpdu) != octets:
            raise BadPduError("the length is another")
        return read_tpdu(tpdu)
    except (ValueError, IndexError) as error:
        raise BadPduError(str(error)) from None


def read_tpdu(tpdu: bytes) -> Submitted:
    flags, digits = tpdu[0], tpdu[2]
    if flags & 0b11 != 0b01:
        raise BadPduError("no SMS-SUBMIT")
    number_end = 4 + (digits + 1) // 2
    number = read_number(digits, tpdu[3], tpdu[4:number_end])
    coding = tpdu[number_end + 1]
    validity = {0b00: 0, 0b10: 1, 0b01: 7, 0b11: 7}[flags >> 3 & 0b11]
    length, user = tpdu[number_end + 2 + validity], tpdu[number_end + 3 + validity :]
    if coding not in (0, 8) or len(user) != (length if coding else -(-length * 7 // 8)) or len(user) > 140:
        raise BadPduError("the user data are of another length, or of a coding unknown here")
    head = user[: user[0] + 1] if flags & 0x40 else b""
    septets = () if coding else tuple(septets_behind(head, user, length))
    return Submitted(number, coding, septets, user[len(head) :], read_head(head[1:]), bool(flags & 0x20))


def read_number(digits: int, kind: int, octets: bytes) -> str:
    swapped = "".join(f"{octet:02x}"[::-1] for octet in octets)
    if not swapped[:digits].isdigit() or swapped[digits:].strip("f") or not kind & 0x80:
        raise BadPduError("no number to dial")
    return "+" * (kind & 0x70 == 0x10) + swapped[:digits]


def read_head(head: bytes) -> tuple[int, int, int] | None:
    while head:
        kind, size, body = head[0], head[1], head[2 : 2 + head[1]]
        if (kind, size) == (0, 3) and 0 < body[2] <= body[1]:
            return body[0], body[1], body[2]
        head = head[2 + size :]
    return None


def septets_behind(head: bytes, user: bytes, length: int) -> Iterator[int]:
    bits = "".join(f"{octet:08b}"[::-1] for octet in user)
    first = -(-len(head) * 8 // 7)
    for at in range(first, length):
        yield int(bits[at * 7 : at * 7 + 7][::-1], 2)


def write_deliver(number: str, text: str, at: datetime, reference: int) -> list[str]:
    """A phone's message in as many PDUs as it takes, cut without regard for pairs of surrogates. The phone counts its
    references in 16 bits, which makes the header an octet longer than the usual one."""
    septets = write_septets(text)
    if septets is not None:
        pieces = cut_septets(septets, 160, 152)
        bodies = [(0, sum(map(len, piece)), [code for pair in piece for code in pair]) for piece in pieces]
    else:
        units = text.encode("utf-16-be", "replace")
        size = 140 if len(units) <= 140 else 132
        bodies = [(8, len(units[at : at + size]), list(units[at : at + size])) for at in range(0, len(units), size)]
    return [
        deliver(number, at, coding, count, body, head_of(reference, len(bodies), n))
        for n, (coding, count, body) in enumerate(bodies, 1)
    ]


def head_of(reference: int, total: int, number: int) -> bytes:
    return bytes((6, 8, 4, reference >> 8, reference & 0xFF, total, number)) if total > 1 else b""


def deliver(number: str, at: datetime, coding: int, count: int, body: list[int], head: bytes) -> str:
    if coding:
        length, user = len(head) + count, head + bytes(body)
    else:
        covered = -(-len(head) * 8 // 7)
        length, user = covered + count, head + write_bits(len(head) * 8, covered, body)
    flags = 0x44 if head else 0x04
    tpdu = bytes((flags,)) + write_sender(number) + bytes((0, coding)) + write_time(at) + bytes((length,)) + user
    return (CENTRE + tpdu).hex().upper()


def write_septets(text: str) -> list[tuple[int, ...]] | None:
    """For each character one septet or two; None when one has none."""
    basic = {char: (n * 16 + m,) for n, column in enumerate(COLUMNS) for m, char in enumerate(column) if char != "␛"}
    known: dict[str, tuple[int, ...]] = basic | {char: (ESCAPE, code) for code, char in ESCAPED.items()}
    found = [known.get(char) for char in text]
    return None if None in found else [pair for pair in found if pair]


def cut_septets(septets: list[tuple[int, ...]], alone: int, part: int) -> list[list[tuple[int, ...]]]:
    if sum(map(len, septets)) <= alone:
        return [septets]
    pieces: list[list[tuple[int, ...]]] = [[]]
    for pair in septets:
        if sum(map(len, pieces[-1])) + len(pair) > part:
            pieces.append([])
        pieces[-1].append(pair)
    return pieces


def write_bits(used: int, covered: int, septets: list[int]) -> bytes:
    """Octets behind `used` bits of header, with the fill bits up to the septet where the text begins."""
    bits = "0" * (covered * 7 - used) + "".join(f"{septet:07b}"[::-1] for septet in septets)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def write_sender(number: str) -> bytes:
    digits = number.removeprefix("+")
    if not digits.isdigit():
        letters = write_septets(number) or []
        codes = [code for pair in letters for code in pair]
        octets = write_bits(0, 0, codes)
        return bytes((-(-len(codes) * 7 // 4), 0xD0)) + octets
    padded = digits + "f" * (len(digits) % 2)
    kind = 0x91 if digits != number else 0xA1
    return bytes((len(digits), kind)) + bytes.fromhex(
        "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
    )


def write_time(at: datetime) -> bytes:
    zone = at.utcoffset()
    quarters = int(zone.total_seconds()) // 900 if zone is not None else 0
    swapped = [f"{value:02d}"[::-1] for value in (at.year % 100, at.month, at.day, at.hour, at.minute, at.second)]
    octets = bytes.fromhex("".join(swapped) + f"{abs(quarters):02d}"[::-1])
    return octets[:6] + bytes((octets[6] | (0x08 if quarters < 0 else 0),))

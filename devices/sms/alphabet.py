"""The GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1) and how its septets are packed into octets."""

from collections.abc import Sequence

ESCAPE = 0x1B
"""Leads to the extension table. By itself it is nothing, and shown as a space."""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
_SEPTETS = {char: (code,) for code, char in enumerate(_BASIC) if code != ESCAPE} | {
    char: (ESCAPE, code) for code, char in _EXTENSION.items()
}


def septets_of(char: str) -> tuple[int, ...] | None:
    """One septet, or two that must stay together; None for a character that the alphabet lacks."""
    return _SEPTETS.get(char)


def text_of(septets: Sequence[int]) -> str:
    """What the extension table lacks is shown as the same place of the basic one, as the standard asks."""
    text, escaped = "", False
    for septet in septets:
        if septet == ESCAPE:
            text += " " if escaped else ""
            escaped = not escaped
            continue
        text += _EXTENSION.get(septet, _BASIC[septet]) if escaped else _BASIC[septet]
        escaped = False
    return text + " " * escaped


def pack(septets: Sequence[int], header: bytes = b"") -> bytes:
    """Octets with the septets from the lowest bit on. They begin at the first septet boundary behind `header`."""
    bits = int.from_bytes(header, "little")
    begin = septets_covered(len(header))
    for place, septet in enumerate(septets, begin):
        bits |= septet << 7 * place
    return bits.to_bytes((7 * (begin + len(septets)) + 7) // 8, "little")


def unpack(octets: bytes, count: int, header: int = 0) -> list[int]:
    """The septets of user data of `count` septets in all, of which a header of `header` octets covers the first."""
    bits = int.from_bytes(octets, "little")
    return [bits >> 7 * place & 0x7F for place in range(septets_covered(header), count)]


def septets_covered(octets: int) -> int:
    """How many septets a header of so many octets takes up, the last one perhaps in part."""
    return (8 * octets + 6) // 7

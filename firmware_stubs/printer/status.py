"""The status bytes of an ESC/POS printer, from the faults that are on. Pure."""

from collections.abc import Mapping

Flags = Mapping[str, object]

BLOCKING = ("paper_out", "cover_open", "cutter", "offline")
"""Faults that put the printer off-line: it stops printing, keeps its buffer, and still answers `DLE EOT`."""


def blocked(flags: Flags) -> bool:
    return any(flags.get(name) for name in BLOCKING)


def real_time(which: int, flags: Flags) -> bytes:
    """The answer to `DLE EOT n`; bits 1 and 4 always set. Empty for an n that does not exist."""
    bits = {
        1: (("offline", blocked(flags), 0x08),),
        2: (
            ("cover", flags.get("cover_open"), 0x04),
            ("end", flags.get("paper_out"), 0x20),
            ("error", flags.get("cutter"), 0x40),
        ),
        3: (("cutter", flags.get("cutter"), 0x08),),
        4: (("near", flags.get("paper_low"), 0x0C), ("end", flags.get("paper_out"), 0x60)),
    }
    if which not in bits:
        return b""
    return bytes((0x12 | sum(bit for _, on, bit in bits[which] if on),))


def automatic(flags: Flags) -> bytes:
    """The four bytes of automatic status back."""
    first = 0x10 | (0x08 if blocked(flags) else 0) | (0x20 if flags.get("cover_open") else 0)
    return bytes((first, 0x08 if flags.get("cutter") else 0, paper_sensor(flags), 0))


def queued(which: int, flags: Flags) -> bytes:
    """The answer to `GS r n`: 1 paper sensor, 2 drawer; both also as ASCII digits."""
    if which in (1, 49):
        return bytes((paper_sensor(flags),))
    return b"\x00" if which in (2, 50) else b""


def paper_sensor(flags: Flags) -> int:
    return (0x03 if flags.get("paper_low") else 0) | (0x0C if flags.get("paper_out") else 0)

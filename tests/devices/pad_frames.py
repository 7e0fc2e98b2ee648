"""The shipped profiles with frames that a device of each would send, written out byte by byte, and a strange one."""

from dataclasses import dataclass

from devices.evaluator.profile import KIND, LineProfile, load_profile, parse_profile
from devices.profile_file import Table


@dataclass(frozen=True)
class Made:
    """`presses` are whole frames from address 1 and the words they mean."""

    profile: LineProfile
    presses: dict[str, str]

    @property
    def frames(self) -> list[bytes]:
        return [bytes.fromhex(code) for code in self.presses]


STRANGE = {
    "kind": "serial",
    "title": "怪协议 strange",
    "turnround_ms": 2,
    "frame": {
        "fields": ["c0", "length", "address", "serial_no", "command", "data", "check", "c0"],
        "max_frame": 40,
        "length": {"bytes": 2, "endian": "little", "covers": "length..check"},
        "address": {"bytes": 3, "endian": "little"},
        "command": {"bytes": 2},
        "check": {"kind": "crc16-modbus", "covers": "1..data"},
        "escape": {"c0": "db dc", "db": "db dd"},
    },
    "rule": [
        {
            "when": {"command": "c0db"},
            "at": 1,
            "keys": {"c0": "satisfied", "db 01": "dissatisfied", "db": "basically_satisfied"},
            "answer": [{"command": "0001", "data": "same c0"}],
        }
    ],
    "send": {"prompt": [{"command": "0002"}], "waiting": [{"command": "0003", "data": "ascii:4 number:2"}]},
}
"""Length little-endian and covering itself, three address bytes, a running number, CRC high byte first, escapes."""
STRANGE_ADDRESS = 0xDBC001


def crc_modbus(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "big")


def slip(body: bytes) -> bytes:
    return b"\xc0" + body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def strange_frame(running: int, data: bytes, command: int = 0xC0DB, address: int = STRANGE_ADDRESS) -> bytes:
    inner = address.to_bytes(3, "little") + bytes([running]) + command.to_bytes(2, "big") + data
    body = (len(inner) + 4).to_bytes(2, "little") + inner
    return slip(body + crc_modbus(b"\xc0" + body))


def line_profile(name: str) -> LineProfile:
    profile = load_profile(name)
    assert isinstance(profile, LineProfile)
    return profile


def strange() -> LineProfile:
    profile = parse_profile(Table(STRANGE, KIND, "strange"))
    assert isinstance(profile, LineProfile)
    return profile


SHIPPED = {
    "ff68": Made(
        line_profile("ff68"),
        {
            "ff680303680111011316": "satisfied",
            "ff680303680111021416": "basically_satisfied",
            "ff680303680111031516": "dissatisfied",
            "ff6803036801010c0e16": "call",
            "ff6803036801010d0f16": "recall",
            "ff6803036801010b0d16": "ask",
            "ff680303680101121416": "pause",
            "ff680303680101131516": "transfer",
            "ff6804046801 01060f1716".replace(" ", ""): "skip",
            "ff680404680101000f1116": "hold",
            "ff680404680101030f1416": "call_back",
        },
    ),
    "jt905": Made(
        line_profile("jt905"),
        {
            "55aa0005050000110110 55aa".replace(" ", ""): "satisfied",
            "55aa000505000011021355aa": "basically_satisfied",
            "55aa000505000011031255aa": "dissatisfied",
        },
    ),
    "5aa5": Made(
        line_profile("5aa5"),
        {
            "5aa506831000010001": "satisfied",
            "5aa506831000010002": "basically_satisfied",
            "5aa506831000010003": "dissatisfied",
        },
    ),
    "5aa5_crc": Made(
        line_profile("5aa5_crc"),
        {
            "5aa508831000010001" + crc_modbus(bytes.fromhex("831000010001"))[::-1].hex(): "satisfied",
            "5aa508831000010003" + crc_modbus(bytes.fromhex("831000010003"))[::-1].hex(): "dissatisfied",
        },
    ),
    "ascii": Made(
        line_profile("ascii"),
        {"310d0a": "satisfied", "320d0a": "basically_satisfied", "330d0a": "dissatisfied"},
    ),
    "strange": Made(
        strange(),
        {
            strange_frame(7, b"\x00\xc0").hex(): "satisfied",
            strange_frame(8, b"\x00\xdb\x01").hex(): "dissatisfied",
            strange_frame(0xDB, b"\xc0\xdb\x00").hex(): "basically_satisfied",
        },
    ),
}

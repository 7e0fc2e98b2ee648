"""The profile in the documentation is one that works."""

import re
from pathlib import Path

from devices.evaluator.framing import FrameReader
from devices.evaluator.profile import LineProfile, load_profile
from devices.evaluator.rules import first_fitting

PAGE = Path(__file__).parents[2] / "docs/devices.md"


def test_the_whole_profile_reads_what_it_says_it_reads(tmp_path: Path) -> None:
    (example,) = [
        block for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.S) if "Acme" in block
    ]
    (tmp_path / "acme.toml").write_text(example, "utf-8")
    profile = load_profile("acme", tmp_path)
    assert isinstance(profile, LineProfile) and profile.framing
    body = bytes.fromhex("02 11 01")
    frame = b"\xaa\x55" + body + crc16_modbus(body).to_bytes(2, "little") + b"\r"
    (heard,) = FrameReader(profile.framing).feed(b"noise" + frame + b"noise")
    rule = first_fitting(profile.rules, heard)
    assert rule and rule.word(heard) == "satisfied"


def crc16_modbus(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc

"""LED bar profiles: TOML files that say how one make of bar is spoken to. A hall may write its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.ledbar.bx5 import Area
from devices.ledbar.text_bar import BRACKETS, CHECKSUMS, VARIABLE, Fields, TextBarProfile, render
from devices.profile_file import Parser, ProfileKind, Table, milliseconds, one_of, only, string, whole

SHIPPED = Path(__file__).parent.parent / "profiles" / "ledbars"
KIND = ProfileKind("条屏配置", "LED bar profile", SHIPPED)
ENCODINGS = ("gb2312", "gbk")
NO_FRAME: Fields = ()


@dataclass(frozen=True)
class Bx5Profile:
    area: Area = field(default_factory=Area)
    turnround_s: float = 0.02
    answer_s: float = 1.0

    highest_address = 0xFFFD


Profile = Bx5Profile | TextBarProfile


def load_profile(name: str) -> Profile:
    """A shipped profile by its name ("bx5"), or the path of a .toml file. Raises `ProfileError`."""
    return parse_profile(KIND.read(name))


def parse_profile(table: Table) -> Profile:
    kind = table.take("kind", one_of("bx5", "text_bar"))
    table.take("title", string, "")
    profile = _bx5(table) if kind == "bx5" else _text_bar(table)
    table.finish()
    return profile


def _bx5(table: Table) -> Bx5Profile:
    area = table.table("area")
    sizes = {name: area.take(name, whole(0, 4096), default) for name, default in vars(Area()).items()}
    area.finish()
    try:
        checked = Area(**sizes)
    except ValueError as error:
        raise table.error("area", "无效，宽度与左边距应为 8 的倍数", f"is not valid ({error})") from error
    return Bx5Profile(checked, **_times(table))


def _text_bar(table: Table) -> TextBarProfile:
    send, answer = table.table("send"), table.table("answer")
    profile = TextBarProfile(
        show=send.take("text", _row(_is_text, *_TEXT_WORDS)),
        clear=send.take("clear", _fixed, NO_FRAME),
        probe=send.take("probe", _fixed, NO_FRAME),
        dim=send.take("brightness", _row(_is_level, *_LEVEL_WORDS), NO_FRAME),
        accept=answer.take("accept", _fixed, NO_FRAME),
        refuse=answer.take("refuse", _fixed, NO_FRAME),
        steps=table.take("brightness_steps", whole(1, 255), 100),
        encoding=table.take("encoding", one_of(*ENCODINGS), "gb2312"),
        longest=table.take("max_bytes", whole(2, 255)),
        **_times(table),
    )
    _check_answers(answer, profile)
    _check_addresses(send, answer, profile)
    for part in (send, answer):
        part.finish()
    return profile


def _times(table: Table) -> dict[str, float]:
    return {
        "turnround_s": table.take("turnround_ms", milliseconds(1000), 0.02),
        "answer_s": table.take("answer_ms", milliseconds(5000, least=10), 1.0),
    }


def _check_answers(answer: Table, profile: TextBarProfile) -> None:
    """One answer must not begin with the other, and a bar that can be asked must be able to answer."""
    accept, refuse = (render(fields, 0) for fields in (profile.accept, profile.refuse))
    if bool(refuse) and (not accept or accept.startswith(refuse) or refuse.startswith(accept)):
        raise answer.error("refuse", "与 accept 分不清", "cannot be told from accept")
    if profile.probe and not accept:
        raise answer.error("accept", "没有填写，而 probe 需要应答", "is missing, and probe wants an answer")


def _check_addresses(send: Table, answer: Table, profile: TextBarProfile) -> None:
    """An address in one frame only would let a bar obey what was said to another."""
    rows = (
        (send, "clear", profile.clear),
        (send, "probe", profile.probe),
        (send, "brightness", profile.dim),
        (answer, "accept", profile.accept),
        (answer, "refuse", profile.refuse),
    )
    for table, name, fields in rows:
        if not profile.highest_address and _ADDRESS & set(fields):
            raise table.error(name, "有地址，而 send.text 没有", "has an address, and send.text has none")


def _row(good: Callable[[Fields], bool], zh: str, en: str) -> Parser[Fields]:
    fitting = only(good, zh, en)
    return lambda value: fitting(tuple(name.lower() for name in _fields(value)))


def _are_fields(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(map(_is_field, value)) and _in_order(value)


def _is_field(value: Any) -> bool:
    words = (*VARIABLE, *CHECKSUMS, *BRACKETS)
    return isinstance(value, str) and (value in words or bool(re.fullmatch("[0-9a-fA-F]{2}", value)))


def _in_order(fields: list[str]) -> bool:
    """Brackets once and closed, and the checksum after what it covers."""
    brackets = [name for name in fields if name in BRACKETS]
    sums = [at for at, name in enumerate(fields) if name in CHECKSUMS]
    closed = fields.index(")") if ")" in fields else 0
    return brackets in ([], [*BRACKETS]) and len(sums) <= 1 and all(at >= closed for at in sums)


def _is_text(fields: Fields) -> bool:
    """Fixed bytes at both ends: without them a bar does not know where a text begins and ends."""
    ends = len(fields) >= 3 and _is_byte(fields[0]) and (_is_byte(fields[-1]) or "length" in fields)
    return ends and fields.count("text") == 1 and "level" not in fields


def _is_level(fields: Fields) -> bool:
    return not fields or (fields.count("level") == 1 and "text" not in fields)


def _is_fixed(fields: Fields) -> bool:
    return not {"text", "level"} & set(fields)


def _is_byte(name: str) -> bool:
    return bool(re.fullmatch("[0-9a-f]{2}", name))


_ADDRESS = {"address", "address_ascii"}
_fields: Parser[list[str]] = only(
    _are_fields,
    f"应是字段列表，可用两位十六进制、{'、'.join(VARIABLE)}、{'、'.join(CHECKSUMS)} 和一对括号，校验在括号之后",
    f"should be a list of two hex digits, {', '.join(VARIABLE)}, {', '.join(CHECKSUMS)} and one pair of brackets, the"
    " checksum after them",
)
_fixed = _row(_is_fixed, "不能用 text 或 level", "should not name text or level")
_TEXT_WORDS = (
    "应有且只有一个 text，首尾为固定字节（或写明 length）",
    "should name text once, and begin and end with fixed bytes (or say the length)",
)
_LEVEL_WORDS = ("应有且只有一个 level，不用 text", "should name level once and no text")

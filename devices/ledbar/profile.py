"""LED bar profiles: TOML files that say how one make of bar is spoken to. A hall may write its own."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.ledbar.bx5 import Area
from devices.ledbar.text_bar import BRACKETS, CHECKSUMS, VARIABLE, Fields, TextBarProfile, render

SHIPPED = Path(__file__).parent.parent / "profiles" / "ledbars"
LARGEST_FILE = 64 * 1024
ENCODINGS = ("gb2312", "gbk")


@dataclass(frozen=True)
class Bx5Profile:
    area: Area = field(default_factory=Area)
    turnround_s: float = 0.02
    answer_s: float = 1.0

    highest_address = 0xFFFD


Profile = Bx5Profile | TextBarProfile


class ProfileError(ValueError):
    """A profile that cannot be used; says which key of which file, in Chinese and English."""

    def __init__(self, source: str, key: str, zh: str, en: str) -> None:
        super().__init__(f"条屏配置“{source}”的 {key} {zh}。 LED bar profile {source!r}, {key}: {en}.")


def load_profile(name: str) -> Profile:
    """A shipped profile by its name ("bx5"), or the path of a .toml file. Raises `ProfileError`."""
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ProfileError(name, "file", f"读不到文件，可用的有：{shipped()}", f"cannot be read ({error})") from error
    return parse_profile(content, name)


def shipped() -> str:
    return "、".join(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def parse_profile(content: bytes, source: str) -> Profile:
    """Raises `ProfileError`, whatever the bytes are."""
    if len(content) > LARGEST_FILE:
        raise ProfileError(source, "file", "太大", f"is larger than {LARGEST_FILE} bytes")
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ProfileError(source, "file", "不是合法的 TOML", f"is not valid TOML ({error})") from error
    reader = _Reader(table, source)
    kind = reader.take("kind", lambda value: value in ("bx5", "text_bar"), " bx5 或 text_bar", "bx5 or text_bar")
    reader.take("title", lambda value: isinstance(value, str), "文本", "text", default="")
    return _bx5(reader) if kind == "bx5" else _text_bar(reader)


class _Reader:
    """Takes keys out of one table; what is left at the end was misspelt."""

    def __init__(self, values: Mapping[str, Any], source: str, prefix: str = "") -> None:
        self._values = dict(values)
        self._source = source
        self._prefix = prefix

    def take(self, name: str, check: Callable[[Any], bool], zh: str, en: str, default: Any = None) -> Any:
        value = self._values.pop(name, default)
        if not check(value):
            raise self.error(name, f"应为{zh}", f"must be {en}")
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        zh, en = f" {low} 到 {high} 的整数", f"a whole number from {low} to {high}"
        value: int = self.take(name, lambda value: type(value) is int and low <= value <= high, zh, en, default)
        return value

    def fields(self, name: str, check: Callable[[Fields], bool], zh: str, en: str) -> Fields:
        """A row of fields, () where the key is left out."""
        value = self.take(name, _are_fields, *_FIELDS_WORDS, default=[])
        fields = tuple(name.lower() for name in value)
        if not check(fields):
            raise self.error(name, zh, en)
        return fields

    def table(self, name: str) -> "_Reader":
        values = self.take(name, lambda value: isinstance(value, dict), "一个表", "a table", default={})
        return _Reader(values, self._source, f"{self._prefix}{name}.")

    def finish(self) -> None:
        for name in self._values:
            raise self.error(name, "不认识", "is not known")

    def error(self, name: str, zh: str, en: str) -> ProfileError:
        return ProfileError(self._source, self._prefix + name, zh, en)


def _bx5(reader: _Reader) -> Bx5Profile:
    area = reader.table("area")
    sizes = {name: area.whole(name, 0, 4096, default) for name, default in Area().__dict__.items()}
    area.finish()
    try:
        checked = Area(**sizes)
    except ValueError as error:
        raise reader.error("area", "无效，宽度与左边距应为 8 的倍数", f"is not valid ({error})") from error
    profile = Bx5Profile(checked, **_times(reader))
    reader.finish()
    return profile


def _text_bar(reader: _Reader) -> TextBarProfile:
    send, answer = reader.table("send"), reader.table("answer")
    profile = TextBarProfile(
        show=send.fields("text", _is_text, "应有且只有一个 text，首尾为固定字节", _TEXT_EN),
        clear=send.fields("clear", _is_fixed, *_FIXED_WORDS),
        probe=send.fields("probe", _is_fixed, *_FIXED_WORDS),
        dim=send.fields(
            "brightness", _is_level, "应有且只有一个 level，不用 text", "must name level once and no text"
        ),
        accept=answer.fields("accept", _is_fixed, *_FIXED_WORDS),
        refuse=answer.fields("refuse", _is_fixed, *_FIXED_WORDS),
        steps=reader.whole("brightness_steps", 1, 255, 100),
        encoding=reader.take("encoding", ENCODINGS.__contains__, " gb2312 或 gbk", "gb2312 or gbk", "gb2312"),
        longest=reader.whole("max_bytes", 2, 255),
        **_times(reader),
    )
    _check_answers(answer, profile)
    _check_addresses(send, answer, profile)
    for part in (send, answer, reader):
        part.finish()
    return profile


def _times(reader: _Reader) -> dict[str, float]:
    return {
        "turnround_s": reader.whole("turnround_ms", 0, 1000, 20) / 1000,
        "answer_s": reader.whole("answer_ms", 10, 5000, 1000) / 1000,
    }


def _check_answers(answer: _Reader, profile: TextBarProfile) -> None:
    """One answer must not begin with the other, and a bar that can be asked must be able to answer."""
    accept, refuse = (render(fields, 0) for fields in (profile.accept, profile.refuse))
    if bool(refuse) and (not accept or accept.startswith(refuse) or refuse.startswith(accept)):
        raise answer.error("refuse", "与 accept 分不清", "cannot be told from accept")
    if profile.probe and not accept:
        raise answer.error("accept", "没有填写，而 probe 需要应答", "is missing, and probe wants an answer")


def _check_addresses(send: _Reader, answer: _Reader, profile: TextBarProfile) -> None:
    """An address in one frame only would let a bar obey what was said to another."""
    rows = (
        (send, "clear", profile.clear),
        (send, "probe", profile.probe),
        (send, "brightness", profile.dim),
        (answer, "accept", profile.accept),
        (answer, "refuse", profile.refuse),
    )
    for reader, name, fields in rows:
        if not profile.highest_address and _ADDRESS & set(fields):
            raise reader.error(name, "有地址，而 send.text 没有", "has an address, and send.text has none")


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
_FIELDS_WORDS = (
    f"字段列表，可用两位十六进制、{'、'.join(VARIABLE)}、{'、'.join(CHECKSUMS)} 和一对括号，校验在括号之后",
    f"a list of two hex digits, {', '.join(VARIABLE)}, {', '.join(CHECKSUMS)} and one pair of brackets, the checksum"
    " after them",
)
_TEXT_EN = "must name text once, and begin and end with fixed bytes (or say the length)"
_FIXED_WORDS = ("不能用 text 或 level", "must not name text or level")

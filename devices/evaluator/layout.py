"""The [frame] table of a profile: a row of fields, and what each length covers and each checksum sums up."""

import re
from collections.abc import Sequence
from typing import Any

from devices.checksums import CHECKSUMS
from devices.evaluator.framing import Endian, Field, Framing, Kind
from devices.profile_file import Table, WrongError, list_of, number, octets, one_of, whole

KINDS = {"length": Kind.LENGTH, "check": Kind.CHECK, "data": Kind.DATA}
LONGEST = 1024
NAME = re.compile(r"(?![0-9a-f]+$)[a-z][a-z0-9_]*")


def parse_framing(table: Table) -> Framing:
    """Raises `ProfileError` for what cannot be framed safely."""
    words = table.take("fields", list_of(_word))
    settings = {name: table.table(name) for name in dict.fromkeys(words) if not _is_fixed(name)}
    check = settings["check"].take("kind", one_of(*CHECKSUMS)) if "check" in settings else "sum8"
    width, checksum = CHECKSUMS[check]
    built = {name: _field(name, one, words, width) for name, one in settings.items()}
    row = tuple(built.get(word) or Field(Kind.FIXED, "", len(octets(word)), fixed=octets(word)) for word in words)
    framing = Framing(row, table.take("max_frame", whole(1, LONGEST), 64), checksum, _escapes(table))
    for one in (*settings.values(), table):
        one.finish()
    if wrong := _wrong_with(framing):
        raise table.error("fields", *wrong)
    return framing


def _word(value: Any) -> str:
    if isinstance(value, str) and (_is_fixed(value) or NAME.fullmatch(value)):
        return value
    raise WrongError(
        "每项应是十六进制字节（如 “ff 68”）或字段名（如 length、address、command、data、check）",
        'should hold bytes in hex ("ff 68") or names of fields (length, address, command, data, check)',
    )


def _is_fixed(word: str) -> bool:
    return re.fullmatch("([0-9a-fA-F]{2} ?)+", word) is not None


def _field(name: str, table: Table, words: Sequence[str], check_width: int) -> Field:
    kind = KINDS.get(name, Kind.NUMBER)
    width = check_width
    if kind is not Kind.CHECK:
        width = table.take("bytes", whole(1, 255 if kind is Kind.DATA else 4), 0 if kind is Kind.DATA else 1)
    covers = (0, 0)
    if kind in (Kind.LENGTH, Kind.CHECK):
        covers = table.take("covers", lambda value: _range(value, words))
    value = table.take("value", number, 0) if kind is Kind.NUMBER else 0
    if value >= 256**width:
        raise table.error("value", f"装不进 {width} 个字节", f"does not fit in {width} bytes")
    return Field(kind, name, width, _endian(table), covers, value=value)


def _endian(table: Table) -> Endian:
    return "little" if table.take("endian", one_of("big", "little"), "big") == "little" else "big"


def _range(value: Any, words: Sequence[str]) -> tuple[int, int]:
    """`address..data`, by name or by place in the row counted from 1; of a name that stands twice the whole span."""
    first, _, last = (value if isinstance(value, str) else "").partition("..")
    start, end = _place(first, words, False), _place(last or first, words, True)
    if start is None or end is None or start > end:
        raise WrongError(
            "应是字段的范围，如 “address..data”，或从 1 数起的位置，如 “3..6”",
            'should be a range of fields such as "address..data", or of places counted from 1 such as "3..6"',
        )
    return start, end


def _place(word: str, words: Sequence[str], last: bool) -> int | None:
    if word.isascii() and word.isdigit() and len(word) <= len(str(LONGEST)):
        return int(word) - 1 if 1 <= int(word) <= len(words) else None
    places = [at for at, one in enumerate(words) if one == word and not _is_fixed(one)]
    return places[-1 if last else 0] if places else None


def _escapes(table: Table) -> dict[int, bytes]:
    escape = table.table("escape")
    pairs = {escape.key(name, _one_byte): escape.take(name, _two_bytes) for name in escape.names}
    if len(set(pairs.values())) < len(pairs) or any(pair[0] not in pairs for pair in pairs.values()):
        raise table.error(
            "escape",
            "每对须不同，且引导字节自己也须转义",
            "pairs must differ, and their first byte must be escaped itself",
        )
    return pairs


def _one_byte(value: Any) -> int:
    if len(octets(value)) != 1:
        raise WrongError("应是一个字节", "should be one byte")
    return octets(value)[0]


def _two_bytes(value: Any) -> bytes:
    if len(octets(value)) != 2:
        raise WrongError("应是两个字节", "should be two bytes")
    return octets(value)


def _wrong_with(framing: Framing) -> tuple[str, str] | None:
    """What makes a row unusable, in Chinese and English."""
    kinds = [one.kind for one in framing.row]
    names = [one.name for one in framing.row if one.kind not in (Kind.FIXED, Kind.LENGTH)]
    if len(set(names)) < len(names):
        return "中除 length 外，每个字段只能出现一次", "may name each field once, except length"
    data_at = kinds.index(Kind.DATA) if Kind.DATA in kinds else None
    for at, one in enumerate(framing.row):
        if one.kind is Kind.LENGTH and (
            data_at is None or at > data_at or not one.covers[0] <= data_at <= one.covers[1]
        ):
            return "中 length 须在 data 之前，并须计入 data", "must have length before data, and it must count data"
        if one.kind is Kind.CHECK and one.covers[0] <= at <= one.covers[1]:
            return "中 check 不能把自己算进去", "must not have a checksum of itself"
    return _wrong_with_ends(framing, kinds)


def _wrong_with_ends(framing: Framing, kinds: Sequence[Kind]) -> tuple[str, str] | None:
    data = next((one for one in framing.row if one.kind is Kind.DATA), None)
    open_ended = data is not None and not data.width and Kind.LENGTH not in kinds
    if open_ended and not framing.tail:
        return "没有说明 data 在哪里结束：需要 length、固定字节数或结尾字节", (
            "must say where data ends: by a length, by its bytes, or by fixed bytes at the end"
        )
    if not framing.head and not open_ended and Kind.CHECK not in kinds:
        return "需要开头字节、校验或分隔符，否则噪声会变成按键", (
            "must have fixed bytes in front, a checksum or a delimiter: noise would become presses"
        )
    if framing.escapes and not set(framing.head[:1] + framing.tail[-1:]) <= framing.escapes.keys():
        return "的开头和结尾字节须在转义表中", "must begin and end with bytes that the escape table has"
    return None

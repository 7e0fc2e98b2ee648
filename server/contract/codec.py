"""Frozen dataclass to JSON value and back, strictly.

A value from outside is guilty until parsed: unknown keys, missing keys, wrong types and over-long strings
raise `ContractError` naming the field. Times travel as ISO 8601 text with an offset.
"""

import dataclasses
import enum
import functools
import types
import typing
from datetime import date, datetime
from typing import Any, TypeVar

T = TypeVar("T")

MAX_TEXT = 500
"""Longest text in characters that any field accepts; nothing on this wire is an essay."""

_PLAIN = (str, int, bool, float, type(None))


class ContractError(ValueError):
    """A message does not follow the contract. `field` is a dotted path, empty for the whole message."""

    def __init__(self, field: str, problem: str, problem_zh: str) -> None:
        super().__init__(f"{field or 'message'}: {problem}")
        self.field = field
        self.problem = problem
        self.problem_zh = problem_zh


def to_json(value: Any) -> Any:
    """Turn a dataclass (or a container of them) into what `json.dumps` takes."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if dataclasses.is_dataclass(kind):
        return {name: to_json(getattr(value, name)) for name in _fields(kind)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    return value


def from_json(cls: type[T], data: Any, field: str = "", *, strict: bool = True) -> T:
    """Build `cls` from a parsed JSON value, or raise `ContractError`.

    `strict=False` passes over unknown keys: clients read answers that way, so that a newer server may say
    more than an older kiosk knows.
    """
    if not isinstance(data, dict):
        raise ContractError(field, "must be an object", "应为对象")
    known = _fields(cls)  # type: ignore[arg-type]  # a class is hashable; mypy sees a TypeVar
    if strict and data.keys() - known.keys():
        unknown = min(data.keys() - known.keys())
        raise ContractError(_join(field, _sayable(unknown[:40])), "is not a known field", "没有这个字段")
    values = {}
    for name, (kind, required) in known.items():
        if name in data:
            values[name] = _parse(kind, data[name], _join(field, name), strict)
        elif required:
            raise ContractError(_join(field, name), "is missing", "缺少")
    return cls(**values)


@functools.cache
def _fields(cls: type) -> dict[str, tuple[Any, bool]]:
    """Each field's type and whether it must be given."""
    hints, missing = typing.get_type_hints(cls), dataclasses.MISSING
    return {
        spec.name: (hints[spec.name], spec.default is missing and spec.default_factory is missing)
        for spec in dataclasses.fields(cls)
    }


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _sayable(key: str) -> str:
    """A stranger's key with its lone surrogates replaced: a refusal that names it must be sendable as UTF-8."""
    return key.encode("utf-8", "replace").decode()


def _parse(kind: Any, value: Any, field: str, strict: bool) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _parse_optional(kind, value, field, strict)
    if origin is tuple:
        return _parse_tuple(kind, value, field, strict)
    if origin is dict or kind is dict:
        return _expect(dict, value, field, "an object", "对象")
    if dataclasses.is_dataclass(kind):
        return from_json(typing.cast(type, kind), value, field, strict=strict)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _parse_enum(kind, value, field)
    return _parse_scalar(kind, value, field)


def _parse_optional(kind: Any, value: Any, field: str, strict: bool) -> Any:
    if value is None:
        return None
    (inner,) = [arg for arg in typing.get_args(kind) if arg is not type(None)]
    return _parse(inner, value, field, strict)


def _parse_tuple(kind: Any, value: Any, field: str, strict: bool) -> tuple[Any, ...]:
    inner = typing.get_args(kind)[0]
    items = _expect(list, value, field, "a list", "列表")
    return tuple(_parse(inner, item, f"{field}[{i}]", strict) for i, item in enumerate(items))


def _parse_enum(kind: type[enum.Enum], value: Any, field: str) -> enum.Enum:
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(str(member.value) for member in kind)
        raise ContractError(field, f"must be one of: {allowed}", f"只能是 {allowed} 之一") from None


def _parse_scalar(kind: Any, value: Any, field: str) -> Any:
    if kind is str:
        return _parse_text(value, field)
    if kind is datetime:
        return _parse_time(value, field)
    if kind is date:
        return _parse_date(value, field)
    if kind is bool:
        return _expect(bool, value, field, "true or false", "是或否")
    if kind is int:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
            raise ContractError(field, "must be a whole number", "应为整数")
        return value
    if kind is Any:
        return value
    raise TypeError(f"the contract has no rule for {kind!r}")


def _parse_text(value: Any, field: str) -> str:
    text: str = _expect(str, value, field, "text", "文字")
    if len(text) > MAX_TEXT:
        raise ContractError(field, f"must have at most {MAX_TEXT} characters", f"最多 {MAX_TEXT} 个字符")
    if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise ContractError(field, "must not contain control characters", "不能含控制字符")
    return text


def _parse_time(value: Any, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_expect(str, value, field, "a time", "时间"))
    except ValueError:
        raise ContractError(field, "must be a time in ISO 8601", "应为 ISO 8601 时间") from None
    if moment.tzinfo is None:
        raise ContractError(field, "must be a time with its offset", "时间须带时区")
    return moment


def _parse_date(value: Any, field: str) -> date:
    try:
        return date.fromisoformat(_expect(str, value, field, "a date", "日期"))
    except ValueError:
        raise ContractError(field, "must be a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD") from None


def _expect(kind: type, value: Any, field: str, words: str, words_zh: str) -> Any:
    if not isinstance(value, kind):
        raise ContractError(field, f"must be {words}", f"应为{words_zh}")
    return value

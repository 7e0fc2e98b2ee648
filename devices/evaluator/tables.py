"""Reading a profile's TOML so that every mistake is named: file, key, and what should be there, in two languages."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
NEEDED: Any = object()


class ProfileError(ValueError):
    """A profile that cannot be used; says which key of which file, in Chinese and English."""

    def __init__(self, source: str, key: str, zh: str, en: str) -> None:
        super().__init__(f"评价器配置“{source}”的 {key} {zh}。 Evaluator profile {source!r}, {key}: {en}.")


class WrongError(ValueError):
    """A value that cannot be; the table that holds it adds file and key."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Table:
    """One table of the file. Reading takes keys out of it, and what is left at the end was misspelt."""

    def __init__(self, values: dict[str, Any], source: str, path: str = "") -> None:
        self._values = dict(values)
        self._source = source
        self._path = path

    @property
    def names(self) -> list[str]:
        """Of the keys not read so far."""
        return list(self._values)

    def take(self, name: str, parse: Callable[[Any], T], default: T = NEEDED) -> T:
        if name not in self._values:
            if default is NEEDED:
                raise self.error(name, "没有填写", "is missing")
            return default
        return self._parse(name, self._values.pop(name), parse)

    def key(self, name: str, parse: Callable[[Any], T]) -> T:
        """The name of a key is itself a value."""
        return self._parse(name, name, parse)

    def table(self, name: str) -> "Table":
        """An empty one where the file has none."""
        return Table(self.take(name, mapping, {}), self._source, f"{self._path}{name}.")

    def tables(self, name: str) -> "list[Table]":
        values: list[dict[str, Any]] = self.take(name, _mappings, [])
        return [Table(value, self._source, f"{self._path}{name}[{at}].") for at, value in enumerate(values)]

    def finish(self) -> None:
        for name in self._values:
            raise self.error(name, "不认识，请检查拼写", "is not known; check its spelling")

    def error(self, name: str, zh: str, en: str) -> ProfileError:
        return ProfileError(self._source, self._path + name, zh, en)

    def _parse(self, name: str, value: Any, parse: Callable[[Any], T]) -> T:
        try:
            return parse(value)
        except WrongError as wrong:
            shown = f"{value!r:.60}"
            raise self.error(name, f"填写有误（{shown}）：{wrong.zh}", f"is {shown} but {wrong.en}") from None


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongError("应是一行文字", "should be text")
    return value


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError("应是一节", "should be a table")
    return value


def _mappings(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise WrongError("应是若干小节", "should be a list of tables")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in words:
            raise WrongError(f"应是 {'、'.join(words)} 之一", f"should be one of {', '.join(words)}")
        return str(value)

    return parse


def octets(value: Any) -> bytes:
    if not isinstance(value, str) or not re.fullmatch("([0-9a-fA-F]{2} ?)+", value):
        raise WrongError("应是十六进制字节，如 “0b” 或 “ff 68”", 'should be bytes in hex, such as "0b" or "ff 68"')
    return bytes.fromhex(value)


def number(value: Any) -> int:
    """Numbers of the wire are written in hex, as documents write them."""
    return int.from_bytes(octets(value), "big")


def whole(least: int, most: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise WrongError(f"应是 {least} 到 {most} 的整数", f"should be a whole number from {least} to {most}")
        return value

    return parse


def milliseconds(most: int = 10_000) -> Callable[[Any], float]:
    """Read as seconds."""
    count = whole(0, most)
    return lambda value: count(value) / 1000


def list_of(parse: Callable[[Any], T]) -> Callable[[Any], Sequence[T]]:
    def parse_all(value: Any) -> Sequence[T]:
        if not isinstance(value, list):
            raise WrongError("应是一个列表 […]", "should be a list […]")
        return [parse(entry) for entry in value]

    return parse_all

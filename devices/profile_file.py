"""Reading a profile's TOML so that every mistake is named: file, key, and what should be there, in two languages.

Whatever the file holds, `ProfileError` is the one error. A loader only says its keys, and for each a parser: a
function that returns what is meant by a value, or raises `WrongError`.
"""

import re
import reprlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
NEEDED: Any = object()
Parser = Callable[[Any], T]
LARGEST_FILE = 64 * 1024


@dataclass(frozen=True)
class ProfileKind:
    """What the profile is of, in Chinese and English, and the folder of the shipped ones."""

    zh: str
    en: str
    shipped: Path

    def read(self, name: str, folder: Path | None = None) -> "Table":
        """The path of a .toml file, or a name in the hall's own `folder`, or a shipped one."""
        try:
            with self._find(name, folder).open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            why, known = getattr(error, "strerror", error), ", ".join(self.names())
            zh = "没有这个文件" if isinstance(error, FileNotFoundError) else f"读不到（{why}）"
            en = f"cannot be read ({why}); shipped are {known}"
            raise ProfileError(self, name, "file", f"{zh}；自带的有 {known}", en) from error
        return self.parse(content, name)

    def parse(self, content: bytes, name: str) -> "Table":
        """`name` is only said in errors."""
        if len(content) > LARGEST_FILE:
            zh, en = f"太大，最多 {LARGEST_FILE} 字节", f"is larger than {LARGEST_FILE} bytes"
            raise ProfileError(self, name, "file", zh, en)
        try:
            return Table(tomllib.loads(content.decode("utf-8-sig")), self, name)
        except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
            zh, en = f"不是合法的 TOML（{error}）", f"is not valid TOML ({error})"
            raise ProfileError(self, name, "file", zh, en) from error

    def names(self) -> list[str]:
        """Of the shipped ones."""
        return sorted(path.stem for path in self.shipped.glob("*.toml"))

    def _find(self, name: str, folder: Path | None) -> Path:
        if name.endswith(".toml"):
            return Path(name)
        own = folder / f"{name}.toml" if folder else None
        return own if own and own.exists() else self.shipped / f"{name}.toml"


class ProfileError(ValueError):
    """A profile that cannot be used; says which key of which file, in Chinese and English."""

    def __init__(self, kind: ProfileKind, source: str, key: str, zh: str, en: str) -> None:
        super().__init__(f"{kind.zh}“{source}”的 {key} {zh}。 {kind.en} {source!r}, {key}: {en}.")


class WrongError(ValueError):
    """A value that cannot be; the table that holds it adds file and key."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Table:
    """One table of the file. Reading takes keys out of it, and what is left at the end was misspelt."""

    def __init__(self, values: dict[str, Any], kind: ProfileKind, source: str, path: str = "") -> None:
        self._values = dict(values)
        self._kind = kind
        self._source = source
        self._path = path

    @property
    def names(self) -> list[str]:
        """Of the keys not read so far."""
        return list(self._values)

    def take(self, name: str, parse: Parser[T], default: T = NEEDED) -> T:
        if name not in self._values:
            if default is NEEDED:
                raise self.error(name, "没有填写", "is missing")
            return default
        return self._parse(name, self._values.pop(name), parse)

    def key(self, name: str, parse: Parser[T]) -> T:
        """The name of a key is itself a value."""
        return self._parse(name, name, parse)

    def table(self, name: str) -> "Table":
        """An empty one where the file has none."""
        return Table(self.take(name, mapping, {}), self._kind, self._source, f"{self._path}{name}.")

    def tables(self, name: str) -> "list[Table]":
        values: list[dict[str, Any]] = self.take(name, _mappings, [])
        return [Table(one, self._kind, self._source, f"{self._path}{name}[{at}].") for at, one in enumerate(values)]

    def finish(self) -> None:
        for name in self._values:
            raise self.error(name, "不认识，请检查拼写", "is not known; check its spelling")

    def error(self, name: str, zh: str, en: str) -> ProfileError:
        return ProfileError(self._kind, self._source, self._path + name, zh, en)

    def _parse(self, name: str, value: Any, parse: Parser[T]) -> T:
        try:
            return parse(value)
        except WrongError as wrong:
            shown = _shown(value)
            raise self.error(name, f"填写有误（{shown}）：{wrong.zh}", f"is {shown} but {wrong.en}") from None


def _shown(value: Any) -> str:
    """Dotted keys nest deeper than `repr` can follow, and a number in hex may be too long for it."""
    try:
        return f"{reprlib.repr(value):.60}"
    except ValueError:
        return "…"


def only(good: Callable[[Any], bool], zh: str, en: str) -> Parser[Any]:
    """A value that is taken as it is, if it is good; the words say what should be there."""

    def parse(value: Any) -> Any:
        if not good(value):
            raise WrongError(zh, en)
        return value

    return parse


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


string: Parser[str] = only(lambda value: isinstance(value, str), "应是文字", "should be text")
text: Parser[str] = only(
    lambda value: isinstance(value, str) and value.strip() != "", "应是一行文字", "should be text"
)
switch: Parser[bool] = only(lambda value: isinstance(value, bool), "应是 true 或 false", "should be true or false")
mapping: Parser[dict[str, Any]] = only(lambda value: isinstance(value, dict), "应是一节", "should be a table")
_mappings: Parser[list[dict[str, Any]]] = only(_is_tables, "应是若干小节", "should be a list of tables")


def one_of(*words: str) -> Parser[str]:
    return only(words.__contains__, f"应是 {'、'.join(words)} 之一", f"should be one of {', '.join(words)}")


def octets(value: Any) -> bytes:
    if not isinstance(value, str) or not re.fullmatch("([0-9a-fA-F]{2} ?)+", value):
        raise WrongError("应是十六进制字节，如 “0b” 或 “ff 68”", 'should be bytes in hex, such as "0b" or "ff 68"')
    return bytes.fromhex(value)


def number(value: Any) -> int:
    """Numbers of the wire are written in hex, as documents write them."""
    return int.from_bytes(octets(value), "big")


def whole(least: int, most: int, step: int = 1) -> Parser[int]:
    zh, en = f"应是 {least} 到 {most} 的整数", f"should be a whole number from {least} to {most}"
    if step > 1:
        zh, en = f"{zh}，且是 {step} 的倍数", f"{en} and a multiple of {step}"
    return only(lambda value: type(value) is int and least <= value <= most and value % step == 0, zh, en)


def milliseconds(most: int = 10_000, least: int = 0) -> Parser[float]:
    """Read as seconds."""
    count = whole(least, most)
    return lambda value: count(value) / 1000


def list_of(parse: Parser[T]) -> Parser[Sequence[T]]:
    listed = only(lambda value: isinstance(value, list), "应是一个列表 […]", "should be a list […]")
    return lambda value: [parse(entry) for entry in listed(value)]

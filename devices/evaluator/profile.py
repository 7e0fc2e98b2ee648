"""Evaluator profiles: TOML files that say how one make of evaluator speaks. A hall may write its own."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from devices.evaluator.frames import FIELDS, Frame, Framing
from devices.evaluator.keys import KEY_CODES

SHIPPED = Path(__file__).parent.parent / "profiles"
LABELS = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied")
SAME = None  # a template's data: what the acknowledged frame carried

T = TypeVar("T")


class ProfileError(ValueError):
    """A profile that cannot be used; says which key of which file, in Chinese and English."""

    def __init__(self, source: str, key: str, zh: str, en: str) -> None:
        super().__init__(f"评价器配置“{source}”的 {key} {zh}。 Evaluator profile {source!r}, {key}: {en}.")


@dataclass(frozen=True)
class Template:
    """A frame the host sends. `data` None repeats the data of the frame that it answers."""

    command: int
    data: bytes | None

    def frame(self, address: int, answered: bytes = b"") -> Frame:
        return Frame(address, self.command, answered if self.data is SAME else self.data)


@dataclass(frozen=True)
class SerialProfile:
    framing: Framing
    gap_s: float
    rating_command: int
    debounce_s: float
    labels: dict[int, str]
    key_command: int | None
    rating_ack: tuple[Template, ...]
    key_ack: tuple[Template, ...]
    prompt: tuple[Template, ...]
    thanks: tuple[Template, ...]


@dataclass(frozen=True)
class KeyboardProfile:
    debounce_s: float
    labels: dict[int, str]


Profile = SerialProfile | KeyboardProfile


def load_profile(name: str) -> Profile:
    """A shipped profile by its name ("ff68"), or the path of a .toml file. Raises `ProfileError`."""
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(name, "file", "读不到文件", f"cannot be read ({error.strerror})") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ones
        raise ProfileError(name, "file", "不是合法的 TOML", f"is not valid TOML ({error})") from error
    return parse_profile(table, name)


def parse_profile(table: dict[str, Any], source: str) -> Profile:
    profile = _Table(table, source)
    match profile.take("kind", _one_of("serial", "keyboard")):
        case "keyboard":
            parsed: Profile = _keyboard(profile)
        case _:
            parsed = _serial(profile)
    return parsed


def _keyboard(profile: "_Table") -> KeyboardProfile:
    profile.take("title", _text)
    keys = profile.table("keys")
    labels = {keys.key(name, _key_code): keys.take(name, _one_of(*LABELS)) for name in keys.names}
    debounce_s = profile.take("debounce_ms", _milliseconds)
    profile.finish()
    return KeyboardProfile(debounce_s, labels)


def _serial(profile: "_Table") -> SerialProfile:
    profile.take("title", _text)
    frame, rating, send = profile.table("frame"), profile.table("rating"), profile.table("send")
    values = rating.table("labels")
    parsed = SerialProfile(
        framing=Framing(frame.take("fields", _fields), frame.take("max_data", _count)),
        gap_s=frame.take("gap_ms", _milliseconds),
        rating_command=rating.take("command", _byte),
        debounce_s=rating.take("debounce_ms", _milliseconds),
        labels={values.key(name, _byte): values.take(name, _one_of(*LABELS)) for name in values.names},
        key_command=_key_command(profile),
        rating_ack=send.take("rating_ack", _templates),
        key_ack=send.take("key_ack", _templates),
        prompt=send.take("prompt", _templates),
        thanks=send.take("thanks", _templates),
    )
    for part in (frame, rating, send, profile):
        part.finish()
    return parsed


def _key_command(profile: "_Table") -> int | None:
    if "key" not in profile.names:
        return None
    key = profile.table("key")
    command = key.take("command", _byte)
    key.finish()
    return command


class _Table:
    """One table of the file; reading takes keys out of it, and what is left at the end was misspelt."""

    def __init__(self, values: dict[str, Any], source: str, prefix: str = "") -> None:
        self._values = dict(values)
        self._source = source
        self._prefix = prefix

    @property
    def names(self) -> list[str]:
        return list(self._values)

    def take(self, name: str, parse: Callable[[Any], T]) -> T:
        if name not in self._values:
            raise self._error(name, "没有填写", "is missing")
        return self._parse(name, self._values.pop(name), parse)

    def key(self, name: str, parse: Callable[[Any], T]) -> T:
        """The name of a key is itself a value."""
        return self._parse(name, name, parse)

    def table(self, name: str) -> "_Table":
        return _Table(self.take(name, _mapping), self._source, f"{self._prefix}{name}.")

    def finish(self) -> None:
        for name in self._values:
            raise self._error(name, "不认识", "is not known")

    def _parse(self, name: str, value: Any, parse: Callable[[Any], T]) -> T:
        try:
            return parse(value)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._error(name, f"填写有误（{value!r}）", f"is wrong: {error}") from error

    def _error(self, name: str, zh: str, en: str) -> ProfileError:
        return ProfileError(self._source, self._prefix + name, zh, en)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("should be text")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError("should be a table with at least one key")
    return value


def _one_of(*words: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in words:
            raise ValueError(f"should be one of {', '.join(words)}")
        return str(value)

    return parse


def _byte(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-fA-F]{2}", value):
        raise ValueError('should be one byte in hex, such as "0b"')
    return int(value, 16)


def _count(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= 250:
        raise ValueError("should be a whole number from 1 to 250")
    return value


def _milliseconds(value: Any) -> float:
    if type(value) is not int or not 0 <= value <= 10_000:
        raise ValueError("should be a whole number of milliseconds, at most 10000")
    return value / 1000


def _key_code(value: Any) -> int:
    if value not in KEY_CODES:
        raise ValueError("should be a digit, keypad or F-key such as KEY_1, KEY_KP1, KEY_F1")
    return KEY_CODES[value]


def _fields(value: Any) -> tuple[str, ...]:
    fields = tuple(_field(field) for field in value)
    for once in ("address", "command", "data", "sum8"):
        if fields.count(once) != 1:
            raise ValueError(f"should name {once} once")
    if "length" not in fields or fields.index("length") > fields.index("data"):
        raise ValueError("should name length before data")
    if fields.index("sum8") < max(map(fields.index, ("address", "command", "data"))):
        raise ValueError("should name sum8 after what it covers")
    if fields[0] in FIELDS:
        raise ValueError("should begin with a fixed byte")
    return fields


def _field(value: Any) -> str:
    return str(value) if value in FIELDS else f"{_byte(value):02x}"


def _templates(value: Any) -> tuple[Template, ...]:
    if not isinstance(value, list):
        raise ValueError('should be a list such as ["01 0b"]')
    return tuple(_template(text) for text in value)


def _template(text: Any) -> Template:
    command, *data = text.split()
    return Template(_byte(command), SAME if data == ["same"] else bytes(map(_byte, data)))

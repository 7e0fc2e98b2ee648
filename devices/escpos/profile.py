"""Printer profiles: TOML files that say what one kind of ticket printer has. A hall may write its own."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

SHIPPED = Path(__file__).parent.parent / "profiles" / "printers"

Completion = Literal["auto", "fence", "status", "none"]
Charset = Literal["gbk", "gb2312"]


class ProfileError(ValueError):
    """A profile that cannot be used; says which key of which file, in Chinese and English."""

    def __init__(self, source: str, key: str, zh: str, en: str) -> None:
        super().__init__(f"打印机配置“{source}”的 {key} {zh}。 Printer profile {source!r}, {key}: {en}.")


@dataclass(frozen=True)
class PrinterProfile:
    """The keys of the file, by their names; `devices/profiles/printers/generic-80.toml` explains each."""

    title: str
    columns: int
    dots: int
    cutter: bool
    native_qr: bool
    logo: bool
    completion: Completion
    charset: Charset
    draw: str
    baudrate: int
    tickets_per_roll: int
    tickets_when_low: int


def load_profile(name: str) -> PrinterProfile:
    """A shipped profile by its name ("generic-80"), or the path of a .toml file. Raises `ProfileError`."""
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        shipped = ", ".join(shipped_profiles())
        zh, en = f"没有这个文件；自带的有 {shipped}", f"there is no such file; shipped are {shipped}"
        raise ProfileError(name, "file", zh, en) from error
    except OSError as error:
        raise ProfileError(name, "file", "读不到", f"cannot be read ({error.strerror})") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ones
        raise ProfileError(name, "file", "不是合法的 TOML", f"is not valid TOML ({error})") from error
    return parse_profile(table, name)


def shipped_profiles() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def parse_profile(table: dict[str, Any], source: str) -> PrinterProfile:
    """Every key is asked for, so that a copied file says all that it means; unknown ones are refused."""
    for key in sorted(set(table) - set(_KEYS)):
        raise ProfileError(source, key, "是未知的设置，请检查拼写", "is unknown; check its spelling")
    for key in sorted(set(_KEYS) - set(table)):
        raise ProfileError(source, key, "没有填写", "is missing")
    for key, (good, zh, en) in _KEYS.items():
        if not good(table[key]):
            raise ProfileError(source, key, zh, en)
    return PrinterProfile(**table)


def _whole(low: int, high: int, value: Any) -> bool:
    return type(value) is int and low <= value <= high


def _dots(value: Any) -> bool:
    return _whole(192, 1024, value) and value % 8 == 0


Check = tuple[Callable[[Any], bool], str, str]


def _number(low: int, high: int) -> Check:
    zh, en = f"应是 {low} 到 {high} 的整数", f"must be a whole number from {low} to {high}"
    return partial(_whole, low, high), zh, en


def _one_of(choices: tuple[str, ...]) -> Check:
    named = ", ".join(f'"{choice}"' for choice in choices)
    return lambda value: value in choices, f"应是 {named} 之一", f"must be one of {named}"


_TEXT: Check = (lambda value: isinstance(value, str), "应是一段文字", "must be text")
_SWITCH: Check = (lambda value: isinstance(value, bool), "应是 true 或 false", "must be true or false")
_KEYS: dict[str, Check] = {
    "title": _TEXT,
    "columns": _number(16, 80),
    "dots": (_dots, "应是 192 到 1024 之间 8 的倍数", "must be a multiple of 8 from 192 to 1024"),
    "cutter": _SWITCH,
    "native_qr": _SWITCH,
    "logo": _SWITCH,
    "completion": _one_of(get_args(Completion)),
    "charset": _one_of(get_args(Charset)),
    "draw": _TEXT,
    "baudrate": _number(1200, 4_000_000),
    "tickets_per_roll": _number(1, 100_000),
    "tickets_when_low": _number(0, 10_000),
}

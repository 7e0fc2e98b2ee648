"""Printer profiles: TOML files that say what one kind of ticket printer has. A hall may write its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from devices.profile_file import Parser, ProfileKind, Table, one_of, string, switch, whole

SHIPPED = Path(__file__).parent.parent / "profiles" / "printers"
KIND = ProfileKind("打印机配置", "Printer profile", SHIPPED)

Completion = Literal["auto", "fence", "status", "none"]
Charset = Literal["gbk", "gb2312"]


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
    return parse_profile(KIND.read(name))


def parse_profile(table: Table) -> PrinterProfile:
    """Every key is asked for, so that a copied file says all that it means; a misspelt one is told of first."""
    for name in table.names:
        table.key(name, one_of(*_KEYS))
    return PrinterProfile(**{name: table.take(name, parse) for name, parse in _KEYS.items()})


_KEYS: dict[str, Parser[Any]] = {
    "title": string,
    "columns": whole(16, 80),
    "dots": whole(192, 1024, step=8),
    "cutter": switch,
    "native_qr": switch,
    "logo": switch,
    "completion": one_of(*get_args(Completion)),
    "charset": one_of(*get_args(Charset)),
    "draw": string,
    "baudrate": whole(1200, 4_000_000),
    "tickets_per_roll": whole(1, 100_000),
    "tickets_when_low": whole(0, 10_000),
}

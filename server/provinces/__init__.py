"""One file for each province's envelope; its name is what `upload.toml` says as `province`. Nothing is registered.

A province file has `NAME`, `SETTINGS`, `SECRETS`, `pack` and `read`, as `Province` says. It knows no clock, no socket
and no database. `docs/upload.md` leads through adding one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from server.domain.sentence import Sentence
from server.domain.upload import RatingRecord

Entropy = Callable[[int], bytes]
"""So many random bytes."""


@dataclass(frozen=True)
class Need:
    """Something that the hall must be told by the province. `pattern`: what the whole text must match; `fits`: what a
    pattern cannot say of a text that does."""

    about: Sentence
    pattern: str
    fits: Callable[[str], bool] = lambda text: True

    def __post_init__(self) -> None:
        re.compile(self.pattern)  # a file with a wrong one is refused, and not each text

    def met(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None and self.fits(text)


@dataclass(frozen=True)
class Parcel:
    """The body of one POST and its media type."""

    body: bytes
    media_type: str


class Outcome(Enum):
    """`REFUSED` only where the province says that it will not take this record as it is; whatever may be otherwise
    next time is `LATER`."""

    ARRIVED = "arrived"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True)
class Answer:
    """`reason`: the province's own sentence, empty when it arrived."""

    outcome: Outcome
    reason: str = ""


class Province(Protocol):
    """What a province file has. `values` are the hall's `SETTINGS` and `SECRETS` by name, already checked."""

    NAME: Sentence
    SETTINGS: Mapping[str, Need]
    SECRETS: Mapping[str, Need]

    def pack(self, record: RatingRecord, values: Mapping[str, str], now: datetime, entropy: Entropy) -> Parcel: ...

    def read(self, body: bytes, values: Mapping[str, str]) -> Answer:
        """Raises ValueError when this is no answer of this province."""


class BrokenProvinceError(Exception):
    """There is no such province file, or it is not one. `sentence` says what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def province(name: str) -> Province:
    """The file of that name. Raises BrokenProvinceError."""
    path = f"{__name__}.{name}"
    if not (name.isascii() and name.isidentifier()) or find_spec(path) is None:
        raise BrokenProvinceError(
            Sentence(
                f"没有省平台适配文件 {name}.py，请核对 upload.toml 的 province",
                f"there is no province file {name}.py; check province in upload.toml",
            )
        )
    try:
        found = import_module(path)
    except Exception as error:  # noqa: BLE001 - whatever a broken file raises, the hall opens without it
        raise _broken(name, f"{type(error).__name__}: {error}") from None
    wrong = [word for word, right in PARTS.items() if not right(getattr(found, word, None))]
    if wrong:
        raise _broken(name, f"missing or of another kind: {', '.join(wrong)}")
    return cast(Province, found)


def _needs(found: object) -> bool:
    return isinstance(found, Mapping) and all(isinstance(need, Need) for need in found.values())


PARTS: Mapping[str, Callable[[object], bool]] = {
    "NAME": lambda found: isinstance(found, Sentence),
    "SETTINGS": _needs,
    "SECRETS": _needs,
    "pack": callable,
    "read": callable,
}
"""What every province file has, and whether that is of its kind."""


def _broken(name: str, why: str) -> BrokenProvinceError:
    return BrokenProvinceError(
        Sentence(
            f"省平台适配文件 {name}.py 不能用（{why}），请换回原来的文件或改正",
            f"the province file {name}.py cannot be used ({why}); put the former one back or correct it",
        )
    )

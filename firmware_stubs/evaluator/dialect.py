"""What all makes of pads have in common, and how one make differs from another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

RATINGS = {"satisfied": 1, "basically_satisfied": 2, "dissatisfied": 3}

Meaning = Literal["prompt", "answer", "beep", "stars", "digits", "thanks", "voice", "question", "unknown"]


@dataclass(frozen=True)
class Heard:
    """A frame of the host for this pad. `answer` acknowledges the press whose `data` it repeats; `reply` is what the
    pad says to it at once."""

    meaning: Meaning
    data: bytes = b""
    value: int = 0
    text: str = ""
    reply: bytes = b""


class Dialect(Protocol):
    """One make at one address. `acknowledged`: a press is sent again until the host answers it."""

    acknowledged: bool

    @property
    def keys(self) -> Mapping[str, bytes]:
        """The buttons, with the bytes by which the host's answer names each."""
        ...

    @property
    def bad(self) -> int:
        """Bytes that were no part of any frame."""
        ...

    def press(self, key: str) -> list[bytes]:
        """What goes out for one press: one frame, or a report for down and one for up."""
        ...

    def hear(self, data: bytes) -> list[Heard]: ...

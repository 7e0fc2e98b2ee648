"""What a frame means and what is said to a device: rules and templates of a profile. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from devices.evaluator.framing import Frame, Framing

RATINGS = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied")
KEYS = (
    "call", "recall", "ask", "begin", "finish", "pause", "resume", "transfer", "skip", "hold", "call_back",
)  # fmt: skip
"""Keys of a call pad: next, again, ask to rate, … A `Press` carries one of these or one of RATINGS as its label."""
WORDS = RATINGS + KEYS

At = int | Literal["end", "whole"]
Value = Literal["digits", "ascii", "number"]
VALUES: Mapping[str, Value] = {kind: kind for kind in get_args(Value)}
"""How a value may stand in a template's data."""
MOST_SHOWN = 999


@dataclass(frozen=True)
class Token:
    """A piece of a template's data: fixed bytes, the data of what is answered, or a value in `width` places."""

    kind: Literal["fixed", "same"] | Value
    fixed: bytes = b""
    width: int = 0

    def said(self, answered: bytes, value: int) -> bytes:
        match self.kind:
            case "fixed":
                return self.fixed
            case "same":
                return answered
            case "number":
                return (value & (1 << 8 * self.width) - 1).to_bytes(self.width, "big")
        places = f"{value:0{self.width}}"[-self.width :].encode()
        return places if self.kind == "ascii" else bytes(place - ord("0") for place in places)


@dataclass(frozen=True)
class Template:
    """Something the host says. `raw` is sent as it stands; else it is a frame whose numbers are those named here,
    the device's address, those of the frame that is answered, and the profile's own, in this order."""

    numbers: Mapping[str, int]
    data: tuple[Token, ...] = ()
    raw: bytes = b""

    def said(self, framing: Framing, address: int, answered: Frame | None = None, value: int = 0) -> bytes:
        if self.raw:
            return self.raw
        heard = answered.numbers if answered else {}
        data = b"".join(token.said(answered.data if answered else b"", value) for token in self.data)
        return framing.encode({**heard, "address": address, **self.numbers}, data)


@dataclass(frozen=True)
class Rule:
    """Frames whose numbers are as in `when`, and whose data holds one of `keys` at `at`. No keys: any data, and
    nothing was pressed. `answer` None repeats the frame itself."""

    when: Mapping[str, int]
    at: At
    keys: Mapping[bytes, str]
    answer: tuple[Template, ...] | None
    debounce_s: float

    def fits(self, frame: Frame) -> bool:
        return all(frame.numbers.get(name) == number for name, number in self.when.items()) and (
            not self.keys or self.word(frame) is not None
        )

    def word(self, frame: Frame) -> str | None:
        """What was pressed. The longest key that fits counts."""
        fitting = (key for key in self.keys if self._is_at(key, frame.data))
        longest = max(fitting, key=len, default=None)
        return None if longest is None else self.keys[longest]

    def _is_at(self, key: bytes, data: bytes) -> bool:
        match self.at:
            case "whole":
                return data == key
            case "end":
                return data.endswith(key)
            case offset:
                return data.startswith(key, offset)

    def answers(self, framing: Framing, address: int, frame: Frame) -> Iterable[bytes]:
        if self.answer is None:
            return (frame.raw,)
        return (template.said(framing, address, frame) for template in self.answer)


def first_fitting(rules: Iterable[Rule], frame: Frame) -> Rule | None:
    return next((rule for rule in rules if rule.fits(frame)), None)


def shown(text: str) -> int:
    """A ticket's number as digits can show it: A012 is 12, what has no digits is 0."""
    return int("".join(char for char in text if char in "0123456789") or "0")

"""What was recorded from a line, read through a profile. No I/O."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devices.evaluator.framing import Frame, FrameReader
from devices.evaluator.profile import LineProfile
from devices.evaluator.rules import first_fitting

_HEX_LINE = re.compile(r"(?:.*[<>]\s*)?((?:[0-9a-fA-F]{2}[ :,]?)+)\s*")


class Heard(NamedTuple):
    """A frame of a capture. `word` is the button; None when the frame is none, known or not."""

    frame: Frame
    known: bool
    word: str | None


def parse_capture(content: bytes) -> list[bytes]:
    """Bursts with silence between them. Lines of hex are a burst each, also with something and `>` in front, as our
    stubs' byte logs have it, while lines with `<` went to the device and are left out; anything else is one burst."""
    try:
        lines = [line.strip() for line in content.decode("ascii").splitlines()]
    except UnicodeDecodeError:
        return [content]
    written = [line for line in lines if line and not line.startswith("#")]
    matches = [_HEX_LINE.fullmatch(line) for line in written]
    if not written or not all(matches):
        return [content]
    said = [match[1] for match, line in zip(matches, written, strict=True) if match and "<" not in line]
    return [bytes.fromhex(re.sub("[ :,]", "", text)) for text in said]


def replay(profile: LineProfile, bursts: Sequence[bytes]) -> Iterator[Heard]:
    """Every frame of every address, in order, without debouncing. A report is a burst."""
    if profile.framing is None:
        frames = [Frame({}, burst, burst) for burst in bursts]
    else:
        reader = FrameReader(profile.framing)
        reader.silence()
        frames = [frame for burst in bursts for frame in (*reader.feed(burst), *reader.silence())]
    for frame in frames:
        rule = first_fitting(profile.rules, frame)
        yield Heard(frame, rule is not None, rule.word(frame) if rule else None)

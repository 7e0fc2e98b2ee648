"""What was recorded from a line, read through a profile. No I/O."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace as changed
from typing import NamedTuple

from devices.checksums import CHECKSUMS
from devices.evaluator.framing import Endian, Field, Frame, FrameReader, Framing, Kind
from devices.evaluator.profile import LineProfile
from devices.evaluator.rules import RATINGS, first_fitting

_BYTE = "(?:0[xX])?[0-9a-fA-F]{2}"
_TIME = r"\[?(?:\d{4}-\d\d-\d\d[ T])?\d{1,2}:\d\d:\d\d(?:[.,:]\d+)?\]?\s+"
_WAY = r"(?:(?P<way>RX|TX)\s*:?\s+)?"
_HEX_LINE = re.compile(rf"(?:.*[<>]\s*|(?:{_TIME})?{_WAY})(?P<bytes>(?:{_BYTE}[\s:,]*)+)", re.IGNORECASE)
_MEANT_AS_HEX = re.compile(rf"\b{_BYTE}[\s,]+{_BYTE}\b|(?:{_BYTE}){{2,}}$")  # "12" alone is what an ASCII pad may say


class CaptureError(ValueError):
    """A line of a text capture that is not hex; says which, in Chinese and English."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(f"第 {line} 行不是十六进制字节 / line {line} is not bytes in hex: {said:.60}")


class Heard(NamedTuple):
    """A frame of a capture. `word` is the button; None when the frame is none, known or not. `answers` and, for a
    rating, `thanks` are what the host would put on the wire."""

    frame: Frame
    known: bool
    word: str | None
    answers: tuple[bytes, ...] = ()
    thanks: tuple[bytes, ...] = ()


class Misfit(NamedTuple):
    """What would be a frame but for its checksum; `at` counts the bytes of the whole capture from 0. `fitting` names
    the checksums, and their byte orders, that would make it one."""

    at: int
    raw: bytes
    given: bytes
    computed: bytes
    fitting: tuple[str, ...]


def parse_capture(content: bytes) -> list[bytes]:
    """Bursts with silence between them. Lines of hex are a burst each, also with a time, RX or TX, or something and
    `>` in front, as our stubs' byte logs have it, while lines with TX or `<` went to the device and are left out;
    anything else is one burst. Raises `CaptureError` for a line that is not hex among others that are."""
    lines = _text_lines(content)
    read = {number: _HEX_LINE.fullmatch(line) for number, line in lines.items()}
    if not lines or not (all(read.values()) or any(map(_MEANT_AS_HEX.search, lines.values()))):
        return [content]
    bursts = [_burst(number, lines[number], match) for number, match in read.items()]
    return [burst for burst in bursts if burst]


def _burst(number: int, line: str, match: re.Match[str] | None) -> bytes:
    """Nothing for what went to the device."""
    if match is None:
        raise CaptureError(number, line)
    if "<" in line or (match["way"] or "").upper() == "TX":
        return b""
    return bytes.fromhex(re.sub(r"0[xX]|[\s:,]", "", match["bytes"]))


def _text_lines(content: bytes) -> dict[int, str]:
    """By their numbers, without empty ones and comments; none when the capture is no text."""
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        return {}
    return {number: line for number, line in enumerate(lines, 1) if line and not line.startswith("#")}


def replay(profile: LineProfile, bursts: Sequence[bytes]) -> Iterator[Heard]:
    """Every frame of every address, in order, without debouncing. A report is a burst."""
    if profile.framing is None:
        frames = [Frame({}, burst, burst) for burst in bursts]
    else:
        reader = FrameReader(profile.framing)
        reader.silence()
        frames = [frame for burst in bursts for frame in (*reader.feed(burst), *reader.silence())]
    for frame in frames:
        yield _heard(profile, frame)


def _heard(profile: LineProfile, frame: Frame) -> Heard:
    rule = first_fitting(profile.rules, frame)
    if rule is None:
        return Heard(frame, False, None)
    word, address = rule.word(frame), frame.numbers.get("address", 1)
    if profile.framing is None:
        return Heard(frame, True, word)
    answers = tuple(rule.answers(profile.framing, address, frame))
    return Heard(frame, True, word, answers, said(profile, address, "thanks", "stars") if word in RATINGS else ())


def said(profile: LineProfile, address: int, *names: str) -> tuple[bytes, ...]:
    """What the host says of its own accord, as bytes; nothing to a device of reports."""
    framing = profile.framing
    if framing is None:
        return ()
    return tuple(template.said(framing, address) for name in names for template in profile.said[name])


def misfits(framing: Framing, bursts: Sequence[bytes]) -> Iterator[Misfit]:
    """Wherever the head is right and the checksum wrong. Without a head any place might be one: none are told."""
    check = next((one for one in framing.row if one.kind is Kind.CHECK), None)
    if check is None or not framing.head:
        return
    before = 0
    for burst in bursts:
        at = burst.find(framing.head)
        while at >= 0:
            front = burst[at : at + framing.longest_on_the_line]
            good = framing.match(front)
            if not isinstance(good, Frame) and (misfit := _misfit(framing, check, front, before + at)):
                yield misfit
            at = burst.find(framing.head, at + (len(good.raw) if isinstance(good, Frame) else 1))
        before += len(burst)


def _misfit(framing: Framing, check: Field, front: bytes, at: int) -> Misfit | None:
    """The checksum is read as a number like others, and compared with that of the same frame made by ourselves."""
    lenient = _with_check(framing, check, changed(check, kind=Kind.NUMBER))
    found = lenient.match(front)
    if not isinstance(found, Frame):
        return None
    right = lenient.match(framing.encode(found.numbers, found.data))
    if not isinstance(right, Frame):
        return None
    given, computed = (frame.numbers[check.name].to_bytes(check.width, check.endian) for frame in (found, right))
    return Misfit(at, found.raw, given, computed, tuple(_fitting(framing, check, front)))


def _fitting(framing: Framing, check: Field, front: bytes) -> Iterator[str]:
    for kind, (width, checksum) in CHECKSUMS.items():
        orders: tuple[Endian, ...] = ("big", "little") if width > 1 else ("big",)
        for endian in orders:
            other = _with_check(framing, check, changed(check, width=width, endian=endian))
            if isinstance(changed(other, checksum=checksum).match(front), Frame):
                yield f"{kind} {endian}" if width > 1 else kind


def _with_check(framing: Framing, check: Field, other: Field) -> Framing:
    return changed(framing, row=tuple(other if one is check else one for one in framing.row))

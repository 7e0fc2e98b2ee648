"""Make a profile out of what a pad sent when its buttons were pressed. No I/O.

All presses of a serial pad must have one length. Of every byte it is asked whether it never changes, changes with
the button, or changes by itself; then whether some of the changing ones are a checksum that we know.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from devices.checksums import CHECKSUMS
from devices.evaluator.capture import replay
from devices.evaluator.framing import Endian
from devices.evaluator.keys import KEY_CODES
from devices.evaluator.profile import KIND, LineProfile, parse_profile

Samples = Mapping[str, Sequence[bytes]]
"""What came for each button, by its word, one entry for each press."""

Nature = Literal["same", "button", "itself"]

SPOKEN = {
    "very_satisfied": "非常满意", "satisfied": "满意", "basically_satisfied": "基本满意", "dissatisfied": "不满意",
    "very_dissatisfied": "非常不满意", "call": "呼叫", "recall": "重呼", "ask": "请评价", "begin": "开始办理",
    "finish": "办结", "pause": "暂停", "resume": "恢复", "transfer": "转移", "skip": "过号", "hold": "挂起",
    "call_back": "回呼",
}  # fmt: skip
MISSING_ZH = "尚缺：按键的应答 answer、[send] 的请评价 prompt 和感谢 thanks；请照厂家文档补写"
MISSING_EN = "missing: each rule's answer, and prompt and thanks in [send]; add them from the maker's document"
MARGIN = 1.5
MOST_DEBOUNCE_MS = 10_000  # a profile may say no more


class LearnError(ValueError):
    """The presses make no profile; says why, and what to try, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Check:
    """A checksum at `at`, over the bytes from `start` up to it."""

    kind: str
    endian: Endian
    start: int
    at: int

    @property
    def end(self) -> int:
        return self.at + CHECKSUMS[self.kind][0]


@dataclass(frozen=True)
class Cell:
    """One field of the row to be, over the bytes from `start` to `end`."""

    word: str
    start: int
    end: int


def debounce_ms(repeat_s: float) -> int:
    """What outlasts a pad that repeats a press every `repeat_s` seconds, in whole tenths of a second."""
    return min(MOST_DEBOUNCE_MS, math.ceil(repeat_s * MARGIN * 10) * 100)


def learn_line(samples: Samples, title: str, repeat_s: float = 0.0) -> str:
    """A profile of kind "serial" as TOML. Raises `LearnError`.

    `repeat_s` is the longest time between what the pad sent again by itself; 0 for a pad that repeats nothing.
    """
    frames = _all(samples)
    natures = _natures(samples)
    check = _find_check(frames, natures)
    start, end = _button_bytes(list(samples), natures, check)
    cells = list(_cells(frames[0], natures, check, start, end))
    keys = _keys(samples, start, end)
    text = _serial_toml([*_top("serial", title, repeat_s), *_missing()], cells, check, keys, len(frames[0]))
    _prove(text, samples)
    return text


def learn_reports(samples: Samples, title: str, repeat_s: float = 0.0) -> str:
    """A profile of kind "report"; the samples are the first reports of each press."""
    _all(samples)
    start, end = _button_bytes(list(samples), _natures(samples), None)
    keys = _keys(samples, start, end)
    rule = ["[[rule]]", f"at = {start}", *_table("rule.keys", keys), "", "[[rule]]    # the key is let go"]
    text = "\n".join([*_top("report", title, repeat_s), "", *rule]) + "\n"
    parse_profile(KIND.parse(text.encode(), title))
    return text


def learn_keyboard(codes: Mapping[str, Sequence[int]], title: str, repeat_s: float = 0.0) -> str:
    """A profile of kind "keyboard" from the key codes of each button's presses."""
    names = {code: name for name, code in KEY_CODES.items()}
    keys: dict[str, str] = {}
    for word, pressed in codes.items():
        if len(set(pressed)) != 1 or pressed[0] not in names:
            raise LearnError(
                f"“{SPOKEN[word]}”键打出的字符不固定或不是数字键和 F 键（{sorted(set(pressed))}）",
                f"the button {word!r} types nothing fixed, or no digit or F-key",
            )
        if names[pressed[0]] in keys:
            raise _same(keys[names[pressed[0]]], word)
        keys[names[pressed[0]]] = word
    text = "\n".join([*_top("keyboard", title, repeat_s), "", *_table("keys", keys)]) + "\n"
    parse_profile(KIND.parse(text.encode(), title))
    return text


# -- what changes


def _all(samples: Samples) -> list[bytes]:
    frames = [frame for presses in samples.values() for frame in presses]
    if not frames or len({len(frame) for frame in frames}) > 1 or not all(frames):
        raise LearnError(
            "各次按键的字节数不同：请确认每次只按一下，或线路没有干扰；长度可变的协议请参照文档手写",
            "presses differ in length: press once at a time and check the line; where length varies, write by hand",
        )
    return frames


def _natures(samples: Samples) -> list[Nature]:
    return [_nature(samples, at) for at in range(len(_all(samples)[0]))]


def _nature(samples: Samples, at: int) -> Nature:
    by_button = [{frame[at] for frame in presses} for presses in samples.values()]
    if any(len(values) > 1 for values in by_button):
        return "itself"
    return "same" if len(set.union(*by_button)) == 1 else "button"


def _find_check(frames: Sequence[bytes], natures: Sequence[Nature]) -> Check | None:
    """The checksum nearest to the end that is right in every frame; wide ones first, for they lie less easily."""
    fitting = (check for check in _conceivable(len(frames[0])) if _is_right(check, frames, natures))
    return next(fitting, None)


def _conceivable(size: int) -> Iterator[Check]:
    for kind in sorted(CHECKSUMS, key=lambda kind: -CHECKSUMS[kind][0]):
        width = CHECKSUMS[kind][0]
        orders: tuple[Endian, ...] = ("big", "little") if width > 1 else ("big",)
        for at in range(size - width, 1, -1):
            for start in range(at - 1):
                yield from (Check(kind, endian, start, at) for endian in orders)


def _is_right(check: Check, frames: Sequence[bytes], natures: Sequence[Nature]) -> bool:
    covered, own = natures[check.start : check.at], natures[check.at : check.end]
    if set(covered) == {"same"} or set(own) == {"same"}:
        return False
    _, summed = CHECKSUMS[check.kind]
    return all(
        summed(frame[check.start : check.at]) == int.from_bytes(frame[check.at : check.end], check.endian)
        for frame in frames
    )


def _button_bytes(words: Sequence[str], natures: Sequence[Nature], check: Check | None) -> tuple[int, int]:
    """From the first to behind the last byte that tells the buttons apart."""
    inside = range(check.at, check.end) if check else range(0)
    places = [at for at, nature in enumerate(natures) if nature == "button" and at not in inside]
    if not places:
        raise _same(*words[:2]) if len(words) > 1 else LearnError("至少要学两个键", "learn two buttons or more")
    start, end = places[0], places[-1] + 1
    if "itself" in natures[start:end] or (check and start < check.at < end):
        raise LearnError(
            "键值中间夹着自己变化的字节，请手写配置", "bytes that change by themselves stand amid the key's"
        )
    return start, end


def _keys(samples: Samples, start: int, end: int) -> dict[str, str]:
    keys: dict[str, str] = {}
    for word, presses in samples.items():
        code = presses[0][start:end].hex(" ")
        if code in keys:
            raise _same(keys[code], word)
        keys[code] = word
    return keys


def _same(one: str, other: str) -> LearnError:
    return LearnError(
        f"{SPOKEN[one]} 与 {SPOKEN[other]} 发来的数据相同，请重新按",
        f"{one} and {other} sent the same bytes: press again",
    )


# -- the row


def _cells(frame: bytes, natures: Sequence[Nature], check: Check | None, start: int, end: int) -> Iterator[Cell]:
    at = changing = 0
    while at < len(frame):
        if at == start:
            cell = Cell("data", start, end)
        elif check and at == check.at:
            cell = Cell("check", check.at, check.end)
        elif natures[at] == "itself":
            changing += 1
            cell = Cell(f"changing_{changing}", at, at + 1)
        else:
            cell = Cell(f"{frame[at]:02x}", at, at + 1)
        yield cell
        at = cell.end


def _top(kind: str, title: str, repeat_s: float) -> list[str]:
    lines = [f'kind = "{kind}"', f"title = {_quoted(title)}"]
    if repeat_s:
        every = round(repeat_s * 1000)
        lines += [
            f"# 一次按下约每 {every} 毫秒重发 / one press is sent again about every {every} ms",
            f"debounce_ms = {debounce_ms(repeat_s)}",
        ]
    return lines


def _missing() -> list[str]:
    return [f"# {MISSING_ZH}", f"# {MISSING_EN}"]


def _serial_toml(
    top: Sequence[str], cells: Sequence[Cell], check: Check | None, keys: Mapping[str, str], size: int
) -> str:
    headless = cells[0].word == "data" and check is None
    row = ", ".join(_quoted(cell.word) for cell in cells)
    lines = [
        *top,
        "",
        "[frame]",
        f"fields = [{row}]",
        f"max_frame = {size + 1}",
    ]
    if not headless:
        data = next(cell for cell in cells if cell.word == "data")
        lines += ["[frame.data]", f"bytes = {data.end - data.start}"]
    if check:
        first = next(place for place, cell in enumerate(cells, 1) if cell.start <= check.start < cell.end)
        last = next(place for place, cell in enumerate(cells, 1) if cell.end == check.at)
        lines += [
            "[frame.check]",
            f'kind = "{check.kind}"',
            f'endian = "{check.endian}"',
            f'covers = "{first}..{last}"',
        ]
    return "\n".join([*lines, "", "[[rule]]", *_table("rule.keys", keys)]) + "\n"


def _table(name: str, values: Mapping[str, str]) -> list[str]:
    return [f"[{name}]", *(f'{_quoted(key)} = "{value}"' for key, value in values.items())]


def _quoted(text: str) -> str:
    """Plain words only: quotes, backslashes and control characters have no place in a title."""
    return '"' + "".join(char for char in text if char.isprintable() and char not in '"\\') + '"'


def _prove(text: str, samples: Samples) -> None:
    """The profile must read every press as it was meant."""
    profile = parse_profile(KIND.parse(text.encode(), "learned"))
    assert isinstance(profile, LineProfile)  # noqa: S101 - made of our own words above
    for word, presses in samples.items():
        for press in presses:
            if [heard.word for heard in replay(profile, [press])] != [word]:
                raise LearnError(
                    "学到的配置读不懂自己的样本，请重新学习", "the profile does not read its own samples"
                )

"""Frames of a serial device as a row of fields, written and read as a profile describes them. No I/O.

All of a frame but `data` has a fixed width. Where data ends is said by a length field, by a fixed width, or by the
fixed bytes behind it. Escaping, where there is any, is of everything between the fixed bytes at either end.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

Endian = Literal["little", "big"]
T = TypeVar("T")


class Kind(Enum):
    """What a field is. NUMBER is whatever the profile names: address, command, a device type, a sequence number."""

    FIXED = auto()
    LENGTH = auto()
    CHECK = auto()
    NUMBER = auto()
    DATA = auto()


@dataclass(frozen=True)
class Field:
    """`covers` are the first and last place in the row whose bytes a length counts or a checksum sums up.

    `width` 0 is only for data whose size another field or the tail decides; `value` is what the host sends in a
    NUMBER that a template does not name.
    """

    kind: Kind
    name: str
    width: int
    endian: Endian = "big"
    covers: tuple[int, int] = (0, 0)
    fixed: bytes = b""
    value: int = 0


@dataclass(frozen=True)
class Frame:
    """`numbers` by the names of their fields; `raw` is the frame as it stood on the line."""

    numbers: Mapping[str, int]
    data: bytes
    raw: bytes = field(default=b"", compare=False)


class Verdict(Enum):
    """Of the bytes at the front of what came: they are no frame, or they may become one."""

    NO_FRAME = auto()
    MORE = auto()


class Span(NamedTuple):
    field: Field
    start: int
    end: int


class View(NamedTuple):
    """Bytes without their escapes; the first n of them took `ends[n]` bytes on the line. What stands at `bad_at` may
    not stand between the fixed bytes at either end: a byte that should be escaped, or an escape that is none."""

    data: bytes
    ends: Mapping[int, int] | None
    bad_at: int = sys.maxsize

    def on_the_line(self, size: int) -> int:
        return size if self.ends is None else self.ends[size]


@dataclass(frozen=True)
class Framing:
    """`escapes` maps a byte to the two that stand for it. `max_frame` counts bytes before escaping."""

    row: tuple[Field, ...]
    max_frame: int
    checksum: Callable[[bytes], int] = sum
    escapes: Mapping[int, bytes] = field(default_factory=dict)

    @cached_property
    def head(self) -> bytes:
        return b"".join(_while_fixed(iter(self.row)))

    @cached_property
    def tail(self) -> bytes:
        return b"".join(reversed(list(_while_fixed(reversed(self.row)))))

    @cached_property
    def by_lines(self) -> bool:
        """Nothing but the delimiter behind it says where a frame begins: it begins behind another delimiter."""
        return not self.head and self._ends_by_tail

    @cached_property
    def longest_on_the_line(self) -> int:
        return self.max_frame * (2 if self.escapes else 1)

    def encode(self, numbers: Mapping[str, int], data: bytes) -> bytes:
        """Raises `ValueError` for a number or for data that does not fit its field."""
        parts = [self._part(one, numbers, data) for one in self.row]
        for at, one in enumerate(self.row):
            if one.kind is Kind.LENGTH:
                parts[at] = self._bytes(one, sum(map(len, _covered(parts, one))))
        for at, one in enumerate(self.row):
            if one.kind is Kind.CHECK:
                parts[at] = self._bytes(one, self.checksum(b"".join(_covered(parts, one))))
        return self._escaped(b"".join(parts))

    def match(self, raw: bytes) -> Frame | Verdict:
        """Judge the front of `raw`, which need be no longer than `longest_on_the_line`."""
        if not _agree(raw, self.head):
            return Verdict.NO_FRAME
        view = self._view(raw)
        found: Frame | Verdict = Verdict.MORE
        for size in self._sizes(view):
            found = self._judge(view, size, raw)
            if isinstance(found, Frame):
                break
        if found is Verdict.MORE and len(raw) >= self.longest_on_the_line:
            return Verdict.NO_FRAME
        return found

    # -- how long

    @cached_property
    def _widths(self) -> int:
        """Everything but the data."""
        return sum(one.width for one in self.row if one.kind is not Kind.DATA)

    @cached_property
    def _data(self) -> Field | None:
        return next((one for one in self.row if one.kind is Kind.DATA), None)

    @cached_property
    def _length(self) -> Field | None:
        return next((one for one in self.row if one.kind is Kind.LENGTH), None)

    @cached_property
    def _ends_by_tail(self) -> bool:
        return self._data is not None and not self._data.width and self._length is None

    def _sizes(self, view: View) -> Iterator[int | None]:
        """Sizes that the data may have by what has come; None while that cannot be said."""
        if self._length is not None:
            yield self._told_size(view, self._length)
        elif self._ends_by_tail:
            yield from self._sizes_by_tail(view)
        else:
            yield self._data.width if self._data else 0

    def _told_size(self, view: View, length: Field) -> int | None:
        span = next(span for span in self.spans(0) if span.field is length)
        if len(view.data) < span.end:
            return None
        told = int.from_bytes(view.data[span.start : span.end], length.endian)
        return told - sum(one.width for one in _covered(self.row, length) if one.kind is not Kind.DATA)

    def _sizes_by_tail(self, view: View) -> Iterator[int | None]:
        shortest = self._widths - len(self.tail)
        at = view.data.find(self.tail, shortest)
        while 0 <= at <= self.max_frame - len(self.tail):
            yield at - shortest
            at = view.data.find(self.tail, at + 1)
        if len(view.data) < self.max_frame:
            yield None

    def spans(self, size: int) -> list[Span]:
        """Where each field stands when the data has `size` bytes."""
        spans, at = [], 0
        for one in self.row:
            end = at + (size if one.kind is Kind.DATA else one.width)
            spans.append(Span(one, at, end))
            at = end
        return spans

    # -- whether it is one

    def _judge(self, view: View, size: int | None, raw: bytes) -> Frame | Verdict:
        if size is None:
            before = next(span.start for span in self.spans(0) if span.field.kind is Kind.DATA)
            wrong = view.bad_at < before or not self._plausible(view.data[:before], 0)
            return Verdict.NO_FRAME if wrong else Verdict.MORE
        total = self._widths + size
        if size < 0 or total > self.max_frame or view.bad_at < total - len(self.tail):
            return Verdict.NO_FRAME
        body = view.data[:total]
        if not self._plausible(body, size):
            return Verdict.NO_FRAME
        if len(body) < total:
            return Verdict.MORE
        return (
            self._frame(body, size, raw[: view.on_the_line(total)]) if self._sums_up(body, size) else Verdict.NO_FRAME
        )

    def _plausible(self, body: bytes, size: int) -> bool:
        """Whether what has come of fixed bytes and repeated lengths is right so far."""
        lengths = []
        for one, start, end in self.spans(size):
            if one.kind is Kind.FIXED and not _agree(body[start:end], one.fixed):
                return False
            if one.kind is Kind.LENGTH and len(body) >= end:
                lengths.append(body[start:end])
        return len(set(lengths)) <= 1

    def _sums_up(self, body: bytes, size: int) -> bool:
        spans = self.spans(size)
        for one, start, end in spans:
            first, last = one.covers
            covered = body[spans[first].start : spans[last].end]
            if one.kind is Kind.CHECK and self._bytes(one, self.checksum(covered)) != body[start:end]:
                return False
        return True

    def _frame(self, body: bytes, size: int, raw: bytes) -> Frame:
        numbers, data = {}, b""
        for one, start, end in self.spans(size):
            if one.kind is Kind.NUMBER:
                numbers[one.name] = int.from_bytes(body[start:end], one.endian)
            elif one.kind is Kind.DATA:
                data = body[start:end]
        return Frame(numbers, data, raw)

    # -- bytes

    def _part(self, one: Field, numbers: Mapping[str, int], data: bytes) -> bytes:
        match one.kind:
            case Kind.DATA:
                if one.width and len(data) != one.width:
                    raise ValueError(f"data must have {one.width} bytes")
                return data
            case Kind.NUMBER:
                return self._bytes(one, numbers.get(one.name, one.value))
            case _:
                return one.fixed or bytes(one.width)

    @staticmethod
    def _bytes(one: Field, value: int) -> bytes:
        if value >= 256**one.width:
            raise ValueError(f"{one.name} must fit in {one.width} bytes")
        return value.to_bytes(one.width, one.endian)

    def _escaped(self, body: bytes) -> bytes:
        if len(body) > self.max_frame:
            raise ValueError(f"a frame must not be longer than {self.max_frame} bytes")
        inner = body[len(self.head) : len(body) - len(self.tail)]
        return self.head + b"".join(self.escapes.get(byte, bytes((byte,))) for byte in inner) + self.tail

    def _view(self, raw: bytes) -> View:
        if not self.escapes:
            return View(raw, None)
        plain = {pair: byte for byte, pair in self.escapes.items()}
        leads = {pair[0] for pair in plain}
        data, bad_at, at = bytearray(raw[: len(self.head)]), sys.maxsize, len(self.head)
        ends = {size: size for size in range(at + 1)}
        while at < len(raw):
            pair = raw[at : at + 2]
            if raw[at] in leads and len(pair) < 2:
                break
            byte, width = (plain[pair], 2) if pair in plain else (raw[at], 1)
            if width == 1 and (byte in self.escapes or byte in leads):
                bad_at = min(bad_at, len(data))
            data.append(byte)
            at += width
            ends[len(data)] = at
        return View(bytes(data), ends, bad_at)


class FrameReader:
    """Feed it whatever arrived. Keeps less than one longest frame; what is no frame is skipped and counted."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._pending = b""
        self._in_step = True
        self._mid_line = framing.by_lines  # where we came in may be the middle of a line
        self.resyncs = 0

    def feed(self, data: bytes) -> list[Frame]:
        self._pending += data
        frames: list[Frame] = []
        at = self._line_start(0)
        while at < len(self._pending) and not self._mid_line:
            found = self._framing.match(self._pending[at : at + self._framing.longest_on_the_line])
            if isinstance(found, Frame):
                frames.append(found)
                at += len(found.raw)
                self._in_step = True
            elif found is Verdict.NO_FRAME:
                at = self._skip(at)
            else:
                break
        self._pending = self._pending[at:]
        return frames

    def silence(self) -> list[Frame]:
        """The line fell silent: what is unfinished stays so, but a whole frame may stand inside it."""
        frames: list[Frame] = []
        if self._framing.by_lines:
            self._pending, self._mid_line = b"", False
        while self._pending:
            rest, self._pending = self._pending[1:], b""
            self._out_of_step()
            frames += self.feed(rest)
        return frames

    def _skip(self, at: int) -> int:
        """Where the next frame may begin."""
        self._out_of_step()
        if self._framing.by_lines:
            self._mid_line = True
            return self._line_start(at)
        if not self._framing.head:
            return at + 1
        next_head = self._pending.find(self._framing.head[:1], at + 1)
        return len(self._pending) if next_head < 0 else next_head

    def _line_start(self, at: int) -> int:
        """Behind the next delimiter, when we are in the middle of a line; half of it may be all that has come."""
        if not self._mid_line:
            return at
        tail = self._framing.tail
        end = self._pending.find(tail, at)
        self._mid_line = end < 0
        return max(at, len(self._pending) - len(tail) + 1) if self._mid_line else end + len(tail)

    def _out_of_step(self) -> None:
        self.resyncs += self._in_step
        self._in_step = False


def _while_fixed(row: Iterator[Field]) -> Iterator[bytes]:
    for one in row:
        if one.kind is not Kind.FIXED:
            return
        yield one.fixed


def _covered(row: Sequence[T], one: Field) -> Sequence[T]:
    first, last = one.covers
    return row[first : last + 1]


def _agree(some: bytes, whole: bytes) -> bool:
    """Whether the shorter is the beginning of the longer."""
    return some[: len(whole)] == whole[: len(some)]

"""Frames of a serial evaluator, written and read as a profile describes them. No I/O.

A frame is a row of fields, each one byte except `data`: two hex digits for a fixed byte, `length`, `address`,
`command`, `data` and the checksum `sum8`. Length and checksum cover address, command and data.
"""

from dataclasses import dataclass

FIELDS = ("length", "address", "command", "data", "sum8")
COVERED = ("address", "command", "data")


@dataclass(frozen=True)
class Frame:
    address: int
    command: int
    data: bytes = b""


@dataclass(frozen=True)
class Framing:
    """`fields` as in the profile; `max_data` caps what a length byte is believed."""

    fields: tuple[str, ...]
    max_data: int

    def encode(self, frame: Frame) -> bytes:
        covered = bytes([frame.address, frame.command]) + frame.data
        values = {
            "length": bytes([len(covered)]),
            "address": covered[:1],
            "command": covered[1:2],
            "data": frame.data,
            "sum8": bytes([sum(covered) & 0xFF]),
        }
        return b"".join(values.get(field) or _fixed(field, values) for field in self.fields)

    @property
    def max_frame(self) -> int:
        return len(self.fields) - 1 + self.max_data


def _fixed(field: str, values: dict[str, bytes]) -> bytes:
    return b"" if field in values else bytes.fromhex(field)


class _NoFrame(Exception):  # noqa: N818 - a finding, not an error
    """What stands at the front cannot be a frame."""


class _Incomplete(Exception):  # noqa: N818 - likewise
    """What stands at the front may become a frame."""


class FrameReader:
    """Feed it whatever arrived. Keeps less than one longest frame; noise is skipped byte by byte."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._pending = b""

    def feed(self, data: bytes) -> list[Frame]:
        self._pending += data
        frames = []
        while self._pending:
            try:
                frame, length = self._match()
            except _NoFrame:
                self._pending = self._pending[1:]
            except _Incomplete:
                break
            else:
                frames.append(frame)
                self._pending = self._pending[length:]
        return frames

    def gap(self) -> list[Frame]:
        """The line fell silent: what is unfinished stays so, but a whole frame may stand inside it."""
        frames = []
        while self._pending:
            frames += self.feed(self._drop_first())
        return frames

    def _drop_first(self) -> bytes:
        rest, self._pending = self._pending[1:], b""
        return rest

    def _match(self) -> tuple[Frame, int]:
        cursor = _Cursor(self._pending)
        values = {"length": b"", "address": b"", "command": b"", "data": b""}
        for field in self._framing.fields:
            if field in values:
                self._take(field, cursor, values)
            elif cursor.take(1) != self._expected(field, values):
                raise _NoFrame
        return Frame(values["address"][0], values["command"][0], values["data"]), cursor.at

    def _take(self, field: str, cursor: "_Cursor", values: dict[str, bytes]) -> None:
        if field == "data":
            values["data"] = cursor.take(values["length"][0] - 2)
            return
        value = cursor.take(1)
        if field == "length":
            repeated = values["length"] or value
            if value != repeated or not 2 <= value[0] <= self._framing.max_data + 2:
                raise _NoFrame
        values[field] = value

    def _expected(self, field: str, values: dict[str, bytes]) -> bytes:
        if field == "sum8":
            return bytes([sum(sum(values[name]) for name in COVERED) & 0xFF])
        return bytes.fromhex(field)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self.at : self.at + count]
        self.at += count
        if len(part) < count:
            raise _Incomplete
        return part

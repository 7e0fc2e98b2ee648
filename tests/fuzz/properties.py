"""What every codec must keep, whatever comes: the fuzzer looks for bytes that break it, hypothesis for pieces."""

import pickle
from itertools import pairwise

from tests.fuzz.codecs import Codec, Parser, Reader

OVERHEAD = 128
"""Bytes of a pickle that are not held data."""


def hold(codec: Codec, data: bytes) -> None:
    """All that can be said of arbitrary bytes, in one go."""
    same_in_any_pieces(codec, data, [len(data) // 3, len(data) // 2])
    bounded(codec, data)
    found_again_after(codec, data)


def same_in_any_pieces(codec: Codec, data: bytes, cuts: list[int]) -> list[object]:
    """Whole, byte by byte and split anywhere give the same events."""
    whole = codec.make().feed(data)
    assert _in_pieces(codec.make(), data, list(range(len(data)))) == whole
    assert _in_pieces(codec.make(), data, cuts) == whole
    return whole


def bounded(codec: Codec, data: bytes) -> None:
    """A reader never holds more than one longest frame."""
    reader = codec.make()
    reader.feed(data)
    assert _size(reader) - _size(codec.make()) <= codec.longest + OVERHEAD


def found_again_after(codec: Codec, noise: bytes) -> None:
    """Noise may look like the beginning of a frame: it costs one frame, never more."""
    reader = codec.make()
    reader.feed(noise)
    for _ in range(codec.misled // len(codec.frame) + 1):
        reader.feed(codec.frame)
    assert reader.feed(codec.frame) == [codec.event]


def refuses_or_takes(parser: Parser, data: bytes) -> None:
    try:
        parser.parse(data)
    except parser.refuses as error:
        assert str(error)


def _in_pieces(reader: Reader, data: bytes, cuts: list[int]) -> list[object]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [event for start, end in pairwise(edges) for event in reader.feed(data[start:end])]


def _size(reader: Reader) -> int:
    return len(pickle.dumps(reader))

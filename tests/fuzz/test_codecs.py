"""Every codec: the same events however the bytes are cut, bounded memory, found again within one frame."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.codecs import PARSERS, READERS
from tests.fuzz.properties import bounded, found_again_after, hold, refuses_or_takes, same_in_any_pieces

every_reader = pytest.mark.parametrize("codec", READERS, ids=lambda codec: codec.name)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@every_reader
@quick
@given(frames=st.integers(1, 5), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_good_frames_are_read_in_any_pieces(codec, frames, cuts):
    assert same_in_any_pieces(codec, codec.frame * frames, cuts) == [codec.event] * frames


@every_reader
@quick
@given(noise=st.binary(max_size=200), cuts=st.lists(st.integers(0, 300), max_size=8), data=st.data())
def test_noise_and_broken_frames_cost_one_frame(codec, noise, cuts, data):
    at = data.draw(st.integers(0, len(codec.frame)))
    for dirt in (noise, noise + codec.frame[:at], codec.frame[:at] + noise, codec.frame[:at] + codec.frame[at + 1 :]):
        same_in_any_pieces(codec, dirt + codec.frame, cuts)
        found_again_after(codec, dirt)


@every_reader
@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"\x10", b"\xa5", b"\x5b\x01", b"\xff\x68\x22\x22\x68"])
def test_an_oversized_frame_is_given_up(codec, filler):
    flood = codec.frame[: len(codec.frame) // 2] + filler * (20_000 // len(filler))
    bounded(codec, flood)
    found_again_after(codec, flood)


@every_reader
def test_each_kind_of_byte_in_each_place(codec):
    for at in range(len(codec.frame)):
        for byte in (0x00, 0x10, 0x16, 0x5A, 0x5B, 0xA5, 0xA6, 0xFF):
            hold(codec, codec.frame[:at] + bytes([byte]) + codec.frame[at + 1 :])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
@quick
@given(data=st.data())
def test_a_file_is_taken_or_refused_in_words(parser, data):
    parser.parse(parser.good)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(parser.good))] * 2)))
    refuses_or_takes(parser, parser.good[:start] + data.draw(st.binary(max_size=30)) + parser.good[end:])

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.evaluator.frames import Frame, FrameReader
from devices.evaluator.profile import load_profile

FF68 = load_profile("ff68").framing
GOLDEN = [
    (Frame(1, 3), "ff6802026801030416"),
    (Frame(3, 0x11, b"\x01"), "ff680303680311011516"),
    (Frame(7, 1, b"\x0c"), "ff6803036807010c1416"),
    (Frame(2, 2, bytes.fromhex("0001020a0a0a")), "ff6808086802020001020a0a0a2516"),
]
FRAMES = st.builds(Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=32))


@pytest.mark.parametrize(("frame", "code"), GOLDEN)
def test_golden_bytes(frame, code):
    assert FF68.encode(frame).hex() == code
    assert FrameReader(FF68).feed(bytes.fromhex(code)) == [frame]


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(0, 400), max_size=10))
def test_any_split_gives_the_same(frames, cuts):
    line = b"".join(map(FF68.encode, frames))
    edges = [0, *sorted(cut % (len(line) + 1) for cut in cuts), len(line)]
    split = FrameReader(FF68)
    assert [f for a, b in itertools.pairwise(edges) for f in split.feed(line[a:b])] == frames
    single = FrameReader(FF68)
    assert [f for byte in line for f in single.feed(bytes([byte]))] == frames


@given(st.binary(max_size=80), FRAMES, st.binary(max_size=20))
def test_a_frame_between_noise_is_found_when_the_line_falls_silent(before, frame, after):
    reader = FrameReader(FF68)
    assert frame in reader.feed(before + FF68.encode(frame) + after) + reader.gap()


@given(st.binary(max_size=3000))
def test_noise_neither_raises_nor_gathers(noise):
    reader = FrameReader(FF68)
    reader.feed(noise)
    assert len(reader._pending) < FF68.max_frame
    reader.gap()
    assert reader._pending == b""


@pytest.mark.parametrize(
    "broken",
    [
        "ff680303680311011616",  # checksum
        "ff680303680311011517",  # tail
        "ff680304680311011516",  # lengths differ
        "ff680101680101",  # too short to hold address and command
        "ff68fefe680311",  # longer than any frame
        "ff6803036803",  # breaks off
    ],
)
def test_what_is_broken_is_no_frame_and_costs_nothing_behind_it(broken):
    reader = FrameReader(FF68)
    good = bytes.fromhex(GOLDEN[1][1])
    assert reader.feed(bytes.fromhex(broken) + good) + reader.gap() == [GOLDEN[1][0]]


def test_a_gap_gives_up_half_a_frame():
    reader = FrameReader(FF68)
    assert reader.feed(bytes.fromhex("ff68030368")) == []
    assert reader.gap() == []
    assert reader.feed(bytes.fromhex("0311011516")) == []

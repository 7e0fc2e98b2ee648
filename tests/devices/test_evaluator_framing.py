"""Frames of every profile: golden bytes, any split, noise, oversize, and never a press out of noise."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.checksums import CHECKSUMS
from devices.evaluator.framing import Frame, FrameReader
from devices.evaluator.rules import first_fitting
from tests.devices.pad_frames import SHIPPED, strange_frame

FF68 = SHIPPED["ff68"].profile.framing
GOLDEN = [
    (1, 3, "", "ff6802026801030416"),
    (3, 0x11, "01", "ff680303680311011516"),
    (7, 1, "0c", "ff6803036807010c1416"),
    (2, 2, "0001020a0a0a", "ff6808086802020001020a0a0a2516"),
]
CHECK_VALUES = [
    ("sum8", "0103", 0x04),
    ("xor8", "0103", 0x02),
    ("crc16-modbus", "aa550201", 0x4CF1),
    ("crc16-modbus", "313233343536373839", 0x4B37),
    ("crc16-arc", "313233343536373839", 0xBB3D),
]
few = settings(max_examples=40)
each_profile = pytest.mark.parametrize("made", SHIPPED.values(), ids=SHIPPED)


def words(profile, frames):
    rules = [first_fitting(profile.rules, frame) for frame in frames]
    return [rule.word(frame) for rule, frame in zip(rules, frames, strict=True) if rule]


def heard(reader, data):
    return reader.feed(data) + reader.silence()


@pytest.fixture
def reader(made):
    ready = FrameReader(made.profile.framing)
    ready.silence()  # a line that was silent before: what comes begins a frame
    return ready


@pytest.mark.parametrize(("kind", "data", "value"), CHECK_VALUES)
def test_published_check_values(kind, data, value):
    assert CHECKSUMS[kind][1](bytes.fromhex(data)) == value


@pytest.mark.parametrize(("address", "command", "data", "code"), GOLDEN)
def test_golden_bytes(address, command, data, code):
    numbers = {"address": address, "command": command}
    assert FF68.encode(numbers, bytes.fromhex(data)).hex() == code
    assert FrameReader(FF68).feed(bytes.fromhex(code)) == [Frame(numbers, bytes.fromhex(data))]


@each_profile
def test_every_frame_means_what_it_should_and_is_written_the_same(made, reader):
    frames = reader.feed(b"".join(made.frames))
    assert words(made.profile, frames) == list(made.presses.values())
    assert [frame.raw for frame in frames] == made.frames
    assert [made.profile.framing.encode(frame.numbers, frame.data) for frame in frames] == made.frames
    assert reader.resyncs == 0


@each_profile
@few
@given(data=st.data())
def test_any_split_gives_the_same(made, data):
    line = b"".join(data.draw(st.lists(st.sampled_from(made.frames), max_size=6)))
    cuts = data.draw(st.lists(st.integers(0, len(line)), max_size=10))
    whole, split, single = (FrameReader(made.profile.framing) for _ in range(3))
    for one in (whole, split, single):
        one.silence()
    expected = whole.feed(line)
    edges = [0, *sorted(cuts), len(line)]
    assert [f for a, b in itertools.pairwise(edges) for f in split.feed(line[a:b])] == expected
    assert [f for byte in line for f in single.feed(bytes([byte]))] == expected


@each_profile
@few
@given(before=st.binary(max_size=80), after=st.binary(max_size=20), data=st.data())
def test_noise_costs_no_frame_that_stands_between_silences(made, before, after, data):
    frame = data.draw(st.sampled_from(made.frames))
    reader = FrameReader(made.profile.framing)
    heard(reader, before)
    assert frame in [found.raw for found in heard(reader, frame + after)]


@each_profile
@few
@given(before=st.binary(max_size=80), data=st.data())
def test_in_step_again_within_one_frame(made, before, data):
    """Behind noise without any silence, as many good frames as the longest frame holds bring the reader back."""
    frame = data.draw(st.sampled_from(made.frames))
    reader = FrameReader(made.profile.framing)
    times = made.profile.framing.longest_on_the_line // len(frame) + 2
    assert frame in [found.raw for found in reader.feed(before + frame * times)]


@each_profile
@few
@given(noise=st.binary(max_size=3000))
def test_noise_neither_raises_nor_gathers(made, noise):
    reader = FrameReader(made.profile.framing)
    reader.feed(noise)
    assert len(reader._pending) <= made.profile.framing.longest_on_the_line
    reader.silence()
    assert reader._pending == b""


@each_profile
def test_a_megabyte_of_noise_is_no_press_and_does_not_gather(made):
    noise = random.Random(20260301).randbytes(1_000_000)
    reader = FrameReader(made.profile.framing)
    frames = []
    for at in range(0, len(noise), 4096):
        frames += reader.feed(noise[at : at + 4096])
        assert len(reader._pending) <= made.profile.framing.longest_on_the_line
    assert words(made.profile, frames) == []


@pytest.mark.parametrize("line", [b"x1\r\n", b"11\r\n", b"1 \r\n", b"\x001\r\n", b"1\r", b"1\n", b"4\r\n", b"\r\n"])
def test_an_ascii_digit_counts_only_alone_on_its_line(line):
    ascii_box = SHIPPED["ascii"].profile
    reader = FrameReader(ascii_box.framing)
    reader.silence()
    assert words(ascii_box, heard(reader, line)) == []
    assert words(ascii_box, heard(reader, b"1\r\n")) == ["satisfied"]


def test_an_endless_line_is_not_kept():
    reader = FrameReader(SHIPPED["ascii"].profile.framing)
    reader.silence()
    for _ in range(1000):
        assert reader.feed(b"1" * 100) == []
    assert len(reader._pending) < 16
    assert [frame.data for frame in reader.feed(b"\r\n2\r\n")] == [b"2"]


@pytest.mark.parametrize(
    "broken",
    [
        "ff680303680311011616",  # checksum
        "ff680303680311011517",  # tail
        "ff680304680311011516",  # lengths differ
        "ff680101680101",  # counts fewer than its own fields
        "ff68fefe680311",  # longer than any frame
        "ff6803036803",  # breaks off
    ],
)
def test_what_is_broken_costs_nothing_behind_it(broken):
    reader = FrameReader(FF68)
    good = bytes.fromhex(GOLDEN[1][3])
    found = heard(reader, bytes.fromhex(broken) + good)
    assert [frame.raw for frame in found] == [good]
    assert reader.resyncs == 1


def test_silence_gives_up_half_a_frame():
    reader = FrameReader(FF68)
    assert heard(reader, bytes.fromhex("ff68030368")) == []
    assert heard(reader, bytes.fromhex("0311011516")) == []


def test_a_raw_delimiter_within_an_escaped_frame_begins_another():
    reader = FrameReader(SHIPPED["strange"].profile.framing)
    good = strange_frame(1, b"\x00\xc0")
    assert [frame.raw for frame in reader.feed(good[:6] + good)] == [good]


@pytest.mark.parametrize("numbers", [{"address": 256}, {"command": 300}])
def test_a_number_that_does_not_fit_is_refused(numbers):
    with pytest.raises(ValueError, match="must fit"):
        FF68.encode(numbers, b"")

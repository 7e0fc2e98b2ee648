import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.escpos.fence import ID_BYTES
from devices.escpos.status import (
    AutoStatus,
    Faults,
    FencePassed,
    QueuedPaper,
    RealTime,
    StatusReader,
    paper_ended,
)

CUTS = st.lists(st.integers(0, 200), max_size=12)
ASB = st.builds(
    lambda first, rest: bytes([first & 0x6C | 0x10, *(byte & 0x6F for byte in rest)]),
    st.integers(0, 255),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
)
FENCE_ID = st.lists(st.sampled_from(list(ID_BYTES)), min_size=4, max_size=4).map(bytes)
OWN = b"1Q]s"


def expecting(*queries: int, queued: int = 0) -> StatusReader:
    reader = StatusReader()
    for query in queries:
        reader.expect_real_time(query)
    for _ in range(queued):
        reader.expect_queued()
    return reader


def fence(job_id: bytes) -> bytes:
    return b"\x37\x22" + job_id + b"\x00"


def test_everything_interleaved():
    reader = expecting(1, 4, queued=1)
    line = b"\x16" + b"\x10\x00\x00\x00" + fence(OWN) + b"\x0c" + b"\x14\x00\x0c\x0f" + b"\x72"
    assert reader.feed(line) == [
        RealTime(1, 0x16),
        AutoStatus(b"\x10\x00\x00\x00"),
        FencePassed(OWN),
        QueuedPaper(0x0C),
        AutoStatus(b"\x14\x00\x0c\x0f"),
        RealTime(4, 0x72),
    ]


def test_a_real_time_reply_inside_an_automatic_frame():
    assert expecting(2).feed(b"\x10\x00\x12\x00\x00") == [RealTime(2, 0x12), AutoStatus(b"\x10\x00\x00\x00")]


def test_an_anonymous_byte_that_nobody_asked_for_is_noise():
    reader = expecting()
    assert reader.feed(b"\x12\x00\x0c\x16\xff\x80") == []
    reader.expect_real_time(1)
    assert reader.feed(b"\x12") == [RealTime(1, 0x12)]
    reader.expect_real_time(2)
    reader.forget_real_time()
    assert reader.feed(b"\x12") == []


@given(st.lists(st.one_of(ASB, FENCE_ID.map(fence), st.just(b"\x12")), max_size=8), CUTS)
def test_any_split_gives_the_same(parts, cuts):
    line = b"".join(parts)
    queries = [1 + n % 4 for n in range(parts.count(b"\x12"))]
    whole = expecting(*queries).feed(line)
    edges = [0, *sorted(cut % (len(line) + 1) for cut in cuts), len(line)]
    split = expecting(*queries)
    bits = [line[a:b] for a, b in itertools.pairwise(edges)]
    assert [event for bit in bits for event in split.feed(bit)] == whole
    single = expecting(*queries)
    assert [event for byte in line for event in single.feed(bytes([byte]))] == whole
    assert len(whole) == len(parts)


@given(st.binary(max_size=60), FENCE_ID)
def test_a_fence_is_found_behind_noise(noise, job_id):
    reader = expecting(1, 2, 4)
    # 0xFF ends whatever the noise began: it belongs to no answer
    assert FencePassed(job_id) in reader.feed(noise + b"\xff" * 7 + fence(job_id))


@given(st.binary(max_size=2000))
def test_noise_neither_raises_nor_gathers(noise):
    reader = expecting(*[1] * 16)
    reader.feed(noise)
    assert len(reader._auto + reader._fence) <= 9


def test_a_broken_fence_costs_nothing_behind_it():
    assert expecting().feed(b"\x37\x2211" + fence(OWN)) == [FencePassed(OWN)]
    assert expecting().feed(b"\x37" + fence(OWN)) == [FencePassed(OWN)]
    assert expecting().feed(b"\x10\x00" + fence(OWN)) == [FencePassed(OWN)]  # an automatic frame lost its end


@pytest.mark.parametrize("at", range(8))
def test_status_in_the_middle_of_a_fence_spoils_neither(at):
    answer, auto = fence(OWN), b"\x18\x00\x0f\x00"
    assert expecting(1).feed(answer[:at] + b"\x16" + answer[at:]) in (
        [RealTime(1, 0x16), FencePassed(OWN)],
        [FencePassed(OWN), RealTime(1, 0x16)],
    )
    assert expecting().feed(answer[:at] + auto + answer[at:]) in (
        [AutoStatus(auto), FencePassed(OWN)],
        [FencePassed(OWN), AutoStatus(auto)],
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (RealTime(1, 0x12), set()),
        (RealTime(1, 0x1A), {"offline"}),
        (RealTime(2, 0x16), {"cover_open"}),
        (RealTime(2, 0x32), {"paper_out"}),
        (RealTime(2, 0x52), {"error"}),
        (RealTime(3, 0x1A), {"cutter"}),
        (RealTime(3, 0x32), {"error"}),
        (RealTime(4, 0x1E), {"paper_low"}),
        (RealTime(4, 0x7E), {"paper_low", "paper_out"}),
        (AutoStatus(b"\x10\x00\x00\x00"), set()),
        (AutoStatus(b"\x18\x00\x00\x00"), {"offline"}),
        (AutoStatus(b"\x30\x00\x00\x00"), {"cover_open"}),
        (AutoStatus(b"\x10\x08\x00\x00"), {"cutter"}),
        (AutoStatus(b"\x10\x20\x00\x00"), {"error"}),
        (AutoStatus(b"\x10\x40\x00\x00"), {"error"}),
        (AutoStatus(b"\x18\x00\x0f\x00"), {"offline", "paper_low", "paper_out"}),
    ],
)
def test_fault_words(event, words):
    faults = Faults()
    faults.hear(event)
    assert faults.words == words


def test_automatic_status_replaces_what_was_asked():
    faults = Faults()
    for event in (RealTime(2, 0x32), RealTime(4, 0x72), RealTime(1, 0x1A)):
        faults.hear(event)
    faults.hear(AutoStatus(b"\x10\x00\x00\x00"))
    assert faults.words == set()


def test_a_queued_reply_may_say_that_paper_ended():
    assert paper_ended(QueuedPaper(0x0C)) and not paper_ended(QueuedPaper(0x03))

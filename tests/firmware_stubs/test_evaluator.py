"""The pad on a real pty: presses, acknowledgements, what the host shows on it, faults."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.evaluator import EvaluatorStub
from firmware_stubs.evaluator.ff68 import Decoder, Frame
from firmware_stubs.lines import PtyEnd
from firmware_stubs.refusal import RefusedError

RATING_1 = bytes.fromhex("ff680303680311011516")
ACK_1 = Frame(3, 0x01, b"\x01").encode()
PROMPT = Frame(3, 0x01, b"\x0b").encode()


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[EvaluatorStub]:
    with EvaluatorStub(PtyEnd(tmp_path / "ev"), address=3, resend_s=0.1, thanks_s=0.3) as stub:
        yield stub


def until(pad: EvaluatorStub, name: str, value: object) -> None:
    end = time.monotonic() + 5
    while pad.state()[name] != value:
        assert time.monotonic() < end, pad.state()
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("frame", "wire"),
    [
        (Frame(1, 3), "ff6802026801030416"),
        (Frame(3, 0x11, b"\x01"), "ff680303680311011516"),
        (Frame(7, 1, b"\x0c"), "ff6803036807010c1416"),
        (Frame(2, 2, bytes.fromhex("0001020a0a0a")), "ff6808086802020001020a0a0a2516"),
    ],
)
def test_golden_frames(frame: Frame, wire: str) -> None:
    assert frame.encode().hex() == wire
    assert Decoder().feed(bytes.fromhex(wire)) == [frame]
    noisy = Decoder()
    found = [
        f for byte in b"\xff\xff\x68\x00\x68" + bytes.fromhex(wire) + b"\xff" for f in noisy.feed(bytes((byte,)))
    ]
    assert found == [frame]


@given(st.binary(max_size=300))
def test_noise_is_skipped_and_a_frame_after_it_is_found(noise: bytes) -> None:
    decoder = Decoder()
    decoder.feed(noise)
    assert PROMPT_FRAME in decoder.feed(PROMPT * 10)
    assert len(decoder._held) < 80


PROMPT_FRAME = Frame(3, 0x01, b"\x0b")


@pytest.mark.parametrize(("key", "value"), [("satisfied", 1), ("basically_satisfied", 2), ("dissatisfied", 3)])
def test_a_press_is_sent_and_acknowledged(pad: EvaluatorStub, serial_host, key: str, value: int) -> None:
    host = serial_host(pad.end.address)
    host.write(PROMPT)
    until(pad, "prompting", True)
    pad.press(key)
    assert host.read(10) == Frame(3, 0x11, bytes((value,))).encode()
    host.write(Frame(3, 0x01, bytes((value,))).encode())
    until(pad, "last_acked", key)
    state = pad.state()
    assert (state["prompting"], state["thanking"], state["pending"]) == (False, False, None)


@pytest.mark.parametrize("thanks", [Frame(3, 0x03), Frame(3, 0x02, b"\x05")])
def test_thanks_come_from_the_host_and_pass(pad: EvaluatorStub, serial_host, thanks: Frame) -> None:
    host = serial_host(pad.end.address)
    host.write(PROMPT)
    until(pad, "prompting", True)
    host.write(thanks.encode())
    until(pad, "thanking", True)
    assert not pad.state()["prompting"]
    until(pad, "thanking", False)
    assert not pad.state()["prompting"]


def test_the_prompt_goes_out_by_itself(tmp_path: Path, serial_host) -> None:
    with EvaluatorStub(PtyEnd(tmp_path / "ev"), address=3, prompt_s=0.2) as brief:
        serial_host(brief.end.address).write(PROMPT)
        until(brief, "prompting", True)
        until(brief, "prompting", False)


def test_the_prompt_makes_way_for_digits(pad: EvaluatorStub, serial_host) -> None:
    host = serial_host(pad.end.address)
    host.write(PROMPT)
    until(pad, "prompting", True)
    host.write(Frame(3, 2, bytes.fromhex("0001020a0a0a")).encode())
    until(pad, "prompting", False)


def test_a_pad_plugged_in_again_asks_nobody(pad: EvaluatorStub, serial_host) -> None:
    serial_host(pad.end.address).write(PROMPT)
    until(pad, "prompting", True)
    pad.set_fault("unplug")
    pad.set_fault("unplug", False)
    assert not pad.state()["prompting"]


def test_an_unanswered_press_is_sent_four_times_and_given_up(pad: EvaluatorStub, serial_host) -> None:
    host = serial_host(pad.end.address, 0.6)
    pad.press("satisfied")
    with pytest.raises(RefusedError, match="按键已锁定"):
        pad.press("dissatisfied")
    assert host.read(40) == RATING_1 * 4
    assert host.silent()
    until(pad, "pending", None)
    assert pad.state()["last_acked"] is None
    assert pad.counters["unacked"] == 1


def test_an_acknowledgement_of_something_else_does_not_count(pad: EvaluatorStub, serial_host) -> None:
    host = serial_host(pad.end.address)
    pad.press("satisfied")
    host.read(10)
    host.write(Frame(3, 0x01, b"\x03").encode() + Frame(4, 0x01, b"\x01").encode())
    assert host.read(10) == RATING_1  # sent again
    host.write(ACK_1)
    until(pad, "last_acked", "satisfied")


def test_what_the_host_shows(pad: EvaluatorStub, serial_host) -> None:
    host = serial_host(pad.end.address)
    host.write(Frame(3, 2, bytes.fromhex("0001020a0a0a")).encode() + Frame(3, 2, b"\x05").encode())
    host.write(Frame(3, 3).encode() * 2)
    until(pad, "beeps", 2)
    assert pad.state()["digits"] == "012   "
    assert pad.state()["stars"] == 5


def test_mute_ignores_the_host(pad: EvaluatorStub, serial_host) -> None:
    pad.set_fault("mute")
    host = serial_host(pad.end.address)
    host.write(PROMPT)
    pad.press("satisfied")
    assert host.read(20) == RATING_1 * 2
    assert not pad.state()["prompting"]


def test_duplicate_and_noise(pad: EvaluatorStub, serial_host) -> None:
    host = serial_host(pad.end.address)
    pad.set_fault("duplicate")
    pad.press("satisfied")
    assert host.read(20) == RATING_1 * 2
    host.write(ACK_1)
    until(pad, "pending", None)
    pad.set_fault("duplicate", False)
    pad.set_fault("noise")
    pad.press("satisfied")
    heard = b""
    while RATING_1 not in heard:
        heard += host.read(1)
    assert len(heard) > len(RATING_1)


def test_loss_of_all_frames_and_of_a_repeatable_share(tmp_path: Path, serial_host) -> None:
    lost = []
    for turn in range(2):
        with EvaluatorStub(PtyEnd(tmp_path / f"ev{turn}"), address=3, resend_s=0.02, seed=5) as pad:
            pad.set_fault("loss", 0.5)
            for _ in range(10):
                pad.press("satisfied")
                until(pad, "pending", None)
            lost.append(pad.counters["frames_lost"])
    assert lost[0] == lost[1]
    assert 0 < lost[0] < 40


def test_unplug_and_replug(pad: EvaluatorStub, serial_host) -> None:
    first = serial_host(pad.end.address)
    pad.set_fault("unplug")
    with pytest.raises(OSError, match=r".*"):
        first.read(1)
    pad.press("satisfied")  # nobody hears it
    until(pad, "pending", None)
    pad.set_fault("unplug", False)
    again = serial_host(pad.end.address)
    pad.press("satisfied")
    assert again.read(10) == RATING_1
    again.write(ACK_1)
    until(pad, "last_acked", "satisfied")


def test_unknown_keys_are_refused(pad: EvaluatorStub) -> None:
    with pytest.raises(RefusedError, match="没有这个按键"):
        pad.press("very_satisfied")

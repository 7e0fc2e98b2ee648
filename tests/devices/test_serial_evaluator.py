import time

import pytest

from devices.base import DeviceState, Press
from devices.bus import Bus
from devices.evaluator import KeyboardEvaluator, LinePad, open_evaluator
from devices.evaluator.profile import load_profile
from devices.transport import Lost

PROFILE = load_profile("ff68")


def frame(address: int, command: int, data: str = "") -> bytes:
    return PROFILE.framing.encode({"address": address, "command": command}, bytes.fromhex(data))


RATED = {value: frame(1, 0x11, value) for value in ("01", "02", "03", "04")}
ACKED = {value: frame(1, 0x01, value) for value in RATED}


class Clock:
    """Goes as clocks go, and may be put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def bench(run, wait):
    def make(peer, on_press, **options):
        evaluator = LinePad("window 1", peer.url, PROFILE, on_press)
        running = run(Bus(peer.url, [evaluator], **options))
        wait(lambda: evaluator.status.state is DeviceState.ONLINE and peer._fd)
        return evaluator, running

    return make


@pytest.mark.parametrize("kind", ["pty_peer", "tcp_peer"])
def test_a_press_is_reported_with_its_bytes_and_acknowledged(request, kind, bench, wait):
    peer, presses = request.getfixturevalue(kind)(), []
    bench(peer, presses.append)
    for value in ("01", "02", "03"):
        peer.send(RATED[value])
    wait(lambda: peer.got == ACKED["01"] + ACKED["02"] + ACKED["03"])
    labels = ["satisfied", "basically_satisfied", "dissatisfied"]
    assert presses == [Press(label, RATED[value]) for label, value in zip(labels, RATED, strict=False)]


def test_a_repeated_frame_is_acknowledged_again_and_counts_once(pty_peer, bench, wait):
    peer, presses, clock = pty_peer(), [], Clock()
    bench(peer, presses.append, clock=clock)
    peer.send(RATED["01"] * 2)
    wait(lambda: peer.got == ACKED["01"] * 2)
    assert len(presses) == 1
    clock.ahead += 0.31
    peer.send(RATED["01"])
    wait(lambda: len(presses) == 2)


def test_other_windows_unknown_values_and_noise_make_no_press(pty_peer, bench, wait):
    peer, presses = pty_peer(), []
    bench(peer, presses.append)
    peer.send(b"\x00\xff\xff\x68\xfe" + frame(2, 0x11, "01") + RATED["04"] + frame(1, 0x11) + frame(1, 0x77))
    peer.send(frame(1, 0x11, "05")[:-1] + b"\x17" + RATED["02"])
    wait(lambda: peer.got)
    assert [press.label for press in presses] == ["basically_satisfied"]
    assert peer.got == ACKED["02"]


def test_a_press_behind_half_a_frame_is_not_held_back(pty_peer, bench, wait):
    peer, presses = pty_peer(), []
    bench(peer, presses.append)
    peer.send(bytes.fromhex("ff68202068") + RATED["01"])
    wait(lambda: presses)


def test_a_call_key_is_echoed(pty_peer, bench, wait):
    peer = pty_peer()
    bench(peer, lambda press: None)
    peer.send(frame(1, 1, "0c"))
    wait(lambda: peer.got == frame(1, 1, "0c"))


def test_a_line_that_gives_back_what_we_send_starts_no_loop(pty_peer, bench, wait):
    peer = pty_peer(lambda peer, data: peer.send(data))
    evaluator, _ = bench(peer, lambda press: None)
    evaluator.prompt()
    wait(lambda: peer.got == frame(1, 1, "0b"))
    peer.send(frame(1, 1, "0c"))
    wait(lambda: len(peer.got) >= 20)
    evaluator.thank()
    wait(lambda: peer.got.endswith(frame(1, 2, "05")))
    assert peer.got == frame(1, 1, "0b") + frame(1, 1, "0c") + frame(1, 3) + frame(1, 2, "05")


def test_a_failing_listener_loses_no_later_press(pty_peer, bench, wait):
    peer, heard = pty_peer(), []

    def listener(press):
        heard.append(press.label)
        if press.label == "satisfied":
            raise RuntimeError("listener")

    bench(peer, listener)
    peer.send(RATED["01"] + RATED["02"])
    wait(lambda: heard == ["satisfied", "basically_satisfied"])
    wait(lambda: peer.got == ACKED["01"] + ACKED["02"])


def test_unplugged_and_plugged_again(pty_peer, bench, run, wait):
    peer, presses = pty_peer(), []
    evaluator, running = bench(peer, presses.append)
    peer.pull()
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)
    assert evaluator.status.state is DeviceState.ABSENT
    evaluator.prompt()  # nobody is there to be asked, and nobody is asked later
    peer.insert()
    run(evaluator)
    wait(lambda: evaluator.status.state is DeviceState.ONLINE)
    peer.send(RATED["03"])
    wait(lambda: peer.got)
    assert peer.got == ACKED["03"] and len(presses) == 1


def test_open_evaluator_chooses_by_url_and_profile():
    assert isinstance(open_evaluator("w", "tcp://h:1", "ff68", print), LinePad)
    assert isinstance(open_evaluator("w", "evdev:by-path/x", "hid_keyboard", print), KeyboardEvaluator)
    for url, profile in [
        ("evdev:by-path/x", "ff68"),
        ("tcp://h:1", "hid_keyboard"),
        ("tcp://h:1", "none"),
        ("x", "ff68"),
    ]:
        with pytest.raises(ValueError, match=r"[一-鿿]"):
            open_evaluator("w", url, profile, print)

"""The keyboard evaluator's rules, and its driver with a pipe in the place of the kernel's device."""

import errno

import pytest

from devices import input_device
from devices.base import DeviceState, Press
from devices.evaluator.keyboard import KeyboardEvaluator
from devices.evaluator.keys import KeyPresses
from devices.evaluator.profile import load_profile
from devices.input_device import input_path
from devices.transport import Lost
from tests.devices.conftest import FakeInput

PROFILE = load_profile("hid_keyboard")
KEY_1, KEY_2, KEY_KP3, KEY_Q = 2, 3, 81, 16
DOWN, UP, HELD = 1, 0, 2


def test_only_a_key_going_down_counts():
    keys = KeyPresses(PROFILE.words, PROFILE.debounce_s)
    feeds = [(KEY_1, DOWN, 0.0), (KEY_1, HELD, 0.5), (KEY_1, HELD, 0.9), (KEY_1, UP, 1.0), (KEY_Q, DOWN, 2.0)]
    assert [keys.feed(*event) for event in feeds] == [Press("satisfied", b"\x00\x02"), None, None, None, None]


def test_bouncing_is_one_press_and_another_key_is_another():
    keys = KeyPresses(PROFILE.words, 0.3)
    times = [(KEY_1, 0.0), (KEY_1, 0.1), (KEY_1, 0.3), (KEY_KP3, 0.35), (KEY_1, 0.4), (KEY_1, 0.71)]
    labels = [press and press.label for press in (keys.feed(code, DOWN, at) for code, at in times)]
    assert labels == ["satisfied", None, None, "dissatisfied", "satisfied", "satisfied"]


def test_presses_are_reported_from_a_grabbed_device_until_it_is_unplugged(run, wait):
    device, presses = FakeInput(), []
    evaluator = KeyboardEvaluator("w", "evdev:by-path/x", PROFILE, presses.append, open_device=lambda path: device)
    running = run(evaluator)
    wait(lambda: evaluator.status.state is DeviceState.ONLINE)
    assert device.grabbed
    evaluator.prompt()
    evaluator.thank()
    device.type(KEY_1, kind=4)
    device.type(KEY_2)
    device.type(KEY_2, UP)
    device.type(KEY_KP3)
    wait(lambda: [press.label for press in presses] == ["basically_satisfied", "dissatisfied"])
    wait(lambda: evaluator.counters.frames == 2)
    assert evaluator.counters.last_seen
    device.unplug()
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)
    assert evaluator.status.state is DeviceState.ABSENT


def test_an_error_while_reading_is_a_loss(run, wait):
    device = FakeInput()
    device.read = lambda: (_ for _ in ()).throw(OSError(errno.ENODEV, "No such device"))
    evaluator = KeyboardEvaluator("w", "evdev:by-path/x", PROFILE, print, open_device=lambda path: device)
    running = run(evaluator)
    device.type(KEY_1)
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost) and evaluator.status.detail == "No such device"
    device.unplug()


def test_a_machine_without_evdev_says_so(run, wait, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "evdev", None)
    evaluator = KeyboardEvaluator("w", "evdev:by-path/x", PROFILE, print)
    running = run(evaluator)
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost) and "没有安装 evdev" in evaluator.status.detail


def test_a_machine_without_input_devices_says_so(run, wait, monkeypatch, tmp_path):
    monkeypatch.setattr(input_device, "INPUT", tmp_path / "none")
    evaluator = KeyboardEvaluator("w", "evdev:by-path/x", PROFILE, print)
    running = run(evaluator)
    wait(lambda: running.ended)
    assert "/dev/input" in evaluator.status.detail


def test_a_device_that_is_not_there_is_lost(run, wait, monkeypatch, tmp_path):
    monkeypatch.setattr(input_device, "INPUT", tmp_path)
    evaluator = KeyboardEvaluator("w", "evdev:by-path/x", PROFILE, print)
    running = run(evaluator)
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)


def test_paths():
    assert input_path("evdev:by-path/pci-1-event-kbd") == "/dev/input/by-path/pci-1-event-kbd"
    assert input_path("evdev:/dev/input/event3") == "/dev/input/event3"
    for url in ("evdev:", "hid:x", ""):
        with pytest.raises(ValueError, match="设备地址"):
            input_path(url)

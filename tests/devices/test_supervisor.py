import threading
import time

import pytest
from structlog.testing import capture_logs

from devices.base import DeviceState, DeviceStatus
from devices.driver import Driver
from devices.evaluator import open_evaluator
from devices.supervisor import Retry, Supervisor
from devices.transport import Lost


class Scripted(Driver):
    """Each session does the next thing of its script; the last one lasts."""

    def __init__(self, name, *script):
        super().__init__(name)
        self.script = list(script)
        self.sessions = []

    def _session(self, stopping):
        self.sessions.append(time.monotonic())
        what = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(what, Exception):
            raise what
        self._report(DeviceState.ONLINE)
        while not stopping() and what == "last":
            time.sleep(0.01)


@pytest.fixture
def start():
    started = []

    def make(*devices, on_change=None, retry=None):
        started.append(Supervisor(devices, on_change, retry))
        started[-1].start()
        return started[-1]

    yield make
    for one in started:
        one.stop()


def state(supervisor, name):
    return supervisor.snapshot()[name].state


def test_a_lost_device_is_tried_again_with_growing_waits_and_logged_once(start, wait):
    device = Scripted("bar", Lost("gone"), Lost("gone"), Lost("gone"), "last")
    with capture_logs() as logs:
        supervisor = start(device)
        wait(lambda: state(supervisor, "bar") is DeviceState.ONLINE)
        wait(lambda: any(entry["event"] == "device ready" for entry in logs))
    gaps = [b - a for a, b in zip(device.sessions, device.sessions[1:], strict=False)]
    assert gaps == pytest.approx([0.5, 1.0, 2.0], abs=0.3)
    assert [entry["event"] for entry in logs] == ["device lost", "device ready"]
    assert logs[0]["detail"] == "gone"


def test_a_mistake_in_one_driver_is_logged_and_touches_no_other(start, wait):
    broken, fine = Scripted("broken", RuntimeError("bug"), "last"), Scripted("fine", "last")
    with capture_logs() as logs:
        supervisor = start(broken, fine)
        wait(lambda: state(supervisor, "fine") is DeviceState.ONLINE)
        wait(lambda: state(supervisor, "broken") is DeviceState.ABSENT)
        wait(lambda: state(supervisor, "broken") is DeviceState.ONLINE)
    failed = next(entry for entry in logs if entry["event"] == "driver failed")
    assert failed["device"] == "broken" and failed["exc_info"]
    assert len(fine.sessions) == 1


def test_changes_are_told_once_each_and_a_failing_listener_hears_on(start, wait):
    told = []

    def listener(name, status):
        told.append((name, status.state))
        raise RuntimeError("listener")

    device = Scripted("bar", Lost("gone"), "last")
    with capture_logs():
        start(device, on_change=listener)
        wait(lambda: len(told) == 2)
    assert told == [("bar", DeviceState.ABSENT), ("bar", DeviceState.ONLINE)]


def test_a_long_session_starts_the_back_off_anew(start, wait):
    device = Scripted("bar", "last")
    device._session = lambda stopping: time.sleep(0.1) or device.sessions.append(time.monotonic())
    start(device, retry=Retry(steady_s=0.05))
    wait(lambda: len(device.sessions) >= 4)
    gaps = [b - a for a, b in zip(device.sessions, device.sessions[1:], strict=False)]
    assert max(gaps) < 1.0


def test_stop_is_quick_even_in_back_off_and_leaves_no_thread(start, wait):
    before = set(threading.enumerate())
    devices = [Scripted("a", "last"), *(Scripted(name, Lost("gone")) for name in "bcd")]
    supervisor = start(*devices)
    wait(lambda: len(devices[1].sessions) == 3)
    started = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - started < 0.5
    assert not set(threading.enumerate()) - before


def test_it_may_be_stopped_twice_or_before_the_start(start, tmp_path):
    device = Scripted("a", "last")
    device.url = f"serial://{tmp_path}/ttyUSB0"
    supervisor = start(device)
    assert "device-plugs" in [thread.name for thread in threading.enumerate()]
    supervisor.stop()
    supervisor.stop()
    Supervisor([device]).stop()


def test_a_driver_that_hangs_does_not_hold_the_stop(start, wait):
    release = threading.Event()
    device = Scripted("stuck", "last")
    device._session = lambda stopping: release.wait(20)
    supervisor = start(device)
    started = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - started < 2.5
    release.set()


def test_a_real_evaluator_pulled_and_plugged_again(start, pty_peer, wait):
    peer, presses, told = pty_peer(), [], []
    evaluator = open_evaluator("window 1", peer.url, "ff68", presses.append)
    supervisor = start(evaluator, on_change=lambda name, status: told.append(status.state))
    wait(lambda: told == [DeviceState.ONLINE])
    peer.send(bytes.fromhex("ff680303680111011316"))
    wait(lambda: presses)
    peer.pull()
    wait(lambda: told == [DeviceState.ONLINE, DeviceState.ABSENT])
    assert supervisor.snapshot()["window 1"].detail
    peer.insert()
    wait(lambda: state(supervisor, "window 1") is DeviceState.ONLINE)
    time.sleep(0.4)  # past the debounce
    peer.send(bytes.fromhex("ff680303680111011316"))
    wait(lambda: len(presses) == 2)
    wait(lambda: told == [DeviceState.ONLINE, DeviceState.ABSENT, DeviceState.ONLINE])


def test_before_the_start_all_is_starting():
    assert Supervisor([Scripted("a", "last")]).snapshot() == {"a": DeviceStatus(DeviceState.STARTING)}

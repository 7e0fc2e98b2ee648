"""What every guest test has: a time limit, a supervisor, and a report that is written as soon as a test ends."""

import faulthandler
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from devices.base import Device, DeviceState
from devices.supervisor import Supervisor
from tests.kernel.guest.until import until

REPORT = Path("/mnt/bed/report")
LIMIT_S = 60


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One line for each phase; the host reads them even when the guest never comes to its end."""
    phase = {"test": report.nodeid, "when": report.when, "outcome": report.outcome, "seconds": report.duration}
    with REPORT.open("a") as file:
        file.write(
            json.dumps(phase | {"text": report.longreprtext + "".join(map("\n".join, report.sections))}) + "\n"
        )


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """A test that hangs in the kernel fails alone; the others go on."""

    def out_of_time(signum: int, frame: FrameType | None) -> None:
        faulthandler.dump_traceback(all_threads=True)
        raise TimeoutError(f"the test took more than {LIMIT_S} s")

    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)


class Watched:
    """A driver under a supervisor of its own."""

    def __init__(self, device: Device) -> None:
        self.states: list[DeviceState] = []
        self.device = device
        self._supervisor = Supervisor([device], lambda name, status: self.states.append(status.state))
        self._supervisor.start()
        self._stopped = False

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._supervisor.stop()

    def becomes(self, state: DeviceState) -> None:
        until(lambda: self.device.status.state is state, f"{state}, but {self.device.status}")

    def has_come_back(self, times: int) -> None:
        """The supervisor counts on a thread of its own, after the driver's status has changed."""
        until(lambda: self.device.counters.reconnects >= times, f"{times} times, but {self.device.counters}")
        assert self.device.counters.reconnects == times


@pytest.fixture
def watch() -> Iterator[Callable[[Device], Watched]]:
    started: list[Watched] = []

    def start(device: Device) -> Watched:
        started.append(Watched(device))
        return started[-1]

    yield start
    for watched in started:
        watched.stop()

"""What every driver shares: a name, a status that is told, and one session per `run`."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from devices.base import Counters, DeviceState, DeviceStatus, StatusListener
from devices.transport import Lost


class Reporting:
    """A device with a status. `url` is where it is, for the supervisor to watch; `on_status` is set by it too."""

    def __init__(self, name: str, url: str = "") -> None:
        self.name = name
        self.url = url
        self.on_status: StatusListener = lambda name, status: None
        self.counters = Counters()
        self._status = DeviceStatus(DeviceState.STARTING)

    @property
    def status(self) -> DeviceStatus:
        return self._status

    def _report(self, state: DeviceState, faults: frozenset[str] = frozenset(), detail: str = "") -> None:
        before, self._status = self._status, DeviceStatus(state, faults, detail)
        if before != self._status:
            self.on_status(self.name, self._status)


class Driver(Reporting, ABC):
    """Base of the drivers. A driver says `ABSENT` by itself when its session ends, for whatever reason."""

    def run(self, stopping: Callable[[], bool]) -> None:
        """Connect and serve until lost (raises `Lost`) or `stopping()`. The caller's thread owns it."""
        detail = "internal error"
        try:
            self._session(stopping)
            detail = "stopped"
        except Lost as lost:
            detail = str(lost)
            raise
        finally:
            self._report(DeviceState.ABSENT, detail=detail)

    @abstractmethod
    def _session(self, stopping: Callable[[], bool]) -> None:
        """One connection, from opening to its end; `Lost` passes through."""

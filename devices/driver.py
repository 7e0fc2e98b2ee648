"""What every driver shares: a name, a status, and one session per `run`."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from devices.base import Counters, DeviceState, DeviceStatus
from devices.transport import Lost


class Driver(ABC):
    """Base of the drivers. A driver says `ABSENT` by itself when its session ends, for whatever reason.

    Who wants to be told of changes asks the supervisor, which looks at `status`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.counters = Counters()
        self._status = DeviceStatus(DeviceState.STARTING)

    @property
    def status(self) -> DeviceStatus:
        return self._status

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

    def _report(self, state: DeviceState, faults: frozenset[str] = frozenset(), detail: str = "") -> None:
        self._status = DeviceStatus(state, faults, detail)

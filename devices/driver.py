"""What every driver shares: a name, a status whose changes are told, and one session per `run`."""

from collections.abc import Callable

import structlog

from devices.base import DeviceState, DeviceStatus, StatusListener
from devices.transport import Lost

log = structlog.get_logger(__name__)


class Driver:
    """Base of the drivers. A driver says `ABSENT` by itself when its session ends, for whatever reason."""

    def __init__(self, name: str, on_status: StatusListener | None = None) -> None:
        self.name = name
        self._status = DeviceStatus(DeviceState.STARTING)
        self._on_status = on_status

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

    def _session(self, stopping: Callable[[], bool]) -> None:
        raise NotImplementedError

    def _report(self, state: DeviceState, faults: frozenset[str] = frozenset(), detail: str = "") -> None:
        status = DeviceStatus(state, faults, detail)
        if status == self._status:
            return
        self._status = status
        if self._on_status is None:
            return
        try:
            self._on_status(status)
        except Exception:  # a listener's mistake must not take the device down
            log.exception("status listener failed", device=self.name)

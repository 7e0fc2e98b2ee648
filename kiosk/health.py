"""Tell the server how the devices are: at once when one changes, and every half minute."""

import threading
import uuid
from collections.abc import Callable, Sequence

import structlog

from kiosk.client import Away, Client, Refused
from server.contract.devices import DeviceHealth, HealthReport

log = structlog.get_logger(__name__)

PERIOD_S = 30.0
RETRY_S = 3.0

Look = Callable[[], DeviceHealth]


class HealthReporter:
    """Reports each device under its own token. A report that fails is made anew, never queued."""

    def __init__(self, devices: Callable[[], Sequence[tuple[Client, Look]]]) -> None:
        """`devices` are asked for with each report, for they may change."""
        self._devices = devices
        self._changed = threading.Event()
        self._changed.set()

    def changed(self) -> None:
        """A device changed (any thread): report soon."""
        self._changed.set()

    wake = changed

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._changed.wait(PERIOD_S)
            self._changed.clear()
            if not stopping.is_set() and not self._report_all():
                stopping.wait(RETRY_S)
                self._changed.set()

    def _report_all(self) -> bool:
        reported = [self._report(client, look()) for client, look in self._devices()]
        return all(reported)

    def _report(self, client: Client, device: DeviceHealth) -> bool:
        try:
            client.health(HealthReport(uuid.uuid4().hex, (device,)))
        except (Away, Refused) as error:
            log.debug("health not reported", device=device.name, error=str(error))
            return False
        return True

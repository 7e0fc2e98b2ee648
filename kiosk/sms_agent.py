"""The agent of a machine that is an SMS gateway and nothing else: a modem on any box of the hall."""

import threading
import time

from devices.base import DeviceStatus
from devices.supervisor import Supervisor
from devices.vital import vital
from kiosk.config import SmsBox
from kiosk.health import HealthReporter
from kiosk.sms import Gateway

STOP_S = 1.0
"""As the kiosk's: a send that is under way is left behind, and is "unknown" after the next start."""


class SmsAgent:
    """Making it opens the journals; `start` lets it run."""

    def __init__(self, config: SmsBox) -> None:
        self._stopping = threading.Event()
        self._gateway = Gateway(config.server, config.sms, config.data_dir)
        self._health = HealthReporter(lambda: [(self._gateway.client, self._gateway.look)])
        self._devices = Supervisor([self._gateway.modem], self._device_changed)
        self._threads: list[threading.Thread] = []

    @property
    def said(self) -> dict[str, str]:
        """The line that tells whoever started it that it runs."""
        return {"sms": self._gateway.modem.url}

    def start(self) -> None:
        self._devices.start()
        work = {**self._gateway.work(self._stopping), "health": lambda: self._health.run(self._stopping)}
        self._threads = [vital(name, one) for name, one in work.items()]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_S
        self._stopping.set()
        self._gateway.wake()
        self._health.wake()
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        self._devices.stop()

    def _device_changed(self, name: str, status: DeviceStatus) -> None:
        self._health.changed()

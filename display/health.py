"""Tell the server how the LED bars and the voice are: every half minute, and at once when a bar changes."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable

import requests
import structlog

from devices.vital import vital
from display.link import CONNECT_S, REFUSED, TIMEOUT_S, session
from server.contract.codec import to_json
from server.contract.devices import HealthReport, Reported, health

log = structlog.get_logger(__name__)

PERIOD_S = 30.0
RETRY_S = 3.0


class HealthReporter:
    """Reports all devices, each with its kind, in one. A report that fails is made anew, never queued.

    `on_refused` hears when the server does not take this token: the report is also how a token revoked under a quiet
    hall is noticed. `devices` are asked for with each report, for they may change.
    """

    def __init__(
        self,
        server: str,
        token: str,
        devices: Callable[[], Iterable[tuple[str, Reported]]],
        on_refused: Callable[[], None],
    ) -> None:
        self._url = f"{server}/api/v1/devices/health"
        self._session = session(token)
        self._devices = devices
        self._on_refused = on_refused
        self._changed = threading.Event()
        self._stopping = False
        self._thread = vital("health", self._run)

    def start(self) -> None:
        self.changed()
        self._thread.start()

    def changed(self) -> None:
        """A device changed (any thread): report soon."""
        self._changed.set()

    def stop(self) -> None:
        """Does not wait for a report in flight."""
        self._stopping = True
        self._changed.set()

    def _run(self) -> None:
        wait_s = PERIOD_S
        while True:
            self._changed.wait(wait_s)
            if self._stopping:
                return
            self._changed.clear()
            wait_s = PERIOD_S if self._report() else RETRY_S

    def _report(self) -> bool:
        now = time.monotonic()
        report = HealthReport(uuid.uuid4().hex, tuple(health(device, kind, now) for kind, device in self._devices()))
        try:
            answer = self._session.post(
                self._url, json=to_json(report), timeout=(CONNECT_S, TIMEOUT_S), allow_redirects=False
            )
        except requests.RequestException as error:
            log.debug("health not reported", error=type(error).__name__)
            return False
        if answer.status_code in REFUSED:
            self._on_refused()
        return answer.ok

"""Runs every driver in a thread of its own, reconnects with back-off, and tells of changes once."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat

import structlog

from devices.base import Device, DeviceState, DeviceStatus
from devices.bus import Bus, Member
from devices.transport import Lost

log = structlog.get_logger(__name__)

ChangeListener = Callable[[str, DeviceStatus], None]

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0)
LONGEST_BACK_OFF_S = 5.0
STOP_S = 2.0
_THERE = frozenset({DeviceState.ONLINE, DeviceState.FAULT})


class Supervisor:
    """Owns the threads of `devices`, whose names must differ.

    `on_change` is told of every change, in order, in a thread of its own; of a bus it is told what its members are,
    each under its own name.
    """

    def __init__(self, devices: Iterable[Device], on_change: ChangeListener | None = None) -> None:
        self._devices = {device.name: device for device in devices}
        self._on_change = on_change
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._watched = {one.name: one for device in self._devices.values() for one in _parts(device)}
        self._changes: queue.SimpleQueue[tuple[str, DeviceStatus] | None] = queue.SimpleQueue()
        self._told = {name: DeviceStatus(DeviceState.STARTING) for name in self._watched}
        self._seen: set[str] = set()
        for one in self._watched.values():
            one.on_status = self._changed

    def start(self) -> None:
        self._threads = [self._thread("device-watch", self._watch)]
        self._threads += [self._thread(name, partial(self._keep, one)) for name, one in self._devices.items()]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask all to end and wait at most about 2 s in all; a driver stuck in the kernel is left behind."""
        self._stopping.set()
        self._changes.put(None)
        deadline = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))

    def snapshot(self) -> dict[str, DeviceStatus]:
        return {name: device.status for name, device in self._watched.items()}

    @staticmethod
    def _thread(name: str, target: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=target, name=name, daemon=True)

    def _keep(self, device: Device) -> None:
        """A session that held for a while starts the back-off anew; one that fails at once waits longer."""
        waits = _back_off()
        while not self._stopping.is_set():
            started = time.monotonic()
            self._run(device)
            if time.monotonic() - started > LONGEST_BACK_OFF_S:
                waits = _back_off()
            self._stopping.wait(next(waits))

    def _run(self, device: Device) -> None:
        try:
            device.run(self._stopping.is_set)
        except Lost:
            pass  # the driver's status says so, and the watch logs it once
        except Exception:  # a mistake in one driver is an absence like any other: the rest of the hall goes on
            log.exception("driver failed", device=device.name)

    def _changed(self, name: str, status: DeviceStatus) -> None:
        self._changes.put((name, status))

    def _watch(self) -> None:
        while change := self._changes.get():
            name, now = change
            before, self._told[name] = self._told[name], now
            self._count(name, before.state, now.state)
            self._tell(name, before, now)

    def _count(self, name: str, before: DeviceState, now: DeviceState) -> None:
        """A device that answers after it was away has come back, but for the first time."""
        if now in _THERE and before not in _THERE:
            self._watched[name].counters.reconnects += name in self._seen
            self._seen.add(name)

    def _tell(self, name: str, before: DeviceStatus, now: DeviceStatus) -> None:
        if before.state is not now.state:
            _log_state(name, now)
        if self._on_change is None:
            return
        try:
            self._on_change(name, now)
        except Exception:  # a listener's mistake must not end the watch over all devices
            log.exception("change listener failed", device=name)


def _parts(device: Device) -> Sequence[Device | Member]:
    return device.members if isinstance(device, Bus) else (device,)


def _back_off() -> Iterator[float]:
    return chain(BACK_OFF_S, repeat(LONGEST_BACK_OFF_S))


def _log_state(name: str, now: DeviceStatus) -> None:
    match now.state:
        case DeviceState.ABSENT:
            log.warning("device lost", device=name, detail=now.detail)
        case DeviceState.FAULT:
            log.warning("device at fault", device=name, faults=sorted(now.faults), detail=now.detail)
        case _:
            log.info("device ready", device=name)
